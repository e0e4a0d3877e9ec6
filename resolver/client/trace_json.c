/* SPDX-License-Identifier: MIT */
/* The same facts as the tree, named; times in us, TTLs in s. */
#include "resolver/client/trace_json.h"

#include <string.h>

#include "resolver/wire/text.h"

static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static json_t *question_object(const struct question *question)
{
	char type[TEXT_TYPE], class[TEXT_TYPE];
	json_t *object = json_object();
	set(object, "name", json_name(question->name));
	set(object, "type", json_string(text_type(question->type, type)));
	set(object, "class", json_string(text_class(question->class, class)));
	return object;
}

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

static json_t *server_object(const struct story *story, const struct note *note)
{
	char addr[ADDR_TEXT];
	const char *label = story_cut_label(story, note->zone);
	json_t *object = json_object();
	set(object, "name", json_name(note->server_name));
	set(object, "addr", json_string(addr_ip_text(&note->server, addr)));
	set(object, "port", json_integer(note->server.port));
	set(object, "addr_from", word(note_address_source_text(note->address_source)));
	if (note->address_source == ADDRESS_GLUE && label)
		set(object, "addr_hop", json_string(label));
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
	set(object, "zone", json_name(cut->zone));
	set(object, "ttl", json_integer(cut->ttl));
	for (unsigned i = 0; i < cut->ns_count; i++) {
		const struct nameserver *ns = &cut->ns[i];
		json_t *server = json_object(), *addresses = json_array();
		for (unsigned a = 0; a < ns->address_count; a++)
			(void)json_array_append_new(
				addresses, json_string(addr_ip_text(&ns->addresses[a], addr)));
		set(server, "name", json_name(ns->name));
		set(server, "addresses", addresses);
		(void)json_array_append_new(servers, server);
	}
	set(object, "ns", servers);
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
	set(object, "ID", json_integer(msg->id));
	set(object, "QR", json_integer((msg->flags & FLAG_QR) != 0));
	set(object, "AA", json_integer((msg->flags & FLAG_AA) != 0));
	set(object, "TC", json_integer((msg->flags & FLAG_TC) != 0));
	set(object, "RCODE", json_integer(msg->rcode & 0xf));
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		set(object, sections[i], section_array(arena, msg->sets[i], msg->set_count[i]));
	return object;
}

static void set_hop(json_t *object, const struct story *story, const struct note *note)
{
	set(object, "n", json_string(story->last));
	set(object, "zone", json_name(note->zone));
	set(object, "asked", question_object(&note->asked));
	set(object, "server", server_object(story, note));
	set(object, "proto", json_string(note_transport_text(note->transport)));
	set(object, "rtt_us", json_integer(note->rtt_us));
	set(object, "kind",
		word(note->kind == NOTE_REPLY ? note_reply_text(note->reply)
					      : note_noreply_text(note->noreply)));
}

static void set_reply(json_t *object, struct arena *arena, const struct note *note)
{
	char rcode[TEXT_TYPE];
	set(object, "size", json_integer(note->size));
	set(object, "rcode", json_string(text_rcode(note->rcode, rcode)));
	set(object, "aa", json_boolean(note->aa));
	set(object, "tc", json_boolean(note->tc));
	if (note->ede != EDE_NONE)
		set(object, "ede", json_integer(note->ede));
	if (note->target)
		set(object, "target", json_name(note->target));
	if (note->soa) {
		set(object, "soa", json_rrset(arena, note->soa));
		set(object, "negative_ttl", json_integer(rrset_soa_negative_ttl(note->soa)));
	}
	set(object, "sec", json_string("unchecked"));
	set(object, "msg", note->msg ? message_object(arena, note->msg) : json_null());
}

void trace_json_note(const struct out *out, const struct story *story, struct arena *arena,
	const struct note *note, const uint8_t *wire, size_t size)
{
	char rcode[TEXT_TYPE];
	json_t *object = json_object();
	set(object, "schema", json_string(JSON_TRACE));
	set(object, "event", json_string(event_name(note->kind)));
	set(object, "walk", json_integer(note->walk));
	set(object, "question", question_object(&note->question));
	if (note->kind == NOTE_REPLY || note->kind == NOTE_NOREPLY)
		set_hop(object, story, note);
	if (note->kind == NOTE_REPLY) {
		set_reply(object, arena, note);
		set(object, "wire", wire ? json_hex(wire, size) : json_null());
	}
	if (note->kind == NOTE_BEGIN && note->walk != 0)
		set(object, "parent", json_integer(note->parent));
	if (note->kind == NOTE_CUT)
		set(object, "cut", delegation_object(note->delegation));
	if (note->kind == NOTE_CACHED)
		set(object, "sets", sets_array(arena, note->sets, note->set_count));
	if (note->kind == NOTE_RESTART)
		set(object, "target", json_name(note->target));
	if (note->kind == NOTE_SKIP) {
		set(object, "server", server_object(story, note));
		set(object, "why", word(note_skip_text(note->skip)));
	}
	if (note->kind == NOTE_END)
		set(object, "rcode", json_string(text_rcode(note->rcode, rcode)));
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

static json_t *guilty_array(const struct story *story)
{
	char addr[ADDR_TEXT];
	json_t *array = json_array();
	for (unsigned i = 0; i < story->failure_count; i++) {
		const struct story_failure *f = &story->failures[i];
		json_t *object = json_object();
		set(object, "zone", json_name(f->zone));
		set(object, "name", json_name(f->server_name));
		set(object, "addr", json_string(addr_ip_text(&f->server, addr)));
		set(object, "why", word(f->text));
		set(object, "times", json_integer(f->times));
		(void)json_array_append_new(array, object);
	}
	return array;
}

/* What servers said the serials are, of zones where they differ. */
static json_t *serials_array(const struct story *story)
{
	char addr[ADDR_TEXT];
	json_t *array = json_array();
	for (unsigned i = 0; i < story->serial_count; i++) {
		const struct story_serial *seen = &story->serials[i];
		if (!story_serials_differ(story, seen->zone))
			continue;
		json_t *object = json_object();
		set(object, "zone", json_name(seen->zone));
		set(object, "name", json_name(seen->server_name));
		set(object, "addr", json_string(addr_ip_text(&seen->server, addr)));
		set(object, "serial", json_integer(seen->serial));
		(void)json_array_append_new(array, object);
	}
	return array;
}

void trace_json_end(const struct out *out, const struct story *story, struct arena *arena,
	const struct walk_result *result, const struct story_end *end)
{
	char rcode[TEXT_TYPE];
	json_t *object = json_object();
	set(object, "schema", json_string(JSON_TRACE));
	set(object, "event", json_string("verdict"));
	set(object, "verdict", json_string(verdict_name(end->verdict)));
	set(object, "sec", json_string("unchecked"));
	if (result) {
		set(object, "rcode", json_string(text_rcode(answer_rcode(&result->answer), rcode)));
		set(object, "answer",
			sets_array(arena, result->answer.sets, result->answer.set_count));
		if (result->answer.ede != EDE_NONE)
			set(object, "ede", json_integer(result->answer.ede));
		if (result->answer.ede_text)
			set(object, "text", json_string(result->answer.ede_text));
	}
	if (end->verdict <= VERDICT_NXDOMAIN)
		set(object, "ttl", json_integer(end->ttl));
	if (end->cut)
		set(object, "cut", delegation_object(end->cut));
	set(object, "failures", guilty_array(story));
	set(object, "serials", serials_array(story));
	set(object, "hops", json_integer(story->own_queries));
	set(object, "lookups", json_integer(story->lookup_queries));
	set(object, "wire_us", json_integer((json_int_t)story->wire_us));
	set(object, "slowest", json_string(story->slowest));
	set(object, "exit", json_integer(end->exit_code));
	json_line(out, object);
}
