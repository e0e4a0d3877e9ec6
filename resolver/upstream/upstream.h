/* SPDX-License-Identifier: MIT */
/*
 * Inside of the upstream room: what exchange.c, udp_out.c and tcp_out.c share.
 *
 * Sockets are not libuv handles here. A cold question needs a socket of its own, and a libuv handle
 * for it would cost four epoll_ctl calls and a close callback; instead all sockets sit in one epoll
 * set of our own, which is the only thing libuv watches.
 */
#ifndef RW_UPSTREAM_UPSTREAM_H
#define RW_UPSTREAM_UPSTREAM_H

#include "resolver/base/list.h"
#include "resolver/base/pool.h"
#include "resolver/upstream/exchange.h"
#include "resolver/upstream/timers.h"

#define EXCHANGE_QUERY_BYTES 512 /* bytes of a query; ours have at most about 350 */

/* Something in the epoll set. `ready` is NULL when it has died during the current batch. */
struct upstream_io {
	void (*ready)(struct upstream_io *io, uint32_t events);
};

struct tcp_connection;

struct exchange {
	struct upstream_io io; /* UDP */
	struct upstream *upstream;
	struct list_link link; /* of all that are open, or of the dead */
	struct deadline deadline;
	exchange_cb done;
	void *owner;
	uint64_t sent_ns;
	uint32_t near_misses;
	int fd;                            /* UDP; -1 without */
	struct tcp_connection *connection; /* TCP */
	struct exchange *connection_next;
	struct addr server;
	uint8_t transport;
	bool match_case;
	bool wrong_id, wrong_case; /* such near misses came */
	bool retried;              /* TCP: moved once from a connection that the server closed */
	bool failed;               /* ends with `end` in the next turn of the loop */
	enum exchange_end end;
	uint16_t size;
	uint8_t wire[EXCHANGE_QUERY_BYTES];
};

struct upstream {
	uv_poll_t poll; /* on `epoll` */
	int epoll;
	uv_loop_t *loop;
	const struct env *env;
	const struct outgoing_settings *outgoing;
	struct timers *timers;
	struct list open, dead; /* exchanges */
	struct pool exchange_pool;
	struct tcp_connection *connections; /* most recently used first */
	struct tcp_connection *dead_connections;
	uint32_t connection_count, open_count;
	bool in_batch;             /* objects that die wait until the batch of events is through */
	struct counters *counters; /* of the worker */
	uint8_t buffer[2 + 65535];
};

/* Ends the exchange now and tells its owner; only from the loop. */
void exchange_finish(
	struct exchange *exchange, enum exchange_end end, const uint8_t *wire, size_t size);

/* Ends it in the next turn of the loop; for faults met while starting. */
void exchange_fail_later(struct exchange *exchange, enum exchange_end end);

/* How a socket call that failed with `error` ends an exchange. */
enum exchange_end exchange_end_of(int error);

/* Picks one of the configured source addresses; false: the system chooses. The port is 0. */
bool upstream_source(struct upstream *upstream, enum addr_family family, struct addr *ret_source);

/* Adds to the epoll set. Returns 0 or -1 with errno. */
int upstream_watch(struct upstream *upstream, int fd, struct upstream_io *io, uint32_t events);
int upstream_rewatch(struct upstream *upstream, int fd, struct upstream_io *io, uint32_t events);

/* Both start an exchange whose query is ready; faults go through exchange_fail_later. */
void udp_start(struct exchange *exchange);
void tcp_start(struct exchange *exchange);

/* The exchange leaves its connection. `timed_out`: the server stalls. */
void tcp_leave(struct exchange *exchange, bool timed_out);

/* At the end of the room: closes every connection, ends nothing. */
void tcp_close_all(struct upstream *upstream);
void tcp_free_dead(struct upstream *upstream);

#endif
