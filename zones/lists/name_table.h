/* SPDX-License-Identifier: MIT */
/*
 * A map from names to six bytes, for lists of a million names: built once, then immutable and read
 * by several threads. Small (about 40 bytes a name) and quick for names that are not in it: a
 * filter of two bytes a name is asked first, once, for the last two labels of the name in question.
 * What no listed name ends with costs one hash and one look at memory, however many names are
 * listed.
 *
 * The names come from strangers' files, so the hash is keyed.
 */
#ifndef RW_LISTS_NAME_TABLE_H
#define RW_LISTS_NAME_TABLE_H

#include "resolver/wire/name.h"

struct name_table;

/* What is kept beside a name; what it means is the owner's. */
struct name_value {
	uint8_t tag, kind;
	uint32_t number;
};

/* A name made ready for lookups: letters small, labels found, the last two hashed. */
struct name_folded {
	unsigned labels;
	unsigned size;
	uint64_t top_hash;        /* of the last two labels; of no meaning where there are fewer */
	uint8_t at[LIMIT_LABELS]; /* where each label begins, the root's included */
	uint8_t bytes[LIMIT_NAME_BYTES];
};

/* `key` is that of the tables it will be looked up in. */
void name_fold(const uint8_t *name, const struct siphash_key *key, struct name_folded *ret_folded);

/* An empty table that will take at most `cap` bytes. RW_ENOMEM. */
int name_table_new(
	const struct siphash_key *key, size_t cap, struct name_table **ret_table) RW_MUSTCHECK;
void name_table_free(struct name_table *table); /* NULL does nothing */

/*
 * Adds a name in small letters. RW_EBUSY: it is there, with the value in `ret_there`; RW_ELIMIT:
 * the cap is reached; RW_ENOMEM.
 */
int name_table_add(struct name_table *table, const uint8_t *name, const struct name_value *value,
	struct name_value *ret_there) RW_MUSTCHECK;

/* Gives a name that is there another value. */
void name_table_set(struct name_table *table, const uint8_t *name, const struct name_value *value);

/* No more names: makes the filter and gives back what is not used. RW_ENOMEM. */
int name_table_finish(struct name_table *table) RW_MUSTCHECK;

size_t name_table_cap(const struct name_table *table);
size_t name_table_count(const struct name_table *table);
size_t name_table_bytes(const struct name_table *table); /* of memory, all told */

/* Calls `see` with each name in the order they came; 0 from it goes on. Returns what it did. */
int name_table_each(const struct name_table *table,
	int (*see)(void *ctx, const uint8_t *name, const struct name_value *value),
	void *ctx) RW_MUSTCHECK;

/* Has the memory fetched that name_table_may_hold will look at. `table` may be NULL. */
void name_table_prefetch(const struct name_table *table, const struct name_folded *name);

/*
 * Whether the name or one above it may be in the (finished) table; false is sure. `table` may be
 * NULL.
 */
bool name_table_may_hold(const struct name_table *table, const struct name_folded *name);

/* The value of the name without its first `skip` labels. */
bool name_table_find(const struct name_table *table, const struct name_folded *name, unsigned skip,
	struct name_value *ret_value) RW_MUSTCHECK;

#endif
