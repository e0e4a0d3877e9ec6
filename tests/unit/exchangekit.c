/* SPDX-License-Identifier: MIT */
/* An upstream with a loopback server, and exchanges between the two. */
#include <check.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/wire/rr.h"
#include "tests/unit/exchangekit.h"

#define PATIENCE_MS 2000

const uint8_t exchangekit_question[EXCHANGEKIT_QUESTION_SIZE] = {
	0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'W', 'w', 1, 'X', 0, 0, 1, 0, 1};

void exchangekit_done(void *owner, const struct exchange_done *done)
{
	struct outcome *outcome = owner;
	outcome->calls++;
	outcome->end = done->end;
	outcome->size = done->size;
	outcome->near_misses = done->near_misses;
	if (done->end == EXCHANGE_REPLY)
		outcome->rcode = rr_get16(done->wire + 2) & 0xf;
}

void exchangekit_begin(struct exchangekit *kit,
	void (*answer)(struct loopserver *, const struct loopserver_query *))
{
	memset(kit, 0, sizeof(*kit));
	ck_assert_int_eq(uv_loop_init(&kit->loop), 0);
	kit->outgoing = (struct outgoing_settings){.ipv4 = true, .ipv6 = true};
	ck_assert_int_eq(upstream_new(&kit->loop, env_real(), &kit->outgoing, &kit->counters,
				 &kit->upstream),
		0);
	loopserver_open(&kit->loop, &kit->server, answer);
}

void exchangekit_finish(struct exchangekit *kit)
{
	ck_assert_uint_eq(upstream_open(kit->upstream), 0);
	exchangekit_close(kit);
}

void exchangekit_close(struct exchangekit *kit)
{
	upstream_close(kit->upstream);
	loopserver_close(&kit->server);
	loopserver_end_loop(&kit->loop);
}

struct exchange_query exchangekit_query(struct exchangekit *kit, enum transport transport)
{
	return (struct exchange_query){
		.server = kit->server.address,
		.transport = transport,
		.wire = exchangekit_question,
		.size = sizeof(exchangekit_question),
		.match_case = true,
		.timeout_ms = EXCHANGEKIT_TIMEOUT_MS,
	};
}

struct exchange *exchangekit_start(
	struct exchangekit *kit, struct outcome *outcome, const struct exchange_query *query)
{
	struct exchange *exchange;
	*outcome = (struct outcome){0};
	ck_assert_int_eq(
		exchange_start(kit->upstream, query, exchangekit_done, outcome, &exchange), 0);
	ck_assert_uint_eq(outcome->calls, 0);
	return exchange;
}

struct exchange *exchangekit_ask(
	struct exchangekit *kit, struct outcome *outcome, enum transport transport)
{
	const struct exchange_query query = exchangekit_query(kit, transport);
	return exchangekit_start(kit, outcome, &query);
}

void exchangekit_turn(struct exchangekit *kit)
{
	if (uv_run(&kit->loop, UV_RUN_NOWAIT) != 0)
		(void)usleep(100);
}

void exchangekit_turn_for(struct exchangekit *kit, uint64_t ms)
{
	uint64_t until_ms = env_mono_ms(env_real()) + ms;
	while (env_mono_ms(env_real()) < until_ms)
		exchangekit_turn(kit);
}

void exchangekit_wait(struct exchangekit *kit, const struct outcome *outcome)
{
	uint64_t until_ms = env_mono_ms(env_real()) + PATIENCE_MS;
	while (outcome->calls == 0 && env_mono_ms(env_real()) < until_ms)
		exchangekit_turn(kit);
	ck_assert_uint_eq(outcome->calls, 1);
}

void exchangekit_honest(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	loopserver_send(query, out, loopserver_reply(query, RCODE_NOERROR, "192.0.2.1", 60, out));
}

int exchangekit_mute_port(uint16_t *ret_port)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	socklen_t size = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&any, size), 0);
	ck_assert_int_eq(listen(fd, 2 * LIMIT_UPSTREAM_TCP), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&any, &size), 0);
	*ret_port = ntohs(any.sin_port);
	return fd;
}
