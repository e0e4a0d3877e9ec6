/* SPDX-License-Identifier: MIT */
/*
 * Answers out of the cache: fresh, stale, or the beginning of one whose rest must be asked for; and
 * the network's own rules, which every answer of the outside goes through.
 */
#include "resolver/service/query_inner.h"

#include "resolver/iterate/dns64.h"
#include "resolver/service/dns64.h"
#include "resolver/service/referral.h"

static struct own_query own_query_of(const struct take *t, enum cache_mode mode)
{
	return (struct own_query){.own = t->view->own,
		.settings = t->settings,
		.cache = t->responder->cache,
		.question = &t->query->question,
		.mode = mode,
		.now_ms = t->now_ms,
		.arena = &t->responder->arena};
}

/* Behind the client's back, for the next one's sake. */
static void ask_anew(struct take *t)
{
	counters_increment(t->responder->counters, COUNT_REFRESHED);
	if (t->responder->engine)
		engine_refresh(t->responder->engine, t->view->own, &t->query->question);
}

static void begin_reply(const struct own_answer *answer, struct reply *reply)
{
	reply->authoritative = answer->begins;
}

/* What is ours alone is under no rule for answers of the outside. */
static enum query_verdict send_answer(
	struct take *t, const struct own_answer *answer, struct reply *reply)
{
	bool ours = answer->begins && answer->ends && answer->found.aliases == 0;
	return ours ? query_reply(t, reply) : query_outside(t, reply);
}

/*
 * The cache says that there is no AAAA, or that the question for it fails; maybe it knows A records
 * to make some of. RW_ENOTFOUND: it does not know about those, so that somebody must be asked.
 */
static int map_cached(
	struct take *t, struct own_answer *denied, enum cache_mode mode, struct reply *reply)
{
	const struct own_query query = own_query_of(t, mode);
	const struct rrset *a;
	if (!dns64_is_wanted(t->settings, t->query))
		return 0;
	int err = dns64_remembered(&query, denied, &a);
	if (err == RW_ENOTFOUND && !(t->query->flags & FLAG_RD))
		return 0;
	if (err || !a)
		return err;
	reply->answer_count = denied->found.set_count; /* of a failure, too */
	return dns64_answer(t->settings, t->view->own, a, &t->responder->arena, reply);
}

/* Expired data, where a fresh answer has just failed or must not be waited for (RFC 8767). */
static bool answer_stale(struct take *t, bool refresh, enum query_verdict *ret_verdict)
{
	const struct own_query query = own_query_of(t, CACHE_STALE_TOO);
	struct own_answer answer;
	const struct cache_answer *cached = &answer.found;
	struct reply reply;
	if (!t->settings->cache.serve_stale || own_answer(&query, &answer))
		return false;
	if (!cached->stale || cached->outcome == ANSWER_FAILURE || cached->outcome == ANSWER_LOOP ||
		!reply_of_cached(cached, &reply))
		return false;
	begin_reply(&answer, &reply);
	if (map_cached(t, &answer, CACHE_STALE_TOO, &reply))
		return false;
	counters_increment(t->responder->counters, COUNT_STALE);
	*ret_verdict = send_answer(t, &answer, &reply);
	if (refresh)
		ask_anew(t);
	return true;
}

/* Below a cut of a zone of ours: the zone's word on who to ask. */
static bool refer(struct take *t)
{
	struct arena *arena = &t->responder->arena;
	struct referral *referral = arena_alloc(arena, sizeof(*referral));
	struct own_cut cut;
	if (!referral || own_cut(t->view->own, &t->query->question, arena, &cut))
		return false;
	referral->ns = *cut.ns;
	for (unsigned i = 0; i < cut.glue_count && i < RW_COUNT(referral->glue); i++)
		referral->glue[referral->glue_count++] = *cut.glue[i];
	const struct reply reply = {.referral = referral, .ede = EDE_NONE};
	(void)query_reply(t, &reply);
	return true;
}

/*
 * RD=0: the servers of the root or below a zone of ours, so that one can iterate from here; nothing
 * else.
 */
static enum query_verdict answer_no_recursion(struct take *t, const struct own_answer *answer)
{
	const struct cache_answer *cached = &answer->found;
	const struct question *question = &t->query->question;
	const struct delegation *hints = t->responder->views->hints;
	struct rdata records[LIMIT_NS_KEPT];
	struct rrset set = {.owner = name_root,
		.type = TYPE_NS,
		.class = CLASS_IN,
		.ttl = 3600,
		.records = records};
	const struct rrset *sets[] = {&set};
	if (cached->set_count > 0) {
		struct reply part = {.answer = cached->sets,
			.answer_count = cached->set_count,
			.stale = cached->stale,
			.ede = EDE_NONE};
		begin_reply(answer, &part);
		return send_answer(t, answer, &part);
	}
	if (refer(t))
		return QUERY_ANSWERED;
	if (!name_is_root(question->name) || question->type != TYPE_NS || !hints)
		return query_code(t, RCODE_REFUSED, EDE_NOT_AUTHORITATIVE);
	for (unsigned i = 0; i < hints->ns_count; i++)
		if (hints->ns[i].name)
			records[set.count++] = (struct rdata){.bytes = hints->ns[i].name,
				.size = (uint16_t)name_size(hints->ns[i].name)};
	struct reply reply = {.answer = sets, .answer_count = 1, .ede = EDE_NONE};
	return query_reply(t, &reply);
}

static enum query_verdict ask(struct take *t, bool nothing_cached)
{
	static const struct reply circle = {.rcode = RCODE_SERVFAIL,
		.ede = EDE_OTHER,
		.ede_text = "this question is our own: forwarding goes in a circle"};
	if (t->responder->engine &&
		engine_hears_echo(t->responder->engine, &t->query->question, &t->query->client))
		return query_reply(t, &circle);
	t->query->nothing_cached = nothing_cached;
	counters_increment(t->responder->counters, COUNT_ASKED);
	return QUERY_ASK;
}

/* The whole of it is there. */
static enum query_verdict answer_found(
	struct take *t, struct own_answer *answer, struct reply *reply)
{
	struct responder *responder = t->responder;
	const struct cache_answer *cached = &answer->found;
	int err = map_cached(t, answer, CACHE_FRESH_ONLY, reply);
	if (err == RW_ENOTFOUND)
		return ask(t, false);
	if (err)
		return query_code(t, RCODE_SERVFAIL, EDE_OTHER);
	unsigned last = cached->set_count - 1;
	if (!t->settings->minimal_responses && cached->outcome == ANSWER_POSITIVE && !answer->mixed)
		reply->referral = referral_of(responder->cache, cached->sets[last],
			&cached->from[last], t->now_ms, &responder->arena);
	begin_reply(answer, reply);
	enum query_verdict verdict = send_answer(t, answer, reply);
	if (cached->prefetch && t->settings->cache.prefetch)
		ask_anew(t);
	return verdict;
}

enum query_verdict query_found(struct take *t, struct own_answer *answer)
{
	const struct cache_answer *cached = &answer->found;
	struct reply reply;
	enum query_verdict verdict;
	bool failed = cached->outcome == ANSWER_FAILURE && !answer->ends;
	if (failed && answer_stale(t, false, &verdict))
		return verdict;
	/* A failure to ask is no word about what is here. */
	if (failed && !(t->query->flags & FLAG_RD))
		return answer_no_recursion(t, answer);
	if (reply_of_cached(cached, &reply))
		return answer_found(t, answer, &reply);
	if (!(t->query->flags & FLAG_RD))
		return answer_no_recursion(t, answer);
	if (t->settings->cache.stale_client_timeout_ms == 0 && answer_stale(t, true, &verdict))
		return verdict;
	return ask(t, cached->set_count == 0);
}

enum query_verdict query_cached(struct take *t)
{
	struct own_query query = own_query_of(t, CACHE_FRESH_ONLY);
	struct own_answer answer;
	query.outside = true; /* query_own has seen to that */
	if (own_answer(&query, &answer))
		return query_code(t, RCODE_SERVFAIL, EDE_OTHER);
	if (query_policy(t, false))
		return t->verdict;
	if (answer.found.outcome != ANSWER_MISS)
		counters_increment(t->responder->counters, COUNT_HITS);
	return query_found(t, &answer);
}
