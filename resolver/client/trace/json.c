/* SPDX-License-Identifier: MIT */
/* The same facts as the tree, named; times in us, TTLs in s. */
#include "resolver/client/trace/json.h"

#include <string.h>

#include "resolver/wire/text.h"

static const char *event_name(enum note_kind kind)
{
	static const char *const names[] = {
		[NOTE_BEGIN] = "begin",
		[NOTE_CACHED] = "cached",
		[NOTE_LOCAL] = "local",
		[NOTE_CUT] = "cut",
		[NOTE_REPLY] = "hop",
		[NOTE_NOREPLY] = "hop",
		[NOTE_RESTART] = "restart",
		[NOTE_SKIP] = "skip",
		[NOTE_END] = "end",
	};
	return names[kind];
}

/* "NO EDNS" becomes "no-edns". */
static json_t *word(const char *text)
{
	char out[32];
	size_t i;
	for (i = 0; text[i] && i + 1 < sizeof(out); i++)
		out[i] = text[i] == ' '                     ? '-'
			 : text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32)
							    : text[i];
	out[i] = '\0';
	return json_string(out);
}

static json_t *server_object(const struct history *history, const struct note *note)
{
	char addr[ADDR_TEXT];
	const char *label = history_cut_label(history, note->zone);
	json_t *object = json_object();
	json_set(object, "name", json_name(note->server_name));
	json_set(object, "addr", json_string(addr_ip_text(&note->server, addr)));
	json_set(object, "port", json_integer(note->server.port));
	json_set(object, "addr_from", word(note_address_source_text(note->address_source)));
	if (note->address_source == ADDRESS_GLUE && label)
		json_set(object, "addr_hop", json_string(label));
	return object;
}

static json_t *sets_array(struct arena *arena, const struct rrset *const *sets, unsigned count)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < count; i++) {
		json_t *records = json_rrset(arena, sets[i]);
		(void)json_array_extend(array, records);
		json_decref(records);
	}
	return array;
}

static json_t *delegation_object(const struct delegation *cut)
{
	char addr[ADDR_TEXT];
	json_t *object = json_object(), *servers = json_array();
	json_set(object, "zone", json_name(cut->zone));
	json_set(object, "ttl", json_integer(cut->ttl));
	for (unsigned i = 0; i < cut->ns_count; i++) {
		const struct nameserver *ns = &cut->ns[i];
		json_t *server = json_object(), *addresses = json_array();
		for (unsigned a = 0; a < ns->address_count; a++)
			(void)json_array_append_new(
				addresses, json_string(addr_ip_text(&ns->addresses[a], addr)));
		json_set(server, "name", json_name(ns->name));
		json_set(server, "addresses", addresses);
		(void)json_array_append_new(servers, server);
	}
	json_set(object, "ns", servers);
	return object;
}

static json_t *section_array(struct arena *arena, const struct rrset *sets, unsigned count)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < count; i++) {
		json_t *records = json_rrset(arena, &sets[i]);
		(void)json_array_extend(array, records);
		json_decref(records);
	}
	return array;
}

/* The reply in RFC 8427 names, by record sets, without what precheck and the view dropped. */
static json_t *message_object(struct arena *arena, const struct msg *msg)
{
	static const char *const sections[] = {"answerRRs", "authorityRRs", "additionalRRs"};
	json_t *object = json_object();
	json_set(object, "ID", json_integer(msg->id));
	json_set(object, "QR", json_integer((msg->flags & FLAG_QR) != 0));
	json_set(object, "AA", json_integer((msg->flags & FLAG_AA) != 0));
	json_set(object, "TC", json_integer((msg->flags & FLAG_TC) != 0));
	json_set(object, "RCODE", json_integer(msg->rcode & 0xf));
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		json_set(
			object, sections[i], section_array(arena, msg->sets[i], msg->set_count[i]));
	return object;
}

static void set_hop(json_t *object, const struct history *history, const struct note *note)
{
	json_set(object, "n", json_string(history->last));
	json_set(object, "zone", json_name(note->zone));
	json_set(object, "asked", json_question(&note->asked));
	json_set(object, "server", server_object(history, note));
	json_set(object, "proto", json_string(note_transport_text(note->transport)));
	json_set(object, "rtt_us", json_integer(note->rtt_us));
	json_set(object, "kind",
		word(note->kind == NOTE_REPLY ? note_reply_text(note->reply)
					      : note_noreply_text(note->noreply)));
}

static void set_reply(json_t *object, struct arena *arena, const struct note *note)
{
	char rcode[TEXT_TYPE];
	json_set(object, "size", json_integer(note->size));
	json_set(object, "rcode", json_string(text_rcode(note->rcode, rcode)));
	json_set(object, "aa", json_boolean(note->aa));
	json_set(object, "tc", json_boolean(note->tc));
	if (note->ede != EDE_NONE)
		json_set(object, "ede", json_integer(note->ede));
	if (note->target)
		json_set(object, "target", json_name(note->target));
	if (note->soa) {
		json_set(object, "soa", json_rrset(arena, note->soa));
		json_set(object, "negative_ttl", json_integer(rrset_soa_negative_ttl(note->soa)));
	}
	json_set(object, "sec", json_string("unchecked"));
	json_set(object, "msg", note->msg ? message_object(arena, note->msg) : json_null());
}

void trace_json_note(const struct out *out, const struct history *history, struct arena *arena,
	const struct note *note, const uint8_t *wire, size_t size)
{
	char rcode[TEXT_TYPE];
	json_t *object = json_object();
	json_set(object, "schema", json_string(JSON_TRACE));
	json_set(object, "event", json_string(event_name(note->kind)));
	json_set(object, "walk", json_integer(note->walk));
	json_set(object, "question", json_question(&note->question));
	if (note->kind == NOTE_REPLY || note->kind == NOTE_NOREPLY)
		set_hop(object, history, note);
	if (note->kind == NOTE_REPLY) {
		set_reply(object, arena, note);
		json_set(object, "wire", wire ? json_hex(wire, size) : json_null());
	}
	if (note->kind == NOTE_BEGIN && note->walk != 0)
		json_set(object, "parent", json_integer(note->parent));
	if (note->kind == NOTE_CUT)
		json_set(object, "cut", delegation_object(note->delegation));
	if (note->kind == NOTE_CACHED)
		json_set(object, "sets", sets_array(arena, note->sets, note->set_count));
	if (note->kind == NOTE_RESTART)
		json_set(object, "target", json_name(note->target));
	if (note->kind == NOTE_SKIP) {
		json_set(object, "server", server_object(history, note));
		json_set(object, "why", word(note_skip_text(note->skip)));
	}
	if (note->kind == NOTE_END)
		json_set(object, "rcode", json_string(text_rcode(note->rcode, rcode)));
	json_line(out, object);
	(void)fflush(out->file);
}

static const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_ANSWER] = "answer",
		[VERDICT_NODATA] = "nodata",
		[VERDICT_NXDOMAIN] = "nxdomain",
		[VERDICT_LAME] = "lame",
		[VERDICT_BROKEN] = "broken",
		[VERDICT_ERROR] = "servers-fail",
		[VERDICT_SILENCE] = "no-reply",
		[VERDICT_GIVEN_UP] = "given-up",
	};
	return names[verdict];
}

static json_t *guilty_array(const struct history *history)
{
	char addr[ADDR_TEXT];
	json_t *array = json_array();
	for (unsigned i = 0; i < history->failure_count; i++) {
		const struct history_failure *f = &history->failures[i];
		json_t *object = json_object();
		json_set(object, "zone", json_name(f->zone));
		json_set(object, "name", json_name(f->server_name));
		json_set(object, "addr", json_string(addr_ip_text(&f->server, addr)));
		json_set(object, "why", word(f->text));
		json_set(object, "times", json_integer(f->times));
		(void)json_array_append_new(array, object);
	}
	return array;
}

/* What servers said the serials are, of zones where they differ. */
static json_t *serials_array(const struct history *history)
{
	char addr[ADDR_TEXT];
	json_t *array = json_array();
	for (unsigned i = 0; i < history->serial_count; i++) {
		const struct history_serial *seen = &history->serials[i];
		if (!history_serials_differ(history, seen->zone))
			continue;
		json_t *object = json_object();
		json_set(object, "zone", json_name(seen->zone));
		json_set(object, "name", json_name(seen->server_name));
		json_set(object, "addr", json_string(addr_ip_text(&seen->server, addr)));
		json_set(object, "serial", json_integer(seen->serial));
		(void)json_array_append_new(array, object);
	}
	return array;
}

void trace_json_end(const struct out *out, const struct history *history, struct arena *arena,
	const struct machine_result *result, const struct diagnosis *end)
{
	char rcode[TEXT_TYPE];
	json_t *object = json_object();
	json_set(object, "schema", json_string(JSON_TRACE));
	json_set(object, "event", json_string("verdict"));
	json_set(object, "verdict", json_string(verdict_name(end->verdict)));
	json_set(object, "sec", json_string("unchecked"));
	if (result) {
		json_set(object, "rcode",
			json_string(text_rcode(answer_rcode(&result->answer), rcode)));
		json_set(object, "answer",
			sets_array(arena, result->answer.sets, result->answer.set_count));
		if (result->answer.ede != EDE_NONE)
			json_set(object, "ede", json_integer(result->answer.ede));
		if (result->answer.ede_text)
			json_set(object, "text", json_string(result->answer.ede_text));
	}
	if (end->verdict <= VERDICT_NXDOMAIN)
		json_set(object, "ttl", json_integer(end->ttl));
	if (end->cut)
		json_set(object, "cut", delegation_object(end->cut));
	json_set(object, "failures", guilty_array(history));
	json_set(object, "serials", serials_array(history));
	json_set(object, "hops", json_integer(history->own_queries));
	json_set(object, "lookups", json_integer(history->lookup_queries));
	json_set(object, "wire_us", json_integer((json_int_t)history->wire_us));
	json_set(object, "slowest", json_string(history->slowest));
	json_set(object, "exit", json_integer(end->exit_code));
	json_line(out, object);
}
