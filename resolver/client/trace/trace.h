/* SPDX-License-Identifier: MIT */
/*
 * +trace: the daemon's own walk, run here from the root hints with an empty cache, every step shown
 * as it happens. The system's resolver is never asked.
 */
#ifndef RW_CLIENT_TRACE_TRACE_H
#define RW_CLIENT_TRACE_TRACE_H

#include "resolver/client/dig/args.h"
#include "resolver/client/out.h"

/* Walks, prints, and returns an exit code: 0, 3, 4, 6, 9, or 1 for faults of the hints file. */
int trace_run(const struct args *args, const struct query *query, const struct out *out);

#endif
