/* SPDX-License-Identifier: MIT */
/* What can be done to the world while it runs: records changed, switches thrown, versions taken. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/lab/world.h"
#include "resolver/wire/text.h"

#define CHANGE_ARENA (1 << 20) /* bytes; the records of one change */
#define CHANGE_TTL   300       /* s, of a record that is given none */

static int refuse_change(char ret_message[WORLD_MESSAGE], const char *format, ...) RW_PRINTF(2, 3);

static int refuse_change(char ret_message[WORLD_MESSAGE], const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(ret_message, WORLD_MESSAGE, format, args);
	va_end(args);
	return RW_EINVAL;
}

/* By id, or by name where the ids tell several apart: the first of them. */
static struct lab_zone *zone_named(const struct world *world, const char *text)
{
	struct name name;
	for (size_t i = 0; i < world->scenario->zone_count; i++)
		if (strcmp(world->zones[i].plan->id, text) == 0)
			return &world->zones[i];
	for (size_t i = 0; name_from_text(text, &name) == 0 && i < world->scenario->zone_count; i++)
		if (name_equal(world->zones[i].plan->apex, name.bytes))
			return &world->zones[i];
	return NULL;
}

/* ---- who takes a new version ---- */

static void serve_version(struct serving *serving, struct version *version)
{
	version_ref(version);
	version_unref(serving->version);
	serving->version = version;
}

static bool takes_changes(const struct lab_server *server)
{
	return !server->switches.on[SWITCH_STALE] && !server->switches.on[SWITCH_NOTIFY_LESS];
}

/* Tells the servers; says who has it and who has not. */
static void spread(struct world *world, struct lab_zone *zone, char ret_message[WORLD_MESSAGE])
{
	size_t used = (size_t)snprintf(
		ret_message, WORLD_MESSAGE, "%s serial %u:", zone->plan->id, zone->newest->serial);
	for (size_t i = 0; i < world->scenario->server_count; i++) {
		struct lab_server *server = &world->servers[i];
		for (size_t j = 0; j < server->zone_count; j++) {
			if (server->zones[j].zone != zone)
				continue;
			bool takes = takes_changes(server);
			if (takes)
				serve_version(&server->zones[j], zone->newest);
			if (used < WORLD_MESSAGE)
				used += (size_t)snprintf(ret_message + used, WORLD_MESSAGE - used,
					" %s %s", server->plan->name, takes ? "new" : "OLD");
		}
	}
}

void world_sync(struct lab_server *server)
{
	for (size_t i = 0; i < server->zone_count; i++) {
		struct serving *serving = &server->zones[i];
		if (!server->switches.on[SWITCH_STALE]) {
			serve_version(serving, serving->zone->newest);
			continue;
		}
		version_ref(serving->zone->newest);
		version_unref(serving->before);
		serving->before = serving->zone->newest;
	}
}

/* ---- records ---- */

/* The old sets without those of that name and type, and with `set`, which may be NULL. */
static int replace(struct world *world, struct lab_zone *zone, const uint8_t *owner, uint16_t type,
	const struct rrset *set, int64_t now, char ret_message[WORLD_MESSAGE])
{
	const struct version *old = zone->newest;
	struct version *version;
	const char *why = "";
	size_t count = 0;
	const struct rrset **sets = calloc(old->set_count + 1, sizeof(*sets));
	if (!sets)
		return RW_ENOMEM;
	for (size_t i = 0; i < old->set_count; i++)
		if (old->sets[i]->type != type || !name_equal(old->sets[i]->owner, owner))
			sets[count++] = old->sets[i];
	if (!set && count == old->set_count) {
		free(sets);
		return refuse_change(ret_message, "%s has no such record", zone->plan->id);
	}
	if (set)
		sets[count++] = set;
	int err = version_make(zone->plan, sets, count, 1, now, &version, &why);
	free(sets);
	if (err == RW_EINVAL)
		return refuse_change(ret_message, "%s stays as it was: %s", zone->plan->id, why);
	if (err)
		return err;
	version_unref(zone->newest);
	zone->newest = version;
	spread(world, zone, ret_message);
	return 0;
}

/*
 * Types that a change may not add or remove, because signatures and serial are made by the lab.
 * NULL: it may.
 */
static const char *forbidden(uint16_t type)
{
	switch (type) {
	case TYPE_SOA:
		return "the SOA changes by itself with every other change";
	case TYPE_RRSIG:
	case TYPE_NSEC:
	case TYPE_NSEC3:
	case TYPE_NSEC3PARAM:
		return "signatures and denials are made by the lab, where the zone is signed";
	default:
		return NULL;
	}
}

/* All lines into one set. */
static int read_set(const struct lab_zone *zone, const char *const *records, size_t count,
	struct arena *arena, struct rrset **ret_set, char ret_message[WORLD_MESSAGE])
{
	char shown[YAML_SHOWN];
	struct rrset *all = NULL, *one;
	struct rdata *rdata = arena_alloc(arena, count * sizeof(*rdata));
	if (!rdata)
		return RW_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (text_to_rrset(arena, records[i], zone->plan->apex, zone->plan->apex, CHANGE_TTL,
			    &one))
			return refuse_change(ret_message,
				"\"%s\" is no record: write NAME TTL TYPE DATA, as in "
				"'www 60 A 192.0.2.11'",
				yaml_shown(records[i], shown));
		if (one->class != CLASS_IN)
			return refuse_change(ret_message,
				"\"%s\": only records of class IN are served",
				yaml_shown(records[i], shown));
		if (forbidden(one->type))
			return refuse_change(ret_message, "%s", forbidden(one->type));
		if (all && (all->type != one->type || !name_equal(all->owner, one->owner)))
			return refuse_change(ret_message,
				"\"%s\" has another name or type than the record before it: one "
				"set at a time",
				yaml_shown(records[i], shown));
		rdata[i] = one->records[0];
		all = all ? all : one;
		all->ttl = RW_MIN(all->ttl, one->ttl);
	}
	all->records = rdata;
	all->count = (uint16_t)count;
	*ret_set = all;
	return 0;
}

int world_change(struct world *world, const char *zone_text, const char *const *records,
	size_t count, int64_t now, char ret_message[WORLD_MESSAGE])
{
	char shown[YAML_SHOWN];
	struct lab_zone *zone = zone_named(world, zone_text);
	if (!zone)
		return refuse_change(ret_message, "there is no zone \"%s\" in this lab",
			yaml_shown(zone_text, shown));
	if (count == 0 || count > LIMIT_RRSET_RECORDS)
		return refuse_change(
			ret_message, "a change has 1 to %d records", LIMIT_RRSET_RECORDS);
	struct arena arena;
	struct rrset *set = NULL;
	arena_init(&arena, CHANGE_ARENA);
	int err = read_set(zone, records, count, &arena, &set, ret_message);
	if (err == 0 && set)
		err = replace(world, zone, set->owner, set->type, set, now, ret_message);
	arena_release(&arena);
	return err;
}

int world_remove(struct world *world, const char *zone_text, const char *what, int64_t now,
	char ret_message[WORLD_MESSAGE])
{
	char shown[YAML_SHOWN], word[LIMIT_NAME_TEXT];
	uint16_t type;
	struct name owner;
	struct lab_zone *zone = zone_named(world, zone_text);
	if (!zone)
		return refuse_change(ret_message, "there is no zone \"%s\" in this lab",
			yaml_shown(zone_text, shown));
	size_t length = strcspn(what, " \t");
	const char *type_text = what + length + strspn(what + length, " \t");
	if (length == 0 || length >= sizeof(word) || text_to_type(type_text, &type))
		return refuse_change(ret_message, "\"%s\": write NAME and TYPE, as in 'www A'",
			yaml_shown(what, shown));
	if (forbidden(type))
		return refuse_change(ret_message, "%s", forbidden(type));
	memcpy(word, what, length);
	word[length] = '\0';
	int err = 0;
	if (strcmp(word, "@") == 0)
		(void)name_copy(zone->plan->apex, &owner);
	else
		err = name_from_text(word, &owner);
	if (err == 0 && word[length - 1] != '.' && strcmp(word, "@") != 0)
		err = name_replace_suffix(owner.bytes, name_root, zone->plan->apex, &owner);
	if (err)
		return refuse_change(ret_message, "\"%s\" is no name", yaml_shown(word, shown));
	return replace(world, zone, owner.bytes, type, NULL, now, ret_message);
}

/* ---- switches ---- */

/* Every zone with the serial one lower, as though the server had missed the last change. */
static int make_stale(struct lab_server *server, int64_t now, const char **ret_why)
{
	for (size_t i = 0; i < server->zone_count; i++) {
		struct serving *serving = &server->zones[i];
		struct version *older;
		int err = version_make(serving->zone->plan, serving->version->sets,
			serving->version->set_count, -1, now, &older, ret_why);
		if (err)
			return err;
		serving->before = serving->version;
		serving->version = older;
	}
	return 0;
}

static void end_stale(struct lab_server *server)
{
	for (size_t i = 0; i < server->zone_count; i++) {
		struct serving *serving = &server->zones[i];
		if (!serving->before)
			continue;
		version_unref(serving->version);
		serving->version = serving->before;
		serving->before = NULL;
	}
}

int world_set(
	struct lab_server *server, const char *text, int64_t now, char ret_message[WORLD_MESSAGE])
{
	struct switches switches = server->switches;
	char message[SWITCH_MESSAGE];
	const char *why = "";
	if (switches_set(&switches, text, message))
		return refuse_change(ret_message, "%s", message);
	if (switches.on[SWITCH_STALE] && !server->switches.on[SWITCH_STALE]) {
		int err = make_stale(server, now, &why);
		if (err) {
			end_stale(server);
			return err == RW_ENOMEM
				       ? err
				       : refuse_change(ret_message, "no older version: %s", why);
		}
	}
	server->switches = switches;
	return 0;
}

int world_clear(struct lab_server *server, const char *text, char ret_message[WORLD_MESSAGE])
{
	struct switches switches = {.on = {false}};
	char message[SWITCH_MESSAGE];
	if (text) {
		switches = server->switches;
		if (switches_clear(&switches, text, message))
			return refuse_change(ret_message, "%s", message);
	}
	if (!switches.on[SWITCH_STALE])
		end_stale(server);
	server->switches = switches;
	if (takes_changes(server))
		world_sync(server);
	return 0;
}
