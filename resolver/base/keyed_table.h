/* SPDX-License-Identifier: MIT */
/*
 * The hash table of this program. Its entries are members of the items that they lead to, so that
 * nothing is allocated for an item and adding one cannot fail. The user of a table hashes the keys
 * of its items with the table's key, which must be secret if strangers choose the items, and
 * compares the few items that have the same hash:
 *
 * 	keyed_match(struct job, job, &engine->table, hash, entry)
 * 		if (question_equal(&job->question, question))
 * 			return job;
 *
 * There are never more than twice as many buckets as the table has had items at one time. When
 * there is no memory for more buckets, the table becomes slower and stays correct. Zeroes and a key
 * are an empty table. The items belong to the code that made them. Not safe for several threads.
 */
#ifndef RW_BASE_KEYED_TABLE_H
#define RW_BASE_KEYED_TABLE_H

#include <stdbool.h>

#include "resolver/base/rw.h"
#include "resolver/base/siphash.h"

#define KEYED_FEW 16 /* buckets before any are allocated; a power of two */

struct keyed_entry {
	struct keyed_entry *next; /* in its bucket */
	uint64_t hash;
};

struct keyed_table {
	struct siphash_key key;
	struct keyed_entry **buckets; /* NULL: `few` */
	size_t mask;                  /* buckets less one, where `buckets` is not NULL */
	size_t count;                 /* items */
	bool is_fixed;                /* has as many buckets as it may */
	struct keyed_entry *few[KEYED_FEW];
};

/* Takes memory for so many buckets (a power of two) now, and for no others later, so that the
 * caller knows what an empty table costs. RW_ENOMEM. */
int keyed_fix(struct keyed_table *table, size_t buckets) RW_MUSTCHECK;

/* Frees the buckets but not the items; leaves an empty table. */
void keyed_release(struct keyed_table *table);

/* Adds an entry that is in no table. Of items with the same hash the newest is found first. */
void keyed_add(struct keyed_table *table, struct keyed_entry *entry, uint64_t hash);

/* Takes the entry out; does nothing when it is not in this table. */
void keyed_remove(struct keyed_table *table, struct keyed_entry *entry);

/* What follows the entry in a run over the whole table; NULL stands for the beginning and the end.
 */
struct keyed_entry *keyed_after(const struct keyed_table *table, const struct keyed_entry *entry);

static inline size_t keyed_buckets(const struct keyed_table *table)
{
	return table->buckets ? table->mask + 1 : KEYED_FEW;
}

/* The first entry of a bucket, which may be named by its number or by any hash that leads there. */
static inline struct keyed_entry *keyed_chain(const struct keyed_table *table, uint64_t bucket)
{
	return table->buckets ? table->buckets[bucket & table->mask]
			      : table->few[bucket & (KEYED_FEW - 1)];
}

/* The first entry with that hash from `entry` on in its bucket, or NULL. */
static inline struct keyed_entry *keyed_same(struct keyed_entry *entry, uint64_t hash)
{
	while (entry && entry->hash != hash)
		entry = entry->next;
	return entry;
}

static inline struct keyed_entry *keyed_entry_of(const struct keyed_table *table, uint64_t hash)
{
	return keyed_same(keyed_chain(table, hash), hash);
}

/* The item around an entry, or NULL. */
static inline void *keyed_object(struct keyed_entry *entry, size_t offset)
{
	return entry ? (char *)entry - offset : NULL;
}
#define keyed_item(entry, type, member) ((type *)keyed_object((entry), offsetof(type, member)))

/* The first item with that hash, and the next one with the hash of `item`. */
#define keyed_first(table, hash, type, member) keyed_item(keyed_entry_of(table, hash), type, member)
#define keyed_next(item, type, member)                                                             \
	keyed_item(keyed_same((item)->member.next, (item)->member.hash), type, member)

/* Runs over the items with that hash. */
#define keyed_match(type, item, table, hash, member)                                               \
	for (type *item = keyed_first(table, hash, type, member); item;                            \
		item = keyed_next(item, type, member))

/* Runs over all items, in no order. The body may take out the item at hand, but add nothing. */
#define keyed_each(type, item, table, member)                                                      \
	for (type *item = keyed_item(keyed_after(table, NULL), type, member), *item##_next;        \
		item &&                                                                            \
		(item##_next = keyed_item(keyed_after(table, &item->member), type, member), true); \
		item = item##_next)

#endif
