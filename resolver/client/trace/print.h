/* SPDX-License-Identifier: MIT */
/*
 * The tree of a trace: each note becomes a line or two as it comes, at most OUT_COLUMNS wide. The
 * client's own question is the main line; look-ups of server addresses stand indented under their
 * letter. Meaning is never carried by colour alone.
 */
#ifndef RW_CLIENT_TRACE_PRINT_H
#define RW_CLIENT_TRACE_PRINT_H

#include "resolver/client/out.h"
#include "resolver/client/trace/diagnosis.h"
#include "resolver/client/trace/history.h"

struct trace_printer {
	const struct out *out;
	struct history *history;
	const char *origin; /* "root hints", "hints FILE": printable */
	/* A referral whose glue line waits for who is asked next. */
	const struct delegation *pending;
	const struct note *hop; /* of the pending referral */
	const uint8_t *restart; /* target of an alias whose cut comes next */
	bool more;         /* levels.h adds details to this hop, so none of the others closes it */
	const char *cache; /* "127.0.0.1": the resolver of +cache; NULL without */
	const char *warning; /* beside serials that differ; NULL without */
	unsigned beyond;     /* questions asked beyond the walk */
	bool stopped;        /* their time was used up: not beside every hop */
	struct arena *arena;
};

/* The first line. */
void trace_print_begin(struct trace_printer *printer, const struct question *question);

/* A note that the history has already taken in. */
void trace_print_note(struct trace_printer *printer, const struct note *note);

/* A question goes out to `server`, so the glue that led there is known. NULL: none for now. */
void trace_print_send(struct trace_printer *printer, const struct addr *server);

/* The last lines. `result` NULL: cut short. */
void trace_print_end(struct trace_printer *printer, const struct machine_result *result,
	const struct diagnosis *end);

/*
 * One detail under a hop; `last` closes it, unless there is more to come. Too long a text goes on
 * in further lines.
 */
void trace_print_detail(const struct trace_printer *printer, bool last, const char *format, ...)
	RW_PRINTF(3, 4);

/*
 * The text of one record, in lower case where it is made of names (see out_name); NULL: the arena
 * is full.
 */
const char *trace_rdata(struct arena *arena, const struct rrset *set, unsigned index);

#endif
