/* SPDX-License-Identifier: MIT */
/*
 * DNS64 inside the walk (RFC 6147 section 5.1): when the client's own question for AAAA ends with
 * NODATA, or fails, a sub-walk looks for A records at the name where the alias chain ended, and the
 * result carries both. Whether AAAA are made of them is for the service to say, client by client,
 * for one walk may serve a client with CD and one without.
 */
#include <string.h>

#include "resolver/iterate/dns64.h"
#include "resolver/iterate/walk_state.h"

int dns64_remembered(
	const struct localdata_query *query, struct answer *answer, const struct rrset **ret_a)
{
	const struct question question = {answer->name, TYPE_A, CLASS_IN};
	struct localdata_query of_a = *query;
	struct answer mapped;
	*ret_a = NULL;
	bool failed = answer->outcome == ANSWER_FAILURE;
	if (query->settings->dns64.base.family != ADDR_V6 || answer->type != TYPE_AAAA ||
		(answer->outcome != ANSWER_NODATA && !failed) || answer->ends_local)
		return 0;
	of_a.outside = true;
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

static bool may_look_up(const struct walk *walk)
{
	const struct budget *budget = walk->budget;
	return walk->context->settings->dns64.base.family == ADDR_V6 && walk->depth == 0 &&
	       walk->current.type == TYPE_AAAA && !walk->result.answer.ends_local &&
	       !walk->dns64_waits && !walk->dns64_a && budget->subwalks > 0 &&
	       walk->now_ms < budget->deadline_ms;
}

static void look_up(struct walk *walk)
{
	struct localdata_cut cut;
	/* Who has denied the AAAA may have been a cache; what fails now is told to the same one. */
	bool cuts = localdata_cut(walk->localdata, &walk->current, walk->arena, &cut) == 0;
	walk->cache = cuts ? cut.cache : walk->context->cache;
	walk->dns64_waits = true;
	walk->result.answer.outcome = ANSWER_MISS;
	walk->budget->subwalks--;
	struct walk_action *action = walk_act(walk, ACTION_SUBWALK);
	action->sub = ++walk->target.next_sub;
	action->why = SUBWALK_DNS64;
	action->question = (struct question){walk->current.name, TYPE_A, CLASS_IN};
	/* What is still looked up for the sake of the cut is of no use any more. */
	memset(walk->target.subs, 0, sizeof(walk->target.subs));
	walk->target.subs[0] = (struct pending_sub){.number = action->sub, .why = SUBWALK_DNS64};
	walk->target.subs_pending = 1;
	walk->state = WALK_AWAIT;
}

bool dns64_looks_up(
	struct walk *walk, uint16_t rcode, const struct rrset *soa, const struct provenance *from)
{
	if (rcode != RCODE_NOERROR || !may_look_up(walk))
		return false;
	walk->dns64_soa = soa;
	walk->dns64_from = *from;
	look_up(walk);
	return true;
}

bool dns64_looks_up_instead(struct walk *walk, int ede, const char *text)
{
	/* A fault of our own is no answer of anybody; and without packets left there is no way. */
	if (ede == EDE_NONE || walk->exchange.xid != 0 || walk->budget->sends == 0 ||
		!may_look_up(walk))
		return false;
	walk->dns64_failed = true;
	walk->dns64_ede = ede;
	walk->dns64_text = text;
	look_up(walk);
	return true;
}

void dns64_end(struct walk *walk, const struct walk_result *result)
{
	const struct answer *answer = result ? &result->answer : NULL;
	for (unsigned i = 0; answer && answer->outcome == ANSWER_POSITIVE && i < answer->set_count;
		i++)
		if (answer->sets[i]->type == TYPE_A &&
			name_equal(answer->sets[i]->owner, walk->current.name))
			walk->dns64_a = answer->sets[i];
	bool failed = !answer || answer_rcode(answer) == RCODE_SERVFAIL;
	/* As if the client had asked for it: the sub-walk itself would not say so of its budget. */
	bool news = !result || !result->from_cache;
	if (failed && news && finish_had_its_chance(walk, walk->now_ms))
		(void)cache_store_failure(walk->cache, walk->current.name, TYPE_A,
			EDE_NO_REACHABLE_AUTHORITY, answer ? answer->ede_text : NULL, walk->now_ms);
	if (walk->dns64_failed) {
		finish_failed(walk, walk->dns64_ede, walk->dns64_text);
		return;
	}
	if (failed && finish_stale(walk))
		return;
	/* Still waiting, as far as dns64_looks_up is concerned: it is not done twice. */
	finish_negative(walk, RCODE_NOERROR, walk->dns64_soa, &walk->dns64_from);
}
