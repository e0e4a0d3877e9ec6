/* SPDX-License-Identifier: MIT */
/* Details under a hop, wrapped at the last column, and the text of a record in them. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "resolver/client/trace/print.h"
#include "resolver/wire/text.h"

#define DETAIL_AT 4 /* columns before a detail's text */

void trace_print_detail(const struct trace_printer *printer, bool last, const char *format, ...)
{
	char text[OUT_TEXT];
	const struct out *out = printer->out;
	const char *bar = out->utf8 ? "  │ " : "  | ", *end = out->utf8 ? "  └ " : "  ` ";
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	for (const char *at = text; *at;) {
		const char *line = at;
		int size = out_wrap(&at, OUT_COLUMNS - DETAIL_AT);
		fprintf(out->file, "%s%.*s\n", last && !printer->more && *at == '\0' ? end : bar,
			size, line);
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
