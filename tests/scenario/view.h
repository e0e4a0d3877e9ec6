/* SPDX-License-Identifier: MIT */
/*
 * What a client sees of an answer, record by record, ready to be judged. This is the one place that
 * knows how an answer is composed out of what the cache or a walk has found.
 */
#ifndef RW_TEST_VIEW_H
#define RW_TEST_VIEW_H

#include "resolver/base/settings.h"
#include "resolver/iterate/walk.h"
#include "tests/scenario/rpl.h"

struct view {
	bool silent; /* no answer at all */
	uint8_t opcode;
	uint16_t flags, rcode; /* flags: enum header_flag */
	bool has_question;
	struct question question;
	struct record *sections[SECTION_COUNT];
	int ede;
	const char *ede_text;
};

struct view_asker {
	const struct settings *settings;
	const struct entry *query; /* the client's question and flags */
	struct arena *arena;       /* the view is copied into it */
};

void view_from_cache(
        const struct view_asker *asker, const struct cache_answer *answer, struct view *ret_view);
void view_from_walk(
        const struct view_asker *asker, const struct walk_result *result, struct view *ret_view);

#endif
