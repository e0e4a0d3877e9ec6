/* SPDX-License-Identifier: MIT */
/* Whether an answer is the one a text expects. */
#ifndef RW_TEST_JUDGE_H
#define RW_TEST_JUDGE_H

#include "tests/scenario/view.h"

#define JUDGE_TTL_SLACK 2 /* s that a TTL may differ */

/* NULL when it is, else what differs, in the arena. */
const char *judge_answer(
	const struct rpl_entry *expected, const struct view *got, struct arena *arena);

/* "QR RD RA" of header flags; static text per call in `buf`. */
#define JUDGE_FLAGS_TEXT 32
const char *judge_flags_text(uint16_t flags, char buf[JUDGE_FLAGS_TEXT]);

/* One record as text, in the arena. */
const char *judge_record_text(const struct rrset *set, struct arena *arena);

#endif
