/* SPDX-License-Identifier: MIT */
/*
 * The engine: where the sans-I/O walk meets libuv, one per worker. Equal questions in flight share
 * one request (a *job*) where the same names are ours for their askers (one view, or views with the
 * same `struct localdata`); each asker is a *waiter* and is told once. Expired data is handed to
 * the waiters when fresh data takes longer than `cache.stale-client-timeout` (RFC 8767), while the
 * job goes on to refresh the cache. Shortly before a waiter's question is as old as
 * `discard-timeout`, it is told of the failure so far, because a later response would not be sent.
 *
 * Admission: at most LIMIT_JOBS jobs; when all places are taken, the oldest gives way if it has had
 * LIMIT_JOSTLE_MS. Quotas of zones are in admission.h, those of clients in client_quota.h.
 */
#ifndef RW_ENGINE_ENGINE_H
#define RW_ENGINE_ENGINE_H

#include <uv.h>

#include "resolver/base/list.h"
#include "resolver/request/request.h"

struct engine;

struct engine_shared {
	const struct env *env;
	struct cache *cache;
	struct infra *infra;
	struct counters *counters;    /* the block of this worker */
	struct client_quota *clients; /* of all workers; NULL: as many questions as they like */
	struct echo_board *echoes;    /* of all workers; NULL: forwarding loops end by time-out */
};

/*
 * Settings, hints and views are shared by reference and counted: jobs that run keep the
 * one they began with.
 */
struct views;
struct localdata;

int engine_new(uv_loop_t *loop, const struct engine_shared *shared, struct views *views,
	struct engine **ret_engine) RW_MUSTCHECK;

/* Takes new views for the jobs to come; the cache stays. */
void engine_set_views(struct engine *engine, struct views *views);

/* Ends all jobs; waiters still there are told RCODE_SERVFAIL. Memory goes with the last handle. */
void engine_close(struct engine *engine);

/*
 * Embedded in the asker's own object. `done` is called exactly once per engine_ask that returned 0,
 * from the loop, never from inside engine_ask; `result` is valid during the call only.
 */
struct waiter {
	struct list_link link;      /* the engine's */
	struct job *job;            /* the engine's */
	struct client_share *share; /* the engine's */
	uint64_t since_ms;          /* when it began to wait; the engine's */
	const struct addr *client;  /* whose question it is, and in whose view, read by engine_ask;
				       NULL: nobody's, in the view of everybody */
	bool patient;               /* waits as long as it takes; others get a failure in time */
	void (*done)(struct waiter *waiter, const struct machine_result *result);
};

/*
 * Resolves the question. `found` is what the caller has just found of it, in the view of the same
 * client: the walk begins there, and looks nothing up again. It is copied. NULL: nobody has looked;
 * without effect where the same question is under way. RW_EBUSY: too many jobs, or too many waiters
 * for this question; RW_ELIMIT: too many questions of this client wait; RW_ENOMEM.
 */
int engine_ask(struct engine *engine, const struct question *question, const struct answer *found,
	struct waiter *waiter) RW_MUSTCHECK;

/*
 * Whether the question is one of our own that a forwarder has passed on until it came back to us:
 * it cannot be answered. The job that waits for the forwarder is told.
 */
bool engine_hears_echo(
	struct engine *engine, const struct question *question, const struct addr *asker);

/* The waiter is gone; the job goes on for the cache's sake. */
void engine_forget(struct engine *engine, struct waiter *waiter);

/*
 * Resolves the question for the cache's sake, with a smaller purse than a client's; nobody waits.
 * Best effort. `localdata` is of one of the engine's views, or NULL. `found` is as for engine_ask:
 * with an answer of which nothing is known, servers are asked although the cache knows.
 */
void engine_refresh(struct engine *engine, const struct localdata *localdata,
	const struct question *question, const struct answer *found);

/* Jobs running now. */
uint32_t engine_jobs(const struct engine *engine);

#endif
