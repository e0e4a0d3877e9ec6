/* SPDX-License-Identifier: MIT */
/*
 * What +trace asks beyond the walk, once that has ended: every server of each level (+allns), and
 * what a resolver still holds of each (+cache=@resolver). A level is a zone cut the walk went
 * through. Without these options not one query more than the walk's is sent.
 */
#ifndef RW_CLIENT_TRACE_LEVELS_H
#define RW_CLIENT_TRACE_LEVELS_H

#include "resolver/client/out.h"
#include "resolver/client/walker.h"

#define LEVELS_MAX 24

struct trace_level {
	const struct delegation *cut;
	struct question question; /* where the walk was then */
};

struct trace_levels {
	struct trace_level items[LEVELS_MAX];
	unsigned count;
};

/* Takes cuts of the client's own question from the notes. */
void trace_levels_note(struct trace_levels *levels, const struct note *note);

/* Asks and prints. True: servers of a level disagree. */
bool trace_levels_all_servers(
	const struct trace_levels *levels, struct walker *walker, const struct out *out);

/* `resolver` as in `name` is asked without recursion, which leaves its cache as it is. */
void trace_levels_cache(const struct trace_levels *levels, struct walker *walker,
	const struct out *out, const struct addr *resolver, const char *name);

#endif
