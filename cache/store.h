/* SPDX-License-Identifier: MIT */
/*
 * Where the cache keeps its entries: in shards, each with a lock, a hash table by name and a byte
 * budget of its own. All entries of one name share a chain, so that one lock and one probe see
 * everything that is known of it.
 *
 * Eviction is scan-resistant (segmented LRU): a new entry stands on probation; one that is asked
 * for again becomes protected, at most PROTECTED_PERCENT of the budget. Room is made at the cold
 * end of probation, so a flood of names that are asked for only once evicts only itself.
 */
#ifndef RW_CACHE_STORE_H
#define RW_CACHE_STORE_H

#include <pthread.h>

#include "cache/cache.h"
#include "resolver/base/keyed_table.h"
#include "resolver/base/list.h"

struct entry {
	struct keyed_entry by_name;     /* its hash is set before store_insert */
	struct list_link warmth;        /* in its segment */
	uint64_t stored_ms, expires_ms; /* fresh until */
	uint64_t gone_ms;               /* stale until */
	struct provenance from;
	uint32_t ttl;     /* s, after the clamps */
	uint32_t charged; /* bytes counted against the budget */
	uint32_t value_size;
	uint16_t type;
	uint8_t kind; /* enum cache_kind */
	uint8_t name_size;
	bool is_protected;
	bool asked;      /* looked up since it was stored */
	bool refreshing; /* a prefetch was started */
	uint8_t bytes[]; /* the name, then the value */
};

struct segment {
	struct list entries; /* warmest first */
	uint64_t bytes;
};

struct shard {
	pthread_mutex_t lock;
	struct keyed_table table; /* of fixed size; its key is not used */
	uint64_t budget;
	struct segment probation, protected;
	struct cache_stats stats;
};

#define STORE_SHARDS 16 /* at most; fewer in a small store */

struct store {
	struct shard shards[STORE_SHARDS];
	unsigned shard_count; /* a power of two */
	struct siphash_key key;
	uint64_t budget;
};

int store_init(struct store *store, uint64_t size_bytes, const struct env *env) RW_MUSTCHECK;
void store_release(struct store *store);

uint64_t store_hash(const struct store *store, const uint8_t *name);
struct shard *store_shard(struct store *store, uint64_t hash);

static inline const uint8_t *entry_value(const struct entry *entry)
{
	return entry->bytes + entry->name_size;
}

/* A filled but unlinked entry; NULL without memory. `value` may be NULL: filled by the caller. */
struct entry *entry_new(enum cache_kind kind, const uint8_t *name, uint16_t type, const void *value,
	size_t value_size);

/* All below: with the shard's lock held. */

/* The first entry of the chain with that name; the next one after `entry`. */
struct entry *store_first(struct shard *shard, uint64_t hash, const uint8_t *name);
struct entry *store_next(struct entry *entry, const uint8_t *name);
struct entry *store_find(struct shard *shard, uint64_t hash, enum cache_kind kind,
	const uint8_t *name, uint16_t type);

/* Takes ownership; makes room. RW_ELIMIT (and frees it) when it is larger than a shard may hold. */
int store_insert(struct shard *shard, struct entry *entry) RW_MUSTCHECK;

/* Unlinks and frees. */
void store_remove(struct shard *shard, struct entry *entry);

/* It was asked for. */
void store_touch(struct shard *shard, struct entry *entry);

#endif
