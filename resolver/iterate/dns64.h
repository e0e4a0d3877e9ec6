/* SPDX-License-Identifier: MIT */
/*
 * What is remembered for DNS64 (RFC 6147): whether a name that has no AAAA has A records. The walk
 * asks for them; service and engine look here before they say that there is nothing. Names that are
 * ours have what we say and no more.
 */
#ifndef RW_ITERATE_DNS64_H
#define RW_ITERATE_DNS64_H

#include "zones/localdata/localdata.h"

/*
 * The A records at the end of the chain in `answer`, which is what was made of `query`; or NULL
 * where none are needed: it is no NODATA or failure of AAAA, no prefix is configured, or the name
 * has none. With expired ones `answer` becomes stale. RW_ENOTFOUND: the cache does not know whether
 * there are any; RW_ENOMEM.
 */
int dns64_remembered(const struct localdata_query *query, struct answer *answer,
	const struct rrset **ret_a) RW_MUSTCHECK;

#endif
