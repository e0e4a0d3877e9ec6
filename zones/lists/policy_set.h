/* SPDX-License-Identifier: MIT */
/*
 * The rules that the clients of one view are under: the table of block lists, and policy zones in
 * their order. Tables are owned by struct views, which outlives the set.
 */
#ifndef RW_LISTS_POLICY_SET_H
#define RW_LISTS_POLICY_SET_H

#include "resolver/base/settings.h"
#include "zones/lists/block.h"
#include "zones/lists/rpz.h"

/* Zeroed: no rules. */
struct policy_set {
	const struct block_table *block; /* or NULL */
	struct block_reply answer;
	const struct rpz **zones;
	size_t zone_count;
};

/* Another zone behind those that are there. RW_ENOMEM. */
int policy_set_add(struct policy_set *set, const struct rpz *rpz) RW_MUSTCHECK;
void policy_set_release(struct policy_set *set);

static inline bool policy_set_is_empty(const struct policy_set *set)
{
	return !set->block && set->zone_count == 0;
}

#endif
