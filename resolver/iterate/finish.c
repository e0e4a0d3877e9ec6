/* SPDX-License-Identifier: MIT */
/* DONE: the result, and what is remembered of a failure (RFC 9520). */
#include "resolver/iterate/dns64.h"
#include "resolver/iterate/walk_state.h"

/* Used when even the result does not fit into the arena any more. */
static const struct walk_result out_of_memory = {
	.rcode = RCODE_SERVFAIL,
	.ede = EDE_OTHER,
	.ede_text = "out of memory for this request",
};

static void end(struct walk *walk, const struct walk_result *result)
{
	if (walk->xid) {
		walk_act(walk, ACTION_ABANDON)->xid = walk->xid;
		walk->xid = 0;
	}
	walk->subs_pending = 0;
	walk->state = WALK_DONE;
	walk->result = result ? result : &out_of_memory;
	struct note *note = walk_note(walk, NOTE_END);
	note->rcode = walk->result->rcode;
	note->end_ede = walk->result->ede;
	note->end_text = walk->result->ede_text;
	walk_act(walk, ACTION_RESULT)->result = walk->result;
}

static struct walk_result *new_result(struct walk *walk, uint16_t rcode)
{
	struct walk_result *result = arena_alloc(walk->arena, sizeof(*result));
	if (!result)
		return NULL;
	result->rcode = rcode;
	result->ede = EDE_NONE;
	result->zone = walk->cut ? walk->cut->zone : NULL;
	result->from_cache = !walk->asked_anybody;
	result->authoritative = walk->begins_here;
	result->mixed = walk->mixed;
	result->answer_count = walk->answer_count;
	for (unsigned i = 0; i < walk->answer_count; i++) {
		result->answer[i] = walk->answer[i];
		result->from[i] = walk->from[i];
	}
	return result;
}

void finish_positive(struct walk *walk)
{
	end(walk, new_result(walk, RCODE_NOERROR));
}

void finish_rcode(struct walk *walk, uint16_t rcode)
{
	end(walk, new_result(walk, rcode));
}

void finish_loop(struct walk *walk, const char *text)
{
	/* From here the chain is too long; from its last name on it may be all right. */
	if (!walk->mixed)
		(void)cache_store_failure(walk->context->cache, walk->question.name,
			walk->question.type, EDE_OTHER, text, walk->now_ms);
	/* A DNAME that leads back to itself is the answer to why; a row of aliases is only ballast.
	 */
	if (walk->answer_count < 2 || walk->answer[walk->answer_count - 2]->type != TYPE_DNAME)
		walk->answer_count = 0;
	struct walk_result *result = new_result(walk, RCODE_SERVFAIL);
	if (result) {
		result->ede = EDE_OTHER;
		result->ede_text = text;
	}
	end(walk, result);
}

/* The SOA as it is shown: with the TTL that the negative answer has (RFC 2308 section 3). */
static const struct rrset *negative_soa(struct walk *walk, const struct rrset *soa)
{
	struct rrset *shown = soa ? arena_dup(walk->arena, soa, sizeof(*soa)) : NULL;
	if (!shown)
		return soa;
	const struct cache_settings *cache = &walk->context->settings->cache;
	uint32_t ttl = RW_MAX(rrset_soa_negative_ttl(soa), cache->min_negative_ttl_s);
	shown->ttl = RW_MIN(ttl, cache->max_negative_ttl_s);
	return shown;
}

void finish_negative(
	struct walk *walk, uint16_t rcode, const struct rrset *soa, const struct provenance *from)
{
	/* In the cache it has the time that is left. */
	bool is_final = walk->state == WALK_LOOKUP || walk->dns64_waits;
	const struct rrset *shown = is_final ? soa : negative_soa(walk, soa);
	if (dns64_looks_up(walk, rcode, shown, from))
		return;
	struct walk_result *result = new_result(walk, rcode);
	if (result) {
		result->dns64_a = walk->dns64_a;
		result->soa = shown;
		result->soa_from = *from;
	}
	end(walk, result);
}

static const struct rrset *with_stale_ttl(struct walk *walk, const struct rrset *set)
{
	struct rrset *shown = set ? arena_dup(walk->arena, set, sizeof(*set)) : NULL;
	if (shown && shown->ttl == 0)
		shown->ttl = walk->context->settings->cache.stale_ttl_s;
	return shown ? shown : set;
}

/* Expired data is better than none (RFC 8767). */
static bool find_stale(
	struct walk *walk, struct localdata_answer *ret_answer, const struct rrset **ret_dns64_a)
{
	const struct cache_answer *found = &ret_answer->found;
	const struct localdata_query query = {.localdata = walk->localdata,
		.settings = walk->context->settings,
		.cache = walk->context->cache,
		.question = &walk->question,
		.mode = CACHE_STALE_TOO,
		.now_ms = walk->now_ms,
		.arena = walk->arena};
	if (!query.settings->cache.serve_stale || walk->depth > 0 ||
		localdata_answer(&query, ret_answer) ||
		(found->outcome != ANSWER_POSITIVE && found->outcome != ANSWER_NODATA &&
			found->outcome != ANSWER_NXDOMAIN))
		return false;
	/* Where nothing is remembered of A records, it is still known that there is no AAAA. */
	if (dns64_remembered(&query, ret_answer, ret_dns64_a))
		*ret_dns64_a = NULL;
	return true;
}

bool finish_stale(struct walk *walk)
{
	struct localdata_answer answer;
	const struct cache_answer *found = &answer.found;
	const struct rrset *dns64_a;
	if (!find_stale(walk, &answer, &dns64_a))
		return false;
	walk->answer_count = 0;
	for (unsigned i = 0; i < found->set_count; i++)
		walk_add_answer(walk, with_stale_ttl(walk, found->sets[i]), &found->from[i]);
	bool nxdomain = found->outcome == ANSWER_NXDOMAIN;
	struct walk_result *result = new_result(walk, nxdomain ? RCODE_NXDOMAIN : RCODE_NOERROR);
	if (result) {
		result->soa = with_stale_ttl(walk, found->soa);
		result->soa_from = found->soa_from;
		result->dns64_a = with_stale_ttl(walk, dns64_a);
		result->stale = found->stale;
	}
	if (result && found->stale) {
		result->ede = nxdomain ? EDE_STALE_NXDOMAIN : EDE_STALE_ANSWER;
		result->ede_text = "the servers do not answer; expired data";
	}
	end(walk, result);
	return true;
}

/* Whether the walk ended because what it may spend was spent, not because of what it was told. */
static bool is_spent(const struct walk *walk)
{
	const struct budget *budget = walk->budget;
	return budget->sends == 0 || budget->subwalks == 0 || walk->depth >= LIMIT_DEPTH ||
	       walk->sends >= LIMIT_SENDS_PER_WALK || walk->referrals > LIMIT_REFERRALS ||
	       walk->now_ms >= budget->deadline_ms;
}

bool finish_had_its_chance(const struct walk *walk, uint64_t now_ms)
{
	uint32_t half_ms = walk->context->settings->outgoing.timeout_ms / 2;
	return walk->depth == 0 &&
	       (walk->aliases == 0 || now_ms - walk->current_since_ms >= half_ms);
}

static bool is_worth_remembering(const struct walk *walk, int ede)
{
	/* That a parent is silent says nothing of its child. */
	if (ede == EDE_NONE || ede == EDE_CACHED_ERROR || walk->renewed)
		return false;
	return !is_spent(walk) || finish_had_its_chance(walk, walk->now_ms);
}

/* The client's own question may not be asked again at once, wherever its aliases led. */
static bool is_clients_own(const struct walk *walk, int ede)
{
	bool is_news = ede != EDE_CACHED_ERROR || walk->asked_anybody;
	return !walk->mixed && walk->depth == 0 && walk->current.name != walk->question.name &&
	       ede != EDE_NONE && is_news;
}

void finish_failed(struct walk *walk, int ede, const char *text)
{
	if (!walk->dns64_a)
		walk->answer_count = 0;
	struct walk_result *result = new_result(walk, RCODE_SERVFAIL);
	if (result) {
		result->dns64_a = walk->dns64_a;
		result->ede = ede == EDE_NONE ? EDE_OTHER : ede;
		result->ede_text = text;
	}
	end(walk, result);
}

void finish_failure(struct walk *walk, int ede, const char *text)
{
	/* What was asked for is known; only what might be made of it is not. */
	if (walk->dns64_waits) {
		dns64_end(walk, NULL);
		return;
	}
	if (is_worth_remembering(walk, ede))
		(void)cache_store_failure(walk->cache, walk->current.name, walk->current.type, ede,
			text, walk->now_ms);
	if (is_clients_own(walk, ede))
		(void)cache_store_failure(walk->context->cache, walk->question.name,
			walk->question.type, ede, text, walk->now_ms);
	if (!finish_stale(walk) && !dns64_looks_up_instead(walk, ede, text))
		finish_failed(walk, ede, text);
}
