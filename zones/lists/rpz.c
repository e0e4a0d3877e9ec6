/* SPDX-License-Identifier: MIT */
/* The end of a policy zone, and lookups in it. */
#include "zones/lists/rpz_inner.h"

#include <stdlib.h>
#include <string.h>

static void free_rpz(struct table *table)
{
	struct rpz *rpz = rpz_of_table(table);
	for (unsigned i = 0; i < RPZ_TRIGGERS; i++) {
		name_table_free(rpz->names[i].exact);
		name_table_free(rpz->names[i].below);
		prefix_table_release(&rpz->prefixes[i]);
	}
	arena_release(&rpz->arena);
	free(rpz->rules);
	free(rpz->file);
	free(rpz);
}

int rpz_empty(const struct rpz_source *source, struct rpz **ret_rpz)
{
	struct rpz *rpz = calloc(1, sizeof(*rpz));
	if (!rpz || table_init(&rpz->table, free_rpz, source->source)) {
		free(rpz);
		return RW_ENOMEM;
	}
	rpz->key = source->hash_key;
	rpz->max_bytes = source->max_bytes;
	arena_init(&rpz->arena, source->max_bytes);
	(void)name_lower(source->apex, rpz->apex.bytes);
	rpz->file = strdup(source->path);
	if (!rpz->file) {
		rpz_unref(rpz);
		return RW_ENOMEM;
	}
	*ret_rpz = rpz;
	return 0;
}

void rpz_unref(struct rpz *rpz)
{
	if (rpz)
		table_unref(&rpz->table);
}

struct table *rpz_as_table(struct rpz *rpz)
{
	return &rpz->table;
}

struct rpz *rpz_of_table(struct table *table)
{
	return rw_container_of(table, struct rpz, table);
}

const char *rpz_file(const struct rpz *rpz)
{
	return rpz->file;
}

const uint8_t *rpz_apex(const struct rpz *rpz)
{
	return rpz->apex.bytes;
}

const struct rrset *rpz_soa(const struct rpz *rpz)
{
	return rpz->soa;
}

static size_t count_of(const struct name_table *table)
{
	return table ? name_table_count(table) : 0;
}

static size_t rules_of(const struct rpz *rpz, enum rpz_trigger trigger)
{
	const struct rpz_names *names = &rpz->names[trigger];
	return count_of(names->exact) - names->empty + count_of(names->below) +
	       rpz->prefixes[trigger].count;
}

size_t rpz_rules(const struct rpz *rpz)
{
	size_t count = 0;
	for (unsigned i = 0; i < RPZ_TRIGGERS; i++)
		count += rules_of(rpz, i);
	return count;
}

bool rpz_has(const struct rpz *rpz, enum rpz_trigger trigger)
{
	return rules_of(rpz, trigger) > 0;
}

static void match_of(
	const struct rpz *rpz, uint8_t kind, uint32_t number, struct rpz_match *ret_match)
{
	*ret_match = (struct rpz_match){.action = kind, .line = number};
	if (kind == RPZ_DATA) {
		ret_match->line = rpz->rules[number].line;
		ret_match->data = &rpz->rules[number];
	}
}

/*
 * The rule of the name itself, or that of the wildcard at its closest encloser, which is the first
 * name above it that is there.
 */
static bool find_rule(
	const struct rpz_names *names, const struct name_folded *name, struct name_value *ret_value)
{
	bool may_be = name_table_may_hold(names->exact, name);
	if (may_be && name_table_find(names->exact, name, 0, ret_value))
		return ret_value->kind != RPZ_EMPTY;
	if (!name_table_may_hold(names->below, name))
		return false;
	for (unsigned skip = 1; skip <= name->labels; skip++) {
		if (name_table_find(names->below, name, skip, ret_value))
			return true;
		if (may_be && name_table_find(names->exact, name, skip, ret_value))
			return false;
	}
	return false;
}

bool rpz_match_name(const struct rpz *rpz, enum rpz_trigger trigger, const uint8_t *name,
	struct rpz_match *ret_match)
{
	const struct rpz_names *names = &rpz->names[trigger];
	struct name_folded folded;
	struct name_value value;
	if (!names->exact && !names->below)
		return false;
	name_fold(name, &rpz->key, &folded);
	bool found = find_rule(names, &folded, &value);
	if (found)
		match_of(rpz, value.kind, value.number, ret_match);
	return found;
}

bool rpz_match_address(const struct rpz *rpz, enum rpz_trigger trigger, const struct addr *addr,
	struct rpz_match *ret_match)
{
	const struct prefix_entry *entry = prefix_table_find(&rpz->prefixes[trigger], addr);
	if (!entry)
		return false;
	match_of(rpz, entry->kind, entry->number, ret_match);
	ret_match->bits = entry->bits;
	ret_match->ip = entry->ip;
	return true;
}

/* The target *.garden for www.bad. is www.bad.garden. */
static int expand_target(const struct rrset *cname, const uint8_t *name, struct arena *arena,
	const struct rrset **ret_set)
{
	struct name target;
	int err =
		name_replace_suffix(name, name_root, name_parent(cname->records[0].bytes), &target);
	if (err)
		return err;
	struct rrset *set = rrset_single(arena, name, TYPE_CNAME, cname->ttl, target.bytes,
		(uint16_t)name_size(target.bytes));
	if (set)
		*ret_set = set;
	return set ? 0 : RW_ENOMEM;
}

int rpz_data(const struct rpz_match *match, const uint8_t *name, uint16_t type, struct arena *arena,
	const struct rrset **ret_set)
{
	const struct rpz_rule *rule = match->data;
	const struct rpz_set *at = rule->sets;
	while (at && at->set.type != type && at->set.type != TYPE_CNAME && type != TYPE_ANY)
		at = at->next;
	*ret_set = NULL;
	if (!at)
		return 0;
	if (at->set.type == TYPE_CNAME && name_is_wildcard(at->set.records[0].bytes))
		return expand_target(&at->set, name, arena, ret_set);
	struct rrset *set = arena_dup(arena, &at->set, sizeof(*set));
	if (!set)
		return RW_ENOMEM;
	set->owner = name;
	*ret_set = set;
	return 0;
}
