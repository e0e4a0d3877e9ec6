/* SPDX-License-Identifier: MIT */
/* Storing and finding single entries: TTL clamps, ranks, what displaces what. */
#include "cache/cache.h"

#include <stdlib.h>
#include <string.h>

#include "cache/internal.h"
#include "cache/value.h"

int cache_new(const struct cache_params *params, const struct env *env, struct cache **ret_cache)
{
	if (params->size_bytes < LIMIT_CACHE_MIN_BYTES)
		return RW_EINVAL;
	struct cache *cache = calloc(1, sizeof(*cache));
	if (!cache)
		return RW_ENOMEM;
	int err = store_init(&cache->store, params->size_bytes, env);
	if (err) {
		free(cache);
		return err;
	}
	cache_set_params(cache, params);
	*ret_cache = cache;
	return 0;
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	store_release(&cache->store);
	free(cache);
}

void cache_set_params(struct cache *cache, const struct cache_params *params)
{
	cache->max_ttl_s = params->max_ttl_s;
	cache->min_ttl_s = params->min_ttl_s;
	cache->max_negative_ttl_s = params->max_negative_ttl_s;
	cache->stale_max_age_s = params->stale_max_age_s;
}

enum freshness entry_freshness(const struct entry *entry, uint64_t now_ms)
{
	if (now_ms < entry->expires_ms)
		return ENTRY_FRESH;
	return now_ms < entry->gone_ms ? ENTRY_STALE : ENTRY_GONE;
}

static void set_life(struct cache *cache, struct entry *entry, uint32_t ttl, uint64_t now_ms)
{
	entry->ttl = ttl;
	entry->stored_ms = now_ms;
	entry->expires_ms = now_ms + (uint64_t)ttl * 1000;
	entry->gone_ms = entry->expires_ms + (uint64_t)cache->stale_max_age_s * 1000;
}

static void remove_key(struct shard *shard, uint64_t hash, enum cache_kind kind,
	const uint8_t *name, uint16_t type)
{
	struct entry *entry = store_find(shard, hash, kind, name, type);
	if (entry)
		store_remove(shard, entry);
}

/* Whether something fresh of higher rank stands in the way (RFC 2181 section 5.4.1). */
static bool is_outranked(
	const struct entry *standing, const struct provenance *from, uint64_t now_ms)
{
	return standing && entry_freshness(standing, now_ms) == ENTRY_FRESH &&
	       standing->from.rank > from->rank;
}

/* Replaces the entry of the same key. Takes ownership of `entry`. With the lock held. */
static int put(struct shard *shard, struct entry *entry)
{
	remove_key(shard, entry->hash, (enum cache_kind)entry->kind, entry->bytes, entry->type);
	return store_insert(shard, entry);
}

int cache_store_rrset(struct cache *cache, const struct rrset *set, const struct provenance *from,
	uint64_t now_ms)
{
	uint32_t ttl = RW_MIN(RW_MAX(set->ttl, cache->min_ttl_s), cache->max_ttl_s);
	size_t size = value_set_size(set);
	if (ttl == 0)
		return 0;
	if (size > LIMIT_RRSET_BYTES)
		return RW_ELIMIT;
	struct entry *entry = entry_new(CACHE_RRSET, set->owner, set->type, NULL, size);
	if (!entry)
		return RW_ENOMEM;
	value_put_set(set, entry->bytes + entry->name_size);
	entry->hash = store_hash(&cache->store, set->owner);
	entry->from = *from;
	set_life(cache, entry, ttl, now_ms);

	struct shard *shard = store_shard(&cache->store, entry->hash);
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *old = store_find(shard, entry->hash, CACHE_RRSET, set->owner, set->type);
	int err = RW_EBUSY;
	if (is_outranked(old, from, now_ms)) {
		shard->stats.refused++;
		free(entry);
	} else {
		remove_key(shard, entry->hash, CACHE_NODATA, set->owner, set->type);
		remove_key(shard, entry->hash, CACHE_NXDOMAIN, set->owner, 0);
		remove_key(shard, entry->hash, CACHE_FAILURE, set->owner, set->type);
		err = put(shard, entry);
	}
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

int cache_store_negative(struct cache *cache, enum cache_kind kind, const uint8_t *name,
	uint16_t type, const struct rrset *soa, const struct provenance *from, uint64_t now_ms)
{
	if (!soa)
		return 0;
	uint32_t ttl = RW_MIN(rrset_soa_negative_ttl(soa), cache->max_negative_ttl_s);
	size_t size = value_set_size(soa);
	if (ttl == 0)
		return 0;
	if (size > LIMIT_RRSET_BYTES)
		return RW_ELIMIT;
	uint16_t key_type = kind == CACHE_NXDOMAIN ? 0 : type;
	struct entry *entry = entry_new(kind, name, key_type, NULL, size);
	if (!entry)
		return RW_ENOMEM;
	value_put_set(soa, entry->bytes + entry->name_size);
	entry->hash = store_hash(&cache->store, name);
	entry->from = *from;
	set_life(cache, entry, ttl, now_ms);

	struct shard *shard = store_shard(&cache->store, entry->hash);
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *old = store_find(shard, entry->hash, CACHE_RRSET, name, key_type);
	int err = RW_EBUSY;
	if (is_outranked(old, from, now_ms)) {
		shard->stats.refused++;
		free(entry);
	} else {
		if (old)
			store_remove(shard, old);
		remove_key(shard, entry->hash, CACHE_FAILURE, name, type);
		err = put(shard, entry);
	}
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

/* Twice the last failure's time when that is not long over. */
static uint32_t failure_ttl(const struct entry *last, uint64_t now_ms)
{
	if (!last || entry_freshness(last, now_ms) == ENTRY_GONE)
		return LIMIT_FAILURE_TTL;
	return RW_MIN(last->ttl * 2, (uint32_t)LIMIT_FAILURE_TTL_MAX);
}

int cache_store_failure(struct cache *cache, const uint8_t *name, uint16_t type, int ede,
	const char *text, uint64_t now_ms)
{
	size_t length = text ? strnlen(text, LIMIT_EDE_TEXT) : 0;
	uint8_t value[2 + LIMIT_EDE_TEXT + 1];
	rr_put16(value, (uint16_t)(int16_t)ede);
	if (length > 0)
		memcpy(value + 2, text, length);
	value[2 + length] = '\0';
	struct entry *entry = entry_new(CACHE_FAILURE, name, type, value, length + 3);
	if (!entry)
		return RW_ENOMEM;
	entry->hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, entry->hash);
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *last = store_find(shard, entry->hash, CACHE_FAILURE, name, type);
	set_life(cache, entry, failure_ttl(last, now_ms), now_ms);
	entry->gone_ms = entry->expires_ms + LIMIT_FAILURE_TTL_MAX * 1000;
	int err = put(shard, entry);
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

int cache_store_blob(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	const void *bytes, size_t size, uint32_t ttl, const struct provenance *from,
	uint64_t now_ms)
{
	if (ttl == 0)
		return 0;
	if (size > LIMIT_RRSET_BYTES)
		return RW_ELIMIT;
	struct entry *entry = entry_new(kind, name, type, bytes, size);
	if (!entry)
		return RW_ENOMEM;
	entry->hash = store_hash(&cache->store, name);
	entry->from = *from;
	set_life(cache, entry, ttl, now_ms);
	entry->gone_ms = entry->expires_ms;
	struct shard *shard = store_shard(&cache->store, entry->hash);
	(void)pthread_mutex_lock(&shard->lock);
	int err = put(shard, entry);
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

/* Fresh, asked for before, in the last tenth of its life, and not being refreshed yet. */
static bool wants_prefetch(struct entry *entry, uint32_t left)
{
	if (!entry->asked || entry->refreshing || left > entry->ttl / 10)
		return false;
	entry->refreshing = true;
	return true;
}

int entry_to_hit(
	struct entry *entry, uint64_t now_ms, struct arena *arena, struct cache_hit *ret_hit)
{
	bool fresh = entry_freshness(entry, now_ms) == ENTRY_FRESH;
	uint64_t age_s = (now_ms - entry->stored_ms) / 1000;
	struct cache_hit hit = {
		.kind = (enum cache_kind)entry->kind,
		.ttl = fresh && age_s < entry->ttl ? entry->ttl - (uint32_t)age_s : 0,
		.stale = !fresh,
		.from = entry->from,
		.ede = -1,
	};
	const uint8_t *value = entry_value(entry);
	if (entry->kind == CACHE_FAILURE) {
		hit.ede = (int16_t)rr_get16(value);
		hit.ede_text = arena_dup(arena, value + 2, entry->value_size - 2);
		if (!hit.ede_text)
			return RW_ENOMEM;
	} else if (entry->kind == CACHE_DELEGATION) {
		hit.blob_size = entry->value_size;
		hit.blob = arena_dup(arena, value, entry->value_size);
		if (!hit.blob)
			return RW_ENOMEM;
	} else {
		uint16_t type = entry->kind == CACHE_RRSET ? entry->type : TYPE_SOA;
		hit.set = value_get_set(value, entry->value_size, type, hit.ttl, arena);
		if (!hit.set)
			return RW_ENOMEM;
		hit.prefetch = fresh && wants_prefetch(entry, hit.ttl);
	}
	*ret_hit = hit;
	return 0;
}

int cache_lookup(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	enum cache_mode mode, uint64_t now_ms, struct arena *arena, struct cache_hit *ret_hit)
{
	uint64_t hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, hash);
	uint16_t key_type = kind == CACHE_NXDOMAIN ? 0 : type;
	enum freshness worst = mode == CACHE_STALE_TOO ? ENTRY_STALE : ENTRY_FRESH;
	int err = RW_ENOTFOUND;
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry = store_find(shard, hash, kind, name, key_type);
	if (entry && entry_freshness(entry, now_ms) <= worst) {
		err = entry_to_hit(entry, now_ms, arena, ret_hit);
		store_touch(shard, entry);
	}
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

bool cache_has(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	uint64_t now_ms)
{
	uint64_t hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, hash);
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry =
		store_find(shard, hash, kind, name, kind == CACHE_NXDOMAIN ? 0 : type);
	bool found = entry && entry_freshness(entry, now_ms) == ENTRY_FRESH;
	(void)pthread_mutex_unlock(&shard->lock);
	return found;
}

void cache_remove(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type)
{
	uint64_t hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, hash);
	(void)pthread_mutex_lock(&shard->lock);
	remove_key(shard, hash, kind, name, kind == CACHE_NXDOMAIN ? 0 : type);
	(void)pthread_mutex_unlock(&shard->lock);
}

static void flush_shard(struct shard *shard, const uint8_t *name)
{
	for (uint64_t i = 0; i <= shard->bucket_mask; i++) {
		struct entry *entry = shard->buckets[i];
		while (entry) {
			struct entry *next = entry->next;
			if (name_is_at_or_below(entry->bytes, name))
				store_remove(shard, entry);
			entry = next;
		}
	}
}

void cache_flush_below(struct cache *cache, const uint8_t *name)
{
	for (unsigned i = 0; i < STORE_SHARDS; i++) {
		struct shard *shard = &cache->store.shards[i];
		(void)pthread_mutex_lock(&shard->lock);
		flush_shard(shard, name);
		(void)pthread_mutex_unlock(&shard->lock);
	}
}

void cache_flush(struct cache *cache)
{
	cache_flush_below(cache, name_root);
}

void cache_stats(struct cache *cache, struct cache_stats *ret_stats)
{
	struct cache_stats sum = {.budget = cache->store.budget};
	for (unsigned i = 0; i < STORE_SHARDS; i++) {
		struct shard *shard = &cache->store.shards[i];
		(void)pthread_mutex_lock(&shard->lock);
		sum.bytes += shard->probation.bytes + shard->protected.bytes +
			     (shard->bucket_mask + 1) * sizeof(*shard->buckets);
		sum.entries += shard->stats.entries;
		sum.hits += shard->stats.hits;
		sum.misses += shard->stats.misses;
		sum.stale_hits += shard->stats.stale_hits;
		sum.inserts += shard->stats.inserts;
		sum.evictions += shard->stats.evictions;
		sum.refused += shard->stats.refused;
		(void)pthread_mutex_unlock(&shard->lock);
	}
	*ret_stats = sum;
}
