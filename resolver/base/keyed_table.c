/* SPDX-License-Identifier: MIT */
/* Chained buckets, twice as many whenever there are more items than buckets. */
#include "resolver/base/keyed_table.h"

#include <stdlib.h>
#include <string.h>

static struct keyed_entry **bucket_of(struct keyed_table *table, uint64_t hash)
{
	return table->buckets ? &table->buckets[hash & table->mask]
			      : &table->few[hash & (KEYED_FEW - 1)];
}

static void put(struct keyed_table *table, struct keyed_entry *entry)
{
	struct keyed_entry **bucket = bucket_of(table, entry->hash);
	entry->next = *bucket;
	*bucket = entry;
}

/* The oldest first, so that the newest comes first again when each of them is put elsewhere. */
static struct keyed_entry *reverse(struct keyed_entry *entry)
{
	struct keyed_entry *reversed = NULL;
	while (entry) {
		struct keyed_entry *next = entry->next;
		entry->next = reversed;
		reversed = entry;
		entry = next;
	}
	return reversed;
}

static void grow(struct keyed_table *table)
{
	size_t old_count = keyed_buckets(table);
	struct keyed_entry **buckets = calloc(2 * old_count, sizeof(struct keyed_entry *));
	if (!buckets)
		return;
	struct keyed_table old = *table;
	table->buckets = buckets;
	table->mask = 2 * old_count - 1;
	for (size_t i = 0; i < old_count; i++) {
		struct keyed_entry *entry = reverse(keyed_chain(&old, i));
		while (entry) {
			struct keyed_entry *next = entry->next;
			put(table, entry);
			entry = next;
		}
	}
	free(old.buckets);
}

int keyed_fix(struct keyed_table *table, size_t buckets)
{
	rw_require(table->count == 0 && buckets > 0 && (buckets & (buckets - 1)) == 0);
	struct keyed_entry **made = calloc(buckets, sizeof(struct keyed_entry *));
	if (!made)
		return RW_ENOMEM;
	free(table->buckets);
	table->buckets = made;
	table->mask = buckets - 1;
	table->is_fixed = true;
	return 0;
}

void keyed_release(struct keyed_table *table)
{
	free(table->buckets);
	*table = (struct keyed_table){.key = table->key};
}

void keyed_add(struct keyed_table *table, struct keyed_entry *entry, uint64_t hash)
{
	if (table->count >= keyed_buckets(table) && !table->is_fixed)
		grow(table);
	entry->hash = hash;
	put(table, entry);
	table->count++;
}

void keyed_remove(struct keyed_table *table, struct keyed_entry *entry)
{
	struct keyed_entry **link = bucket_of(table, entry->hash);
	while (*link && *link != entry)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = entry->next;
	table->count--;
}

struct keyed_entry *keyed_after(const struct keyed_table *table, const struct keyed_entry *entry)
{
	size_t count = keyed_buckets(table);
	size_t bucket = entry ? (entry->hash & (count - 1)) + 1 : 0;
	struct keyed_entry *next = entry ? entry->next : NULL;
	for (; !next && bucket < count; bucket++)
		next = keyed_chain(table, bucket);
	return next;
}
