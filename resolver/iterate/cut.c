/* SPDX-License-Identifier: MIT */
/* CUT: where to start. The root's own NS set is asked for once before it is used (RFC 9609). */
#include <string.h>

#include "resolver/iterate/walk_state.h"
#include "zones/cuts/zonecut.h"

#define RENEWAL_SLACK_MS 2000 /* what is left of a life is kept in whole seconds */

static bool is_learnt(const struct delegation *cut)
{
	return cut->source == DELEGATION_REFERRAL || cut->source == DELEGATION_PRIMING;
}

static bool is_priming(const struct walk *walk)
{
	return walk->current.type == TYPE_NS && name_is_root(walk->current.name);
}

/* Addresses of servers that the delegation itself does not give. */
static void add_cached_addresses(struct walk *walk, unsigned ns)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	for (unsigned t = 0; t < RW_COUNT(types); t++) {
		const struct cache_query query = {
			.cache = walk->cache, .now_ms = walk->now_ms, .arena = walk->arena};
		struct cache_hit hit;
		if (cache_lookup(&query, CACHE_RRSET, walk->cut->ns[ns].name, types[t], &hit) == 0)
			target_add_set(walk, ns, hit.set, ADDRESS_LOOKUP);
	}
}

static void add_candidates(struct walk *walk, unsigned ns)
{
	const struct nameserver *server = &walk->cut->ns[ns];
	if (server->kind != GLUE_OUTSIDE)
		target_add_glue(walk, ns, server);
	if ((server->address_count == 0 || server->kind == GLUE_OUTSIDE) && server->name)
		add_cached_addresses(walk, ns);
}

/* What is still being looked up are addresses of another zone's servers. */
static void drop_subs(struct walk *walk)
{
	for (unsigned i = 0; i < WALK_SUBS; i++)
		if (walk->target.subs[i].number)
			walk_act(walk, ACTION_DROP)->sub = walk->target.subs[i].number;
	memset(walk->target.subs, 0, sizeof(walk->target.subs));
	walk->target.subs_pending = 0;
}

void walk_enter_cut(struct walk *walk, const struct delegation *cut)
{
	walk->cut = cut;
	walk->target.count = 0;
	walk->target.chosen = NULL;
	walk->target.lookups_failed = 0;
	walk->target.stage = TARGET_GIVEN;
	walk->ask.form = ASK_SHORT;
	walk->ask.labels = 0;
	walk->ask.failures = 0;
	walk->aside.last_resort = NULL;
	walk->aside.denied_soa = NULL;
	memset(walk->target.lookups, 0, sizeof(walk->target.lookups));
	drop_subs(walk);
	memset(&walk->failures, 0, sizeof(walk->failures));
	for (unsigned i = 0; i < cut->ns_count; i++)
		add_candidates(walk, i);
	walk->state = WALK_TARGET;
	struct note *note = walk_note(walk, NOTE_CUT);
	note->zone = cut->zone;
	note->delegation = cut;
}

static void prime(struct walk *walk)
{
	walk->cuts.primed = true;
	if (walk->depth >= LIMIT_DEPTH || walk->budget->subwalks == 0) {
		walk_enter_cut(walk, walk->context->hints);
		return;
	}
	walk->budget->subwalks--;
	struct machine_action *action = walk_act(walk, ACTION_ASK);
	action->sub = ++walk->target.next_sub;
	action->why = WHY_PRIMING;
	action->question = (struct question){name_root, TYPE_NS, CLASS_IN};
	walk->target.subs[0] = (struct pending_sub){.number = action->sub, .why = WHY_PRIMING};
	walk->target.subs_pending = 1;
	walk->state = WALK_AWAIT;
}

/* A cut of our own above the name, or NULL; and with it, whose cache learns what is below. */
static int find_localdata_cut(struct walk *walk, struct delegation **ret_cut)
{
	const struct localdata *localdata = walk->localdata;
	struct localdata_cut cut;
	walk->cache = walk->context->cache;
	*ret_cut = NULL;
	int err = localdata_cut(localdata, &walk->current, walk->arena, &cut);
	if (err)
		return err == RW_ENOTFOUND ? 0 : err;
	walk->cache = cut.cache;
	walk->result.answer.local = true;
	return localdata_delegation(localdata, &cut, walk->context->settings->outgoing.port,
		walk->now_ms, walk->arena, ret_cut);
}

/*
 * Where to begin in order to learn a delegation anew: above it, and above all those whose end would
 * be its end again. The root's is asked of its own servers.
 */
static int find_cut_above(
	const struct walk *walk, struct zonecut_query *query, const struct delegation **ret_cut)
{
	const struct delegation *old = walk->cuts.renewed;
	const uint8_t *above = old->zone;
	for (unsigned i = 0; i < LIMIT_LABELS && !name_is_root(above); i++) {
		const struct delegation *cut;
		query->above = above;
		int err = zonecut_find(query, walk->arena, &cut);
		if (err)
			return err;
		*ret_cut = cut;
		if (cut->source != DELEGATION_REFERRAL ||
			cut->expires_ms > old->expires_ms + RENEWAL_SLACK_MS)
			return 0;
		above = cut->zone;
	}
	query->above = NULL;
	return zonecut_find(query, walk->arena, ret_cut);
}

static int find_cut(struct walk *walk, const struct delegation **ret_cut)
{
	struct delegation *localdata = NULL;
	int err = find_localdata_cut(walk, &localdata);
	if (err)
		return err;
	struct zonecut_query query = {
		.localdata = localdata,
		.cache = walk->cache,
		.settings = walk->context->settings,
		.hints = walk->context->hints,
		.name = walk->current.name,
		.type = walk->current.type,
		.above = walk->cuts.above,
		.without_forwards = walk->cuts.without_forwards,
		.now_ms = walk->now_ms,
	};
	if (walk->cuts.renewed)
		return find_cut_above(walk, &query, ret_cut);
	err = zonecut_find(&query, walk->arena, ret_cut);
	if (!err && !localdata && !walk->cuts.used && is_learnt(*ret_cut))
		walk->cuts.used = *ret_cut;
	return err;
}

void walk_cut(struct walk *walk)
{
	const struct delegation *cut;
	if (find_cut(walk, &cut)) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return;
	}
	if (cut->source == DELEGATION_HINTS && !walk->cuts.primed && !is_priming(walk))
		prime(walk);
	else
		walk_enter_cut(walk, cut);
}
