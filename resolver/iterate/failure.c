/* SPDX-License-Identifier: MIT */
/*
 * What went wrong at the current delegation: counted by cause while it happens, told in one
 * sentence at the end. NOREPLY events are handled here, as they are nothing but failures.
 */
#include <stdio.h>

#include "resolver/iterate/walk_state.h"

static void remember(struct walk *walk, const char *what)
{
	walk->failures.last_server = walk->chosen->addr;
	(void)snprintf(walk->failures.last_what, sizeof(walk->failures.last_what), "%s", what);
}

void failure_reply(struct walk *walk, enum reply_kind kind, uint16_t rcode)
{
	struct failure_counts *failures = &walk->failures;
	(void)rcode;
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
	if (walk->xid)
		failure_noreply(walk, EXCHANGE_TIMEOUT);
	walk->failures.no_address += walk->subs_pending;
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
	used = list_cause(causes, sizeof(causes), used, f->other, "useless replies");
	used = list_cause(causes, sizeof(causes), used, f->forbidden, "at forbidden addresses");
	used = list_cause(causes, sizeof(causes), used, f->no_address, "names without address");
	(void)name_text(walk->cut->zone, zone);
	const char *text;
	if (f->last_what[0])
		text = arena_printf(walk->arena, "no usable server of %.60s: %s; last %s %s", zone,
			used ? causes : "none left", addr_text(&f->last_server, server),
			f->last_what);
	else
		text = arena_printf(walk->arena, "no usable server of %.60s: %s", zone,
			used ? causes : "none has answered in time");
	return text ? text : "no usable server";
}

static void note_noreply(struct walk *walk, const struct walk_event *event)
{
	struct note *note = walk_note(walk, NOTE_NOREPLY);
	note->asked = walk->asked;
	note->asked.name = walk->context->notes ? name_dup(walk->asked.name, walk->arena) : NULL;
	note->zone = walk->cut->zone;
	note->server_name = walk->cut->ns[walk->chosen->ns].name;
	note->server = walk->chosen->addr;
	note->address_source = walk->chosen->source;
	note->transport = (uint8_t)walk->transport;
	note->rtt_us = event->rtt_us;
	note->noreply = (int)event->why;
}

static void on_silence(struct walk *walk, uint32_t waited_us)
{
	infra_timeout(walk->context->infra, &walk->chosen->addr,
		walk->now_ms - RW_MIN(walk->now_ms, (uint64_t)waited_us / 1000), walk->now_ms);
	infra_family_failed(walk->context->infra, walk->chosen->addr.family, walk->now_ms);
	if (++walk->minimise_failures >= LIMIT_MINIMISE_TIMEOUTS)
		(void)ask_give_up_minimising(walk);
}

static void on_tcp_failure(struct walk *walk)
{
	infra_set_tcp_broken(walk->context->infra, &walk->chosen->addr, true, walk->now_ms);
	if (!walk->chosen->want_tcp)
		walk->chosen->useless = true;
}

void walk_on_noreply(struct walk *walk, const struct walk_event *event)
{
	if (!rw_check(event->xid == walk->xid && walk->xid != 0))
		return;
	walk->xid = 0;
	walk->state = WALK_TARGET;
	note_noreply(walk, event);
	failure_noreply(walk, event->why);
	bool tcp = walk->transport == TRANSPORT_TCP;
	switch (event->why) {
	case EXCHANGE_REPLY:
		break;
	case EXCHANGE_TIMEOUT:
		on_silence(walk, event->rtt_us);
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
			walk->chosen->useless = true;
		break;
	case EXCHANGE_SUSPECT:
		infra_set_udp_suspect(walk->context->infra, &walk->chosen->addr, walk->now_ms);
		walk->chosen->want_tcp = true;
		break;
	case EXCHANGE_CASE:
		walk->chosen->case_doubted = true;
		walk->chosen->want_tcp = true;
		break;
	case EXCHANGE_LOOP:
		walk->chosen->useless = true;
		break;
	case EXCHANGE_RESOURCE:

		finish_failure(walk, EDE_NONE, "no socket could be opened for the question");
		break;
	}
}
