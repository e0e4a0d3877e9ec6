/* SPDX-License-Identifier: MIT */
/* The dispatcher: events into states, states one after the other until the walk waits or is done.
 */
#include <string.h>

#include "resolver/iterate/walk_state.h"

/* Of the actions of one step, those that notes may not take: DROP, SUBWALK, SEND, RESULT. */
#define ACTIONS_KEPT (2 * WALK_SUBS)

struct walk *walk_new(struct arena *arena, const struct walk_context *context,
	struct budget *budget, const struct question *question, unsigned depth, uint32_t number,
	uint32_t parent)
{
	struct walk *walk = arena_alloc_raw(arena, sizeof(*walk));
	const uint8_t *name = name_dup(question->name, arena);
	if (!walk || !name)
		return NULL;
	memset(walk, 0, offsetof(struct walk, asked_name));
	walk->arena = arena;
	walk->context = context;
	walk->localdata = context->localdata;
	walk->cache = context->cache;
	walk->budget = budget;
	walk->question = *question;
	walk->question.name = name;
	walk->current = walk->question;
	answer_begin(&walk->result.answer, &walk->question);
	walk->result.dns64_a = NULL;
	walk->result.from_cache = false;
	walk->depth = depth;
	walk->number = number;
	walk->parent = parent;
	return walk;
}

struct walk_action *walk_act(struct walk *walk, enum walk_action_type type)
{
	rw_require(walk->out->count < WALK_ACTIONS);
	struct walk_action *action = &walk->out->items[walk->out->count++];
	*action = (struct walk_action){.type = type};
	return action;
}

struct note *walk_note(struct walk *walk, enum note_kind kind)
{
	static _Thread_local struct note nobody_looks;
	struct note *note = walk->context->notes ? arena_alloc(walk->arena, sizeof(*note)) : NULL;
	if (!note || walk->out->count + ACTIONS_KEPT >= WALK_ACTIONS)
		return &nobody_looks;
	note->kind = kind;
	note->walk = walk->number;
	note->parent = walk->parent;
	note->depth = walk->depth;
	note->now_ms = walk->now_ms;
	note->question = walk->current;
	note->sends_left = walk->budget->sends;
	note->ede = note->end_ede = EDE_NONE;
	walk_act(walk, ACTION_NOTE)->note = note;
	return note;
}

struct provenance walk_provenance(
	const struct walk *walk, enum msg_section section, enum cache_rank rank, uint32_t ttl)
{
	return (struct provenance){
		.server = walk->target.chosen->addr,
		.transport = (uint8_t)walk->exchange.transport,
		.section = (uint8_t)section,
		.rank = (uint8_t)rank,
		.cut_labels = (uint8_t)name_labels(walk->cut->zone),
		.original_ttl = ttl,
		.when_ms = walk->now_ms,
	};
}

void walk_check(const struct walk *walk)
{
	rw_debug(walk->sends <= LIMIT_SENDS_PER_WALK);
	rw_debug(walk->result.answer.aliases <= LIMIT_ALIASES);
	rw_debug(walk->target.count <= WALK_CANDIDATES);
	if (walk->state == WALK_DONE) {
		rw_debug(walk->exchange.xid == 0 && walk->target.subs_pending == 0);
		rw_debug(walk->result.answer.outcome != ANSWER_MISS);
	} else {
		rw_debug(walk->state == WALK_AWAIT);
		rw_debug(walk->exchange.xid != 0 || walk->target.subs_pending > 0);
		rw_debug(walk->result.answer.outcome == ANSWER_MISS);
	}
}

static void run(struct walk *walk)
{
	for (;;) {
		switch (walk->state) {
		case WALK_LOOKUP:
			walk_lookup(walk);
			break;
		case WALK_CUT:
			walk_cut(walk);
			break;
		case WALK_TARGET:
			walk_target(walk);
			break;
		case WALK_ASK:
			walk_ask(walk);
			break;
		case WALK_CLASSIFY:
			walk_classify(walk);
			break;
		case WALK_AWAIT:
		case WALK_DONE:
			return;
		}
	}
}

void walk_step(struct walk *walk, const struct walk_event *event, struct walk_actions *ret_actions)
{
	ret_actions->count = 0;
	walk->out = ret_actions;
	walk->now_ms = event->now_ms;
	if (!rw_check(walk->state != WALK_DONE))
		return;
	switch (event->type) {
	case EVENT_START:
		walk_note(walk, NOTE_BEGIN);
		break;
	case EVENT_REPLY:
		walk_on_reply(walk, event);
		break;
	case EVENT_NOREPLY:
		walk_on_noreply(walk, event);
		break;
	case EVENT_SUBDONE:
		walk_on_subdone(walk, event);
		break;
	case EVENT_DEADLINE:
		failure_deadline(walk);
		finish_failure(walk, EDE_NO_REACHABLE_AUTHORITY, failure_sentence(walk));
		break;
	case EVENT_CANCEL:
		finish_failure(walk, EDE_NONE, "cancelled");
		break;
	}
	run(walk);
	walk_check(walk);
	walk->out = NULL;
}
