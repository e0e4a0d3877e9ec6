/* SPDX-License-Identifier: MIT */
/*
 * The way of a query, from the bytes of a client to an answer or a question to the engine:
 * precheck, header rules, question, access, local data and cache. Nothing here allocates (a scratch
 * arena is kept), logs, or reads a clock.
 */
#ifndef RW_SERVICE_QUERY_H
#define RW_SERVICE_QUERY_H

#include "resolver/base/counters.h"
#include "resolver/engine/engine.h"
#include "resolver/service/reply.h"
#include "resolver/views/views.h"

/* What should be learnt anew for the next client's sake, behind the back of this one. */
struct refresh_list {
	const struct localdata *localdata; /* of the client's view */
	bool is_due; /* all of it is in the last tenth of its life; else some has expired */
	unsigned count;
	struct question questions[ANSWER_SETS]; /* in the responder's arena */
};

/* What queries of one worker are answered with. */
struct responder {
	struct views *views;
	struct cache *cache;
	struct engine *engine;       /* whose questions may come back; may be NULL in tests */
	struct arena arena;          /* scratch, cleared with each query */
	struct name_folded folded;   /* the name of the query at hand; policy's */
	struct answer answer;        /* to the query at hand: what is found, then what is said */
	struct refresh_list refresh; /* by the query at hand */
	unsigned rotation;
	struct counters *counters; /* of the worker */
};

enum query_verdict {
	QUERY_DROP,     /* say nothing */
	QUERY_ANSWERED, /* `out` holds the answer */
	QUERY_ASK,      /* ask the engine for query_asked, then query_answer */
};

/* From where a query came, and when. */
struct query_origin {
	struct addr client;
	bool tcp;
	uint64_t now_ms;
};

/* Where the reply goes; `cap` as for reply_build. */
struct query_output {
	uint8_t *bytes;
	size_t cap;
	size_t size; /* of the reply, once there is one */
};

/* What it is given outlives it. */
void responder_init(struct responder *responder, struct views *views, struct cache *cache,
	struct engine *engine, struct counters *counters);
void responder_release(struct responder *responder);

/* Reads the query into `ret_query` and answers it where that takes no asking. */
enum query_verdict query_take(struct responder *responder, const uint8_t *wire, size_t size,
	const struct query_origin *origin, struct client_query *ret_query,
	struct query_output *out);

/* What the engine is asked: the question, or what a rule of policy makes of it. */
struct question query_asked(const struct client_query *query);

/* What is known of that here already, for the engine to begin with. Valid until the next query. */
const struct answer *query_finding(const struct responder *responder);

/* What the last query has made due. Valid until the next query. */
const struct refresh_list *query_refreshes(const struct responder *responder);

/*
 * Writes the answer to a query that was asked of the engine. `result` NULL: it had no room for it.
 * QUERY_DROP: nothing is to be said; QUERY_ASK, at most once for a query: a rule of policy leads
 * on, so that the engine must be asked for query_asked, and this be called again.
 */
enum query_verdict query_answer(struct responder *responder, struct client_query *query,
	const struct machine_result *result, uint64_t now_ms, struct query_output *out);

#endif
