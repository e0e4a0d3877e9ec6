/* SPDX-License-Identifier: MIT */
/*
 * A worker: one thread with its own loop, sockets, engine and clients. Workers share the cache, the
 * memory of servers and the views; nothing else. Other threads talk to a worker only through
 * worker_reload and worker_stop, which post mail to it and wake its loop.
 */
#ifndef RW_SERVICE_WORKER_H
#define RW_SERVICE_WORKER_H

#include <pthread.h>
#include <uv.h>

#include "resolver/base/list.h"
#include "resolver/base/mail.h"
#include "resolver/base/pool.h"
#include "resolver/service/query.h"
#include "resolver/net/readiness.h"
#include "resolver/net/timers.h"

/* The sockets of one listen address, bound and listening; -1: none. */
struct listen_sockets {
	struct addr address;
	int udp, tcp;
};

struct udp_listener;
struct udp_input;
struct tcp_listener;
struct tcp_client;

struct worker {
	unsigned number;
	pthread_t thread;
	uv_loop_t loop;
	uv_async_t wake;
	uv_prepare_t prepare; /* send what has gathered before the loop blocks */
	uv_check_t check;
	const struct env *env;
	struct cache *cache;
	struct infra *infra;
	struct counters *counters; /* its block, which others read */
	struct uplink *uplink;     /* the first worker's, or NULL */
	struct engine *engine;
	struct views *views;
	struct responder responder;
	struct timers *timers;
	struct readiness *readiness; /* of TCP; what comes by UDP is libuv's own matter */
	struct deadline drain;

	struct list udp; /* listeners */
	struct udp_input *udp_input;
	struct pool udp_waiting;    /* queries that wait for the engine */
	struct list tcp;            /* listeners */
	struct tcp_client *clients; /* newest first */
	uint32_t client_count;
	uint32_t waiting; /* queries that wait for the engine */
	bool stopping, closed;
	uint8_t out[65535]; /* an answer over TCP while it is made */

	struct mailbox mail; /* from other threads */
};

/*
 * Prepares a worker on the sockets, which it takes over (on failure too). It runs when
 * worker_start has given it a thread. RW_ENOMEM, RW_ESYSTEM.
 */
int worker_new(unsigned number, const struct engine_shared *shared, struct views *views,
	const struct listen_sockets *sockets, size_t socket_count,
	struct worker **ret_worker) RW_MUSTCHECK;
int worker_start(struct worker *worker) RW_MUSTCHECK;

/* From now on with these settings, on the addresses they name: `added` (taken over) is new, what
 * stays keeps its sockets, the rest is closed. */
void worker_reload(struct worker *worker, struct views *views, const struct listen_sockets *added,
	size_t added_count);

/* Asks it to drain and to end; worker_join waits for that. */
void worker_stop(struct worker *worker);
void worker_join(struct worker *worker);

/* Ends the loop of a worker that has no thread. */
void worker_run(struct worker *worker);
void worker_free(struct worker *worker);

/* Has the engine refresh what the last query found to be about to expire, or expired. */
void worker_refresh(struct worker *worker);

/* A query no longer waits; the last one ends a drain. */
void worker_waiting_done(struct worker *worker);

#endif
