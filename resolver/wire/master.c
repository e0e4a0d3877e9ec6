/* SPDX-License-Identifier: MIT */
/*
 * Reading records from text. Lines are taken apart here (owner, TTL, class, type, parentheses,
 * comments), lines that begin with a dollar in master_directive.c, rdata in master_rdata.c. A line
 * that is wrong is told with the reason, and reading goes on behind it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/master_inner.h"
#include "resolver/wire/text.h"

#define DEFAULT_TTL 3600 /* s; of a file that names none */

int master_blame(struct master *m, const char *word, const char *why)
{
	m->fault.word = word;
	m->fault.why = why;
	return RW_EMALFORMED;
}

int master_ttl(const char *text, uint32_t *ret_ttl)
{
	uint64_t total = 0;
	do {
		uint64_t value = 0, unit = 1;
		if (!isdigit((unsigned char)*text))
			return RW_EMALFORMED;
		for (; isdigit((unsigned char)*text); text++) {
			value = value * 10 + (uint64_t)(*text - '0');
			if (value > UINT32_MAX)
				return RW_EMALFORMED;
		}
		switch (tolower((unsigned char)*text)) {
		case 'w':
			unit = 604800;
			break;
		case 'd':
			unit = 86400;
			break;
		case 'h':
			unit = 3600;
			break;
		case 'm':
			unit = 60;
			break;
		case 's':
		case '\0':
			break;
		default:
			return RW_EMALFORMED;
		}
		total += value * unit;
		if (total > UINT32_MAX)
			return RW_EMALFORMED;
		text += *text != '\0';
	} while (*text);
	*ret_ttl = total > INT32_MAX ? 0 : (uint32_t)total;
	return 0;
}

int master_fields(char **text, struct master *m, struct rrset *frame)
{
	bool has_ttl = false, has_class = false;
	for (;;) {
		char *word = master_word(text);
		if (!word)
			return master_blame(m, NULL,
				"the type is missing; a record is `NAME [TTL] [CLASS] TYPE DATA`");
		if (!has_ttl && master_ttl(word, &frame->ttl) == 0)
			has_ttl = true;
		else if (!has_class && text_to_class(word, &frame->class) == 0)
			has_class = true;
		else if (text_to_type(word, &frame->type) != 0)
			return master_blame(
				m, word, "is no type; a record is `NAME [TTL] [CLASS] TYPE DATA`");
		else if (rr_type_is_meta(frame->type))
			return master_blame(m, word, "is no type that a zone holds; remove it");
		else
			return 0;
	}
}

/* One logical line, free of comments and parentheses; it is written into. */
static int read_line(char *line, struct master *m, struct rrset **ret_set)
{
	if (!strchr(" \t", *line)) {
		char *owner = master_word(&line);
		int err = master_name(owner, m->origin.bytes, &m->owner);
		m->lost_owner = err != 0;
		if (err)
			return master_blame(m, owner,
				"is no domain name; labels have 1 to 63 bytes, names at most 255");
		m->has_owner = true;
	}
	if (!m->has_owner)
		return master_blame(m, NULL,
			"the line begins with white space, but no name came before it; write a "
			"name, or `@` for the zone itself");
	struct rrset frame = {.owner = m->owner.bytes, .class = CLASS_IN, .ttl = m->ttl};
	int err = master_fields(&line, m, &frame);
	if (err)
		return err;
	m->fault.type = frame.type;
	line += strspn(line, " \t");
	bool is_generic = line[0] == '\\' && line[1] == '#';
	err = master_rdata(m->arena, line, m->origin.bytes, &frame, ret_set);
	if (err == RW_EMALFORMED)
		(void)master_blame(m, is_generic || !*line ? NULL : line,
			is_generic ? "the data is no `\\# LENGTH HEX-DIGITS` that fits the type"
			: !*line   ? "the data behind the type is missing"
				   : "is no data for this type");
	if (!err && !m->has_ttl)
		m->ttl = frame.ttl;
	return err;
}

/*
 * Copies one logical line of `*in` to `out`: comments go, parentheses and the line ends inside them
 * become blanks. Counts physical lines. Returns what is wrong with it, or NULL.
 */
static const char *logical_line(const char **in, const char *end, char *out, int *lines)
{
	const char *at = *in;
	int depth = 0;
	bool quoted = false;
	const char *why = NULL;
	for (; at < end; at++) {
		char byte = *at;
		if (byte == '\0')
			why = "the line holds a NUL byte; a zone file is text";
		if (byte == ';' && !quoted) {
			while (at + 1 < end && at[1] != '\n')
				at++;
			continue;
		}
		if (byte == '\n') {
			(*lines)++;
			if (depth == 0 || quoted)
				break;
			byte = ' ';
		} else if (byte == '\\' && at + 1 < end && at[1] != '\n') {
			*out++ = byte;
			byte = *++at;
		} else if (byte == '"') {
			quoted = !quoted;
		} else if (!quoted && (byte == '(' || byte == ')')) {
			depth += byte == '(' ? 1 : -1;
			if (depth < 0) {
				why = "`)` without `(` before it";
				depth = 0;
			}
			byte = ' ';
		} else if (byte == '\r') {
			byte = ' ';
		}
		*out++ = byte;
	}
	*out = '\0';
	*in = at < end ? at + 1 : end;
	if (quoted)
		why = "a quote is not closed on its line; add the second `\"`";
	else if (depth > 0)
		why = "`(` is never closed; all lines behind it were taken for this record";
	return why;
}

static bool is_blank(const char *line)
{
	return line[strspn(line, " \t")] == '\0';
}

int text_to_rrset(struct arena *arena, const char *line, const uint8_t *origin,
	const uint8_t *previous, uint32_t ttl, struct rrset **ret_set)
{
	struct master m = {.arena = arena, .ttl = ttl, .has_owner = previous != NULL};
	size_t size = strlen(line);
	if (size > LIMIT_TEXT_LINE)
		return RW_ELIMIT;
	name_copy(origin ? origin : name_root, &m.origin);
	if (previous)
		name_copy(previous, &m.owner);
	char *copy = malloc(size + 1);
	if (!copy)
		return RW_ENOMEM;
	const char *in = line, *end = line + size;
	int lines = 0, err = logical_line(&in, end, copy, &lines) ? RW_EMALFORMED : 0;
	if (!err && (is_blank(copy) || in != end))
		err = RW_EMALFORMED;
	if (!err)
		err = read_line(copy, &m, ret_set);
	free(copy);
	return err;
}

/* One logical line as text; a record goes to the reader. What is wrong is in the context. */
static int take_line(char *line, struct master *m)
{
	struct rrset *record;
	if (*line == '$')
		return master_directive(line, m);
	if (strlen(line) > LIMIT_TEXT_LINE) {
		(void)master_blame(m, NULL, "the record is longer than any can be");
		return RW_ELIMIT;
	}
	int err = read_line(line, m, &record);
	if (!err)
		m->stop = m->reader->add(m->reader->ctx, m->fault.line, record);
	return err;
}

int master_read(struct master *m, const char *bytes, size_t size)
{
	char *line = malloc(size + 1);
	if (!line)
		return RW_ENOMEM;
	const char *in = bytes, *end = bytes + size;
	int lines = 0;
	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		in += 3; /* the mark that some editors put before UTF-8 */
	while (!m->stop && in < end) {
		m->fault = (struct text_fault){.line = lines + 1};
		const char *why = logical_line(&in, end, line, &lines);
		int err = 0;
		if (why)
			err = master_blame(m, NULL, why);
		else if (!is_blank(line) && !(m->lost_owner && strchr(" \t", *line)))
			err = take_line(line, m);
		if (err == RW_ENOMEM) {
			m->stop = err;
		} else if (err) {
			m->fault.err = err;
			m->stop = m->reader->fault(m->reader->ctx, &m->fault);
		}
	}
	free(line);
	return m->stop;
}

int text_read_lines(struct arena *arena, const char *bytes, size_t size, const uint8_t *origin,
	const struct text_reader *reader)
{
	struct master m = {.arena = arena, .reader = reader, .ttl = DEFAULT_TTL};
	if (size > LIMIT_ZONE_BYTES)
		return RW_ELIMIT;
	name_copy(origin ? origin : name_root, &m.origin);
	return master_read(&m, bytes, size);
}

/* A reader that ends at the first fault. */
struct strict {
	int (*add)(void *ctx, const struct rrset *record);
	void *ctx;
	int line;
};

static int strict_add(void *ctx, int line, const struct rrset *record)
{
	struct strict *strict = ctx;
	strict->line = line;
	return strict->add(strict->ctx, record);
}

static int strict_fault(void *ctx, const struct text_fault *fault)
{
	struct strict *strict = ctx;
	strict->line = fault->line;
	return fault->err;
}

int text_read(struct arena *arena, const char *bytes, size_t size, const uint8_t *origin,
	int (*add)(void *ctx, const struct rrset *record), void *ctx, int *ret_line)
{
	struct strict strict = {.add = add, .ctx = ctx};
	const struct text_reader reader = {
		.add = strict_add, .fault = strict_fault, .ctx = &strict};
	int err = text_read_lines(arena, bytes, size, origin, &reader);
	if (err && ret_line)
		*ret_line = strict.line;
	return err;
}

/* The whole file in memory; `free` it. */
static int slurp(const char *path, char **ret_bytes, size_t *ret_size)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return RW_ESYSTEM;
	size_t room = 0, size = 0;
	char *bytes = NULL;
	int err = 0;
	for (;;) {
		if (size == room) {
			room = room ? room * 2 : 8192;
			char *more = realloc(bytes, room);
			if (!more) {
				err = RW_ENOMEM;
				break;
			}
			bytes = more;
		}
		size_t got = fread(bytes + size, 1, room - size, file);
		size += got;
		if (size > LIMIT_ZONE_BYTES)
			err = RW_ELIMIT;
		else if (got == 0 && ferror(file))
			err = RW_ESYSTEM;
		if (err || got == 0)
			break;
	}
	int saved = errno;
	fclose(file);
	errno = saved;
	if (err) {
		free(bytes);
		return err;
	}
	*ret_bytes = bytes;
	*ret_size = size;
	return 0;
}

int text_read_file(struct arena *arena, const char *path, const uint8_t *origin,
	int (*add)(void *ctx, const struct rrset *record), void *ctx, int *ret_line)
{
	char *bytes;
	size_t size;
	int err = slurp(path, &bytes, &size);
	if (err)
		return err;
	err = text_read(arena, bytes, size, origin, add, ctx, ret_line);
	free(bytes);
	return err;
}
