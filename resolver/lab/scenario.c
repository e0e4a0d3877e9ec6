/* SPDX-License-Identifier: MIT */
/* Reading scenarios: from YAML's tree into plain values, every fault with its line. */
#include "resolver/lab/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"

#define WHOLE_BYTES (YAML_TREE_BYTES + (4u << 20)) /* the tree and what is made of it */
#define BUILTIN     "the built-in scenario"

static const char builtin[] =
#include "lab/internet.inc"
	;

struct scenario_reader {
	struct scenario *scenario;
	struct fault_list *faults;
	const char *folder;
	bool out_of_memory;
};

const char *scenario_builtin(void)
{
	return builtin;
}

static void complain(const struct scenario_reader *reader, unsigned line, const char *format, ...)
	RW_PRINTF(3, 4);

static void complain(const struct scenario_reader *reader, unsigned line, const char *format, ...)
{
	char message[FAULT_MESSAGE];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fault_error(reader->faults, reader->scenario->file, line, "%s", message);
}

static void take_yaml_fault(void *ctx, unsigned line, unsigned column, const char *message)
{
	(void)column;
	complain(ctx, line, "%s", message);
}

static void *scenario_alloc(struct scenario_reader *reader, size_t size)
{
	void *memory = arena_alloc(&reader->scenario->arena, size);
	reader->out_of_memory |= !memory;
	return memory;
}

/* ---- values ---- */

/* The text of a value, or NULL with a fault. */
static const char *text_of(const struct scenario_reader *reader, const struct yaml_node *node)
{
	if (node->kind == YAML_TEXT)
		return node->text;
	if (node->kind != YAML_REFUSED)
		complain(reader, node->line, "%s: a single word is wanted here",
			node->key ? node->key->text : "list");
	return NULL;
}

/* A name in wire form that lives in the arena, or NULL with a fault. */
static const uint8_t *name_of(struct scenario_reader *reader, const struct yaml_node *node)
{
	struct name name;
	char shown[YAML_SHOWN];
	const char *text = text_of(reader, node);
	if (!text)
		return NULL;
	if (name_from_text(text, &name)) {
		complain(reader, node->line, "\"%s\" is no domain name", yaml_shown(text, shown));
		return NULL;
	}
	const uint8_t *copy = name_dup(name.bytes, &reader->scenario->arena);
	reader->out_of_memory |= !copy;
	return copy;
}

/* Without the final dot. */
static const char *name_as_text(struct scenario_reader *reader, const uint8_t *name)
{
	char text[LIMIT_NAME_TEXT];
	size_t length = strlen(name_text(name, text));
	const char *copy = arena_printf(&reader->scenario->arena, "%.*s", (int)length - 1, text);
	reader->out_of_memory |= !copy;
	return copy;
}

/* The place of the word in the list `words`, which ends with NULL; -1 with a fault. */
static int choice_of(const struct scenario_reader *reader, const struct yaml_node *node,
	const char *const words[])
{
	char shown[YAML_SHOWN], all[128] = "";
	const char *text = text_of(reader, node);
	if (!text)
		return -1;
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
		(void)snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "",
			words[i]);
	}
	complain(reader, node->line, "%s: \"%s\" is none of: %s", node->key->text,
		yaml_shown(text, shown), all);
	return -1;
}

/* A list's members one by one, and a single value as though it were a list of one. */
static const struct yaml_node *members(const struct yaml_node *node)
{
	return node->kind == YAML_LIST ? node->first : node->kind == YAML_TEXT ? node : NULL;
}

static const struct yaml_node *next_member(
	const struct yaml_node *node, const struct yaml_node *member)
{
	return node->kind == YAML_LIST ? member->next : NULL;
}

/* ---- zones ---- */

static const char *path_of(struct scenario_reader *reader, const struct yaml_node *node)
{
	const char *text = text_of(reader, node), *path = text;
	if (text && text[0] != '/') {
		path = arena_printf(&reader->scenario->arena, "%s/%s", reader->folder, text);
		reader->out_of_memory |= !path;
	}
	return path;
}

static void read_zone_key(
	struct scenario_reader *reader, const struct yaml_node *node, struct scenario_zone *zone)
{
	static const char *const denials[] = {"no", "nsec", "nsec3", NULL};
	static const char *const variants[] = {"good", "expired", "altered", NULL};
	static const char *const ds[] = {"right", "wrong", "none", NULL};
	const char *key = node->key->text;
	int choice;
	if (strcmp(key, "name") == 0) {
		zone->apex = name_of(reader, node);
	} else if (strcmp(key, "as") == 0) {
		zone->id = text_of(reader, node);
	} else if (strcmp(key, "file") == 0) {
		zone->file = path_of(reader, node);
	} else if (strcmp(key, "records") == 0) {
		zone->records = text_of(reader, node);
		zone->records_line = node->line;
	} else if (strcmp(key, "sign") == 0) {
		choice = choice_of(reader, node, denials);
		zone->nsec3 = choice == 2;
		if (choice > 0 && zone->variant == SIGN_NONE)
			zone->variant = SIGN_GOOD;
	} else if (strcmp(key, "variant") == 0) {
		choice = choice_of(reader, node, variants);
		if (choice >= 0)
			zone->variant = (enum sign_variant)(SIGN_GOOD + choice);
	} else if (strcmp(key, "altered") == 0) {
		zone->altered = name_of(reader, node);
		zone->variant = SIGN_ALTERED;
	} else if (strcmp(key, "ds") == 0) {
		choice = choice_of(reader, node, ds);
		zone->ds = choice < 0 ? SCENARIO_DS_RIGHT : (enum scenario_ds)choice;
	} else {
		complain(reader, node->key->line,
			"a zone has no key \"%s\": it has name, as, records, file, sign, variant, "
			"altered and ds",
			key);
	}
}

/* `as` becomes part of a file's name (rootwalk-lab zones). */
static bool is_id(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < 200 && text[0] != '.' && !strchr(text, '/') &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       length;
}

static void check_zone(struct scenario_reader *reader, struct scenario_zone *zone)
{
	if (!zone->apex) {
		complain(reader, zone->line, "a zone needs a name: write `name: good.test`");
		return;
	}
	if (zone->id && !is_id(zone->id))
		complain(reader, zone->line,
			"as: a word of letters, digits, dots and dashes is wanted");
	zone->is_named = !zone->id;
	if (!zone->id)
		zone->id = name_is_root(zone->apex) ? "root" : name_as_text(reader, zone->apex);
	if (!zone->records == !zone->file)
		complain(reader, zone->line,
			"a zone has either records or a file that holds them, and not both");
	if (zone->variant == SIGN_ALTERED && !zone->altered)
		complain(reader, zone->line,
			"variant altered: say whose addresses, as in `altered: www.good.test`");
	for (const struct scenario_zone *other = reader->scenario->zones; other != zone; other++)
		if (zone->id && other->id && strcmp(other->id, zone->id) == 0)
			complain(reader, zone->line,
				"zone %s is on line %u already: give one of them another name "
				"with `as`",
				zone->id, other->line);
}

static void read_zones(struct scenario_reader *reader, const struct yaml_node *list)
{
	struct scenario *scenario = reader->scenario;
	scenario->zones = scenario_alloc(reader, (list->count + 1) * sizeof(*scenario->zones));
	for (const struct yaml_node *node = list->first; node && scenario->zones;
		node = node->next) {
		struct scenario_zone *zone = &scenario->zones[scenario->zone_count++];
		zone->line = node->line;
		if (node->kind != YAML_MAP) {
			complain(reader, node->line, "a zone is a section: name, records, ...");
			continue;
		}
		for (const struct yaml_node *key = node->first; key; key = key->next)
			if (key->key->kind == YAML_TEXT)
				read_zone_key(reader, key, zone);
		check_zone(reader, zone);
	}
}

/* ---- servers ---- */

static void add_address(struct scenario_reader *reader, const struct yaml_node *node,
	struct scenario_server *server)
{
	char shown[YAML_SHOWN];
	struct addr addr;
	const char *text = text_of(reader, node);
	if (!text)
		return;
	if (addr_parse(text, 0, &addr) ||
		!(addr.family == ADDR_V4 ? addr.ip[0] == 127
					 : addr.ip[15] == 1 && !memcmp(addr.ip, (char[15]){0}, 15)))
		complain(reader, node->line,
			"address: \"%s\" is no address of this machine's loopback: 127.x.y.z or "
			"::1",
			yaml_shown(text, shown));
	else if (server->address_count == SCENARIO_ADDRESSES)
		complain(reader, node->line, "a server has at most %d addresses",
			SCENARIO_ADDRESSES);
	else
		server->addresses[server->address_count++] = addr;
}

static void add_zone(struct scenario_reader *reader, const struct yaml_node *node,
	struct scenario_server *server)
{
	const struct scenario *scenario = reader->scenario;
	const char *text = text_of(reader, node);
	struct name name;
	bool is_name = text && name_from_text(text, &name) == 0;
	for (size_t i = 0; text && i < scenario->zone_count; i++) {
		const struct scenario_zone *zone = &scenario->zones[i];
		bool named = zone->is_named && is_name && name_equal(zone->apex, name.bytes);
		if (!zone->id || (strcmp(zone->id, text) != 0 && !named))
			continue;
		server->zones[server->zone_count++] = i;
		return;
	}
	char shown[YAML_SHOWN];
	if (text)
		complain(reader, node->line, "there is no zone \"%s\" in this scenario",
			yaml_shown(text, shown));
}

static void read_server_key(struct scenario_reader *reader, const struct yaml_node *node,
	struct scenario_server *server)
{
	char message[SWITCH_MESSAGE];
	const char *key = node->key->text;
	const struct yaml_node *at = members(node);
	if (node->kind == YAML_MAP) {
		complain(reader, node->line, "%s: a word or a list of words is wanted here", key);
	} else if (strcmp(key, "name") == 0) {
		const uint8_t *name = name_of(reader, node);
		server->name = name ? name_as_text(reader, name) : NULL;
	} else if (strcmp(key, "address") == 0) {
		for (; at; at = next_member(node, at))
			add_address(reader, at, server);
	} else if (strcmp(key, "zones") == 0) {
		size_t count = node->kind == YAML_LIST ? node->count : 1;
		server->zones = scenario_alloc(reader, count * sizeof(*server->zones));
		for (; at && server->zones; at = next_member(node, at))
			add_zone(reader, at, server);
	} else if (strcmp(key, "switches") == 0) {
		for (; at; at = next_member(node, at)) {
			const char *text = text_of(reader, at);
			if (text && switches_set(&server->switches, text, message))
				complain(reader, at->line, "%s", message);
		}
	} else {
		complain(reader, node->key->line,
			"a server has no key \"%s\": it has name, address, zones and switches",
			key);
	}
}

static void check_server(struct scenario_reader *reader, const struct scenario_server *server)
{
	char text[ADDR_TEXT];
	if (!server->name)
		complain(reader, server->line, "a server needs a name");
	if (server->address_count == 0)
		complain(reader, server->line, "a server needs an address, as in 127.10.2.1");
	for (const struct scenario_server *other = reader->scenario->servers; other != server;
		other++) {
		if (server->name && other->name && strcmp(other->name, server->name) == 0)
			complain(reader, server->line, "server %s is on line %u already",
				server->name, other->line);
		for (size_t i = 0; i < server->address_count * other->address_count; i++) {
			const struct addr *ours = &server->addresses[i % server->address_count];
			if (addr_equal(ours, &other->addresses[i / server->address_count]))
				complain(reader, server->line,
					"address %s belongs to the server on line %u already",
					addr_text(ours, text), other->line);
		}
	}
}

static void read_servers(struct scenario_reader *reader, const struct yaml_node *list)
{
	struct scenario *scenario = reader->scenario;
	scenario->servers = scenario_alloc(reader, (list->count + 1) * sizeof(*scenario->servers));
	for (const struct yaml_node *node = list->first; node && scenario->servers;
		node = node->next) {
		struct scenario_server *server = &scenario->servers[scenario->server_count++];
		server->line = node->line;
		if (node->kind != YAML_MAP) {
			complain(reader, node->line, "a server is a section: name, address, ...");
			continue;
		}
		for (const struct yaml_node *key = node->first; key; key = key->next)
			if (key->key->kind == YAML_TEXT)
				read_server_key(reader, key, server);
		check_server(reader, server);
	}
}

/* ---- the whole ---- */

bool scenario_port(const char *text, uint16_t *ret_port)
{
	if (strlen(text) > 5 || strspn(text, "0123456789") != strlen(text))
		return false;
	unsigned long port = strtoul(text, NULL, 10);
	if (port < 1 || port > 65535)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

static void read_port(struct scenario_reader *reader, const struct yaml_node *node)
{
	const char *text = text_of(reader, node);
	if (text && !scenario_port(text, &reader->scenario->port))
		complain(reader, node->line, "port: a number from 1 to 65535 is wanted");
}

static void read_root(struct scenario_reader *reader, const struct yaml_node *root)
{
	const struct yaml_node *zones = NULL, *servers = NULL;
	for (const struct yaml_node *node = root->first; node; node = node->next) {
		const char *key = node->key->kind == YAML_TEXT ? node->key->text : NULL;
		if (key && strcmp(key, "port") == 0)
			read_port(reader, node);
		else if (key && strcmp(key, "zones") == 0)
			zones = node;
		else if (key && strcmp(key, "servers") == 0)
			servers = node;
		else if (key)
			complain(reader, node->key->line,
				"a scenario has no key \"%s\": it has port, servers and zones",
				key);
	}
	if (!zones || zones->kind != YAML_LIST || !servers || servers->kind != YAML_LIST) {
		complain(reader, 0, "a scenario has a list of servers and a list of zones");
		return;
	}
	read_zones(reader, zones); /* servers speak of them, wherever they stand */
	read_servers(reader, servers);
}

static void read_text(struct scenario_reader *reader, const char *bytes, size_t size)
{
	const struct yaml_source source = {.bytes = bytes,
		.size = size,
		.blocks = true,
		.fault = take_yaml_fault,
		.ctx = reader};
	struct yaml_node *root = NULL;
	if (!yaml_bytes_fit(&source))
		return;
	if (yaml_tree(&source, &reader->scenario->arena, &root))
		reader->out_of_memory = true;
	else if (!root || root->kind != YAML_MAP)
		complain(reader, 0, "a scenario has a list of servers and a list of zones");
	else
		read_root(reader, root);
}

int scenario_parse(const char *name, const char *bytes, size_t size, struct fault_list *faults,
	struct scenario **ret_scenario)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	if (!scenario)
		return RW_ENOMEM;
	size_t before = faults->errors;
	arena_init(&scenario->arena, WHOLE_BYTES);
	const char *slash = strrchr(name, '/');
	struct scenario_reader reader = {.scenario = scenario, .faults = faults};
	scenario->file = arena_printf(&scenario->arena, "%s", name);
	scenario->port = SCENARIO_PORT;
	reader.folder =
		slash ? arena_printf(&scenario->arena, "%.*s", (int)(slash - name), name) : ".";
	if (scenario->file && reader.folder)
		read_text(&reader, bytes, size);
	int err = !scenario->file || !reader.folder || reader.out_of_memory ? RW_ENOMEM
		  : faults->errors > before                                 ? RW_EINVAL
									    : 0;
	if (err)
		scenario_free(scenario);
	else
		*ret_scenario = scenario;
	return err;
}

int scenario_read(const char *path, struct fault_list *faults, struct scenario **ret_scenario)
{
	char *bytes;
	size_t size;
	if (!path)
		return scenario_parse(BUILTIN, builtin, strlen(builtin), faults, ret_scenario);
	int err = fault_read_file(path, LIMIT_CONFIG_BYTES, faults, &bytes, &size);
	if (err)
		return err;
	err = scenario_parse(path, bytes, size, faults, ret_scenario);
	free(bytes);
	return err;
}

void scenario_free(struct scenario *scenario)
{
	if (!scenario)
		return;
	arena_release(&scenario->arena);
	free(scenario);
}
