/* SPDX-License-Identifier: MIT */
/*
 * $GENERATE of master files, as BIND has it: one line that stands for many records.
 *
 *     $GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA
 *
 * In owner and data, $ is the number at hand, and ${OFFSET,WIDTH,BASE} is that number moved by an
 * offset, filled up to a width with zeroes, in base d, o, x or X; n and N are hexadecimal digits
 * backwards with dots between them, as ip6.arpa has them, where the width counts the dots. $$ and
 * \$ are a dollar. Data of several words may stand in quotes as a whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/master_inner.h"

#define TEXT_BYTES                                                                                 \
	2048 /* of an owner or of data once the numbers are in it, with the final NUL              \
	      */
#define MAX_WIDTH  255
#define MAX_NUMBER INT32_MAX

struct number_range {
	long start, stop, step;
};

/* A decimal number; `*text` then stands behind it. */
static bool read_number(const char **text, long max, long *ret_number)
{
	char *end;
	if (**text < '0' || **text > '9')
		return false;
	*ret_number = strtol(*text, &end, 10);
	*text = end;
	return *ret_number <= max;
}

static bool read_range(const char *text, struct number_range *ret_range)
{
	struct number_range range = {.step = 1};
	if (!read_number(&text, MAX_NUMBER, &range.start) || *text++ != '-' ||
		!read_number(&text, MAX_NUMBER, &range.stop))
		return false;
	if (*text == '/') {
		text++;
		if (!read_number(&text, MAX_NUMBER, &range.step))
			return false;
	}
	*ret_range = range;
	return *text == '\0' && range.start <= range.stop && range.step > 0;
}

/* ---- one number ---- */

struct number_form {
	long offset, width;
	char base;
};

/* "{OFFSET[,WIDTH[,BASE]]}"; `*text` then stands behind it. */
static bool read_form(const char **text, struct number_form *form)
{
	const char *at = *text + 1;
	bool negative = *at == '-';
	at += negative || *at == '+';
	if (!read_number(&at, MAX_NUMBER, &form->offset))
		return false;
	if (negative)
		form->offset = -form->offset;
	if (*at == ',') {
		at++;
		if (!read_number(&at, MAX_WIDTH, &form->width))
			return false;
		if (*at == ',' && at[1] && strchr("doxXnN", at[1])) {
			form->base = at[1];
			at += 2;
		}
	}
	*text = at + 1;
	return *at == '}';
}

/* Digits backwards, a dot between two. `width` counts both. */
static void write_nibbles(long number, const struct number_form *form, char out[2 * MAX_WIDTH])
{
	const char *digits = form->base == 'n' ? "0123456789abcdef" : "0123456789ABCDEF";
	long used = 0;
	for (;;) {
		out[used++] = digits[number & 15];
		number >>= 4;
		if (number == 0 && used >= form->width)
			break;
		out[used++] = '.';
		if (number == 0 && used >= form->width)
			break;
	}
	out[used] = '\0';
}

static void write_number(long number, const struct number_form *form, char out[2 * MAX_WIDTH])
{
	int width = (int)form->width;
	switch (form->base) {
	case 'o':
		(void)snprintf(out, 2 * MAX_WIDTH, "%0*lo", width, number);
		break;
	case 'x':
		(void)snprintf(out, 2 * MAX_WIDTH, "%0*lx", width, number);
		break;
	case 'X':
		(void)snprintf(out, 2 * MAX_WIDTH, "%0*lX", width, number);
		break;
	case 'd':
		(void)snprintf(out, 2 * MAX_WIDTH, "%0*ld", width, number);
		break;
	default:
		write_nibbles(number, form, out);
	}
}

/* ---- one text ---- */

struct expansion {
	char *bytes;
	size_t used;
	bool is_full;
};

static void append(struct expansion *out, const char *bytes, size_t size)
{
	out->is_full |= out->used + size >= TEXT_BYTES;
	if (out->is_full)
		return;
	memcpy(out->bytes + out->used, bytes, size);
	out->used += size;
}

/* The number where `*text` has a dollar; `*text` then stands behind its form. */
static bool append_number(struct expansion *out, const char **text, long number)
{
	char digits[2 * MAX_WIDTH];
	struct number_form form = {.base = 'd'};
	(*text)++;
	if ((**text == '{' && !read_form(text, &form)) || number + form.offset < 0)
		return false;
	write_number(number + form.offset, &form, digits);
	append(out, digits, strlen(digits));
	return true;
}

/* `text` with the number in it. False: a form that is none, a negative number, or too long. */
static bool expand(const char *text, long number, char ret_text[TEXT_BYTES])
{
	struct expansion out = {.bytes = ret_text};
	while (*text) {
		bool is_escape = *text == '\\' && text[1], is_dollar = text[0] == '$';
		if (is_dollar && text[1] != '$') {
			if (!append_number(&out, &text, number))
				return false;
			continue;
		}
		append(&out, text, is_escape ? 2 : 1);
		text += is_escape || is_dollar ? 2 : 1;
	}
	ret_text[out.used] = '\0';
	return !out.is_full;
}

/* Data in quotes as a whole loses them: what is in between is the text of the data. */
static char *unquote(char *data)
{
	data += strspn(data, " \t");
	size_t size = strlen(data);
	while (size > 0 && (data[size - 1] == ' ' || data[size - 1] == '\t'))
		data[--size] = '\0';
	if (size < 2 || data[0] != '"' || strchr(data + 1, '"') != data + size - 1)
		return data;
	data[size - 1] = '\0';
	return data + 1;
}

/* ---- records ---- */

static const char bad_owner[] =
	"makes no owner: write numbers as $ or ${OFFSET,WIDTH,BASE}, base d, o, x, X, n or N";
static const char bad_data[] =
	"makes no data for this type: write numbers as $ or ${OFFSET,WIDTH,BASE}, base d, o, x, X, "
	"n or N";

static int make_record(struct master *m, const char *owner, const char *data,
	const struct rrset *frame, long number)
{
	char text[TEXT_BYTES];
	struct name name;
	struct rrset *record, named = *frame;
	if (!expand(owner, number, text) || master_name(text, m->origin.bytes, &name) != 0)
		return master_blame(m, owner, bad_owner);
	named.owner = name.bytes;
	if (!expand(data, number, text))
		return master_blame(m, data, bad_data);
	int err = master_rdata(m->arena, text, m->origin.bytes, &named, &record);
	if (err == RW_EMALFORMED || err == RW_ELIMIT)
		return master_blame(m, data, bad_data);
	if (!err)
		m->stop = m->reader->add(m->reader->ctx, m->fault.line, record);
	return err;
}

int master_generate(char *line, struct master *m)
{
	struct rrset frame = {.class = CLASS_IN, .ttl = m->ttl};
	struct number_range range;
	const char *numbers = master_word(&line), *owner = master_word(&line);
	if (!numbers || !owner)
		return master_blame(m, NULL,
			"a line with $GENERATE is `$GENERATE START-STOP[/STEP] OWNER TYPE DATA`");
	if (!read_range(numbers, &range))
		return master_blame(m, numbers, "is no range; write START-STOP or START-STOP/STEP");
	int err = master_fields(&line, m, &frame);
	if (err)
		return err;
	m->fault.type = frame.type;
	const char *data = unquote(line);
	for (long number = range.start; !err && !m->stop && number <= range.stop;
		number += range.step) {
		if (m->generated++ == LIMIT_GENERATED)
			return master_blame(m, numbers,
				"makes more records than $GENERATE may in one zone; write them "
				"out");
		err = make_record(m, owner, data, &frame, number);
	}
	return err;
}
