/* SPDX-License-Identifier: MIT */
/*
 * A table from address prefixes to numbers, asked for the longest prefix that contains an address.
 * Entries go in one by one, prefix_table_finish sorts them, and from then on it is immutable. An
 * IPv4 prefix is kept as one of ::ffff:0:0/96.
 */
#ifndef RW_LISTS_PREFIX_TABLE_H
#define RW_LISTS_PREFIX_TABLE_H

#include "resolver/base/addr.h"

struct prefix_entry {
	uint8_t ip[16];
	uint8_t bits; /* 0..128 */
	uint8_t kind; /* the owner's */
	uint32_t number;
};

/* Zeroed at first. */
struct prefix_table {
	struct prefix_entry *items;
	size_t count, room;
	struct {
		uint8_t bits;
		size_t first, end; /* in `items` */
	} lengths[129];            /* longest first */
	size_t length_count;
};

int prefix_table_add(struct prefix_table *table, const struct prefix *prefix, uint8_t kind,
	uint32_t number) RW_MUSTCHECK; /* RW_ENOMEM */

/* Of two equal prefixes, the one with the lower number stays. */
void prefix_table_finish(struct prefix_table *table);
void prefix_table_release(struct prefix_table *table);

/* The longest prefix with the address in it, or NULL. */
const struct prefix_entry *prefix_table_find(
	const struct prefix_table *table, const struct addr *addr);

#endif
