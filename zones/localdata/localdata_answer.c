/* SPDX-License-Identifier: MIT */
/* What is known here of a question: at each name of the chain what is ours, then the cache. */
#include "resolver/wire/edns.h"
#include "zones/localdata/localdata.h"
#include "zones/localdata/nat64.h"
#include "zones/localdata/special_use.h"
#include "zones/cuts/zonecut.h"

struct localdata_search {
	const struct localdata_query *query;
	struct answer *answer;
	struct cache *cache;    /* that the last link came from, or NULL */
	const uint8_t *entered; /* where the chain has come into it */
};

/* ---- types that are withheld ---- */

static const char withheld_text[] = "the configuration's key withhold leaves this type out here";

static bool is_withheld(const struct settings *settings, const uint8_t *name, uint16_t type)
{
	for (size_t i = 0; i < settings->withhold.count; i++) {
		const struct withhold_settings *item = &settings->withhold.items[i];
		for (size_t k = 0; k < item->types.count; k++)
			if (item->types.items[k] == type && name_is_at_or_below(name, item->zone))
				return true;
	}
	return false;
}

static void tell_withheld(struct answer *answer)
{
	answer->ede = EDE_FILTERED;
	answer->ede_text = withheld_text;
}

void localdata_withhold(
	const struct localdata *localdata, const struct settings *settings, struct answer *answer)
{
	unsigned count = answer->set_count, kept = 0;
	if (settings->withhold.count == 0)
		return;
	for (unsigned i = 0; i < count; i++) {
		const struct rrset *set = answer->sets[i];
		if (set->type != TYPE_CNAME && set->type != TYPE_DNAME &&
			!localdata_has(localdata, set->owner) &&
			is_withheld(settings, set->owner, set->type))
			continue;
		answer->from[kept] = answer->from[i];
		answer->sets[kept++] = set;
	}
	if (kept == count)
		return;
	answer->set_count = kept;
	tell_withheld(answer);
}

/* ---- what is answered here ---- */

static void mark_local(struct answer *answer)
{
	answer->local = answer->ends_local = true;
	answer->begins_local |= answer->aliases == 0;
}

static int look_for_withheld(const struct localdata_search *s)
{
	struct answer *answer = s->answer;
	if (!s->query->withhold || answer->set_count > 0 ||
		!is_withheld(s->query->settings, answer->name, answer->type))
		return RW_ENOTFOUND;
	answer_deny(answer, ANSWER_NODATA, NULL, &provenance_local);
	tell_withheld(answer);
	mark_local(answer);
	return 0;
}

static int look_for_nat64(const struct localdata_search *s)
{
	const struct question question = {s->answer->name, s->answer->type, s->answer->class};
	const struct dns64_settings *dns64 =
		localdata_dns64(s->query->localdata, s->query->settings);
	const struct rrset *alias;
	if (question.type != TYPE_PTR)
		return RW_ENOTFOUND;
	int err = nat64_alias(&dns64->prefix, &question, s->query->arena, &alias);
	if (!err)
		answer_follow(s->answer, alias, &provenance_local);
	return err;
}

/* Nothing of these names may leak (RFC 6761, RFC 6303). */
static int look_for_special(const struct localdata_search *s)
{
	const struct localdata_query *query = s->query;
	const struct question question = {s->answer->name, s->answer->type, s->answer->class};
	struct localdata_cut cut;
	if (!special_use_zone_served(query->settings, question.name))
		return RW_ENOTFOUND;
	/* What a zone of ours delegates is its servers' to answer. */
	int err = localdata_cut(query->localdata, &question, query->arena, &cut);
	if (err != RW_ENOTFOUND)
		return err ? err : RW_ENOTFOUND;
	err = special_use_lookup(query->arena, s->answer);
	if (!err)
		mark_local(s->answer);
	return err;
}

/* The names of a NAT64's prefix may be among those that are served locally. */
static int look_here(const struct localdata_search *s)
{
	int err =
		localdata_lookup(s->query->localdata, s->query->now_ms, s->query->arena, s->answer);
	if (err == RW_ENOTFOUND)
		err = look_for_withheld(s);
	if (err == RW_ENOTFOUND)
		err = look_for_nat64(s);
	return err == RW_ENOTFOUND ? look_for_special(s) : err;
}

void localdata_amend(const struct localdata *localdata, uint64_t now_ms, struct answer *answer)
{
	if (answer->outcome == ANSWER_NXDOMAIN &&
		localdata_name_exists(localdata, answer->name, now_ms))
		answer->outcome = ANSWER_NODATA;
}

/* ---- the cache ---- */

/*
 * Whose cache knows of the name: that of a zone of ours which it was delegated from, or
 * everybody's. Others may have learnt of such a name what is not true for us.
 */
static int choose_cache(struct localdata_search *s)
{
	const struct question question = {s->answer->name, s->answer->type, s->answer->class};
	struct cache *cache = s->query->cache;
	struct localdata_cut cut;
	int err = s->query->localdata
			  ? localdata_cut(s->query->localdata, &question, s->query->arena, &cut)
			  : RW_ENOTFOUND;
	if (!err)
		cache = cut.cache;
	s->answer->local |= cache != s->query->cache;
	if (cache != s->cache)
		s->entered = question.name;
	s->cache = cache;
	return err == RW_ENOTFOUND ? 0 : err;
}

static int look_in_cache(struct localdata_search *s)
{
	struct answer *answer = s->answer;
	int err = choose_cache(s);
	if (err)
		return err;
	const struct cache_query query = {.cache = s->cache,
		.learnt = s->query->learnt,
		.mode = s->query->mode,
		.now_ms = s->query->now_ms,
		.arena = s->query->arena,
		.entered = s->entered};
	err = cache_answer(&query, answer);
	if (err || answer->outcome != ANSWER_NXDOMAIN ||
		!zonecut_hides_denial(s->query->settings, answer->name, answer->denied))
		return err;
	answer_cut(answer, answer->set_count, answer->name);
	return RW_ENOTFOUND;
}

/* A copy with another TTL, and with that of its proofs, which have the TTL of what they prove. */
static const struct rrset *with_ttl(const struct rrset *set, uint32_t ttl, struct arena *arena)
{
	struct rrset *copy = arena_dup(arena, set, sizeof(*copy));
	struct rrset *proofs = arena_alloc(arena, set->proof_count * sizeof(*proofs));
	if (!copy || !proofs)
		return NULL;
	for (unsigned i = 0; i < set->proof_count; i++) {
		proofs[i] = set->proofs[i];
		proofs[i].ttl = ttl;
	}
	copy->ttl = ttl;
	copy->proofs = proofs;
	return copy;
}

/* What has expired is told with a life of its own, or nobody would keep it (RFC 8767 section 4). */
static int give_life(const struct localdata_query *query, const struct rrset **set)
{
	if (!*set || (*set)->ttl > 0)
		return 0;
	const struct rrset *living =
		with_ttl(*set, query->settings->cache.stale_ttl_s, query->arena);
	if (!living)
		return RW_ENOMEM;
	*set = living;
	return 0;
}

static int give_lives(const struct localdata_query *query, struct answer *answer)
{
	int err = give_life(query, &answer->soa);
	for (unsigned i = 0; i < answer->set_count && !err; i++)
		err = give_life(query, &answer->sets[i]);
	return err;
}

int localdata_answer(const struct localdata_query *query, struct answer *answer)
{
	struct localdata_search s = {.query = query, .answer = answer};
	bool outside = query->outside;
	int err = 0;
	while (!err && answer->outcome == ANSWER_MISS) {
		err = outside ? RW_ENOTFOUND : look_here(&s);
		if (!err)
			s.cache = NULL;
		else if (err == RW_ENOTFOUND)
			err = look_in_cache(&s);
		outside = false;
	}
	if (err && err != RW_ENOTFOUND)
		return err;
	localdata_amend(query->localdata, query->now_ms, answer);
	return answer->stale ? give_lives(query, answer) : 0;
}
