/* SPDX-License-Identifier: MIT */
/* RFC 8427 objects through libjansson, which escapes what JSON wants escaped. */
#include "resolver/client/json.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"

#define JSON_ARENA (8u << 20) /* bytes; the text of the largest message fits */

static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

json_t *json_name(const uint8_t *name)
{
	char text[LIMIT_NAME_TEXT];
	return name ? json_string(name_text(name, text)) : json_null();
}

json_t *json_hex(const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * size + 1);
	if (!text)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	json_t *value = json_stringn(text, 2 * size);
	free(text);
	return value;
}

static json_t *json_type(uint16_t type)
{
	char text[TEXT_TYPE];
	return json_string(text_type(type, text));
}

static json_t *record_object(struct arena *arena, const struct record *record)
{
	char key[TEXT_TYPE + 8], type[TEXT_TYPE], class[TEXT_TYPE];
	json_t *object = json_object();
	set(object, "NAME", json_name(record->owner));
	set(object, "TYPE", json_integer(record->type));
	set(object, "TYPEname", json_type(record->type));
	set(object, "CLASS", json_integer(record->class));
	if (record->type != TYPE_OPT)
		set(object, "CLASSname", json_string(text_class(record->class, class)));
	set(object, "TTL", json_integer(record->ttl));
	set(object, "RDLENGTH", json_integer(record->rdata.size));
	set(object, "RDATAHEX", json_hex(record->rdata.bytes, record->rdata.size));
	const char *text = record->type == TYPE_OPT
	                           ? NULL
	                           : text_rdata(arena, record->type, &record->rdata);
	if (text && strncmp(text, "\\#", 2) != 0) {
		(void)snprintf(key, sizeof(key), "rdata%s", text_type(record->type, type));
		set(object, key, json_string(text));
	}
	return object;
}

static void set_header(json_t *object, const struct precheck *info)
{
	static const struct {
		const char *name;
		uint16_t flag;
	} flags[] = {{"QR", FLAG_QR}, {"AA", FLAG_AA}, {"TC", FLAG_TC}, {"RD", FLAG_RD},
	        {"RA", FLAG_RA}, {"AD", FLAG_AD}, {"CD", FLAG_CD}};
	static const char *const counts[] = {"QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT"};
	set(object, "ID", json_integer(info->id));
	set(object, "Opcode", json_integer(info->flags >> 11 & 0xf));
	for (size_t i = 0; i < RW_COUNT(flags); i++)
		set(object, flags[i].name, json_integer((info->flags & flags[i].flag) != 0));
	set(object, "RCODE", json_integer(info->flags & 0xf));
	for (size_t i = 0; i < RW_COUNT(counts); i++)
		set(object, counts[i], json_integer(info->counts[i]));
}

static void set_question(json_t *object, const struct question *question)
{
	char class[TEXT_TYPE];
	set(object, "QNAME", json_name(question->name));
	set(object, "QTYPE", json_integer(question->type));
	set(object, "QTYPEname", json_type(question->type));
	set(object, "QCLASS", json_integer(question->class));
	set(object, "QCLASSname", json_string(text_class(question->class, class)));
}

json_t *json_message(const uint8_t *wire, size_t size)
{
	static const char *const sections[] = {"answerRRs", "authorityRRs", "additionalRRs"};
	struct records records;
	struct question question;
	struct record record;
	struct arena arena;
	if (records_begin(wire, size, &records))
		return NULL;
	arena_init(&arena, JSON_ARENA);
	json_t *object = json_object(), *arrays[SECTION_COUNT];
	set_header(object, &records.info);
	if (!records_question(&records, &arena, &question))
		set_question(object, &question);
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		set(object, sections[i], arrays[i] = json_array());
	while (records_next(&records, &arena, &record) == 0)
		(void)json_array_append_new(
		        arrays[record.section], record_object(&arena, &record));
	arena_release(&arena);
	return object;
}

json_t *json_rrset(struct arena *arena, const struct rrset *rrset)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < rrset->count; i++) {
		struct record record = {.type = rrset->type,
		        .class = rrset->class,
		        .ttl = rrset->ttl,
		        .owner = rrset->owner,
		        .rdata = rrset->records[i]};
		(void)json_array_append_new(array, record_object(arena, &record));
	}
	return array;
}

void json_line(const struct out *out, json_t *object)
{
	if (!object)
		return;
	(void)json_dumpf(object, out->file, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', out->file);
	json_decref(object);
}

static json_t *json_ede(const struct edns *edns)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < edns->option_count; i++) {
		const struct edns_option *option = &edns->options[i];
		char text[4 * LIMIT_EDE_TEXT + 8];
		if (option->code != OPTION_EDE || option->size < 2)
			continue;
		json_t *object = json_object();
		set(object, "code", json_integer(rr_get16(option->bytes)));
		set(object, "name", json_string(ede_text(rr_get16(option->bytes))));
		set(object, "text", json_string(out_escape(option->bytes + 2, option->size - 2u,
		                            text, sizeof(text))));
		(void)json_array_append_new(array, object);
	}
	return array;
}

/* The extended rcode and errors, which RFC 8427 leaves inside the OPT record. */
static void set_edns(json_t *object, const struct reply *reply)
{
	struct precheck info;
	struct edns edns = {0};
	char text[TEXT_TYPE];
	if (precheck(reply->wire, reply->size, &info))
		return;
	if (info.opt && edns_read(reply->wire, reply->size, info.opt, &edns))
		edns.present = false;
	uint16_t rcode = info.flags & 0xf;
	if (edns.present)
		rcode = (uint16_t)(rcode | edns.extended_rcode << 4);
	set(object, "status", json_string(text_rcode(rcode, text)));
	set(object, "ede", edns.present ? json_ede(&edns) : json_array());
}

static json_t *lookup_object(const struct query *query, const struct reply *reply)
{
	char addr[ADDR_TEXT], type[TEXT_TYPE];
	json_t *object = json_object(), *server = json_object();
	set(object, "schema", json_string(JSON_LOOKUP));
	set(object, "name", json_name(query->name.bytes));
	set(object, "type", json_string(text_type(query->type, type)));
	set(server, "name", json_string(reply->server_name ? reply->server_name : ""));
	set(server, "addr", json_string(addr_ip_text(&reply->server, addr)));
	set(server, "port", json_integer(reply->server.port));
	set(object, "server", server);
	set(object, "proto", json_string(reply->tcp ? "tcp" : "udp"));
	return object;
}

void json_lookup(const struct out *out, const struct query *query, const struct reply *reply)
{
	json_t *object = lookup_object(query, reply), *msg = json_message(reply->wire, reply->size);
	set(object, "rtt_us", json_integer(reply->rtt_us));
	set(object, "size", json_integer((json_int_t)reply->size));
	set_edns(object, reply);
	if (!msg)
		set(object, "error", json_string("malformed message"));
	set(object, "msg", msg ? msg : json_null());
	set(object, "wire", json_hex(reply->wire, reply->size));
	json_line(out, object);
}

void json_lookup_failed(const struct out *out, const struct query *query,
        const struct reply *reply, const char *why)
{
	json_t *object = lookup_object(query, reply);
	set(object, "error", json_string(why));
	json_line(out, object);
}
