/* SPDX-License-Identifier: MIT */
/*
 * The cache: the only door to what has been learnt. It holds record sets, negative answers,
 * failures and delegations in one hard byte budget, each with its provenance. Safe for several
 * threads; everything handed out is a copy in the caller's arena.
 *
 * A lookup, in prose: cache_answer looks for the record set itself, then a CNAME at the name, whose
 * target is the next name to be looked at, then NXDOMAIN and NODATA of the name, then a DNAME above
 * it, then NXDOMAIN of a name above it (RFC 8020); all of that once more among expired data where
 * that is allowed; then a remembered failure. The caller is zones/localdata, because the chain may
 * also lead through local data. What a request learns is stored with cache_store_*.
 *
 * Words of ours: an entry is *fresh* until its TTL has run out, then *stale* for `stale_max_age_s`,
 * then gone (RFC 8767). The *rank* of an entry is how far it is believed (RFC 2181 section 5.4.1).
 * Times are monotonic milliseconds (`now_ms`), TTLs seconds.
 */
#ifndef RW_CACHE_CACHE_H
#define RW_CACHE_CACHE_H

#include "resolver/base/addr.h"
#include "resolver/base/arena.h"
#include "resolver/base/env.h"
#include "resolver/wire/answer.h"

enum cache_kind {
	CACHE_RRSET,      /* key: owner, type */
	CACHE_NODATA,     /* key: owner, type */
	CACHE_NXDOMAIN,   /* key: owner, type 0 */
	CACHE_FAILURE,    /* key: owner, type */
	CACHE_DELEGATION, /* key: zone, type NS; content opaque to the cache (zones/delegation) */
};

struct cache_params {
	uint64_t size_bytes;
	uint32_t max_ttl_s, min_ttl_s;
	uint32_t max_negative_ttl_s, min_negative_ttl_s;
	uint32_t stale_max_age_s; /* 0: expired entries are gone at once */
};

struct cache;

/* RW_EINVAL below LIMIT_CACHE_MIN_BYTES. The hash key is drawn from `env`, used only here. */
int cache_new(const struct cache_params *params, const struct env *env,
	struct cache **ret_cache) RW_MUSTCHECK;
void cache_free(struct cache *cache);

/* TTL clamps of a reloaded configuration; entries already stored keep theirs. The size stays. */
void cache_set_params(struct cache *cache, const struct cache_params *params);

/*
 * Storing. A record set's or negative answer's TTL is clamped (negative: min(SOA TTL, SOA minimum)
 * capped, RFC 2308) and counts from `from->when_ms`, which is not after `now_ms`; what comes out
 * with TTL 0 is not stored. A fresh entry of higher rank, or one of the same rank that was learnt
 * later, is left in place (RFC 2181 section 5.4.1); a negative answer of an authoritative reply
 * ranks as an answer. A positive set displaces the NODATA of its key and the NXDOMAIN of its owner;
 * NODATA displaces the set of its key, a CNAME, and the NXDOMAIN. NXDOMAIN leaves the sets of the
 * name to expire; while one is fresh it is found first. A resolved question displaces the failure
 * of its key. RW_EBUSY: something better is there; RW_ENOMEM; RW_EINVAL: not class IN, or a meta
 * type; RW_ELIMIT: larger than LIMIT_RRSET_BYTES. Callers that only wish to remember may ignore all
 * of these.
 */
int cache_store_rrset(struct cache *cache, const struct rrset *set, const struct provenance *from,
	uint64_t now_ms);

/* The type is ignored for CACHE_NXDOMAIN. `soa` NULL: kept for LIMIT_TTL_NO_SOA seconds only. */
int cache_store_negative(struct cache *cache, enum cache_kind kind, const struct question *question,
	const struct rrset *soa, const struct provenance *from, uint64_t now_ms);

/* The TTL in seconds that a negative answer with this SOA gets here. */
uint32_t cache_negative_ttl(const struct cache *cache, const struct rrset *soa);

/*
 * Remembers that a question could not be resolved: LIMIT_FAILURE_TTL seconds (less
 * LIMIT_FAILURE_SLACK_MS), doubled with each
 * failure that follows within LIMIT_FAILURE_TTL_MAX of the last one's end, at most
 * LIMIT_FAILURE_TTL_MAX (RFC 9520). `ede` and `text` (may be NULL) tell clients why.
 */
int cache_store_failure(struct cache *cache, const uint8_t *name, uint16_t type, int ede,
	const char *text, uint64_t now_ms);

/* Bytes whose meaning the cache does not know. */
struct cache_blob {
	const void *bytes;
	size_t size;
	uint32_t ttl;
};

/* Replaces what is there. */
int cache_store_delegation(struct cache *cache, const uint8_t *zone, const struct cache_blob *blob,
	const struct provenance *from, uint64_t now_ms);

/* One entry as found. */
struct cache_hit {
	enum cache_kind kind;
	const struct rrset
		*set; /* CACHE_RRSET: the set; negative: the SOA with its negative TTL, or NULL */
	uint32_t ttl; /* s left; 0 when stale. `set->ttl` says the same */
	bool stale;
	bool prefetch; /* fresh, used before, and in the last tenth of its life */
	struct provenance from;
	int ede; /* CACHE_FAILURE: enum ede and its text, may be NULL */
	const char *ede_text;
	const uint8_t *blob; /* CACHE_DELEGATION */
	size_t blob_size;
};

enum cache_mode {
	CACHE_FRESH_ONLY,
	CACHE_STALE_TOO,
};

struct learnt_list; /* cache/learnt.h */

struct cache_query {
	struct cache *cache;
	const struct learnt_list *learnt; /* not yet stored, and looked at first; or NULL */
	enum cache_mode mode;
	uint64_t now_ms;
	struct arena *arena;
	/*
	 * The name at which the chain entered this cache. An alias may not have been kept; then the
	 * failure behind it is cached under this name.
	 */
	const uint8_t *entered;
};

/* A single entry, whatever its rank. RW_ENOTFOUND or RW_ENOMEM (arena). */
int cache_lookup(const struct cache_query *query, enum cache_kind kind, const uint8_t *name,
	uint16_t type, struct cache_hit *ret_hit) RW_MUSTCHECK;

/* Without copying: whether a fresh entry is there. */
bool cache_has(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	uint64_t now_ms);

/*
 * Whether the entry is fresh, asked for, and in the last tenth of its life: true once in that life,
 * for the caller that will then renew it.
 */
bool cache_claim_refresh(struct cache *cache, enum cache_kind kind, const uint8_t *name,
	uint16_t type, uint64_t now_ms);

/* Removes one entry; removes all that is at or below a name; removes everything. */
void cache_remove(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type);
void cache_flush_below(struct cache *cache, const uint8_t *name);
void cache_flush(struct cache *cache);

/* Removes all cached failures: servers that were unreachable may be back. */
void cache_drop_failures(struct cache *cache);

/* Every entry that is not yet removed, under a lock: `see` must not use the cache. For tests. */
void cache_each(struct cache *cache,
	void (*see)(void *ctx, enum cache_kind kind, const uint8_t *name, uint16_t type,
		const struct provenance *from),
	void *ctx);

struct cache_stats {
	uint64_t bytes, budget, entries, hits, misses, stale_hits, inserts, evictions, refused;
};
void cache_stats(struct cache *cache, struct cache_stats *ret_stats);

/* ---- answers (cache/answer.c) ---- */

/*
 * Continues the chain of `answer` with what is known of the name at its end: either by one alias,
 * after which the chain ends at another name and the outcome is still ANSWER_MISS, or to its end.
 * Where nothing is known, the answer is left as it is. Expired entries count if the mode allows
 * them. Type ANY is answered with the first of a few common types that is cached (RFC 8482).
 * RW_ENOTFOUND: nothing is known; RW_ENOMEM.
 */
int cache_answer(const struct cache_query *query, struct answer *answer) RW_MUSTCHECK;

#endif
