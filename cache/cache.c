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
	cache->min_negative_ttl_s = params->min_negative_ttl_s;
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

/*
 * How far an entry is believed against one of another kind. Negative answers never stand in an
 * answer section, so one in the authority section of an authoritative response ranks as an answer.
 */
static unsigned weight(uint8_t kind, uint8_t rank)
{
	bool negative = kind == CACHE_NODATA || kind == CACHE_NXDOMAIN;
	return negative && rank == RANK_AUTHORITY_AA ? RANK_ANSWER_AA : rank;
}

/*
 * Whether an entry of that key is newer, or is fresh and believed more (RFC 2181 section 5.4.1).
 */
static bool is_outranked(struct shard *shard, const struct entry *entry, enum cache_kind kind,
	uint16_t type, uint64_t now_ms)
{
	const struct entry *standing =
		store_find(shard, entry->by_name.hash, kind, entry->bytes, type);
	if (!standing)
		return false;
	unsigned theirs = weight(standing->kind, standing->from.rank);
	unsigned ours = weight(entry->kind, entry->from.rank);
	return (theirs > ours && entry_freshness(standing, now_ms) == ENTRY_FRESH) ||
	       (theirs == ours && standing->stored_ms > entry->stored_ms);
}

/*
 * Whether something of the name was learnt after this NXDOMAIN, and shows that it exists. In the
 * order of the clock such an NXDOMAIN would have been displaced.
 */
static bool is_overtaken(struct shard *shard, const struct entry *nxdomain)
{
	for (struct entry *at = store_first(shard, nxdomain->by_name.hash, nxdomain->bytes); at;
		at = store_next(at, nxdomain->bytes))
		if ((at->kind == CACHE_RRSET || at->kind == CACHE_NODATA) &&
			at->stored_ms > nxdomain->stored_ms &&
			weight(at->kind, at->from.rank) >=
				weight(nxdomain->kind, nxdomain->from.rank))
			return true;
	return false;
}

/* Whether NODATA for this type also means that the name has no alias. */
static bool denies_alias(uint16_t type)
{
	return type == TYPE_ANY || answer_type_follows(type);
}

/*
 * Removes what the entry contradicts. A set or NODATA means that the name exists. NXDOMAIN leaves
 * the sets of the name to expire, because their types are not known here.
 */
static void displace(struct shard *shard, const struct entry *entry, uint64_t now_ms)
{
	const uint8_t *name = entry->bytes;
	if (entry->kind == CACHE_NXDOMAIN)
		return;
	remove_key(shard, entry->by_name.hash, CACHE_NXDOMAIN, name, 0);
	remove_key(shard, entry->by_name.hash,
		entry->kind == CACHE_RRSET ? CACHE_NODATA : CACHE_RRSET, name, entry->type);
	if (entry->kind == CACHE_NODATA && denies_alias(entry->type) &&
		!is_outranked(shard, entry, CACHE_RRSET, TYPE_CNAME, now_ms))
		remove_key(shard, entry->by_name.hash, CACHE_RRSET, name, TYPE_CNAME);
}

/*
 * All entries of a name share one chain: with thousands of types, each look-up would be slow. The
 * oldest entry is evicted, one that was never asked for first.
 */
static void cap_types(struct shard *shard, const struct entry *entry)
{
	struct entry *last = NULL, *last_unasked = NULL;
	unsigned count = 0;
	for (struct entry *at = store_first(shard, entry->by_name.hash, entry->bytes); at;
		at = store_next(at, entry->bytes)) {
		count++;
		last = at;
		if (!at->asked && at->kind != CACHE_DELEGATION)
			last_unasked = at;
	}
	if (count >= LIMIT_TYPES_PER_NAME)
		store_remove(shard, last_unasked ? last_unasked : last);
}

/* Replaces the entry of the same key. Takes ownership of `entry`. With the lock held. */
static int put(struct shard *shard, struct entry *entry)
{
	struct entry *old = store_find(shard, entry->by_name.hash, (enum cache_kind)entry->kind,
		entry->bytes, entry->type);
	if (old) {
		/* An entry that is asked for often stays protected when it is refreshed. */
		entry->is_protected = old->is_protected;
		store_remove(shard, old);
	} else {
		cap_types(shard, entry);
	}
	return store_insert(shard, entry);
}

/* Stores a set or a negative answer unless something better is there. Takes ownership. */
static int put_ranked(struct shard *shard, struct entry *entry, uint64_t now_ms)
{
	bool nxdomain = entry->kind == CACHE_NXDOMAIN;
	if ((nxdomain && is_overtaken(shard, entry)) ||
		is_outranked(shard, entry, CACHE_NXDOMAIN, 0, now_ms) ||
		(!nxdomain && is_outranked(shard, entry, CACHE_RRSET, entry->type, now_ms)) ||
		(!nxdomain && is_outranked(shard, entry, CACHE_NODATA, entry->type, now_ms))) {
		shard->stats.refused++;
		free(entry);
		return RW_EBUSY;
	}
	displace(shard, entry, now_ms);
	if (entry->ttl > 0)
		return put(shard, entry);
	/* A set with TTL 0 is not kept, but the entry that it replaces is out of date. */
	remove_key(shard, entry->by_name.hash, (enum cache_kind)entry->kind, entry->bytes,
		entry->type);
	free(entry);
	return 0;
}

/* What is stored under a key of its own: `set` is the set, or the SOA of a negative answer, or
 * NULL. */
struct item {
	enum cache_kind kind;
	const uint8_t *name;
	uint16_t type, asked_type;
	uint32_t ttl;
};

static int store_set(struct cache *cache, const struct item *item, const struct rrset *set,
	const struct provenance *from, uint64_t now_ms)
{
	size_t size = set ? value_set_size(set) : 0;
	if (size > LIMIT_RRSET_BYTES)
		return RW_ELIMIT;
	struct entry *entry = entry_new(item->kind, item->name, item->type, NULL, size);
	if (!entry)
		return RW_ENOMEM;
	if (set)
		value_put_set(set, entry->bytes + entry->name_size);
	entry->from = *from;
	set_life(cache, entry, item->ttl, from->when_ms);
	entry->by_name.hash = store_hash(&cache->store, item->name);
	uint64_t hash = entry->by_name.hash;
	struct shard *shard = store_shard(&cache->store, hash);
	(void)pthread_mutex_lock(&shard->lock);
	/* The question was resolved, even if nothing of the answer may be kept. */
	if (from->rank >= RANK_ANSWER)
		remove_key(shard, hash, CACHE_FAILURE, item->name, item->asked_type);
	int err = put_ranked(shard, entry, now_ms);
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

int cache_store_rrset(struct cache *cache, const struct rrset *set, const struct provenance *from,
	uint64_t now_ms)
{
	if (set->class != CLASS_IN || rr_type_is_meta(set->type) || set->count == 0)
		return RW_EINVAL;
	const struct item item = {.kind = CACHE_RRSET,
		.name = set->owner,
		.type = set->type,
		.asked_type = set->type,
		.ttl = RW_MIN(RW_MAX(set->ttl, cache->min_ttl_s), cache->max_ttl_s)};
	return store_set(cache, &item, set, from, now_ms);
}

uint32_t cache_negative_ttl(const struct cache *cache, const struct rrset *soa)
{
	uint32_t ttl = soa ? rrset_soa_negative_ttl(soa) : LIMIT_TTL_NO_SOA;
	return RW_MIN(RW_MAX(ttl, cache->min_negative_ttl_s), cache->max_negative_ttl_s);
}

int cache_store_negative(struct cache *cache, enum cache_kind kind, const struct question *question,
	const struct rrset *soa, const struct provenance *from, uint64_t now_ms)
{
	if (kind != CACHE_NODATA && kind != CACHE_NXDOMAIN)
		return RW_EINVAL;
	const struct item item = {.kind = kind,
		.name = question->name,
		.type = kind == CACHE_NXDOMAIN ? 0 : question->type,
		.asked_type = question->type,
		.ttl = cache_negative_ttl(cache, soa)};
	return store_set(cache, &item, soa, from, now_ms);
}

/*
 * Doubles with each failure that follows soon after the last one. Two requests that fail while a
 * failure is still cached have seen one event.
 */
static uint32_t failure_ttl(const struct entry *last, uint64_t now_ms)
{
	if (!last || entry_freshness(last, now_ms) == ENTRY_GONE)
		return LIMIT_FAILURE_TTL;
	if (entry_freshness(last, now_ms) == ENTRY_FRESH)
		return last->ttl;
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
	entry->by_name.hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, entry->by_name.hash);
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *last = store_find(shard, entry->by_name.hash, CACHE_FAILURE, name, type);
	set_life(cache, entry, failure_ttl(last, now_ms), now_ms);
	/*
	 * A client that retries after exactly this many seconds should not hit the entry in its
	 * last moment.
	 */
	entry->expires_ms -= LIMIT_FAILURE_SLACK_MS;
	entry->gone_ms = entry->expires_ms + LIMIT_FAILURE_TTL_MAX * 1000;
	int err = put(shard, entry);
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

int cache_store_delegation(struct cache *cache, const uint8_t *zone, const struct cache_blob *blob,
	const struct provenance *from, uint64_t now_ms)
{
	if (blob->ttl == 0)
		return 0;
	if (blob->size > LIMIT_RRSET_BYTES)
		return RW_ELIMIT;
	struct entry *entry = entry_new(CACHE_DELEGATION, zone, TYPE_NS, blob->bytes, blob->size);
	if (!entry)
		return RW_ENOMEM;
	entry->by_name.hash = store_hash(&cache->store, zone);
	entry->from = *from;
	set_life(cache, entry, blob->ttl, now_ms);
	entry->gone_ms = entry->expires_ms;
	struct shard *shard = store_shard(&cache->store, entry->by_name.hash);
	(void)pthread_mutex_lock(&shard->lock);
	int err = put(shard, entry);
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

/* Fresh, asked for before, in the last tenth of its life, and not being refreshed yet. */
static bool wants_prefetch(struct entry *entry, uint64_t now_ms)
{
	uint64_t left_ms = entry->expires_ms - now_ms;
	if (!entry->asked || entry->refreshing || left_ms > (uint64_t)entry->ttl * 100)
		return false;
	entry->refreshing = true;
	return true;
}

int entry_to_hit(
	struct entry *entry, uint64_t now_ms, struct arena *arena, struct cache_hit *ret_hit)
{
	bool fresh = entry_freshness(entry, now_ms) == ENTRY_FRESH;
	uint64_t age_s = now_ms > entry->stored_ms ? (now_ms - entry->stored_ms) / 1000 : 0;
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
	} else if (entry->value_size > 0) {
		uint16_t type = entry->kind == CACHE_RRSET ? entry->type : TYPE_SOA;
		hit.set = value_get_set(value, entry->value_size, type, hit.ttl, arena);
		if (!hit.set)
			return RW_ENOMEM;
		hit.prefetch = fresh && wants_prefetch(entry, now_ms);
	}
	*ret_hit = hit;
	return 0;
}

int cache_lookup(const struct cache_query *query, enum cache_kind kind, const uint8_t *name,
	uint16_t type, struct cache_hit *ret_hit)
{
	uint64_t hash = store_hash(&query->cache->store, name);
	struct shard *shard = store_shard(&query->cache->store, hash);
	uint16_t key_type = kind == CACHE_NXDOMAIN ? 0 : type;
	enum freshness worst =
		query->mode == CACHE_STALE_TOO && kind != CACHE_FAILURE ? ENTRY_STALE : ENTRY_FRESH;
	int err = RW_ENOTFOUND;
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry = store_find(shard, hash, kind, name, key_type);
	if (entry && entry_freshness(entry, query->now_ms) <= worst) {
		err = entry_to_hit(entry, query->now_ms, query->arena, ret_hit);
		store_touch(shard, entry);
		shard->stats.hits++;
		shard->stats.stale_hits += !err && ret_hit->stale;
	} else {
		shard->stats.misses++;
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

bool cache_claim_refresh(struct cache *cache, enum cache_kind kind, const uint8_t *name,
	uint16_t type, uint64_t now_ms)
{
	uint64_t hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, hash);
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry = store_find(shard, hash, kind, name, type);
	bool claimed = entry && entry_freshness(entry, now_ms) == ENTRY_FRESH &&
		       wants_prefetch(entry, now_ms);
	(void)pthread_mutex_unlock(&shard->lock);
	return claimed;
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
	keyed_each(struct entry, entry, &shard->table, by_name)
		if (name_is_at_or_below(entry->bytes, name))
			store_remove(shard, entry);
}

void cache_flush_below(struct cache *cache, const uint8_t *name)
{
	for (unsigned i = 0; i < cache->store.shard_count; i++) {
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

#define DROP_BUCKETS 4096 /* looked at before the lock is released for others */

static void drop_failures(struct shard *shard, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++) {
		struct keyed_entry *at = keyed_chain(&shard->table, i), *next;
		for (; at; at = next) {
			struct entry *entry = keyed_item(at, struct entry, by_name);
			next = at->next;
			if (entry->kind == CACHE_FAILURE)
				store_remove(shard, entry);
		}
	}
}

void cache_drop_failures(struct cache *cache)
{
	for (unsigned i = 0; i < cache->store.shard_count; i++) {
		struct shard *shard = &cache->store.shards[i];
		uint64_t count = keyed_buckets(&shard->table);
		for (uint64_t first = 0; first < count; first += DROP_BUCKETS) {
			(void)pthread_mutex_lock(&shard->lock);
			drop_failures(shard, first, RW_MIN(first + DROP_BUCKETS, count));
			(void)pthread_mutex_unlock(&shard->lock);
		}
	}
}

void cache_each(struct cache *cache,
	void (*see)(void *ctx, enum cache_kind kind, const uint8_t *name, uint16_t type,
		const struct provenance *from),
	void *ctx)
{
	for (unsigned i = 0; i < cache->store.shard_count; i++) {
		struct shard *shard = &cache->store.shards[i];
		(void)pthread_mutex_lock(&shard->lock);
		keyed_each(struct entry, at, &shard->table, by_name)
			see(ctx, (enum cache_kind)at->kind, at->bytes, at->type, &at->from);
		(void)pthread_mutex_unlock(&shard->lock);
	}
}

void cache_stats(struct cache *cache, struct cache_stats *ret_stats)
{
	struct cache_stats sum = {.budget = cache->store.budget};
	for (unsigned i = 0; i < cache->store.shard_count; i++) {
		struct shard *shard = &cache->store.shards[i];
		(void)pthread_mutex_lock(&shard->lock);
		sum.bytes += shard->probation.bytes + shard->protected.bytes +
			     keyed_buckets(&shard->table) * sizeof(struct keyed_entry *);
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
