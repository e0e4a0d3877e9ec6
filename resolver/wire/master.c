/* SPDX-License-Identifier: MIT */
/*
 * Reading records from text. Lines are taken apart here (owner, TTL, class, type, parentheses,
 * comments, RFC 3597 form); ldns reads only the rdata of one record, and what it makes of it is
 * checked like rdata from the network.
 */
#include <ctype.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

#define DEFAULT_TTL 3600 /* s; of a file that names none */
#define LINE_EXTRA  32   /* bytes put before rdata that ldns is to read */

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

/* A set with the frame's owner, type, class and TTL and this rdata. */
static int make_set(struct arena *arena, const struct rrset *frame, const uint8_t *rdata,
	size_t size, struct rrset **ret_set)
{
	int err = precheck_rdata(frame->type, rdata, size);
	if (err)
		return err;
	struct rrset *set =
		rrset_single(arena, frame->owner, frame->type, frame->ttl, rdata, (uint16_t)size);
	if (!set)
		return RW_ENOMEM;
	set->class = frame->class;
	*ret_set = set;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3597 section 5: a length, then hexadecimal digits with blanks anywhere between. */
static int read_generic(
	struct arena *arena, char *text, const struct rrset *frame, struct rrset **ret_set)
{
	char *length = next_word(&text);
	if (!length || strspn(length, "0123456789") != strlen(length) || strlen(length) > 5)
		return RW_EMALFORMED;
	size_t wanted = strtoul(length, NULL, 10), digits = 0;
	/* The digits are packed in place: two become one byte before them or where they stand. */
	uint8_t *rdata = (uint8_t *)text;
	for (; *text; text++) {
		if (*text == ' ' || *text == '\t')
			continue;
		int digit = hex_digit(*text);
		if (digit < 0)
			return RW_EMALFORMED;
		uint8_t *to = rdata + digits / 2;
		*to = (uint8_t)(digits++ % 2 ? *to | digit : digit << 4);
	}
	return digits == 2 * wanted ? make_set(arena, frame, rdata, wanted, ret_set)
				    : RW_EMALFORMED;
}

static int rr_to_set(
	struct arena *arena, const ldns_rr *rr, const struct rrset *frame, struct rrset **ret_set)
{
	ldns_buffer *buffer = ldns_buffer_new(LDNS_MIN_BUFLEN);
	if (!buffer)
		return RW_ENOMEM;
	int err = RW_EMALFORMED;
	if (ldns_rr_rdata2buffer_wire(buffer, rr) == LDNS_STATUS_OK)
		err = make_set(arena, frame, ldns_buffer_begin(buffer),
			ldns_buffer_position(buffer), ret_set);
	ldns_buffer_free(buffer);
	return err;
}

/* Types whose text ldns 1.8.3 leaks when it is wrong: taken in RFC 3597 form only. */
static bool leaks_in_ldns(uint16_t type)
{
	return type == LDNS_RR_TYPE_IPSECKEY || type == LDNS_RR_TYPE_AMTRELAY ||
	       type == LDNS_RR_TYPE_CERT;
}

/* Has ldns read `rdata`, completing its names by the origin. */
static int read_by_ldns(struct arena *arena, const char *rdata, const struct context *context,
	const struct rrset *frame, struct rrset **ret_set)
{
	if (leaks_in_ldns(frame->type))
		return RW_EMALFORMED;
	size_t room = strlen(rdata) + LINE_EXTRA;
	char *line = malloc(room);
	ldns_rdf *origin = ldns_rdf_new_frm_data(
		LDNS_RDF_TYPE_DNAME, name_size(context->origin.bytes), context->origin.bytes);
	ldns_rr *rr = NULL;
	int err = RW_ENOMEM;
	if (!line || !origin)
		goto out;
	snprintf(line, room, ". 0 IN TYPE%u %s", frame->type, rdata);
	err = RW_EMALFORMED;
	if (ldns_rr_new_frm_str(&rr, line, 0, origin, NULL) == LDNS_STATUS_OK)
		err = rr_to_set(arena, rr, frame, ret_set);
	else
		rr = NULL;
out:
	ldns_rr_free(rr);
	ldns_rdf_deep_free(origin);
	free(line);
	return err;
}

static int read_rdata(struct arena *arena, char *rdata, const struct context *context,
	const struct rrset *frame, struct rrset **ret_set)
{
	rdata += strspn(rdata, " \t");
	if (rdata[0] != '\\' || rdata[1] != '#')
		return read_by_ldns(arena, rdata, context, frame, ret_set);
	rdata += 2;
	return strchr(" \t", *rdata) ? read_generic(arena, rdata, frame, ret_set) : RW_EMALFORMED;
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
