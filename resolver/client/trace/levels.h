/* SPDX-License-Identifier: MIT */
/*
 * What +trace asks beyond the walk, beside each hop that led on: every server of that level
 * (+allns), and what a resolver still holds of what the hop taught (+cache=@resolver). A level is a
 * zone cut together with the name that is looked for there. The walk is held meanwhile (walker.h);
 * without these options not one query more than the walk's is sent.
 */
#ifndef RW_CLIENT_TRACE_LEVELS_H
#define RW_CLIENT_TRACE_LEVELS_H

#include "resolver/client/dig/servers.h"
#include "resolver/client/trace/print.h"
#include "resolver/client/trace/walker.h"

#define LEVELS_MAX      32                             /* levels of one trace that are asked */
#define LEVEL_ASKED     64                             /* addresses of one level */
#define LEVEL_HELD      3                              /* questions to the resolver for one hop */
#define LEVEL_POLLS     (2 * LEVEL_ASKED + LEVEL_HELD) /* data and SOA of each; the resolver */
#define LEVEL_POLL_MS   2000                           /* for one reply */
#define LEVEL_LOOKUP_MS 5000  /* after this no more lookups of addresses for one level */
#define LEVELS_MS       30000 /* after this no more levels */

/* One server of a level. */
struct level_asked {
	const uint8_t *name;
	struct addr addr; /* family ADDR_NONE: the name led to no address */
	const char *says; /* its answer in words */
	uint32_t serial;
	bool has_serial, differs; /* from the first that answers */
	bool silent;              /* it does not answer: whether it would differ is not known */
};

/* One thing a hop taught, and what the resolver holds of it. */
struct level_held {
	struct question question;
	const char *taught; /* by the hop, in words; NULL: not known */
	uint32_t of;        /* s; the TTL it was taught with */
	const char *says;
	uint32_t left; /* s */
	bool held, failed, differs;
};

struct trace_level {
	const uint8_t *zone;
	const struct delegation *cut; /* its servers */
	struct question question;     /* where the walk was then */
	const struct note *hop;       /* the reply that led on */
	char label[HISTORY_LABEL];
	struct level_asked asked[LEVEL_ASKED];
	unsigned asked_count;
	bool differ;
	struct level_held held[LEVEL_HELD];
	unsigned held_count;
};

struct trace_levels {
	struct walker *walker;
	struct history *history;
	bool all_servers;
	const struct servers *resolver; /* +cache; NULL without */

	const struct delegation *cut; /* of the client's own question, where the walk is */
	struct {
		const uint8_t *zone, *name;
	} seen[LEVELS_MAX];
	unsigned seen_count;
	struct trace_level level; /* the newest */
	bool due;                 /* it is still to be asked */
	bool disagree;            /* so did servers of any level */
	const char *warning;      /* of answers that differ while serials do not; NULL without */
	unsigned queries;         /* sent beyond the walk */
	uint64_t spent_ms;        /* with asking */
	bool stopped;             /* LEVELS_MS are spent: levels were left out */
};

/* A note that the history has already taken in. */
void trace_levels_note(struct trace_levels *levels, const struct note *note);

/* Asks for the level that is due; not from within a callback of the walker's loop. */
void trace_levels_ask(struct trace_levels *levels);

/* ---- renderings of the newest level ---- */

/* Details under the hop; they close it. */
void trace_levels_print(const struct trace_levels *levels, struct trace_printer *printer);

/* Events "servers" and "cache". */
void trace_levels_json(const struct trace_levels *levels, const struct out *out);

/* +short: the data with their source, one line each. */
void trace_levels_short(const struct trace_levels *levels, const struct out *out);

#endif
