/* SPDX-License-Identifier: MIT */
/* Names: measuring, comparing, reading from messages, and their text form. */
#include "resolver/wire/name.h"

#include <stdio.h>
#include <string.h>

const uint8_t name_root[1] = {0};

static inline uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

size_t name_size(const uint8_t *name)
{
	const uint8_t *label = name;
	while (*label)
		label += 1 + *label;
	return (size_t)(label - name) + 1;
}

unsigned name_labels(const uint8_t *name)
{
	unsigned labels = 0;
	for (; *name; name += 1 + *name)
		labels++;
	return labels;
}

const uint8_t *name_skip(const uint8_t *name, unsigned count)
{
	while (count-- > 0)
		name = name_parent(name);
	return name;
}

const uint8_t *name_suffix(const uint8_t *name, unsigned labels)
{
	unsigned have = name_labels(name);
	return have > labels ? name_skip(name, have - labels) : name;
}

/* Length bytes are below 64, so folding case over them changes nothing. */
static bool bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t size = 0; /* of the labels whose lengths agree */
	for (; a[size] == b[size] && a[size]; size += 1 + (size_t)a[size])
		;
	return a[size] == b[size] && bytes_equal(a, b, size);
}

bool name_is_at_or_below(const uint8_t *name, const uint8_t *ancestor)
{
	unsigned labels = name_labels(name), wanted = name_labels(ancestor);
	return labels >= wanted && name_equal(name_skip(name, labels - wanted), ancestor);
}

bool name_is_below(const uint8_t *name, const uint8_t *ancestor)
{
	return name_labels(name) > name_labels(ancestor) && name_is_at_or_below(name, ancestor);
}

static int label_compare(const uint8_t *a, const uint8_t *b)
{
	unsigned shorter = RW_MIN(a[0], b[0]);
	for (unsigned i = 1; i <= shorter; i++)
		if (lower(a[i]) != lower(b[i]))
			return (int)lower(a[i]) - (int)lower(b[i]);
	return (int)a[0] - (int)b[0];
}

unsigned name_common_labels(const uint8_t *a, const uint8_t *b)
{
	unsigned la = name_labels(a), lb = name_labels(b), depth = RW_MIN(la, lb), common = 0;
	a = name_skip(a, la - depth);
	b = name_skip(b, lb - depth);
	for (; *a; a = name_parent(a), b = name_parent(b))
		common = label_compare(a, b) == 0 ? common + 1 : 0;
	return common;
}

int name_compare(const uint8_t *a, const uint8_t *b)
{
	const uint8_t *labels_a[LIMIT_LABELS], *labels_b[LIMIT_LABELS];
	unsigned na = 0, nb = 0;
	for (; *a; a = name_parent(a))
		labels_a[na++] = a;
	for (; *b; b = name_parent(b))
		labels_b[nb++] = b;
	while (na > 0 && nb > 0) {
		int order = label_compare(labels_a[--na], labels_b[--nb]);
		if (order != 0)
			return order;
	}
	return (int)na - (int)nb;
}

bool name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

size_t name_lower(const uint8_t *name, uint8_t *out)
{
	size_t size = name_size(name);
	for (size_t i = 0; i < size; i++)
		out[i] = lower(name[i]);
	return size;
}

uint64_t name_hash(const uint8_t *name, const struct siphash_key *key)
{
	uint8_t folded[LIMIT_NAME_BYTES];
	return siphash(key, folded, name_lower(name, folded));
}

size_t name_copy(const uint8_t *name, struct name *ret_copy)
{
	size_t size = name_size(name);
	memmove(ret_copy->bytes, name, size);
	return size;
}

const uint8_t *name_dup(const uint8_t *name, struct arena *arena)
{
	return arena_dup(arena, name, name_size(name));
}

int name_replace_suffix(
	const uint8_t *name, const uint8_t *from, const uint8_t *to, struct name *ret_name)
{
	if (!name_is_at_or_below(name, from))
		return RW_EINVAL;
	size_t kept = name_size(name) - name_size(from), added = name_size(to);
	if (kept + added > LIMIT_NAME_BYTES)
		return RW_ELIMIT;
	struct name result;
	memcpy(result.bytes, name, kept);
	memcpy(result.bytes + kept, to, added);
	memcpy(ret_name->bytes, result.bytes, kept + added);
	return 0;
}

int name_read(
	const uint8_t *wire, size_t size, size_t offset, struct name *ret_name, size_t *ret_next)
{
	struct name name;
	size_t used = 0, next = 0, limit = offset;
	unsigned hops = 0;
	for (;;) {
		if (offset >= size)
			return RW_EMALFORMED;
		uint8_t length = wire[offset];
		if ((length & 0xc0) == 0xc0) {
			if (offset + 1 >= size)
				return RW_EMALFORMED;
			size_t target = (size_t)(length & 0x3f) << 8 | wire[offset + 1];
			/* Each hop lands before every byte of the name read so far. */
			if (target >= limit || ++hops > LIMIT_POINTER_HOPS)
				return RW_EMALFORMED;
			if (next == 0)
				next = offset + 2;
			offset = limit = target;
			continue;
		}
		if (length > LIMIT_LABEL_BYTES || used + length + 1 > LIMIT_NAME_BYTES ||
			length >= size - offset)
			return RW_EMALFORMED;
		memcpy(name.bytes + used, wire + offset, (size_t)length + 1);
		used += (size_t)length + 1;
		offset += (size_t)length + 1;
		if (length == 0)
			break;
	}
	if (ret_name)
		memcpy(ret_name->bytes, name.bytes, used);
	if (ret_next)
		*ret_next = next ? next : offset;
	return 0;
}

/* One possibly escaped byte of a label; moves `*text` behind it. */
static int text_byte(const char **text, uint8_t *ret_byte)
{
	const char *in = *text;
	if (*in != '\\') {
		*ret_byte = (uint8_t)*in;
		*text = in + 1;
		return 0;
	}
	in++;
	if (*in < '0' || *in > '9') {
		if (*in == '\0')
			return RW_EMALFORMED;
		*ret_byte = (uint8_t)*in;
		*text = in + 1;
		return 0;
	}
	unsigned value = 0;
	for (int i = 0; i < 3; i++, in++) {
		if (*in < '0' || *in > '9')
			return RW_EMALFORMED;
		value = value * 10 + (unsigned)(*in - '0');
	}
	if (value > 255)
		return RW_EMALFORMED;
	*ret_byte = (uint8_t)value;
	*text = in;
	return 0;
}

/* One label up to a dot or the end; RW_EMALFORMED when it is empty or too long. */
static int text_label(const char **text, uint8_t *ret_label)
{
	uint8_t label[LIMIT_LABEL_BYTES + 1];
	unsigned length = 0;
	while (**text && **text != '.') {
		uint8_t byte;
		if (length == LIMIT_LABEL_BYTES || text_byte(text, &byte))
			return RW_EMALFORMED;
		label[1 + length++] = byte;
	}
	if (length == 0)
		return RW_EMALFORMED;
	label[0] = (uint8_t)length;
	memcpy(ret_label, label, length + 1);
	return 0;
}

int name_from_text(const char *text, struct name *ret_name)
{
	struct name name;
	size_t used = 0;
	if (strcmp(text, ".") == 0) {
		ret_name->bytes[0] = 0;
		return 0;
	}
	do {
		uint8_t label[LIMIT_LABEL_BYTES + 1];
		if (text_label(&text, label))
			return RW_EMALFORMED;
		if (used + label[0] + 2u > LIMIT_NAME_BYTES)
			return RW_EMALFORMED;
		memcpy(name.bytes + used, label, label[0] + 1u);
		used += label[0] + 1u;
		if (*text == '.')
			text++;
	} while (*text);
	name.bytes[used++] = 0;
	memcpy(ret_name->bytes, name.bytes, used);
	return 0;
}

static bool needs_backslash(uint8_t byte)
{
	return strchr(".;\\\"()@$", byte) != NULL;
}

const char *name_text(const uint8_t *name, char buf[LIMIT_NAME_TEXT])
{
	char *out = buf;
	if (name_is_root(name))
		*out++ = '.';
	for (; *name; name = name_parent(name)) {
		for (unsigned i = 1; i <= name[0]; i++) {
			uint8_t byte = name[i];
			if (byte <= 0x20 || byte >= 0x7f) {
				out += snprintf(out, 5, "\\%03u", byte);
			} else {
				if (needs_backslash(byte))
					*out++ = '\\';
				*out++ = (char)byte;
			}
		}
		*out++ = '.';
	}
	*out = '\0';
	return buf;
}
