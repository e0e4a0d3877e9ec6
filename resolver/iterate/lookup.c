/* SPDX-License-Identifier: MIT */
/* LOOKUP: what is known here of the current name: what is ours, special-use names, the cache. */
#include "resolver/iterate/walk_state.h"
#include "zones/special_use.h"
#include "zones/nat64.h"
#include "zones/zonecut.h"

void walk_add_answer(struct walk *walk, const struct rrset *set, const struct provenance *from)
{
	if (walk->answer_count == ANSWER_SETS)
		return;
	walk->answer[walk->answer_count] = set;
	walk->from[walk->answer_count] = *from;
	walk->answer_count++;
}

/* Whether the name stood in the chain before: a loop. */
static bool seen_before(const struct walk *walk, const uint8_t *name)
{
	for (unsigned i = 0; i < walk->answer_count; i++)
		if (walk->answer[i]->type == TYPE_CNAME && name_equal(walk->answer[i]->owner, name))
			return true;
	return false;
}

void walk_follow_alias(struct walk *walk, const uint8_t *target, unsigned aliases)
{
	walk->aliases += aliases;
	if (walk->aliases > LIMIT_ALIASES) {
		walk->aliases = LIMIT_ALIASES;
		finish_loop(walk, "the chain of aliases is too long");
		return;
	}
	if (seen_before(walk, target)) {
		finish_loop(walk, "the chain of aliases turns in a circle");
		return;
	}
	walk->current.name = target;
	walk->current_since_ms = walk->now_ms;
	walk->minimise_labels = 0;
	walk->full_name = false;
	walk->last_resort = NULL;
	walk->denied_soa = NULL;
	walk->state = WALK_LOOKUP;
	walk_note(walk, NOTE_RESTART)->target = target;
}

static void note_cached(struct walk *walk, const struct cache_answer *found)
{
	struct note *note = walk_note(walk, NOTE_CACHED);
	note->sets = arena_dup(walk->arena, found->sets, found->set_count * sizeof(found->sets[0]));
	note->from = arena_dup(walk->arena, found->from, found->set_count * sizeof(found->from[0]));
	note->set_count = note->sets && note->from ? found->set_count : 0;
	note->soa = found->soa && found->soa->count > 0 ? found->soa : NULL;
	note->rcode = found->outcome == ANSWER_NXDOMAIN ? RCODE_NXDOMAIN : RCODE_NOERROR;
}

/* Special-use names: nothing of them may leak (RFC 6761, RFC 6303). */
static bool answered_specially(struct walk *walk)
{
	struct local_answer local;
	struct localdata_cut cut;
	/* A NAT64's prefix may be one whose names are served locally. */
	if (!zonecut_local_zone(walk->context->settings, walk->current.name) ||
		nat64_has(&walk->context->settings->dns64, &walk->current))
		return false;
	/* What a zone of ours delegates is its servers' to answer. */
	if (localdata_cut(walk->localdata, &walk->current, walk->arena, &cut) != RW_ENOTFOUND)
		return false;
	int err = special_use_lookup(&walk->current, walk->arena, &local);
	if (err == RW_ENOTFOUND)
		return false;
	if (err) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return true;
	}
	struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = walk->now_ms};
	walk_note(walk, NOTE_LOCAL)->zone = local.zone;
	walk->begins_here |= walk->answer_count == 0;
	if (local.answer) {
		walk_add_answer(walk, local.answer, &from);
		finish_positive(walk);
	} else {
		finish_negative(walk, local.rcode, local.soa, &from);
	}
	return true;
}

/* Goes on where the chain ends. */
static void miss(struct walk *walk, const struct cache_answer *found)
{
	walk->state = WALK_CUT;
	if (found->set_count == 0)
		return;
	walk_follow_alias(walk, found->next, found->aliases);
	if (walk->state == WALK_LOOKUP && !answered_specially(walk))
		walk->state = WALK_CUT;
}

/* What the cache knows is known of the name at the end of its chain. */
static void go_to_end(struct walk *walk, const struct cache_answer *found)
{
	if (found->set_count > 0)
		walk->current.name = found->next;
}

static void use(struct walk *walk, const struct cache_answer *found)
{
	switch (found->outcome) {
	case ANSWER_POSITIVE:
		finish_positive(walk);
		break;
	case ANSWER_NODATA:
		go_to_end(walk, found);
		finish_negative(walk, RCODE_NOERROR, found->soa, &found->soa_from);
		break;
	case ANSWER_NXDOMAIN:
		finish_negative(walk, RCODE_NXDOMAIN, found->soa, &found->soa_from);
		break;
	case ANSWER_FAILURE:
		go_to_end(walk, found);
		finish_failure(walk, EDE_CACHED_ERROR, found->ede_text);
		break;
	case ANSWER_LOOP:
		finish_loop(walk, "the chain of aliases is too long or turns in a circle");
		break;
	case ANSWER_TOO_LONG:
		finish_rcode(walk, RCODE_YXDOMAIN);
		break;
	case ANSWER_MISS:
		miss(walk, found);
		break;
	}
}

/* In the last tenth of its life; as the cache sees it, to the second. */
static bool is_due(const struct walk *walk, const struct rrset *set, const struct provenance *from)
{
	const struct cache_settings *cache = &walk->context->settings->cache;
	if (from->server.family == ADDR_NONE)
		return false; /* nobody has said it but we */
	uint64_t whole = RW_MIN(RW_MAX(from->original_ttl, cache->min_ttl_s), cache->max_ttl_s);
	return whole > 0 && set->ttl * UINT64_C(10) < whole + 10;
}

/* Leaves the first `count` sets of the answer; the rest must be asked for. */
static void cut_found(struct walk *walk, struct cache_answer *found, unsigned count)
{
	/* A DNAME and the alias it makes stay together. */
	if (count > 0 && found->sets[count - 1]->type == TYPE_DNAME)
		count--;
	found->outcome = ANSWER_MISS;
	found->soa = NULL;
	found->set_count = count;
	found->next = walk->current.name;
	found->aliases = 0;
	for (unsigned i = 0; i < count; i++) {
		if (found->sets[i]->type != TYPE_CNAME)
			continue;
		found->next = rrset_target(found->sets[i], 0);
		found->aliases++;
	}
}

/* What a refreshment is for is not taken from the cache. */
static void cut_at_due(struct walk *walk, struct localdata_answer *answer)
{
	struct cache_answer *found = &answer->found;
	unsigned first = 0;
	while (first < found->set_count && !is_due(walk, found->sets[first], &found->from[first]))
		first++;
	if (first < found->set_count)
		cut_found(walk, found, first);
	else if (walk->bypass_cache && !answer->mixed &&
		 !nat64_has(&walk->context->settings->dns64, &walk->current))
		cut_found(walk, found, 0);
	walk->bypass_cache = false;
}

static void take(struct walk *walk, struct localdata_answer *answer)
{
	const struct cache_answer *found = &answer->found;
	if (walk->refreshes)
		cut_at_due(walk, answer);
	walk->begins_here |= walk->answer_count == 0 && answer->begins;
	walk->mixed |= answer->mixed;
	walk->ends_here = answer->ends;
	for (unsigned i = 0; i < found->set_count; i++)
		walk_add_answer(walk, found->sets[i], &found->from[i]);
	if (answer->mixed)
		walk_note(walk, NOTE_LOCAL)->zone = walk->current.name;
	else if (found->set_count > 0 || found->outcome != ANSWER_MISS)
		note_cached(walk, found);
	use(walk, found);
}

void walk_lookup(struct walk *walk)
{
	struct own_found ours;
	struct localdata_answer answer;
	struct localdata_query query = {.localdata = walk->localdata,
		.settings = walk->context->settings,
		.cache = walk->context->cache,
		.question = &walk->current,
		.now_ms = walk->now_ms,
		.arena = walk->arena};
	int err =
		localdata_lookup(query.localdata, &walk->current, walk->now_ms, walk->arena, &ours);
	query.outside = err == RW_ENOTFOUND;
	if (query.outside && answered_specially(walk))
		return;
	if (query.outside && walk->bypass_cache && !walk->refreshes) {
		/* Only the client's own name is asked afresh; what an alias leads to may be cached.
		 */
		walk->bypass_cache = false;
		walk->state = WALK_CUT;
		return;
	}
	if (localdata_answer(&query, &answer))
		finish_failure(walk, EDE_NONE, "out of memory for this request");
	else
		take(walk, &answer);
}
