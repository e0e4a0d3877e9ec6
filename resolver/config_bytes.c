/* SPDX-License-Identifier: MIT */
/*
 * The first look at a configuration file, before YAML sees it: bytes that no editor writes on
 * purpose, or that look like something else than they are, are refused at their place.
 */
#include "resolver/config_inner.h"

#include <string.h>

/* What is wrong with the character of `length` bytes at `text`, or NULL. */
static const char *character_fault(const char *text, size_t length, bool before_newline)
{
	uint8_t byte = (uint8_t)text[0];
	if (length == 0)
		return "not UTF-8: save the file in UTF-8";
	if (byte == '\0')
		return "a NUL byte: this is no text file";
	if (byte == '\t')
		return "a tab: YAML does not indent with tabs, use spaces";
	if (byte == '\r' && !before_newline)
		return "a carriage return without a newline: save the file with Unix line ends";
	if ((byte < 0x20 && byte != '\n' && byte != '\r') || byte == 0x7f ||
		(length == 2 && byte == 0xc2 && (uint8_t)text[1] < 0xa0))
		return "a control character: remove it";
	if (length == 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return "a byte order mark: save the file as UTF-8 without it";
	if (length == 3 &&
		(memcmp(text, "\xe2\x80\xa8", 3) == 0 || memcmp(text, "\xe2\x80\xa9", 3) == 0))
		return "a Unicode line separator: use an ordinary line end";
	return NULL;
}

bool config_bytes_fit(const struct config_source *source)
{
	size_t before = source->report->count;
	unsigned line = 1, column = 1, reported = 0;
	if (source->size > LIMIT_CONFIG_BYTES) {
		config_error(source, 0, 0, "larger than %d bytes: this is no configuration file",
			LIMIT_CONFIG_BYTES);
		return false;
	}
	for (size_t i = 0; i < source->size;) {
		size_t left = source->size - i;
		const char *at = source->bytes + i;
		size_t length = config_utf8(at, left);
		const char *fault = character_fault(at, length, left > 1 && at[1] == '\n');
		if (column == 1 && *at == '%')
			fault = "directives are not supported: remove the line";
		if (fault && line != reported) {
			config_error(source, line, column, "%s", fault);
			reported = line; /* one of a line is enough */
		}
		column = *at == '\n' ? 1 : column + 1;
		line += *at == '\n';
		i += length ? length : 1;
	}
	return source->report->count == before;
}
