/* SPDX-License-Identifier: MIT */
/*
 * The story of a trace: what the notes of a walk add up to. It numbers hops, remembers which hop
 * told of which zone cut, gathers failures and costs, and in the end says who is to blame. It
 * prints nothing; print.c and json.c do, from the same story.
 *
 * Words of ours: a *hop* is one question to one server. Hops of the client's own question have
 * numbers that go up when something was learnt, so servers that fail share the number of the one
 * that helped in the end. A *lookup* is a sub-walk; it has a letter, and its hops are a1, a2, ...
 *
 * All pointers are into notes, which live as long as the request.
 */
#ifndef RW_CLIENT_TRACE_STORY_H
#define RW_CLIENT_TRACE_STORY_H

#include "resolver/iterate/request.h"

#define STORY_WALKS    (LIMIT_SUBWALKS + 1)
#define STORY_CUTS     128                     /* zone cuts remembered with their hop */
#define STORY_FAILURES LIMIT_SENDS_PER_REQUEST /* servers that failed */
#define STORY_LABEL    16                      /* bytes of "12" or "ab3" */
#define STORY_SERIALS  64                      /* servers whose serial was seen */

enum blame {
	BLAME_LAME,   /* answers, but not for the zone: REFUSED or no authority */
	BLAME_SILENT, /* no reply */
	BLAME_ERROR,  /* SERVFAIL, another rcode, or nonsense */
	BLAME_POLICY, /* not asked: forbidden address, family off */
};

struct story_failure {
	uint32_t walk;
	const uint8_t *zone, *server_name;
	struct addr server;
	enum blame blame;
	const char *text; /* static: "REFUSED", "timed out", ... */
	unsigned times;
};

struct story_walk {
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

struct story_cut {
	const uint8_t *zone;
	char label[STORY_LABEL];
};

/* What a server said the serial of a zone is. */
struct story_serial {
	const uint8_t *zone, *server_name;
	struct addr server;
	uint32_t serial;
};

struct story {
	struct story_walk walks[STORY_WALKS];
	unsigned walk_count, letters;
	struct story_cut cuts[STORY_CUTS];
	unsigned cut_count;
	struct story_failure failures[STORY_FAILURES];
	unsigned failure_count;
	struct story_serial serials[STORY_SERIALS];
	unsigned serial_count;
	unsigned own_queries, lookup_queries, replies;
	uint64_t wire_us, slowest_us;
	char slowest[STORY_LABEL];
	char last[STORY_LABEL]; /* label of the newest hop */
};

/* How it ended, for all renderings. */
enum verdict {
	VERDICT_ANSWER,
	VERDICT_NODATA,
	VERDICT_NXDOMAIN,
	VERDICT_LAME,     /* the servers of the zone do not serve it */
	VERDICT_BROKEN,   /* the servers of the zone cannot be reached or found */
	VERDICT_ERROR,    /* the servers of the zone fail by themselves */
	VERDICT_SILENCE,  /* nobody answered at all */
	VERDICT_GIVEN_UP, /* a limit, a circle of aliases, ... */
};

struct story_end {
	enum verdict verdict;
	int exit_code;                   /* enum exit_code */
	uint32_t ttl;                    /* s; how long a cache may keep it */
	const struct delegation *cut;    /* whose servers failed */
	const struct story_walk *cause;  /* the lookup that failed first, NULL: none is to blame */
	const struct story_walk *circle; /* a lookup that needs the very zone it is to help */
	unsigned unresolved;             /* servers of `cut` whose names have no address */
};

/* Takes the next note in. Call before rendering it. */
void story_note(struct story *story, const struct note *note);

/* The walk of a note; NULL when there are more than STORY_WALKS. */
struct story_walk *story_walk(struct story *story, uint32_t number);

/* "3" or "a2" for the hop under way, "a" for a lookup as a whole. Returns `buf`. */
const char *story_hop_label(const struct story_walk *walk, char buf[STORY_LABEL]);
const char *story_walk_label(const struct story_walk *walk, char buf[STORY_LABEL]);

/* The label of the hop that told of the cut, or NULL. */
const char *story_cut_label(const struct story *story, const uint8_t *zone);

/* Whether the reply was to a name shortened for privacy (RFC 9156), so not the end of the walk. */
bool story_is_shortened(const struct note *note);

/*
 * A serial that was seen beyond the notes; those in replies with authority are taken by
 * story_note. Of one server the first one counts.
 */
void story_serial(struct story *story, const uint8_t *zone, const uint8_t *server_name,
	const struct addr *server, uint32_t serial);

/* Whether servers of the zone were seen with different serials. */
bool story_serials_differ(const struct story *story, const uint8_t *zone);

/* NULL for a reply of use. */
const char *story_failure_text(const struct note *note, enum blame *ret_blame);

/* `result` NULL: the trace was cut short. */
void story_judge(
	const struct story *story, const struct walk_result *result, struct story_end *ret_end);

#endif
