/* SPDX-License-Identifier: MIT */
/* Reading the text of one block list into tables of names; see block.h for what lines mean. */
#ifndef RW_LISTS_BLOCK_READ_H
#define RW_LISTS_BLOCK_READ_H

#include "zones/fault.h"
#include "zones/lists/name_table.h"

/* `kind` of a value is made of these bits; its `number` is the line, its `tag` the list. */
enum block_kind {
	BLOCK_SELF = 1,            /* the name itself */
	BLOCK_UNDER = 2,           /* all names below it */
	BLOCK_SELF_IMPORTANT = 4,  /* beside BLOCK_SELF: an ordinary exception does not spare it */
	BLOCK_UNDER_IMPORTANT = 8, /* the same of names below */
	BLOCK_AGAIN = 0x80,        /* a later list has the name, too */
	BLOCK_BELOW = BLOCK_SELF | BLOCK_UNDER,
	BLOCK_IMPORTANT = BLOCK_SELF_IMPORTANT | BLOCK_UNDER_IMPORTANT,
};

struct block_names {
	struct name_table *block, *allow;
};

/* Adds, or widens what is there: the first line that says as much stays. RW_ELIMIT, RW_ENOMEM. */
int block_add(
	struct name_table *table, const uint8_t *name, const struct name_value *value) RW_MUSTCHECK;

/* RW_EINVAL with a fault: the list is of no use as a whole. RW_ENOMEM. */
int block_read(const char *path, const char *bytes, size_t size, struct fault_list *faults,
	struct block_names *names) RW_MUSTCHECK;

#endif
