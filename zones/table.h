/* SPDX-License-Identifier: MIT */
/*
 * A table: what was read from one source (a zone file, a file of hosts or leases, a block list, a
 * section of the configuration), immutable once built, counted by its users in any thread, freed
 * by the last. Snapshots share tables, so that a change of one file builds one table anew.
 *
 * A table knows what it was made of: its `key` names the kind of source, the file and whatever
 * else decides what comes out, and its `stamp` the state of the file when it was read. Who builds
 * a snapshot looks among the tables of the one before for the same key and stamp.
 */
#ifndef RW_ZONES_TABLE_H
#define RW_ZONES_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

/* The first member of what is shared. */
struct table {
	_Atomic unsigned users;
	void (*free)(struct table *table); /* called by the last user */
	char *key;                         /* the table's; NULL: it is not looked for */
	uint64_t stamp;                    /* of its file; 0: there was none */
};

/* The caller is the first user. `key` is copied; NULL: none. RW_ENOMEM: as it was. */
int table_init(struct table *table, void (*free)(struct table *table), const char *key,
	uint64_t stamp) RW_MUSTCHECK;

/* Both return what they are given; NULL does nothing. */
struct table *table_ref(struct table *table);
void table_unref(struct table *table);

/*
 * The state of files: changes whenever one of them is written, replaced, removed or comes to be.
 * 0: none of them is there.
 */
uint64_t table_stamp(const char *const *files, size_t count);

/* The tables of a snapshot, each with one use. Zeroed at first. */
struct table_list {
	struct table **items;
	size_t count, room;
};

/* Takes over the caller's use of the table, on failure too. RW_ENOMEM. */
int table_list_add(struct table_list *list, struct table *table) RW_MUSTCHECK;
void table_list_release(struct table_list *list);

/* The table of that key, or NULL; the list (may be NULL) keeps its use. */
struct table *table_list_find(const struct table_list *list, const char *key);

#endif
