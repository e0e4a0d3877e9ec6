/* SPDX-License-Identifier: MIT */
/* How many connections to servers are kept, and for how long. */
#include <check.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "tests/unit/exchangekit.h"
#include "tests/unit/suite.h"

static struct exchangekit kit;

START_TEST(connections_to_servers_are_bounded)
{
	static struct outcome outcomes[LIMIT_UPSTREAM_TCP + 1];
	uint16_t port;
	int fd = exchangekit_mute_port(&port);
	exchangekit_begin(&kit, exchangekit_honest);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_TCP);
	query.timeout_ms = 1000;
	for (unsigned i = 0; i < RW_COUNT(outcomes); i++) {
		query.server = addr_from_bytes((uint8_t[]){127, 0, 2, (uint8_t)(i + 1)}, 4, port);
		(void)exchangekit_start(&kit, &outcomes[i], &query);
	}
	exchangekit_turn_for(&kit, 100);
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), LIMIT_UPSTREAM_TCP);
	ck_assert_uint_eq(outcomes[0].calls, 0);
	ck_assert_uint_eq(outcomes[LIMIT_UPSTREAM_TCP].calls, 1);
	ck_assert_int_eq(outcomes[LIMIT_UPSTREAM_TCP].end, EXCHANGE_RESOURCE);
	/* When they are given up there is room again. */
	exchangekit_turn_for(&kit, 1100);
	ck_assert_int_eq(outcomes[0].end, EXCHANGE_TIMEOUT);
	query.server = addr_from_bytes((const uint8_t[]){127, 0, 2, 99}, 4, port);
	query.timeout_ms = 200;
	(void)exchangekit_start(&kit, &outcomes[0], &query);
	exchangekit_turn_for(&kit, 100);
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), LIMIT_UPSTREAM_TCP + 1);
	exchangekit_wait(&kit, &outcomes[0]);
	exchangekit_finish(&kit);
	(void)close(fd);
}
END_TEST

/* Asks after a pause. Returns how long the connection was idle at least, in ms. */
static uint64_t ask_after(uint64_t pause_ms)
{
	static uint64_t answered_ms;
	struct outcome outcome;
	exchangekit_turn_for(&kit, pause_ms);
	uint64_t idle_ms = env_mono_ms(env_real()) - answered_ms;
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	answered_ms = env_mono_ms(env_real());
	return idle_ms;
}

START_TEST(idle_connections_are_kept_for_a_while)
{
	exchangekit_begin(&kit, exchangekit_honest);
	(void)ask_after(0);
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), 1);
	/* On a loaded machine the pause may have become too long to say anything. */
	if (ask_after(LIMIT_UPSTREAM_TCP_IDLE_MS - 500) < LIMIT_UPSTREAM_TCP_IDLE_MS - 100)
		ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), 1);
	uint64_t before = counters_get(&kit.counters, COUNT_TCP_OPENED);
	(void)ask_after(LIMIT_UPSTREAM_TCP_IDLE_MS + 200);
	ck_assert_uint_eq(counters_get(&kit.counters, COUNT_TCP_OPENED), before + 1);
	exchangekit_finish(&kit);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("tcp pool");
	TCase *tests = tcase_create("tcp pool");
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, connections_to_servers_are_bounded);
	tcase_add_test(tests, idle_connections_are_kept_for_a_while);
	suite_add_tcase(suite, tests);
	return suite;
}
