/* SPDX-License-Identifier: MIT */
/* LOOKUP: what the cache and the locally served zones know of the current name. */
#include "resolver/iterate/walk_state.h"
#include "zones/local.h"
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
	note->soa = found->soa;
	note->rcode = found->outcome == ANSWER_NXDOMAIN ? RCODE_NXDOMAIN : RCODE_NOERROR;
}

/* A name of `hosts` owns all its types: what else is asked of it is not there. */
static bool answered_by_hosts(struct walk *walk)
{
	const struct rrset *set;
	const struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = walk->now_ms};
	if (!hosts_lookup(walk->context->hosts, &walk->current, &set))
		return false;
	walk_note(walk, NOTE_LOCAL)->zone = walk->current.name;
	if (set) {
		walk_add_answer(walk, set, &from);
		finish_positive(walk);
	} else {
		finish_negative(walk, RCODE_NOERROR, NULL, &from);
	}
	return true;
}

/* Served here: nothing of it may leak (RFC 6761, RFC 6303). */
static bool answered_locally(struct walk *walk)
{
	struct local_answer local;
	if (answered_by_hosts(walk))
		return true;
	/* A NAT64's prefix may be one whose names are served locally. */
	if (!walk->context->settings->special_use || !local_zone_of(walk->current.name) ||
		nat64_has(&walk->context->settings->dns64, &walk->current))
		return false;
	int err = local_lookup(&walk->current, walk->arena, &local);
	if (err == RW_ENOTFOUND)
		return false;
	if (err) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return true;
	}
	struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = walk->now_ms};
	walk_note(walk, NOTE_LOCAL)->zone = local.zone;
	if (local.answer) {
		walk_add_answer(walk, local.answer, &from);
		finish_positive(walk);
	} else {
		finish_negative(walk, local.rcode, local.soa, &from);
	}
	return true;
}

/* Goes on where the cached chain ends. */
static void miss(struct walk *walk, const struct cache_answer *found)
{
	walk->state = WALK_CUT;
	if (found->set_count == 0)
		return;
	walk_follow_alias(walk, found->next, found->aliases);
	if (walk->state == WALK_LOOKUP && !answered_locally(walk))
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
static void cut_at_due(struct walk *walk, struct cache_answer *found)
{
	unsigned first = 0;
	while (first < found->set_count && !is_due(walk, found->sets[first], &found->from[first]))
		first++;
	if (first < found->set_count)
		cut_found(walk, found, first);
	else if (walk->bypass_cache && !nat64_has(&walk->context->settings->dns64, &walk->current))
		cut_found(walk, found, 0);
	walk->bypass_cache = false;
}

void walk_lookup(struct walk *walk)
{
	struct cache_answer found;
	if (answered_locally(walk))
		return;
	if (walk->bypass_cache && !walk->refreshes) {
		/* Only the client's own name is asked afresh; what an alias leads to may be cached.
		 */
		walk->bypass_cache = false;
		walk->state = WALK_CUT;
		return;
	}
	if (zonecut_answer(walk->context->settings, walk->context->cache, &walk->current,
		    CACHE_FRESH_ONLY, walk->now_ms, walk->arena, &found)) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return;
	}
	if (walk->refreshes)
		cut_at_due(walk, &found);
	for (unsigned i = 0; i < found.set_count; i++)
		walk_add_answer(walk, found.sets[i], &found.from[i]);
	if (found.set_count > 0 || found.outcome != ANSWER_MISS)
		note_cached(walk, &found);
	use(walk, &found);
}
