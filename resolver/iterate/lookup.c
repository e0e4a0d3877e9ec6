/* SPDX-License-Identifier: MIT */
/* LOOKUP: what is known here of the current name, and where that leads. */
#include "resolver/iterate/walk_state.h"
#include "zones/localdata/special_use.h"
#include "zones/cuts/zonecut.h"

void walk_go_on(struct walk *walk)
{
	const struct answer *answer = &walk->result.answer;
	if (answer->outcome == ANSWER_LOOP) {
		finish_loop(walk);
		return;
	}
	walk->current.name = answer->name;
	walk->current_since_ms = walk->now_ms;
	walk->ask.labels = 0;
	ask_shorten_again(walk);
	walk->aside.last_resort = NULL;
	walk->aside.denied_soa = NULL;
	walk->cuts.above = NULL;
	walk->state = WALK_LOOKUP;
	walk_note(walk, NOTE_RESTART)->target = answer->name;
}

/* Of the sets from `first` on. */
static void note_cached(struct walk *walk, unsigned first)
{
	const struct answer *answer = &walk->result.answer;
	struct note *note = walk_note(walk, NOTE_CACHED);
	unsigned count = answer->set_count - first;
	note->sets = arena_dup(walk->arena, answer->sets + first, count * sizeof(*answer->sets));
	note->from = arena_dup(walk->arena, answer->from + first, count * sizeof(*answer->from));
	note->set_count = note->sets && note->from ? count : 0;
	note->soa = answer->soa && answer->soa->count > 0 ? answer->soa : NULL;
	note->rcode = answer->outcome == ANSWER_NXDOMAIN ? RCODE_NXDOMAIN : RCODE_NOERROR;
}

static void note_found(struct walk *walk, unsigned first)
{
	const struct answer *answer = &walk->result.answer;
	if (answer->local) {
		const uint8_t *special =
			special_use_zone_served(walk->context->settings, answer->name);
		walk_note(walk, NOTE_LOCAL)->zone = special ? special : walk->current.name;
	} else if (answer->set_count > first || answer->outcome != ANSWER_MISS) {
		note_cached(walk, first);
	}
}

/* Goes on where the chain ends. */
static void miss(struct walk *walk, unsigned first)
{
	if (walk->result.answer.set_count > first)
		walk_go_on(walk);
	walk->state = WALK_CUT;
}

static void use(struct walk *walk, unsigned first)
{
	struct answer *answer = &walk->result.answer;
	const struct provenance from = answer->soa_from;
	switch (answer->outcome) {
	case ANSWER_POSITIVE:
		finish_positive(walk);
		break;
	case ANSWER_NODATA:
		walk->current.name = answer->name;
		finish_negative(walk, RCODE_NOERROR, answer->soa, &from);
		break;
	case ANSWER_NXDOMAIN:
		finish_negative(walk, RCODE_NXDOMAIN, answer->soa, &from);
		break;
	case ANSWER_DECLINED:
	case ANSWER_FAILURE:
		walk->current.name = answer->name;
		finish_failure(walk, EDE_CACHED_ERROR, answer->ede_text);
		break;
	case ANSWER_LOOP:
		finish_loop(walk);
		break;
	case ANSWER_TOO_LONG:
		finish_too_long(walk);
		break;
	case ANSWER_MISS:
		miss(walk, first);
		break;
	}
}

static int look_up(struct walk *walk)
{
	const struct localdata_query query = {.localdata = walk->localdata,
		.settings = walk->context->settings,
		.cache = walk->context->cache,
		.learnt = &walk->result.learnt,
		.now_ms = walk->now_ms,
		.arena = walk->arena};
	return localdata_answer(&query, &walk->result.answer);
}

void walk_lookup(struct walk *walk)
{
	unsigned first = walk->was_looked_up ? 0 : walk->result.answer.set_count;
	if (!walk->was_looked_up && look_up(walk)) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return;
	}
	walk->was_looked_up = false;
	note_found(walk, first);
	use(walk, first);
}
