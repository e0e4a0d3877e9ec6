/* SPDX-License-Identifier: MIT */
/*
 * Questions made for a zone: its own names, empty non-terminals, names beside, above and below
 * them, below delegations, wildcards and DNAMEs, targets of its records, hashes, names too long;
 * types that are there and such that are not. The same seed makes the same questions.
 */
#ifndef RW_TESTS_ZONES_NAMES_H
#define RW_TESTS_ZONES_NAMES_H

#include "zones/authority/zone.h"

struct names {
	const uint8_t **items; /* malloc'ed; the names live in the zone */
	size_t count;
	const uint8_t **hashes; /* owners of NSEC3, which are asked for as they are */
	size_t hash_count;
	const uint8_t *apex;
	uint64_t state; /* of the dice */
};

void names_init(struct names *names, const struct zone *zone, uint64_t seed);
void names_release(struct names *names);

/* The next question; the name goes to `ret_name`, which the question points to. */
void names_next(struct names *names, struct name *ret_name, struct question *ret_question);

#endif
