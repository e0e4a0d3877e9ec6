/* SPDX-License-Identifier: MIT */
/* Reading the text of one block list into tables of names; see block.h for what lines mean. */
#ifndef RW_ZONES_BLOCK_READ_H
#define RW_ZONES_BLOCK_READ_H

#include "zones/fault.h"
#include "zones/name_table.h"

/* `kind` of a value; its `number` is the line, its `tag` the list. */
enum block_kind {
	BLOCK_EXACT, /* the name alone */
	BLOCK_BELOW, /* with all below */
};

#define BLOCK_AGAIN 0x80 /* beside the kind: a later list has the name, too */

struct block_names {
	struct name_table *block, *allow;
};

/* Adds, or widens what is there: the first line that says as much stays. */
int block_add(
	struct name_table *table, const uint8_t *name, const struct name_value *value) RW_MUSTCHECK;

/* RW_EINVAL with a fault: the list is of no use as a whole. RW_ENOMEM. */
int block_read(const char *path, const char *bytes, size_t size, struct fault_list *faults,
	struct block_names *names) RW_MUSTCHECK;

#endif
