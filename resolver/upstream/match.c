/* SPDX-License-Identifier: MIT */
/* Comparison of a reply's header and question with those of the query. */
#include "resolver/upstream/match.h"

#include <string.h>

#include "resolver/wire/rr.h"

#define OPCODE_MASK 0x7800
#define RCODE_MASK  0x000f

enum question_match {
	QUESTION_SAME,
	QUESTION_OTHER_CASE,
	QUESTION_OTHER,
};

/* Bytes of the query's question, or 0 when it has no whole one. */
static size_t question_size(const uint8_t *query, size_t size)
{
	size_t at = HEADER_SIZE;
	while (at < size && query[at] != 0)
		at += 1 + (size_t)query[at];
	return at + 5 <= size ? at + 5 - HEADER_SIZE : 0;
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

/* `size` bytes of name, type and class. Type and class must be the same byte for byte. */
static enum question_match compare(const uint8_t *asked, const uint8_t *given, size_t size)
{
	if (memcmp(asked, given, size) == 0)
		return QUESTION_SAME;
	if (memcmp(asked + size - 4, given + size - 4, 4) != 0)
		return QUESTION_OTHER;
	for (size_t i = 0; i < size - 4; i++)
		if (lower(asked[i]) != lower(given[i]))
			return QUESTION_OTHER;
	return QUESTION_OTHER_CASE;
}

static bool harmless_without_question(uint16_t flags)
{
	switch (flags & RCODE_MASK) {
	case RCODE_FORMERR:
	case RCODE_SERVFAIL:
	case RCODE_NOTIMP:
	case RCODE_REFUSED:
		return true;
	default:
		return (flags & FLAG_TC) != 0;
	}
}

enum match match_reply(const uint8_t *query, size_t query_size, const uint8_t *reply,
	size_t reply_size, bool match_case)
{
	if (reply_size < HEADER_SIZE || query_size < HEADER_SIZE)
		return MATCH_JUNK;
	uint16_t flags = rr_get16(reply + 2);
	if (!(flags & FLAG_QR) || ((flags ^ rr_get16(query + 2)) & OPCODE_MASK))
		return MATCH_JUNK;
	bool right_id = rr_get16(reply) == rr_get16(query);
	if (rr_get16(query + 4) == 0) /* nothing was asked: RFC 7873 section 5.4 */
		return right_id && rr_get16(reply + 4) == 0 ? MATCH_REPLY : MATCH_JUNK;
	if (rr_get16(reply + 4) == 0)
		return right_id && harmless_without_question(flags) ? MATCH_REPLY : MATCH_JUNK;
	size_t size = question_size(query, query_size);
	if (rr_get16(reply + 4) != 1 || size == 0 || reply_size < HEADER_SIZE + size)
		return MATCH_JUNK;
	enum question_match same = compare(query + HEADER_SIZE, reply + HEADER_SIZE, size);
	if (same == QUESTION_OTHER)
		return MATCH_JUNK;
	if (!right_id)
		return MATCH_WRONG_ID;
	return same == QUESTION_OTHER_CASE && match_case ? MATCH_CASE : MATCH_REPLY;
}
