/* SPDX-License-Identifier: MIT */
/*
 * Block lists of any bytes. What comes out is a table whose every name is blocked unless it is an
 * exception, and which never takes more memory than it may.
 */
#include "zones/block.h"
#include "zones/block_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)1 << 16)

static int examine(void *ctx, const uint8_t *name, const struct name_value *value)
{
	struct name_folded folded;
	struct name_value found;
	static const struct siphash_key key = {{3, 4}};
	rw_require(value->number > 0);
	name_fold(name, &key, &folded);
	rw_require(name_table_may_hold(ctx, &folded));
	rw_require(name_table_find(ctx, &folded, 0, &found));
	rw_require(found.number == value->number);
	return 0;
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
	name_table_free(names.block);
	name_table_free(names.allow);
	return 0;
}
