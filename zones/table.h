/* SPDX-License-Identifier: MIT */
/*
 * A table: what was read from one source (a zone file, a file of hosts or leases, a block list, a
 * section of the configuration), immutable once built, counted by its users in any thread, freed
 * by the last. Older and newer views share tables, so that a change of one file builds one table
 * anew.
 *
 * A table knows what it was made of: its `key` names the kind of source, the file and whatever
 * else decides what comes out, and its `stamp` the state of the file when it was read. Whoever
 * builds new views looks among the tables of the older ones for the same key and stamp. Files that
 * the source has drawn in ($INCLUDE) become known while it is read, and are watched like it.
 */
#ifndef RW_ZONES_TABLE_H
#define RW_ZONES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

#define TABLE_FILES 4 /* one with its companions */

/* What a table is made of. */
struct table_source {
	const char *key;
	const char *files[TABLE_FILES]; /* NULL behind the last; the first is the one configured */
	char *const *list;              /* of files; `list_count`, instead of these or none */
	size_t list_count;
	uint64_t stamp;                  /* taken before they were read; 0: none was there */
	struct table_included *included; /* where its reader puts them; may be NULL */
};

/* Files that were drawn in, and their state when that began. Zeroed at first. */
struct table_included {
	char **files;
	size_t count;
	uint64_t stamp;
};

/* The first member of what is shared. */
struct table {
	_Atomic unsigned users;
	void (*free)(struct table *table); /* called by the last user */
	char *key;                         /* the table's; NULL: it is not looked for */
	char **files;                      /* `file_count` of them */
	size_t file_count;

	/* These belong to the one thread that builds views; nobody else looks at them. */
	uint64_t stamp;
	struct table_included included;
	bool faulty;          /* the last reading has failed: this is an older state, or nothing */
	int64_t clock_offset; /* s of wall clock at monotonic 0, when leases were read; else 0 */
};

/* The caller is the first user. `source` may be NULL: never looked for. RW_ENOMEM: as it was. */
int table_init(struct table *table, void (*free)(struct table *table),
	const struct table_source *source) RW_MUSTCHECK;

/* Both return what they are given; NULL does nothing. */
struct table *table_ref(struct table *table);
void table_unref(struct table *table);

/* Its file, of several the first; NULL: it is of none. */
static inline const char *table_file(const struct table *table)
{
	return table->file_count > 0 ? table->files[0] : NULL;
}

/*
 * The state of files: changes whenever one of them is written, replaced, removed or comes to be.
 * 0: none of them is there.
 */
uint64_t table_stamp(const struct table_source *source);

/* To be called before the file is opened: it is watched whether it can be read or not. RW_ENOMEM.
 */
int table_include(struct table_included *included, const char *file) RW_MUSTCHECK;
void table_included_release(struct table_included *included);

/* The table was last read with these files; takes them over. */
void table_set_included(struct table *table, struct table_included *included);

/* Whether its files are not as they were. */
bool table_is_outdated(const struct table *table);

/* The tables of all views, each with one use. Zeroed at first. */
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
