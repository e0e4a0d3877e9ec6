/* SPDX-License-Identifier: MIT */
/*
 * DNS64 (RFC 6147 section 5.1): when the client's own question for AAAA ends with NODATA, or fails,
 * A records are asked for at the name where the alias chain ended, and the result carries both.
 * Whether AAAA are made of them is for the service to say, client by client, for one request may
 * serve a client with CD and one without.
 */
#include "resolver/request/dns64.h"

#include "resolver/iterate/stale.h"
#include "resolver/wire/edns.h"
#include "zones/localdata/nat64.h"

#define SUB 1 /* the only question that it asks */

struct dns64 {
	struct machine machine;
	struct arena *arena;
	const struct machine_context *context;
	struct budget *budget;
	const struct question *question;
	struct machine_result *result; /* of the machine before it, and its own */
	struct machine_actions *out;   /* of the event at hand */
	uint64_t now_ms;
	bool has_asked;
};

/* AAAA records that are excluded count as none (RFC 6147 section 5.1.4). */
static bool lacks_aaaa(const struct dns64_settings *dns64, const struct answer *answer)
{
	if (answer->outcome != ANSWER_POSITIVE || answer->set_count == 0)
		return answer->outcome == ANSWER_NODATA;
	const struct rrset *last = answer->sets[answer->set_count - 1];
	return last->type == TYPE_AAAA && !nat64_leaves_some(dns64, last);
}

/* What was left out by the configuration is not made up for. */
static bool is_withheld(const struct answer *answer)
{
	return answer->ends_local && answer->ede == EDE_FILTERED;
}

int dns64_remembered(
	const struct localdata_query *query, struct answer *answer, const struct rrset **ret_a)
{
	const struct question question = {answer->name, TYPE_A, CLASS_IN};
	struct localdata_query of_a = *query;
	struct answer mapped;
	*ret_a = NULL;
	const struct dns64_settings *dns64 = localdata_dns64(query->localdata, query->settings);
	bool failed = answer->outcome == ANSWER_FAILURE && !answer->ends_local;
	if (dns64->prefix.base.family != ADDR_V6 || answer->type != TYPE_AAAA ||
		(!failed && !lacks_aaaa(dns64, answer)) || is_withheld(answer))
		return 0;
	of_a.outside = !answer->ends_local;
	answer_begin(&mapped, &question);
	if (localdata_answer(&of_a, &mapped))
		return RW_ENOMEM;
	if (failed && mapped.outcome == ANSWER_FAILURE)
		return 0;
	if (mapped.outcome == ANSWER_MISS || mapped.outcome == ANSWER_FAILURE)
		return RW_ENOTFOUND;
	if (mapped.outcome == ANSWER_POSITIVE && mapped.set_count == 1) {
		*ret_a = mapped.sets[0];
		answer->stale |= mapped.stale;
	}
	return 0;
}

static struct localdata_query query_of(const struct dns64 *dns64, enum cache_mode mode)
{
	return (struct localdata_query){.localdata = dns64->context->localdata,
		.settings = dns64->context->settings,
		.cache = dns64->context->cache,
		.learnt = &dns64->result->learnt,
		.mode = mode,
		.now_ms = dns64->now_ms,
		.arena = dns64->arena};
}

static void hand_on(struct dns64 *dns64)
{
	machine_act(dns64->out, ACTION_ANSWER)->result = dns64->result;
}

/* Beside expired data, and beside what is ours, stands what is known here, or nothing. */
static void remember(struct dns64 *dns64)
{
	const struct localdata_query query = query_of(dns64, CACHE_STALE_TOO);
	struct machine_result *result = dns64->result;
	if (dns64_remembered(&query, &result->answer, &result->dns64_a))
		result->dns64_a = NULL;
}

static bool is_wanted(const struct dns64 *dns64)
{
	const struct budget *budget = dns64->budget;
	const struct machine_result *result = dns64->result;
	const struct answer *answer = &result->answer;
	const struct machine_context *context = dns64->context;
	if (answer->ends_local || budget->subwalks == 0 || dns64->now_ms >= budget->deadline_ms)
		return false;
	/* A fault of our own is no answer of anybody, and without packets there is no way. */
	if (answer->outcome == ANSWER_FAILURE)
		return !result->is_own_fault && budget->sends > 0;
	return lacks_aaaa(localdata_dns64(context->localdata, context->settings), answer);
}

static void start(struct dns64 *dns64)
{
	const struct answer *answer = &dns64->result->answer;
	if (answer->stale || answer->ends_local) {
		remember(dns64);
		hand_on(dns64);
		return;
	}
	if (!is_wanted(dns64)) {
		hand_on(dns64);
		return;
	}
	dns64->has_asked = true;
	dns64->budget->subwalks--;
	struct machine_action *ask = machine_act(dns64->out, ACTION_ASK);
	ask->sub = SUB;
	ask->why = WHY_DNS64;
	ask->question = (struct question){dns64->result->answer.name, TYPE_A, CLASS_IN};
}

/* Expired data takes the place of a denial whose A records cannot be had. */
static bool take_stale(struct dns64 *dns64)
{
	const struct localdata_query query = query_of(dns64, CACHE_STALE_TOO);
	struct answer answer;
	if (stale_answer(&query, dns64->question, &answer))
		return false;
	if (answer.stale)
		answer.ede_text = "the servers do not answer; expired data";
	answer_assign(&dns64->result->answer, &answer);
	remember(dns64);
	return true;
}

/* Of the name at the end of the chain. */
static void remember_failure(struct dns64 *dns64, uint16_t type, const char *text)
{
	struct localdata_cut cut;
	const struct machine_context *context = dns64->context;
	const struct machine_result *result = dns64->result;
	const struct question failed = {result->answer.name, type, CLASS_IN};
	if (!machine_had_its_chance(context, &result->answer, result->since_ms, dns64->now_ms))
		return;
	/* Where a zone of ours delegates the name, it has a cache of its own. */
	bool cuts = localdata_cut(context->localdata, &failed, dns64->arena, &cut) == 0;
	(void)cache_store_failure(cuts ? cut.cache : context->cache, failed.name, type,
		EDE_NO_REACHABLE_AUTHORITY, text, dns64->now_ms);
}

static void take(struct dns64 *dns64, const struct machine_result *found)
{
	const struct answer *a = found ? &found->answer : NULL;
	struct answer *answer = &dns64->result->answer;
	for (unsigned i = 0; a && a->outcome == ANSWER_POSITIVE && i < a->set_count; i++)
		if (a->sets[i]->type == TYPE_A && name_equal(a->sets[i]->owner, answer->name))
			dns64->result->dns64_a = a->sets[i];
	bool failed = !a || answer_rcode(a) == RCODE_SERVFAIL;
	if (failed && (!found || !found->from_cache))
		remember_failure(dns64, TYPE_A, a ? a->ede_text : NULL);
	if (failed && answer->outcome == ANSWER_NODATA)
		(void)take_stale(dns64);
	hand_on(dns64);
}

static void step(struct machine *machine, const struct machine_event *event,
	struct machine_actions *ret_actions)
{
	struct dns64 *dns64 = rw_container_of(machine, struct dns64, machine);
	dns64->out = ret_actions;
	dns64->now_ms = event->now_ms;
	switch (event->type) {
	case EVENT_START:
		start(dns64);
		break;
	case EVENT_ANSWER:
		take(dns64, event->result);
		break;
	case EVENT_CANCEL:
		hand_on(dns64);
		break;
	case EVENT_DEADLINE:
		if (dns64->has_asked)
			take(dns64, NULL);
		else
			hand_on(dns64);
		break;
	case EVENT_REPLY:
	case EVENT_NOREPLY:
		break; /* it sends nothing */
	}
}

/* The walk's denial waits for the A records, and a client that asks again would wait with it. */
static const char *trouble(struct machine *machine, uint64_t now_ms)
{
	static const char text[] = "its address records were not answered in time";
	struct dns64 *dns64 = rw_container_of(machine, struct dns64, machine);
	const struct answer *answer = &dns64->result->answer;
	dns64->now_ms = now_ms;
	remember_failure(dns64, TYPE_AAAA, text);
	if (answer->aliases > 0 && !answer->local)
		(void)cache_store_failure(dns64->context->cache, dns64->question->name, TYPE_AAAA,
			EDE_NO_REACHABLE_AUTHORITY, text, now_ms);
	return text;
}

static const struct machine_kind dns64_kind = {.name = "dns64", .step = step, .trouble = trouble};

bool dns64_concerns(const struct machine_context *context, const struct question *question)
{
	return question->type == TYPE_AAAA &&
	       localdata_dns64(context->localdata, context->settings)->prefix.base.family ==
		       ADDR_V6;
}

struct machine *dns64_new(struct arena *arena, const struct machine_context *context,
	struct budget *budget, const struct question *question, struct machine_result *before)
{
	struct dns64 *dns64 = arena_alloc(arena, sizeof(*dns64));
	if (!dns64)
		return NULL;
	dns64->machine.kind = &dns64_kind;
	dns64->arena = arena;
	dns64->context = context;
	dns64->budget = budget;
	dns64->question = question;
	dns64->result = before;
	return &dns64->machine;
}
