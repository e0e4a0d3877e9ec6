/* SPDX-License-Identifier: MIT */
/*
 * AWAIT: the end of what was waited for. A reply is classified; a question without one counts
 * against its server, as far as the server itself has shown that; a sub-walk brings addresses.
 */
#include "resolver/iterate/walk_state.h"

void walk_on_reply(struct walk *walk, const struct machine_event *event)
{
	if (!rw_check(event->xid == walk->exchange.xid && walk->exchange.xid != 0))
		return;
	walk->exchange.xid = 0;
	walk->exchange.reply = event->msg;
	walk->exchange.rtt_us = event->rtt_us;
	walk->state = WALK_CLASSIFY;
}

static void note_noreply(struct walk *walk, const struct machine_event *event)
{
	struct note *note = walk_note_exchange(walk, NOTE_NOREPLY);
	note->rtt_us = event->rtt_us;
	note->noreply = (int)event->why;
}

static void on_silence(struct walk *walk, uint32_t waited_us)
{
	infra_timeout(walk->context->infra, &walk->target.chosen->addr,
		walk->now_ms - RW_MIN(walk->now_ms, (uint64_t)waited_us / 1000), walk->now_ms);
	infra_family_failed(walk->context->infra, walk->target.chosen->addr.family, walk->now_ms);
	if (++walk->ask.failures >= LIMIT_MINIMISE_TIMEOUTS)
		(void)ask_give_up_minimising(walk);
}

static void on_tcp_failure(struct walk *walk)
{
	infra_set_tcp_broken(walk->context->infra, &walk->target.chosen->addr, walk->cut->zone,
		true, walk->now_ms);
	if (!walk->target.chosen->want_tcp)
		walk->target.chosen->standing = CANDIDATE_USELESS;
}

void walk_on_noreply(struct walk *walk, const struct machine_event *event)
{
	if (!rw_check(event->xid == walk->exchange.xid && walk->exchange.xid != 0))
		return;
	walk->exchange.xid = 0;
	walk->state = WALK_TARGET;
	note_noreply(walk, event);
	failure_noreply(walk, event->why);
	bool tcp = walk->exchange.transport == TRANSPORT_TCP;
	switch (event->why) {
	case EXCHANGE_REPLY:
		break;
	case EXCHANGE_TIMEOUT:
		on_silence(walk, event->rtt_us);
		if (!tcp)
			cookie_doubt(walk);
		if (tcp)
			on_tcp_failure(walk);
		break;
	case EXCHANGE_CLOSED:
	case EXCHANGE_REFUSED:
	case EXCHANGE_UNREACHABLE:
		on_silence(walk, event->rtt_us);
		if (tcp)
			on_tcp_failure(walk);
		else
			walk->target.chosen->standing = CANDIDATE_USELESS;
		break;
	case EXCHANGE_SUSPECT:
		infra_set_udp_suspect(
			walk->context->infra, &walk->target.chosen->addr, walk->now_ms);
		walk->target.chosen->want_tcp = true;
		break;
	case EXCHANGE_CASE:
		walk->target.chosen->case_doubted = true;
		walk->target.chosen->want_tcp = true;
		break;
	case EXCHANGE_LOOP:
		walk->target.chosen->standing = CANDIDATE_USELESS;
		break;
	case EXCHANGE_RESOURCE:

		finish_failure(walk, EDE_NONE, "no socket could be opened for the question");
		break;
	}
}

static int take_sub(struct walk *walk, uint32_t number, struct pending_sub *ret_sub)
{
	for (unsigned i = 0; i < WALK_SUBS; i++) {
		if (walk->target.subs[i].number != number || number == 0)
			continue;
		*ret_sub = walk->target.subs[i];
		walk->target.subs[i].number = 0;
		walk->target.subs_pending--;
		return 0;
	}
	return RW_ENOTFOUND;
}

void walk_on_answer(struct walk *walk, const struct machine_event *event)
{
	struct pending_sub sub = {0};
	/* Nobody waits any more for what was begun at a cut that is left behind. */
	if (take_sub(walk, event->sub, &sub))
		return;
	if (sub.why == WHY_PRIMING) {
		walk->state = WALK_CUT;
		return;
	}
	const struct answer *answer = event->result ? &event->result->answer : NULL;
	unsigned before = walk->target.count, found = 0;
	for (unsigned i = 0; answer && i < answer->set_count; i++)
		if (answer->sets[i]->type == TYPE_A || answer->sets[i]->type == TYPE_AAAA) {
			target_add_set(walk, sub.ns, answer->sets[i], ADDRESS_LOOKUP);
			found++;
		}
	/* What was known already is of no use either, but it is there. */
	walk->target.lookups_failed += walk->target.count == before;
	walk->failures.no_address += found == 0;
	if (walk->exchange.xid == 0)
		walk->state = WALK_TARGET;
}
