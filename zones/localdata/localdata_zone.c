/* SPDX-License-Identifier: MIT */
/* What is made of a zone when it becomes ours. */
#include "zones/localdata/localdata_zone.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

#define LOOKUP_BYTES (1 << 16) /* a name and what an alias of a DNAME takes */

static void free_localdata_zone(struct table *table)
{
	struct localdata_zone *ours = rw_container_of(table, struct localdata_zone, table);
	zone_free(ours->zone);
	hosts_unref(ours->back);
	if (ours->cache)
		cache_free(ours->cache);
	free(ours->apex);
	free(ours);
}

struct back_records {
	struct localdata_zone *ours;
	struct arena arena; /* of one look-up */
	bool delegates;
};

static int add_back(struct back_records *records, const struct rrset *set)
{
	int err = 0;
	for (unsigned i = 0; i < set->count && !err; i++) {
		const struct addr addr =
			addr_from_bytes(set->records[i].bytes, set->records[i].size, 0);
		const struct host_entry entry = {.name = set->owner,
			.addr = &addr,
			.until_ms = HOSTS_FOREVER,
			.ttl = set->ttl,
			.only_back = true};
		err = hosts_add(records->ours->back, &entry);
		/* An address that so many names share leads back to the first of them; and where
		 * a zone is so large that the table is full, the first addresses lead back. */
		if (err == RW_ELIMIT || err == RW_ENOMEM)
			err = 0;
	}
	return err;
}

/* Glue is the child's, and a wildcard is no name. */
static int see(void *ctx, const struct rrset *set)
{
	struct back_records *records = ctx;
	const struct question question = {set->owner, set->type, CLASS_IN};
	struct answer answer;
	struct zone_beside beside;
	if (set->type == TYPE_NS && !name_equal(set->owner, records->ours->apex))
		records->delegates = true;
	if ((set->type != TYPE_A && set->type != TYPE_AAAA) || name_is_wildcard(set->owner))
		return 0;
	arena_clear(&records->arena);
	int err = zone_lookup(records->ours->zone, &question, &records->arena, &answer, &beside);
	if (err || answer.outcome != ANSWER_POSITIVE)
		return err;
	return add_back(records, set);
}

static int survey_zone(
	struct localdata_zone *ours, const struct env *env, const struct cache_params *params)
{
	struct back_records records = {.ours = ours};
	int err = hosts_new(LIMIT_NAMES_TABLE, NULL, &ours->back);
	if (err)
		return err;
	arena_init(&records.arena, LOOKUP_BYTES);
	err = zone_walk(ours->zone, see, &records);
	arena_release(&records.arena);
	if (!err)
		err = hosts_finish(ours->back);
	if (err || !records.delegates)
		return err;
	struct cache_params small = *params;
	small.size_bytes = LIMIT_LOCALDATA_CACHE_BYTES;
	return cache_new(&small, env, &ours->cache);
}

int localdata_zone_new(const uint8_t *apex, struct zone *zone, const struct table_source *source,
	const struct env *env, const struct cache_params *params, struct localdata_zone **ret_zone)
{
	size_t size = name_size(apex);
	struct localdata_zone *ours = calloc(1, sizeof(*ours));
	uint8_t *copy = malloc(size);
	if (!ours || !copy || table_init(&ours->table, free_localdata_zone, source)) {
		free(ours);
		free(copy);
		zone_free(zone);
		return RW_ENOMEM;
	}
	memcpy(copy, apex, size);
	ours->apex = copy;
	ours->zone = zone;
	int err = zone ? survey_zone(ours, env, params) : 0;
	if (err) {
		table_unref(&ours->table);
		return err;
	}
	*ret_zone = ours;
	return 0;
}
