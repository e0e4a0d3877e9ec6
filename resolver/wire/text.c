/* SPDX-License-Identifier: MIT */
/*
 * Presentation form. Lines are taken apart here (owner, TTL, class, type, parentheses, comments);
 * ldns reads and prints only the rdata of one record at a time.
 */
#include "resolver/wire/text.h"

#include <ctype.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/precheck.h"

#define DEFAULT_TTL 3600 /* s; of a file that names none */
#define LINE_EXTRA  32   /* bytes put before rdata that ldns is to read */

/* A number behind a fixed prefix, as in "TYPE65280" and "CLASS32". */
static int numbered(const char *text, const char *prefix, uint16_t *ret_value)
{
	size_t length = strlen(prefix);
	if (strncasecmp(text, prefix, length) != 0)
		return RW_EMALFORMED;
	const char *digits = text + length;
	size_t count = strspn(digits, "0123456789");
	if (count == 0 || count > 5 || digits[count])
		return RW_EMALFORMED;
	unsigned long value = strtoul(digits, NULL, 10);
	if (value > UINT16_MAX)
		return RW_EMALFORMED;
	*ret_value = (uint16_t)value;
	return 0;
}

const char *text_type(uint16_t type, char buf[TEXT_TYPE])
{
	char *name = ldns_rr_type2str((ldns_rr_type)type);
	if (name && strlen(name) < TEXT_TYPE)
		strcpy(buf, name);
	else
		snprintf(buf, TEXT_TYPE, "TYPE%u", type);
	free(name);
	return buf;
}

int text_to_type(const char *text, uint16_t *ret_type)
{
	if (numbered(text, "TYPE", ret_type) == 0)
		return 0;
	if (strncasecmp(text, "TYPE", 4) == 0)
		return RW_EMALFORMED;
	ldns_rr_type type = ldns_get_rr_type_by_name(text);
	if (type == 0)
		return RW_EMALFORMED;
	*ret_type = (uint16_t)type;
	return 0;
}

static const struct {
	uint16_t value;
	const char *name;
} class_names[] = {
	{CLASS_IN, "IN"}, {CLASS_CH, "CH"}, {4, "HS"}, {CLASS_NONE, "NONE"}, {CLASS_ANY, "ANY"}};

const char *text_class(uint16_t class, char buf[TEXT_TYPE])
{
	for (size_t i = 0; i < RW_COUNT(class_names); i++)
		if (class_names[i].value == class)
			return strcpy(buf, class_names[i].name);
	snprintf(buf, TEXT_TYPE, "CLASS%u", class);
	return buf;
}

int text_to_class(const char *text, uint16_t *ret_class)
{
	for (size_t i = 0; i < RW_COUNT(class_names); i++)
		if (strcasecmp(text, class_names[i].name) == 0) {
			*ret_class = class_names[i].value;
			return 0;
		}
	return numbered(text, "CLASS", ret_class);
}

const char *text_rcode(uint16_t rcode, char buf[TEXT_TYPE])
{
	static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
		"REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
		"DSOTYPENI", [16] = "BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG",
		"BADTRUNC", "BADCOOKIE"};
	if (rcode < RW_COUNT(names) && names[rcode])
		return names[rcode];
	snprintf(buf, TEXT_TYPE, "RCODE%u", rcode);
	return buf;
}

const char *text_opcode(uint8_t opcode, char buf[TEXT_TYPE])
{
	static const char *const names[] = {
		"QUERY", "IQUERY", "STATUS", [4] = "NOTIFY", "UPDATE", "DSO"};
	if (opcode < RW_COUNT(names) && names[opcode])
		return names[opcode];
	snprintf(buf, TEXT_TYPE, "OPCODE%u", opcode);
	return buf;
}

/* RFC 3597 section 5. */
static char *generic_text(struct arena *arena, const struct rdata *record)
{
	if (record->size == 0)
		return arena_printf(arena, "\\# 0");
	size_t room = 16 + 2 * (size_t)record->size;
	char *text = arena_alloc_raw(arena, room);
	if (!text)
		return NULL;
	int at = snprintf(text, room, "\\# %u ", record->size);
	static const char digits[] = "0123456789abcdef";
	char *out = text + at;
	for (unsigned i = 0; i < record->size; i++) {
		*out++ = digits[record->bytes[i] >> 4];
		*out++ = digits[record->bytes[i] & 15];
	}
	*out = '\0';
	return text;
}

/* The record as ldns sees it: owned by the root, class IN. NULL when ldns cannot read it. */
static ldns_rr *rr_from_rdata(uint16_t type, const struct rdata *record)
{
	size_t size = 11u + record->size, at = 0;
	uint8_t *wire = malloc(size);
	if (!wire)
		return NULL;
	wire[0] = 0;
	rr_put16(wire + 1, type);
	rr_put16(wire + 3, CLASS_IN);
	rr_put32(wire + 5, 0);
	rr_put16(wire + 9, record->size);
	memcpy(wire + 11, record->bytes, record->size);
	ldns_rr *rr = NULL;
	if (ldns_wire2rr(&rr, wire, size, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		rr = NULL;
	free(wire);
	return rr;
}

/* Copies rdata text out of a whole record's: what stands behind the fourth tab. */
static char *rdata_part(struct arena *arena, const char *text)
{
	for (int tabs = 0; text && tabs < 4; tabs++) {
		text = strchr(text, '\t');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return NULL;
	size_t size = strcspn(text, "\n");
	while (size > 0 && text[size - 1] == ' ')
		size--;
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return NULL;
	char *copy = size ? arena_dup(arena, text, size + 1) : NULL;
	if (copy)
		copy[size] = '\0';
	return copy;
}

const char *text_rdata(struct arena *arena, uint16_t type, const struct rdata *record)
{
	char *text = NULL;
	ldns_rr *rr = record->size ? rr_from_rdata(type, record) : NULL;
	if (rr) {
		char *whole = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
		text = rdata_part(arena, whole);
		free(whole);
		ldns_rr_free(rr);
	}
	return text ? text : generic_text(arena, record);
}

/* What reading a file carries from line to line. */
struct context {
	struct name origin, owner;
	bool has_owner;
	uint32_t ttl;
};

/* The next blank-separated word of `*text`, terminated in place; NULL at the end. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t\r\n");
	if (!*word)
		return NULL;
	char *end = word;
	while (*end && !strchr(" \t\r\n", *end))
		end += *end == '\\' && end[1] ? 2 : 1;
	*text = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* Seconds, or with units as in "1h30m". */
static int read_ttl(const char *text, uint32_t *ret_ttl)
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

static bool is_absolute(const char *text)
{
	bool dot = false;
	for (; *text; text++) {
		dot = *text == '.';
		if (*text == '\\' && text[1])
			text++;
	}
	return dot;
}

static int read_name(const char *text, const struct name *origin, struct name *ret_name)
{
	if (strcmp(text, "@") == 0) {
		name_copy(origin->bytes, ret_name);
		return 0;
	}
	struct name name;
	int err = name_from_text(text, &name);
	if (!err && !is_absolute(text))
		err = name_replace_suffix(name.bytes, name_root, origin->bytes, &name);
	if (!err)
		name_copy(name.bytes, ret_name);
	return err;
}

static int rr_to_set(
	struct arena *arena, ldns_rr *rr, const struct rrset *frame, struct rrset **ret_set)
{
	ldns_buffer *buffer = ldns_buffer_new(LDNS_MIN_BUFLEN);
	if (!buffer)
		return RW_ENOMEM;
	int err = RW_EMALFORMED;
	size_t size = 0;
	if (ldns_rr_rdata2buffer_wire(buffer, rr) == LDNS_STATUS_OK)
		size = ldns_buffer_position(buffer);
	else
		size = SIZE_MAX;
	/* Rdata given in RFC 3597 form may be anything, whatever its type. */
	if (size <= UINT16_MAX &&
		precheck_rdata(frame->type, ldns_buffer_begin(buffer), size) == 0) {
		struct rrset *set = rrset_single(arena, frame->owner, frame->type, frame->ttl,
			ldns_buffer_begin(buffer), (uint16_t)size);
		err = set ? 0 : RW_ENOMEM;
		if (set) {
			set->class = frame->class;
			*ret_set = set;
		}
	}
	ldns_buffer_free(buffer);
	return err;
}

/* Has ldns read `rdata`, and makes a set of it with the frame's owner, type, class and TTL. */
static int read_rdata(struct arena *arena, const char *rdata, const struct context *context,
	const struct rrset *frame, struct rrset **ret_set)
{
	size_t room = strlen(rdata) + LINE_EXTRA;
	char *line = malloc(room);
	size_t origin_size = name_size(context->origin.bytes);
	ldns_rdf *origin =
		ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, origin_size, context->origin.bytes);
	ldns_rr *rr = NULL;
	int err = RW_ENOMEM;
	if (!line || !origin)
		goto out;
	snprintf(line, room, ". 0 IN TYPE%u %s", frame->type, rdata);
	ldns_status status = ldns_rr_new_frm_str(&rr, line, 0, origin, NULL);
	err = RW_EMALFORMED;
	if (status == LDNS_STATUS_OK)
		err = rr_to_set(arena, rr, frame, ret_set);
	else
		rr = NULL;
out:
	ldns_rr_free(rr);
	ldns_rdf_deep_free(origin);
	free(line);
	return err;
}

/* TTL and class in any order, each at most once, then the type. */
static int read_fields(char **text, struct rrset *frame)
{
	bool has_ttl = false, has_class = false;
	for (;;) {
		char *word = next_word(text);
		if (!word)
			return RW_EMALFORMED;
		if (!has_ttl && read_ttl(word, &frame->ttl) == 0)
			has_ttl = true;
		else if (!has_class && text_to_class(word, &frame->class) == 0)
			has_class = true;
		else
			return text_to_type(word, &frame->type);
	}
}

/* One logical line, free of comments and parentheses; it is written into. */
static int read_line(
	struct arena *arena, char *line, struct context *context, struct rrset **ret_set)
{
	if (!strchr(" \t", *line)) {
		char *owner = next_word(&line);
		int err = read_name(owner, &context->origin, &context->owner);
		if (err)
			return err;
		context->has_owner = true;
	}
	if (!context->has_owner)
		return RW_EMALFORMED;
	struct rrset frame = {
		.owner = context->owner.bytes, .class = CLASS_IN, .ttl = context->ttl};
	int err = read_fields(&line, &frame);
	if (!err && rr_type_is_meta(frame.type))
		err = RW_EMALFORMED;
	if (!err)
		err = read_rdata(arena, line, context, &frame, ret_set);
	if (!err)
		context->ttl = frame.ttl;
	return err;
}

/*
 * Copies one logical line of `*in` to `out`: comments go, parentheses and the line ends inside them
 * become blanks. Counts physical lines. RW_EMALFORMED for an open quote or parenthesis.
 */
static int logical_line(const char **in, const char *end, char *out, int *lines)
{
	const char *at = *in;
	int depth = 0;
	bool quoted = false, bad = false;
	for (; at < end; at++) {
		char byte = *at;
		if (byte == '\0')
			bad = true;
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
			bad |= depth < 0;
			byte = ' ';
		} else if (byte == '\r') {
			byte = ' ';
		}
		*out++ = byte;
	}
	*out = '\0';
	*in = at < end ? at + 1 : end;
	return bad || quoted || depth > 0 ? RW_EMALFORMED : 0;
}

static bool is_blank(const char *line)
{
	return line[strspn(line, " \t")] == '\0';
}

/* $ORIGIN and $TTL; anything else that begins with a dollar is refused. */
static int directive(char *line, struct context *context)
{
	char *what = next_word(&line), *value = next_word(&line);
	if (!value || next_word(&line))
		return RW_EMALFORMED;
	if (strcasecmp(what, "$ORIGIN") == 0)
		return read_name(value, &context->origin, &context->origin);
	if (strcasecmp(what, "$TTL") == 0)
		return read_ttl(value, &context->ttl);
	return RW_EINVAL;
}

int text_to_rrset(struct arena *arena, const char *line, const uint8_t *origin,
	const uint8_t *previous, uint32_t ttl, struct rrset **ret_set)
{
	struct context context = {.ttl = ttl, .has_owner = previous != NULL};
	size_t size = strlen(line);
	if (size > LIMIT_TEXT_LINE)
		return RW_ELIMIT;
	name_copy(origin ? origin : name_root, &context.origin);
	if (previous)
		name_copy(previous, &context.owner);
	char *copy = malloc(size + 1);
	if (!copy)
		return RW_ENOMEM;
	const char *in = line, *end = line + size;
	int lines = 0, err = logical_line(&in, end, copy, &lines);
	if (!err && (is_blank(copy) || in != end))
		err = RW_EMALFORMED;
	if (!err)
		err = read_line(arena, copy, &context, ret_set);
	free(copy);
	return err;
}

int text_read(struct arena *arena, const char *bytes, size_t size, const uint8_t *origin,
	int (*add)(void *ctx, const struct rrset *record), void *ctx, int *ret_line)
{
	struct context context = {.ttl = DEFAULT_TTL};
	if (size > LIMIT_ZONE_BYTES)
		return RW_ELIMIT;
	name_copy(origin ? origin : name_root, &context.origin);
	char *line = malloc(size + 1);
	if (!line)
		return RW_ENOMEM;
	const char *in = bytes, *end = bytes + size;
	int err = 0, lines = 0, first = 0;
	while (!err && in < end) {
		first = lines + 1;
		err = logical_line(&in, end, line, &lines);
		if (err || is_blank(line))
			continue;
		struct rrset *record;
		if (*line == '$')
			err = directive(line, &context);
		else if (strlen(line) > LIMIT_TEXT_LINE)
			err = RW_ELIMIT;
		else if ((err = read_line(arena, line, &context, &record)) == 0)
			err = add(ctx, record);
	}
	free(line);
	if (err && ret_line)
		*ret_line = first;
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
