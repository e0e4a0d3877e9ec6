/* SPDX-License-Identifier: MIT */
/*
 * What is done about a reply: one verb for each kind of it, which keeps what is believed and leaves
 * the walk in its next state.
 */
#include <string.h>

#include "resolver/iterate/address_filter.h"
#include "resolver/iterate/walk_state.h"

#define EMPTY_AGREE  2 /* servers whose empty replies make a denial */
#define NOBODY_AGREE 2 /* servers that name nobody, until that is believed */

enum cache_rank walk_answer_rank(const struct walk *walk)
{
	bool aa =
		(walk->exchange.reply->flags & FLAG_AA) && walk->cut->source != DELEGATION_FORWARD;
	return aa ? RANK_ANSWER_AA : RANK_ANSWER;
}

/*
 * The TTL a set gets here: within the configured bounds; and a child's own NS set must not outlive
 * what the parent said (ghost domains, CVE-2012-1033).
 */
static uint32_t bounded_ttl(const struct walk *walk, const struct rrset *set)
{
	const struct cache_settings *cache = &walk->context->settings->cache;
	uint32_t ttl = RW_MIN(RW_MAX(set->ttl, cache->min_ttl_s), cache->max_ttl_s);
	if (set->type != TYPE_NS || walk->cut->expires_ms == UINT64_MAX ||
		!name_equal(set->owner, walk->cut->zone) || name_is_root(set->owner))
		return ttl;
	uint64_t left = walk->cut->expires_ms > walk->now_ms
				? (walk->cut->expires_ms - walk->now_ms) / 1000
				: 0;
	return (uint32_t)RW_MIN((uint64_t)ttl, left);
}

static const struct rrset *with_bounded_ttl(struct walk *walk, const struct rrset *set)
{
	uint32_t ttl = bounded_ttl(walk, set);
	struct rrset *bounded = ttl == set->ttl ? NULL : arena_dup(walk->arena, set, sizeof(*set));
	if (!bounded)
		return set;
	bounded->ttl = ttl;
	return bounded;
}

static void keep_set(struct walk *walk, const struct rrset *set, const struct provenance *from)
{
	const struct learnt item = {.cache = walk->cache,
		.kind = CACHE_RRSET,
		.name = set->owner,
		.type = set->type,
		.set = set,
		.from = *from};
	learnt_add(&walk->result.learnt, walk->arena, &item);
}

/* Keeps what was said; continues the walk's answer with it where the whole name was asked. */
void take_sets(struct walk *walk, bool as_answer)
{
	const struct answer *said = &walk->reading.answer;
	for (unsigned i = 0; i < said->set_count; i++) {
		const struct rrset *set = with_bounded_ttl(walk, said->sets[i]);
		keep_set(walk, set, &said->from[i]);
		if (!as_answer)
			continue;
		if (walk->reading.kind == REPLY_ALIAS && i + 1 == said->set_count)
			answer_follow(&walk->result.answer, set, &said->from[i]);
		else
			(void)answer_add(&walk->result.answer, set, &said->from[i]);
	}
}

/*
 * Addresses that came without the NS set, as far as the hints know those names; where they know
 * none, the hinted servers stay, as nobody else could be asked for the new ones' addresses.
 */
static void add_hinted_addresses(struct delegation *root, const struct delegation *hints)
{
	unsigned reachable = 0;
	for (unsigned i = 0; i < root->ns_count; i++) {
		for (unsigned h = 0; h < hints->ns_count && root->ns[i].address_count == 0; h++)
			if (name_equal(root->ns[i].name, hints->ns[h].name))
				for (unsigned a = 0; a < hints->ns[h].address_count; a++)
					delegation_add_address(&root->ns[i],
						&hints->ns[h].addresses[a], ADDRESS_HINTS);
		reachable += root->ns[i].address_count > 0;
	}
	if (reachable == 0) {
		/* In their place, not beside them: thirteen names leave no room. */
		memcpy(root->ns, hints->ns, sizeof(root->ns));
		root->ns_count = hints->ns_count;
	}
}

/* Hints with private addresses are intended, so the priming response may repeat them. */
static void keep_hinted_standing(
	struct delegation *root, const struct delegation *hints, const struct walk *walk)
{
	const struct outgoing_settings *outgoing = &walk->context->settings->outgoing;
	for (unsigned i = 0; i < root->ns_count; i++)
		for (unsigned a = 0; a < root->ns[i].address_count; a++) {
			const struct addr *addr = &root->ns[i].addresses[a];
			if (address_is_forbidden(outgoing, addr) &&
				delegation_has_address(hints, addr))
				root->ns[i].sources[a] = ADDRESS_HINTS;
		}
}

/* The root's own NS set becomes the delegation of the root (RFC 9609 section 4). */
static void take_priming(struct walk *walk)
{
	const struct delegation *hints = walk->context->hints;
	struct delegation *root;
	const struct rrset *ns = msg_find(walk->exchange.reply, SECTION_ANSWER, name_root, TYPE_NS);
	if (!ns || !name_is_root(walk->cut->zone) ||
		delegation_build(walk->arena, ns, walk->exchange.reply, name_root,
			walk->context->settings->outgoing.port, &root))
		return;
	add_hinted_addresses(root, hints);
	keep_hinted_standing(root, hints, walk);
	root->source = DELEGATION_PRIMING;
	root->expires_ms = walk->now_ms + (uint64_t)RW_MIN(ns->ttl, (uint32_t)LIMIT_TTL_MAX) * 1000;
	root->from = walk_provenance(walk, SECTION_ANSWER, walk_answer_rank(walk), ns->ttl);
	delegation_store(walk->cache, root, walk->now_ms);
}

/* A shortened name was answered, in whatever way: there is no cut at it. Show one label more. */
static bool go_on_minimised(struct walk *walk)
{
	if (!ask_is_minimised(walk))
		return false;
	walk->ask.labels = name_labels(walk->ask.question.name);
	walk->state = WALK_TARGET;
	return true;
}

/*
 * The servers above have answered for the name without a referral, so a doubted delegation is gone.
 */
static void heard_from_above(struct walk *walk)
{
	const struct delegation *doubted = walk->cuts.doubted;
	if (walk->cuts.above && doubted && name_equal(walk->cuts.above, doubted->zone))
		cache_remove(walk->cache, CACHE_DELEGATION, doubted->zone, TYPE_NS);
	walk->cuts.above = NULL;
}

void accept_answer(struct walk *walk)
{
	bool minimised = ask_is_minimised(walk);
	take_sets(walk, !minimised);
	if (walk->ask.question.type == TYPE_NS && name_is_root(walk->ask.question.name))
		take_priming(walk);
	if (go_on_minimised(walk))
		return;
	heard_from_above(walk);
	finish_positive(walk);
}

static void keep_denial(struct walk *walk, enum cache_kind kind, const uint8_t *name,
	const struct rrset *soa, const struct provenance *from)
{
	const struct learnt denial = {.cache = walk->cache,
		.kind = kind,
		.name = name,
		.type = walk->ask.question.type,
		.set = soa,
		.from = *from};
	learnt_add(&walk->result.learnt, walk->arena, &denial);
}

/*
 * A bare NXDOMAIN is not kept: some forwarders return it for a type that the name does not have,
 * and it would hide the other types (RFC 2308 section 5, RFC 4074 section 4.2).
 */
static void store_negative(struct walk *walk, const uint8_t *name)
{
	const struct rrset *soa = walk->reading.answer.soa;
	bool nxdomain = walk->exchange.reply->rcode == RCODE_NXDOMAIN;
	struct provenance from = walk_provenance(
		walk, SECTION_AUTHORITY, walk_answer_rank(walk), soa ? soa->ttl : 0);
	if (soa || !nxdomain)
		keep_denial(walk, nxdomain ? CACHE_NXDOMAIN : CACHE_NODATA, name, soa, &from);
}

void accept_alias(struct walk *walk)
{
	bool minimised = ask_is_minimised(walk);
	take_sets(walk, !minimised);
	if (go_on_minimised(walk))
		return;
	heard_from_above(walk);
	walk->aside.behind = walk->exchange.reply;
	walk->aside.behind_zone = walk->cut->zone;
	walk->aside.behind_alias = walk->current.name;
	walk->aside.behind_from = walk_provenance(walk, SECTION_ANSWER, RANK_ANSWER, 0);
	walk_go_on(walk);
}

/*
 * The full name is asked as well; if that fails, the negative answer for the shorter name is used.
 */
static void set_denial_aside(struct walk *walk)
{
	const struct rrset *soa = walk->reading.answer.soa;
	walk->aside.denied_name =
		name_suffix(walk->current.name, name_labels(walk->ask.question.name));
	walk->aside.denied_soa = soa;
	walk->aside.denied_from =
		walk_provenance(walk, SECTION_AUTHORITY, RANK_AUTHORITY_AA, soa ? soa->ttl : 0);
}

static bool accept_denial_above(struct walk *walk)
{
	if (!walk->aside.denied_soa)
		return false;
	keep_denial(walk, CACHE_NXDOMAIN, walk->aside.denied_name, walk->aside.denied_soa,
		&walk->aside.denied_from);
	finish_negative(walk, RCODE_NXDOMAIN, walk->aside.denied_soa, &walk->aside.denied_from);
	return true;
}

/* The denial beside an alias, where it may be of the current name. */
static bool accept_denial_behind(struct walk *walk)
{
	for (unsigned i = 0; i < walk->aside.behind->set_count[SECTION_AUTHORITY]; i++) {
		const struct rrset *set = &walk->aside.behind->sets[SECTION_AUTHORITY][i];
		if (set->type != TYPE_SOA || !scrub_believes(set, walk->aside.behind_zone) ||
			!name_is_at_or_below(walk->current.name, set->owner))
			continue;
		finish_negative(walk, walk->aside.behind->rcode, set, &walk->aside.behind_from);
		return true;
	}
	return false;
}

/*
 * What a reply says behind its first alias is asked for again, and not believed. If the servers of
 * the same zone then fail, the client gets what the response said. The cache gets neither this nor
 * the alias, so the next client's question is answered in the same way.
 */
static bool accept_behind(struct walk *walk)
{
	const struct msg *msg = walk->aside.behind;
	if (!msg || !name_equal(walk->aside.behind_zone, walk->cut->zone))
		return false;
	const struct rrset *set =
		msg_find(msg, SECTION_ANSWER, walk->current.name, walk->current.type);
	if (set && scrub_believes(set, walk->aside.behind_zone)) {
		learnt_drop_set(&walk->result.learnt, walk->aside.behind_alias, TYPE_CNAME);
		(void)answer_add(&walk->result.answer, set, &walk->aside.behind_from);
		finish_positive(walk);
		return true;
	}
	set = msg_find(msg, SECTION_ANSWER, walk->current.name, TYPE_CNAME);
	set = reading_one_alias(walk, set);
	if (!set || !scrub_believes(set, walk->aside.behind_zone) || !rrset_target(set, 0))
		return accept_denial_behind(walk);
	answer_follow(&walk->result.answer, set, &walk->aside.behind_from);
	walk_go_on(walk);
	return true;
}

bool accept_set_aside(struct walk *walk)
{
	return accept_denial_above(walk) || accept_behind(walk);
}

/*
 * A shortened name does not exist, nor does the whole one. On the Internet that is not enough to
 * deny all names between them: too many servers return NXDOMAIN for empty non-terminals. Servers
 * that were configured for a zone are trusted to get it right (RFC 8020), so the names that search
 * lists produce end at their last label, as www.example.com.default.svc.cluster.local does at com.
 * But even there, _tcp may be an empty non-terminal between a service and its ports.
 */
static void deny_what_lies_between(struct walk *walk)
{
	if (!walk->aside.denied_soa || walk->cut->source != DELEGATION_STUB ||
		walk->aside.denied_name[1] == '_')
		return;
	keep_denial(walk, CACHE_NXDOMAIN, walk->aside.denied_name, walk->aside.denied_soa,
		&walk->aside.denied_from);
}

static void accept_negative(struct walk *walk, uint16_t rcode)
{
	bool relaxed = walk->context->settings->minimisation != MINIMISE_STRICT;
	if (rcode == RCODE_NXDOMAIN && relaxed && ask_give_up_minimising(walk)) {
		/* Some servers say so of empty non-terminals (RFC 9156 section 2.3, RFC 8020). */
		set_denial_aside(walk);
		walk->state = WALK_TARGET;
		return;
	}
	store_negative(walk, walk->ask.question.name);
	if (rcode == RCODE_NOERROR && go_on_minimised(walk))
		return;
	heard_from_above(walk);
	if (rcode == RCODE_NXDOMAIN)
		deny_what_lies_between(walk);
	const struct rrset *soa = walk->reading.answer.soa;
	struct provenance from =
		walk_provenance(walk, SECTION_AUTHORITY, RANK_AUTHORITY_AA, soa ? soa->ttl : 0);
	finish_negative(walk, rcode, soa, &from);
}

void accept_nodata(struct walk *walk)
{
	accept_negative(walk, RCODE_NOERROR);
}

void accept_nxdomain(struct walk *walk)
{
	accept_negative(walk, RCODE_NXDOMAIN);
}

/* Until when a delegation may be used: its own TTL, and not longer than its parent's. */
static uint64_t referral_expiry(const struct walk *walk, const struct delegation *made)
{
	uint32_t ttl = RW_MIN(made->ttl, walk->context->settings->cache.max_ttl_s);
	uint64_t expires = walk->now_ms + (uint64_t)ttl * 1000;
	return name_is_root(walk->cut->zone) ? expires : RW_MIN(expires, walk->cut->expires_ms);
}

void accept_referral(struct walk *walk)
{
	const struct reading *reading = &walk->reading;
	struct delegation *made;
	if (++walk->cuts.referrals > LIMIT_REFERRALS) {
		finish_failure(walk, EDE_OTHER, "too many referrals");
		return;
	}
	if (delegation_build(walk->arena, reading->ns, walk->exchange.reply, walk->cut->zone,
		    walk->context->settings->outgoing.port, &made)) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return;
	}
	made->from = walk_provenance(walk, SECTION_AUTHORITY, RANK_GLUE, made->ttl);
	made->expires_ms = referral_expiry(walk, made);
	delegation_store(walk->cache, made, walk->now_ms);
	if (walk->cuts.above && name_is_at_or_below(made->zone, walk->cuts.above))
		walk->cuts.above = NULL;
	if (reading->ds) {
		struct provenance from = walk_provenance(
			walk, SECTION_AUTHORITY, RANK_AUTHORITY_AA, reading->ds->ttl);
		keep_set(walk, reading->ds, &from);
	}
	if (walk->cuts.renewed && name_equal(made->zone, walk->cuts.renewed->zone))
		finish_positive(walk);
	else if (walk->cuts.doubted && delegation_same_servers(made, walk->cuts.doubted))
		finish_failure(walk, EDE_NO_REACHABLE_AUTHORITY, walk->cuts.doubted_why);
	else
		walk_enter_cut(walk, made);
}

/* Goes on to the next server, unless this one may only have failed at the shortened name. */
void refuse_reply(struct walk *walk, enum reply_kind kind)
{
	failure_reply(walk, kind);
	bool usable = walk->reading.answer.set_count > 0 || walk->reading.answer.soa ||
		      walk->reading.empty;
	bool no_answer = kind == REPLY_LAME || kind == REPLY_EMPTY;
	if (no_answer && usable && !walk->aside.last_resort && !ask_is_minimised(walk)) {
		walk->aside.last_resort = walk->exchange.reply;
		walk->aside.last_resort_server = walk->target.chosen;
	}
	walk->state = WALK_TARGET;
	bool failed = kind == REPLY_SERVFAIL || kind == REPLY_BAD_RCODE;
	if (failed || kind == REPLY_REFUSED)
		cookie_doubt(walk);
	if (failed && ask_otherwise(walk)) {
		/* The next query is a different one, and the server is alive. */
		walk->target.chosen->tries = walk->target.chosen->tcp_tries = 0;
		return;
	}
	bool unhelpful = no_answer || kind == REPLY_REFUSED;
	if (unhelpful && ask_give_up_minimising(walk))
		return;
	walk->target.chosen->standing = CANDIDATE_USELESS;
	/* A server that answers for others may still be the only way, one that is configured is:
	 * not remembered as lame. */
	if (walk->reading.answer.set_count > 0 || walk->reading.answer.soa ||
		walk->cut->source == DELEGATION_FORWARD || walk->cut->source == DELEGATION_STUB)
		return;
	if (unhelpful)
		infra_useless_reply(walk->context->infra, &walk->target.chosen->addr,
			walk->cut->zone, walk->ask.question.name, walk->now_ms);
}

/* A single empty response may be a fault of the server; two servers that agree are believed. */
void accept_empty(struct walk *walk)
{
	if (ask_is_minimised(walk) || walk->failures.empty + 1 < EMPTY_AGREE) {
		refuse_reply(walk, REPLY_EMPTY);
		return;
	}
	walk->aside.is_taken = true;
	reading_of_reply(walk, walk->exchange.reply, &walk->reading);
	accept_negative(walk, RCODE_NOERROR);
}

/*
 * A delegation to nobody is the fault of the child zone, not of the servers that return it. Another
 * server is asked nevertheless, because it may know better.
 */
void accept_nobody(struct walk *walk)
{
	refuse_reply(walk, REPLY_NOBODY);
	if (walk->failures.nobody >= NOBODY_AGREE)
		finish_failure(walk, EDE_NO_REACHABLE_AUTHORITY, failure_sentence(walk));
}

/* Finds every cut on the way to the name, to meet the parent's servers. */
void accept_childs_ds(struct walk *walk)
{
	bool more = name_labels(walk->ask.question.name) > name_labels(walk->cut->zone) + 1;
	if (walk->ask.every_cut || !more) {
		accept_negative(walk, RCODE_NOERROR);
		return;
	}
	walk->ask.every_cut = true;
	ask_shorten_again(walk);
	walk->state = WALK_TARGET;
}
