/* SPDX-License-Identifier: MIT */
/* A policy zone from inside: shared by its reader and its lookups. */
#ifndef RW_LISTS_RPZ_INNER_H
#define RW_LISTS_RPZ_INNER_H

#include "zones/lists/prefix_table.h"
#include "zones/lists/rpz.h"

/* Data of one trigger: sets in a chain. */
struct rpz_set {
	struct rpz_set *next;
	struct rrset set; /* its owner is of no meaning */
};

struct rpz_rule {
	unsigned line;
	struct rpz_set *sets;
};

/* A `kind` beside those of enum rpz_action: the name is there, without a rule. */
#define RPZ_EMPTY 0xff

/* Names of a trigger: exact ones, and what stands behind "*.". A value's `kind` is the action, its
 * `number` the line, with RPZ_DATA the place in `rules`. */
struct rpz_names {
	struct name_table *exact, *below;
	size_t empty; /* of the exact ones, how many have no rule */
};

struct rpz {
	struct table table;
	char *file;
	struct siphash_key key;
	size_t max_bytes;
	struct name apex;
	struct rpz_names names[RPZ_TRIGGERS];
	struct prefix_table prefixes[RPZ_TRIGGERS];
	const struct rrset *soa;
	struct rpz_rule *rules;
	size_t rule_count, rule_room;
	struct arena arena; /* data */
};

/* "24.0.2.0.192" or "48.zz.db8.2001"; NULL, or what is wrong. */
const char *rpz_read_prefix(const uint8_t *name, struct prefix *ret_prefix) RW_MUSTCHECK;

/* No more records. RW_ELIMIT, RW_ENOMEM. */
int rpz_finish(struct rpz *rpz) RW_MUSTCHECK;

static inline bool rpz_is_by_name(enum rpz_trigger trigger)
{
	return trigger == RPZ_QNAME || trigger == RPZ_NSDNAME;
}

#endif
