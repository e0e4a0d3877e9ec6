/* SPDX-License-Identifier: MIT */
/*
 * The first look at a file of settings, before YAML sees it: bytes that no editor writes on
 * purpose, or that look like something else than they are, are refused at their place.
 */
#include "resolver/base/yaml.h"

#include <string.h>

/* What RFC 3629 section 4 allows as second byte: overlong forms and surrogates are none. */
static bool second_fits(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	}
	return true;
}

size_t yaml_utf8(const char *text, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)text;
	if (size == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || size < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return second_fits(bytes[0], bytes[1]) ? length : 0;
}

size_t yaml_show_character(const char *text, size_t size, char *out, size_t *used)
{
	size_t length = yaml_utf8(text, size);
	bool c1 = length == 2 && (uint8_t)text[0] == 0xc2 && (uint8_t)text[1] < 0xa0;
	if (length == 1 && (text[0] == '\t' || text[0] == ' '))
		out[(*used)++] = ' ';
	else if (length == 0 || c1 || (length == 1 && ((uint8_t)text[0] < 0x20 || text[0] == 0x7f)))
		out[(*used)++] = '?';
	else
		for (size_t i = 0; i < length; i++)
			out[(*used)++] = text[i];
	return length ? length : 1;
}

const char *yaml_shown(const char *text, char buf[YAML_SHOWN])
{
	size_t left = strlen(text), used = 0;
	while (left > 0 && used < YAML_SHOWN - 8) {
		size_t taken = yaml_show_character(text, left, buf, &used);
		text += taken;
		left -= taken;
	}
	memcpy(buf + used, left ? "..." : "", left ? 4 : 1);
	return buf;
}

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

bool yaml_bytes_fit(const struct yaml_source *source)
{
	unsigned line = 1, column = 1, reported = 0;
	if (source->size > LIMIT_CONFIG_BYTES) {
		yaml_fault(source, 0, 0, "larger than %d bytes: this is no file of settings",
			LIMIT_CONFIG_BYTES);
		return false;
	}
	for (size_t i = 0; i < source->size;) {
		size_t left = source->size - i;
		const char *at = source->bytes + i;
		size_t length = yaml_utf8(at, left);
		const char *fault = character_fault(at, length, left > 1 && at[1] == '\n');
		if (column == 1 && *at == '%')
			fault = "directives are not supported: remove the line";
		if (fault && line != reported) {
			yaml_fault(source, line, column, "%s", fault);
			reported = line; /* one of a line is enough */
		}
		column = *at == '\n' ? 1 : column + 1;
		line += *at == '\n';
		i += length ? length : 1;
	}
	return reported == 0;
}
