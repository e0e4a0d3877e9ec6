/* SPDX-License-Identifier: MIT */
/* How many connections to servers are kept, and for how long. */
#include <check.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "tests/unit/exchangekit.h"
#include "tests/unit/suite.h"

static struct exchangekit kit;
static struct upstream_stats stats;

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
	upstream_stats(kit.upstream, &stats);
	ck_assert_uint_eq(stats.tcp_opened, LIMIT_UPSTREAM_TCP);
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
	upstream_stats(kit.upstream, &stats);
	ck_assert_uint_eq(stats.tcp_opened, LIMIT_UPSTREAM_TCP + 1);
	exchangekit_wait(&kit, &outcomes[0]);
	exchangekit_finish(&kit);
	(void)close(fd);
}
END_TEST

static uint64_t opened_after(uint64_t pause_ms)
{
	struct outcome outcome;
	exchangekit_turn_for(&kit, pause_ms);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_TCP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	upstream_stats(kit.upstream, &stats);
	return stats.tcp_opened;
}

START_TEST(idle_connections_are_kept_for_a_while)
{
	exchangekit_begin(&kit, exchangekit_honest);
	ck_assert_uint_eq(opened_after(0), 1);
	ck_assert_uint_eq(opened_after(LIMIT_UPSTREAM_TCP_IDLE_MS - 500), 1);
	ck_assert_uint_eq(opened_after(LIMIT_UPSTREAM_TCP_IDLE_MS + 200), 2);
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
