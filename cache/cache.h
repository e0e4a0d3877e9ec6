/* SPDX-License-Identifier: MIT */
/*
 * The cache: the only door to what has been learnt. It holds record sets, negative answers,
 * failures and delegations in one hard byte budget, each with its provenance. Safe for several
 * threads; everything handed out is a copy in the caller's arena.
 *
 * A lookup, in prose: the service asks cache_answer with the client's question. That looks for the
 * record set itself, then a CNAME at the name and goes on at its target, then NXDOMAIN and NODATA
 * of the name, then a DNAME above it, then NXDOMAIN of a name above it (RFC 8020); all of that once
 * more among expired data where that is allowed; then a remembered failure.
 * A walk does the same before it asks anybody, and stores what it then learns with cache_store_*.
 *
 * Words of ours: an entry is *fresh* until its TTL has run out, then *stale* for
 * `stale_max_age_s`, then gone (RFC 8767). The *rank* of an entry is how far it is believed
 * (RFC 2181 section 5.4.1). Times are monotonic milliseconds (`now_ms`), TTLs seconds.
 */
#ifndef RW_CACHE_CACHE_H
#define RW_CACHE_CACHE_H

#include "resolver/base/addr.h"
#include "resolver/base/arena.h"
#include "resolver/base/env.h"
#include "resolver/wire/rrset.h"
#include "resolver/wire/transport.h"

enum cache_rank {
	RANK_ADDITIONAL,   /* additional section, or authority of a reply without AA */
	RANK_GLUE,         /* referral: NS of the authority section and its glue */
	RANK_ANSWER,       /* answer section without AA: a forwarder's word */
	RANK_AUTHORITY_AA, /* authority section of a reply with AA */
	RANK_ANSWER_AA,    /* answer section with AA */
};

enum security {
	SECURITY_UNCHECKED, /* nobody has verified it */
	SECURITY_INSECURE,
	SECURITY_SECURE,
	SECURITY_BOGUS,
};

/* Where an entry comes from. Stored with every entry, shown by trace, explain and log. */
struct provenance {
	struct addr server;    /* who said it */
	uint8_t transport;     /* enum transport */
	uint8_t section;       /* enum msg_section it stood in */
	uint8_t rank;          /* enum cache_rank */
	uint8_t security;      /* enum security: who verified it, if anybody */
	bool synthesised;      /* a CNAME that a DNAME above it implies */
	uint8_t cut_labels;    /* labels of the zone cut that was asked; the cut is that suffix */
	uint32_t original_ttl; /* s, before any clamp */
	uint64_t when_ms;      /* monotonic ms when it was learnt */
};

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
 * capped, RFC 2308); what comes out with TTL 0 is not stored. A fresh entry of higher rank is left
 * in place (RFC 2181 section 5.4.1); a negative answer of an authoritative reply ranks as an
 * answer. A positive set displaces the NODATA of its key and the NXDOMAIN of its owner; NODATA
 * displaces the set of its key, a CNAME, and the NXDOMAIN. NXDOMAIN leaves the sets of the name to
 * run out: while one is fresh it is found first. What is resolved displaces the failure of its key.
 * RW_EBUSY: something better is there; RW_ENOMEM; RW_EINVAL: not class IN, or a meta type;
 * RW_ELIMIT: larger than LIMIT_RRSET_BYTES. All may be ignored by callers that only wish to
 * remember.
 */
int cache_store_rrset(struct cache *cache, const struct rrset *set, const struct provenance *from,
	uint64_t now_ms);

/* `type` is ignored for CACHE_NXDOMAIN. `soa` NULL: kept for LIMIT_TTL_NO_SOA seconds only. */
int cache_store_negative(struct cache *cache, enum cache_kind kind, const uint8_t *name,
	uint16_t type, const struct rrset *soa, const struct provenance *from, uint64_t now_ms);

/*
 * Remembers that a question could not be resolved: LIMIT_FAILURE_TTL seconds (less
 * LIMIT_FAILURE_SLACK_MS), doubled with each
 * failure that follows within LIMIT_FAILURE_TTL_MAX of the last one's end, at most
 * LIMIT_FAILURE_TTL_MAX (RFC 9520). `ede` and `text` (may be NULL) tell clients why.
 */
int cache_store_failure(struct cache *cache, const uint8_t *name, uint16_t type, int ede,
	const char *text, uint64_t now_ms);

/* An opaque value, e.g. a delegation; replaces what is there. */
int cache_store_blob(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	const void *bytes, size_t size, uint32_t ttl, const struct provenance *from,
	uint64_t now_ms);

/* One entry as found. */
struct cache_hit {
	enum cache_kind kind;
	const struct rrset
		*set; /* CACHE_RRSET: the set; negative: the SOA with its negative TTL, or NULL */
	uint32_t ttl; /* s left; 0 when stale. `set->ttl` says the same */
	bool stale;
	bool prefetch; /* fresh, asked before, and in the last tenth of its life */
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

/* RW_ENOTFOUND or RW_ENOMEM (arena). */
int cache_lookup(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	enum cache_mode mode, uint64_t now_ms, struct arena *arena,
	struct cache_hit *ret_hit) RW_MUSTCHECK;

/* Without copying: whether a fresh entry is there. */
bool cache_has(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type,
	uint64_t now_ms);

/*
 * Whether the entry is fresh, asked for, and in the last tenth of its life: true once in that life,
 * for whoever will then renew it.
 */
bool cache_claim_refresh(struct cache *cache, enum cache_kind kind, const uint8_t *name,
	uint16_t type, uint64_t now_ms);

/* Removes one entry; removes all that is at or below a name; removes everything. */
void cache_remove(struct cache *cache, enum cache_kind kind, const uint8_t *name, uint16_t type);
void cache_flush_below(struct cache *cache, const uint8_t *name);
void cache_flush(struct cache *cache);

/* Removes all remembered failures: what was out of reach may be back. */
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

/* ---- whole answers (cache/answer.c) ---- */

enum answer_outcome {
	ANSWER_MISS,     /* the chain so far is there, `next` is what must be asked */
	ANSWER_POSITIVE, /* the chain ends in the asked set */
	ANSWER_NODATA,
	ANSWER_NXDOMAIN,
	ANSWER_FAILURE,  /* a remembered failure of `next` */
	ANSWER_LOOP,     /* the chain is longer than LIMIT_ALIASES or turns on itself */
	ANSWER_TOO_LONG, /* a DNAME made a name longer than 255 bytes: YXDOMAIN, RFC 6672 */
};

#define ANSWER_SETS (2 * LIMIT_ALIASES + 2)

struct cache_answer {
	enum answer_outcome outcome;
	const struct rrset *sets[ANSWER_SETS]; /* answer section, TTLs as left now */
	struct provenance from[ANSWER_SETS];
	unsigned set_count;
	unsigned aliases;    /* CNAME and DNAME followed */
	const uint8_t *next; /* name at the end of the chain */
	const uint8_t
		*denied; /* ANSWER_NXDOMAIN: that name, or the one above it that is not there */
	const struct rrset *soa; /* negative outcomes; NULL where none is known; see walk_result */
	struct provenance soa_from;
	bool stale;    /* some part is stale */
	bool prefetch; /* some part should be refreshed now */
	int ede;       /* ANSWER_FAILURE */
	const char *ede_text;
};

/*
 * Fills `ret_answer` with what is known. A stale part ends the search as a fresh one does when
 * `mode` allows it. Type ANY is answered with the first of a few common types that is there
 * (RFC 8482). RW_ENOMEM only.
 */
int cache_answer(struct cache *cache, const struct question *question, enum cache_mode mode,
	uint64_t now_ms, struct arena *arena, struct cache_answer *ret_answer) RW_MUSTCHECK;

/* The CNAME that a DNAME set implies for `name` (RFC 6672 section 3.1); RW_ELIMIT: too long. */
int answer_synthesise(const struct rrset *dname, const uint8_t *name, struct arena *arena,
	const struct rrset **ret_cname) RW_MUSTCHECK;

#endif
