/* SPDX-License-Identifier: MIT */
/*
 * What the cache knows of the name at the end of an answer's chain. A list of look-ups is tried in
 * order, and the first one that finds something decides. The most frequent case comes first, so a
 * plain hit costs one probe.
 */
#include "cache/internal.h"
#include "cache/learnt.h"

/* A name with its hash. */
struct spot {
	const uint8_t *name;
	uint64_t hash;
};

struct cache_search {
	const struct cache_query *query;
	struct answer *answer;
	struct spot end; /* of the chain */
	bool stranger; /* nothing at all is stored for this name, so the other look-ups are skipped
			*/
};

static struct spot spot_of(const struct cache_query *query, const uint8_t *name)
{
	return (struct spot){name, store_hash(&query->cache->store, name)};
}

static void go_up(const struct cache_search *search, struct spot *spot)
{
	*spot = spot_of(search->query, name_parent(spot->name));
}

/* 0: found, and the answer says so; RW_ENOTFOUND; RW_ENOMEM. */
typedef int look(struct cache_search *search, enum cache_mode mode);

/* Data of lower rank was never meant as an answer (RFC 2181 section 5.4.1). */
static bool is_worth(const struct entry *entry, enum cache_mode mode, uint64_t now_ms)
{
	enum freshness worst = mode == CACHE_STALE_TOO ? ENTRY_STALE : ENTRY_FRESH;
	return entry_freshness(entry, now_ms) <= worst &&
	       (entry->kind == CACHE_FAILURE || entry->from.rank >= RANK_ANSWER);
}

static int find_at(struct cache_search *search, enum cache_kind kind, const struct spot *spot,
	uint16_t type, enum cache_mode mode, struct cache_hit *ret_hit)
{
	struct shard *shard = store_shard(&search->query->cache->store, spot->hash);
	int err = RW_ENOTFOUND;
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry = store_find(shard, spot->hash, kind, spot->name, type);
	if (entry && is_worth(entry, mode, search->query->now_ms)) {
		err = entry_to_hit(entry, search->query->now_ms, search->query->arena, ret_hit);
		store_touch(shard, entry);
		shard->stats.hits++;
		shard->stats.stale_hits += !err && ret_hit->stale;
	} else if (!entry && spot == &search->end) {
		search->stranger = !store_first(shard, spot->hash, spot->name);
	}
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

/* At the end of the chain. */
static int find(struct cache_search *search, enum cache_kind kind, uint16_t type,
	enum cache_mode mode, struct cache_hit *ret_hit)
{
	if (search->stranger)
		return RW_ENOTFOUND;
	return find_at(search, kind, &search->end, type, mode, ret_hit);
}

/* Marks the set or the negative answer that is added next. */
static void take_hit(struct answer *answer, const struct cache_hit *hit)
{
	answer->stale |= hit->stale;
	answer->prefetch |= (uint64_t)hit->prefetch << answer->set_count;
}

/*
 * A query for ANY is answered with the first of these types that is cached (RFC 8482 section 4.1).
 */
static const uint16_t any_types[] = {TYPE_A, TYPE_AAAA, TYPE_MX, TYPE_TXT, TYPE_NS, TYPE_SOA,
	TYPE_CNAME, TYPE_PTR, TYPE_SRV, TYPE_HTTPS, TYPE_CAA, TYPE_DNAME};

/* A cached CNAME that was synthesised from a DNAME is preceded by that DNAME while it is cached. */
static void show_dname(
	struct cache_search *search, const struct cache_hit *cname, enum cache_mode mode)
{
	struct cache_hit hit;
	const struct rrset *implied;
	struct spot above = search->end;
	while (!name_is_root(above.name)) {
		go_up(search, &above);
		if (find_at(search, CACHE_RRSET, &above, TYPE_DNAME, mode, &hit))
			continue;
		if (answer_synthesise(hit.set, search->end.name, search->query->arena, &implied) ==
				0 &&
			rrset_same_data(implied, cname->set)) {
			take_hit(search->answer, &hit);
			(void)rw_check(answer_add(search->answer, hit.set, &hit.from));
		}
		return;
	}
}

static int look_for_set(struct cache_search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	uint16_t type = search->answer->type;
	int err = RW_ENOTFOUND;
	if (type != TYPE_ANY)
		err = find(search, CACHE_RRSET, type, mode, &hit);
	for (unsigned i = 0; type == TYPE_ANY && err == RW_ENOTFOUND && i < RW_COUNT(any_types);
		i++)
		err = find(search, CACHE_RRSET, any_types[i], mode, &hit);
	if (err)
		return err;
	if (hit.from.synthesised)
		show_dname(search, &hit, mode);
	take_hit(search->answer, &hit);
	answer_end(search->answer, hit.set, &hit.from);
	return 0;
}

static void follow_hit(
	struct cache_search *search, const struct cache_hit *hit, enum cache_mode mode)
{
	if (hit->from.synthesised)
		show_dname(search, hit, mode);
	take_hit(search->answer, hit);
	answer_follow(search->answer, hit->set, &hit->from);
}

static int look_for_alias(struct cache_search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	if (!answer_type_follows(search->answer->type))
		return RW_ENOTFOUND;
	int err = find(search, CACHE_RRSET, TYPE_CNAME, mode, &hit);
	if (!err)
		follow_hit(search, &hit, mode);
	return err;
}

/*
 * A name that has become an alias has none of its older sets any more (RFC 8767 section 6). While
 * they are fresh they are still used: some servers return an alias for one type only, and the sets
 * of such a name would otherwise displace each other all the time.
 */
static int look_for_newer_alias(struct cache_search *search, enum cache_mode mode)
{
	struct cache_hit alias, set;
	uint16_t type = search->answer->type;
	if (!answer_type_follows(type))
		return RW_ENOTFOUND;
	int err = find(search, CACHE_RRSET, TYPE_CNAME, mode, &alias);
	if (err)
		return err;
	err = find(search, CACHE_RRSET, type, mode, &set);
	if (err && err != RW_ENOTFOUND)
		return err;
	if (!err && set.from.when_ms >= alias.from.when_ms)
		return RW_ENOTFOUND;
	follow_hit(search, &alias, mode);
	return 0;
}

static int take_denial(
	struct cache_search *search, enum answer_outcome outcome, const struct cache_hit *hit)
{
	take_hit(search->answer, hit);
	answer_deny(search->answer, outcome, hit->set, &hit->from);
	return 0;
}

static int look_for_nxdomain(struct cache_search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find(search, CACHE_NXDOMAIN, 0, mode, &hit);
	return err ? err : take_denial(search, ANSWER_NXDOMAIN, &hit);
}

static int look_for_nodata(struct cache_search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find(search, CACHE_NODATA, search->answer->type, mode, &hit);
	return err ? err : take_denial(search, ANSWER_NODATA, &hit);
}

/*
 * A DNAME redirects what is below it, not its own owner (RFC 6672 section 2.3). Only a validated
 * DNAME is applied to names that were not queried: otherwise one forged response could take over a
 * whole subtree.
 */
static int look_for_redirection(
	struct cache_search *search, const struct spot *above, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find_at(search, CACHE_RRSET, above, TYPE_DNAME, mode, &hit);
	if (err)
		return err;
	if (hit.from.security != SECURITY_SECURE)
		return RW_ENOTFOUND;
	take_hit(search->answer, &hit);
	return answer_redirect(search->answer, hit.set, &hit.from, search->query->arena);
}

/* Below a name that does not exist nothing does (RFC 8020). */
static int look_for_nxdomain_above(
	struct cache_search *search, const struct spot *above, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find_at(search, CACHE_NXDOMAIN, above, 0, mode, &hit);
	if (err)
		return err;
	(void)take_denial(search, ANSWER_NXDOMAIN, &hit);
	search->answer->denied = above->name;
	return 0;
}

/* What is cached of the ancestors may decide about this name; expired negative answers do not. */
static int look_above(struct cache_search *search, enum cache_mode mode)
{
	int err = RW_ENOTFOUND;
	struct spot above = search->end;
	while (err == RW_ENOTFOUND && !name_is_root(above.name)) {
		go_up(search, &above);
		err = look_for_redirection(search, &above, mode);
		if (err == RW_ENOTFOUND && mode == CACHE_FRESH_ONLY)
			err = look_for_nxdomain_above(search, &above, mode);
	}
	return err;
}

static void count_miss(struct cache_search *search)
{
	struct shard *shard = store_shard(&search->query->cache->store, search->end.hash);
	(void)pthread_mutex_lock(&shard->lock);
	shard->stats.misses++;
	(void)pthread_mutex_unlock(&shard->lock);
}

static int look_for_failure(struct cache_search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	uint16_t type = search->answer->type;
	const uint8_t *name = search->query->entered;
	int err = find(search, CACHE_FAILURE, type, mode, &hit);
	/* An expired link has led on in spite of that failure. */
	if (err == RW_ENOTFOUND && search->end.name != name && !search->answer->stale) {
		const struct spot entered = spot_of(search->query, name);
		err = find_at(search, CACHE_FAILURE, &entered, type, mode, &hit);
	}
	if (err)
		return err;
	answer_fail(search->answer, hit.ede, hit.ede_text);
	return 0;
}

static look *const fresh_looks[] = {
	look_for_set, look_for_alias, look_for_nxdomain, look_for_nodata, look_above};

/*
 * Storing a set removes an older NXDOMAIN of its owner, so an NXDOMAIN that is still here is the
 * newest entry of the name.
 */
static look *const stale_looks[] = {
	look_for_nxdomain, look_for_newer_alias, look_for_set, look_for_nodata, look_above};

/* Expired data is better than a remembered failure (RFC 8767 section 5). */
static look *const last_looks[] = {look_for_failure};

static int run(struct cache_search *search, look *const *looks, size_t count, enum cache_mode mode)
{
	int err = RW_ENOTFOUND;
	for (size_t i = 0; err == RW_ENOTFOUND && i < count; i++)
		err = looks[i](search, mode);
	return err;
}

static int look_in_store(const struct cache_query *query, struct answer *answer)
{
	struct cache_search search = {
		.query = query, .answer = answer, .end = spot_of(query, answer->name)};
	int err = run(&search, fresh_looks, RW_COUNT(fresh_looks), CACHE_FRESH_ONLY);
	if (err == RW_ENOTFOUND && query->mode == CACHE_STALE_TOO)
		err = run(&search, stale_looks, RW_COUNT(stale_looks), CACHE_STALE_TOO);
	if (err == RW_ENOTFOUND)
		err = run(&search, last_looks, RW_COUNT(last_looks), CACHE_FRESH_ONLY);
	if (err == RW_ENOTFOUND)
		count_miss(&search);
	return err;
}

int cache_answer(const struct cache_query *query, struct answer *answer)
{
	if (answer->class != CLASS_IN)
		return RW_ENOTFOUND;
	int err = query->learnt ? learnt_answer(query->learnt, query, answer) : RW_ENOTFOUND;
	return err == RW_ENOTFOUND ? look_in_store(query, answer) : err;
}
