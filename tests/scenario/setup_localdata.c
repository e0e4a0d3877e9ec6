/* SPDX-License-Identifier: MIT */
/* Features for what is ours, and the files they are written to. */
#include "tests/scenario/setup_localdata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "/tmp/rw-text-XXXXXX"

static struct names_settings *names_of(struct setup *setup)
{
	struct view_list *views = &setup->settings.views;
	return views->count ? &views->items[views->count - 1].names : &setup->settings.names;
}

static char *new_file(void)
{
	char *path = strdup(FILE_NAME);
	rw_require(path != NULL);
	int fd = mkstemp(path);
	rw_require(fd >= 0);
	(void)close(fd);
	return path;
}

static const char *append(const char *path, const char *line)
{
	FILE *file = fopen(path, "ae");
	if (!file)
		return "its file cannot be written";
	fprintf(file, "%s\n", line);
	return fclose(file) == 0 ? NULL : "its file cannot be written";
}

/* Room for one more item, zeroed. */
static void *more(void *items, size_t *count, size_t size)
{
	char *grown = realloc(items, (*count + 1) * size);
	rw_require(grown != NULL);
	memset(grown + *count * size, 0, size);
	++*count;
	return grown;
}

static uint8_t *new_name(const char *text)
{
	struct name name;
	if (name_from_text(text, &name))
		return NULL;
	uint8_t *copy = malloc(name_size(name.bytes));
	rw_require(copy != NULL);
	memcpy(copy, name.bytes, name_size(name.bytes));
	return copy;
}

static const char *add_view(struct setup *setup, const char *value)
{
	struct prefix prefix;
	struct view_list *views = &setup->settings.views;
	if (prefix_parse(value, &prefix))
		return "no prefix";
	views->items = more(views->items, &views->count, sizeof(*views->items));
	struct prefix_list *clients = &views->items[views->count - 1].clients;
	clients->items = more(NULL, &clients->count, sizeof(*clients->items));
	clients->items[0] = prefix;
	return NULL;
}

static const char *add_zone(struct setup *setup, const char *value)
{
	struct names_settings *names = names_of(setup);
	uint8_t *name = new_name(value);
	if (!name)
		return "no name";
	names->zones.items =
		more(names->zones.items, &names->zones.count, sizeof(*names->zones.items));
	names->zones.items[names->zones.count - 1] = (struct zone_settings){name, new_file()};
	names->zones_given = true;
	return append(names->zones.items[names->zones.count - 1].file, "$TTL 300");
}

static const char *add_line(struct setup *setup, const char *value)
{
	const struct zone_settings_list *zones = &names_of(setup)->zones;
	return zones->count ? append(zones->items[zones->count - 1].file, value)
			    : "no own_zone before it";
}

static const char *add_hosts_line(struct setup *setup, const char *value)
{
	struct names_settings *names = names_of(setup);
	if (names->hosts_files.count == 0) {
		names->hosts_files.items = more(NULL, &names->hosts_files.count, sizeof(char *));
		names->hosts_files.items[0] = new_file();
		names->hosts_files_given = true;
	}
	return append(names->hosts_files.items[0], value);
}

static struct lease_settings *lease_file(
	struct names_settings *names, enum lease_format format, const char *domain)
{
	struct lease_settings_list *list = &names->leases;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].format == format)
			return &list->items[i];
	list->items = more(list->items, &list->count, sizeof(*list->items));
	list->items[list->count - 1] =
		(struct lease_settings){format, new_file(), new_name(domain)};
	names->leases_given = true;
	return &list->items[list->count - 1];
}

static const char *add_lease_line(struct setup *setup, const char *value)
{
	static const char *const formats[] = {"dnsmasq", "kea", "isc", "networkd"};
	char format[16], domain[64];
	int used = 0;
	if (sscanf(value, "%15s %63s %n", format, domain, &used) < 2 || !used)
		return "not FORMAT DOMAIN LINE";
	for (size_t i = 0; i < RW_COUNT(formats); i++)
		if (strcmp(format, formats[i]) == 0)
			return append(
				lease_file(names_of(setup), (enum lease_format)i, domain)->file,
				value + used);
	return "no such format";
}

static const char *add_transparent(struct setup *setup, const char *value)
{
	struct names_settings *names = names_of(setup);
	uint8_t *name = new_name(value);
	if (!name)
		return "no name";
	names->transparent.items =
		more(names->transparent.items, &names->transparent.count, sizeof(uint8_t *));
	names->transparent.items[names->transparent.count - 1] = name;
	names->transparent_given = true;
	return NULL;
}

bool setup_localdata(struct setup *setup, const char *name, const char *value, const char **ret_why)
{
	static const struct {
		const char *name;
		const char *(*apply)(struct setup *setup, const char *value);
	} words[] = {{"view", add_view}, {"own_zone", add_zone}, {"own", add_line},
		{"hosts_line", add_hosts_line}, {"lease_line", add_lease_line},
		{"transparent", add_transparent}};
	for (size_t i = 0; i < RW_COUNT(words); i++)
		if (strcmp(words[i].name, name) == 0) {
			*ret_why = words[i].apply(setup, value);
			return true;
		}
	return false;
}

static void remove_files(const struct names_settings *names)
{
	for (size_t i = 0; i < names->zones.count; i++)
		(void)unlink(names->zones.items[i].file);
	for (size_t i = 0; i < names->hosts_files.count; i++)
		(void)unlink(names->hosts_files.items[i]);
	for (size_t i = 0; i < names->leases.count; i++)
		(void)unlink(names->leases.items[i].file);
}

void setup_localdata_release(struct setup *setup)
{
	remove_files(&setup->settings.names);
	for (size_t i = 0; i < setup->settings.views.count; i++)
		remove_files(&setup->settings.views.items[i].names);
}
