/* SPDX-License-Identifier: MIT */
/*
 * Block lists of any bytes. What comes out is a table of names and one of exceptions, where each
 * name means something, none is the machine's own, and which never take more memory than they may.
 * A rule is what a lookup finds, unless an exception is for it.
 */
#include "zones/lists/block.h"
#include "zones/lists/block_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)1 << 16)

static int examine(void *ctx, const uint8_t *name, const struct name_value *value)
{
	struct name_folded folded;
	struct name_value found;
	static const struct siphash_key key = {{3, 4}};
	rw_require(value->number > 0 && value->kind & BLOCK_BELOW);
	/* The rules marked important are a subset of all rules. */
	rw_require((value->kind / BLOCK_SELF_IMPORTANT & BLOCK_BELOW & ~value->kind) == 0);
	rw_require(!name_equal(name, (const uint8_t *)"\11localhost"));
	name_fold(name, &key, &folded);
	rw_require(name_table_may_hold(ctx, &folded));
	rw_require(name_table_find(ctx, &folded, 0, &found));
	rw_require(found.number == value->number);
	return 0;
}

static int look_up(void *ctx, const uint8_t *name, const struct name_value *value)
{
	struct block_match match;
	bool important = value->kind & BLOCK_SELF_IMPORTANT;
	if (value->kind & BLOCK_SELF && !block_lookup(ctx, name, &match))
		rw_require(block_excepts(ctx, name));
	if (important && !block_excepts(ctx, name))
		rw_require(block_lookup(ctx, name, &match));
	return 0;
}

/* The same list as a table, which must be of the same mind. */
static void examine_table(const uint8_t *data, size_t size, const struct block_names *names)
{
	static struct fault_list faults;
	struct block_table *table;
	faults = (struct fault_list){0};
	if (block_load_bytes("list", (const char *)data, size, 4 * ROOM, &faults, &table))
		return;
	rw_require(block_count(table) == name_table_count(names->block));
	rw_require(name_table_each(names->block, look_up, table) == 0);
	block_unref(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct siphash_key key = {{3, 4}};
	static struct fault_list faults;
	struct block_names names = {NULL, NULL};
	faults = (struct fault_list){0};
	if (name_table_new(&key, ROOM, &names.block) || name_table_new(&key, ROOM, &names.allow))
		return 0;
	int err = block_read("list", (const char *)data, size, &faults, &names);
	rw_require(err == 0 || faults.errors > 0);
	for (size_t i = 0; i < RW_MIN(faults.count, (size_t)LIMIT_FILE_FAULTS); i++)
		for (const char *at = faults.items[i].message; *at; at++)
			rw_require(*at >= 0x20 && *at < 0x7f);
	rw_require(name_table_bytes(names.block) <= ROOM);
	if (!name_table_finish(names.block))
		rw_require(name_table_each(names.block, examine, names.block) == 0);
	if (!name_table_finish(names.allow))
		rw_require(name_table_each(names.allow, examine, names.allow) == 0);
	if (err == 0)
		examine_table(data, size, &names);
	name_table_free(names.block);
	name_table_free(names.allow);
	return 0;
}
