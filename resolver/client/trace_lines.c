/* SPDX-License-Identifier: MIT */
/* Lines of a trace: details under a hop and named fields, both wrapped at the last column. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "resolver/client/trace_print.h"
#include "resolver/wire/text.h"

#define LINE_TEXT 4096 /* bytes of one text before it is wrapped; longer ones are cut */
#define DETAIL_AT 4    /* columns before a detail's text */
#define FIELD_AT  8    /* columns before a field's text */

/* Bytes of the colour change at the front of the text, which take no column. */
static size_t colour_size(const char *text)
{
	return text[0] == '\033' ? strcspn(text, "m") + (strchr(text, 'm') != NULL) : 0;
}

/* How much of `text` fits into `width` columns: up to a blank where there is one. */
static size_t fitting(const char *text, size_t width)
{
	size_t at = 0, columns = 0, blank = 0;
	while (text[at]) {
		size_t skip = colour_size(text + at);
		if (skip == 0 && columns == width)
			return text[at] != ' ' && blank ? blank : at;
		if (text[at] == ' ' && columns > width / 2)
			blank = at;
		columns += skip == 0;
		at += skip ? skip : 1;
	}
	return at;
}

/* `part` of the text without the blanks it ends with. */
static int without_blanks(const char *text, size_t part)
{
	while (part > 0 && text[part - 1] == ' ')
		part--;
	return (int)part;
}

static const char *behind_blanks(const char *text)
{
	return text + strspn(text, " ");
}

void trace_print_detail(const struct trace_printer *printer, bool last, const char *format, ...)
{
	char text[LINE_TEXT];
	const struct out *out = printer->out;
	const char *bar = out->utf8 ? "  │ " : "  | ", *end = out->utf8 ? "  └ " : "  ` ";
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	for (const char *at = text; *at;) {
		size_t part = fitting(at, OUT_COLUMNS - DETAIL_AT);
		const char *next = behind_blanks(at + part);
		fprintf(out->file, "%s%.*s\n", last && !printer->more && *next == '\0' ? end : bar,
			without_blanks(at, part), at);
		at = next;
	}
}

void trace_print_field(const struct trace_printer *printer, const char *word,
	enum out_colour colour, const char *format, ...)
{
	char text[LINE_TEXT];
	const struct out *out = printer->out;
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	fprintf(out->file, "%s%-*s%s", out_on(out, colour), FIELD_AT, word, out_off(out));
	for (const char *at = text; *at;) {
		size_t part = fitting(at, OUT_COLUMNS - FIELD_AT);
		fprintf(out->file, "%.*s\n", without_blanks(at, part), at);
		at = behind_blanks(at + part);
		if (*at)
			fprintf(out->file, "%*s", FIELD_AT, "");
	}
}

const char *trace_rdata(struct arena *arena, const struct rrset *set, unsigned index)
{
	uint16_t first;
	const char *text = text_rdata(arena, set->type, &set->records[index]);
	if (!text || rr_rdata_names(set->type, &first) == 0 || set->type == TYPE_RRSIG)
		return text;
	char *lower = arena_dup(arena, text, strlen(text) + 1);
	for (char *at = lower; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return lower;
}
