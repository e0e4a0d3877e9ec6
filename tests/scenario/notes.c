/* SPDX-License-Identifier: MIT */
/* Notes of a walk as lines for the reader of `-v`. */
#include <string.h>

#include "resolver/wire/text.h"
#include "tests/scenario/world.h"

struct asked_text {
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE], server[ADDR_TEXT], zone[LIMIT_NAME_TEXT];
};

static void describe(
	const struct note *note, const struct question *question, struct asked_text *ret_text)
{
	*ret_text = (struct asked_text){"-", "-", "-", "-"};
	if (question->name) {
		name_text(question->name, ret_text->name);
		text_type(question->type, ret_text->type);
	}
	if (note->server.family != ADDR_NONE)
		addr_text(&note->server, ret_text->server);
	if (note->zone)
		name_text(note->zone, ret_text->zone);
}

static void tell_hop(const struct play_world *world, const struct note *note)
{
	struct asked_text t;
	char rcode[TEXT_TYPE];
	describe(note, &note->asked, &t);
	if (note->kind == NOTE_NOREPLY)
		world_tell(world, "[%u] %s %s to %s (%s) over %s: %s", note->walk, t.name, t.type,
			t.server, t.zone, note_transport_text(note->transport),
			note_noreply_text(note->noreply));
	else
		world_tell(world, "[%u] %s %s to %s (%s) over %s: %s, %s%s%s", note->walk, t.name,
			t.type, t.server, t.zone, note_transport_text(note->transport),
			note_reply_text(note->reply), text_rcode(note->rcode, rcode),
			note->aa ? " AA" : "", note->tc ? " TC" : "");
}

void world_tell_note(const struct play_world *world, const struct note *note)
{
	struct asked_text t;
	char rcode[TEXT_TYPE], target[LIMIT_NAME_TEXT] = "-";
	if (!world->verbose)
		return;
	describe(note, &note->question, &t);
	if (note->target)
		name_text(note->target, target);
	switch (note->kind) {
	case NOTE_BEGIN:
		world_tell(world, "[%u] begins: %s %s", note->walk, t.name, t.type);
		break;
	case NOTE_CACHED:
		world_tell(world, "[%u] cached: %u sets", note->walk, note->set_count);
		break;
	case NOTE_LOCAL:
		world_tell(world, "[%u] served locally", note->walk);
		break;
	case NOTE_CUT:
		if (note->delegation)
			name_text(note->delegation->zone, t.zone);
		world_tell(world, "[%u] starts at %s", note->walk, t.zone);
		break;
	case NOTE_REPLY:
	case NOTE_NOREPLY:
		tell_hop(world, note);
		break;
	case NOTE_RESTART:
		world_tell(world, "[%u] goes on at %s", note->walk, target);
		break;
	case NOTE_SKIP:
		world_tell(world, "[%u] skips %s (%s): %s", note->walk, t.server, t.zone,
			note_skip_text(note->skip));
		break;
	case NOTE_END:
		world_tell(world, "[%u] ends: %s %s", note->walk, text_rcode(note->rcode, rcode),
			note->end_text ? note->end_text : "");
		break;
	}
}
