/* SPDX-License-Identifier: MIT */
/*
 * What the files of the query path share: the query at hand, and the steps it goes through.
 *
 *   query.c        bytes to question, header rules, access; the order of the steps
 *   query_policy.c what block lists and policy zones say, of the question and of its answer
 *   query_local.c  what is answered here: ours, withheld types, special-use names
 *   query_cache.c  what the cache knows, fresh or stale; the network's own rules for answers of
 *                  the outside
 *
 * The first step that says so ends the query's way.
 */
#ifndef RW_SERVICE_QUERY_INNER_H
#define RW_SERVICE_QUERY_INNER_H

#include "resolver/service/query.h"
#include "zones/localdata.h"

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

/* One answer of the outside on its way to the client. */
struct query_way {
	struct responder *responder;
	const struct client_view *view;
	struct client_query *query;
	uint64_t now_ms;
};

/*
 * What policy and the network's own rules make of an answer of the outside. QUERY_ANSWERED: `reply`
 * is what to say; else as query_answer says. RW_ENOMEM.
 */
int query_judge(const struct query_way *way, struct reply *reply,
	enum query_verdict *ret_verdict) RW_MUSTCHECK;

/*
 * Leaves out sets of withheld types that an alias has led to, or a question for any type.
 * RW_ENOMEM.
 */
int query_withhold(const struct query_way *way, struct reply *reply) RW_MUSTCHECK;

/* The answer of what a rule leads to, behind the aliases that lead there. The same. */
int query_redirected(const struct query_way *way, struct reply *reply,
	enum query_verdict *ret_verdict) RW_MUSTCHECK;

/* The same, and the reply written. */
enum query_verdict query_outside(struct take *t, struct reply *reply);

/*
 * Policy has the first word, and so is asked by every step that is about to answer, before it does.
 * It begins when the query comes, so that what memory it needs is there when a step has found what
 * to say. `local`: what is about to be said is not of the outside. True: as for steps.
 */
void query_begin_policy(struct take *t);
bool query_policy(struct take *t, bool local);

/* Steps; true: the query's way ends here, with t->verdict (QUERY_ANSWERED unless it says else). */
bool query_own(struct take *t);
bool query_withheld(struct take *t);
bool query_special(struct take *t);

/* The last step. */
enum query_verdict query_cached(struct take *t);

/* The answer as one from the cache: `answer` is of t's question. */
enum query_verdict query_found(struct take *t, struct localdata_answer *answer);

#endif
