/* SPDX-License-Identifier: MIT */
/* The dispatcher: events into states, states one after the other until the walk waits or is done.
 */
#include <string.h>

#include "resolver/iterate/walk_state.h"

/* Of the actions of one step, those that notes may not take: DROP, ASK, SEND, ANSWER. */
#define ACTIONS_KEPT (2 * WALK_SUBS)

static void step(struct machine *machine, const struct machine_event *event,
	struct machine_actions *ret_actions);

static const struct machine_kind walk_kind = {
	.name = "walk", .step = step, .trouble = finish_trouble};

struct walk *walk_new(struct arena *arena, const struct machine_context *context,
	struct budget *budget, const struct question *question, const struct walk_place *place)
{
	struct walk *walk = arena_alloc_raw(arena, sizeof(*walk));
	const uint8_t *name = name_dup(question->name, arena);
	if (!walk || !name)
		return NULL;
	memset(walk, 0, offsetof(struct walk, asked_name));
	walk->machine.kind = &walk_kind;
	walk->arena = arena;
	walk->context = context;
	walk->localdata = context->localdata;
	walk->cache = context->cache;
	walk->budget = budget;
	walk->question = *question;
	walk->question.name = name;
	walk->current = walk->question;
	memset(&walk->result, 0, offsetof(struct machine_result, answer));
	answer_begin(&walk->result.answer, &walk->question);
	walk->depth = place->depth;
	walk->number = place->number;
	walk->parent = place->parent;
	return walk;
}

struct machine *walk_machine(struct walk *walk)
{
	return &walk->machine;
}

void walk_narrow(struct walk *walk, const struct localdata *localdata, const uint8_t *above)
{
	walk->localdata = localdata;
	walk->cuts.above = above;
}

int walk_begin_with(struct walk *walk, const struct answer *found)
{
	struct answer *answer = &walk->result.answer;
	int err = answer_dup(found, walk->arena, answer);
	if (err) {
		answer_begin(answer, &walk->question);
		return err;
	}
	if (answer->set_count == 0)
		answer->name = walk->question.name;
	walk->was_looked_up = true;
	return 0;
}

int walk_renew(struct walk *walk, const struct delegation *ending)
{
	struct delegation *copy = arena_dup(walk->arena, ending, sizeof(*ending));
	if (!copy)
		return RW_ENOMEM;
	copy->zone = walk->question.name;
	copy->ns_count = 0;                 /* their names are not ours */
	walk->was_looked_up = true;         /* what is there is what is to be learnt anew */
	walk->cuts.without_forwards = true; /* they had failed when it was learnt */
	walk->cuts.renewed = copy;
	return 0;
}

const struct question *walk_question(const struct walk *walk)
{
	return &walk->question;
}

const struct delegation *walk_delegation(const struct walk *walk)
{
	return walk->cut;
}

const struct delegation *walk_used(const struct walk *walk)
{
	return walk->cuts.used;
}

const struct machine_result *walk_result(const struct walk *walk)
{
	return &walk->result;
}

struct machine_action *walk_act(struct walk *walk, enum machine_action_type type)
{
	return machine_act(walk->out, type);
}

struct note *walk_note(struct walk *walk, enum note_kind kind)
{
	static _Thread_local struct note nobody_looks;
	struct note *note = walk->context->notes ? arena_alloc(walk->arena, sizeof(*note)) : NULL;
	if (!note || walk->out->count + ACTIONS_KEPT >= MACHINE_ACTIONS)
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

struct note *walk_note_exchange(struct walk *walk, enum note_kind kind)
{
	const struct candidate *server = walk->target.chosen;
	struct note *note = walk_note(walk, kind);
	note->asked = walk->ask.question;
	note->asked.name =
		walk->context->notes ? name_dup(walk->ask.question.name, walk->arena) : NULL;
	note->zone = walk->cut->zone;
	note->server_name = walk->cut->ns[server->ns].name;
	note->server = server->addr;
	note->address_source = server->source;
	note->transport = (uint8_t)walk->exchange.transport;
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

static void check(const struct walk *walk)
{
	rw_debug(walk->sends <= LIMIT_SENDS_PER_WALK);
	rw_debug(walk->result.answer.aliases <= LIMIT_ALIASES);
	rw_debug(walk->target.count <= WALK_CANDIDATES);
	rw_debug(walk->state == WALK_AWAIT || walk->state == WALK_DONE);
	rw_debug((walk->state == WALK_DONE) == (walk->result.answer.outcome != ANSWER_MISS));
	rw_debug(walk->state == WALK_DONE || walk->exchange.xid != 0 ||
		 walk->target.subs_pending > 0);
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

static void step(struct machine *machine, const struct machine_event *event,
	struct machine_actions *ret_actions)
{
	struct walk *walk = rw_container_of(machine, struct walk, machine);
	walk->out = ret_actions;
	walk->now_ms = event->now_ms;
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
	case EVENT_ANSWER:
		walk_on_answer(walk, event);
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
	check(walk);
	walk->out = NULL;
}
