/* SPDX-License-Identifier: MIT */
/*
 * Record sets to bytes and back. The bytes are our own, written by value_put_set: the set's body,
 * then the body of each of its proofs behind its type.
 */
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

static size_t body_size(const struct rrset *set)
{
	return HEAD + name_size(set->owner) + records_size(set->records, set->count) +
	       records_size(set->sigs, set->sig_count);
}

size_t value_set_size(const struct rrset *set)
{
	size_t size = body_size(set);
	for (unsigned i = 0; i < set->proof_count; i++)
		size += 2 + body_size(&set->proofs[i]);
	return size;
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

static uint8_t *put_body(uint8_t *out, const struct rrset *set)
{
	size_t named = name_size(set->owner);
	rr_put16(out, set->class);
	rr_put16(out + 2, set->count);
	rr_put16(out + 4, set->sig_count);
	memcpy(out + HEAD, set->owner, named);
	out = put_records(out + HEAD + named, set->records, set->count);
	return put_records(out, set->sigs, set->sig_count);
}

void value_put_set(const struct rrset *set, uint8_t *out)
{
	out = put_body(out, set);
	for (unsigned i = 0; i < set->proof_count; i++) {
		rr_put16(out, set->proofs[i].type);
		out = put_body(out + 2, &set->proofs[i]);
	}
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

static unsigned table_size(const uint8_t *body)
{
	return (unsigned)rr_get16(body + 2) + rr_get16(body + 4);
}

/* Points into the body; `tables` has room for table_size records. Returns what stands behind. */
static const uint8_t *get_body(const uint8_t *body, uint16_t type, uint32_t ttl,
	struct rdata *tables, struct rrset *ret_set)
{
	*ret_set = (struct rrset){
		.owner = body + HEAD,
		.type = type,
		.class = rr_get16(body),
		.ttl = ttl,
		.count = rr_get16(body + 2),
		.sig_count = rr_get16(body + 4),
		.records = tables,
		.sigs = tables + rr_get16(body + 2),
	};
	const uint8_t *in =
		get_records(body + HEAD + name_size(body + HEAD), ret_set->records, ret_set->count);
	return get_records(in, ret_set->sigs, ret_set->sig_count);
}

static int get_proofs(struct rrset *set, const uint8_t *in, const uint8_t *end, struct arena *arena)
{
	struct rrset *proofs = arena_alloc(arena, LIMIT_PROOF_SETS * sizeof(*proofs));
	unsigned count = 0;
	for (; proofs && in < end && count < LIMIT_PROOF_SETS; count++) {
		struct rdata *tables = arena_alloc_raw(arena, table_size(in + 2) * sizeof(*tables));
		if (!tables)
			return RW_ENOMEM;
		in = get_body(in + 2, rr_get16(in), set->ttl, tables, &proofs[count]);
	}
	set->proofs = proofs;
	set->proof_count = (uint16_t)count;
	return proofs ? 0 : RW_ENOMEM;
}

struct rrset *value_get_set(
	const uint8_t *value, size_t size, uint16_t type, uint32_t ttl, struct arena *arena)
{
	/* One block: the set, its record tables, the bytes they point to. */
	unsigned table = table_size(value);
	struct rrset *set =
		arena_alloc_raw(arena, sizeof(*set) + table * sizeof(struct rdata) + size);
	if (!set)
		return NULL;
	struct rdata *records = (struct rdata *)(void *)(set + 1);
	uint8_t *copy = (uint8_t *)(records + table);
	memcpy(copy, value, size);
	const uint8_t *behind = get_body(copy, type, ttl, records, set);
	if (behind < copy + size && get_proofs(set, behind, copy + size, arena))
		return NULL;
	return set;
}
