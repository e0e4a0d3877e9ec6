/* SPDX-License-Identifier: MIT */
/*
 * Whether a message that came from the asked address and port is the reply to a query (RFC 5452
 * section 9). Only the header and the question are looked at, within the bytes that are there.
 */
#ifndef RW_UPSTREAM_MATCH_H
#define RW_UPSTREAM_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum match {
	MATCH_REPLY,    /* this is it */
	MATCH_WRONG_ID, /* right question, wrong id: somebody guesses */
	MATCH_CASE,     /* all right but for the letter case of the name */
	MATCH_JUNK,     /* anything else */
};

/*
 * `query` is one we built: whole header, one uncompressed question or (the client's header-only
 * queries) none, and then the reply has none either. A reply without a question is
 * taken when it can only make us ask again: an error that servers send without reading the
 * question, or TC.
 */
enum match match_reply(const uint8_t *query, size_t query_size, const uint8_t *reply,
	size_t reply_size, bool match_case);

#endif
