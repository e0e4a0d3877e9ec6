/* SPDX-License-Identifier: MIT */
/*
 * How the tables of views are built: tables.c for what is ours, policy.c for
 * rules.
 */
#ifndef RW_VIEWS_INNER_H
#define RW_VIEWS_INNER_H

#include "resolver/views/views.h"

struct build {
	struct views *views;
	const struct views_from *from;
	bool is_reload;  /* the configuration is read: what has failed before is tried again */
	size_t names_of; /* the first view that has the same names as the one that is built */
	const struct lease_settings *leases; /* of the source at hand, as are these */
	const struct zone_settings *zone;
	const struct host_list *hosts;
	const struct block_settings *block;
	const struct rpz_settings *rpz;
};

/* Makes the table of a source. RW_EINVAL: a file is wrong, as faults say. */
typedef int maker(
	const struct build *b, const struct table_source *source, struct table **ret_table);

/* The table of the source; the list of the views keeps its use. `make_none`: what is in use
 * where nothing could be read. */
int views_acquire(const struct build *b, struct table_source *source, maker *make, maker *make_none,
	struct table **ret_table) RW_MUSTCHECK;

/* The rules of one view (policy.c). RW_ENOMEM. */
int views_build_policy(const struct build *b, const struct block_settings *block,
	const struct rpz_list *rpz, struct policy_set *ret_set) RW_MUSTCHECK;

#endif
