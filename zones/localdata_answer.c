/* SPDX-License-Identifier: MIT */
/* Whole answers out of what is ours and what is cached, alias after alias. */
#include "zones/localdata.h"
#include "zones/zonecut.h"

/* The types that an alias is no answer to, as in the cache. */
static bool follows_aliases(uint16_t type)
{
	return type != TYPE_CNAME && type != TYPE_ANY && type != TYPE_NSEC && type != TYPE_RRSIG &&
	       type != TYPE_DS;
}

static void end_in_loop(struct localdata_answer *answer)
{
	answer->found.outcome = ANSWER_LOOP;
	answer->found.next = NULL;
}

/* False: there is no room for it, which a chain without a loop always has. */
static bool add_set(
	struct localdata_answer *answer, const struct rrset *set, const struct provenance *from)
{
	struct cache_answer *found = &answer->found;
	if (found->set_count == ANSWER_SETS)
		return false;
	found->sets[found->set_count] = set;
	found->from[found->set_count++] = *from;
	return true;
}

/* Whether the chain may go on at `target`. */
static bool may_go_on(struct localdata_answer *answer, const uint8_t *target, unsigned aliases)
{
	struct cache_answer *found = &answer->found;
	found->aliases += aliases;
	if (found->aliases > LIMIT_ALIASES)
		return false;
	for (unsigned i = 0; i < found->set_count; i++)
		if (found->sets[i]->type == TYPE_CNAME && name_equal(found->sets[i]->owner, target))
			return false;
	return true;
}

static void end_with_ours(struct localdata_answer *answer, const struct own_found *ours,
	const struct provenance *from)
{
	struct cache_answer *found = &answer->found;
	answer->ends = true;
	found->soa = ours->soa;
	found->soa_from = *from;
	if (ours->trouble) {
		found->outcome = ANSWER_FAILURE;
		found->ede = EDE_NOT_READY;
		found->ede_text = ours->trouble;
	} else if (ours->rcode == RCODE_YXDOMAIN) {
		found->outcome = ANSWER_TOO_LONG;
	} else if (ours->rcode == RCODE_NXDOMAIN) {
		found->outcome = ANSWER_NXDOMAIN;
		found->denied = found->next;
	} else {
		bool is_denial = ours->set_count == ours->aliases;
		found->outcome = is_denial ? ANSWER_NODATA : ANSWER_POSITIVE;
	}
}

/* 0: ours, and `at->name` moves on unless the answer has ended; RW_ENOTFOUND, RW_ENOMEM. */
static int take_ours(const struct localdata_query *query, struct question *at,
	struct localdata_answer *answer, bool *ret_ended)
{
	const struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = query->now_ms};
	struct own_found ours;
	int err = localdata_lookup(query->localdata, at, query->now_ms, query->arena, &ours);
	if (err)
		return err;
	if (answer->found.set_count == 0)
		answer->begins = true;
	answer->mixed = true;
	*ret_ended = true;
	for (unsigned i = 0; i < ours.set_count; i++)
		if (!add_set(answer, ours.sets[i], &from)) {
			end_in_loop(answer);
			return 0;
		}
	if (!ours.next) {
		end_with_ours(answer, &ours, &from);
	} else if (!may_go_on(answer, ours.next, ours.aliases)) {
		end_in_loop(answer);
	} else {
		at->name = answer->found.next = ours.next;
		*ret_ended = false;
	}
	return 0;
}

/* Whose cache knows of the name: that of a zone of ours which it was delegated from, or
 * everybody's. Others may have learnt of such a name what is not true for us. */
static int choose_cache(
	const struct localdata_query *query, const struct question *at, struct cache **ret_cache)
{
	struct localdata_cut cut;
	int err = localdata_cut(query->localdata, at, query->arena, &cut);
	*ret_cache = err ? query->cache : cut.cache;
	return err == RW_ENOTFOUND ? 0 : err;
}

/* Whether this cache has no say in the name. */
static int is_elsewhere(const struct localdata_query *query, const struct question *at,
	const struct cache *cache, bool *ret_elsewhere)
{
	struct own_found ours;
	struct cache *its;
	int err = localdata_lookup(query->localdata, at, query->now_ms, query->arena, &ours);
	*ret_elsewhere = true;
	if (err != RW_ENOTFOUND)
		return err;
	err = choose_cache(query, at, &its);
	*ret_elsewhere = its != cache;
	return err;
}

/* The first alias of a cached chain that leads elsewhere, or `set_count`. */
static int find_way_out(const struct localdata_query *query, const struct cache_answer *part,
	const struct cache *cache, unsigned *ret_index)
{
	struct question question = {NULL, query->question->type, CLASS_IN};
	*ret_index = part->set_count;
	for (unsigned i = 0; i < part->set_count && follows_aliases(question.type); i++) {
		bool elsewhere;
		if (part->sets[i]->type != TYPE_CNAME)
			continue;
		question.name = rrset_target(part->sets[i], 0);
		int err = question.name ? is_elsewhere(query, &question, cache, &elsewhere) : 0;
		if (err)
			return err;
		if (question.name && elsewhere) {
			*ret_index = i;
			return 0;
		}
	}
	return 0;
}

static unsigned aliases_in(const struct cache_answer *part, unsigned count)
{
	unsigned aliases = 0;
	for (unsigned i = 0; i < count; i++)
		aliases += part->sets[i]->type == TYPE_CNAME;
	return aliases;
}

/* The end of the chain is what the cache says of its last name. */
static void end_with_cached(struct localdata_answer *answer, const struct cache_answer *part)
{
	struct cache_answer *found = &answer->found;
	found->outcome = part->outcome;
	found->next = part->next;
	found->denied = part->denied;
	found->soa = part->soa;
	found->soa_from = part->soa_from;
	found->ede = part->ede;
	found->ede_text = part->ede_text;
	if (!may_go_on(answer, part->next, part->aliases) && part->aliases > 0)
		end_in_loop(answer);
}

/* What the cache knows from `at` on, up to an alias that leads elsewhere. */
static int take_cached(const struct localdata_query *query, struct question *at,
	struct localdata_answer *answer, bool *ret_ended)
{
	struct cache_answer part;
	struct cache *cache;
	unsigned out = 0;
	int err = choose_cache(query, at, &cache);
	if (!err)
		err = zonecut_answer(query->settings, cache, at, query->mode, query->now_ms,
			query->arena, &part);
	if (!err)
		err = find_way_out(query, &part, cache, &out);
	if (err)
		return err;
	unsigned taken = RW_MIN(out + 1, part.set_count);
	*ret_ended = true;
	answer->mixed |= cache != query->cache;
	answer->found.stale |= part.stale;
	answer->found.prefetch |= part.prefetch;
	for (unsigned i = 0; i < taken; i++)
		if (!add_set(answer, part.sets[i], &part.from[i])) {
			end_in_loop(answer);
			return 0;
		}
	if (out == part.set_count) {
		end_with_cached(answer, &part);
		return 0;
	}
	const uint8_t *target = rrset_target(part.sets[out], 0);
	if (!may_go_on(answer, target, aliases_in(&part, taken))) {
		end_in_loop(answer);
		return 0;
	}
	at->name = answer->found.next = target;
	*ret_ended = false;
	return 0;
}

/* With nothing of ours there is only the cache, and that straight into the answer. */
static int answer_from_cache(
	const struct localdata_query *query, struct localdata_answer *ret_answer)
{
	ret_answer->begins = ret_answer->ends = ret_answer->mixed = false;
	return zonecut_answer(query->settings, query->cache, query->question, query->mode,
		query->now_ms, query->arena, &ret_answer->found);
}

int localdata_answer(const struct localdata_query *query, struct localdata_answer *ret_answer)
{
	struct question at = *query->question;
	bool ended = false, outside = query->outside;
	if (!query->localdata)
		return answer_from_cache(query, ret_answer);
	*ret_answer = (struct localdata_answer){.found = {.next = at.name}};
	/* Each round but the last follows an alias at least. */
	for (unsigned round = 0; round <= LIMIT_ALIASES + 1 && !ended; round++) {
		int err = outside ? RW_ENOTFOUND : take_ours(query, &at, ret_answer, &ended);
		if (err == RW_ENOTFOUND)
			err = take_cached(query, &at, ret_answer, &ended);
		if (err)
			return err;
		outside = false;
	}
	if (!ended)
		end_in_loop(ret_answer);
	return 0;
}
