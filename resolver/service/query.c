/* SPDX-License-Identifier: MIT */
/* The steps a query goes through, each of which may end its way. */
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/service/access.h"
#include "resolver/service/dns64.h"
#include "resolver/service/query_inner.h"
#include "resolver/service/referral.h"
#include "resolver/service/tsig.h"
#include "resolver/wire/precheck.h"

#define ARENA_BYTES (1 << 20)
#define NO_RCODE    0xffff /* go on */

void responder_init(struct responder *responder, struct views *views, struct cache *cache,
	struct engine *engine, struct counters *counters)
{
	*responder = (struct responder){
		.views = views, .cache = cache, .engine = engine, .counters = counters};
	arena_init(&responder->arena, ARENA_BYTES);
}

void responder_release(struct responder *responder)
{
	arena_release(&responder->arena);
}

enum query_verdict query_reply(struct query_ctx *q)
{
	q->size = reply_build(
		q->query, &q->reply, q->settings, q->responder->rotation++, q->out, q->cap);
	return QUERY_ANSWERED;
}

enum query_verdict query_code(struct query_ctx *q, uint16_t rcode, int ede)
{
	q->reply = (struct reply){.answer = &q->responder->answer};
	answer_decline(q->reply.answer, rcode, ede);
	if (rcode == RCODE_REFUSED)
		counters_increment(q->responder->counters, COUNT_REFUSED);
	return query_reply(q);
}

static enum query_verdict answer_header(struct query_ctx *q, uint16_t rcode)
{
	counters_increment(q->responder->counters, COUNT_MALFORMED);
	q->size = reply_header(q->query, rcode, q->out);
	return QUERY_ANSWERED;
}

/* Signed with a key that is not known here: nothing but that is said. False: it is not TSIG. */
static bool answer_badkey(struct query_ctx *q, const uint8_t *wire, size_t size)
{
	uint8_t tsig[TSIG_BADKEY_BYTES];
	size_t tsig_size;
	int err = tsig_badkey(wire, size, q->signature, tsig, &tsig_size);
	if (err == RW_ENOTFOUND)
		return false;
	if (err) {
		q->query->has_question = false;
		(void)answer_header(q, RCODE_FORMERR);
		return true;
	}
	(void)query_code(q, RCODE_NOTAUTH, EDE_NONE);
	/* Room enough: header, question, OPT and this are less than any buffer. */
	memcpy(q->out + q->size, tsig, tsig_size);
	q->size += tsig_size;
	rr_put16(q->out + 10, rr_get16(q->out + 10) + 1);
	return true;
}

/* ---- reading ---- */

static int read_edns(struct query_ctx *q, const uint8_t *wire, size_t size,
	const struct precheck *info, uint16_t *ret_rcode)
{
	struct edns edns;
	if (info->opt == 0)
		return 0;
	if (edns_read(wire, size, info->opt, &edns))
		return RW_EMALFORMED;
	q->query->edns = true;
	q->query->dnssec_ok = edns.dnssec_ok;
	q->query->udp_size = edns.udp_size;
	if (edns.version > 0)
		*ret_rcode = RCODE_BADVERS;
	return 0;
}

/* The question, the counts and EDNS. `ret_rcode`: what to answer instead of going on. */
static int read_message(struct query_ctx *q, const uint8_t *wire, size_t size, uint16_t *ret_rcode)
{
	struct precheck info;
	struct client_query *query = q->query;
	if (precheck(wire, size, &info) || info.counts[0] != 1)
		return RW_EMALFORMED;
	if (name_read(wire, size, HEADER_SIZE, &query->name, NULL))
		return RW_EMALFORMED;
	query->question = (struct question){
		.name = query->name.bytes, .type = info.qtype, .class = info.qclass};
	query->has_question = true;
	if (read_edns(q, wire, size, &info, ret_rcode))
		return RW_EMALFORMED;
	/* Nothing we are asked has records to answer with. */
	if (info.counts[1] > 0 || info.counts[2] > 0)
		return RW_EMALFORMED;
	q->signature = info.signature;
	return 0;
}

static enum query_verdict other_opcode(struct query_ctx *q, const uint8_t *wire, size_t size)
{
	uint16_t ignored = NO_RCODE;
	if (read_message(q, wire, size, &ignored))
		q->query->has_question = false;
	return query_code(q, RCODE_NOTIMP, EDE_NONE);
}

/* ---- rules ---- */

static uint16_t judge_question(const struct question *question)
{
	if (question->class != CLASS_IN)
		return RCODE_REFUSED;
	switch (question->type) {
	case TYPE_ANY:
		return NO_RCODE;
	case TYPE_AXFR:
	case TYPE_IXFR:
		return RCODE_REFUSED; /* there is no zone here to give away */
	case TYPE_MAILA:
	case TYPE_MAILB:
		return RCODE_NOTIMP; /* RFC 1035's, obsolete since its time */
	case 0:
		return RCODE_FORMERR;
	default:
		return rr_type_is_meta(question->type) ? RCODE_FORMERR : NO_RCODE;
	}
}

static enum query_verdict answer_question(struct query_ctx *q)
{
	const struct client_query *query = q->query;
	uint16_t rcode = judge_question(&query->question);
	q->view = views_find(q->responder->views, &query->client);
	query_begin_policy(q);
	if (!access_may_ask(q->settings, &query->client))
		return query_code(q, RCODE_REFUSED, EDE_PROHIBITED);
	if (rcode != NO_RCODE)
		return query_code(q, rcode, EDE_NONE);
	if (!(query->flags & FLAG_RD) && !access_may_snoop(q->settings, &query->client))
		return query_code(q, RCODE_REFUSED, EDE_PROHIBITED);
	return query_find(q);
}

static enum query_verdict take(struct query_ctx *q, const uint8_t *wire, size_t size)
{
	uint16_t rcode = NO_RCODE;
	if ((q->query->flags >> 11 & 0xf) != OPCODE_QUERY)
		return other_opcode(q, wire, size);
	if (read_message(q, wire, size, &rcode)) {
		q->query->has_question = false;
		return answer_header(q, RCODE_FORMERR);
	}
	if (q->signature && answer_badkey(q, wire, size))
		return QUERY_ANSWERED;
	if (rcode != NO_RCODE)
		return query_code(q, rcode, EDE_NONE);
	return answer_question(q);
}

enum query_verdict query_take(struct responder *responder, const uint8_t *wire, size_t size,
	const struct query_origin *origin, struct client_query *ret_query, struct query_output *out)
{
	struct query_ctx q = {
		.responder = responder,
		.query = ret_query,
		.settings = &responder->views->settings,
		.now_ms = origin->now_ms,
		.out = out->bytes,
		.cap = out->cap,
		.reply = {.answer = &responder->answer},
		.verdict = QUERY_ANSWERED,
	};
	counters_increment(responder->counters, COUNT_RECEIVED);
	/* What is no query, or cannot be answered, gets none: two servers could talk forever. */
	if (size < HEADER_SIZE || (rr_get16(wire + 2) & FLAG_QR) || origin->client.port == 0) {
		counters_increment(responder->counters, COUNT_DROPPED);
		return QUERY_DROP;
	}
	arena_clear(&responder->arena);
	ret_query->client = origin->client;
	responder->refresh.count = 0;
	ret_query->tcp = origin->tcp;
	ret_query->edns = ret_query->dnssec_ok = ret_query->has_question = false;
	ret_query->redirected = false;
	ret_query->udp_size = 0;
	ret_query->id = rr_get16(wire);
	ret_query->flags = rr_get16(wire + 2);
	ret_query->question = (struct question){.name = name_root};
	enum query_verdict verdict = take(&q, wire, size);
	if (verdict == QUERY_DROP)
		counters_increment(responder->counters, COUNT_DROPPED);
	out->size = q.size;
	return verdict;
}

struct question query_asked(const struct client_query *query)
{
	struct question question = query->question;
	if (query->redirected)
		question.name = query->redirect.bytes;
	return question;
}

const struct answer *query_finding(const struct responder *responder)
{
	return &responder->answer;
}

const struct refresh_list *query_refreshes(const struct responder *responder)
{
	return &responder->refresh;
}

bool query_wants_referral(const struct query_ctx *q)
{
	const struct answer *answer = q->reply.answer;
	return !q->settings->minimal_responses && answer->outcome == ANSWER_POSITIVE &&
	       answer->set_count > 0 && !answer->local &&
	       answer->from[answer->set_count - 1].server.family != ADDR_NONE;
}

static int map_result(
	const struct query_ctx *q, const struct machine_result *result, struct answer *answer)
{
	const struct localdata *localdata = q->view->localdata;
	const struct dns64_settings *dns64 = localdata_dns64(localdata, q->settings);
	struct arena *arena = &q->responder->arena;
	if (!dns64_is_wanted(dns64, q->query))
		return 0;
	int err = dns64_exclude(dns64, arena, answer);
	if (err || !result->dns64_a)
		return err;
	return dns64_answer(q->settings, localdata, result->dns64_a, arena, answer);
}

/* What a walk has found, as this client may see it. */
static int reply_to_client(
	struct query_ctx *q, const struct machine_result *result, enum query_verdict *ret_verdict)
{
	struct responder *responder = q->responder;
	struct answer *answer = q->reply.answer;
	answer_assign(answer, &result->answer);
	int err = map_result(q, result, answer);
	if (err)
		return err;
	if (answer->outcome == ANSWER_FAILURE)
		answer->set_count = 0; /* the aliases were for who is given AAAA */
	if (query_wants_referral(q)) {
		unsigned last = answer->set_count - 1;
		/* What was just asked was learnt now. */
		q->reply.referral = referral_of(responder->cache, answer->sets[last],
			&answer->from[last], answer->from[last].when_ms, &responder->arena);
	}
	return q->query->redirected ? query_redirected(q, ret_verdict)
				    : query_judge(q, ret_verdict);
}

enum query_verdict query_answer(struct responder *responder, struct client_query *query,
	const struct machine_result *result, uint64_t now_ms, struct query_output *out)
{
	struct query_ctx q = {
		.responder = responder,
		.query = query,
		.settings = &responder->views->settings,
		.view = views_find(responder->views, &query->client),
		.now_ms = now_ms,
		.out = out->bytes,
		.cap = out->cap,
		.reply = {.answer = &responder->answer},
	};
	enum query_verdict verdict = QUERY_ANSWERED;
	arena_clear(&responder->arena);
	if (!result) {
		answer_begin(&responder->answer, &query->question);
		answer_fail(&responder->answer, EDE_OTHER, "too many questions are in flight");
	} else if (reply_to_client(&q, result, &verdict)) {
		q.reply = (struct reply){.answer = &responder->answer};
		answer_decline(&responder->answer, RCODE_SERVFAIL, EDE_OTHER);
		verdict = QUERY_ANSWERED;
	}
	if (verdict == QUERY_ANSWERED)
		(void)query_reply(&q);
	if (verdict == QUERY_DROP)
		counters_increment(responder->counters, COUNT_DROPPED);
	out->size = q.size;
	return verdict;
}
