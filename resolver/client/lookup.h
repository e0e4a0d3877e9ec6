/* SPDX-License-Identifier: MIT */
/*
 * One query to one server, as dig does it: UDP, again over TCP when the reply was cut short, some
 * tries with a time-out each. What came back is told, not judged.
 */
#ifndef RW_CLIENT_LOOKUP_H
#define RW_CLIENT_LOOKUP_H

#include "resolver/client/out.h"
#include "resolver/client/servers.h"

/* dig's exit codes, and those of the modes that diagnose. */
enum exit_code {
	EXIT_REPLY = 0,
	EXIT_USAGE = 1,
	EXIT_NEGATIVE = 3,   /* NXDOMAIN or NODATA */
	EXIT_REFUSAL = 4,    /* SERVFAIL, REFUSED and other errors of servers */
	EXIT_BOGUS = 5,      /* for the validator to come */
	EXIT_DELEGATION = 6, /* broken or lame */
	EXIT_DISAGREE = 7,   /* servers, or caches */
	EXIT_BATCH = 8,      /* the batch file could not be read */
	EXIT_NOREPLY = 9,
	EXIT_INTERNAL = 10,
};

/* Runs the query and prints; returns an exit code. `greet` prints the first lines, once. */
int lookup_run(
	const struct args *args, const struct query *query, const struct out *out, bool *greet);

#endif
