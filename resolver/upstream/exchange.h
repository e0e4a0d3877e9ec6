/* SPDX-License-Identifier: MIT */
/*
 * Exchanges with servers, on libuv: one question out, exactly one completion back. A UDP exchange
 * has a fresh socket with an unpredictable port and a fresh id (RFC 5452); only a reply from the
 * asked address and port, with that id and the question as it was sent (letter case included when
 * asked for), completes it. Everything else that arrives is counted as a near miss and the wait
 * goes on. A reply with the right question but a wrong id makes the exchange end with
 * EXCHANGE_SUSPECT at its time-out, so that the asker turns to TCP. TCP connections are kept,
 * pipelined and shared (RFC 7766).
 *
 * This room never sees the walk: it takes bytes and gives bytes.
 */
#ifndef RW_UPSTREAM_EXCHANGE_H
#define RW_UPSTREAM_EXCHANGE_H

#include <uv.h>

#include "resolver/base/addr.h"
#include "resolver/base/counters.h"
#include "resolver/base/env.h"
#include "resolver/base/settings.h"
#include "resolver/wire/exchange_end.h"
#include "resolver/wire/transport.h"

struct upstream;
struct exchange;

struct exchange_done {
	enum exchange_end end;
	const uint8_t *wire; /* REPLY; valid during the call only */
	size_t size;
	uint32_t rtt_us; /* since the question was sent */
	uint32_t near_misses;
};

/*
 * Called exactly once per exchange, from the loop, never from inside exchange_start; not at all
 * after exchange_abandon. The exchange is gone when it returns.
 */
typedef void (*exchange_cb)(void *owner, const struct exchange_done *done);

struct exchange_query {
	struct addr server;
	enum transport transport;
	const uint8_t *wire; /* copied; the id in it is ignored */
	size_t size;
	bool match_case;
	uint32_t timeout_ms;
};

/* One per worker. `outgoing`, `env` and `counters` outlive it. */
int upstream_new(uv_loop_t *loop, const struct env *env, const struct outgoing_settings *outgoing,
	struct counters *counters, struct upstream **ret_upstream) RW_MUSTCHECK;

/* Other source addresses from now on; `outgoing` outlives it, the old one need not. */
void upstream_set_outgoing(struct upstream *upstream, const struct outgoing_settings *outgoing);

/* Ends every exchange without a completion and closes all handles; memory goes with the last one.
 */
void upstream_close(struct upstream *upstream);

/*
 * RW_EBUSY: LIMIT_EXCHANGES are open; RW_ENOMEM; RW_EINVAL: no query of ours is that long. What
 * goes wrong with sockets is a completion (EXCHANGE_RESOURCE, EXCHANGE_UNREACHABLE, ...), not an
 * error here.
 */
int exchange_start(struct upstream *upstream, const struct exchange_query *query, exchange_cb done,
	void *owner, struct exchange **ret_exchange) RW_MUSTCHECK;
void exchange_abandon(struct exchange *exchange);

/* Exchanges that are open now. */
uint32_t upstream_open(const struct upstream *upstream);

#endif
