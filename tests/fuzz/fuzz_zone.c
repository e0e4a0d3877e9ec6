/* SPDX-License-Identifier: MIT */
/*
 * A zone file of any bytes, and questions: the text, a NUL byte, then per question an index of a
 * name of the zone, a label to go before it, and a type. What zone_lookup says must be what a slow
 * reading of RFC 1034 section 4.3.2 over a plain list of the sets says.
 */
#include <stdlib.h>
#include <string.h>

#include "zones/authority/zone_file.h"

#define SETS      256 /* of one zone that are looked at; a larger one is passed over */
#define QUESTIONS 64  /* of one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t apex[] = "\1z";

struct list {
	const struct rrset *sets[SETS];
	size_t count;
};

static int collect(void *ctx, const struct rrset *set)
{
	struct list *list = ctx;
	rw_require(set->count > 0 && set->class == CLASS_IN);
	rw_require(name_is_at_or_below(set->owner, apex));
	if (list->count == SETS)
		return RW_ELIMIT;
	list->sets[list->count++] = set;
	return 0;
}

/* --- The slow reading. --- */

static const struct rrset *find(const struct list *list, const uint8_t *name, uint16_t type)
{
	for (size_t i = 0; i < list->count; i++)
		if ((list->sets[i]->type == type ||
			    (type == TYPE_ANY && list->sets[i]->type != TYPE_NSEC3)) &&
			name_equal(list->sets[i]->owner, name))
			return list->sets[i];
	return NULL;
}

static bool exists(const struct list *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->sets[i]->type != TYPE_NSEC3 &&
			name_is_at_or_below(list->sets[i]->owner, name))
			return true;
	return false;
}

/* A delegation or a DNAME between the apex and the name: the highest. */
static const struct rrset *barrier(const struct list *list, const struct question *question)
{
	unsigned labels = name_labels(question->name);
	for (unsigned depth = name_labels(apex); depth <= labels; depth++) {
		const uint8_t *at = name_suffix(question->name, depth);
		const struct rrset *ns = depth > 1 ? find(list, at, TYPE_NS) : NULL;
		const struct rrset *dname = depth < labels ? find(list, at, TYPE_DNAME) : NULL;
		if (ns && !(depth == labels && question->type == TYPE_DS))
			return ns;
		if (dname)
			return dname;
	}
	return NULL;
}

static bool has_signature(const struct list *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->sets[i]->type != TYPE_NSEC3 && list->sets[i]->sig_count > 0 &&
			name_equal(list->sets[i]->owner, name))
			return true;
	return false;
}

/* What is to be said, as far as the first link of a chain tells. */
enum kind {
	IS_ANSWER,
	IS_NODATA,
	IS_NXDOMAIN,
	IS_REFERRAL,
	IS_ALIAS, /* or the DNAME of one */
};

/* The expected beginning of the reply: its outcome, or IS_ALIAS if an alias comes first. */
static enum kind expected(const struct list *list, const struct question *question)
{
	const struct rrset *stop = barrier(list, question);
	if (stop)
		return stop->type == TYPE_NS ? IS_REFERRAL : IS_ALIAS;
	struct name name;
	name_copy(question->name, &name);
	if (!exists(list, name.bytes)) {
		const uint8_t *above = name.bytes;
		while (!exists(list, above))
			above = name_parent(above);
		struct name wildcard = {.bytes = {1, '*'}};
		if (name_size(above) + 2 > LIMIT_NAME_BYTES)
			return IS_NXDOMAIN;
		memcpy(wildcard.bytes + 2, above, name_size(above));
		name_copy(wildcard.bytes, &name);
		if (!exists(list, name.bytes))
			return IS_NXDOMAIN;
	}
	bool is_there = question->type == TYPE_RRSIG
				? has_signature(list, name.bytes)
				: find(list, name.bytes, question->type) != NULL;
	if (is_there && question->type != TYPE_NSEC3)
		return IS_ANSWER;
	return find(list, name.bytes, TYPE_CNAME) ? IS_ALIAS : IS_NODATA;
}

/* --- Both. --- */

static void check_shape(const struct answer *answer, const struct zone_beside *beside)
{
	bool is_denial = answer->outcome == ANSWER_NODATA || answer->outcome == ANSWER_NXDOMAIN;
	rw_require(answer->set_count <= ANSWER_SETS && beside->glue_count <= ZONE_GLUE);
	rw_require(beside->proof_count <= ZONE_PROOFS);
	rw_require((answer->soa != NULL) == is_denial);
	rw_require(answer->outcome != ANSWER_MISS || beside->ns || answer->set_count > 0);
	rw_require(answer->outcome != ANSWER_POSITIVE || answer->set_count > 0);
	rw_require(!beside->ds || beside->ns);
	for (unsigned i = 0; i < answer->set_count; i++)
		rw_require(answer->sets[i]->count > 0);
	for (unsigned i = 0; i < beside->glue_count; i++)
		rw_require(beside->glue[i]->type == TYPE_A || beside->glue[i]->type == TYPE_AAAA);
	for (unsigned i = 0; i < beside->proof_count; i++)
		rw_require(beside->proofs[i]->type == TYPE_NSEC ||
			   beside->proofs[i]->type == TYPE_NSEC3);
}

static enum kind kind_of(const struct answer *answer)
{
	switch (answer->outcome) {
	case ANSWER_POSITIVE:
		return answer->set_count > 1 ? IS_ALIAS : IS_ANSWER;
	case ANSWER_NODATA:
		return answer->set_count > 0 ? IS_ALIAS : IS_NODATA;
	case ANSWER_NXDOMAIN:
		return answer->set_count > 0 ? IS_ALIAS : IS_NXDOMAIN;
	case ANSWER_MISS:
		return answer->set_count > 0 ? IS_ALIAS : IS_REFERRAL;
	default:
		return IS_ALIAS;
	}
}

static void ask(const struct zone *zone, const struct list *list, const struct question *question)
{
	struct arena arena;
	struct answer answer;
	struct zone_beside beside;
	arena_init(&arena, 1 << 20);
	rw_require(zone_lookup(zone, question, &arena, &answer, &beside) == 0);
	check_shape(&answer, &beside);
	rw_require(expected(list, question) == kind_of(&answer));
	if (answer.set_count > 0 && answer.sets[0]->type != TYPE_DNAME)
		rw_require(name_equal(answer.sets[0]->owner, question->name));
	if (kind_of(&answer) == IS_REFERRAL)
		rw_require(beside.ns == barrier(list, question));
	arena_release(&arena);
}

/* Questions as the bytes choose them. */
static void ask_all(
	const struct zone *zone, const struct list *list, const uint8_t *bytes, size_t size)
{
	for (unsigned i = 0; i < QUESTIONS && size >= 4; i++) {
		size_t length = RW_MIN(bytes[1] & 63u, size - 4);
		struct name name;
		const uint8_t *below = list->sets[bytes[0] % list->count]->owner;
		for (unsigned up = bytes[1] >> 6; up > 0 && !name_equal(below, apex); up--)
			below = name_parent(below);
		struct question question = {
			.name = below, .type = rr_get16(bytes + 2), .class = CLASS_IN};
		if (length > 0 && name_size(below) + length + 1 <= LIMIT_NAME_BYTES) {
			name.bytes[0] = (uint8_t)length;
			memcpy(name.bytes + 1, bytes + 4, length);
			memcpy(name.bytes + 1 + length, below, name_size(below));
			question.name = name.bytes;
		}
		ask(zone, list, &question);
		bytes += 4 + length;
		size -= 4 + length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fault_list faults;
	static struct list list;
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t text_size = end ? (size_t)(end - data) : size;
	struct zone *zone;
	faults.count = faults.errors = 0;
	list.count = 0;
	int err = zone_file_parse("fuzz", (const char *)data, text_size, apex, &faults, &zone);
	if (err) {
		rw_require(err != RW_EINVAL || faults.errors > 0);
		return 0;
	}
	rw_require(faults.errors == 0);
	if (zone_walk(zone, collect, &list) == 0) {
		for (size_t i = 0; i < list.count; i++)
			ask(zone, &list,
				&(struct question){.name = list.sets[i]->owner,
					.type = list.sets[i]->type,
					.class = CLASS_IN});
		if (end)
			ask_all(zone, &list, end + 1, size - text_size - 1);
	}
	zone_free(zone);
	return 0;
}
