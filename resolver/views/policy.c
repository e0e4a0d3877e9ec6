/* SPDX-License-Identifier: MIT */
/* The tables of block lists and policy zones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/views/inner.h"

/*
 * A key says all that decides what a table holds: kind, bounds, names of files and, for lists, the
 * exceptions.
 */
struct table_key {
	char *text; /* NULL: out of memory */
	size_t used, room;
};

static void key_add(struct table_key *key, const char *part)
{
	size_t size = strlen(part) + 1; /* parts are apart by a line end */
	if (key->used + size + 1 > key->room) {
		size_t room = 2 * (key->used + size + 1);
		char *text = realloc(key->text, room);
		if (!text) {
			free(key->text);
			*key = (struct table_key){0};
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

static void key_begin(struct table_key *key, const char *kind, uint64_t max_bytes)
{
	char text[32];
	(void)snprintf(text, sizeof(text), "%s %llu", kind, (unsigned long long)max_bytes);
	*key = (struct table_key){0};
	key_add(key, text);
}

static char *block_key(const struct block_settings *block)
{
	struct table_key key;
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
	struct table_key key;
	char name[LIMIT_NAME_TEXT];
	key_begin(&key, "rpz", max_bytes);
	if (key.text)
		key_add(&key, name_text(zone->name, name));
	if (key.text)
		key_add(&key, zone->file);
	return key.text;
}

/* Strangers write these files. */
static struct siphash_key roll(const struct build *b)
{
	const struct env *env = b->from->env ? b->from->env : env_real();
	struct siphash_key key;
	env->random(env->ctx, &key, sizeof(key));
	return key;
}

static int make_block(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	const struct block_source from = {.lists = b->block->lists.items,
		.list_count = b->block->lists.count,
		.allow = b->block->allow.items,
		.allow_count = b->block->allow.count,
		.max_bytes = (size_t)b->block->max_bytes,
		.hash_key = roll(b),
		.source = source,
		.old = b->from->old ? &b->from->old->tables : NULL};
	struct block_table *table;
	int err = block_load(&from, b->from->faults, &table);
	if (!err)
		*ret_table = block_as_table(table);
	return err;
}

static struct rpz_source rpz_source_of(const struct build *b, const struct table_source *source)
{
	return (struct rpz_source){.path = b->rpz->file,
		.apex = b->rpz->name,
		.max_bytes = (size_t)b->block->max_bytes,
		.hash_key = roll(b),
		.source = source};
}

static int make_rpz(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	const struct rpz_source from = rpz_source_of(b, source);
	struct rpz *rpz;
	int err = rpz_read(&from, b->from->faults, &rpz);
	if (!err)
		*ret_table = rpz_as_table(rpz);
	return err;
}

static int make_no_rpz(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	const struct rpz_source from = rpz_source_of(b, source);
	struct rpz *rpz;
	int err = rpz_empty(&from, &rpz);
	if (!err)
		*ret_table = rpz_as_table(rpz);
	return err;
}

static int add_block(const struct build *b, struct policy_set *set)
{
	struct table_source source = {
		.list = b->block->lists.items, .list_count = b->block->lists.count};
	struct table *table;
	if (b->block->lists.count == 0 && b->block->allow.count == 0)
		return 0;
	char *key = block_key(b->block);
	if (!key)
		return RW_ENOMEM;
	source.key = key;
	/* One that is wrong only in part is made all the same. */
	int err = views_acquire(b, &source, make_block, make_block, &table);
	free(key);
	if (!err)
		set->block = block_of_table(table);
	return err;
}

static int add_rpz(const struct build *b, struct policy_set *set)
{
	struct table_source source = {.files = {b->rpz->file}};
	struct table *table;
	char *key = rpz_key(b->rpz, b->block->max_bytes);
	if (!key)
		return RW_ENOMEM;
	source.key = key;
	int err = views_acquire(b, &source, make_rpz, make_no_rpz, &table);
	free(key);
	return err ? err : policy_set_add(set, rpz_of_table(table));
}

int views_build_policy(const struct build *b, const struct block_settings *block,
	const struct rpz_list *rpz, struct policy_set *ret_set)
{
	struct policy_set set = {.answer = block->answer};
	struct build own = *b;
	own.block = block;
	int err = add_block(&own, &set);
	for (size_t i = 0; !err && i < rpz->count; i++) {
		own.rpz = &rpz->items[i];
		err = add_rpz(&own, &set);
	}
	if (err)
		policy_set_release(&set);
	else
		*ret_set = set;
	return err;
}
