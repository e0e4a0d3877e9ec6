/* SPDX-License-Identifier: MIT */
/*
 * The history of a trace: what the notes of a walk add up to. It numbers hops, remembers which hop
 * told of which zone cut, and gathers failures and costs; diagnosis.h says from it who is to blame.
 * It prints nothing; print.c and json.c do, from the same history.
 *
 * Words of ours: a *hop* is one question to one server. Hops of the client's own question have
 * numbers that go up when something was learnt, so servers that fail share the number of the one
 * that helped in the end. A *lookup* is a sub-walk; it has a letter, and its hops are a1, a2, ...
 *
 * All pointers are into notes, which live as long as the request.
 */
#ifndef RW_CLIENT_TRACE_HISTORY_H
#define RW_CLIENT_TRACE_HISTORY_H

#include "resolver/request/request.h"

#define HISTORY_WALKS    (LIMIT_SUBWALKS + 1)
#define HISTORY_CUTS     128                     /* zone cuts remembered with their hop */
#define HISTORY_FAILURES LIMIT_SENDS_PER_REQUEST /* servers that failed */
#define HISTORY_LABEL    16                      /* bytes of "12" or "ab3" */
#define HISTORY_SERIALS  64                      /* servers whose serial was seen */

enum blame {
	BLAME_LAME,   /* answers, but not for the zone: REFUSED or no authority */
	BLAME_SILENT, /* no reply */
	BLAME_ERROR,  /* SERVFAIL, another rcode, or nonsense */
	BLAME_POLICY, /* not asked: forbidden address, family off */
};

struct history_failure {
	uint32_t walk;
	const uint8_t *zone, *server_name;
	struct addr server;
	enum blame blame;
	const char *text; /* static: "REFUSED", "timed out", ... */
	unsigned times;
};

struct history_walk {
	uint32_t number, parent;
	struct question question;
	const struct delegation *cut; /* where it is now */
	unsigned hops;                /* number of the hop under way, from 1 */
	unsigned letter;              /* of a lookup, from 1 */
	bool ended;
	uint16_t rcode; /* once ended */
	const char *end_text;
	const struct rrset *answer; /* what it found last */
	bool announced;             /* its first line is printed */
};

struct history_cut {
	const uint8_t *zone;
	char label[HISTORY_LABEL];
};

/* What a server said the serial of a zone is. */
struct history_serial {
	const uint8_t *zone, *server_name;
	struct addr server;
	uint32_t serial;
};

struct history {
	struct history_walk walks[HISTORY_WALKS];
	unsigned walk_count, letters;
	struct history_cut cuts[HISTORY_CUTS];
	unsigned cut_count;
	struct history_failure failures[HISTORY_FAILURES];
	unsigned failure_count;
	struct history_serial serials[HISTORY_SERIALS];
	unsigned serial_count;
	unsigned own_queries, lookup_queries, replies;
	uint64_t wire_us, slowest_us;
	char slowest[HISTORY_LABEL];
	char last[HISTORY_LABEL]; /* label of the newest hop */
};

/* Takes the next note in. Call before rendering it. */
void history_note(struct history *history, const struct note *note);

/* The walk of a note; NULL when there are more than HISTORY_WALKS. */
struct history_walk *history_walk(struct history *history, uint32_t number);

/* "3" or "a2" for the hop under way, "a" for a lookup as a whole. Returns `buf`. */
const char *history_hop_label(const struct history_walk *walk, char buf[HISTORY_LABEL]);
const char *history_walk_label(const struct history_walk *walk, char buf[HISTORY_LABEL]);

/* The label of the hop that told of the cut, or NULL. */
const char *history_cut_label(const struct history *history, const uint8_t *zone);

/* Whether the reply was to a name shortened for privacy (RFC 9156), so not the end of the walk. */
bool history_is_shortened(const struct note *note);

/*
 * A serial that was seen beyond the notes; those in replies with authority are taken by
 * history_note. Of one server the first one counts.
 */
void history_serial(struct history *history, const uint8_t *zone, const uint8_t *server_name,
	const struct addr *server, uint32_t serial);

/* Whether servers of the zone were seen with different serials. */
bool history_serials_differ(const struct history *history, const uint8_t *zone);

/* NULL for a reply of use. */
const char *history_failure_text(const struct note *note, enum blame *ret_blame);

#endif
