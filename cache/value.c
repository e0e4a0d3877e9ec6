/* SPDX-License-Identifier: MIT */
/* Record sets to bytes and back. The bytes are our own, written by value_put_set. */
#include "cache/value.h"

#include <string.h>

#define HEAD 6 /* class, count, sig_count */

static size_t records_size(const struct rdata *records, unsigned count)
{
	size_t size = 0;
	for (unsigned i = 0; i < count; i++)
		size += 2u + records[i].size;
	return size;
}

size_t value_set_size(const struct rrset *set)
{
	return HEAD + name_size(set->owner) + records_size(set->records, set->count) +
	       records_size(set->sigs, set->sig_count);
}

static uint8_t *put_records(uint8_t *out, const struct rdata *records, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		rr_put16(out, records[i].size);
		memcpy(out + 2, records[i].bytes, records[i].size);
		out += 2u + records[i].size;
	}
	return out;
}

void value_put_set(const struct rrset *set, uint8_t *out)
{
	size_t named = name_size(set->owner);
	rr_put16(out, set->class);
	rr_put16(out + 2, set->count);
	rr_put16(out + 4, set->sig_count);
	memcpy(out + HEAD, set->owner, named);
	out = put_records(out + HEAD + named, set->records, set->count);
	(void)put_records(out, set->sigs, set->sig_count);
}

static const uint8_t *get_records(const uint8_t *in, struct rdata *records, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		records[i].size = rr_get16(in);
		records[i].bytes = in + 2;
		in += 2u + records[i].size;
	}
	return in;
}

struct rrset *value_get_set(
	const uint8_t *value, size_t size, uint16_t type, uint32_t ttl, struct arena *arena)
{
	unsigned count = rr_get16(value + 2), sigs = rr_get16(value + 4);
	/* One block: the set, its record tables, the bytes they point to. */
	size_t tables = (count + sigs) * sizeof(struct rdata);
	struct rrset *set = arena_alloc_raw(arena, sizeof(*set) + tables + size);
	if (!set)
		return NULL;
	struct rdata *records = (struct rdata *)(void *)(set + 1);
	uint8_t *copy = (uint8_t *)(records + count + sigs);
	memcpy(copy, value, size);
	*set = (struct rrset){
		.owner = copy + HEAD,
		.type = type,
		.class = rr_get16(copy),
		.ttl = ttl,
		.count = (uint16_t)count,
		.sig_count = (uint16_t)sigs,
		.records = records,
		.sigs = records + count,
	};
	const uint8_t *in = get_records(copy + HEAD + name_size(copy + HEAD), records, count);
	(void)get_records(in, set->sigs, sigs);
	return set;
}
