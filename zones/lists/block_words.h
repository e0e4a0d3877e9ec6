/* SPDX-License-Identifier: MIT */
/* The words that lines of block lists are made of. A span is a part of the text, which it does not
 * own. */
#ifndef RW_LISTS_BLOCK_WORDS_H
#define RW_LISTS_BLOCK_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/base/limits.h"
#include "resolver/base/rw.h"

struct span {
	const char *at, *end;
};

static inline bool span_is_empty(struct span text)
{
	return text.at == text.end;
}

static inline bool span_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Without white space at either end. */
struct span span_trim(struct span text);

/* The first word of `*text`, which then begins behind it; empty at the end. */
struct span span_word(struct span *text);

bool span_starts(struct span text, const char *with);
bool span_ends(struct span text, const char *with);
bool span_equals(struct span text, const char *with); /* letter case aside */
bool span_has_any(struct span text, const char *bytes);

/* Takes what the text begins or ends with away from it; false: it does not. */
bool span_cut_start(struct span *text, const char *with);
bool span_cut_end(struct span *text, const char *with);

/* A name of letters, digits, hyphens and underscores into wire form, in small letters, with or
 * without a dot at its end. */
bool block_name(struct span text, uint8_t ret_name[LIMIT_NAME_BYTES]) RW_MUSTCHECK;

enum block_address {
	BLOCK_NO_ADDRESS,
	BLOCK_SINK, /* addresses to which block lists send blocked names */
	BLOCK_OTHER_ADDRESS,
};

enum block_address block_address(struct span word);

/* Whether it is a name that hosts files have for the machine itself. */
bool block_is_own_name(struct span word);

#endif
