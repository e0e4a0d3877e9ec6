/* SPDX-License-Identifier: MIT */
/*
 * Errors of a configuration file: collecting them with the line they stand in, ordering and
 * printing them. The excerpt is copied when an error is found, so that a report outlives its file.
 */
#include "resolver/config/inner.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#define EXCERPT_CHARACTERS 100
#define EXCERPT_BEFORE     70 /* characters shown before the caret of a long line */

void config_report_start(struct config_report *report, const char *name)
{
	report->count = 0;
	(void)snprintf(report->name, sizeof(report->name), "%s", name);
}

/* Where the line starts, counted from 1; the end when there are fewer. */
static const char *line_start(const struct config_source *source, unsigned line)
{
	const char *at = source->bytes, *end = source->bytes + source->size;
	for (unsigned i = 1; i < line; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			return end;
		at = newline + 1;
	}
	return at;
}

static size_t skip_characters(const char *text, size_t size, unsigned count)
{
	size_t offset = 0;
	for (; count > 0 && offset < size; count--) {
		size_t length = yaml_utf8(text + offset, size - offset);
		offset += length ? length : 1;
	}
	return offset;
}

static void take_excerpt(const struct config_source *source, struct config_error *error)
{
	const char *line = line_start(source, error->line);
	size_t left = (size_t)(source->bytes + source->size - line);
	const char *newline = left ? memchr(line, '\n', left) : NULL;
	size_t size = newline ? (size_t)(newline - line) : left;
	if (size > 0 && line[size - 1] == '\r')
		size--;
	error->caret = error->column - 1;
	if (error->caret > EXCERPT_BEFORE) {
		unsigned skipped = error->caret - EXCERPT_BEFORE;
		size_t offset = skip_characters(line, size, skipped);
		line += offset;
		size -= offset;
		error->caret = EXCERPT_BEFORE;
	}
	size_t used = 0;
	for (int i = 0; i < EXCERPT_CHARACTERS && size > 0; i++) {
		size_t taken = yaml_show_character(line, size, error->excerpt, &used);
		line += taken;
		size -= taken;
	}
	error->excerpt[used] = '\0';
}

void config_error(
	const struct config_source *source, unsigned line, unsigned column, const char *format, ...)
{
	struct config_report *report = source->report;
	if (report->count++ >= LIMIT_CONFIG_ERRORS)
		return;
	struct config_error *error = &report->errors[report->count - 1];
	error->line = line;
	error->column = column ? column : 1;
	error->excerpt[0] = '\0';
	error->caret = 0;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	if (line)
		take_excerpt(source, error);
}

static bool comes_before(const struct config_error *a, const struct config_error *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void config_report_sort(struct config_report *report)
{
	size_t kept = RW_MIN(report->count, (size_t)LIMIT_CONFIG_ERRORS);
	for (size_t i = 1; i < kept; i++) {
		struct config_error moved = report->errors[i];
		size_t j = i;
		for (; j > 0 && comes_before(&moved, &report->errors[j - 1]); j--)
			report->errors[j] = report->errors[j - 1];
		report->errors[j] = moved;
	}
}

static void print_error(const char *name, const struct config_error *error, FILE *out)
{
	if (error->line == 0) {
		fprintf(out, "%s: %s\n", name, error->message);
		return;
	}
	fprintf(out, "%s:%u:%u: %s\n", name, error->line, error->column, error->message);
	fprintf(out, "    %s\n    %*s^\n", error->excerpt, (int)error->caret, "");
}

void config_report_print(const struct config_report *report, FILE *out)
{
	size_t kept = RW_MIN(report->count, (size_t)LIMIT_CONFIG_ERRORS);
	for (size_t i = 0; i < kept; i++)
		print_error(report->name, &report->errors[i], out);
	if (report->count > kept)
		fprintf(out, "%s: and %zu more errors\n", report->name, report->count - kept);
}
