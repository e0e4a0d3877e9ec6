/* SPDX-License-Identifier: MIT */
/* The parser of entries: MATCH, ADJUST and REPLY lines, sections of records, raw bytes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/text.h"
#include "tests/scenario/rpl.h"

struct word {
	const char *text;
	uint32_t value;
};

static const struct word match_words[] = {
	{"all", MATCH_ALL},
	{"opcode", MATCH_OPCODE},
	{"qtype", MATCH_QTYPE},
	{"qname", MATCH_QNAME},
	{"subdomain", MATCH_SUBDOMAIN},
	{"question", MATCH_QUESTION},
	{"flags", MATCH_FLAGS},
	{"rcode", MATCH_RCODE},
	{"reply", 0},
	{"answer", MATCH_ANSWER},
	{"authority", MATCH_AUTHORITY},
	{"additional", MATCH_ADDITIONAL},
	{"ttl", MATCH_TTL},
	{"TCP", MATCH_TCP},
	{"UDP", MATCH_UDP},
	{"DO", MATCH_DO},
	{"edns", MATCH_EDNS},
	{"noedns", MATCH_NOEDNS},
};

static const struct word flag_words[] = {
	{"QR", FLAG_QR},
	{"AA", FLAG_AA},
	{"TC", FLAG_TC},
	{"RD", FLAG_RD},
	{"RA", FLAG_RA},
	{"AD", FLAG_AD},
	{"CD", FLAG_CD},
};

static const struct word rcode_words[] = {
	{"NOERROR", RCODE_NOERROR},
	{"FORMERR", RCODE_FORMERR},
	{"SERVFAIL", RCODE_SERVFAIL},
	{"NXDOMAIN", RCODE_NXDOMAIN},
	{"NOTIMP", RCODE_NOTIMP},
	{"NOTIMPL", RCODE_NOTIMP},
	{"REFUSED", RCODE_REFUSED},
	{"YXDOMAIN", RCODE_YXDOMAIN},
	{"YXRRSET", 7},
	{"NXRRSET", 8},
	{"NOTAUTH", RCODE_NOTAUTH},
	{"NOTZONE", 10},
	{"BADVERS", RCODE_BADVERS},
	{"BADCOOKIE", RCODE_BADCOOKIE},
};

static const struct word opcode_words[] = {
	{"QUERY", OPCODE_QUERY},
	{"IQUERY", 1},
	{"STATUS", OPCODE_STATUS},
	{"NOTIFY", OPCODE_NOTIFY},
	{"UPDATE", OPCODE_UPDATE},
};

static const struct word section_words[] = {
	{"ANSWER", SECTION_ANSWER},
	{"AUTHORITY", SECTION_AUTHORITY},
	{"ADDITIONAL", SECTION_ADDITIONAL},
	{"QUESTION", SECTION_COUNT},
};

static const struct word *find_word(const struct word *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(words[i].text, text) == 0)
			return &words[i];
	return NULL;
}
#define FIND(words, text) find_word(words, RW_COUNT(words), text)

struct entry_reader {
	struct rpl_reader *reader;
	struct rpl_entry *entry;
	unsigned section; /* enum msg_section, SECTION_COUNT: the question */
	bool in_section;
	struct rpl_record **tails[SECTION_COUNT];
};

static bool read_match(struct entry_reader *r, char *cursor)
{
	for (char *text; (text = next_word(&cursor));) {
		const struct word *word = FIND(match_words, text);
		if (!word)
			return reader_fault(r->reader, "unknown MATCH word: %s", text);
		r->entry->match |= word->value;
	}
	return true;
}

static bool read_adjust(struct entry_reader *r, char *cursor)
{
	for (char *text; (text = next_word(&cursor));) {
		if (strcmp(text, "copy_query") == 0)
			r->entry->copy_query = true;
		else if (strcmp(text, "lower_query") == 0)
			r->entry->copy_query = r->entry->lower_query = true;
		else if (strcmp(text, "do_not_answer") == 0)
			r->entry->do_not_answer = true;
		else if (strcmp(text, "copy_id") != 0)
			return reader_fault(r->reader, "unknown ADJUST word: %s", text);
	}
	return true;
}

static bool read_reply(struct entry_reader *r, char *cursor)
{
	for (char *text; (text = next_word(&cursor));) {
		const struct word *word;
		if (strcasecmp(text, "DO") == 0)
			r->entry->dnssec_ok = true;
		else if ((word = FIND(flag_words, text)))
			r->entry->flags |= (uint16_t)word->value;
		else if ((word = FIND(rcode_words, text)))
			r->entry->rcode = (uint16_t)word->value;
		else if ((word = FIND(opcode_words, text)))
			r->entry->opcode = (uint8_t)word->value;
		else
			return reader_fault(r->reader, "unknown REPLY word: %s", text);
	}
	return true;
}

static bool read_section(struct entry_reader *r, char *cursor)
{
	char *text = next_word(&cursor);
	const struct word *word = text ? FIND(section_words, text) : NULL;
	if (!word)
		return reader_fault(r->reader, "unknown section: %s", text ? text : "");
	r->section = word->value;
	r->in_section = true;
	return true;
}

static bool read_question(struct entry_reader *r, char *cursor)
{
	struct question *question = &r->entry->question;
	if (r->entry->has_question)
		return reader_fault(r->reader, "a second question");
	char *owner = next_word(&cursor), *second = next_word(&cursor), *third = next_word(&cursor);
	struct name name;
	if (name_from_text(owner, &name))
		return reader_fault(r->reader, "not a name: %s", owner);
	question->class = CLASS_IN;
	if (third && text_to_class(second, &question->class))
		return reader_fault(r->reader, "not a class: %s", second);
	const char *type = third ? third : second;
	if (!type || text_to_type(type, &question->type))
		return reader_fault(r->reader, "not a type: %s", type ? type : "");
	question->name = name_dup(name.bytes, &r->reader->rpl->arena);
	if (!question->name)
		return reader_fault(r->reader, "the text is too large");
	r->entry->has_question = true;
	return true;
}

static bool read_record(struct entry_reader *r, const char *line)
{
	struct rpl_record *record = reader_alloc(r->reader, sizeof(*record));
	if (!record)
		return false;
	if (text_to_rrset(&r->reader->rpl->arena, line, NULL, NULL, RPL_TTL, &record->set))
		return reader_fault(r->reader, "not a record: %s", line);
	*r->tails[r->section] = record;
	r->tails[r->section] = &record->next;
	return true;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

/* The line behind RAW: one message in hexadecimal digits. */
static bool read_raw(struct entry_reader *r)
{
	if (!reader_next(r->reader))
		return reader_fault(r->reader, "RAW without bytes");
	const char *hex = r->reader->line;
	size_t size = strlen(hex) / 2;
	uint8_t *bytes = reader_alloc(r->reader, size + 1);
	if (!bytes)
		return false;
	for (size_t i = 0; i < 2 * size; i++) {
		int digit = hex_digit(hex[i]);
		if (digit < 0)
			return reader_fault(r->reader, "not hexadecimal: %s", hex);
		bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | digit);
	}
	if (hex[2 * size])
		return reader_fault(r->reader, "half a byte at the end");
	r->entry->raw = bytes;
	r->entry->raw_size = size;
	return true;
}

/* Returns false when the line begins with none of the words of an entry. */
static bool read_keyword(struct entry_reader *r, bool *ret_good)
{
	static const struct {
		const char *text;
		bool (*read)(struct entry_reader *r, char *cursor);
	} words[] = {
		{"MATCH", read_match},
		{"ADJUST", read_adjust},
		{"REPLY", read_reply},
		{"FLAGS", read_reply},
		{"SECTION", read_section},
	};
	char *line = r->reader->line;
	size_t length = strcspn(line, " \t");
	for (size_t i = 0; i < RW_COUNT(words); i++) {
		if (strlen(words[i].text) != length || strncmp(line, words[i].text, length) != 0)
			continue;
		*ret_good = words[i].read(r, line + length);
		return true;
	}
	return false;
}

static bool read_line(struct entry_reader *r)
{
	bool good = true;
	if (read_keyword(r, &good))
		return good;
	if (strcmp(r->reader->line, "RAW") == 0)
		return read_raw(r);
	if (strcmp(r->reader->line, "MANDATORY") == 0)
		return r->entry->mandatory = true;
	if (!r->in_section)
		return reader_fault(r->reader, "not understood in an entry: %s", r->reader->line);
	if (r->section == SECTION_COUNT)
		return read_question(r, r->reader->line);
	return read_record(r, r->reader->line);
}

struct rpl_entry *entry_read(struct rpl_reader *reader)
{
	struct rpl_entry *entry = reader_alloc(reader, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->line = reader->number;
	struct entry_reader r = {.reader = reader, .entry = entry};
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		r.tails[i] = &entry->sections[i];
	while (reader_next(reader)) {
		if (strcmp(reader->line, "ENTRY_END") == 0)
			return entry;
		if (!read_line(&r))
			return NULL;
	}
	reader_fault(reader, "no ENTRY_END");
	return NULL;
}
