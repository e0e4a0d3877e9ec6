/* SPDX-License-Identifier: MIT */
/*
 * Turns the failures at the zone cut where the walk ended into one verdict: which side is to blame.
 */
#include "resolver/client/trace/diagnosis.h"

#include "resolver/client/exit_code.h"

struct tally {
	unsigned lame, silent, error, policy;
};

static struct tally count_failures(
	const struct history *history, uint32_t walk, const struct delegation *cut)
{
	struct tally tally = {0};
	for (unsigned i = 0; cut && i < history->failure_count; i++) {
		const struct history_failure *failure = &history->failures[i];
		if (failure->walk != walk || !name_equal(failure->zone, cut->zone))
			continue;
		tally.lame += failure->blame == BLAME_LAME;
		tally.silent += failure->blame == BLAME_SILENT;
		tally.error += failure->blame == BLAME_ERROR;
		tally.policy += failure->blame == BLAME_POLICY;
	}
	return tally;
}

static bool was_tried(const struct history *history, const uint8_t *server_name)
{
	for (unsigned i = 0; i < history->failure_count; i++)
		if (history->failures[i].server_name &&
			name_equal(history->failures[i].server_name, server_name))
			return true;
	return false;
}

/* Servers without glue that never came to be asked: their names led nowhere. */
static unsigned count_unresolved(const struct history *history, const struct delegation *cut)
{
	unsigned count = 0;
	for (unsigned i = 0; i < cut->ns_count; i++)
		count += cut->ns[i].name && cut->ns[i].address_count == 0 &&
			 !was_tried(history, cut->ns[i].name);
	return count;
}

/* The first look-up of one of the cut's server names that failed. */
static const struct history_walk *find_cause(
	const struct history *history, const struct delegation *cut)
{
	for (unsigned i = 0; i < history->walk_count; i++) {
		const struct history_walk *walk = &history->walks[i];
		if (!walk->letter || !walk->ended || walk->rcode == RCODE_NOERROR)
			continue;
		/* A server inside its own zone is found by glue only; its look-up is no cause. */
		if (name_is_at_or_below(walk->question.name, cut->zone))
			continue;
		for (unsigned n = 0; n < cut->ns_count; n++)
			if (cut->ns[n].name && name_equal(cut->ns[n].name, walk->question.name))
				return walk;
	}
	return NULL;
}

/* A look-up made for the cause that leads back into the zone: it can never end well. */
static const struct history_walk *find_circle(
	const struct history *history, const struct diagnosis *end)
{
	for (unsigned i = 0; end->cause && i < history->walk_count; i++) {
		const struct history_walk *walk = &history->walks[i];
		if (walk->letter && walk->parent == end->cause->number &&
			name_is_at_or_below(walk->question.name, end->cut->zone))
			return walk;
	}
	return NULL;
}

static enum verdict diagnose_failure(const struct history *history, struct diagnosis *end)
{
	end->exit_code = EXIT_DELEGATION;
	end->cut = history->walk_count ? history->walks[0].cut : NULL;
	if (history->replies == 0 && history->failure_count > 0) {
		end->exit_code = EXIT_NOREPLY;
		return VERDICT_SILENCE;
	}
	struct tally tally = count_failures(history, 0, end->cut);
	if (end->cut) {
		end->unresolved = count_unresolved(history, end->cut);
		end->cause = end->unresolved ? find_cause(history, end->cut) : NULL;
		end->circle = find_circle(history, end);
	}
	if (tally.error > 0) {
		end->exit_code = EXIT_REFUSAL;
		return VERDICT_ERROR;
	}
	if (tally.lame > 0 && tally.silent == 0 && end->unresolved == 0)
		return VERDICT_LAME;
	if (tally.lame + tally.silent + tally.policy + end->unresolved > 0)
		return VERDICT_BROKEN;
	end->exit_code = EXIT_REFUSAL;
	return VERDICT_GIVEN_UP;
}

/* The chain ends in the type that was asked for. */
static bool is_answered(const struct history *history, const struct machine_result *result)
{
	if (result->answer.set_count == 0)
		return false;
	uint16_t asked = history->walk_count ? history->walks[0].question.type : TYPE_ANY;
	uint16_t last = result->answer.sets[result->answer.set_count - 1]->type;
	return asked == TYPE_ANY || last == asked;
}

static uint32_t least_ttl(const struct machine_result *result)
{
	uint32_t ttl = UINT32_MAX;
	for (unsigned i = 0; i < result->answer.set_count; i++)
		ttl = RW_MIN(ttl, result->answer.sets[i]->ttl);
	if (result->answer.soa && result->answer.soa->count > 0)
		ttl = RW_MIN(ttl, rrset_soa_negative_ttl(result->answer.soa));
	else if (result->answer.set_count == 0)
		ttl = 0;
	return ttl;
}

void diagnose(const struct history *history, const struct machine_result *result,
	struct diagnosis *ret_diagnosis)
{
	struct diagnosis end = {.verdict = VERDICT_GIVEN_UP, .exit_code = EXIT_REFUSAL};
	if (!result || (answer_rcode(&result->answer) != RCODE_NOERROR &&
			       answer_rcode(&result->answer) != RCODE_NXDOMAIN)) {
		end.verdict = diagnose_failure(history, &end);
	} else if (answer_rcode(&result->answer) == RCODE_NXDOMAIN) {
		end.verdict = VERDICT_NXDOMAIN;
		end.exit_code = EXIT_NEGATIVE;
	} else if (is_answered(history, result)) {
		end.verdict = VERDICT_ANSWER;
		end.exit_code = EXIT_REPLY;
	} else {
		end.verdict = VERDICT_NODATA;
		end.exit_code = EXIT_NEGATIVE;
	}
	if (result && end.verdict <= VERDICT_NXDOMAIN)
		end.ttl = least_ttl(result);
	*ret_diagnosis = end;
}
