/* SPDX-License-Identifier: MIT */
/* Numbers hops, counts costs, gathers failures. */
#include "resolver/client/story.h"

#include <stdio.h>
#include <string.h>

struct story_walk *story_walk(struct story *story, uint32_t number)
{
	for (unsigned i = 0; i < story->walk_count; i++)
		if (story->walks[i].number == number)
			return &story->walks[i];
	return NULL;
}

const char *story_walk_label(const struct story_walk *walk, char buf[STORY_LABEL])
{
	unsigned letter = walk->letter ? walk->letter - 1 : 0;
	if (letter < 26)
		(void)snprintf(buf, STORY_LABEL, "%c", 'a' + (int)letter);
	else
		(void)snprintf(buf, STORY_LABEL, "%c%c", 'a' + (int)(letter / 26 - 1) % 26,
			'a' + (int)(letter % 26));
	return buf;
}

const char *story_hop_label(const struct story_walk *walk, char buf[STORY_LABEL])
{
	char letters[STORY_LABEL] = "";
	if (walk->letter)
		(void)story_walk_label(walk, letters);
	(void)snprintf(buf, STORY_LABEL, "%.3s%u", letters, walk->hops % 1000);
	return buf;
}

const char *story_cut_label(const struct story *story, const uint8_t *zone)
{
	for (unsigned i = story->cut_count; i > 0; i--)
		if (name_equal(story->cuts[i - 1].zone, zone))
			return story->cuts[i - 1].label;
	return NULL;
}

bool story_is_shortened(const struct note *note)
{
	return note->asked.name && !name_equal(note->asked.name, note->question.name);
}

static const char *reply_failure(const struct note *note, enum blame *ret_blame)
{
	switch (note->reply) {
	case REPLY_REFUSED:
	case REPLY_LAME:
	case REPLY_EMPTY:
		*ret_blame = BLAME_LAME;
		return note_reply_text(note->reply);
	case REPLY_SERVFAIL:
	case REPLY_BAD_RCODE:
	case REPLY_MALFORMED:
	case REPLY_MISMATCH:
	case REPLY_BADCOOKIE:
		*ret_blame = BLAME_ERROR;
		return note_reply_text(note->reply);
	default:
		return NULL;
	}
}

const char *story_failure_text(const struct note *note, enum blame *ret_blame)
{
	switch (note->kind) {
	case NOTE_REPLY:
		return reply_failure(note, ret_blame);
	case NOTE_NOREPLY:
		*ret_blame = BLAME_SILENT;
		return note_noreply_text(note->noreply);
	case NOTE_SKIP:
		*ret_blame = note->skip == SKIP_LAME ? BLAME_LAME : BLAME_POLICY;
		return note_skip_text(note->skip);
	default:
		return NULL;
	}
}

static void begin_walk(struct story *story, const struct note *note)
{
	if (story->walk_count == STORY_WALKS || story_walk(story, note->walk))
		return;
	struct story_walk *walk = &story->walks[story->walk_count++];
	*walk = (struct story_walk){.number = note->walk,
		.parent = note->parent,
		.question = note->question,
		.hops = 1};
	if (note->walk != 0)
		walk->letter = ++story->letters;
}

static void take_failure(struct story *story, const struct note *note)
{
	enum blame blame = BLAME_ERROR;
	const char *text = story_failure_text(note, &blame);
	if (!text)
		return;
	for (unsigned i = 0; i < story->failure_count; i++) {
		struct story_failure *known = &story->failures[i];
		if (known->walk == note->walk && name_equal(known->zone, note->zone) &&
			addr_equal(&known->server, &note->server) && known->text == text) {
			known->times++;
			return;
		}
	}
	if (story->failure_count == STORY_FAILURES)
		return;
	story->failures[story->failure_count++] = (struct story_failure){.walk = note->walk,
		.zone = note->zone,
		.server_name = note->server_name,
		.server = note->server,
		.blame = blame,
		.text = text,
		.times = 1};
}

static void take_cost(struct story *story, const struct note *note)
{
	if (note->walk == 0)
		story->own_queries++;
	else
		story->lookup_queries++;
	if (note->kind == NOTE_REPLY)
		story->replies++;
	story->wire_us += note->rtt_us;
	if (note->rtt_us > story->slowest_us || story->slowest[0] == '\0') {
		story->slowest_us = note->rtt_us;
		memcpy(story->slowest, story->last, STORY_LABEL);
	}
}

static void take_cut(struct story *story, struct story_walk *walk, const struct note *note)
{
	walk->cut = note->delegation;
	if (note->delegation->source == DELEGATION_HINTS ||
		story_cut_label(story, note->delegation->zone) || story->cut_count == STORY_CUTS ||
		story->last[0] == '\0')
		return;
	struct story_cut *cut = &story->cuts[story->cut_count++];
	cut->zone = note->delegation->zone;
	memcpy(cut->label, story->last, STORY_LABEL);
}

/* Something was learnt in the hop before: the next one has a new number. */
static void advance(struct story_walk *walk, const struct note *note)
{
	enum blame blame;
	bool again = note->reply == REPLY_TRUNCATED || note->reply == REPLY_NO_EDNS;
	if (!again && !story_failure_text(note, &blame))
		walk->hops++;
}

void story_serial(struct story *story, const uint8_t *zone, const uint8_t *server_name,
	const struct addr *server, uint32_t serial)
{
	for (unsigned i = 0; i < story->serial_count; i++)
		if (addr_equal(&story->serials[i].server, server) &&
			name_equal(story->serials[i].zone, zone))
			return;
	if (story->serial_count < STORY_SERIALS)
		story->serials[story->serial_count++] =
			(struct story_serial){zone, server_name, *server, serial};
}

bool story_serials_differ(const struct story *story, const uint8_t *zone)
{
	const struct story_serial *first = NULL;
	for (unsigned i = 0; i < story->serial_count; i++) {
		const struct story_serial *seen = &story->serials[i];
		if (!name_equal(seen->zone, zone))
			continue;
		if (first && first->serial != seen->serial)
			return true;
		first = first ? first : seen;
	}
	return false;
}

/* An SOA with authority comes with every "no", so a walk that meets two servers may see two. */
static void take_serials(struct story *story, const struct note *note)
{
	const struct msg *msg = note->msg;
	if (!msg || !note->aa)
		return;
	for (unsigned section = SECTION_ANSWER; section <= SECTION_AUTHORITY; section++)
		for (unsigned i = 0; i < msg->set_count[section]; i++) {
			const struct rrset *set = &msg->sets[section][i];
			if (set->type != TYPE_SOA || set->count == 0 || set->records[0].size < 22 ||
				!name_is_at_or_below(note->asked.name, set->owner) ||
				!name_is_at_or_below(set->owner, note->zone))
				continue;
			const struct rdata *soa = &set->records[0];
			story_serial(story, set->owner, note->server_name, &note->server,
				rr_get32(soa->bytes + soa->size - 20));
		}
}

static void take_hop(struct story *story, struct story_walk *walk, const struct note *note)
{
	(void)story_hop_label(walk, story->last);
	take_cost(story, note);
	take_failure(story, note);
	if (note->kind == NOTE_REPLY) {
		take_serials(story, note);
		advance(walk, note);
	}
	if (note->kind == NOTE_REPLY && note->reply == REPLY_ANSWER && note->set_count > 0 &&
		!story_is_shortened(note))
		walk->answer = note->sets[note->set_count - 1];
}

void story_note(struct story *story, const struct note *note)
{
	if (note->kind == NOTE_BEGIN)
		begin_walk(story, note);
	struct story_walk *walk = story_walk(story, note->walk);
	if (!walk)
		return;
	switch (note->kind) {
	case NOTE_REPLY:
	case NOTE_NOREPLY:
		take_hop(story, walk, note);
		break;
	case NOTE_SKIP:
		take_failure(story, note);
		break;
	case NOTE_CUT:
		take_cut(story, walk, note);
		break;
	case NOTE_RESTART:
		walk->question.name = note->target;
		break;
	case NOTE_END:
		walk->ended = true;
		walk->rcode = note->rcode;
		walk->end_text = note->end_text;
		break;
	case NOTE_CACHED:
		if (note->set_count > 0)
			walk->answer = note->sets[note->set_count - 1];
		break;
	case NOTE_BEGIN:
	case NOTE_LOCAL:
		break;
	}
}
