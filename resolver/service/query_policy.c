/* SPDX-License-Identifier: MIT */
/*
 * Where policy stands on the way of a query: before everything else, and between an answer of the
 * outside and the client. A rule may lead on to another name: then the answer begins with the
 * aliases up to there and goes on with what is known of that name, or the engine, which is asked
 * once more.
 */
#include "resolver/policy/policy.h"
#include "resolver/service/query_inner.h"
#include "resolver/policy/rebinding.h"
#include "resolver/wire/edns.h"

static struct policy_query policy_of(const struct query_ctx *q)
{
	return (struct policy_query){.set = &q->view->policy,
		.question = &q->query->question,
		.client = &q->query->client,
		.tcp = q->query->tcp,
		.cache = q->responder->cache,
		.nat64 = &localdata_dns64(q->view->localdata, q->settings)->prefix,
		.now_ms = q->now_ms,
		.arena = &q->responder->arena};
}

static int filter(struct query_ctx *q, struct answer *answer)
{
	localdata_withhold(q->view->localdata, q->settings, answer);
	return rebinding_filter(q->settings, q->view->localdata, &q->responder->arena, answer);
}

/* `rest` behind the aliases that lead to it. */
static void append(struct answer *answer, const struct answer *rest)
{
	bool fits = true;
	answer->outcome = rest->outcome;
	answer->declined = rest->declined;
	answer->soa = rest->soa;
	answer->soa_from = rest->soa_from;
	answer->stale |= rest->stale;
	/* A failure tells more than the rule. */
	if (answer_rcode(rest) == RCODE_SERVFAIL) {
		answer->ede = rest->ede;
		answer->ede_text = rest->ede_text;
	}
	for (unsigned i = 0; i < rest->set_count; i++)
		fits &= answer_add(answer, rest->sets[i], &rest->from[i]);
	if (!fits)
		answer_fail(answer, EDE_OTHER, "the chain of aliases is too long");
}

/* A rule leads to a name: what is known of it, else it is asked for. */
static int follow(struct query_ctx *q, enum query_verdict *ret_verdict)
{
	struct answer *answer = q->reply.answer, rest;
	const struct localdata_query query = query_lookup(q, CACHE_FRESH_ONLY);
	const struct question question = {
		answer->name, q->query->question.type, q->query->question.class};
	answer_begin(&rest, &question);
	int err = localdata_answer(&query, &rest);
	if (err)
		return err;
	if (rest.outcome != ANSWER_MISS) {
		query_tell_failure(&rest);
		err = filter(q, &rest);
		append(answer, &rest);
		return err;
	}
	if (!(q->query->flags & FLAG_RD)) {
		answer->outcome = ANSWER_POSITIVE;
		return 0;
	}
	q->query->redirected = true;
	(void)name_copy(question.name, &q->query->redirect);
	answer_assign(answer, &rest);
	*ret_verdict = QUERY_ASK;
	return 0;
}

static int act(struct query_ctx *q, enum policy_verdict verdict, enum query_verdict *ret_verdict)
{
	counters_increment(q->responder->counters, COUNT_BLOCKED);
	*ret_verdict = QUERY_ANSWERED;
	q->reply.referral = NULL;
	q->reply.truncated = verdict == POLICY_TRUNCATED;
	if (verdict == POLICY_DROP)
		*ret_verdict = QUERY_DROP;
	return verdict == POLICY_ALIAS ? follow(q, ret_verdict) : 0;
}

int query_judge(struct query_ctx *q, enum query_verdict *ret_verdict)
{
	const struct policy_query query = policy_of(q);
	enum policy_verdict verdict;
	int err = policy_answer(&query, q->reply.answer, &verdict);
	*ret_verdict = QUERY_ANSWERED;
	if (err)
		return err;
	if (verdict != POLICY_NONE)
		return act(q, verdict, ret_verdict);
	localdata_amend(q->view->localdata, q->now_ms, q->reply.answer);
	return filter(q, q->reply.answer);
}

/* The aliases that lead to where the query is redirected: all that led there is in the cache. */
static int find_aliases(struct query_ctx *q, struct answer *answer)
{
	const struct policy_query query = policy_of(q);
	const struct localdata_query known = query_lookup(q, CACHE_STALE_TOO);
	enum policy_verdict verdict;
	answer_begin(answer, &q->query->question);
	int err = policy_question(&query, answer, &verdict);
	if (!err && verdict == POLICY_NONE)
		err = localdata_answer(&known, answer);
	if (!err && verdict == POLICY_NONE && answer->outcome != ANSWER_MISS)
		err = policy_answer(&query, answer, &verdict);
	return err ? err : verdict == POLICY_ALIAS ? 0 : RW_ENOTFOUND;
}

int query_redirected(struct query_ctx *q, enum query_verdict *ret_verdict)
{
	struct answer *answer = q->reply.answer, begin;
	int err = find_aliases(q, &begin);
	q->reply.referral = NULL;
	*ret_verdict = QUERY_ANSWERED;
	/* The rules have changed in between, or the cache has lost it. */
	if (err == RW_ENOTFOUND || (!err && !name_equal(begin.name, q->query->redirect.bytes))) {
		answer_begin(answer, &q->query->question);
		answer_fail(answer, EDE_NOT_READY, "the rules have just changed: ask again");
		return 0;
	}
	if (!err)
		err = filter(q, answer);
	if (err)
		return err;
	append(&begin, answer);
	answer_assign(answer, &begin);
	return 0;
}

/* Writes the reply where there is one to write. */
static enum query_verdict finish(struct query_ctx *q, int err, enum query_verdict verdict)
{
	if (err)
		return query_code(q, RCODE_SERVFAIL, EDE_OTHER);
	if (verdict == QUERY_ANSWERED)
		return query_reply(q);
	if (verdict == QUERY_ASK)
		counters_increment(q->responder->counters, COUNT_ASKED);
	return verdict;
}

enum query_verdict query_outside(struct query_ctx *q)
{
	enum query_verdict verdict;
	int err = query_judge(q, &verdict);
	return finish(q, err, verdict);
}

void query_begin_policy(struct query_ctx *q)
{
	block_begin(q->view->policy.block, q->query->question.name, &q->responder->folded);
}

bool query_policy(struct query_ctx *q, bool local)
{
	if (policy_is_clear(&q->view->policy, &q->responder->folded))
		return false;
	struct policy_query query = policy_of(q);
	enum policy_verdict found;
	enum query_verdict verdict = QUERY_ANSWERED;
	query.local = local;
	int err = policy_question(&query, q->reply.answer, &found);
	if (!err && found == POLICY_NONE)
		return false;
	if (!err)
		err = act(q, found, &verdict);
	q->verdict = finish(q, err, verdict);
	return true;
}
