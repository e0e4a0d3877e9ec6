/* SPDX-License-Identifier: MIT */
/* What the program says with its exit code: dig's codes, and those of the modes that diagnose. */
#ifndef RW_CLIENT_EXIT_CODE_H
#define RW_CLIENT_EXIT_CODE_H

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

#endif
