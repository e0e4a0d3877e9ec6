/* SPDX-License-Identifier: MIT */
/* The steps a query goes through, each of which may end its way. */
#include "resolver/service/query.h"

#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/iterate/dns64.h"
#include "resolver/service/access.h"
#include "resolver/service/dns64.h"
#include "resolver/service/rebinding.h"
#include "resolver/service/referral.h"
#include "resolver/service/tsig.h"
#include "resolver/wire/precheck.h"
#include "zones/local.h"
#include "zones/nat64.h"
#include "zones/zonecut.h"

#define ARENA_BYTES (1 << 20)
#define NO_RCODE    0xffff /* go on */

struct take {
	struct responder *responder;
	struct client_query *query;
	const struct settings *settings;
	uint64_t now_ms;
	uint8_t *out;
	size_t cap, size;
	size_t signature; /* offset of a TSIG or SIG(0) record; 0: none */
};

void responder_init(struct responder *responder, struct snapshot *snapshot, struct cache *cache,
	struct engine *engine)
{
	*responder = (struct responder){.snapshot = snapshot, .cache = cache, .engine = engine};
	arena_init(&responder->arena, ARENA_BYTES);
}

void responder_release(struct responder *responder)
{
	arena_release(&responder->arena);
}

static enum query_verdict answer(struct take *t, const struct reply *reply)
{
	t->size =
		reply_build(t->query, reply, t->settings, t->responder->rotation++, t->out, t->cap);
	return QUERY_ANSWERED;
}

static enum query_verdict answer_code(struct take *t, uint16_t rcode, int ede)
{
	struct reply reply = {.rcode = rcode, .ede = ede};
	if (rcode == RCODE_REFUSED)
		t->responder->stats.refused++;
	return answer(t, &reply);
}

static enum query_verdict answer_header(struct take *t, uint16_t rcode)
{
	t->responder->stats.malformed++;
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
	(void)answer_code(t, RCODE_NOTAUTH, EDE_NONE);
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
	return answer_code(t, RCODE_NOTIMP, EDE_NONE);
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

/* ---- answering ---- */

/* A name of `hosts` owns all its types: what else is asked of it is not there. */
static bool answer_hosts(struct take *t)
{
	const struct rrset *set;
	if (!hosts_lookup(t->responder->snapshot->hosts, &t->query->question, &set))
		return false;
	const struct reply reply = {.authoritative = true,
		.answer = &set,
		.answer_count = set ? 1 : 0,
		.ede = EDE_NONE};
	t->responder->stats.local++;
	(void)answer(t, &reply);
	return true;
}

static bool is_withheld(const struct settings *settings, const struct question *question)
{
	for (size_t i = 0; i < settings->withhold.count; i++) {
		const struct withhold_settings *item = &settings->withhold.items[i];
		for (size_t k = 0; k < item->types.count; k++)
			if (item->types.items[k] == question->type &&
				name_is_at_or_below(question->name, item->zone))
				return true;
	}
	return false;
}

static bool answer_withheld(struct take *t)
{
	static const struct reply reply = {.authoritative = true,
		.ede = EDE_FILTERED,
		.ede_text = "the configuration's key withhold leaves this type out here"};
	if (!is_withheld(t->settings, &t->query->question))
		return false;
	t->responder->stats.local++;
	(void)answer(t, &reply);
	return true;
}

static bool answer_local(struct take *t)
{
	if (answer_hosts(t) || answer_withheld(t))
		return true;
	struct local_answer local;
	const struct question *question = &t->query->question;
	if (!t->settings->special_use || !local_zone_of(question->name) ||
		nat64_has(&t->settings->dns64, question) ||
		local_lookup(question, &t->responder->arena, &local))
		return false;
	struct reply reply = {
		.rcode = local.rcode,
		.authoritative = true,
		.answer = &local.answer,
		.answer_count = local.answer ? 1 : 0,
		.soa = local.soa,
		.ede = EDE_NONE,
	};
	t->responder->stats.local++;
	(void)answer(t, &reply);
	return true;
}

/*
 * Where an alias leads to a name of `hosts`, what we say of it is shown and not its public twin,
 * which may have been in the cache before a reload brought the name.
 */
static int own_names_first(struct responder *responder, uint16_t type, struct reply *reply)
{
	/* To these the alias itself is the answer. */
	bool ends_there = type == TYPE_CNAME || type == TYPE_ANY;
	for (unsigned i = 0; i < reply->answer_count && !ends_there; i++) {
		const struct rrset *set, *alias = reply->answer[i];
		struct question question = {NULL, type, CLASS_IN};
		if (alias->type != TYPE_CNAME || !(question.name = rrset_target(alias, 0)) ||
			!hosts_lookup(responder->snapshot->hosts, &question, &set))
			continue;
		const struct rrset **sets = arena_alloc(&responder->arena, (i + 2) * sizeof(*sets));
		if (!sets)
			return RW_ENOMEM;
		for (unsigned k = 0; k <= i; k++)
			sets[k] = reply->answer[k];
		sets[i + 1] = set;
		*reply = (struct reply){.answer = sets,
			.answer_count = set ? i + 2 : i + 1,
			.stale = reply->stale,
			.ede = EDE_NONE};
		return 0;
	}
	return 0;
}

/* What the network's own rules make of an answer. */
static int apply_rules(
	struct responder *responder, const struct question *question, struct reply *reply)
{
	if (own_names_first(responder, question->type, reply))
		return RW_ENOMEM;
	return rebinding_filter(&responder->snapshot->settings, reply, &responder->arena);
}

/* Behind the client's back, for the next one's sake. */
static void ask_anew(struct take *t)
{
	t->responder->stats.refreshed++;
	if (t->responder->engine)
		engine_refresh(t->responder->engine, &t->query->question);
}

/*
 * The cache says that there is no AAAA, or that the question for it fails; maybe it knows A records
 * to make some of. RW_ENOTFOUND: it does not know about those, so that somebody must be asked.
 */
static int map_cached(
	struct take *t, struct cache_answer *denied, enum cache_mode mode, struct reply *reply)
{
	const struct dns64_query query = {.settings = t->settings,
		.cache = t->responder->cache,
		.type = t->query->question.type,
		.mode = mode,
		.now_ms = t->now_ms};
	const struct rrset *a;
	if (!dns64_is_wanted(t->settings, t->query))
		return 0;
	int err = dns64_remembered(&query, denied, &t->responder->arena, &a);
	if (err == RW_ENOTFOUND && !(t->query->flags & FLAG_RD))
		return 0;
	if (err || !a)
		return err;
	reply->answer_count = denied->set_count; /* of a failure, too */
	return dns64_answer(t->settings, a, &t->responder->arena, reply);
}

/* Expired data, where a fresh answer has just failed or must not be waited for (RFC 8767). */
static bool answer_stale(struct take *t, bool refresh)
{
	struct cache_answer cached;
	struct reply reply;
	if (!t->settings->cache.serve_stale ||
		zonecut_answer(t->settings, t->responder->cache, &t->query->question,
			CACHE_STALE_TOO, t->now_ms, &t->responder->arena, &cached))
		return false;
	if (!cached.stale || cached.outcome == ANSWER_FAILURE || cached.outcome == ANSWER_LOOP ||
		!reply_of_cached(&cached, &reply))
		return false;
	if (map_cached(t, &cached, CACHE_STALE_TOO, &reply) ||
		apply_rules(t->responder, &t->query->question, &reply))
		return false;
	t->responder->stats.stale++;
	(void)answer(t, &reply);
	if (refresh)
		ask_anew(t);
	return true;
}

/* RD=0: the root's servers, so that one can start to iterate from here; nothing else. */
static enum query_verdict answer_no_recursion(struct take *t, const struct cache_answer *cached)
{
	const struct question *question = &t->query->question;
	const struct delegation *hints = t->responder->snapshot->hints;
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
		if (rebinding_filter(t->settings, &part, &t->responder->arena))
			return answer_code(t, RCODE_SERVFAIL, EDE_OTHER);
		return answer(t, &part);
	}
	if (!name_is_root(question->name) || question->type != TYPE_NS || !hints)
		return answer_code(t, RCODE_REFUSED, EDE_NOT_AUTHORITATIVE);
	for (unsigned i = 0; i < hints->ns_count; i++)
		if (hints->ns[i].name)
			records[set.count++] = (struct rdata){.bytes = hints->ns[i].name,
				.size = (uint16_t)name_size(hints->ns[i].name)};
	struct reply reply = {.answer = sets, .answer_count = 1, .ede = EDE_NONE};
	return answer(t, &reply);
}

static enum query_verdict ask(struct take *t, bool nothing_cached)
{
	t->query->nothing_cached = nothing_cached;
	t->responder->stats.asked++;
	return QUERY_ASK;
}

static enum query_verdict answer_from_cache(struct take *t)
{
	struct responder *responder = t->responder;
	struct cache_answer cached;
	struct reply reply;
	if (zonecut_answer(t->settings, responder->cache, &t->query->question, CACHE_FRESH_ONLY,
		    t->now_ms, &responder->arena, &cached))
		return answer_code(t, RCODE_SERVFAIL, EDE_OTHER);
	if (cached.outcome == ANSWER_FAILURE && answer_stale(t, false))
		return QUERY_ANSWERED;
	/* A failure to ask is no word about what is here. */
	if (cached.outcome == ANSWER_FAILURE && !(t->query->flags & FLAG_RD))
		return answer_no_recursion(t, &cached);
	if (reply_of_cached(&cached, &reply)) {
		int err = map_cached(t, &cached, CACHE_FRESH_ONLY, &reply);
		if (err == RW_ENOTFOUND)
			return ask(t, false);
		if (err)
			return answer_code(t, RCODE_SERVFAIL, EDE_OTHER);
		unsigned last = cached.set_count - 1;
		if (!t->settings->minimal_responses && cached.outcome == ANSWER_POSITIVE)
			reply.referral = referral_of(responder->cache, cached.sets[last],
				&cached.from[last], t->now_ms, &responder->arena);
		responder->stats.hits++;
		if (apply_rules(responder, &t->query->question, &reply))
			return answer_code(t, RCODE_SERVFAIL, EDE_OTHER);
		(void)answer(t, &reply);
		if (cached.prefetch && t->settings->cache.prefetch)
			ask_anew(t);
		return QUERY_ANSWERED;
	}
	if (!(t->query->flags & FLAG_RD))
		return answer_no_recursion(t, &cached);
	if (t->settings->cache.stale_client_timeout_ms == 0 && answer_stale(t, true))
		return QUERY_ANSWERED;
	return ask(t, cached.set_count == 0);
}

static enum query_verdict answer_question(struct take *t)
{
	const struct client_query *query = t->query;
	uint16_t rcode = judge_question(&query->question);
	if (!access_may_ask(t->settings, &query->client))
		return answer_code(t, RCODE_REFUSED, EDE_PROHIBITED);
	if (rcode != NO_RCODE)
		return answer_code(t, rcode, EDE_NONE);
	if (!(query->flags & FLAG_RD) && !access_may_snoop(t->settings, &query->client))
		return answer_code(t, RCODE_REFUSED, EDE_PROHIBITED);
	return answer_local(t) ? QUERY_ANSWERED : answer_from_cache(t);
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
		return answer_code(t, rcode, EDE_NONE);
	return answer_question(t);
}

enum query_verdict query_take(struct responder *responder, const uint8_t *wire, size_t size,
	const struct query_origin *origin, uint64_t now_ms, struct client_query *ret_query,
	uint8_t *out, size_t cap, size_t *ret_size)
{
	struct take t = {
		.responder = responder,
		.query = ret_query,
		.settings = &responder->snapshot->settings,
		.now_ms = now_ms,
		.out = out,
		.cap = cap,
	};
	responder->stats.received++;
	/* What is no query, or cannot be answered, gets none: two servers could talk forever. */
	if (size < HEADER_SIZE || (rr_get16(wire + 2) & FLAG_QR) || origin->client.port == 0) {
		responder->stats.dropped++;
		return QUERY_DROP;
	}
	arena_clear(&responder->arena);
	ret_query->client = origin->client;
	ret_query->tcp = origin->tcp;
	ret_query->edns = ret_query->dnssec_ok = ret_query->has_question = false;
	ret_query->udp_size = 0;
	ret_query->id = rr_get16(wire);
	ret_query->flags = rr_get16(wire + 2);
	ret_query->question = (struct question){.name = name_root};
	enum query_verdict verdict = take(&t, wire, size);
	*ret_size = t.size;
	return verdict;
}

/* What a walk has found, as this client may see it. */
static void reply_to_client(struct responder *responder, const struct client_query *query,
	const struct walk_result *result, struct reply *ret_reply)
{
	const struct settings *settings = &responder->snapshot->settings;
	reply_of_result(result, ret_reply);
	if (result->dns64_a && dns64_is_wanted(settings, query) &&
		dns64_answer(settings, result->dns64_a, &responder->arena, ret_reply)) {
		*ret_reply = (struct reply){.rcode = RCODE_SERVFAIL, .ede = EDE_OTHER};
		return;
	}
	if (result->dns64_a && ret_reply->rcode == RCODE_SERVFAIL)
		ret_reply->answer_count = 0; /* the aliases were for who is given AAAA */
	if (result->local || result->answer_count == 0 || ret_reply->answer_count == 0)
		return;
	if (!settings->minimal_responses && result->rcode == RCODE_NOERROR && !result->soa) {
		unsigned last = result->answer_count - 1;
		/* What was just asked was learnt now. */
		ret_reply->referral = referral_of(responder->cache, result->answer[last],
			&result->from[last], result->from[last].when_ms, &responder->arena);
	}
	if (apply_rules(responder, &query->question, ret_reply))
		*ret_reply = (struct reply){.rcode = RCODE_SERVFAIL, .ede = EDE_OTHER};
}

size_t query_answer(struct responder *responder, const struct client_query *query,
	const struct walk_result *result, uint8_t *out, size_t cap)
{
	struct reply reply = {.rcode = RCODE_SERVFAIL,
		.ede = EDE_OTHER,
		.ede_text = "too many questions are in flight"};
	arena_clear(&responder->arena);
	if (result)
		reply_to_client(responder, query, result, &reply);
	return reply_build(
		query, &reply, &responder->snapshot->settings, responder->rotation++, out, cap);
}
