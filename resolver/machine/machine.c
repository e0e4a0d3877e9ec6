/* SPDX-License-Identifier: MIT */
/* What machines of all kinds have in common: their actions, and what must hold after each step. */
#include "resolver/machine/machine.h"

struct machine_action *machine_act(struct machine_actions *actions, enum machine_action_type type)
{
	rw_require(actions->count < MACHINE_ACTIONS);
	struct machine_action *action = &actions->items[actions->count++];
	*action = (struct machine_action){.type = type};
	return action;
}

bool machine_had_its_chance(const struct machine_context *context, const struct answer *answer,
	uint64_t since_ms, uint64_t now_ms)
{
	uint32_t half_ms = context->settings->outgoing.timeout_ms / 2;
	return answer->aliases == 0 || now_ms - since_ms >= half_ms;
}

static void count_event(struct machine *machine, const struct machine_event *event)
{
	if (event->type == EVENT_REPLY || event->type == EVENT_NOREPLY) {
		rw_debug(machine->exchanges > 0);
		machine->exchanges--;
	} else if (event->type == EVENT_ANSWER) {
		rw_debug(machine->questions > 0);
		machine->questions--;
	}
}

static void count_action(struct machine *machine, const struct machine_action *action)
{
	rw_debug(!machine->answered); /* the answer is the last action of all */
	switch (action->type) {
	case ACTION_SEND:
		machine->exchanges++;
		break;
	case ACTION_ABANDON:
		rw_debug(machine->exchanges > 0);
		machine->exchanges--;
		break;
	case ACTION_ASK:
		rw_debug(action->sub != 0);
		machine->questions++;
		break;
	case ACTION_DROP:
		rw_debug(machine->questions > 0);
		machine->questions--;
		break;
	case ACTION_ANSWER:
		rw_debug(action->result && action->result->answer.outcome != ANSWER_MISS);
		rw_debug(machine->exchanges == 0);
		machine->answered = true;
		machine->questions = 0; /* what it still awaits is forgotten */
		break;
	case ACTION_NOTE:
		break;
	}
}

void machine_check(struct machine *machine, const struct machine_event *event,
	const struct machine_actions *actions)
{
	count_event(machine, event);
	for (unsigned i = 0; i < actions->count; i++)
		count_action(machine, &actions->items[i]);
	rw_debug(machine->answered || machine->exchanges + machine->questions > 0);
}
