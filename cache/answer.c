/* SPDX-License-Identifier: MIT */
/*
 * Whole answers out of the cache: the asked set, or the alias chain that leads to one, or what is
 * known to be missing. Everything known of one name is seen under one lock; names above it are
 * looked at only when the name itself gives nothing.
 */
#include <string.h>

#include "cache/internal.h"

/* How good an entry is as an answer at its name; lower is better. */
enum fit {
	FIT_SET,
	FIT_CNAME,
	FIT_NODATA,
	FIT_NXDOMAIN,
	FIT_NONE,
};

/* Types that are asked of the alias itself (RFC 1034 section 3.6.2, RFC 4035 section 2.5). */
static bool follows_alias(uint16_t type)
{
	return type != TYPE_CNAME && type != TYPE_ANY && type != TYPE_RRSIG && type != TYPE_NSEC;
}

static enum fit entry_fit(const struct entry *entry, uint16_t type)
{
	switch ((enum cache_kind)entry->kind) {
	case CACHE_RRSET:
		if (entry->type == type || type == TYPE_ANY)
			return FIT_SET;
		return entry->type == TYPE_CNAME && follows_alias(type) ? FIT_CNAME : FIT_NONE;
	case CACHE_NODATA:
		return entry->type == type ? FIT_NODATA : FIT_NONE;
	case CACHE_NXDOMAIN:
		return FIT_NXDOMAIN;
	case CACHE_FAILURE:
	case CACHE_DELEGATION:
		break;
	}
	return FIT_NONE;
}

/* The best entry at a name; fresh ones come before stale ones. */
static struct entry *best_at(struct shard *shard, uint64_t hash, const uint8_t *name, uint16_t type,
	enum freshness worst, uint64_t now_ms)
{
	struct entry *best = NULL;
	unsigned best_cost = UINT32_MAX;
	for (struct entry *e = store_first(shard, hash, name); e; e = store_next(e, name)) {
		enum fit fit = entry_fit(e, type);
		enum freshness freshness = entry_freshness(e, now_ms);
		if (fit == FIT_NONE || freshness > worst)
			continue;
		unsigned cost = (unsigned)freshness * FIT_NONE + (unsigned)fit;
		if (cost < best_cost) {
			best = e;
			best_cost = cost;
		}
	}
	return best;
}

static int look_at(struct cache *cache, const uint8_t *name, uint16_t type, enum freshness worst,
	uint64_t now_ms, struct arena *arena, struct cache_hit *ret_hit)
{
	uint64_t hash = store_hash(&cache->store, name);
	struct shard *shard = store_shard(&cache->store, hash);
	int err = RW_ENOTFOUND;
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry = best_at(shard, hash, name, type, worst, now_ms);
	if (entry) {
		err = entry_to_hit(entry, now_ms, arena, ret_hit);
		store_touch(shard, entry);
		shard->stats.hits++;
		shard->stats.stale_hits += !err && ret_hit->stale;
	} else {
		shard->stats.misses++;
	}
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

/*
 * What an ancestor says of everything below it: a DNAME (RFC 6672), or that it does not exist
 * (RFC 8020). The closest one counts.
 */
static int look_above(struct cache *cache, const uint8_t *name, enum freshness worst,
	uint64_t now_ms, struct arena *arena, struct cache_hit *ret_hit)
{
	while (!name_is_root(name)) {
		name = name_parent(name);
		int err = look_at(cache, name, TYPE_DNAME, worst, now_ms, arena, ret_hit);
		bool tells = !err &&
			     ((ret_hit->kind == CACHE_RRSET && ret_hit->set->type == TYPE_DNAME) ||
				     ret_hit->kind == CACHE_NXDOMAIN);
		if (err == RW_ENOMEM || tells)
			return err;
	}
	return RW_ENOTFOUND;
}

int answer_synthesise(const struct rrset *dname, const uint8_t *name, struct arena *arena,
	const struct rrset **ret_cname)
{
	struct name target;
	int err = name_replace_suffix(name, dname->owner, rrset_target(dname, 0), &target);
	if (err)
		return err;
	struct rrset *cname = rrset_single(arena, name, TYPE_CNAME, dname->ttl, target.bytes,
		(uint16_t)name_size(target.bytes));
	if (!cname)
		return RW_ENOMEM;
	*ret_cname = cname;
	return 0;
}

static void add(struct cache_answer *answer, const struct rrset *set, const struct cache_hit *hit)
{
	if (answer->set_count == ANSWER_SETS)
		return;
	answer->sets[answer->set_count] = set;
	answer->from[answer->set_count] = hit->from;
	answer->set_count++;
}

/* The name stood in the chain before. */
static bool is_circular(const struct cache_answer *answer, const uint8_t *target)
{
	for (unsigned i = 0; i < answer->set_count; i++)
		if (answer->sets[i]->type == TYPE_CNAME &&
			name_equal(answer->sets[i]->owner, target))
			return true;
	return false;
}

/* Goes on at the target; false where the chain ends. */
static bool follow(
	struct cache_answer *answer, const struct rrset *cname, const struct cache_hit *hit)
{
	add(answer, cname, hit);
	answer->next = rrset_target(cname, 0);
	if (++answer->aliases <= LIMIT_ALIASES && !is_circular(answer, answer->next))
		return true;
	answer->outcome = ANSWER_LOOP;
	return false;
}

/* Takes what was found at or above `next`; true when the chain goes on. */
static bool take_hit(struct cache_answer *answer, uint16_t type, const struct cache_hit *hit,
	struct arena *arena, int *err)
{
	answer->stale |= hit->stale;
	answer->prefetch |= hit->prefetch;
	if (hit->kind != CACHE_RRSET) {
		answer->outcome = hit->kind == CACHE_NXDOMAIN ? ANSWER_NXDOMAIN : ANSWER_NODATA;
		answer->soa = hit->set;
		answer->soa_from = hit->from;
		return false;
	}
	const struct rrset *set = hit->set;
	if (set->type == TYPE_DNAME && name_is_below(answer->next, set->owner)) {
		add(answer, set, hit);
		*err = answer_synthesise(set, answer->next, arena, &set);
		if (*err == RW_ELIMIT) {
			answer->outcome = ANSWER_TOO_LONG;
			*err = 0;
			return false;
		}
		return *err == 0 && follow(answer, set, hit);
	}
	if (set->type == TYPE_CNAME && follows_alias(type))
		return follow(answer, set, hit);
	add(answer, set, hit);
	answer->outcome = ANSWER_POSITIVE;
	return false;
}

static int take_failure(struct cache *cache, struct cache_answer *answer, uint16_t type,
	uint64_t now_ms, struct arena *arena)
{
	struct cache_hit hit;
	int err = cache_lookup(
		cache, CACHE_FAILURE, answer->next, type, CACHE_FRESH_ONLY, now_ms, arena, &hit);
	if (err)
		return err == RW_ENOTFOUND ? 0 : err;
	answer->outcome = ANSWER_FAILURE;
	answer->ede = hit.ede;
	answer->ede_text = hit.ede_text;
	return 0;
}

int cache_answer(struct cache *cache, const struct question *question, enum cache_mode mode,
	uint64_t now_ms, struct arena *arena, struct cache_answer *ret_answer)
{
	enum freshness worst = mode == CACHE_STALE_TOO ? ENTRY_STALE : ENTRY_FRESH;
	struct cache_answer *answer = ret_answer;
	bool more = true;
	int err = 0;
	answer->outcome = ANSWER_MISS;
	answer->set_count = answer->aliases = 0;
	answer->next = question->name;
	answer->soa = NULL;
	answer->stale = answer->prefetch = false;
	answer->ede = -1;
	answer->ede_text = NULL;
	while (more) {
		struct cache_hit hit;
		err = look_at(cache, answer->next, question->type, worst, now_ms, arena, &hit);
		if (err == RW_ENOTFOUND)
			err = look_above(cache, answer->next, worst, now_ms, arena, &hit);
		if (err == RW_ENOTFOUND)
			return take_failure(cache, answer, question->type, now_ms, arena);
		if (!err)
			more = take_hit(answer, question->type, &hit, arena, &err);
		if (err)
			return err;
	}
	return 0;
}
