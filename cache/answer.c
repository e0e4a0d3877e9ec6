/* SPDX-License-Identifier: MIT */
/*
 * Whole answers: follows aliases through the cache from the asked name to the set, the denial or
 * the gap at the end. At each name a list of looks is taken in order; the first that finds
 * something decides. What an answer needs most often comes first: a plain hit is one probe.
 */
#include "cache/internal.h"

struct search {
	struct cache *cache;
	const struct question *question;
	enum cache_mode mode;
	uint64_t now_ms;
	struct arena *arena;
	struct cache_answer *answer;
	const uint8_t *name; /* where the chain has come to */
	uint64_t hash;       /* of `name` */
	bool stranger;       /* nothing at all is stored for `name`: looks need not look */
	bool follow;         /* the last look found an alias */
};

/* 0: found, and the answer says so; RW_ENOTFOUND; RW_ENOMEM. */
typedef int look(struct search *search, enum cache_mode mode);

/* Data of lower rank was never meant as an answer (RFC 2181 section 5.4.1). */
static bool is_worth(const struct entry *entry, enum cache_mode mode, uint64_t now_ms)
{
	enum freshness worst = mode == CACHE_STALE_TOO ? ENTRY_STALE : ENTRY_FRESH;
	return entry_freshness(entry, now_ms) <= worst &&
	       (entry->kind == CACHE_FAILURE || entry->from.rank >= RANK_ANSWER);
}

static int find_at(struct search *search, enum cache_kind kind, const uint8_t *name, uint64_t hash,
	uint16_t type, enum cache_mode mode, struct cache_hit *ret_hit)
{
	struct shard *shard = store_shard(&search->cache->store, hash);
	int err = RW_ENOTFOUND;
	(void)pthread_mutex_lock(&shard->lock);
	struct entry *entry = store_find(shard, hash, kind, name, type);
	if (entry && is_worth(entry, mode, search->now_ms)) {
		err = entry_to_hit(entry, search->now_ms, search->arena, ret_hit);
		store_touch(shard, entry);
		shard->stats.hits++;
		shard->stats.stale_hits += !err && ret_hit->stale;
	} else if (!entry && name == search->name) {
		search->stranger = !store_first(shard, hash, name);
	}
	(void)pthread_mutex_unlock(&shard->lock);
	return err;
}

/* At the name where the chain has come to. */
static int find(struct search *search, enum cache_kind kind, uint16_t type, enum cache_mode mode,
	struct cache_hit *ret_hit)
{
	if (search->stranger)
		return RW_ENOTFOUND;
	return find_at(search, kind, search->name, search->hash, type, mode, ret_hit);
}

static void add_set(
	struct cache_answer *answer, const struct rrset *set, const struct provenance *from)
{
	rw_require(answer->set_count < ANSWER_SETS);
	answer->sets[answer->set_count] = set;
	answer->from[answer->set_count++] = *from;
}

static void add_hit(struct cache_answer *answer, const struct cache_hit *hit)
{
	answer->stale |= hit->stale;
	answer->prefetch |= hit->prefetch;
	add_set(answer, hit->set, &hit->from);
}

static bool turns_back(const struct cache_answer *answer, const uint8_t *target)
{
	for (unsigned i = 0; i < answer->set_count; i++)
		if (answer->sets[i]->type == TYPE_CNAME &&
			name_equal(answer->sets[i]->owner, target))
			return true;
	return false;
}

/* Goes on at `target`, unless the chain has become a loop. */
static void follow(struct search *search, const uint8_t *target)
{
	struct cache_answer *answer = search->answer;
	if (!target || turns_back(answer, target)) {
		answer->outcome = ANSWER_LOOP;
		return;
	}
	answer->aliases++;
	search->name = target;
	search->hash = store_hash(&search->cache->store, target);
	search->stranger = false;
	search->follow = true;
}

static bool chain_is_full(struct search *search)
{
	if (search->answer->aliases < LIMIT_ALIASES)
		return false;
	search->answer->outcome = ANSWER_LOOP;
	return true;
}

/* What stands for all types (RFC 8482 section 4.1): the first of these that is there. */
static const uint16_t any_types[] = {TYPE_A, TYPE_AAAA, TYPE_MX, TYPE_TXT, TYPE_NS, TYPE_SOA,
	TYPE_CNAME, TYPE_PTR, TYPE_SRV, TYPE_HTTPS, TYPE_CAA, TYPE_DNAME};

/* The DNAME that a remembered CNAME was made from stands before it, where it still lives. */
static void show_dname(struct search *search, const struct cache_hit *cname, enum cache_mode mode)
{
	struct cache_hit hit;
	const struct rrset *implied;
	for (const uint8_t *above = search->name; !name_is_root(above);) {
		above = name_parent(above);
		uint64_t hash = store_hash(&search->cache->store, above);
		if (find_at(search, CACHE_RRSET, above, hash, TYPE_DNAME, mode, &hit))
			continue;
		if (answer_synthesise(hit.set, search->name, search->arena, &implied) == 0 &&
			rrset_same_data(implied, cname->set))
			add_hit(search->answer, &hit);
		return;
	}
}

static int look_for_set(struct search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	uint16_t type = search->question->type;
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
	add_hit(search->answer, &hit);
	search->answer->outcome = ANSWER_POSITIVE;
	return 0;
}

/*
 * These stand beside a CNAME or are it: the alias is no answer to them. Nor is it to DS, where it
 * may be the child's word and the parent is to be asked (RFC 4035 section 3.1.4.1).
 */
static bool may_follow_cname(uint16_t type)
{
	return type != TYPE_CNAME && type != TYPE_ANY && type != TYPE_NSEC && type != TYPE_RRSIG &&
	       type != TYPE_DS;
}

static int look_for_alias(struct search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	if (!may_follow_cname(search->question->type))
		return RW_ENOTFOUND;
	int err = find(search, CACHE_RRSET, TYPE_CNAME, mode, &hit);
	if (err || chain_is_full(search))
		return err;
	if (hit.from.synthesised)
		show_dname(search, &hit, mode);
	add_hit(search->answer, &hit);
	follow(search, rrset_target(hit.set, 0));
	return 0;
}

int answer_synthesise(const struct rrset *dname, const uint8_t *name, struct arena *arena,
	const struct rrset **ret_cname)
{
	struct name target;
	const uint8_t *to = rrset_target(dname, 0);
	if (!to || dname->type != TYPE_DNAME || !name_is_below(name, dname->owner))
		return RW_EINVAL;
	int err = name_replace_suffix(name, dname->owner, to, &target);
	if (err)
		return err;
	const struct rrset *cname = rrset_single(arena, name, TYPE_CNAME, dname->ttl, target.bytes,
		(uint16_t)name_size(target.bytes));
	if (!cname)
		return RW_ENOMEM;
	*ret_cname = cname;
	return 0;
}

/* The DNAME, the CNAME it implies, and on to the new name. */
static int redirect(struct search *search, const struct cache_hit *hit)
{
	struct cache_answer *answer = search->answer;
	const struct rrset *cname;
	uint16_t type = search->question->type;
	if (chain_is_full(search))
		return 0;
	int err = answer_synthesise(hit->set, search->name, search->arena, &cname);
	if (err == RW_ENOMEM)
		return err;
	add_hit(answer, hit);
	if (err) {
		answer->outcome = ANSWER_TOO_LONG;
		return 0;
	}
	add_set(answer, cname, &hit->from);
	if (type == TYPE_CNAME || type == TYPE_ANY)
		answer->outcome = ANSWER_POSITIVE;
	else
		follow(search, rrset_target(cname, 0));
	return 0;
}

static int take_denial(
	struct search *search, enum answer_outcome outcome, const struct cache_hit *hit)
{
	struct cache_answer *answer = search->answer;
	answer->outcome = outcome;
	answer->denied = search->name;
	answer->soa = hit->set;
	answer->soa_from = hit->from;
	answer->stale |= hit->stale;
	answer->prefetch |= hit->prefetch;
	return 0;
}

static int look_for_nxdomain(struct search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find(search, CACHE_NXDOMAIN, 0, mode, &hit);
	return err ? err : take_denial(search, ANSWER_NXDOMAIN, &hit);
}

static int look_for_nodata(struct search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find(search, CACHE_NODATA, search->question->type, mode, &hit);
	return err ? err : take_denial(search, ANSWER_NODATA, &hit);
}

/*
 * A DNAME redirects what is below it, not its own owner (RFC 6672 section 2.3). Only a verified one
 * speaks for names that were not asked yet: one forged reply would else take over a whole subtree.
 */
static int look_for_redirection(
	struct search *search, const uint8_t *above, uint64_t hash, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find_at(search, CACHE_RRSET, above, hash, TYPE_DNAME, mode, &hit);
	if (err)
		return err;
	return hit.from.security == SECURITY_SECURE ? redirect(search, &hit) : RW_ENOTFOUND;
}

/* Below a name that does not exist nothing does (RFC 8020). */
static int look_for_nxdomain_above(
	struct search *search, const uint8_t *above, uint64_t hash, enum cache_mode mode)
{
	struct cache_hit hit;
	int err = find_at(search, CACHE_NXDOMAIN, above, hash, 0, mode, &hit);
	if (err)
		return err;
	(void)take_denial(search, ANSWER_NXDOMAIN, &hit);
	search->answer->denied = above;
	return 0;
}

/* What the names above say of all below them; expired denials say nothing. */
static int look_above(struct search *search, enum cache_mode mode)
{
	int err = RW_ENOTFOUND;
	const uint8_t *above = search->name;
	while (err == RW_ENOTFOUND && !name_is_root(above)) {
		above = name_parent(above);
		uint64_t hash = store_hash(&search->cache->store, above);
		err = look_for_redirection(search, above, hash, mode);
		if (err == RW_ENOTFOUND && mode == CACHE_FRESH_ONLY)
			err = look_for_nxdomain_above(search, above, hash, mode);
	}
	return err;
}

static void count_miss(struct search *search)
{
	struct shard *shard = store_shard(&search->cache->store, search->hash);
	(void)pthread_mutex_lock(&shard->lock);
	shard->stats.misses++;
	(void)pthread_mutex_unlock(&shard->lock);
}

static int look_for_failure(struct search *search, enum cache_mode mode)
{
	struct cache_hit hit;
	uint16_t type = search->question->type;
	const uint8_t *asked = search->question->name;
	int err = find(search, CACHE_FAILURE, type, mode, &hit);
	/* What failed may be a part of the chain that could not be kept. */
	if (err == RW_ENOTFOUND && search->name != asked)
		err = find_at(search, CACHE_FAILURE, asked,
			store_hash(&search->cache->store, asked), type, mode, &hit);
	if (err)
		return err;
	search->answer->outcome = ANSWER_FAILURE;
	search->answer->ede = hit.ede;
	search->answer->ede_text = hit.ede_text;
	return 0;
}

static look *const fresh_looks[] = {
	look_for_set, look_for_alias, look_for_nxdomain, look_for_nodata, look_above};

/* A set that was stored after an NXDOMAIN has removed it: one that is there is newer than all. */
static look *const stale_looks[] = {
	look_for_nxdomain, look_for_set, look_for_alias, look_for_nodata, look_above};

/* Expired data is better than a remembered failure (RFC 8767 section 5). */
static look *const last_looks[] = {look_for_failure};

static int run(struct search *search, look *const *looks, size_t count, enum cache_mode mode)
{
	int err = RW_ENOTFOUND;
	for (size_t i = 0; err == RW_ENOTFOUND && i < count; i++)
		err = looks[i](search, mode);
	return err;
}

static int look_at_name(struct search *search)
{
	int err = run(search, fresh_looks, RW_COUNT(fresh_looks), CACHE_FRESH_ONLY);
	if (err == RW_ENOTFOUND && search->mode == CACHE_STALE_TOO)
		err = run(search, stale_looks, RW_COUNT(stale_looks), CACHE_STALE_TOO);
	if (err == RW_ENOTFOUND)
		err = run(search, last_looks, RW_COUNT(last_looks), CACHE_FRESH_ONLY);
	return err;
}

/* All but the arrays, which are long and rarely used beyond their first element. */
static void answer_init(struct cache_answer *answer)
{
	answer->outcome = ANSWER_MISS;
	answer->set_count = answer->aliases = 0;
	answer->denied = NULL;
	answer->soa = NULL;
	answer->soa_from = (struct provenance){0};
	answer->stale = answer->prefetch = false;
	answer->ede = -1;
	answer->ede_text = NULL;
}

int cache_answer(struct cache *cache, const struct question *question, enum cache_mode mode,
	uint64_t now_ms, struct arena *arena, struct cache_answer *ret_answer)
{
	struct search search = {.cache = cache,
		.question = question,
		.mode = mode,
		.now_ms = now_ms,
		.arena = arena,
		.answer = ret_answer,
		.name = question->name,
		.hash = store_hash(&cache->store, question->name)};
	int err = 0;
	answer_init(ret_answer);
	if (question->class == CLASS_IN) {
		do {
			search.follow = false;
			err = look_at_name(&search);
		} while (!err && search.follow);
	}
	ret_answer->next = search.name;
	if (err != RW_ENOTFOUND)
		return err;
	count_miss(&search);
	return 0;
}
