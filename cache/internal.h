/* SPDX-License-Identifier: MIT */
/* What cache.c and answer.c share: the object itself, and how an entry becomes a hit. */
#ifndef RW_CACHE_INTERNAL_H
#define RW_CACHE_INTERNAL_H

#include <stdatomic.h>

#include "cache/store.h"

struct cache {
	struct store store;
	_Atomic uint32_t max_ttl_s, min_ttl_s, max_negative_ttl_s, min_negative_ttl_s,
		stale_max_age_s;
};

enum freshness {
	ENTRY_FRESH,
	ENTRY_STALE,
	ENTRY_GONE,
};

enum freshness entry_freshness(const struct entry *entry, uint64_t now_ms);

/* Copies the entry into the arena; RW_ENOMEM. With the shard's lock held. */
int entry_to_hit(struct entry *entry, uint64_t now_ms, struct arena *arena,
	struct cache_hit *ret_hit) RW_MUSTCHECK;

#endif
