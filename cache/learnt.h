/* SPDX-License-Identifier: MIT */
/*
 * What a request has learnt and has not stored yet. Nobody may be told an answer, and no answer may
 * enter the cache, before the last machine of the request's chain has spoken; until then record
 * sets and negative answers wait in this list. It lies over the cache for the request's own
 * look-ups: what the request has just learnt counts more than what the cache still holds.
 *
 * The list is the request's, and its items live in the request's arena; where that is full,
 * something is not remembered.
 */
#ifndef RW_CACHE_LEARNT_H
#define RW_CACHE_LEARNT_H

#include "cache/cache.h"

struct learnt {
	struct learnt *next;
	struct cache *cache;  /* where it belongs */
	enum cache_kind kind; /* CACHE_RRSET, CACHE_NODATA, CACHE_NXDOMAIN */
	const uint8_t *name;
	uint16_t type;
	const struct rrset *set; /* of a negative answer the SOA, or NULL */
	struct provenance from;
	bool is_dropped;
};

/* In the order in which it was learnt. Zeroed, it is empty. */
struct learnt_list {
	struct learnt *first, *last;
};

/* Copies the item, and its name. */
void learnt_add(struct learnt_list *list, struct arena *arena, const struct learnt *what);

/* Whether a set or a negative answer of that name and type is among it. */
bool learnt_has(
	const struct learnt_list *list, enum cache_kind kind, const uint8_t *name, uint16_t type);

/* A set that must not be remembered after all. Nor must an older one, which it replaces. */
void learnt_drop_set(struct learnt_list *list, const uint8_t *name, uint16_t type);

/*
 * Continues the chain of `answer` as cache_answer does, with the newest item that says something of
 * the name at its end and belongs to the query's cache. Questions of type ANY are left to the
 * cache. RW_ENOTFOUND: there is none; RW_ENOMEM.
 */
int learnt_answer(const struct learnt_list *list, const struct cache_query *query,
	struct answer *answer) RW_MUSTCHECK;

/* Into the caches. Leaves the list empty. */
void learnt_store(struct learnt_list *list, uint64_t now_ms);

#endif
