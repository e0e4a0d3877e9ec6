/* SPDX-License-Identifier: MIT */
/* Exchanges over TCP: kept connections, pipelining, slow, stalled and closing servers. */
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/wire/rr.h"
#include "tests/unit/exchangekit.h"
#include "tests/unit/suite.h"

static struct exchangekit kit;

START_TEST(tcp_connection_is_reused)
{
	struct outcome outcome;
	exchangekit_begin(&kit, exchangekit_honest);
	for (unsigned i = 0; i < 5; i++) {
		(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
		exchangekit_wait(&kit, &outcome);
		ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	}
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), 1);
	ck_assert_uint_eq(kit.server.tcp_queries, 5);
	exchangekit_finish(&kit);
}
END_TEST

static struct {
	uint8_t wire[8][64];
	size_t size[8];
	unsigned count;
} collected;

/* Answers eight questions at once, the last first. */
static void backwards(struct loopserver *at, const struct loopserver_query *query)
{
	memcpy(collected.wire[collected.count], query->wire, query->size);
	collected.size[collected.count++] = query->size;
	(void)at;
	if (collected.count < 8)
		return;
	while (collected.count > 0) {
		struct loopserver_query stored = *query;
		collected.count--;
		stored.wire = collected.wire[collected.count];
		stored.size = collected.size[collected.count];
		exchangekit_honest(at, &stored);
	}
}

START_TEST(tcp_replies_come_in_any_order)
{
	struct outcome outcomes[8];
	exchangekit_begin(&kit, backwards);
	for (unsigned i = 0; i < 8; i++)
		(void)exchangekit_ask(&kit, &outcomes[i], TRANSPORT_TCP);
	for (unsigned i = 0; i < 8; i++) {
		exchangekit_wait(&kit, &outcomes[i]);
		ck_assert_int_eq(outcomes[i].end, EXCHANGE_REPLY);
	}
	ck_assert_uint_eq(kit.server.client_count, 1);
	exchangekit_finish(&kit);
}
END_TEST

static struct loopserver_query dripping;
static uint8_t drip_bytes[128];
static size_t drip_size, drip_at;
static uv_timer_t drip_timer;

static void drip(uv_timer_t *timer)
{
	int fd = kit.server.client_fds[dripping.client];
	if (drip_at == drip_size || fd < 0 || send(fd, drip_bytes + drip_at++, 1, MSG_NOSIGNAL) < 0)
		(void)uv_timer_stop(timer);
}

static void in_drops(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	dripping = *query;
	drip_at = 0;
	drip_size = loopserver_reply(query, RCODE_NOERROR, "192.0.2.1", 60, out);
	rr_put16(drip_bytes, (uint16_t)drip_size);
	memcpy(drip_bytes + 2, out, drip_size);
	drip_size += 2;
	ck_assert_int_eq(uv_timer_start(&drip_timer, drip, 1, *(uint64_t *)kit.server.ctx), 0);
}

START_TEST(tcp_takes_single_bytes)
{
	struct outcome outcome;
	uint64_t pace_ms = 1;
	exchangekit_begin(&kit, in_drops);
	kit.server.ctx = &pace_ms;
	ck_assert_int_eq(uv_timer_init(&kit.loop, &drip_timer), 0);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_TCP);
	query.timeout_ms = 1500;
	(void)exchangekit_start(&kit, &outcome, &query);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	uv_close((uv_handle_t *)&drip_timer, NULL);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(tcp_that_drips_too_slowly_times_out_and_is_not_reused)
{
	struct outcome outcome;
	uint64_t pace_ms = 200;
	exchangekit_begin(&kit, in_drops);
	kit.server.ctx = &pace_ms;
	ck_assert_int_eq(uv_timer_init(&kit.loop, &drip_timer), 0);
	for (unsigned i = 0; i < 2; i++) {
		(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
		exchangekit_wait(&kit, &outcome);
		ck_assert_int_eq(outcome.end, EXCHANGE_TIMEOUT);
	}
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), 2);
	uv_close((uv_handle_t *)&drip_timer, NULL);
	exchangekit_finish(&kit);
}
END_TEST

static void hang_up(struct loopserver *at, const struct loopserver_query *query)
{
	(void)shutdown(at->client_fds[query->client], SHUT_RDWR);
}

START_TEST(tcp_closed_before_the_reply_is_told)
{
	struct outcome outcome;
	exchangekit_begin(&kit, hang_up);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_CLOSED);
	ck_assert_uint_eq(kit.server.tcp_queries, 1);
	exchangekit_finish(&kit);
}
END_TEST

/* Answers the first question of a connection, and closes on the second. */
static void once_each(struct loopserver *at, const struct loopserver_query *query)
{
	static unsigned asked[LOOPSERVER_CLIENTS];
	if (asked[query->client]++ == 0)
		exchangekit_honest(at, query);
	else
		hang_up(at, query);
}

START_TEST(tcp_question_moves_when_a_kept_connection_is_closed)
{
	struct outcome outcome;
	exchangekit_begin(&kit, once_each);
	for (unsigned i = 0; i < 3; i++) {
		(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
		exchangekit_wait(&kit, &outcome);
		ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	}
	ck_assert_uint_eq(kit.server.client_count, 3);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(tcp_servers_that_stall_leave_room_for_others)
{
	static struct outcome mute[LIMIT_UPSTREAM_TCP];
	static struct exchange *asked[LIMIT_UPSTREAM_TCP];
	struct outcome outcome;
	uint16_t port;
	int fd = exchangekit_mute_port(&port);
	exchangekit_begin(&kit, exchangekit_honest);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_TCP);
	query.timeout_ms = 9000;
	for (unsigned i = 0; i < LIMIT_UPSTREAM_TCP; i++) {
		query.server = addr_from_bytes((uint8_t[]){127, 0, 1, (uint8_t)(i + 1)}, 4, port);
		asked[i] = exchangekit_start(&kit, &mute[i], &query);
	}
	/* They may still be about to answer. */
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_RESOURCE);
	exchangekit_turn_for(&kit, LIMIT_UPSTREAM_TCP_MUTE_MS + 50);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	unsigned given_up = 0;
	for (unsigned i = 0; i < LIMIT_UPSTREAM_TCP; i++) {
		given_up += mute[i].calls;
		if (mute[i].calls == 0)
			exchange_abandon(asked[i]);
	}
	ck_assert_uint_eq(given_up, 1);
	exchangekit_finish(&kit);
	(void)close(fd);
}
END_TEST

/* Questions that were given up stay queued where nobody reads; the next one goes elsewhere. */
START_TEST(tcp_connection_that_takes_nothing_gets_no_more)
{
	struct outcome kept, given_up;
	uint16_t port;
	int fd = exchangekit_mute_port(&port);
	exchangekit_begin(&kit, exchangekit_honest);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_TCP);
	query.server = addr_from_bytes((const uint8_t[]){127, 0, 1, 1}, 4, port);
	query.timeout_ms = 60000;
	struct exchange *first = exchangekit_start(&kit, &kept, &query);
	for (unsigned i = 0; i < 1000000 && counters_get(&kit.counters, COUNT_TCP_OPENED) < 2;
		i++) {
		exchange_abandon(exchangekit_start(&kit, &given_up, &query));
		if (i % 100 == 0)
			(void)uv_run(&kit.loop, UV_RUN_NOWAIT);
	}
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), 2);
	ck_assert_uint_eq(kept.calls, 0);
	exchange_abandon(first);
	exchangekit_finish(&kit);
	(void)close(fd);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("exchange_tcp");
	TCase *tcp = tcase_create("tcp");
	tcase_add_test(tcp, tcp_connection_is_reused);
	tcase_add_test(tcp, tcp_servers_that_stall_leave_room_for_others);
	tcase_add_test(tcp, tcp_connection_that_takes_nothing_gets_no_more);
	tcase_add_test(tcp, tcp_replies_come_in_any_order);
	tcase_add_test(tcp, tcp_takes_single_bytes);
	tcase_add_test(tcp, tcp_that_drips_too_slowly_times_out_and_is_not_reused);
	tcase_add_test(tcp, tcp_closed_before_the_reply_is_told);
	tcase_add_test(tcp, tcp_question_moves_when_a_kept_connection_is_closed);
	suite_add_tcase(suite, tcp);
	return suite;
}
