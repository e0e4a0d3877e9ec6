/* SPDX-License-Identifier: MIT */
/*
 * DNS64 inside the walk (RFC 6147 section 5.1): when the client's own question for AAAA ends with
 * NODATA, a sub-walk looks for A records at the name where the alias chain ended, and the result
 * carries both. Whether AAAA are made of them is for the service to say, client by client, for one
 * walk may serve a client with CD and one without.
 */
#include <string.h>

#include "resolver/iterate/dns64.h"
#include "resolver/iterate/walk_state.h"

int dns64_remembered(
	const struct own_query *query, struct own_answer *answer, const struct rrset **ret_a)
{
	const struct question question = {answer->found.next, TYPE_A, CLASS_IN};
	struct own_query of_a = *query;
	struct own_answer mapped;
	*ret_a = NULL;
	if (query->settings->dns64.base.family != ADDR_V6 || query->question->type != TYPE_AAAA ||
		answer->found.outcome != ANSWER_NODATA || answer->ends)
		return 0;
	of_a.question = &question;
	of_a.outside = true;
	if (own_answer(&of_a, &mapped))
		return RW_ENOMEM;
	enum answer_outcome outcome = mapped.found.outcome;
	if (outcome == ANSWER_MISS || outcome == ANSWER_FAILURE)
		return RW_ENOTFOUND;
	if (outcome == ANSWER_POSITIVE && mapped.found.set_count == 1) {
		*ret_a = mapped.found.sets[0];
		answer->found.stale |= mapped.found.stale;
	}
	return 0;
}

bool dns64_looks_up(
	struct walk *walk, uint16_t rcode, const struct rrset *soa, const struct provenance *from)
{
	const struct settings *settings = walk->context->settings;
	if (settings->dns64.base.family != ADDR_V6 || walk->depth > 0 || rcode != RCODE_NOERROR ||
		walk->current.type != TYPE_AAAA || walk->ends_here || walk->dns64_waits ||
		walk->dns64_a)
		return false;
	if (walk->budget->subwalks == 0 || walk->now_ms >= walk->budget->deadline_ms)
		return false;
	walk->dns64_waits = true;
	walk->dns64_soa = soa;
	walk->dns64_from = *from;
	walk->budget->subwalks--;
	struct walk_action *action = walk_act(walk, ACTION_SUBWALK);
	action->sub = ++walk->next_sub;
	action->why = SUBWALK_DNS64;
	action->question = (struct question){walk->current.name, TYPE_A, CLASS_IN};
	/* What is still looked up for the sake of the cut is of no use any more. */
	memset(walk->subs, 0, sizeof(walk->subs));
	walk->subs[0] = (struct pending_sub){.number = action->sub, .why = SUBWALK_DNS64};
	walk->subs_pending = 1;
	walk->state = WALK_AWAIT;
	return true;
}

void dns64_end(struct walk *walk, const struct walk_result *result)
{
	for (unsigned i = 0; result && result->rcode == RCODE_NOERROR && i < result->answer_count;
		i++)
		if (result->answer[i]->type == TYPE_A &&
			name_equal(result->answer[i]->owner, walk->current.name))
			walk->dns64_a = result->answer[i];
	bool failed = !result || result->rcode == RCODE_SERVFAIL;
	if (failed && finish_stale(walk))
		return;
	/* Still waiting, as far as dns64_looks_up is concerned: it is not done twice. */
	finish_negative(walk, RCODE_NOERROR, walk->dns64_soa, &walk->dns64_from);
}
