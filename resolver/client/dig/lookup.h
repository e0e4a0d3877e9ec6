/* SPDX-License-Identifier: MIT */
/*
 * One query to one server, as dig does it: UDP, again over TCP when the reply was cut short, some
 * tries with a time-out each. What came back is told, not judged.
 */
#ifndef RW_CLIENT_DIG_LOOKUP_H
#define RW_CLIENT_DIG_LOOKUP_H

#include "resolver/client/dig/args.h"
#include "resolver/client/out.h"

/* Runs the query and prints; returns an exit code. `greet` prints the first lines, once. */
int lookup_run(
	const struct args *args, const struct query *query, const struct out *out, bool *greet);

#endif
