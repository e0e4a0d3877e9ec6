/* SPDX-License-Identifier: MIT */
/*
 * Where policy stands on the way of a query: before everything else, and between an answer of the
 * outside and the client. A rule may lead on to another name: then the answer begins with the
 * aliases up to there and goes on with what the cache says of that name, or the engine, which is
 * asked once more.
 */
#include "resolver/service/policy.h"
#include "resolver/service/query_inner.h"
#include "resolver/service/rebinding.h"

static struct policy_query policy_of(const struct query_way *way)
{
	return (struct policy_query){.set = &way->view->policy,
		.query = way->query,
		.cache = way->responder->cache,
		.nat64 = &way->responder->views->settings.dns64,
		.now_ms = way->now_ms,
		.arena = &way->responder->arena};
}

static struct own_query own_query_of(
	const struct query_way *way, const struct question *question, enum cache_mode mode)
{
	return (struct own_query){.own = way->view->own,
		.settings = &way->responder->views->settings,
		.cache = way->responder->cache,
		.question = question,
		.mode = mode,
		.now_ms = way->now_ms,
		.arena = &way->responder->arena};
}

static const uint8_t *target_of(const struct reply *reply)
{
	return rrset_target(reply->answer[reply->answer_count - 1], 0);
}

static int filter(const struct query_way *way, struct reply *reply)
{
	int err = query_withhold(way, reply);
	return err ? err
		   : rebinding_filter(&way->responder->views->settings, way->view->own, reply,
			     &way->responder->arena);
}

/* `rest` behind the aliases of `reply`, into which it goes. */
static int append(const struct query_way *way, struct reply *reply, const struct reply *rest)
{
	unsigned count = reply->answer_count + rest->answer_count;
	const struct rrset **sets = arena_alloc(&way->responder->arena, count * sizeof(*sets));
	if (!sets)
		return RW_ENOMEM;
	for (unsigned i = 0; i < count; i++)
		sets[i] = i < reply->answer_count ? reply->answer[i]
						  : rest->answer[i - reply->answer_count];
	reply->answer = sets;
	reply->answer_count = count;
	reply->rcode = rest->rcode;
	reply->soa = rest->soa;
	reply->stale |= rest->stale;
	/* A failure tells more than the rule. */
	if (rest->rcode == RCODE_SERVFAIL) {
		reply->ede = rest->ede;
		reply->ede_text = rest->ede_text;
	}
	return 0;
}

/* A rule leads to a name: what the cache knows of it, else it is asked for. */
static int follow(const struct query_way *way, struct reply *reply, enum query_verdict *ret_verdict)
{
	const struct question question = {
		target_of(reply), way->query->question.type, way->query->question.class};
	const struct own_query query = own_query_of(way, &question, CACHE_FRESH_ONLY);
	struct own_answer answer;
	struct reply rest;
	int err = own_answer(&query, &answer);
	if (err)
		return err;
	if (reply_of_cached(&answer.found, &rest)) {
		err = filter(way, &rest);
		return err ? err : append(way, reply, &rest);
	}
	if (!(way->query->flags & FLAG_RD))
		return 0;
	way->query->redirected = true;
	way->query->nothing_cached = answer.found.set_count == 0;
	(void)name_copy(question.name, &way->query->redirect);
	*ret_verdict = QUERY_ASK;
	return 0;
}

static int act(const struct query_way *way, enum policy_verdict verdict, struct reply *reply,
	enum query_verdict *ret_verdict)
{
	counters_increment(way->responder->counters, COUNT_BLOCKED);
	*ret_verdict = QUERY_ANSWERED;
	if (verdict == POLICY_DROP)
		*ret_verdict = QUERY_DROP;
	return verdict == POLICY_ALIAS ? follow(way, reply, ret_verdict) : 0;
}

/* The name that the answer, or the denial, is of. */
static const uint8_t *end_of(const struct query_way *way, const struct reply *reply)
{
	const struct rrset *last =
		reply->answer_count ? reply->answer[reply->answer_count - 1] : NULL;
	return last && last->type == TYPE_CNAME ? rrset_target(last, 0) : way->query->question.name;
}

int query_judge(const struct query_way *way, struct reply *reply, enum query_verdict *ret_verdict)
{
	const struct policy_query query = policy_of(way);
	enum policy_verdict verdict;
	int err = policy_answer(&query, reply, &verdict);
	*ret_verdict = QUERY_ANSWERED;
	if (err)
		return err;
	if (verdict != POLICY_NONE)
		return act(way, verdict, reply, ret_verdict);
	/* Above a name of ours there is something, whatever the world says. */
	if (reply->rcode == RCODE_NXDOMAIN &&
		own_has_below(way->view->own, end_of(way, reply), way->now_ms))
		reply->rcode = RCODE_NOERROR;
	return filter(way, reply);
}

/* The aliases that lead to where the query is redirected: all that led there is in the cache. */
static int find_aliases(const struct query_way *way, struct reply *ret_reply)
{
	const struct policy_query query = policy_of(way);
	const struct own_query cached = own_query_of(way, &way->query->question, CACHE_STALE_TOO);
	enum policy_verdict verdict;
	struct own_answer answer;
	int err = policy_question(&query, &verdict, ret_reply);
	if (err || verdict != POLICY_NONE)
		return err ? err : verdict == POLICY_ALIAS ? 0 : RW_ENOTFOUND;
	err = own_answer(&cached, &answer);
	if (err)
		return err;
	if (!reply_of_cached(&answer.found, ret_reply))
		return RW_ENOTFOUND;
	err = policy_answer(&query, ret_reply, &verdict);
	return err ? err : verdict == POLICY_ALIAS ? 0 : RW_ENOTFOUND;
}

int query_redirected(
	const struct query_way *way, struct reply *reply, enum query_verdict *ret_verdict)
{
	const struct reply rest = *reply;
	struct reply begin;
	int err = find_aliases(way, &begin);
	*ret_verdict = QUERY_ANSWERED;
	/* The rules have changed in between, or the cache has lost it. */
	if (err == RW_ENOTFOUND ||
		(!err && !name_equal(target_of(&begin), way->query->redirect.bytes))) {
		*reply = (struct reply){.rcode = RCODE_SERVFAIL,
			.ede = EDE_NOT_READY,
			.ede_text = "the rules have just changed: ask again"};
		return 0;
	}
	if (err)
		return err;
	struct reply shown = rest;
	err = filter(way, &shown);
	if (!err)
		err = append(way, &begin, &shown);
	if (!err)
		*reply = begin;
	return err;
}

static struct query_way way_of(const struct take *t)
{
	return (struct query_way){t->responder, t->view, t->query, t->now_ms};
}

/* Writes the reply where there is one to write. */
static enum query_verdict finish(
	struct take *t, int err, enum query_verdict verdict, const struct reply *reply)
{
	if (err)
		return query_code(t, RCODE_SERVFAIL, EDE_OTHER);
	if (verdict == QUERY_ANSWERED)
		return query_reply(t, reply);
	if (verdict == QUERY_ASK)
		counters_increment(t->responder->counters, COUNT_ASKED);
	return verdict;
}

enum query_verdict query_outside(struct take *t, struct reply *reply)
{
	const struct query_way way = way_of(t);
	enum query_verdict verdict;
	int err = query_judge(&way, reply, &verdict);
	return finish(t, err, verdict, reply);
}

void query_begin_policy(struct take *t)
{
	block_begin(t->view->policy.block, t->query->question.name, &t->responder->folded);
}

bool query_policy(struct take *t, bool local)
{
	if (policy_is_clear(&t->view->policy, &t->responder->folded))
		return false;
	const struct query_way way = way_of(t);
	struct policy_query query = policy_of(&way);
	enum policy_verdict found;
	enum query_verdict verdict = QUERY_ANSWERED;
	struct reply reply;
	query.local = local;
	int err = policy_question(&query, &found, &reply);
	if (!err && found == POLICY_NONE)
		return false;
	if (!err)
		err = act(&way, found, &reply, &verdict);
	t->verdict = finish(t, err, verdict, &reply);
	return true;
}
