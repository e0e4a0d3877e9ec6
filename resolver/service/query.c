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

enum query_verdict query_reply(struct take *t, const struct reply *reply)
{
	t->size =
		reply_build(t->query, reply, t->settings, t->responder->rotation++, t->out, t->cap);
	return QUERY_ANSWERED;
}

enum query_verdict query_code(struct take *t, uint16_t rcode, int ede)
{
	struct reply reply = {.rcode = rcode, .ede = ede};
	if (rcode == RCODE_REFUSED)
		counters_increment(t->responder->counters, COUNT_REFUSED);
	return query_reply(t, &reply);
}

static enum query_verdict answer_header(struct take *t, uint16_t rcode)
{
	counters_increment(t->responder->counters, COUNT_MALFORMED);
	t->size = reply_header(t->query, rcode, t->out);
	return QUERY_ANSWERED;
}

/* Signed with a key that is not known here: nothing but that is said. False: it is not TSIG. */
static bool answer_badkey(struct take *t, const uint8_t *wire, size_t size)
{
	uint8_t tsig[TSIG_BADKEY_BYTES];
	size_t tsig_size;
	int err = tsig_badkey(wire, size, t->signature, tsig, &tsig_size);
	if (err == RW_ENOTFOUND)
		return false;
	if (err) {
		t->query->has_question = false;
		(void)answer_header(t, RCODE_FORMERR);
		return true;
	}
	(void)query_code(t, RCODE_NOTAUTH, EDE_NONE);
	/* Room enough: header, question, OPT and this are less than any buffer. */
	memcpy(t->out + t->size, tsig, tsig_size);
	t->size += tsig_size;
	rr_put16(t->out + 10, rr_get16(t->out + 10) + 1);
	return true;
}

/* ---- reading ---- */

static int read_edns(struct take *t, const uint8_t *wire, size_t size, const struct precheck *info,
	uint16_t *ret_rcode)
{
	struct edns edns;
	if (info->opt == 0)
		return 0;
	if (edns_read(wire, size, info->opt, &edns))
		return RW_EMALFORMED;
	t->query->edns = true;
	t->query->dnssec_ok = edns.dnssec_ok;
	t->query->udp_size = edns.udp_size;
	if (edns.version > 0)
		*ret_rcode = RCODE_BADVERS;
	return 0;
}

/* The question, the counts and EDNS. `ret_rcode`: what to answer instead of going on. */
static int read_message(struct take *t, const uint8_t *wire, size_t size, uint16_t *ret_rcode)
{
	struct precheck info;
	struct client_query *query = t->query;
	if (precheck(wire, size, &info) || info.counts[0] != 1)
		return RW_EMALFORMED;
	if (name_read(wire, size, HEADER_SIZE, &query->name, NULL))
		return RW_EMALFORMED;
	query->question = (struct question){
		.name = query->name.bytes, .type = info.qtype, .class = info.qclass};
	query->has_question = true;
	if (read_edns(t, wire, size, &info, ret_rcode))
		return RW_EMALFORMED;
	/* Nothing we are asked has records to answer with. */
	if (info.counts[1] > 0 || info.counts[2] > 0)
		return RW_EMALFORMED;
	t->signature = info.signature;
	return 0;
}

static enum query_verdict other_opcode(struct take *t, const uint8_t *wire, size_t size)
{
	uint16_t ignored = NO_RCODE;
	if (read_message(t, wire, size, &ignored))
		t->query->has_question = false;
	return query_code(t, RCODE_NOTIMP, EDE_NONE);
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

/* In this order, up to the first that answers. */
static bool (*const steps[])(struct take *t) = {query_own, query_withheld, query_special};

static enum query_verdict answer_question(struct take *t)
{
	const struct client_query *query = t->query;
	uint16_t rcode = judge_question(&query->question);
	t->view = views_find(t->responder->views, &query->client);
	query_begin_policy(t);
	if (!access_may_ask(t->settings, &query->client))
		return query_code(t, RCODE_REFUSED, EDE_PROHIBITED);
	if (rcode != NO_RCODE)
		return query_code(t, rcode, EDE_NONE);
	if (!(query->flags & FLAG_RD) && !access_may_snoop(t->settings, &query->client))
		return query_code(t, RCODE_REFUSED, EDE_PROHIBITED);
	for (size_t i = 0; i < RW_COUNT(steps); i++)
		if (steps[i](t))
			return t->verdict;
	return query_cached(t);
}

static enum query_verdict take(struct take *t, const uint8_t *wire, size_t size)
{
	uint16_t rcode = NO_RCODE;
	if ((t->query->flags >> 11 & 0xf) != OPCODE_QUERY)
		return other_opcode(t, wire, size);
	if (read_message(t, wire, size, &rcode)) {
		t->query->has_question = false;
		return answer_header(t, RCODE_FORMERR);
	}
	if (t->signature && answer_badkey(t, wire, size))
		return QUERY_ANSWERED;
	if (rcode != NO_RCODE)
		return query_code(t, rcode, EDE_NONE);
	return answer_question(t);
}

enum query_verdict query_take(struct responder *responder, const uint8_t *wire, size_t size,
	const struct query_origin *origin, uint64_t now_ms, struct client_query *ret_query,
	uint8_t *out, size_t cap, size_t *ret_size)
{
	struct take t = {
		.responder = responder,
		.query = ret_query,
		.settings = &responder->views->settings,
		.now_ms = now_ms,
		.out = out,
		.cap = cap,
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
	ret_query->tcp = origin->tcp;
	ret_query->edns = ret_query->dnssec_ok = ret_query->has_question = false;
	ret_query->redirected = false;
	ret_query->udp_size = 0;
	ret_query->id = rr_get16(wire);
	ret_query->flags = rr_get16(wire + 2);
	ret_query->question = (struct question){.name = name_root};
	enum query_verdict verdict = take(&t, wire, size);
	*ret_size = t.size;
	return verdict;
}

struct question query_asked(const struct client_query *query)
{
	struct question question = query->question;
	if (query->redirected)
		question.name = query->redirect.bytes;
	return question;
}

/* What a walk has found, as this client may see it. */
static int reply_to_client(const struct query_way *way, const struct walk_result *result,
	struct reply *reply, enum query_verdict *ret_verdict)
{
	struct responder *responder = way->responder;
	const struct settings *settings = &responder->views->settings;
	reply_of_result(result, reply);
	if (result->dns64_a && dns64_is_wanted(settings, way->query) &&
		dns64_answer(settings, way->view->own, result->dns64_a, &responder->arena, reply))
		return RW_ENOMEM;
	if (result->dns64_a && reply->rcode == RCODE_SERVFAIL)
		reply->answer_count = 0; /* the aliases were for who is given AAAA */
	if (!settings->minimal_responses && result->rcode == RCODE_NOERROR && !result->soa &&
		result->answer_count > 0 && reply->answer_count > 0 && !result->mixed) {
		unsigned last = result->answer_count - 1;
		/* What was just asked was learnt now. */
		reply->referral = referral_of(responder->cache, result->answer[last],
			&result->from[last], result->from[last].when_ms, &responder->arena);
	}
	if (way->query->redirected)
		return query_redirected(way, reply, ret_verdict);
	return query_judge(way, reply, ret_verdict);
}

enum query_verdict query_answer(struct responder *responder, struct client_query *query,
	const struct walk_result *result, uint64_t now_ms, uint8_t *out, size_t cap,
	size_t *ret_size)
{
	const struct query_way way = {
		responder, views_find(responder->views, &query->client), query, now_ms};
	struct reply reply = {.rcode = RCODE_SERVFAIL,
		.ede = EDE_OTHER,
		.ede_text = "too many questions are in flight"};
	enum query_verdict verdict = QUERY_ANSWERED;
	arena_clear(&responder->arena);
	if (result && reply_to_client(&way, result, &reply, &verdict)) {
		reply = (struct reply){.rcode = RCODE_SERVFAIL, .ede = EDE_OTHER};
		verdict = QUERY_ANSWERED;
	}
	if (verdict == QUERY_ANSWERED)
		*ret_size = reply_build(query, &reply, &responder->views->settings,
			responder->rotation++, out, cap);
	return verdict;
}
