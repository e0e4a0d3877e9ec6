/* SPDX-License-Identifier: MIT */
/* A policy zone from inside: shared by its reader and its lookups. */
#ifndef RW_ZONES_RPZ_INNER_H
#define RW_ZONES_RPZ_INNER_H

#include "zones/prefix_table.h"
#include "zones/rpz.h"

/* Data of one trigger: sets in a chain. */
struct rpz_set {
	struct rpz_set *next;
	struct rrset set; /* its owner is of no meaning */
};

struct rpz_rule {
	unsigned line;
	struct rpz_set *sets;
};

/* Names of a trigger: exact ones, and what stands behind "*.". A value's `kind` is the action, its
 * `number` the line, with RPZ_DATA the place in `rules`. */
struct rpz_names {
	struct name_table *exact, *below;
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

static inline bool rpz_is_by_name(enum rpz_trigger trigger)
{
	return trigger == RPZ_QNAME || trigger == RPZ_NSDNAME;
}

#endif
