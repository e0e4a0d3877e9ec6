/* SPDX-License-Identifier: MIT */
/*
 * The parsed view of a message: header, question, record sets by section, EDNS. It lives in an
 * arena and copies nothing twice; names and rdata are expanded. Only bytes that passed precheck
 * come here (msg_parse runs it itself).
 */
#ifndef RW_WIRE_MSG_H
#define RW_WIRE_MSG_H

#include "resolver/base/arena.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/rrset.h"

enum msg_section {
	SECTION_ANSWER,
	SECTION_AUTHORITY,
	SECTION_ADDITIONAL,
	SECTION_COUNT,
};

struct msg {
	uint16_t id, flags; /* flags: the raw word; test with enum header_flag */
	uint8_t opcode;
	uint16_t rcode; /* with the extended bits where EDNS is there */
	bool has_question;
	struct question question;
	/*
	 * Record sets in the order their first record stands in. RRSIG records are joined to the
	 * set they cover, in the same section or, unless signatures were asked for, in another one;
	 * those that cover nothing form sets of type RRSIG. Duplicate records are dropped (RFC 2181
	 * section 5). OPT, TSIG and SIG(0) are not among them.
	 */
	struct rrset *sets[SECTION_COUNT];
	uint16_t set_count[SECTION_COUNT];
	struct edns edns;
	bool more; /* records past LIMIT_RECORDS, LIMIT_RRSET_RECORDS or LIMIT_RRSET_SIGS were left
		      out */
	size_t size; /* bytes of the message */
};

/*
 * Parses `size` bytes. The view points into `wire` only for EDNS options; all else is in the arena.
 * Records of classes other than the question's are kept; callers look at `class`.
 * RW_EMALFORMED, RW_ELIMIT, RW_ENOMEM.
 */
int msg_parse(struct arena *arena, const uint8_t *wire, size_t size,
	const struct msg **ret_msg) RW_MUSTCHECK;

/* The set of that owner, type and class IN in the section, or NULL. */
const struct rrset *msg_find(
	const struct msg *msg, enum msg_section section, const uint8_t *owner, uint16_t type);

#endif
