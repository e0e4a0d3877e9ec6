/* SPDX-License-Identifier: MIT */
/* What the tests of exchanges share: a loop, an upstream, a loopback server, and waiting for ends.
 */
#ifndef TESTS_UNIT_EXCHANGEKIT_H
#define TESTS_UNIT_EXCHANGEKIT_H

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/upstream/exchange.h"
#include "resolver/upstream/upstream.h"
#include "resolver/wire/rr.h"
#include "tests/unit/loopserver.h"

static const uint8_t question[] = {
	0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'W', 'w', 1, 'X', 0, 0, 1, 0, 1};

static uv_loop_t loop;
static struct outgoing_settings outgoing;
static struct upstream *upstream;
static struct counters counters;
static struct loopserver server;

struct outcome {
	unsigned calls;
	enum exchange_end end;
	size_t size;
	uint32_t near_misses;
	uint16_t rcode;
};

RW_UNUSED static void on_done(void *owner, const struct exchange_done *done)
{
	struct outcome *outcome = owner;
	outcome->calls++;
	outcome->end = done->end;
	outcome->size = done->size;
	outcome->near_misses = done->near_misses;
	if (done->end == EXCHANGE_REPLY)
		outcome->rcode = rr_get16(done->wire + 2) & 0xf;
}

RW_UNUSED static void begin(void (*answer)(struct loopserver *, const struct loopserver_query *))
{
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	outgoing = (struct outgoing_settings){.ipv4 = true, .ipv6 = true};
	ck_assert_int_eq(upstream_new(&loop, env_real(), &outgoing, &counters, &upstream), 0);
	loopserver_open(&loop, &server, answer);
}

RW_UNUSED static void finish(void)
{
	ck_assert_uint_eq(upstream_open(upstream), 0);
	upstream_close(upstream);
	loopserver_close(&server);
	loopserver_end_loop(&loop);
}

RW_UNUSED static struct exchange *start_at(struct outcome *outcome, const struct addr *address,
	enum transport transport, bool match_case, uint32_t timeout_ms)
{
	struct exchange_query query = {
		.server = *address,
		.transport = transport,
		.wire = question,
		.size = sizeof(question),
		.match_case = match_case,
		.timeout_ms = timeout_ms,
	};
	struct exchange *exchange;
	*outcome = (struct outcome){0};
	ck_assert_int_eq(exchange_start(upstream, &query, on_done, outcome, &exchange), 0);
	ck_assert_uint_eq(outcome->calls, 0);
	return exchange;
}

RW_UNUSED static struct exchange *start(struct outcome *outcome, enum transport transport)
{
	return start_at(outcome, &server.address, transport, true, 300);
}

/* One turn that never blocks: a timer may end what the turn would wait for. */
RW_UNUSED static void turn(void)
{
	if (uv_run(&loop, UV_RUN_NOWAIT) != 0)
		(void)usleep(100);
}

/* Turns the loop until the outcome is there, or for two seconds. */
RW_UNUSED static void wait_for(const struct outcome *outcome)
{
	uint64_t until_ms = env_mono_ms(env_real()) + 2000;
	while (outcome->calls == 0 && env_mono_ms(env_real()) < until_ms)
		turn();
	ck_assert_uint_eq(outcome->calls, 1);
}

/* ---- servers ---- */

RW_UNUSED static void honest(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	loopserver_send(query, out, loopserver_reply(query, RCODE_NOERROR, "192.0.2.1", 60, out));
}

#endif
