/* SPDX-License-Identifier: MIT */
/*
 * What block lists and policy zones make of a question and of its answer.
 *
 * A question is judged when it comes: the asker's address and the name, against one zone after the
 * other, up to a zone whose rules may need the answer: then later ones have to wait for it, unless
 * it is said here, under the rules for names and askers alone. With
 * the answer all is gone through again, link by link along its aliases, for each link zone by zone,
 * and in each zone by trigger: the asker's address, the name, the addresses at the chain's end,
 * names and addresses of the servers of the zones that the name lies in, as far as the cache knows
 * their delegations. The first rule that applies decides, and PASSTHRU ends the search, too. This
 * order is the draft's (draft-vixie-dnsop-dns-rpz section 5) and named's.
 *
 * Block lists come in front of the zones, with rules of their own: `block.allow` spares a name and
 * all that its aliases lead to, from lists and zones; so does PASSTHRU for the asker's address.
 * Where an alias leads to a listed name, the question is answered as if its own name was listed,
 * unless an exception of a list spares a name that comes before it in the chain.
 *
 * What a rule has answered is not judged again.
 */
#ifndef RW_POLICY_POLICY_H
#define RW_POLICY_POLICY_H

#include "cache/cache.h"
#include "resolver/wire/answer.h"
#include "zones/lists/policy_set.h"

struct policy_query {
	const struct policy_set *set;
	const struct question *question;
	const struct addr *client;  /* who asks */
	bool tcp;                   /* over TCP */
	struct cache *cache;        /* for delegations */
	const struct prefix *nat64; /* addresses with it lead to IPv4 ones; of no family: none do */
	uint64_t now_ms;
	struct arena *arena; /* of what is answered */
	bool local; /* nobody outside is asked: there is no answer that rules could wait for */
};

enum policy_verdict {
	POLICY_NONE,      /* no rule, or one that lets it pass */
	POLICY_ANSWER,    /* the answer is the rule's */
	POLICY_ALIAS,     /* the answer ends with an alias of the rule: go on at its target */
	POLICY_TRUNCATED, /* the client is to retry over TCP */
	POLICY_DROP,      /* no answer at all */
};

/*
 * Whether no rule can be for the question, whose name was begun with (block_begin): that is so for
 * most, and quickly told.
 */
static inline bool policy_is_clear(const struct policy_set *set, const struct name_folded *folded)
{
	return set->zone_count == 0 && (!set->block || !block_may_have(set->block, folded));
}

/*
 * When a question comes. With POLICY_ANSWER and POLICY_ALIAS the answer is written over by what the
 * rule says, with POLICY_TRUNCATED by nothing; else it stays as it is. RW_ENOMEM.
 */
int policy_question(const struct policy_query *query, struct answer *answer,
	enum policy_verdict *ret_verdict) RW_MUSTCHECK;

/* The same with its answer from outside. */
int policy_answer(const struct policy_query *query, struct answer *answer,
	enum policy_verdict *ret_verdict) RW_MUSTCHECK;

#endif
