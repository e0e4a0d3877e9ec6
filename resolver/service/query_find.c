/* SPDX-License-Identifier: MIT */
/*
 * Answers out of what is known here: what is ours, and the cache, fresh or stale; or the beginning
 * of an answer whose rest must be asked for.
 */
#include "resolver/request/dns64.h"
#include "resolver/iterate/stale.h"
#include "resolver/service/dns64.h"
#include "resolver/service/query_inner.h"
#include "resolver/service/referral.h"
#include "resolver/wire/edns.h"

struct localdata_query query_lookup(const struct query_ctx *q, enum cache_mode mode)
{
	return (struct localdata_query){.localdata = q->view->localdata,
		.settings = q->settings,
		.cache = q->responder->cache,
		.mode = mode,
		.now_ms = q->now_ms,
		.arena = &q->responder->arena};
}

void query_tell_failure(struct answer *answer)
{
	if (answer->outcome == ANSWER_LOOP)
		answer_fail(answer, EDE_OTHER, "the aliases make a loop or too long a chain");
	if (answer->outcome != ANSWER_FAILURE)
		return;
	answer->set_count = 0;
	if (answer->ede == EDE_NONE)
		answer->ede = EDE_CACHED_ERROR;
}

static void refresh(struct query_ctx *q, const uint8_t *name, bool is_due)
{
	struct refresh_list *list = &q->responder->refresh;
	const struct question *asked = &q->query->question;
	counters_increment(q->responder->counters, COUNT_REFRESHED);
	list->localdata = q->view->localdata;
	list->is_due = is_due;
	list->questions[list->count++] = (struct question){name, asked->type, asked->class};
}

/* Each name of the chain with something that is about to expire. */
static void prefetch(struct query_ctx *q, const struct answer *answer)
{
	bool is_denial = answer->outcome == ANSWER_NODATA || answer->outcome == ANSWER_NXDOMAIN;
	unsigned last = answer->set_count + is_denial;
	for (unsigned i = 0; i < last && i < ANSWER_SETS; i++) {
		if (!(answer->prefetch >> i & 1))
			continue;
		/* A DNAME comes with a CNAME, whose owner is the name that was asked. */
		bool is_dname = i + 1 < answer->set_count && answer->sets[i]->type == TYPE_DNAME;
		i += is_dname;
		refresh(q, i < answer->set_count ? answer->sets[i]->owner : answer->name, true);
	}
}

/* What is ours alone is under no rule for answers of the outside. */
static enum query_verdict send_answer(struct query_ctx *q)
{
	bool ours = localdata_is_whole(q->view->localdata, q->reply.answer);
	return ours ? query_reply(q) : query_outside(q);
}

/*
 * It is known that there is no AAAA, or that the question for it fails; maybe A records are known,
 * too, to make some of. RW_ENOTFOUND: it is not known whether there are any, so that somebody must
 * be asked.
 */
static int map_known(struct query_ctx *q, enum cache_mode mode, struct answer *denied)
{
	const struct localdata_query query = query_lookup(q, mode);
	const struct dns64_settings *dns64 = localdata_dns64(q->view->localdata, q->settings);
	const struct rrset *a;
	if (!dns64_is_wanted(dns64, q->query))
		return 0;
	int err = dns64_remembered(&query, denied, &a);
	if (err == RW_ENOTFOUND && !(q->query->flags & FLAG_RD))
		err = 0;
	if (!err)
		err = dns64_exclude(dns64, query.arena, denied);
	if (err || !a)
		return err;
	return dns64_answer(q->settings, q->view->localdata, a, &q->responder->arena, denied);
}

/* Expired data, where a fresh answer has just failed or must not be waited for (RFC 8767). */
static bool answer_stale(struct query_ctx *q, bool nobody_asks, enum query_verdict *ret_verdict)
{
	const struct localdata_query query = query_lookup(q, CACHE_STALE_TOO);
	struct answer stale;
	if (stale_answer(&query, &q->query->question, &stale) || !stale.stale ||
		map_known(q, CACHE_STALE_TOO, &stale))
		return false;
	answer_assign(q->reply.answer, &stale);
	counters_increment(q->responder->counters, COUNT_STALE);
	*ret_verdict = send_answer(q);
	if (nobody_asks)
		refresh(q, q->query->question.name, false);
	return true;
}

/* Below a cut of a zone of ours: the zone's word on who to ask. */
static const struct referral *referral_below(const struct query_ctx *q)
{
	struct arena *arena = &q->responder->arena;
	struct referral *referral = arena_alloc(arena, sizeof(*referral));
	struct localdata_cut cut;
	if (!referral || localdata_cut(q->view->localdata, &q->query->question, arena, &cut))
		return NULL;
	referral->ns = *cut.ns;
	for (unsigned i = 0; i < cut.glue_count && i < RW_COUNT(referral->glue); i++)
		referral->glue[referral->glue_count++] = *cut.glue[i];
	return referral;
}

static enum query_verdict answer_with_hints(struct query_ctx *q, const struct delegation *hints)
{
	struct rdata records[LIMIT_NS_KEPT];
	struct rrset set = {.owner = name_root,
		.type = TYPE_NS,
		.class = CLASS_IN,
		.ttl = 3600,
		.records = records};
	for (unsigned i = 0; i < hints->ns_count; i++)
		if (hints->ns[i].name)
			records[set.count++] = (struct rdata){.bytes = hints->ns[i].name,
				.size = (uint16_t)name_size(hints->ns[i].name)};
	answer_begin(q->reply.answer, &q->query->question);
	answer_end(q->reply.answer, &set, &provenance_local);
	return query_reply(q);
}

/*
 * RD=0: what of the chain is known; else the servers of the root or below a zone of ours, so that
 * one can iterate from here; nothing else.
 */
static enum query_verdict answer_no_recursion(struct query_ctx *q)
{
	struct answer *answer = q->reply.answer;
	const struct question *question = &q->query->question;
	const struct delegation *hints = q->responder->views->hints;
	if (answer->set_count > 0) {
		answer->outcome = ANSWER_POSITIVE;
		answer->ede = EDE_NONE;
		answer->ede_text = NULL;
		return send_answer(q);
	}
	q->reply.referral = referral_below(q);
	if (q->reply.referral) {
		answer_begin(answer, question);
		answer->outcome = ANSWER_NODATA;
		return query_reply(q);
	}
	if (!name_is_root(question->name) || question->type != TYPE_NS || !hints)
		return query_code(q, RCODE_REFUSED, EDE_NOT_AUTHORITATIVE);
	return answer_with_hints(q, hints);
}

/* What was found so far stays in the responder, for the engine to begin with. */
static enum query_verdict ask(struct query_ctx *q)
{
	const struct question *question = &q->query->question;
	if (q->responder->engine &&
		engine_hears_echo(q->responder->engine, question, &q->query->client)) {
		answer_begin(q->reply.answer, question);
		answer_fail(q->reply.answer, EDE_OTHER,
			"this question is our own: forwarding goes in a circle");
		return query_reply(q);
	}
	counters_increment(q->responder->counters, COUNT_ASKED);
	return QUERY_ASK;
}

/* The whole of it is there. */
static enum query_verdict answer_found(struct query_ctx *q)
{
	struct responder *responder = q->responder;
	struct answer *answer = q->reply.answer;
	int err = map_known(q, CACHE_FRESH_ONLY, answer);
	if (err == RW_ENOTFOUND)
		return ask(q);
	if (err)
		return query_code(q, RCODE_SERVFAIL, EDE_OTHER);
	/* While the chain is whole: that of a failure is not told. */
	if (answer->prefetch && q->settings->cache.prefetch)
		prefetch(q, answer);
	query_tell_failure(answer);
	if (query_wants_referral(q)) {
		unsigned last = answer->set_count - 1;
		q->reply.referral = referral_of(responder->cache, answer->sets[last],
			&answer->from[last], q->now_ms, &responder->arena);
	}
	return send_answer(q);
}

/* An expired alias of a name that fails, whose target is to be asked of its own servers. */
static bool leads_on(struct query_ctx *q)
{
	const struct localdata_query query = query_lookup(q, CACHE_STALE_TOO);
	struct answer stale;
	int err = stale_answer(&query, &q->query->question, &stale);
	return err == RW_ENOTFOUND && stale.outcome == ANSWER_MISS && stale.stale;
}

static enum query_verdict use(struct query_ctx *q)
{
	const struct answer *answer = q->reply.answer;
	bool failed = answer->outcome == ANSWER_FAILURE && !answer->ends_local;
	bool recursive = q->query->flags & FLAG_RD;
	enum query_verdict verdict;
	if (failed && answer_stale(q, false, &verdict))
		return verdict;
	/* A failure to ask is no word about what is here. */
	if (!recursive && (failed || answer->outcome == ANSWER_MISS))
		return answer_no_recursion(q);
	if (failed && leads_on(q))
		return ask(q);
	if (answer->outcome != ANSWER_MISS)
		return answer_found(q);
	if (q->settings->cache.stale_client_timeout_ms == 0 && answer_stale(q, true, &verdict))
		return verdict;
	return ask(q);
}

enum query_verdict query_find(struct query_ctx *q)
{
	struct localdata_query query = query_lookup(q, CACHE_FRESH_ONLY);
	struct answer *answer = q->reply.answer;
	query.withhold = true;
	answer_begin(answer, &q->query->question);
	if (localdata_answer(&query, answer))
		return query_code(q, RCODE_SERVFAIL, EDE_OTHER);
	if (query_policy(q, answer->begins_local))
		return q->verdict;
	if (answer->begins_local)
		counters_increment(q->responder->counters, COUNT_LOCAL);
	else if (answer->outcome != ANSWER_MISS)
		counters_increment(q->responder->counters, COUNT_HITS);
	return use(q);
}
