/* SPDX-License-Identifier: MIT */
/*
 * What went wrong at the current delegation: counted by cause while it happens, told in one
 * sentence at the end.
 */
#include <stdio.h>

#include "resolver/iterate/walk_state.h"

static void remember(struct walk *walk, const char *what)
{
	walk->failures.last_server = walk->target.chosen->addr;
	(void)snprintf(walk->failures.last_what, sizeof(walk->failures.last_what), "%s", what);
}

void failure_reply(struct walk *walk, enum reply_kind kind)
{
	struct failure_counts *failures = &walk->failures;
	const struct candidate *server = walk->target.chosen;
	/* The same server has failed with a cookie, and counts once. */
	if (server->without_cookie && server->cookie_refused)
		return;
	switch (kind) {
	case REPLY_REFUSED:
		failures->refused++;
		break;
	case REPLY_SERVFAIL:
		failures->servfail++;
		break;
	case REPLY_LAME:
		failures->lame++;
		break;
	case REPLY_NOBODY:
		failures->nobody++;
		failures->nobody_zone =
			name_suffix(walk->current.name, name_labels(walk->ask.question.name));
		break;
	case REPLY_EMPTY:
		failures->empty++;
		break;
	default:
		failures->other++;
		break;
	}
	remember(walk, note_reply_text(kind));
}

void failure_noreply(struct walk *walk, enum exchange_end why)
{
	if (why == EXCHANGE_LOOP)
		walk->failures.loops++;
	else if (why == EXCHANGE_UNREACHABLE || why == EXCHANGE_REFUSED || why == EXCHANGE_CLOSED)
		walk->failures.unreachable++;
	else
		walk->failures.timeouts++;
	remember(walk, note_noreply_text((int)why));
}

void failure_deadline(struct walk *walk)
{
	if (walk->exchange.xid)
		failure_noreply(walk, EXCHANGE_TIMEOUT);
	walk->failures.no_address += walk->target.subs_pending;
}

/* Appends "N what" to a list in `out`. */
static size_t list_cause(char *out, size_t size, size_t used, unsigned count, const char *what)
{
	if (count == 0 || used >= size)
		return used;
	int added = snprintf(out + used, size - used, "%s%u %s", used ? ", " : "", count, what);
	return used + (added > 0 ? (size_t)added : 0);
}

const char *failure_sentence(const struct walk *walk)
{
	const struct failure_counts *f = &walk->failures;
	char zone[LIMIT_NAME_TEXT], server[ADDR_TEXT], causes[160] = "";
	if (!walk->cut)
		return "no root server has answered in time";
	size_t used = 0;
	used = list_cause(causes, sizeof(causes), used, f->loops, "forwarding in a loop");
	used = list_cause(causes, sizeof(causes), used, f->timeouts, "timed out");
	used = list_cause(causes, sizeof(causes), used, f->unreachable, "unreachable");
	used = list_cause(causes, sizeof(causes), used, f->refused, "REFUSED");
	used = list_cause(causes, sizeof(causes), used, f->servfail, "SERVFAIL");
	used = list_cause(causes, sizeof(causes), used, f->lame, "lame");
	used = list_cause(causes, sizeof(causes), used, f->empty, "empty replies");
	used = list_cause(causes, sizeof(causes), used, f->other, "useless replies");
	used = list_cause(causes, sizeof(causes), used, f->forbidden, "at forbidden addresses");
	used = list_cause(causes, sizeof(causes), used, f->no_address, "names without address");
	(void)name_text(walk->cut->zone, zone);
	const char *text;
	if (f->nobody > 0)
		text = arena_printf(walk->arena,
			"%.60s is delegated to nobody: its NS records, as %s has them, name no "
			"server",
			name_text(f->nobody_zone, zone), addr_text(&f->last_server, server));
	else if (f->last_what[0])
		text = arena_printf(walk->arena, "no usable server of %.60s: %s; last %s %s", zone,
			used ? causes : "none left", addr_text(&f->last_server, server),
			f->last_what);
	else
		text = arena_printf(walk->arena, "no usable server of %.60s: %s", zone,
			used ? causes : "none has answered in time");
	return text ? text : "no usable server";
}
