/* SPDX-License-Identifier: MIT */
/* Walks over the records of a prechecked message and expands the names in their rdata. */
#include "resolver/wire/records.h"

#include <string.h>

#define FIXED_SIZE 10 /* type, class, TTL, rdata length behind an owner name */

/* Leaves `left` > 0, or the section behind the last one. */
static void next_section(struct records *reader)
{
	while (reader->left == 0 && reader->section < SECTION_COUNT) {
		reader->section++;
		if (reader->section < SECTION_COUNT)
			reader->left = reader->info.counts[1 + reader->section];
	}
}

int records_begin(const uint8_t *wire, size_t size, struct records *ret_reader)
{
	struct records reader = {.wire = wire, .size = size};
	int err = precheck(wire, size, &reader.info);
	if (err)
		return err;
	reader.offset = reader.info.question_end ? reader.info.question_end : HEADER_SIZE;
	reader.left = reader.info.counts[1];
	next_section(&reader);
	*ret_reader = reader;
	return 0;
}

/* Copies the names that start at `at`, uncompressed, to `out`. */
static int expand_names(
        const struct records *reader, size_t *at, unsigned count, uint8_t *out, size_t *used)
{
	for (unsigned i = 0; i < count; i++) {
		struct name name;
		int err = name_read(reader->wire, reader->size, *at, &name, at);
		if (err)
			return err;
		memcpy(out + *used, name.bytes, name_size(name.bytes));
		*used += name_size(name.bytes);
	}
	return 0;
}

static int read_rdata(const struct records *reader, struct arena *arena, uint16_t type,
        size_t start, size_t size, struct rdata *ret_rdata)
{
	uint16_t first = 0;
	unsigned names = rr_rdata_names(type, &first);
	if (first > size || size == 0)
		names = 0;
	uint8_t *out = arena_alloc_raw(arena, size + (size_t)names * LIMIT_NAME_BYTES + 1);
	if (!out)
		return RW_ENOMEM;
	size_t at = start, used = 0, end = start + size;
	if (names) {
		memcpy(out, reader->wire + at, first);
		at += first;
		used = first;
		int err = expand_names(reader, &at, names, out, &used);
		if (err || at > end)
			return RW_EMALFORMED;
	}
	memcpy(out + used, reader->wire + at, end - at);
	used += end - at;
	if (used > UINT16_MAX)
		return RW_EMALFORMED;
	*ret_rdata = (struct rdata){.bytes = out, .size = (uint16_t)used};
	return 0;
}

int records_next(struct records *reader, struct arena *arena, struct record *ret_record)
{
	if (reader->left == 0)
		return RW_ENOTFOUND;
	struct name owner;
	size_t at = 0;
	if (name_read(reader->wire, reader->size, reader->offset, &owner, &at) ||
	        at + FIXED_SIZE > reader->size)
		return RW_EMALFORMED;
	const uint8_t *fixed = reader->wire + at;
	struct record record = {.section = (uint8_t)reader->section,
	        .type = rr_get16(fixed),
	        .class = rr_get16(fixed + 2),
	        .ttl = rr_get32(fixed + 4),
	        .owner = name_dup(owner.bytes, arena)};
	size_t rdata = at + FIXED_SIZE, size = rr_get16(fixed + 8);
	if (!record.owner)
		return RW_ENOMEM;
	if (size > reader->size - rdata)
		return RW_EMALFORMED;
	int err = read_rdata(reader, arena, record.type, rdata, size, &record.rdata);
	if (err)
		return err;
	reader->offset = rdata + size;
	reader->left--;
	next_section(reader);
	*ret_record = record;
	return 0;
}

int records_question(
        const struct records *reader, struct arena *arena, struct question *ret_question)
{
	if (reader->info.counts[0] == 0)
		return RW_ENOTFOUND;
	struct name name;
	size_t at = 0;
	if (name_read(reader->wire, reader->size, HEADER_SIZE, &name, &at) || at + 4 > reader->size)
		return RW_EMALFORMED;
	const uint8_t *copy = name_dup(name.bytes, arena);
	if (!copy)
		return RW_ENOMEM;
	*ret_question = (struct question){.name = copy,
	        .type = rr_get16(reader->wire + at),
	        .class = rr_get16(reader->wire + at + 2)};
	return 0;
}
