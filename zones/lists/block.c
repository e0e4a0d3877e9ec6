/* SPDX-License-Identifier: MIT */
/* Lists read one by one, each into a table of its own, and put together into one for all. */
#include "zones/lists/block.h"

#include <stdlib.h>
#include <string.h>

#include "zones/lists/block_read.h"

#define ALLOW_LINE 0 /* of exceptions that the configuration names, not a list */

struct block_table {
	struct table table;
	struct siphash_key key;
	size_t max_bytes;
	struct block_names names;
	char **lists;
	size_t list_count;
};

/* ---- one list ---- */

static void names_free(struct block_names *names)
{
	name_table_free(names->block);
	name_table_free(names->allow);
}

static int names_new(const struct siphash_key *key, size_t cap, struct block_names *ret_names)
{
	struct block_names names = {NULL, NULL};
	int err = name_table_new(key, cap, &names.block);
	if (!err)
		err = name_table_new(key, cap, &names.allow);
	if (err)
		names_free(&names);
	else
		*ret_names = names;
	return err;
}

static size_t names_bytes(const struct block_names *names)
{
	return name_table_bytes(names->block) + name_table_bytes(names->allow);
}

/*
 * One table's names into another's, under another tag; with `only`, those of that tag. A name that
 * stood in several lists has the first one's tag, and may have been in that list as well.
 */
struct pouring {
	struct name_table *to;
	uint8_t tag;
	const uint8_t *only;
};

static bool is_meant(const struct pouring *pouring, const struct name_value *value)
{
	/* What an older configuration has spared is no list's. */
	return value->number != ALLOW_LINE &&
	       (!pouring->only || value->tag == *pouring->only || value->kind & BLOCK_AGAIN);
}

static int pour_one(void *ctx, const uint8_t *name, const struct name_value *value)
{
	const struct pouring *pouring = ctx;
	struct name_value given = *value, there;
	if (!is_meant(pouring, value))
		return 0;
	given.tag = pouring->tag;
	given.kind &= (uint8_t)~BLOCK_AGAIN;
	int err = name_table_add(pouring->to, name, &given, &there);
	if (err != RW_EBUSY)
		return err;
	uint8_t kind = given.kind | there.kind | BLOCK_AGAIN;
	bool says_more = kind != (there.kind | BLOCK_AGAIN);
	struct name_value both = says_more ? given : there;
	both.kind = kind;
	name_table_set(pouring->to, name, &both);
	return 0;
}

/* The first list need not be copied: its names are all there are, and its tag is 0 already. */
static void take_first(struct block_names *from, struct block_table *to, size_t list)
{
	struct name_table *empty = to->names.block;
	if (list > 0 || name_table_count(empty) > 0)
		return;
	to->names.block = from->block;
	from->block = empty;
}

static int pour(
	const struct block_names *from, const uint8_t *only, struct block_table *to, size_t list)
{
	struct pouring pouring = {to->names.block, (uint8_t)list, only};
	int err = name_table_each(from->block, pour_one, &pouring);
	pouring.to = to->names.allow;
	return err ? err : name_table_each(from->allow, pour_one, &pouring);
}

static int say_too_much(const struct block_table *table, size_t list, struct fault_list *faults)
{
	fault_error(faults, table->lists[list], 0,
		"with the lists before it, its names take more than %zu bytes of memory, which is "
		"block.max-bytes: raise that, or take fewer lists",
		table->max_bytes);
	return RW_EINVAL;
}

static int add_list(struct block_table *table, size_t list, const char *bytes, size_t size,
	struct fault_list *faults)
{
	struct block_names names;
	int err = names_new(&table->key, table->max_bytes, &names);
	if (err)
		return err;
	err = block_read(table->lists[list], bytes, size, faults, &names);
	/* Not a name of a list is taken unless all are. */
	if (!err && names_bytes(&names) + names_bytes(&table->names) > table->max_bytes)
		err = say_too_much(table, list, faults);
	if (!err) {
		take_first(&names, table, list);
		err = pour(&names, NULL, table, list);
	}
	if (err == RW_ELIMIT)
		err = say_too_much(table, list, faults);
	names_free(&names);
	return err;
}

/* RW_ENOTFOUND: the old table did not have this list. */
static int pour_old(const struct block_table *old, struct block_table *table, size_t list)
{
	for (size_t i = 0; i < old->list_count; i++) {
		uint8_t tag = (uint8_t)i;
		if (strcmp(old->lists[i], table->lists[list]) == 0)
			return pour(&old->names, &tag, table, list);
	}
	return RW_ENOTFOUND;
}

/* What an older table had of the list; it may be nothing. */
static int add_old(struct block_table *table, size_t list, const struct table_list *old,
	struct fault_list *faults)
{
	int err = RW_ENOTFOUND;
	for (size_t i = 0; err == RW_ENOTFOUND && old && i < old->count; i++) {
		const struct block_table *from = block_of_table(old->items[i]);
		if (from)
			err = pour_old(from, table, list);
	}
	if (err == RW_ELIMIT)
		return say_too_much(table, list, faults);
	return err == RW_ENOTFOUND ? 0 : err;
}

static int load_list(struct block_table *table, size_t list, const struct table_list *old,
	struct fault_list *faults)
{
	char *bytes;
	size_t size;
	int err = fault_read_file(table->lists[list], table->max_bytes, faults, &bytes, &size);
	if (!err) {
		err = add_list(table, list, bytes, size, faults);
		free(bytes);
	}
	if (err != RW_EINVAL)
		return err;
	table->table.faulty = true;
	err = add_old(table, list, old, faults);
	return err == RW_EINVAL ? 0 : err;
}

/* ---- the table ---- */

static void free_table(struct table *shared)
{
	struct block_table *table = rw_container_of(shared, struct block_table, table);
	names_free(&table->names);
	for (size_t i = 0; i < table->list_count; i++)
		free(table->lists[i]);
	free(table->lists);
	free(table);
}

void block_unref(struct block_table *table)
{
	if (table)
		table_unref(&table->table);
}

struct table *block_as_table(struct block_table *table)
{
	return &table->table;
}

struct block_table *block_of_table(struct table *table)
{
	return table->free == free_table ? rw_container_of(table, struct block_table, table) : NULL;
}

static int table_new(const struct block_source *source, struct block_table **ret_table)
{
	struct block_table *table = calloc(1, sizeof(*table));
	if (!table)
		return RW_ENOMEM;
	if (table_init(&table->table, free_table, source->source)) {
		free(table);
		return RW_ENOMEM;
	}
	table->key = source->hash_key;
	table->max_bytes = source->max_bytes ? source->max_bytes : LIMIT_BLOCK_BYTES;
	table->lists = calloc(source->list_count + 1, sizeof(*table->lists));
	int err =
		table->lists ? names_new(&table->key, table->max_bytes, &table->names) : RW_ENOMEM;
	for (size_t i = 0; !err && i < source->list_count; i++, table->list_count++)
		if (!(table->lists[i] = strdup(source->lists[i])))
			err = RW_ENOMEM;
	if (err) {
		block_unref(table);
		return err;
	}
	*ret_table = table;
	return 0;
}

static int add_allowed(struct block_table *table, const struct block_source *source)
{
	const struct name_value value = {
		.kind = BLOCK_BELOW | BLOCK_IMPORTANT, .number = ALLOW_LINE};
	int err = 0;
	for (size_t i = 0; !err && i < source->allow_count; i++) {
		uint8_t name[LIMIT_NAME_BYTES];
		(void)name_lower(source->allow[i], name);
		err = block_add(table->names.allow, name, &value);
	}
	return err;
}

static int finish(struct block_table *table)
{
	int err = name_table_finish(table->names.block);
	return err ? err : name_table_finish(table->names.allow);
}

int block_load(const struct block_source *source, struct fault_list *faults,
	struct block_table **ret_table)
{
	struct block_table *table;
	int err = table_new(source, &table);
	if (err)
		return err;
	err = add_allowed(table, source);
	for (size_t i = 0; !err && i < source->list_count; i++)
		err = load_list(table, i, source->old, faults);
	if (!err)
		err = finish(table);
	if (err) {
		block_unref(table);
		return err;
	}
	*ret_table = table;
	return 0;
}

int block_load_bytes(const char *name, const char *bytes, size_t size, size_t max_bytes,
	struct fault_list *faults, struct block_table **ret_table)
{
	char *list = strdup(name);
	const struct block_source source = {
		.lists = &list, .list_count = 1, .max_bytes = max_bytes};
	struct block_table *table;
	int err = list ? table_new(&source, &table) : RW_ENOMEM;
	free(list);
	if (err)
		return err;
	err = add_list(table, 0, bytes, size, faults);
	if (!err)
		err = finish(table);
	if (err) {
		block_unref(table);
		return err;
	}
	*ret_table = table;
	return 0;
}

/* ---- lookups ---- */

/*
 * The closest entry that is for the name: its own with one of the bits `self`, one above it with
 * one of `under`. `ret_skip`: labels of the name that the entry lacks. The root is nobody's to
 * block.
 */
static bool find(const struct name_table *in, const struct name_folded *folded, uint8_t self,
	uint8_t under, struct name_value *ret_value, unsigned *ret_skip)
{
	struct name_value value;
	if (!name_table_may_hold(in, folded))
		return false;
	for (unsigned skip = 0; skip <= folded->labels; skip++) {
		if (!name_table_find(in, folded, skip, &value) ||
			!(value.kind & (skip == 0 ? self : under)))
			continue;
		*ret_value = value;
		*ret_skip = skip;
		return true;
	}
	return false;
}

/* An important rule or exception, or one of any kind. */
static bool find_rule(const struct name_table *in, const struct name_folded *folded, bool important,
	struct name_value *ret_value, unsigned *ret_skip)
{
	return important ? find(in, folded, BLOCK_SELF_IMPORTANT, BLOCK_UNDER_IMPORTANT, ret_value,
				   ret_skip)
			 : find(in, folded, BLOCK_SELF, BLOCK_UNDER, ret_value, ret_skip);
}

/* Whether the configuration has an exception for the name. */
static bool is_allowed(const struct block_table *table, const struct name_folded *folded)
{
	struct name_value value;
	if (!name_table_may_hold(table->names.allow, folded))
		return false;
	for (unsigned skip = 0; skip <= folded->labels; skip++)
		if (name_table_find(table->names.allow, folded, skip, &value) &&
			value.number == ALLOW_LINE)
			return true;
	return false;
}

void block_begin(
	const struct block_table *table, const uint8_t *name, struct name_folded *ret_folded)
{
	if (!table)
		return;
	name_fold(name, &table->key, ret_folded);
	name_table_prefetch(table->names.block, ret_folded);
}

bool block_may_have(const struct block_table *table, const struct name_folded *folded)
{
	return table && name_table_may_hold(table->names.block, folded);
}

bool block_lookup(
	const struct block_table *table, const uint8_t *name, struct block_match *ret_match)
{
	struct name_folded folded;
	struct name_value rule, exception;
	unsigned skip, ignored;
	if (!table)
		return false;
	name_fold(name, &table->key, &folded);
	if (!find_rule(table->names.block, &folded, false, &rule, &skip))
		return false;
	if (find_rule(table->names.allow, &folded, false, &exception, &ignored) &&
		(find_rule(table->names.allow, &folded, true, &exception, &ignored) ||
			!find_rule(table->names.block, &folded, true, &rule, &skip)))
		return false;
	*ret_match = (struct block_match){.list = table->lists[rule.tag],
		.line = rule.number,
		.labels = folded.labels - skip};
	return true;
}

bool block_excepts(const struct block_table *table, const uint8_t *name)
{
	struct name_folded folded;
	struct name_value value;
	unsigned skip;
	if (!table || name_table_count(table->names.allow) == 0)
		return false;
	name_fold(name, &table->key, &folded);
	return find_rule(table->names.allow, &folded, false, &value, &skip);
}

bool block_spares(const struct block_table *table, const uint8_t *name)
{
	struct name_folded folded;
	if (!table || name_table_count(table->names.allow) == 0)
		return false;
	name_fold(name, &table->key, &folded);
	return is_allowed(table, &folded);
}

size_t block_count(const struct block_table *table)
{
	return name_table_count(table->names.block);
}

size_t block_bytes(const struct block_table *table)
{
	return sizeof(*table) + names_bytes(&table->names);
}
