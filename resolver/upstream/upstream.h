/* SPDX-License-Identifier: MIT */
/*
 * Inside of the upstream room: what exchange.c, udp_out.c and tcp_out.c share.
 */
#ifndef RW_UPSTREAM_UPSTREAM_H
#define RW_UPSTREAM_UPSTREAM_H

#include "resolver/base/limits.h"
#include "resolver/base/list.h"
#include "resolver/base/pool.h"
#include "resolver/net/readiness.h"
#include "resolver/net/timers.h"
#include "resolver/upstream/exchange.h"

#define EXCHANGE_QUERY_BYTES 512 /* bytes of a query; ours have at most about 350 */

struct tcp_connection;

struct exchange {
	struct ready_io io; /* of the socket of UDP; its end also where there is none */
	struct upstream *upstream;
	struct list_link link; /* of all that are open */
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
	struct readiness *readiness;
	const struct env *env;
	const struct outgoing_settings *outgoing;
	struct timers *timers;
	struct list open; /* exchanges */
	struct pool exchange_pool;
	struct tcp_connection *connections; /* most recently used first */
	uint32_t connection_count, open_count;
	struct counters *counters;           /* of the worker */
	uint8_t buffer[LIMIT_MESSAGE_BYTES]; /* a datagram */
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

/* Both start an exchange whose query is ready; faults go through exchange_fail_later. */
void udp_start(struct exchange *exchange);
void tcp_start(struct exchange *exchange);

/* The exchange leaves its connection. `timed_out`: the server stalls. */
void tcp_leave(struct exchange *exchange, bool timed_out);

/* At the end of the room: closes every connection, ends nothing. */
void tcp_close_all(struct upstream *upstream);

#endif
