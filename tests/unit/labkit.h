/* SPDX-License-Identifier: MIT */
/* Small worlds out of scenario texts, and what their servers say, for the tests of the lab. */
#ifndef RW_TESTS_LABKIT_H
#define RW_TESTS_LABKIT_H

#include "resolver/lab/world.h"

#define LABKIT_NOW 1795780000 /* s since 1970 */

struct labkit {
	struct scenario *scenario;
	struct world *world;
	struct fault_list faults;
	struct arena arena; /* of the last reply */
};

/* Reads the text (NULL: the built-in scenario) and builds it; returns the error, `faults` say
 * more. labkit_end() it in any case. */
int labkit_begin(struct labkit *kit, const char *text);
void labkit_end(struct labkit *kit);

/* The first fault as "LINE: MESSAGE"; "" when there is none. */
const char *labkit_fault(const struct labkit *kit);

/*
 * The reply of that server to "NAME TYPE", as "RCODE [aa] [tc] an OWNER TYPE RDATA, ...; ns ...; ar
 * ...": RRSIG counted only, as "+N" behind the type. Lives until the next call.
 */
const char *labkit_ask(
	struct labkit *kit, const char *server, const char *question, bool dnssec_ok, bool tcp);

#endif
