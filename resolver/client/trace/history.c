/* SPDX-License-Identifier: MIT */
/* Numbers hops, counts costs, gathers failures. */
#include "resolver/client/trace/history.h"

#include <stdio.h>
#include <string.h>

struct history_walk *history_walk(struct history *history, uint32_t number)
{
	for (unsigned i = 0; i < history->walk_count; i++)
		if (history->walks[i].number == number)
			return &history->walks[i];
	return NULL;
}

const char *history_walk_label(const struct history_walk *walk, char buf[HISTORY_LABEL])
{
	unsigned letter = walk->letter ? walk->letter - 1 : 0;
	if (letter < 26)
		(void)snprintf(buf, HISTORY_LABEL, "%c", 'a' + (int)letter);
	else
		(void)snprintf(buf, HISTORY_LABEL, "%c%c", 'a' + (int)(letter / 26 - 1) % 26,
			'a' + (int)(letter % 26));
	return buf;
}

const char *history_hop_label(const struct history_walk *walk, char buf[HISTORY_LABEL])
{
	char letters[HISTORY_LABEL] = "";
	if (walk->letter)
		(void)history_walk_label(walk, letters);
	(void)snprintf(buf, HISTORY_LABEL, "%.3s%u", letters, walk->hops % 1000);
	return buf;
}

const char *history_cut_label(const struct history *history, const uint8_t *zone)
{
	for (unsigned i = history->cut_count; i > 0; i--)
		if (name_equal(history->cuts[i - 1].zone, zone))
			return history->cuts[i - 1].label;
	return NULL;
}

bool history_is_shortened(const struct note *note)
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

const char *history_failure_text(const struct note *note, enum blame *ret_blame)
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

static void begin_walk(struct history *history, const struct note *note)
{
	if (history->walk_count == HISTORY_WALKS || history_walk(history, note->walk))
		return;
	struct history_walk *walk = &history->walks[history->walk_count++];
	*walk = (struct history_walk){.number = note->walk,
		.parent = note->parent,
		.question = note->question,
		.hops = 1};
	if (note->walk != 0)
		walk->letter = ++history->letters;
}

static void take_failure(struct history *history, const struct note *note)
{
	enum blame blame = BLAME_ERROR;
	const char *text = history_failure_text(note, &blame);
	if (!text)
		return;
	for (unsigned i = 0; i < history->failure_count; i++) {
		struct history_failure *known = &history->failures[i];
		if (known->walk == note->walk && name_equal(known->zone, note->zone) &&
			addr_equal(&known->server, &note->server) && known->text == text) {
			known->times++;
			return;
		}
	}
	if (history->failure_count == HISTORY_FAILURES)
		return;
	history->failures[history->failure_count++] = (struct history_failure){.walk = note->walk,
		.zone = note->zone,
		.server_name = note->server_name,
		.server = note->server,
		.blame = blame,
		.text = text,
		.times = 1};
}

static void take_cost(struct history *history, const struct note *note)
{
	if (note->walk == 0)
		history->own_queries++;
	else
		history->lookup_queries++;
	if (note->kind == NOTE_REPLY)
		history->replies++;
	history->wire_us += note->rtt_us;
	if (note->rtt_us > history->slowest_us || history->slowest[0] == '\0') {
		history->slowest_us = note->rtt_us;
		memcpy(history->slowest, history->last, HISTORY_LABEL);
	}
}

static void take_cut(struct history *history, struct history_walk *walk, const struct note *note)
{
	walk->cut = note->delegation;
	if (note->delegation->source == DELEGATION_HINTS ||
		history_cut_label(history, note->delegation->zone) ||
		history->cut_count == HISTORY_CUTS || history->last[0] == '\0')
		return;
	struct history_cut *cut = &history->cuts[history->cut_count++];
	cut->zone = note->delegation->zone;
	memcpy(cut->label, history->last, HISTORY_LABEL);
}

/* Something was learnt in the hop before: the next one has a new number. */
static void count_hop(struct history_walk *walk, const struct note *note)
{
	enum blame blame;
	bool again = note->reply == REPLY_TRUNCATED || note->reply == REPLY_NO_EDNS;
	if (!again && !history_failure_text(note, &blame))
		walk->hops++;
}

void history_serial(struct history *history, const uint8_t *zone, const uint8_t *server_name,
	const struct addr *server, uint32_t serial)
{
	for (unsigned i = 0; i < history->serial_count; i++)
		if (addr_equal(&history->serials[i].server, server) &&
			name_equal(history->serials[i].zone, zone))
			return;
	if (history->serial_count < HISTORY_SERIALS)
		history->serials[history->serial_count++] =
			(struct history_serial){zone, server_name, *server, serial};
}

bool history_serials_differ(const struct history *history, const uint8_t *zone)
{
	const struct history_serial *first = NULL;
	for (unsigned i = 0; i < history->serial_count; i++) {
		const struct history_serial *seen = &history->serials[i];
		if (!name_equal(seen->zone, zone))
			continue;
		if (first && first->serial != seen->serial)
			return true;
		first = first ? first : seen;
	}
	return false;
}

/* An SOA with authority comes with every "no", so a walk that meets two servers may see two. */
static void take_serials(struct history *history, const struct note *note)
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
			history_serial(history, set->owner, note->server_name, &note->server,
				rr_get32(soa->bytes + soa->size - 20));
		}
}

static void take_hop(struct history *history, struct history_walk *walk, const struct note *note)
{
	(void)history_hop_label(walk, history->last);
	take_cost(history, note);
	take_failure(history, note);
	if (note->kind == NOTE_REPLY) {
		take_serials(history, note);
		count_hop(walk, note);
	}
	if (note->kind == NOTE_REPLY && note->reply == REPLY_ANSWER && note->set_count > 0 &&
		!history_is_shortened(note))
		walk->answer = note->sets[note->set_count - 1];
}

void history_note(struct history *history, const struct note *note)
{
	if (note->kind == NOTE_BEGIN)
		begin_walk(history, note);
	struct history_walk *walk = history_walk(history, note->walk);
	if (!walk)
		return;
	switch (note->kind) {
	case NOTE_REPLY:
	case NOTE_NOREPLY:
		take_hop(history, walk, note);
		break;
	case NOTE_SKIP:
		take_failure(history, note);
		break;
	case NOTE_CUT:
		take_cut(history, walk, note);
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
