/* SPDX-License-Identifier: MIT */
/*
 * DNS64 (RFC 6147): the A records of a name that has no AAAA. A machine asks for them behind the
 * walk; service and engine look at what is cached before they return a negative answer.
 */
#ifndef RW_REQUEST_DNS64_H
#define RW_REQUEST_DNS64_H

#include "resolver/machine/machine.h"

/*
 * The A records at the end of the chain in `answer`, which is what was made of `query`; or NULL
 * where none are needed: it is no NODATA or failure of AAAA, no prefix is configured, or the name
 * has none. With expired ones `answer` becomes stale. RW_ENOTFOUND: the cache does not know whether
 * there are any; RW_ENOMEM.
 */
int dns64_remembered(const struct localdata_query *query, struct answer *answer,
	const struct rrset **ret_a) RW_MUSTCHECK;

/* Whether the machine has anything to do with the question. */
bool dns64_concerns(const struct machine_context *context, const struct question *question);

/*
 * The machine behind the one that has made the result `before`, which it may change. All that is
 * pointed to outlives it. NULL: the arena is full.
 */
struct machine *dns64_new(struct arena *arena, const struct machine_context *context,
	struct budget *budget, const struct question *question, struct machine_result *before);

#endif
