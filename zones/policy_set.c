/* SPDX-License-Identifier: MIT */
/* Tables of rules: found among those of the snapshot before, or read. */
#include "zones/policy_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A key says all that decides what a table holds: kind, bounds, names of files and, for lists, the
 * exceptions.
 */
struct key {
	char *text; /* NULL: out of memory */
	size_t used, room;
};

static void key_add(struct key *key, const char *part)
{
	size_t size = strlen(part) + 1; /* parts are apart by a line end */
	if (key->used + size + 1 > key->room) {
		size_t room = 2 * (key->used + size + 1);
		char *text = realloc(key->text, room);
		if (!text) {
			free(key->text);
			*key = (struct key){0};
			return;
		}
		key->text = text;
		key->room = room;
	}
	memcpy(key->text + key->used, part, size);
	key->used += size;
	key->text[key->used - 1] = '\n';
	key->text[key->used] = '\0';
}

static void key_begin(struct key *key, const char *kind, uint64_t max_bytes)
{
	char text[32];
	(void)snprintf(text, sizeof(text), "%s %llu", kind, (unsigned long long)max_bytes);
	*key = (struct key){0};
	key_add(key, text);
}

static char *block_key(const struct block_settings *block)
{
	struct key key;
	char name[LIMIT_NAME_TEXT];
	key_begin(&key, "block", block->max_bytes);
	for (size_t i = 0; key.text && i < block->lists.count; i++)
		key_add(&key, block->lists.items[i]);
	for (size_t i = 0; key.text && i < block->allow.count; i++) {
		key_add(&key, "allow");
		if (key.text)
			key_add(&key, name_text(block->allow.items[i], name));
	}
	return key.text;
}

static char *rpz_key(const struct rpz_settings *zone, uint64_t max_bytes)
{
	struct key key;
	char name[LIMIT_NAME_TEXT];
	key_begin(&key, "rpz", max_bytes);
	if (key.text)
		key_add(&key, name_text(zone->name, name));
	if (key.text)
		key_add(&key, zone->file);
	return key.text;
}

static uint64_t block_stamp(const struct block_settings *block)
{
	return table_stamp((const char *const *)block->lists.items, block->lists.count);
}

static uint64_t rpz_stamp(const struct rpz_settings *zone)
{
	const char *const file = zone->file;
	return table_stamp(&file, 1);
}

static struct siphash_key roll(const struct env *env)
{
	struct siphash_key key;
	env->random(env->ctx, &key, sizeof(key));
	return key;
}

/* A table of this snapshot (another view may have it), or of the one before, if it still holds. */
static int find(const struct policy_source *source, const char *key, uint64_t stamp,
	struct table **ret_table)
{
	struct table *table = table_list_find(source->tables, key);
	*ret_table = table;
	if (table)
		return 0;
	table = table_list_find(source->old, key);
	if (!table || table->stamp != stamp)
		return 0;
	*ret_table = table;
	return table_list_add(source->tables, table_ref(table));
}

static int load_block(const struct policy_source *source, const char *key, uint64_t stamp,
	struct table **ret_table)
{
	const struct block_settings *block = source->block;
	const struct block_source from = {.lists = block->lists.items,
		.list_count = block->lists.count,
		.allow = block->allow.items,
		.allow_count = block->allow.count,
		.max_bytes = (size_t)block->max_bytes,
		.hash_key = roll(source->env),
		.key = key,
		.stamp = stamp,
		.old = source->old};
	struct block_table *table;
	int err = block_load(&from, source->faults, &table);
	if (err)
		return err;
	*ret_table = block_as_table(table);
	return table_list_add(source->tables, *ret_table);
}

static int add_block(const struct policy_source *source, struct policy_set *set)
{
	if (source->block->lists.count == 0 && source->block->allow.count == 0)
		return 0;
	char *key = block_key(source->block);
	if (!key)
		return RW_ENOMEM;
	uint64_t stamp = block_stamp(source->block);
	struct table *table;
	int err = find(source, key, stamp, &table);
	if (!err && !table)
		err = load_block(source, key, stamp, &table);
	free(key);
	if (!err)
		set->block = block_of_table(table);
	return err;
}

static int load_rpz(const struct policy_source *source, const struct rpz_settings *zone,
	const char *key, uint64_t stamp, struct table **ret_table)
{
	const struct rpz_source from = {.path = zone->file,
		.apex = zone->name,
		.max_bytes = (size_t)source->block->max_bytes,
		.hash_key = roll(source->env),
		.key = key,
		.stamp = stamp};
	struct rpz *rpz;
	int err = rpz_read(&from, source->faults, &rpz);
	if (err == RW_EINVAL) {
		struct table *old = table_list_find(source->old, key);
		if (old) {
			/* Only who builds snapshots looks at stamps: it is not tried again
			 * until the file has changed. */
			old->stamp = stamp;
			*ret_table = old;
			return table_list_add(source->tables, table_ref(old));
		}
		err = rpz_empty(&from, &rpz);
	}
	if (err)
		return err;
	*ret_table = rpz_as_table(rpz);
	return table_list_add(source->tables, *ret_table);
}

static int add_rpz(
	const struct policy_source *source, const struct rpz_settings *zone, struct policy_set *set)
{
	char *key = rpz_key(zone, source->block->max_bytes);
	if (!key)
		return RW_ENOMEM;
	uint64_t stamp = rpz_stamp(zone);
	struct table *table;
	int err = find(source, key, stamp, &table);
	if (!err && !table)
		err = load_rpz(source, zone, key, stamp, &table);
	free(key);
	if (err)
		return err;
	const struct rpz *rpz = rpz_of_table(table);
	set->zones[set->zone_count++] = rpz;
	set->waits |= rpz_has(rpz, RPZ_RESPONSE_IP) || rpz_has(rpz, RPZ_NSDNAME) ||
		      rpz_has(rpz, RPZ_NSIP);
	return 0;
}

int policy_set_build(const struct policy_source *source, struct policy_set *ret_set)
{
	struct policy_set set = {.answer = source->block->answer};
	int err = add_block(source, &set);
	if (!err && source->rpz->count > 0) {
		set.zones = calloc(source->rpz->count, sizeof(*set.zones));
		err = set.zones ? 0 : RW_ENOMEM;
	}
	for (size_t i = 0; !err && i < source->rpz->count; i++)
		err = add_rpz(source, &source->rpz->items[i], &set);
	if (err)
		policy_set_release(&set);
	else
		*ret_set = set;
	return err;
}

void policy_set_release(struct policy_set *set)
{
	free(set->zones);
	*set = (struct policy_set){0};
}

static bool is_outdated(const struct table_list *tables, char *key, uint64_t stamp)
{
	const struct table *table = key ? table_list_find(tables, key) : NULL;
	free(key);
	return table && table->stamp != stamp;
}

bool policy_set_is_outdated(const struct block_settings *block, const struct rpz_list *rpz,
	const struct table_list *tables)
{
	if ((block->lists.count > 0 || block->allow.count > 0) &&
		is_outdated(tables, block_key(block), block_stamp(block)))
		return true;
	for (size_t i = 0; i < rpz->count; i++)
		if (is_outdated(tables, rpz_key(&rpz->items[i], block->max_bytes),
			    rpz_stamp(&rpz->items[i])))
			return true;
	return false;
}
