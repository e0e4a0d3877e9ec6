/* SPDX-License-Identifier: MIT */
/* Files in the system's folder for temporary ones, as long as the text is played. */
#include "tests/scenario/setup_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/wire/name.h"

static char *new_file(void)
{
	char path[] = "/tmp/rootwalk-scenario.XXXXXX";
	int fd = mkstemp(path);
	rw_require(fd >= 0);
	(void)close(fd);
	char *copy = strdup(path);
	rw_require(copy != NULL);
	return copy;
}

static void append(const char *path, const char *line)
{
	FILE *file = fopen(path, "ae");
	rw_require(file != NULL);
	rw_require(fprintf(file, "%s\n", line) > 0);
	rw_require(fclose(file) == 0);
}

static uint8_t *copy_name(const char *text)
{
	struct name name;
	if (name_from_text(text, &name))
		return NULL;
	uint8_t *copy = malloc(name_size(name.bytes));
	rw_require(copy != NULL);
	memcpy(copy, name.bytes, name_size(name.bytes));
	return copy;
}

const char *setup_block_line(struct setup *setup, const char *line)
{
	struct text_list *lists = &setup->settings.block.lists;
	if (lists->count == 0) {
		lists->items = calloc(1, sizeof(*lists->items));
		rw_require(lists->items != NULL);
		lists->items[lists->count++] = new_file();
	}
	append(lists->items[0], line);
	return NULL;
}

const char *setup_block_allow(struct setup *setup, const char *text)
{
	struct name_list *allow = &setup->settings.block.allow;
	uint8_t *name = copy_name(text);
	if (!name)
		return "no name";
	allow->items = realloc(allow->items, (allow->count + 1) * sizeof(*allow->items));
	rw_require(allow->items != NULL);
	allow->items[allow->count++] = name;
	return NULL;
}

const char *setup_block_answer(struct setup *setup, const char *word)
{
	static const char *const words[] = {
		[BLOCK_NXDOMAIN] = "nxdomain", [BLOCK_NODATA] = "nodata", [BLOCK_ZERO] = "zero"};
	struct block_reply *reply = &setup->settings.block.answer;
	for (size_t i = 0; i < RW_COUNT(words); i++)
		if (strcmp(word, words[i]) == 0) {
			reply->kind = (enum block_answer)i;
			return NULL;
		}
	reply->kind = BLOCK_ADDRESS;
	return addr_parse(word, 0, &reply->address) ? "no answer to blocked names" : NULL;
}

static struct rpz_settings *find_rpz(struct rpz_list *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (name_equal(list->items[i].name, name))
			return &list->items[i];
	return NULL;
}

static struct rpz_settings *add_rpz(struct rpz_list *list, const char *text)
{
	list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
	rw_require(list->items != NULL);
	struct rpz_settings *zone = &list->items[list->count++];
	*zone = (struct rpz_settings){copy_name(text), new_file()};
	append(zone->file, "$TTL 30");
	append(zone->file, "@ SOA ns.invalid. host.invalid. 7 3600 600 86400 20");
	append(zone->file, "@ NS ns.invalid.");
	return zone;
}

const char *setup_rpz(struct setup *setup, const char *value)
{
	char text[LIMIT_NAME_TEXT];
	struct name name;
	size_t length = strcspn(value, " ");
	(void)snprintf(text, sizeof(text), "%.*s", (int)length, value);
	if (value[length] == '\0' || name_from_text(text, &name))
		return "no zone and record";
	struct rpz_settings *zone = find_rpz(&setup->settings.rpz, name.bytes);
	if (!zone)
		zone = add_rpz(&setup->settings.rpz, text);
	append(zone->file, value + length + 1);
	return NULL;
}

void setup_policy_release(struct setup *setup)
{
	const struct settings *settings = &setup->settings;
	for (size_t i = 0; i < settings->block.lists.count; i++)
		(void)unlink(settings->block.lists.items[i]);
	for (size_t i = 0; i < settings->rpz.count; i++)
		(void)unlink(settings->rpz.items[i].file);
}
