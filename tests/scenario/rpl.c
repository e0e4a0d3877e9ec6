/* SPDX-License-Identifier: MIT */
/* The parser of scenario texts: lines, head, ranges and steps. Strict: what it does not understand
 * is a fault of the text, told with file and line. */
#include "tests/scenario/rpl.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool reader_fault(struct rpl_reader *reader, const char *format, ...)
{
	if (reader->rpl->fault)
		return false;
	char what[512];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	reader->rpl->fault = arena_printf(
		&reader->rpl->arena, "%s:%u: %s", reader->rpl->path, reader->number, what);
	if (!reader->rpl->fault)
		reader->rpl->fault = "out of memory";
	return false;
}

void *reader_alloc(struct rpl_reader *reader, size_t size)
{
	void *memory = arena_alloc(&reader->rpl->arena, size);
	if (!memory)
		reader_fault(reader, "the text is too large");
	return memory;
}

char *next_word(char **cursor)
{
	char *at = *cursor;
	while (isspace((unsigned char)*at))
		at++;
	if (*at == '\0')
		return NULL;
	char *word = at;
	while (*at && !isspace((unsigned char)*at))
		at++;
	if (*at)
		*at++ = '\0';
	*cursor = at;
	return word;
}

static void cut_comment(char *line)
{
	bool quoted = false;
	for (char *at = line; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == ';' && !quoted)
			*at = '\0';
		if (*at == '\0')
			return;
	}
}

static char *trim(char *line)
{
	while (isspace((unsigned char)*line))
		line++;
	size_t length = strlen(line);
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	return line;
}

bool reader_next(struct rpl_reader *reader)
{
	while (*reader->rest && !reader->rpl->fault) {
		char *line = reader->rest;
		char *end = strchr(line, '\n');
		reader->rest = end ? end + 1 : line + strlen(line);
		if (end)
			*end = '\0';
		reader->number++;
		cut_comment(line);
		reader->line = trim(line);
		if (*reader->line)
			return true;
	}
	reader->line = NULL;
	return false;
}

static bool parse_u32(const char *text, uint32_t *ret_value)
{
	if (!text || !isdigit((unsigned char)*text))
		return false;
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (*end || errno || value > UINT32_MAX)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

/* "key: value", the value without its quotes; a '#' after white space begins a comment here. */
static bool read_key(struct rpl_reader *reader, struct rpl_key ***tail)
{
	char *colon = strchr(reader->line, ':');
	if (!colon)
		return reader_fault(reader, "not understood in the head: %s", reader->line);
	struct rpl_key *key = reader_alloc(reader, sizeof(*key));
	if (!key)
		return false;
	*colon = '\0';
	char *value = trim(colon + 1);
	for (char *at = value; *at; at++)
		if (*at == '#' && (at == value || isspace((unsigned char)at[-1])))
			*at = '\0';
	value = trim(value);
	size_t length = strlen(value);
	if (length >= 2 && value[0] == '"' && strchr(value + 1, '"') == value + length - 1) {
		value[length - 1] = '\0';
		value++;
	}
	*key = (struct rpl_key){.line = reader->number, .name = trim(reader->line), .value = value};
	**tail = key;
	*tail = &key->next;
	return true;
}

static bool read_head(struct rpl_reader *reader)
{
	struct rpl_key **tail = &reader->rpl->keys;
	while (reader_next(reader)) {
		if (strcmp(reader->line, "CONFIG_END") == 0)
			return true;
		if (strcmp(reader->line, "server:") == 0)
			continue;
		if (!read_key(reader, &tail))
			return false;
	}
	return reader_fault(reader, "no CONFIG_END");
}

static bool add_address(struct rpl_reader *reader, struct range *range, const char *text)
{
	if (range->address_count == RPL_ADDRESSES)
		return reader_fault(reader, "more than %d addresses", RPL_ADDRESSES);
	struct addr *addr = &range->addresses[range->address_count];
	if (!text || addr_parse(text, 0, addr))
		return reader_fault(reader, "not an address: %s", text ? text : "");
	addr->port = 0;
	range->address_count++;
	return true;
}

static bool read_range_line(
	struct rpl_reader *reader, struct range *range, struct rpl_entry ***tail)
{
	if (strcmp(reader->line, "ENTRY_BEGIN") == 0) {
		struct rpl_entry *entry = entry_read(reader);
		if (!entry)
			return false;
		**tail = entry;
		*tail = &entry->next;
		return true;
	}
	char *cursor = reader->line;
	char *word = next_word(&cursor);
	if (strcmp(word, "ADDRESS") == 0)
		return add_address(reader, range, next_word(&cursor));
	return reader_fault(reader, "not understood in a range: %s", word);
}

static bool read_range(struct rpl_reader *reader, char *cursor, struct range ***tail)
{
	struct range *range = reader_alloc(reader, sizeof(*range));
	if (!range)
		return false;
	if (!parse_u32(next_word(&cursor), &range->from) ||
		!parse_u32(next_word(&cursor), &range->to))
		return reader_fault(reader, "RANGE_BEGIN without two step numbers");
	for (char *word; (word = next_word(&cursor));)
		if (!add_address(reader, range, word))
			return false;
	struct rpl_entry **entries = &range->entries;
	while (reader_next(reader)) {
		if (strcmp(reader->line, "RANGE_END") == 0) {
			**tail = range;
			*tail = &range->next;
			return true;
		}
		if (!read_range_line(reader, range, &entries))
			return false;
	}
	return reader_fault(reader, "no RANGE_END");
}

static const struct {
	const char *word;
	enum step_kind kind;
	bool entry;
	bool argument;
} step_words[] = {
	{"QUERY", STEP_QUERY, true, false},
	{"CHECK_ANSWER", STEP_CHECK_ANSWER, true, false},
	{"REPLY", STEP_REPLY, true, false},
	{"TIME_PASSES", STEP_TIME_PASSES, false, true},
	{"CHECK_OUT_QUERY", STEP_CHECK_OUT_QUERY, true, false},
	{"SENDS_AT_MOST", STEP_SENDS_AT_MOST, false, true},
	{"NOTHING", STEP_NOTHING, false, false},
};

static bool read_step_argument(struct rpl_reader *reader, struct step *step, char *cursor)
{
	if (step->kind == STEP_TIME_PASSES) {
		char *elapse = next_word(&cursor);
		if (!elapse || strcmp(elapse, "ELAPSE") != 0)
			return reader_fault(reader, "TIME_PASSES without ELAPSE");
	}
	if (!parse_u32(next_word(&cursor), &step->argument))
		return reader_fault(reader, "not a number");
	return true;
}

static bool read_step_entry(struct rpl_reader *reader, struct step *step)
{
	if (!reader_next(reader) || strcmp(reader->line, "ENTRY_BEGIN") != 0)
		return reader_fault(reader, "a step without its entry");
	step->entry = entry_read(reader);
	return step->entry != NULL;
}

static bool read_step(struct rpl_reader *reader, char *cursor, struct step ***tail)
{
	struct step *step = reader_alloc(reader, sizeof(*step));
	if (!step)
		return false;
	step->line = reader->number;
	if (!parse_u32(next_word(&cursor), &step->number))
		return reader_fault(reader, "a step without its number");
	char *word = next_word(&cursor);
	size_t i = 0;
	while (i < RW_COUNT(step_words) && (!word || strcmp(word, step_words[i].word) != 0))
		i++;
	if (i == RW_COUNT(step_words))
		return reader_fault(reader, "unknown step: %s", word ? word : "");
	step->kind = step_words[i].kind;
	if (step_words[i].argument && !read_step_argument(reader, step, cursor))
		return false;
	if (step_words[i].entry && !read_step_entry(reader, step))
		return false;
	**tail = step;
	*tail = &step->next;
	return true;
}

static bool read_scenario(struct rpl_reader *reader)
{
	struct range **ranges = &reader->rpl->ranges;
	struct step **steps = &reader->rpl->steps;
	while (reader_next(reader)) {
		char *cursor = reader->line;
		char *word = next_word(&cursor);
		if (strcmp(word, "SCENARIO_END") == 0)
			return true;
		bool good = strcmp(word, "RANGE_BEGIN") == 0 ? read_range(reader, cursor, &ranges)
			    : strcmp(word, "STEP") == 0
				    ? read_step(reader, cursor, &steps)
				    : reader_fault(reader, "not understood: %s", word);
		if (!good)
			return false;
	}
	return reader_fault(reader, "no SCENARIO_END");
}

static bool read_title(struct rpl_reader *reader)
{
	if (!reader_next(reader) || strncmp(reader->line, "SCENARIO_BEGIN", 14) != 0)
		return reader_fault(reader, "no SCENARIO_BEGIN");
	reader->rpl->title = trim(reader->line + 14);
	return true;
}

static char *read_whole(struct rpl_reader *reader, const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		reader_fault(reader, "%s", strerror(errno));
		return NULL;
	}
	char *bytes = malloc(RPL_BYTES + 1);
	size_t size = bytes ? fread(bytes, 1, RPL_BYTES, file) : 0;
	char *copy = NULL;
	if (bytes && !ferror(file) && feof(file) && !memchr(bytes, '\0', size)) {
		bytes[size] = '\0';
		copy = arena_dup(&reader->rpl->arena, bytes, size + 1);
	}
	if (!copy)
		reader_fault(reader, "not a text, or larger than %u bytes", RPL_BYTES);
	free(bytes);
	fclose(file);
	return copy;
}

void rpl_read(const char *path, struct rpl *ret_rpl)
{
	*ret_rpl = (struct rpl){.path = path};
	arena_init(&ret_rpl->arena, RPL_ARENA);
	struct rpl_reader reader = {.rpl = ret_rpl};
	reader.rest = read_whole(&reader, path);
	if (reader.rest && read_head(&reader) && read_title(&reader) && read_scenario(&reader) &&
		!ret_rpl->steps)
		reader_fault(&reader, "no steps");
}

void rpl_release(struct rpl *rpl)
{
	arena_release(&rpl->arena);
}
