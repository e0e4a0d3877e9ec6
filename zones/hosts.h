/* SPDX-License-Identifier: MIT */
/*
 * The table of `hosts`: names of the network's own with their addresses, and the PTR records that
 * follow from them. A name in it owns all its types, so that nothing of a public twin shines
 * through. Built once, then immutable; a lookup allocates nothing.
 */
#ifndef RW_ZONES_HOSTS_H
#define RW_ZONES_HOSTS_H

#include "resolver/base/settings.h"
#include "resolver/wire/rrset.h"

struct hosts;

/* The table in the arena; NULL in `ret_hosts` where there are no hosts. RW_ENOMEM. */
int hosts_build(const struct host_list *list, struct arena *arena,
	const struct hosts **ret_hosts) RW_MUSTCHECK;

/*
 * Whether the question's name is in the table (`hosts` may be NULL). `ret_set` gets the set that
 * answers, which lives as long as the table, or NULL: the name has none of that type. To ANY it is
 * one of the name's sets (RFC 8482 section 4.1).
 */
bool hosts_lookup(const struct hosts *hosts, const struct question *question,
	const struct rrset **ret_set) RW_MUSTCHECK;

#endif
