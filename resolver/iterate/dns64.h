/* SPDX-License-Identifier: MIT */
/*
 * What is remembered for DNS64 (RFC 6147): whether a name that has no AAAA has A records. The walk
 * asks for them; service and engine look here before they say that there is nothing.
 */
#ifndef RW_ITERATE_DNS64_H
#define RW_ITERATE_DNS64_H

#include "cache/cache.h"
#include "resolver/base/settings.h"

struct dns64_query {
	const struct settings *settings;
	struct cache *cache;
	uint16_t type; /* that was asked for */
	enum cache_mode mode;
	uint64_t now_ms;
};

/*
 * The A records at the end of the chain in `found`, or NULL where none are needed: it is no NODATA
 * or failure of AAAA, no prefix is configured, or the name has none. With expired ones `found`
 * becomes stale. RW_ENOTFOUND: the cache does not know whether there are any; RW_ENOMEM.
 */
int dns64_remembered(const struct dns64_query *query, struct cache_answer *found,
	struct arena *arena, const struct rrset **ret_a) RW_MUSTCHECK;

#endif
