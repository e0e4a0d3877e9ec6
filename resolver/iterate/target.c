/* SPDX-License-Identifier: MIT */
/*
 * TARGET: which server is asked next. Usable addresses are compared by what they are expected to
 * cost in milliseconds; one choice in EXPLORE falls on any untried address, so that a server
 * that became fast or alive is found again. Where no address is usable, sub-walks look for more.
 */
#include "resolver/iterate/address_filter.h"
#include "resolver/iterate/walk_state.h"

#define UNKNOWN_COST_MS 100   /* what an unknown server is expected to cost */
#define TRY_COST_MS     400   /* each try that failed makes an address this much less attractive */
#define FAMILY_COST_MS  10000 /* an address of a family that seems broken: the last choice */
#define EXPLORE         20

static bool is_forbidden(const struct walk *walk, const struct candidate *candidate)
{
	/* Configured addresses are intended. */
	if (candidate->source == ADDRESS_CONFIG || candidate->source == ADDRESS_HINTS)
		return false;
	return address_is_forbidden(&walk->context->settings->outgoing, &candidate->addr);
}

static void skip(struct walk *walk, struct candidate *candidate, enum skip_reason reason)
{
	candidate->standing = reason == SKIP_LAME ? CANDIDATE_LAST : CANDIDATE_USELESS;
	if (reason == SKIP_FORBIDDEN)
		walk->failures.forbidden++;
	struct note *note = walk_note(walk, NOTE_SKIP);
	note->zone = walk->cut->zone;
	note->server = candidate->addr;
	note->server_name = walk->cut->ns[candidate->ns].name;
	note->address_source = candidate->source;
	note->skip = (int)reason;
}

static bool is_usable(struct walk *walk, struct candidate *candidate)
{
	const struct outgoing_settings *outgoing = &walk->context->settings->outgoing;
	struct infra *infra = walk->context->infra;
	if (candidate->standing != CANDIDATE_OPEN || candidate->tries >= LIMIT_TRIES_PER_ADDRESS)
		return false;
	if (candidate->want_tcp && candidate->tcp_tries >= LIMIT_TCP_TRIES)
		return false;
	if (candidate->tries > 0)
		return true;
	if (candidate->addr.family == ADDR_V6 ? !outgoing->ipv6 : !outgoing->ipv4)
		skip(walk, candidate, SKIP_FAMILY);
	else if (is_forbidden(walk, candidate))
		skip(walk, candidate, SKIP_FORBIDDEN);
	else if (walk->target.stage < TARGET_LAST_ONES &&
		 infra_is_lame(infra, &candidate->addr, walk->cut->zone, walk->current.name,
			 walk->now_ms))
		skip(walk, candidate, SKIP_LAME);
	return candidate->standing == CANDIDATE_OPEN;
}

struct choice {
	struct candidate *usable[WALK_CANDIDATES];
	uint32_t cost[WALK_CANDIDATES];
	unsigned count;
};

/* All usable addresses; dead servers only when `dead_too`. */
static void collect(struct walk *walk, bool dead_too, struct choice *ret_choice)
{
	ret_choice->count = 0;
	for (unsigned i = 0; i < walk->target.count; i++) {
		struct candidate *candidate = &walk->candidates[i];
		struct infra_server known;
		if (!is_usable(walk, candidate))
			continue;
		infra_get(walk->context->infra, &candidate->addr, walk->now_ms, &known);
		if (known.dead && !dead_too)
			continue;
		uint32_t cost = known.known && known.srtt_ms ? known.srtt_ms : UNKNOWN_COST_MS;
		cost += known.timeouts * TRY_COST_MS + candidate->tries * TRY_COST_MS;
		if (infra_family_is_bad(walk->context->infra, candidate->addr.family, walk->now_ms))
			cost += FAMILY_COST_MS;
		ret_choice->usable[ret_choice->count] = candidate;
		ret_choice->cost[ret_choice->count++] = cost;
	}
}

/*
 * One of the cheap ones; which one changes, so that load is shared among equals. Now and
 * then any that was not tried yet: one that has just failed this question has nothing new
 * to show.
 */
static struct candidate *pick(struct walk *walk, const struct choice *choice)
{
	const struct env *env = walk->context->env;
	if (choice->count == 1)
		return choice->usable[0];
	uint32_t any = env_random_below(env, choice->count);
	if (env_random_below(env, EXPLORE) == 0 && choice->usable[any]->tries == 0 &&
		choice->cost[any] < FAMILY_COST_MS)
		return choice->usable[any];
	uint32_t lowest = UINT32_MAX;
	for (unsigned i = 0; i < choice->count; i++)
		lowest = RW_MIN(lowest, choice->cost[i]);
	uint32_t bar = lowest + lowest / 4 + 10;
	unsigned cheap = 0;
	for (unsigned i = 0; i < choice->count; i++)
		cheap += choice->cost[i] <= bar;
	unsigned turn = (unsigned)(infra_turn(walk->context->infra, walk->cut->zone, walk->now_ms) %
				   RW_MAX(cheap, 1u));
	for (unsigned i = 0; i < choice->count; i++)
		if (choice->cost[i] <= bar && turn-- == 0)
			return choice->usable[i];
	return choice->usable[0];
}

static struct candidate *choose(struct walk *walk)
{
	struct choice choice;
	bool probe = env_random_below(walk->context->env, EXPLORE) == 0;
	collect(walk, probe, &choice);
	if (choice.count == 0 && !probe)
		collect(walk, true, &choice);
	return choice.count > 0 ? pick(walk, &choice) : NULL;
}

/* Adds one address as a candidate unless it is one already. */
static bool add_candidate(
	struct walk *walk, unsigned ns, const struct addr *addr, enum address_source source)
{
	for (unsigned i = 0; i < walk->target.count; i++)
		if (addr_equal(&walk->candidates[i].addr, addr))
			return false;
	if (walk->target.count == WALK_CANDIDATES)
		return false;
	walk->candidates[walk->target.count++] =
		(struct candidate){.addr = *addr, .ns = (uint8_t)ns, .source = (uint8_t)source};
	return true;
}

void target_add_glue(struct walk *walk, unsigned ns, const struct nameserver *server)
{
	for (unsigned i = 0; i < server->address_count; i++)
		(void)add_candidate(
			walk, ns, &server->addresses[i], (enum address_source)server->sources[i]);
}

void target_add_set(
	struct walk *walk, unsigned ns, const struct rrset *set, enum address_source source)
{
	for (unsigned i = 0; i < set->count && i < LIMIT_ADDRESSES_PER_NS; i++) {
		struct addr addr = addr_from_bytes(set->records[i].bytes, set->records[i].size,
			walk->context->settings->outgoing.port);
		(void)add_candidate(walk, ns, &addr, source);
	}
}

static bool start_lookup(struct walk *walk, unsigned ns, uint16_t type)
{
	unsigned slot = 0;
	while (slot < WALK_SUBS && walk->target.subs[slot].number)
		slot++;
	if (slot == WALK_SUBS || walk->budget->subwalks == 0)
		return false;
	walk->budget->subwalks--;
	struct machine_action *action = walk_act(walk, ACTION_ASK);
	action->sub = ++walk->target.next_sub;
	action->why = WHY_ADDRESS;
	action->question = (struct question){walk->cut->ns[ns].name, type, CLASS_IN};
	/* Addresses of public servers are public; below a cut of ours they are for us alone. */
	action->is_public = walk->cache == walk->context->cache;
	/* The way to a server inside its own zone begins at those who delegate the zone. */
	if (walk->cut->ns[ns].kind == GLUE_IN_DOMAIN && !name_is_root(walk->cut->zone))
		action->above = walk->cut->zone;
	walk->target.subs[slot] = (struct pending_sub){action->sub, WHY_ADDRESS, (uint8_t)ns};
	walk->target.subs_pending++;
	return true;
}

/*
 * Whether looking up that family may bring something new. A server inside its own zone is
 * only known to the servers that were asked already; and one that has answered, however
 * uselessly, is the same over IPv6.
 */
static bool is_worth_looking_up(const struct walk *walk, unsigned ns, uint16_t type)
{
	const struct nameserver *server = &walk->cut->ns[ns];
	if (!server->name || (server->kind == GLUE_IN_DOMAIN && server->address_count > 0))
		return false;
	for (unsigned i = 0; type == TYPE_AAAA && i < walk->target.count; i++)
		if (walk->candidates[i].ns == ns && walk->candidates[i].answered)
			return false;
	return true;
}

/* Looks up one address family of servers that were not asked for it yet, a few at once. */
static bool start_lookups(struct walk *walk, uint16_t type)
{
	unsigned at_once = walk->depth == 0 ? LIMIT_NS_LOOKUPS_AT_ONCE : 1;
	for (unsigned i = 0; i < walk->cut->ns_count && walk->target.subs_pending < at_once; i++) {
		bool *asked = type == TYPE_A ? &walk->target.lookups[i].asked_a
					     : &walk->target.lookups[i].asked_aaaa;
		if (*asked || !is_worth_looking_up(walk, i, type))
			continue;
		*asked = true;
		if (!start_lookup(walk, i, type))
			break;
	}
	return walk->target.subs_pending > 0;
}

static bool look_up(struct walk *walk, uint16_t type)
{
	const struct outgoing_settings *outgoing = &walk->context->settings->outgoing;
	if (walk->depth >= LIMIT_DEPTH || walk->target.lookups_failed >= LIMIT_NS_LOOKUPS_FAILED)
		return false;
	return (type == TYPE_A ? outgoing->ipv4 : outgoing->ipv6) && start_lookups(walk, type);
}

/* What the delegation of `zone`, where there is one, says of the server's addresses. */
static void add_glue_of(struct walk *walk, unsigned ns, const uint8_t *zone)
{
	struct delegation *other;
	if (delegation_load(walk->cache, zone, walk->now_ms, walk->arena, &other))
		return;
	for (unsigned n = 0; n < other->ns_count; n++)
		if (name_equal(other->ns[n].name, walk->cut->ns[ns].name))
			target_add_glue(walk, ns, &other->ns[n]);
}

/*
 * Glue that other delegations hold for the servers' names: where the child's own word on an address
 * leads nowhere, that of those above may still be right.
 */
static bool add_parents_addresses(struct walk *walk)
{
	unsigned before = walk->target.count;
	for (unsigned i = 0; i < walk->cut->ns_count; i++)
		for (const uint8_t *zone = walk->cut->ns[i].name; zone && !name_is_root(zone);
			zone = name_parent(zone))
			add_glue_of(walk, i, zone);
	return walk->target.count > before;
}

/* Addresses that came beside the referral for names outside the zone that gave it. */
static bool add_outside_glue(struct walk *walk)
{
	unsigned before = walk->target.count;
	for (unsigned i = 0; i < walk->cut->ns_count; i++)
		if (walk->cut->ns[i].kind == GLUE_OUTSIDE)
			target_add_glue(walk, i, &walk->cut->ns[i]);
	return walk->target.count > before;
}

/* Glue that is believed less than the referral's own, kind after kind. */
static bool add_other_glue(struct walk *walk)
{
	bool added = false;
	if (walk->target.stage < TARGET_OTHERS_GLUE) {
		walk->target.stage = TARGET_OTHERS_GLUE;
		added = add_parents_addresses(walk);
	}
	if (!added && walk->target.stage < TARGET_OUTSIDE_GLUE) {
		walk->target.stage = TARGET_OUTSIDE_GLUE;
		added = add_outside_glue(walk);
	}
	return added;
}

/*
 * Where nobody else is left, also those that were of no use a while ago: it may have been
 * for another type or name.
 */
static bool ask_last_ones(struct walk *walk)
{
	if (walk->target.stage == TARGET_LAST_ONES)
		return false;
	unsigned count = 0;
	for (unsigned i = 0; i < walk->target.count; i++) {
		if (walk->candidates[i].standing != CANDIDATE_LAST)
			continue;
		walk->candidates[i].standing = CANDIDATE_OPEN;
		count++;
	}
	walk->target.stage = TARGET_LAST_ONES;
	return count > 0;
}

/*
 * The delegation was learnt a while ago, and none of its servers is of use: the zone may
 * have moved since. Its parent is asked anew, and only what that says replaces it.
 */
static bool doubt_cut(struct walk *walk)
{
	const struct delegation *cut = walk->cut;
	if (cut->source != DELEGATION_REFERRAL || walk->cuts.doubted ||
		walk->now_ms < cut->from.when_ms + LIMIT_CUT_DOUBT_MS)
		return false;
	walk->cuts.doubted = cut;
	walk->cuts.doubted_why = failure_sentence(walk);
	walk->cuts.above = cut->zone;
	walk->state = WALK_CUT;
	return true;
}

/* Every server was asked in vain. What is left to try, if anything? */
static void exhausted(struct walk *walk)
{
	if (ask_give_up_minimising(walk)) {
		for (unsigned i = 0; i < walk->target.count; i++) {
			struct candidate *candidate = &walk->candidates[i];
			candidate->standing = CANDIDATE_OPEN;
			if (candidate->answered)
				candidate->tries = candidate->tcp_tries = 0;
		}
		return;
	}
	if (cookie_give_up(walk))
		return;
	if (walk->aside.last_resort) {
		walk->exchange.reply = walk->aside.last_resort;
		walk->target.chosen = walk->aside.last_resort_server;
		walk->aside.last_resort = NULL; /* whatever comes of it, once */
		walk->aside.is_taken = true;
		walk->state = WALK_CLASSIFY;
		return;
	}
	if (walk->cut->source == DELEGATION_FORWARD && walk->cut->forward_first) {
		walk->cuts.without_forwards = true;
		walk->state = WALK_CUT;
		return;
	}
	if (!accept_set_aside(walk) && !doubt_cut(walk))
		finish_failure(walk, EDE_NO_REACHABLE_AUTHORITY, failure_sentence(walk));
}

void walk_target(struct walk *walk)
{
	if (ask_is_out_of_budget(walk))
		return;
	walk->target.chosen = choose(walk);
	/* While the only ones left to ask are silent, others are looked for. */
	if (walk->target.chosen && walk->target.chosen->tries > 0 && !walk->target.chosen->answered)
		(void)look_up(walk, TYPE_A);
	if (walk->target.chosen)
		walk->state = WALK_ASK;
	else if (walk->target.subs_pending > 0 || look_up(walk, TYPE_A))
		walk->state = WALK_AWAIT;
	else if (add_other_glue(walk))
		walk->state = WALK_TARGET;
	else if (look_up(walk, TYPE_AAAA))
		walk->state = WALK_AWAIT;
	else if (!ask_last_ones(walk))
		exhausted(walk);
}
