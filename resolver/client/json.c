/* SPDX-License-Identifier: MIT */
/* RFC 8427 objects through libjansson, which escapes what JSON wants escaped. */
#include "resolver/client/json.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/wire/records.h"
#include "resolver/wire/text.h"

#define JSON_ARENA (8u << 20) /* bytes; the text of the largest message fits */

void json_set(json_t *object, const char *key, json_t *value)
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

static json_t *json_type_name(uint16_t type)
{
	char text[TEXT_TYPE];
	return json_string(text_type(type, text));
}

json_t *json_question(const struct question *question)
{
	char type[TEXT_TYPE], class[TEXT_TYPE];
	json_t *object = json_object();
	json_set(object, "name", json_name(question->name));
	json_set(object, "type", json_string(text_type(question->type, type)));
	json_set(object, "class", json_string(text_class(question->class, class)));
	return object;
}

static json_t *record_object(struct arena *arena, const struct record *record)
{
	char key[TEXT_TYPE + 8], type[TEXT_TYPE], class[TEXT_TYPE];
	json_t *object = json_object();
	json_set(object, "NAME", json_name(record->owner));
	json_set(object, "TYPE", json_integer(record->type));
	json_set(object, "TYPEname", json_type_name(record->type));
	json_set(object, "CLASS", json_integer(record->class));
	if (record->type != TYPE_OPT)
		json_set(object, "CLASSname", json_string(text_class(record->class, class)));
	json_set(object, "TTL", json_integer(record->ttl));
	json_set(object, "RDLENGTH", json_integer(record->rdata.size));
	json_set(object, "RDATAHEX", json_hex(record->rdata.bytes, record->rdata.size));
	const char *text =
		record->type == TYPE_OPT ? NULL : text_rdata(arena, record->type, &record->rdata);
	if (text && strncmp(text, "\\#", 2) != 0) {
		(void)snprintf(key, sizeof(key), "rdata%s", text_type(record->type, type));
		json_set(object, key, json_string(text));
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
	json_set(object, "ID", json_integer(info->id));
	json_set(object, "Opcode", json_integer(info->flags >> 11 & 0xf));
	for (size_t i = 0; i < RW_COUNT(flags); i++)
		json_set(object, flags[i].name, json_integer((info->flags & flags[i].flag) != 0));
	json_set(object, "RCODE", json_integer(info->flags & 0xf));
	for (size_t i = 0; i < RW_COUNT(counts); i++)
		json_set(object, counts[i], json_integer(info->counts[i]));
}

static void set_question(json_t *object, const struct question *question)
{
	char class[TEXT_TYPE];
	json_set(object, "QNAME", json_name(question->name));
	json_set(object, "QTYPE", json_integer(question->type));
	json_set(object, "QTYPEname", json_type_name(question->type));
	json_set(object, "QCLASS", json_integer(question->class));
	json_set(object, "QCLASSname", json_string(text_class(question->class, class)));
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
		json_set(object, sections[i], arrays[i] = json_array());
	while (records_next(&records, &arena, &record) == 0)
		(void)json_array_append_new(arrays[record.section], record_object(&arena, &record));
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
