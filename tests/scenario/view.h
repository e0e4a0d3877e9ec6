/* SPDX-License-Identifier: MIT */
/*
 * The client's side: its question as bytes, and what it sees of the answer, record by record, ready
 * to be compared.
 */
#ifndef RW_TEST_VIEW_H
#define RW_TEST_VIEW_H

#include "tests/scenario/rpl.h"

#define VIEW_EDNS_SIZE 4096 /* bytes the client announces */

struct view {
	bool silent; /* no answer at all */
	uint8_t opcode;
	uint16_t flags, rcode; /* flags: enum header_flag */
	bool has_question;
	struct question question;
	struct rpl_record *sections[SECTION_COUNT];
	int ede; /* enum ede */
	const char *ede_text;
};

/* The question of a QUERY step as bytes, in the arena. */
const uint8_t *view_query(
	const struct rpl_entry *query, uint16_t id, struct arena *arena, size_t *ret_size);

/* Reads an answer; false when it is not even well-formed. */
bool view_read(const uint8_t *wire, size_t size, struct arena *arena, struct view *ret_view);

#endif
