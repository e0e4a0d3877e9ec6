/* SPDX-License-Identifier: MIT */
/* Whether an answer is the one a text expects. */
#ifndef RW_TEST_COMPARE_H
#define RW_TEST_COMPARE_H

#include "tests/scenario/view.h"

#define COMPARE_TTL_SLACK 2 /* s that a TTL may differ */

/* NULL when it is, else what differs, in the arena. */
const char *compare_answer(
	const struct rpl_entry *expected, const struct view *got, struct arena *arena);

/* "QR RD RA" of header flags; static text per call in `buf`. */
#define COMPARE_FLAGS_TEXT 32
const char *compare_flags_text(uint16_t flags, char buf[COMPARE_FLAGS_TEXT]);

/* One record as text, in the arena. */
const char *compare_record_text(const struct rrset *set, struct arena *arena);

#endif
