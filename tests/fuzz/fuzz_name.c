/* SPDX-License-Identifier: MIT */
/*
 * Names: read from a message at an offset the first byte chooses, and from text. Whatever comes out
 * is a whole name, prints as printable ASCII, and reads back from its text as the same bytes.
 */
#include <string.h>

#include "resolver/wire/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void examine(const struct name *name)
{
	char text[LIMIT_NAME_TEXT];
	struct name again, lower;
	size_t length = name_size(name->bytes);
	rw_require(length >= 1 && length <= LIMIT_NAME_BYTES);
	rw_require(name_labels(name->bytes) < LIMIT_LABELS);
	name_text(name->bytes, text);
	rw_require(strlen(text) < sizeof(text));
	for (const char *c = text; *c; c++)
		rw_require(*c > 0x20 && *c < 0x7f);
	rw_require(name_from_text(text, &again) == 0);
	rw_require(name_size(again.bytes) == length);
	rw_require(memcmp(again.bytes, name->bytes, length) == 0);
	name_lower(name->bytes, lower.bytes);
	rw_require(name_equal(lower.bytes, name->bytes));
	rw_require(name_compare(lower.bytes, name->bytes) == 0);
	rw_require(name_is_at_or_below(name->bytes, name_parent(name->bytes)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct name name;
	char text[LIMIT_NAME_TEXT + 16];
	if (size == 0)
		return 0;
	size_t next;
	if (name_read(data + 1, size - 1, data[0], &name, &next) == 0) {
		rw_require(next > data[0] && next <= size - 1);
		examine(&name);
	}
	size_t length = RW_MIN(size - 1, sizeof(text) - 1);
	memcpy(text, data + 1, length);
	text[length] = '\0';
	if (name_from_text(text, &name) == 0)
		examine(&name);
	return 0;
}
