/* SPDX-License-Identifier: MIT */
/*
 * Block lists: names that are not answered, as hundreds of thousands of them are published in
 * files. A list may mix these kinds of lines; each means what it means to the programs that it was
 * written for:
 *
 *   0.0.0.0 name ...       (hosts; also 127.x, ::, ::1)  these names alone      Pi-hole, AdGuard
 *   name                   (domain list)                 this name alone        Pi-hole, AdGuard
 *   *.name   .name         (wildcard list)               the name and all below Blocky, dnsmasq
 *   ||name^  ||name^|      (adblock)                     the name and all below Pi-hole, AdGuard
 *   |name^   |name|        (adblock)                     this name alone        AdGuard
 *   ||*.name^              (adblock)                     all names below        AdGuard
 *   address=/name/         (dnsmasq; also server=, local=, 0.0.0.0 or # behind) with all below
 *   # ! [                                                comments; # also behind a name
 *
 * An adblock rule behind @@ is an exception, as is `server=/name/#`: it spares what it would block.
 * With $important a rule wins over exceptions without it.
 *
 * Names that every hosts file has (localhost, ip6-allnodes, ...) are passed over in every form.
 * Adblock rules with other options, paths or patterns, and lines that lead to real addresses,
 * cannot be expressed as names: they are left out and counted, exceptions apart from the others.
 * What is none of all that is a bad line: it is told with its number, and left out.
 *
 * Tables are built in one go, then immutable. Of a list that is of no use as a whole (no file, too
 * large, no text, no name in it) an older table's names stay in use.
 */
#ifndef RW_LISTS_BLOCK_H
#define RW_LISTS_BLOCK_H

#include "zones/fault.h"
#include "zones/lists/name_table.h"
#include "zones/table.h"

struct block_table; /* begins with its struct table */

/* What to build a table from. */
struct block_source {
	char *const *lists; /* file names, at most LIMIT_CONFIG_LIST */
	size_t list_count;
	uint8_t *const *allow; /* names that are never blocked, with all below */
	size_t allow_count;
	size_t max_bytes; /* of one file, and of the table; 0: LIMIT_BLOCK_BYTES */
	struct siphash_key hash_key;
	const struct table_source *source; /* of the table; see table.h */
	const struct table_list *old; /* tables that lend the names of a list that cannot be read */
};

/*
 * Reads the lists; what is wrong with them and with their lines is told as faults. RW_ENOMEM only.
 * The caller is the first user.
 */
int block_load(const struct block_source *source, struct fault_list *faults,
	struct block_table **ret_table) RW_MUSTCHECK;

/* The same with the bytes of one list at hand; `name` stands for its file. RW_EINVAL with a fault.
 */
int block_load_bytes(const char *name, const char *bytes, size_t size, size_t max_bytes,
	struct fault_list *faults, struct block_table **ret_table) RW_MUSTCHECK;

void block_unref(struct block_table *table); /* NULL does nothing */
struct table *block_as_table(struct block_table *table);
struct block_table *block_of_table(struct table *table); /* NULL: it is another kind of table */

/* Why a name is blocked. Points into the table. */
struct block_match {
	const char *list; /* file */
	unsigned line;
	unsigned labels; /* of the listed name, which is the blocked name or one above it */
};

/*
 * The first half of a lookup: what follows soon finds its memory fetched. `table` may be NULL, then
 * `ret_folded` has no meaning.
 */
void block_begin(
	const struct block_table *table, const uint8_t *name, struct name_folded *ret_folded);

/* Whether the name that was begun with may be blocked; false is sure. */
bool block_may_have(const struct block_table *table, const struct name_folded *folded) RW_MUSTCHECK;

/* Whether the name is blocked; `table` may be NULL. Allocates nothing. */
bool block_lookup(const struct block_table *table, const uint8_t *name,
	struct block_match *ret_match) RW_MUSTCHECK;

/* Whether there is an exception for the name, of a list or of the configuration. */
bool block_excepts(const struct block_table *table, const uint8_t *name) RW_MUSTCHECK;

/* Whether the name, or one above it, is in `allow` of the configuration. */
bool block_spares(const struct block_table *table, const uint8_t *name) RW_MUSTCHECK;

size_t block_count(const struct block_table *table); /* names blocked */
size_t block_bytes(const struct block_table *table); /* memory, all told */

#endif
