/* SPDX-License-Identifier: MIT */
/*
 * What machines have learnt of the world and what nobody may be told before the last of them has
 * spoken: record sets and denials on their way to the cache. The list is the request's, and its
 * items live in the request's arena; where that is full, something is not remembered.
 */
#ifndef RW_MACHINE_LEARNT_H
#define RW_MACHINE_LEARNT_H

#include "cache/cache.h"

struct learnt {
	struct learnt *next;
	struct cache *cache;  /* where it belongs */
	enum cache_kind kind; /* CACHE_RRSET, CACHE_NODATA, CACHE_NXDOMAIN */
	const uint8_t *name;
	uint16_t type;
	const struct rrset *set; /* of a denial the SOA, or NULL */
	struct provenance from;
	bool is_dropped;
};

/* In the order in which it was learnt. Zeroed, it is empty. */
struct learnt_list {
	struct learnt *first, *last;
};

void learnt_add_set(struct learnt_list *list, struct arena *arena, struct cache *cache,
	const struct rrset *set, const struct provenance *from);

/* `kind`: CACHE_NODATA or CACHE_NXDOMAIN. The name is copied. */
void learnt_add_denial(struct learnt_list *list, struct arena *arena, struct cache *cache,
	enum cache_kind kind, const struct question *question, const struct rrset *soa,
	const struct provenance *from);

/* Whether a set or a denial of that name and type is among it. */
bool learnt_has(
	const struct learnt_list *list, enum cache_kind kind, const uint8_t *name, uint16_t type);

/* A set that shall not be remembered after all. */
void learnt_drop_set(struct learnt_list *list, const uint8_t *name, uint16_t type);

/* Into the caches, with the time at which each was learnt. Leaves the list empty. */
void learnt_store(struct learnt_list *list);

#endif
