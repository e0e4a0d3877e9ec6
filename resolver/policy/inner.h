/* SPDX-License-Identifier: MIT */
/* Between the finding of a rule (policy.c) and the making of its answer (rule_answer.c). */
#ifndef RW_POLICY_INNER_H
#define RW_POLICY_INNER_H

#include "resolver/policy/policy.h"

/* The rule that applies. */
struct policy_rule {
	bool listed; /* by a block list: `block`; else by a zone: `zone`, `match` */
	struct block_match block;
	const struct rpz *zone;
	struct rpz_match match;
	const uint8_t *name; /* to which it applies: the question's, or an alias's target */
	unsigned kept;       /* sets of the answer that lead to it */
};

/* Writes what the rule says over the answer. RW_ENOMEM. */
int policy_rule_answer(const struct policy_query *query, const struct policy_rule *rule,
	struct answer *answer, enum policy_verdict *ret_verdict) RW_MUSTCHECK;

/*
 * Whether a server of a zone that the name lies in is under a rule of the policy zone: RPZ_NSDNAME
 * or RPZ_NSIP. Of several rules, that of the first name in canonical order, or of the longest
 * prefix, then of the lowest address. RW_ENOTFOUND, RW_ENOMEM.
 */
int policy_servers(const struct policy_query *query, const struct rpz *zone,
	enum rpz_trigger trigger, const uint8_t *name, struct rpz_match *ret_match) RW_MUSTCHECK;

/* Whether `match` goes before `best`, both by address. */
bool policy_is_closer(const struct rpz_match *match, const struct rpz_match *best);

#endif
