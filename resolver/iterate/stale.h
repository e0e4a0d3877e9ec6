/* SPDX-License-Identifier: MIT */
/*
 * Expired data rather than none (RFC 8767): the one place that decides whether there is any. The
 * walk comes here when it has failed, the engine when a client has waited long enough, the service
 * when a failure is remembered or nobody is to be waited for.
 */
#ifndef RW_ITERATE_STALE_H
#define RW_ITERATE_STALE_H

#include "zones/localdata/localdata.h"

/*
 * What is known of the question when expired data counts, with the extended error that says so.
 * It need not be stale: somebody else may just have learnt it. The mode of `query` does not count.
 * RW_ENOTFOUND: `cache.serve-stale` is off, or the answer is not known to its end, and holds what
 * of its chain is known; RW_ENOMEM.
 */
int stale_answer(const struct localdata_query *query, const struct question *question,
	struct answer *answer) RW_MUSTCHECK;

#endif
