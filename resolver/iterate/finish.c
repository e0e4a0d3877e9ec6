/* SPDX-License-Identifier: MIT */
/* DONE: the result, and what is remembered of a failure (RFC 9520). */
#include "resolver/iterate/stale.h"
#include "resolver/iterate/walk_state.h"

static const char stale_text[] = "the servers do not answer; expired data";

static void end(struct walk *walk)
{
	const struct answer *answer = &walk->result.answer;
	if (walk->exchange.xid) {
		walk_act(walk, ACTION_ABANDON)->xid = walk->exchange.xid;
		walk->exchange.xid = 0;
	}
	walk->target.subs_pending = 0;
	walk->state = WALK_DONE;
	walk->result.from_cache = !walk->asked_anybody;
	struct note *note = walk_note(walk, NOTE_END);
	note->rcode = answer_rcode(answer);
	note->end_ede = answer->ede;
	note->end_text = answer->ede_text;
	walk->result.since_ms = walk->current_since_ms;
	walk_act(walk, ACTION_ANSWER)->result = &walk->result;
}

static void end_with(struct walk *walk, enum answer_outcome outcome, int ede, const char *text)
{
	struct answer *answer = &walk->result.answer;
	answer->stale &= outcome != ANSWER_FAILURE && outcome != ANSWER_LOOP;
	bool told_stale = answer->stale && ede == EDE_NONE;
	answer->outcome = outcome;
	answer->ede = told_stale ? EDE_STALE_ANSWER : ede;
	answer->ede_text = told_stale ? stale_text : text;
	if (outcome != ANSWER_NODATA && outcome != ANSWER_NXDOMAIN)
		answer->soa = NULL;
	end(walk);
}

void finish_positive(struct walk *walk)
{
	end_with(walk, ANSWER_POSITIVE, EDE_NONE, NULL);
}

void finish_too_long(struct walk *walk)
{
	end_with(walk, ANSWER_TOO_LONG, EDE_NONE, NULL);
}

/* The chain is the reason of the failure, and no part of an answer. */
static void drop_chain(struct walk *walk)
{
	answer_cut(&walk->result.answer, 0, walk->question.name);
}

void finish_loop(struct walk *walk)
{
	struct answer *answer = &walk->result.answer;
	const char *text = answer->ede_text;
	/* From here the chain is too long; from its last name on it may be all right. */
	if (!answer->local)
		(void)cache_store_failure(walk->context->cache, walk->question.name,
			walk->question.type, EDE_OTHER, text, walk->now_ms);
	/* A DNAME that leads back to itself is the answer to why; a row of aliases is only ballast.
	 */
	if (answer->set_count < 2 || answer->sets[answer->set_count - 2]->type != TYPE_DNAME)
		drop_chain(walk);
	end_with(walk, ANSWER_LOOP, EDE_OTHER, text);
}

/* The SOA as it is shown: with the TTL that the negative answer has (RFC 2308 section 3). */
static const struct rrset *negative_soa(struct walk *walk, const struct rrset *soa)
{
	struct rrset *shown = soa ? arena_dup(walk->arena, soa, sizeof(*soa)) : NULL;
	if (!shown)
		return soa;
	shown->ttl = cache_negative_ttl(walk->cache, soa);
	return shown;
}

void finish_negative(
	struct walk *walk, uint16_t rcode, const struct rrset *soa, const struct provenance *from)
{
	/* In the cache it has the time that is left. */
	bool is_final = walk->state == WALK_LOOKUP;
	const struct rrset *shown = is_final ? soa : negative_soa(walk, soa);
	answer_deny(&walk->result.answer, rcode == RCODE_NXDOMAIN ? ANSWER_NXDOMAIN : ANSWER_NODATA,
		shown, from);
	end_with(walk, walk->result.answer.outcome, EDE_NONE, NULL);
}

static int find_stale(
	const struct walk *walk, const struct question *question, struct answer *ret_answer)
{
	const struct localdata_query query = {.localdata = walk->localdata,
		.settings = walk->context->settings,
		.cache = walk->context->cache,
		.learnt = &walk->result.learnt,
		.now_ms = walk->now_ms,
		.arena = walk->arena};
	return stale_answer(&query, question, ret_answer);
}

/* Ends with expired data (RFC 8767); false: there is none. */
static bool finish_stale(struct walk *walk)
{
	struct answer answer;
	if (find_stale(walk, &walk->question, &answer))
		return false;
	if (answer.stale)
		answer.ede_text = stale_text;
	answer_assign(&walk->result.answer, &answer);
	end(walk);
	return true;
}

/*
 * The servers of the current name fail, but it was an alias, and those of its target may be well.
 * False: nothing leads on, or there is no time left to go there.
 */
static bool follow_stale_alias(struct walk *walk)
{
	const struct budget *budget = walk->budget;
	struct answer *answer = &walk->result.answer, stale;
	if (budget->sends == 0 || walk->now_ms >= budget->deadline_ms)
		return false;
	int err = find_stale(walk, &walk->current, &stale);
	if ((err && err != RW_ENOTFOUND) || stale.aliases == 0 || !stale.stale)
		return false;
	/* The failure that led here may have been found in the cache. */
	answer->outcome = ANSWER_MISS;
	answer->ede = EDE_NONE;
	answer->ede_text = NULL;
	/* The first link; a CNAME that a DNAME implies stands behind it. */
	unsigned link = stale.sets[0]->type == TYPE_DNAME;
	if (link == 1)
		(void)rw_check(answer_add(answer, stale.sets[0], &stale.from[0]));
	answer_follow(answer, stale.sets[link], &stale.from[link]);
	answer->stale = true;
	walk_go_on(walk);
	return true;
}

/* Whether the walk ended because what it may spend was spent, not because of what it was told. */
static bool is_spent(const struct walk *walk)
{
	const struct budget *budget = walk->budget;
	return budget->sends == 0 || budget->subwalks == 0 || walk->depth >= LIMIT_DEPTH ||
	       walk->sends >= LIMIT_SENDS_PER_WALK || walk->cuts.referrals > LIMIT_REFERRALS ||
	       walk->now_ms >= budget->deadline_ms;
}

/* What holds for aliases holds for the names of servers, too. */
static bool had_its_chance(const struct walk *walk, uint64_t now_ms)
{
	return walk->depth == 0 && machine_had_its_chance(walk->context, &walk->result.answer,
					   walk->current_since_ms, now_ms);
}

static bool is_worth_remembering(const struct walk *walk, int ede)
{
	/* That a parent is silent says nothing of its child. */
	if (ede == EDE_NONE || ede == EDE_CACHED_ERROR || walk->cuts.renewed)
		return false;
	return !is_spent(walk) || had_its_chance(walk, walk->now_ms);
}

/* The client's own question may not be asked again at once, wherever its aliases led. */
static bool is_clients_own(const struct walk *walk, int ede)
{
	bool is_news = ede != EDE_CACHED_ERROR || walk->asked_anybody;
	return !walk->result.answer.local && walk->depth == 0 && !walk->cuts.renewed &&
	       walk->current.name != walk->question.name && ede != EDE_NONE && is_news;
}

static void remember_of_current(const struct walk *walk, int ede, const char *text, uint64_t now_ms)
{
	(void)cache_store_failure(
		walk->cache, walk->current.name, walk->current.type, ede, text, now_ms);
}

static void remember_of_client(const struct walk *walk, int ede, const char *text, uint64_t now_ms)
{
	if (is_clients_own(walk, ede))
		(void)cache_store_failure(walk->context->cache, walk->question.name,
			walk->question.type, ede, text, now_ms);
}

const char *finish_trouble(struct machine *machine, uint64_t now_ms)
{
	struct walk *walk = rw_container_of(machine, struct walk, machine);
	const struct failure_counts so_far = walk->failures;
	failure_deadline(walk);
	const char *text = failure_sentence(walk);
	walk->failures = so_far;
	if (had_its_chance(walk, now_ms))
		remember_of_current(walk, EDE_NO_REACHABLE_AUTHORITY, text, now_ms);
	remember_of_client(walk, EDE_NO_REACHABLE_AUTHORITY, text, now_ms);
	return text;
}

void finish_failure(struct walk *walk, int ede, const char *text)
{
	if (is_worth_remembering(walk, ede))
		remember_of_current(walk, ede, text, walk->now_ms);
	bool may_be_stale = walk->depth == 0 && !walk->cuts.renewed;
	/* A fault of our own is not the servers': then nobody else is asked. */
	if (may_be_stale && ede != EDE_NONE && follow_stale_alias(walk))
		return;
	remember_of_client(walk, ede, text, walk->now_ms);
	if (may_be_stale && finish_stale(walk))
		return;
	walk->result.is_own_fault = ede == EDE_NONE;
	end_with(walk, ANSWER_FAILURE, ede == EDE_NONE ? EDE_OTHER : ede, text);
}
