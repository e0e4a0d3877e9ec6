/* SPDX-License-Identifier: MIT */
/*
 * A scenario text as data. One text in prose: the head says how the resolver is set up; ranges are
 * servers that live while the step number is within them, each with entries that say which question
 * they match and what they reply; steps are what happens in turn: the client asks, its answer is
 * checked, time passes. Everything belongs to the text's arena.
 *
 * Beside the words of shared texts there are words of our own: MATCH `edns` and `noedns` (the
 * question has an OPT record or not), ADJUST `lower_query` (the question in small letters), STEP
 * `SENDS_AT_MOST n` (questions to servers since the client's last one), STEP `CHECK_OUT_QUERY` (one
 * of these looked like the entry), and the head's `expect: fail` (a fault must be found:
 * proof that it can be).
 */
#ifndef RW_TEST_RPL_H
#define RW_TEST_RPL_H

#include "resolver/base/addr.h"
#include "resolver/base/arena.h"
#include "resolver/wire/msg.h"
#include "resolver/wire/rrset.h"

#define RPL_BYTES     (8u << 20)  /* of one text */
#define RPL_ARENA     (96u << 20) /* of one text as data */
#define RPL_ADDRESSES 32          /* of one range */
#define RPL_TTL       3600        /* s, of a record that has none */

enum rpl_match {
	MATCH_OPCODE = 1 << 0,
	MATCH_QTYPE = 1 << 1,
	MATCH_QNAME = 1 << 2,
	MATCH_SUBDOMAIN = 1 << 3,
	MATCH_QUESTION = 1 << 4,
	MATCH_FLAGS = 1 << 5,
	MATCH_RCODE = 1 << 6,
	MATCH_ANSWER = 1 << 7,
	MATCH_AUTHORITY = 1 << 8,
	MATCH_ADDITIONAL = 1 << 9,
	MATCH_TTL = 1 << 10,
	MATCH_TCP = 1 << 11,
	MATCH_UDP = 1 << 12,
	MATCH_DO = 1 << 13,
	MATCH_EDNS = 1 << 14,
	MATCH_NOEDNS = 1 << 15,
	MATCH_ALL = MATCH_OPCODE | MATCH_QUESTION | MATCH_FLAGS | MATCH_RCODE | MATCH_ANSWER |
		    MATCH_AUTHORITY | MATCH_ADDITIONAL,
};

/* One record each, in the order of the text. */
struct rpl_record {
	struct rrset *set;
	struct rpl_record *next;
};

struct rpl_entry {
	unsigned line;
	uint32_t match; /* enum rpl_match; 0 when the text has no MATCH line */
	bool copy_query, lower_query, do_not_answer, mandatory, used;
	uint16_t flags; /* enum header_flag */
	uint8_t opcode;
	uint16_t rcode;
	bool dnssec_ok, has_question;
	struct question question;
	struct rpl_record *sections[SECTION_COUNT];
	const uint8_t *raw; /* a message as bytes; NULL without */
	size_t raw_size;
	struct rpl_entry *next;
};

struct range {
	uint32_t from, to;
	struct addr addresses[RPL_ADDRESSES]; /* port 0 */
	unsigned address_count;
	struct rpl_entry *entries;
	struct range *next;
};

enum step_kind {
	STEP_QUERY,
	STEP_CHECK_ANSWER,
	STEP_REPLY,
	STEP_TIME_PASSES,
	STEP_CHECK_OUT_QUERY,
	STEP_SENDS_AT_MOST,
	STEP_NOTHING,
};

struct step {
	unsigned line;
	uint32_t number, argument; /* TIME_PASSES: s; SENDS_AT_MOST: questions */
	enum step_kind kind;
	struct rpl_entry *entry; /* NULL where the kind has none */
	bool used;               /* REPLY: given already */
	struct step *next;
};

struct rpl_key {
	unsigned line;
	const char *name, *value;
	struct rpl_key *next;
};

struct rpl {
	struct arena arena;
	const char *path, *title;
	struct rpl_key *keys;
	struct range *ranges;
	struct step *steps;
	const char *fault; /* what was not understood, with file and line */
};

/* Reads a text. What is not understood is told in `fault`; then the text must not be played. */
void rpl_read(const char *path, struct rpl *ret_rpl);
void rpl_release(struct rpl *rpl);

/* ---- shared by the parser's files ---- */

struct rpl_reader {
	struct rpl *rpl;
	char *rest; /* text not read yet */
	char *line; /* current line, trimmed, without comment; NULL at the end */
	unsigned number;
};

/* The next line that holds anything; false at the end or after a fault. */
bool reader_next(struct rpl_reader *reader);
/* Remembers the first fault. Returns false. */
bool reader_fault(struct rpl_reader *reader, const char *format, ...) RW_PRINTF(2, 3);
/* Memory of the text; a fault and NULL when it is used up. */
void *reader_alloc(struct rpl_reader *reader, size_t size);
/* Cuts the next word off `*cursor`; NULL when there is none. */
char *next_word(char **cursor);

/* Reads the lines behind ENTRY_BEGIN up to ENTRY_END. NULL after a fault. */
struct rpl_entry *entry_read(struct rpl_reader *reader);

#endif
