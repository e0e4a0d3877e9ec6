/* SPDX-License-Identifier: MIT */
/*
 * With `minimal-responses: false` a positive answer also names the servers of the zone it comes
 * from, and what is known of their addresses, as the parent zone has named them. They are looked up
 * by the zone cut in the answer's provenance.
 */
#ifndef RW_SERVICE_REFERRAL_H
#define RW_SERVICE_REFERRAL_H

#include "cache/cache.h"
#include "zones/cuts/delegation.h"

struct referral {
	struct rrset ns;
	struct rdata names[LIMIT_NS_KEPT];
	struct rrset glue[2 * LIMIT_NS_KEPT]; /* A and AAAA of each */
	unsigned glue_count;
};

/* In the arena; NULL when nothing is known of the zone, or memory is short. */
const struct referral *referral_of(struct cache *cache, const struct rrset *answer,
	const struct provenance *from, uint64_t now_ms, struct arena *arena);

#endif
