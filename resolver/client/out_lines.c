/* SPDX-License-Identifier: MIT */
/* Text in lines of a given width, and named fields made of them. */
#include <stdarg.h>
#include <string.h>

#include "resolver/client/out.h"

#define FIELD_AT 8 /* columns before a field's text */

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

int out_wrap(const char **at, size_t width)
{
	const char *line = *at;
	size_t size = fitting(line, width);
	*at = line + size;
	*at += strspn(*at, " ");
	while (size > 0 && line[size - 1] == ' ')
		size--;
	return (int)size;
}

const char *out_cut(const char *text, size_t width, char *buf, size_t cap)
{
	bool whole = strlen(text) <= width;
	(void)snprintf(
		buf, cap, "%.*s%s", (int)(whole ? width : width - 3), text, whole ? "" : "...");
	return buf;
}

void out_field(
	const struct out *out, const char *word, enum out_colour colour, const char *format, ...)
{
	char text[OUT_TEXT];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	fprintf(out->file, "%s%-*s%s", out_on(out, colour), FIELD_AT, word, out_off(out));
	for (const char *at = text; *at;) {
		const char *line = at;
		fprintf(out->file, "%.*s\n", out_wrap(&at, OUT_COLUMNS - FIELD_AT), line);
		if (*at)
			fprintf(out->file, "%*s", FIELD_AT, "");
	}
}
