/* SPDX-License-Identifier: MIT */
/* The life of an exchange, whatever carries it. */
#include "resolver/upstream/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/upstream/upstream.h"

enum exchange_end exchange_end_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
		return EXCHANGE_REFUSED;
	case EPIPE:
		return EXCHANGE_CLOSED;
	case ETIMEDOUT:
		return EXCHANGE_TIMEOUT;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
	case EAGAIN:
	case EADDRINUSE: /* no port is left */
		return EXCHANGE_RESOURCE;
	default:
		/*
		 * All else is about the way to that server: no route, no such family, what ICMP
		 * and firewalls say. Another server may still be reached.
		 */
		return EXCHANGE_UNREACHABLE;
	}
}

bool upstream_source(struct upstream *upstream, enum addr_family family, struct addr *ret_source)
{
	const struct addr_list *list = &upstream->outgoing->addresses;
	uint32_t usable = 0;
	for (size_t i = 0; i < list->count; i++)
		usable += list->items[i].family == family;
	if (usable == 0)
		return false;
	uint32_t chosen = usable > 1 ? env_random_below(upstream->env, usable) : 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].family != family || chosen-- > 0)
			continue;
		*ret_source = list->items[i];
		ret_source->port = 0;
		return true;
	}
	return false;
}

static void recycle(struct ready_io *io)
{
	struct exchange *exchange = rw_container_of(io, struct exchange, io);
	pool_put(&exchange->upstream->exchange_pool, exchange);
}

int upstream_new(uv_loop_t *loop, const struct env *env, const struct outgoing_settings *outgoing,
	struct counters *counters, struct upstream **ret_upstream)
{
	struct upstream *upstream = calloc(1, sizeof(*upstream));
	if (!upstream)
		return RW_ENOMEM;
	upstream->env = env;
	upstream->outgoing = outgoing;
	upstream->counters = counters;
	upstream->exchange_pool.size = sizeof(struct exchange);
	int err = timers_new(loop, env, &upstream->timers);
	if (!err)
		err = readiness_new(loop, &upstream->readiness);
	if (err) {
		timers_close(upstream->timers);
		free(upstream);
		return err;
	}
	*ret_upstream = upstream;
	return 0;
}

void upstream_set_outgoing(struct upstream *upstream, const struct outgoing_settings *outgoing)
{
	upstream->outgoing = outgoing;
}

static void free_upstream(void *owner)
{
	struct upstream *upstream = owner;
	pool_release(&upstream->exchange_pool);
	free(upstream);
}

/* Takes it off everything it hangs on; afterwards only its memory is left. */
static void unlink_exchange(struct exchange *exchange, bool timed_out)
{
	struct upstream *upstream = exchange->upstream;
	deadline_stop(upstream->timers, &exchange->deadline);
	if (exchange->fd >= 0)
		(void)close(exchange->fd);
	exchange->fd = -1;
	exchange->io.ready = NULL;
	if (exchange->connection)
		tcp_leave(exchange, timed_out);
	list_remove(&exchange->link);
	upstream->open_count--;
}

void upstream_close(struct upstream *upstream)
{
	list_each(struct exchange, exchange, &upstream->open, link)
		exchange_abandon(exchange);
	tcp_close_all(upstream);
	timers_close(upstream->timers);
	upstream->timers = NULL;
	readiness_close(upstream->readiness, free_upstream, upstream);
}

void exchange_finish(
	struct exchange *exchange, enum exchange_end end, const uint8_t *wire, size_t size)
{
	struct upstream *upstream = exchange->upstream;
	unlink_exchange(exchange, end == EXCHANGE_TIMEOUT);
	if (end == EXCHANGE_REPLY)
		counters_increment(upstream->counters, COUNT_REPLIES);
	if (end == EXCHANGE_TIMEOUT)
		counters_increment(upstream->counters, COUNT_TIMEOUTS);
	counters_add(upstream->counters, COUNT_NEAR_MISSES, exchange->near_misses);
	uint64_t spent_ns = exchange->sent_ns ? uv_hrtime() - exchange->sent_ns : 0;
	struct exchange_done done = {
		.end = end,
		.wire = wire,
		.size = size,
		.rtt_us = (uint32_t)RW_MIN(spent_ns / 1000, UINT32_MAX),
		.near_misses = exchange->near_misses,
	};
	exchange->done(exchange->owner, &done);
	readiness_drop(upstream->readiness, &exchange->io);
}

/* What a wait that brought no reply says about the server. */
static enum exchange_end waited_in_vain(const struct exchange *exchange)
{
	if (exchange->wrong_id)
		return EXCHANGE_SUSPECT;
	return exchange->wrong_case ? EXCHANGE_CASE : EXCHANGE_TIMEOUT;
}

static void deadline_passed(struct deadline *deadline)
{
	struct exchange *exchange = rw_container_of(deadline, struct exchange, deadline);
	enum exchange_end end = exchange->failed ? exchange->end : waited_in_vain(exchange);
	exchange_finish(exchange, end, NULL, 0);
}

void exchange_fail_later(struct exchange *exchange, enum exchange_end end)
{
	exchange->failed = true;
	exchange->end = end;
	/* It runs already, so its place in the heap is there. */
	rw_require(deadline_start(exchange->upstream->timers, &exchange->deadline, 0) == 0);
}

static void fill(
	struct exchange *exchange, struct upstream *upstream, const struct exchange_query *query)
{
	memset(exchange, 0, offsetof(struct exchange, wire));
	exchange->upstream = upstream;
	exchange->io.gone = recycle;
	exchange->fd = -1;
	exchange->server = query->server;
	exchange->transport = (uint8_t)query->transport;
	exchange->match_case = query->match_case;
	exchange->deadline.passed = deadline_passed;
	exchange->size = (uint16_t)query->size;
	memcpy(exchange->wire, query->wire, query->size);
	upstream->env->random(upstream->env->ctx, exchange->wire, 2); /* the id */
}

int exchange_start(struct upstream *upstream, const struct exchange_query *query, exchange_cb done,
	void *owner, struct exchange **ret_exchange)
{
	if (upstream->open_count >= LIMIT_EXCHANGES)
		return RW_EBUSY;
	if (!rw_check(query->size <= EXCHANGE_QUERY_BYTES && query->size >= 12))
		return RW_EINVAL;
	struct exchange *exchange = pool_take(&upstream->exchange_pool);
	if (!exchange)
		return RW_ENOMEM;
	fill(exchange, upstream, query);
	exchange->done = done;
	exchange->owner = owner;
	uint64_t until_ms = env_mono_ms(upstream->env) + query->timeout_ms;
	if (deadline_start(upstream->timers, &exchange->deadline, until_ms)) {
		pool_put(&upstream->exchange_pool, exchange);
		return RW_ENOMEM;
	}
	list_prepend(&upstream->open, &exchange->link);
	upstream->open_count++;
	*ret_exchange = exchange;
	if (query->transport == TRANSPORT_TCP)
		tcp_start(exchange);
	else
		udp_start(exchange);
	return 0;
}

void exchange_abandon(struct exchange *exchange)
{
	unlink_exchange(exchange, false);
	struct upstream *upstream = exchange->upstream;
	counters_add(upstream->counters, COUNT_NEAR_MISSES, exchange->near_misses);
	readiness_drop(upstream->readiness, &exchange->io);
}

uint32_t upstream_open(const struct upstream *upstream)
{
	return upstream->open_count;
}
