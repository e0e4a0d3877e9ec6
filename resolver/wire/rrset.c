/* SPDX-License-Identifier: MIT */
/* Record sets: copying, comparing, and the few fields of rdata that the resolver itself reads. */
#include "resolver/wire/rrset.h"

#include <string.h>

#include "resolver/base/limits.h"

#define RRSIG_LABELS 3 /* offset in rdata, RFC 4034 section 3.1 */

bool question_equal(const struct question *a, const struct question *b)
{
	return a->type == b->type && a->class == b->class && name_equal(a->name, b->name);
}

static struct rdata *dup_records(const struct rdata *records, unsigned count, struct arena *arena)
{
	struct rdata *copy = arena_alloc(arena, count * sizeof(*copy));
	for (unsigned i = 0; copy && i < count; i++) {
		copy[i].size = records[i].size;
		copy[i].bytes = arena_dup(arena, records[i].bytes, records[i].size);
		if (!copy[i].bytes)
			return NULL;
	}
	return copy;
}

struct rrset *rrset_dup(const struct rrset *set, struct arena *arena)
{
	struct rrset *copy = arena_dup(arena, set, sizeof(*set));
	if (!copy)
		return NULL;
	copy->owner = name_dup(set->owner, arena);
	copy->records = dup_records(set->records, set->count, arena);
	copy->sigs = dup_records(set->sigs, set->sig_count, arena);
	copy->proof_count = 0;
	copy->proofs = NULL;
	return copy->owner && copy->records && copy->sigs ? copy : NULL;
}

struct rrset *rrset_single(struct arena *arena, const uint8_t *owner, uint16_t type, uint32_t ttl,
	const void *rdata, uint16_t size)
{
	struct rdata record = {.bytes = rdata, .size = size};
	struct rrset set = {
		.owner = owner,
		.type = type,
		.class = CLASS_IN,
		.ttl = ttl,
		.count = 1,
		.records = &record,
	};
	return rrset_dup(&set, arena);
}

static bool holds(const struct rrset *set, const struct rdata *record)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->records[i].size == record->size &&
			memcmp(set->records[i].bytes, record->bytes, record->size) == 0)
			return true;
	return false;
}

bool rrset_same_data(const struct rrset *a, const struct rrset *b)
{
	if (a->count != b->count || a->type != b->type || a->class != b->class)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!holds(b, &a->records[i]))
			return false;
	return name_equal(a->owner, b->owner);
}

const uint8_t *rrset_target(const struct rrset *set, unsigned index)
{
	if (index >= set->count)
		return NULL;
	switch (set->type) {
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_PTR:
	case TYPE_DNAME:
		return set->records[index].bytes;
	default:
		return NULL;
	}
}

bool rrset_is_expanded(const struct rrset *set)
{
	unsigned labels = name_labels(set->owner);
	for (unsigned i = 0; i < set->sig_count; i++)
		if (set->sigs[i].bytes[RRSIG_LABELS] < labels)
			return true;
	return false;
}

uint32_t rrset_soa_negative_ttl(const struct rrset *soa)
{
	if (soa->type != TYPE_SOA)
		return 0;
	if (soa->count == 0)
		return LIMIT_TTL_NO_SOA;
	const struct rdata *rdata = &soa->records[0];
	/* MINIMUM is the last of the five fixed fields at the end. */
	uint32_t minimum = rr_get32(rdata->bytes + rdata->size - 4);
	if (minimum > INT32_MAX)
		minimum = 0;
	return RW_MIN(minimum, soa->ttl);
}

unsigned rr_rdata_names(uint16_t type, uint16_t *ret_first)
{
	*ret_first = 0;
	switch (type) {
	case TYPE_NS:
	case TYPE_MD:
	case TYPE_MF:
	case TYPE_CNAME:
	case TYPE_MB:
	case TYPE_MG:
	case TYPE_MR:
	case TYPE_PTR:
	case TYPE_DNAME:
	case TYPE_NXT:
		return 1;
	case TYPE_SOA:
	case TYPE_MINFO:
	case TYPE_RP:
		return 2;
	case TYPE_MX:
	case TYPE_AFSDB:
	case TYPE_KX:
		*ret_first = 2;
		return 1;
	case TYPE_PX:
		*ret_first = 2;
		return 2;
	case TYPE_SRV:
		*ret_first = 6;
		return 1;
	case TYPE_SIG:
	case TYPE_RRSIG:
		*ret_first = 18;
		return 1;
	default:
		return 0;
	}
}

uint16_t rrset_key_tag(const struct rdata *key)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < key->size; i++)
		sum += i & 1 ? key->bytes[i] : (uint32_t)key->bytes[i] << 8;
	return (uint16_t)(sum + (sum >> 16));
}
