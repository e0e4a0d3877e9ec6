/* SPDX-License-Identifier: MIT */
/*
 * The rules that the clients of one view are under: the table of block lists, and policy zones in
 * their order. Made of tables that snapshots share; nothing is read again that has not changed.
 */
#ifndef RW_ZONES_POLICY_SET_H
#define RW_ZONES_POLICY_SET_H

#include "resolver/base/env.h"
#include "resolver/base/settings.h"
#include "zones/block.h"
#include "zones/rpz.h"

/* Zeroed: no rules. The tables are the snapshot's, in its table_list. */
struct policy_set {
	const struct block_table *block; /* or NULL */
	struct block_reply answer;
	const struct rpz **zones;
	size_t zone_count;
	bool waits; /* some zone has rules that need the answer */
};

/* What tables are made with, and where they go. */
struct policy_source {
	const struct block_settings *block;
	const struct rpz_list *rpz;
	const struct env *env;        /* dice, for the keys of hashes */
	const struct table_list *old; /* of the snapshot before; may be NULL */
	struct table_list *tables;    /* of the snapshot that is built */
	struct fault_list *faults;
};

/* RW_ENOMEM only: what cannot be read keeps its old table, or has no rules. */
int policy_set_build(const struct policy_source *source, struct policy_set *ret_set) RW_MUSTCHECK;
void policy_set_release(struct policy_set *set);

/* Whether a file is not as it was when its table was made. */
bool policy_set_is_outdated(const struct block_settings *block, const struct rpz_list *rpz,
	const struct table_list *tables);

static inline bool policy_set_is_empty(const struct policy_set *set)
{
	return !set->block && set->zone_count == 0;
}

#endif
