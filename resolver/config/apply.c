/* SPDX-License-Identifier: MIT */
/*
 * From the tree to settings: a walk along the table of options, and the checks that need more than
 * one key. It goes on after an error, so that all of them are found in one run.
 */
#include "resolver/config/inner.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/wire/name.h"

struct loader {
	const struct config_source *source;
	const char *folder;
	int err; /* RW_ENOMEM stops the work; what the user did wrong does not */
};

/* The keys of one object: the settings, or one entry of a list of entries. */
struct scope {
	const char *prefix; /* of their paths: "" or "forward[]." */
	void *base;
	const struct yaml_node *at[CONFIG_TABLE_MAX]; /* the value of each key that was there */
};

static void load_map(struct loader *loader, struct scope *scope, const char *prefix,
	const struct yaml_node *map);

static const char *kind_text(const struct yaml_node *node)
{
	switch (node->kind) {
	case YAML_LIST:
		return "a list";
	case YAML_MAP:
		return "a section";
	case YAML_EMPTY:
		return "nothing";
	default:
		return "a single value";
	}
}

static void wrong_kind(const struct loader *loader, const struct config_option *option,
	const struct yaml_node *node)
{
	char type[CONFIG_MESSAGE];
	const char *remedy = "";
	if (node->kind == YAML_EMPTY)
		remedy = ": give it a value or remove it";
	else if (option->list && node->kind == YAML_TEXT)
		remedy = ": put it in brackets, as in [\"...\"]";
	config_error(loader->source, node->line, node->column, "\"%s\" takes %s, not %s%s",
		option->path, config_type_text(option, type), kind_text(node), remedy);
}

static void load_text(struct loader *loader, const struct config_option *option,
	const struct yaml_node *node, void *slot)
{
	struct config_value value = {
		.option = option, .text = node->text, .folder = loader->folder};
	int err = config_value_parse(&value, slot);
	if (err == RW_ENOMEM)
		loader->err = err;
	else if (err)
		config_error(loader->source, node->line, node->column, "%s", value.why);
}

static void check_required(
	const struct loader *loader, const struct scope *scope, const struct yaml_node *entry)
{
	size_t length = strlen(scope->prefix);
	for (size_t i = 0; i < config_table_size; i++) {
		const struct config_option *option = &config_table[i];
		if (strncmp(option->path, scope->prefix, length) == 0 && !scope->at[i] &&
			!strstr(option->path + length, "[]") &&
			strcmp(option->fallback, CONFIG_REQUIRED) == 0)
			config_error(loader->source, entry->line, entry->column,
				"this entry needs the key \"%s\"", option->path + length);
	}
}

/* Whether members of the list are sections whose keys have paths of their own. */
static bool has_entries(const struct config_option *option)
{
	return option->type == TYPE_ROUTE || option->type == TYPE_WITHHOLD ||
	       option->type == TYPE_ZONE || option->type == TYPE_LEASES ||
	       option->type == TYPE_VIEW || option->type == TYPE_RPZ;
}

/* An entry of `forward`, `stub`, `withhold`, `zones`, `leases`, `views` or `rpz`. */
static void load_entry(struct loader *loader, const struct config_option *option,
	const struct yaml_node *node, void *slot)
{
	char prefix[CONFIG_PATH];
	(void)snprintf(prefix, sizeof(prefix), "%s[].", option->path);
	struct scope scope = {.prefix = prefix, .base = slot};
	load_map(loader, &scope, prefix, node);
	check_required(loader, &scope, node);
	if (loader->err == 0)
		loader->err = config_fallbacks(prefix, slot, scope.at);
}

static bool is_repeated(const struct yaml_node *list, const struct yaml_node *node)
{
	for (const struct yaml_node *other = list->first; other != node; other = other->next)
		if (other->kind == YAML_TEXT && strcmp(other->text, node->text) == 0)
			return true;
	return false;
}

static void load_member(struct loader *loader, const struct config_option *option,
	const struct yaml_node *list, const struct yaml_node *node, void *slot)
{
	char shown[YAML_SHOWN];
	struct config_option one = *option;
	one.list = false;
	if (node->kind == YAML_REFUSED)
		return;
	if (node->kind != (has_entries(option) ? YAML_MAP : YAML_TEXT))
		wrong_kind(loader, &one, node);
	else if (has_entries(option))
		load_entry(loader, option, node, slot);
	else if (is_repeated(list, node))
		config_error(loader->source, node->line, node->column,
			"\"%s\" is in this list already: remove one of them",
			yaml_shown(node->text, shown));
	else
		load_text(loader, option, node, slot);
}

static void load_list(struct loader *loader, const struct config_option *option,
	const struct yaml_node *node, void *slot)
{
	size_t size = config_type_size(option->type);
	size_t count = RW_MIN(node->count, (size_t)LIMIT_CONFIG_LIST);
	if (count < option->min)
		config_error(loader->source, node->line, node->column,
			"\"%s\" needs at least one entry", option->path);
	char *items = calloc(RW_MAX(count, (size_t)1), size);
	if (!items) {
		loader->err = RW_ENOMEM;
		return;
	}
	/* Zeroed items own nothing, so the settings can hold the list before it is filled. */
	struct config_list list = {items, count};
	memcpy(slot, &list, sizeof(list));
	size_t i = 0;
	for (const struct yaml_node *member = node->first; member && loader->err == 0;
		member = member->next)
		load_member(loader, option, node, member, items + i++ * size);
}

/* A zone has one file. */
static void check_zones(struct loader *loader, const struct config_option *option,
	const struct yaml_node *list, const void *slot)
{
	const struct zone_settings_list *zones = slot;
	const struct yaml_node *node = list->first;
	for (size_t i = 0; i < zones->count && node; i++, node = node->next) {
		if (zones->items[i].name && name_is_root(zones->items[i].name))
			config_error(loader->source, node->line, node->column,
				"the root is no zone of one's own: name a zone below it");
		for (size_t k = 0; zones->items[i].name && k < i; k++)
			if (zones->items[k].name &&
				name_equal(zones->items[i].name, zones->items[k].name)) {
				config_error(loader->source, node->line, node->column,
					"an earlier entry of %s is for the same zone",
					option->path);
				break;
			}
	}
}

/* A member of `hosts`: its key is the name, its value a list of addresses. */
static void load_host(struct loader *loader, const struct config_option *option,
	const struct yaml_node *node, struct host_settings *host)
{
	struct config_option name = *option, addresses = *option;
	name.type = TYPE_NAME;
	addresses.type = TYPE_ADDRESS;
	addresses.list = true;
	addresses.min = 1;
	load_text(loader, &name, node->key, &host->name);
	if (node->kind == YAML_LIST && loader->err == 0)
		load_list(loader, &addresses, node, &host->addresses);
	else if (node->kind != YAML_REFUSED && loader->err == 0)
		wrong_kind(loader, &addresses, node);
}

static void load_hosts(struct loader *loader, const struct config_option *option,
	const struct yaml_node *map, void *slot)
{
	struct host_list *hosts = slot;
	size_t count = RW_MIN(map->count, (size_t)LIMIT_CONFIG_LIST);
	hosts->items = calloc(RW_MAX(count, (size_t)1), sizeof(*hosts->items));
	if (!hosts->items) {
		loader->err = RW_ENOMEM;
		return;
	}
	for (const struct yaml_node *node = map->first;
		node && hosts->count < count && loader->err == 0; node = node->next) {
		if (node->key->kind != YAML_TEXT)
			continue;
		struct host_settings *host = &hosts->items[hosts->count++];
		load_host(loader, option, node, host);
		for (size_t i = 0; host->name && i + 1 < hosts->count; i++)
			if (hosts->items[i].name && name_equal(hosts->items[i].name, host->name))
				config_error(loader->source, node->key->line, node->key->column,
					"an earlier entry of %s is for the same name",
					option->path);
	}
}

static enum yaml_kind kind_wanted(const struct config_option *option)
{
	if (option->type == TYPE_HOST)
		return YAML_MAP;
	return option->list ? YAML_LIST : YAML_TEXT;
}

static void load_option(struct loader *loader, struct scope *scope,
	const struct config_option *option, const struct yaml_node *node)
{
	char *slot = (char *)scope->base + option->offset;
	scope->at[option - config_table] = node;
	if (option->given)
		*(bool *)(void *)((char *)scope->base + option->given) = true;
	if (node->kind != kind_wanted(option))
		wrong_kind(loader, option, node);
	else if (option->type == TYPE_HOST)
		load_hosts(loader, option, node, slot);
	else if (option->list)
		load_list(loader, option, node, slot);
	else
		load_text(loader, option, node, slot);
	if (option->type == TYPE_ZONE && node->kind == YAML_LIST && loader->err == 0)
		check_zones(loader, option, node, slot);
}

static void load_section(
	struct loader *loader, struct scope *scope, const char *path, const struct yaml_node *node)
{
	char prefix[CONFIG_PATH + 1];
	(void)snprintf(prefix, sizeof(prefix), "%s.", path);
	if (node->kind == YAML_MAP)
		load_map(loader, scope, prefix, node);
	else if (node->kind != YAML_EMPTY) /* all its keys commented out: fine */
		config_error(loader->source, node->line, node->column,
			"\"%s\" is a section, not %s: write its keys below it, indented", path,
			kind_text(node));
}

static void unknown_key(
	const struct loader *loader, const char *prefix, const struct yaml_node *key)
{
	char shown[YAML_SHOWN], hint[CONFIG_MESSAGE];
	const char *meant = config_suggest(prefix, key->text, hint);
	config_error(loader->source, key->line, key->column, "unknown key \"%s\"%s",
		yaml_shown(key->text, shown),
		meant[0] ? meant : ": remove it; `rootwalkd --options` lists those there are");
}

static void load_map(
	struct loader *loader, struct scope *scope, const char *prefix, const struct yaml_node *map)
{
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		char path[CONFIG_PATH];
		const struct yaml_node *key = node->key;
		if (key->kind != YAML_TEXT)
			continue;
		int length = snprintf(path, sizeof(path), "%s%s", prefix, key->text);
		/* A dot or bracket in the key itself must not reach into the table's paths. */
		bool plain = length < CONFIG_PATH && key->text[strcspn(key->text, ".[")] == '\0';
		const struct config_option *option = plain ? config_option_find(path) : NULL;
		bool section = plain && !option && config_is_section(path);
		if (!option && !section)
			unknown_key(loader, prefix, key);
		else if (node->kind == YAML_REFUSED && option)
			scope->at[option - config_table] = node;
		else if (option)
			load_option(loader, scope, option, node);
		else if (node->kind != YAML_REFUSED)
			load_section(loader, scope, path, node);
		if (loader->err)
			return;
	}
}

static const struct yaml_node *node_of(const struct scope *scope, const char *path)
{
	const struct config_option *option = config_option_find(path);
	rw_require(option);
	return scope->at[option - config_table];
}

static void check_ttls(const struct loader *loader, const struct scope *scope)
{
	const struct settings *settings = scope->base;
	const struct yaml_node *node = node_of(scope, "cache.min-ttl");
	if (!node)
		node = node_of(scope, "cache.max-ttl");
	if (node && settings->cache.min_ttl_s > settings->cache.max_ttl_s)
		config_error(loader->source, node->line, node->column,
			"cache.min-ttl is longer than cache.max-ttl");
}

static void check_families(const struct loader *loader, const struct scope *scope)
{
	const struct settings *settings = scope->base;
	const struct yaml_node *node = node_of(scope, "outgoing.ipv6");
	if (!node)
		node = node_of(scope, "outgoing.ipv4");
	if (node && !settings->outgoing.ipv4 && !settings->outgoing.ipv6)
		config_error(loader->source, node->line, node->column,
			"outgoing.ipv4 and outgoing.ipv6 are both false: no server could be asked");
}

/* A zone has one way only, be it in `forward` or in `stub`. */
static void check_routes(const struct loader *loader, const struct scope *scope)
{
	const struct settings *settings = scope->base;
	const struct route_list *lists[] = {&settings->forward, &settings->stub};
	const struct yaml_node *nodes[] = {node_of(scope, "forward"), node_of(scope, "stub")};
	const uint8_t *seen[2 * LIMIT_CONFIG_LIST];
	size_t count = 0;
	for (size_t i = 0; i < lists[0]->count + lists[1]->count; i++) {
		size_t which = i >= lists[0]->count, index = which ? i - lists[0]->count : i;
		const uint8_t *zone = lists[which]->items[index].zone;
		const struct yaml_node *node = nodes[which]->first;
		for (size_t skip = 0; skip < index; skip++)
			node = node->next;
		for (size_t j = 0; zone && j < count; j++) {
			if (!name_equal(seen[j], zone))
				continue;
			config_error(loader->source, node->line, node->column,
				"an earlier entry of forward or stub is for the same zone");
			break;
		}
		if (zone)
			seen[count++] = zone;
	}
}

/* Of the loopback network, or the wildcard address, to which a packet takes the same way. */
static bool is_this_machine(const struct addr *addr)
{
	static const uint8_t zeroes[15];
	if (addr->family == ADDR_V4)
		return addr->ip[0] == 127 || memcmp(addr->ip, zeroes, 4) == 0;
	return memcmp(addr->ip, zeroes, sizeof(zeroes)) == 0 && addr->ip[15] <= 1;
}

/* Whether it is one of our own listening addresses; the wildcard one has them all. */
static bool is_our_own(const struct settings *settings, const struct addr *server)
{
	static const uint8_t zeroes[16];
	for (size_t i = 0; i < settings->listen.count; i++) {
		const struct addr *own = &settings->listen.items[i];
		bool wildcard = memcmp(own->ip, zeroes, addr_ip_size(own)) == 0;
		if (addr_equal(own, server) ||
			(wildcard && own->family == server->family && own->port == server->port &&
				is_this_machine(server)))
			return true;
	}
	return false;
}

/* A server that is this one: its questions would go round in a circle. */
static void check_loops(const struct loader *loader, const struct scope *scope, const char *key,
	const struct route_list *routes)
{
	const struct yaml_node *list = node_of(scope, key);
	const struct yaml_node *node = list ? list->first : NULL;
	for (size_t i = 0; i < routes->count && node; i++, node = node->next)
		for (size_t k = 0; k < routes->items[i].to.count; k++)
			if (is_our_own(scope->base, &routes->items[i].to.items[k]))
				config_error(loader->source, node->line, node->column,
					"this entry sends questions to an address of \"listen\", "
					"in a "
					"circle: name another server");
}

static void load_root(struct loader *loader, struct scope *scope, const struct yaml_node *root)
{
	if (root && root->kind == YAML_MAP)
		load_map(loader, scope, "", root);
	else if (root && root->kind != YAML_EMPTY && root->kind != YAML_REFUSED)
		config_error(loader->source, root->line, root->column,
			"the file holds %s, but it must hold keys with values, such as \"workers: "
			"2\"",
			kind_text(root));
}

int config_apply(const struct config_source *source, const char *folder,
	const struct yaml_node *root, struct settings *settings)
{
	struct loader loader = {.source = source, .folder = folder};
	struct scope scope = {.prefix = "", .base = settings};
	load_root(&loader, &scope, root);
	if (loader.err)
		return loader.err;
	check_ttls(&loader, &scope);
	check_families(&loader, &scope);
	check_routes(&loader, &scope);
	int err = config_fallbacks("", settings, scope.at);
	check_loops(&loader, &scope, "forward", &settings->forward);
	check_loops(&loader, &scope, "stub", &settings->stub);
	return err;
}
