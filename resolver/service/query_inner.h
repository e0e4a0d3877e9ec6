/* SPDX-License-Identifier: MIT */
/*
 * What the files of the query path share: the query at hand, and the steps it goes through.
 *
 *   query.c        bytes to question, header rules, access; the order of the steps
 *   query_local.c  what is answered here: ours, withheld types, special-use names
 *   query_cache.c  what the cache knows, fresh or stale; the network's own rules for answers of
 *                  the outside
 *
 * The first step that says so ends the query's way.
 */
#ifndef RW_SERVICE_QUERY_INNER_H
#define RW_SERVICE_QUERY_INNER_H

#include "resolver/service/query.h"
#include "zones/own.h"

struct take {
	struct responder *responder;
	struct client_query *query;
	const struct settings *settings;
	const struct client_view *view; /* of the client; chosen when it may ask */
	uint64_t now_ms;
	uint8_t *out;
	size_t cap, size;
	enum query_verdict verdict; /* of the step that ended its way */
	size_t signature;           /* offset of a TSIG or SIG(0) record; 0: none */
};

/* Writes the reply. */
enum query_verdict query_reply(struct take *t, const struct reply *reply);
enum query_verdict query_code(struct take *t, uint16_t rcode, int ede);

/* Steps; true: the query's way ends here, with t->verdict (QUERY_ANSWERED unless it says else). */
bool query_own(struct take *t);
bool query_withheld(struct take *t);
bool query_special(struct take *t);

/* The last step. */
enum query_verdict query_cached(struct take *t);

/* The answer as one from the cache: `answer` is of t's question. */
enum query_verdict query_found(struct take *t, struct own_answer *answer);

/* What the network's own rules make of an answer of the outside. RW_ENOMEM. */
int query_apply_rules(struct responder *responder, const struct client_view *view,
	const struct client_query *query, struct reply *reply) RW_MUSTCHECK;

#endif
