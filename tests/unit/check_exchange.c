/* SPDX-License-Identifier: MIT */
/* Exchanges over real loopback sockets, against a server that answers as each test wishes. */
#include <check.h>
#include <sys/resource.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/wire/rr.h"
#include "tests/unit/exchangekit.h"
#include "tests/unit/suite.h"

static struct exchangekit kit;

static void silent(struct loopserver *at, const struct loopserver_query *query)
{
	(void)at;
	(void)query;
}

static void junk_first(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	size_t size = loopserver_reply(query, RCODE_NXDOMAIN, "192.0.2.66", 60, out);
	for (unsigned i = 1; i <= 50; i++) {
		switch (i % 4) {
		case 0:
			out[0] = (uint8_t)(query->wire[0] ^ i); /* the id */
			break;
		case 1:
			out[13] ^= 1; /* the name */
			break;
		case 2:
			out[2] &= 0x7f; /* no response */
			break;
		case 3:
			out[13] ^= 0x20; /* the letter case */
			break;
		}
		loopserver_send(query, out, i % 5 == 4 ? i % size : size);
		size = loopserver_reply(query, RCODE_NXDOMAIN, "192.0.2.66", 60, out);
	}
	exchangekit_honest(at, query);
}

static void wrong_id(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	size_t size = loopserver_reply(query, RCODE_NOERROR, "192.0.2.66", 60, out);
	out[1] ^= 0x55;
	loopserver_send(query, out, size);
}

static void wrong_case(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	size_t size = loopserver_reply(query, RCODE_NOERROR, "192.0.2.66", 60, out);
	out[14] |= 0x20;
	loopserver_send(query, out, size);
}

static void flood(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	size_t size = loopserver_reply(query, RCODE_NOERROR, "192.0.2.66", 60, out);
	out[1] ^= 0x55;
	for (unsigned i = 0; i < 30; i++)
		loopserver_send(query, out, size);
}

/* ---- UDP ---- */

START_TEST(udp_reply_completes_once)
{
	struct outcome outcome;
	exchangekit_begin(&kit, exchangekit_honest);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_UDP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	ck_assert_uint_eq(outcome.size, sizeof(exchangekit_question) + 16);
	ck_assert_uint_eq(outcome.near_misses, 0);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(udp_junk_does_not_end_the_wait)
{
	struct outcome outcome;
	exchangekit_begin(&kit, junk_first);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_UDP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	ck_assert_uint_eq(outcome.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(outcome.near_misses, 50);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(udp_silence_times_out)
{
	struct outcome outcome;
	exchangekit_begin(&kit, silent);
	uint64_t before_ms = env_mono_ms(env_real());
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_UDP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_TIMEOUT);
	uint64_t took_ms = env_mono_ms(env_real()) - before_ms;
	ck_assert_uint_ge(took_ms, 299);
	ck_assert_uint_lt(took_ms, 1000);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(udp_wrong_id_alone_is_suspect)
{
	struct outcome outcome;
	exchangekit_begin(&kit, wrong_id);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_UDP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_SUSPECT);
	ck_assert_uint_eq(outcome.near_misses, 1);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(udp_wrong_case_alone_is_told)
{
	struct outcome strict, lax;
	exchangekit_begin(&kit, wrong_case);
	(void)exchangekit_ask(&kit, &strict, TRANSPORT_UDP);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_UDP);
	query.match_case = false;
	(void)exchangekit_start(&kit, &lax, &query);
	exchangekit_wait(&kit, &strict);
	exchangekit_wait(&kit, &lax);
	ck_assert_int_eq(strict.end, EXCHANGE_CASE);
	ck_assert_int_eq(lax.end, EXCHANGE_REPLY);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(udp_flood_of_junk_ends_before_the_time)
{
	struct outcome outcome;
	exchangekit_begin(&kit, flood);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_UDP);
	query.timeout_ms = 60000;
	(void)exchangekit_start(&kit, &outcome, &query);
	/* The server's flood comes again for whatever reaches it from the exchange's port. */
	while (kit.server.udp_queries == 0)
		exchangekit_turn(&kit);
	struct loopserver_query again = {.server = &kit.server,
		.wire = exchangekit_question,
		.size = sizeof(exchangekit_question),
		.client = -1};
	ck_assert_int_eq(addr_parse("127.0.0.1", kit.server.ports[0], &again.from), 0);
	for (unsigned i = 0; i < 100 && outcome.calls == 0; i++) {
		flood(&kit.server, &again);
		(void)uv_run(&kit.loop, UV_RUN_NOWAIT);
	}
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_SUSPECT);
	ck_assert_uint_eq(outcome.near_misses, LIMIT_NEAR_MISSES);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(closed_port_is_told_at_once)
{
	struct outcome udp, tcp;
	exchangekit_begin(&kit, silent);
	/* Port 1 of the loopback: nobody listens there in a test environment. */
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_UDP);
	query.server.port = 1;
	(void)exchangekit_start(&kit, &udp, &query);
	query.transport = TRANSPORT_TCP;
	(void)exchangekit_start(&kit, &tcp, &query);
	exchangekit_wait(&kit, &udp);
	exchangekit_wait(&kit, &tcp);
	ck_assert_int_eq(udp.end, EXCHANGE_REFUSED);
	ck_assert_int_eq(tcp.end, EXCHANGE_REFUSED);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(unusable_addresses_are_unreachable)
{
	struct outcome outcome;
	exchangekit_begin(&kit, silent);
	struct exchange_query query = exchangekit_query(&kit, TRANSPORT_UDP);
	ck_assert_int_eq(addr_parse("255.255.255.255@53", 0, &query.server), 0);
	(void)exchangekit_start(&kit, &outcome, &query);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_UNREACHABLE);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(abandoned_exchanges_are_never_told)
{
	struct outcome gone, kept;
	exchangekit_begin(&kit, exchangekit_honest);
	struct exchange *first = exchangekit_ask(&kit, &gone, TRANSPORT_UDP);
	exchange_abandon(first);
	first = exchangekit_ask(&kit, &gone, TRANSPORT_TCP);
	(void)exchangekit_ask(&kit, &kept, TRANSPORT_TCP);
	exchange_abandon(first);
	exchangekit_wait(&kit, &kept);
	ck_assert_int_eq(kept.end, EXCHANGE_REPLY);
	ck_assert_uint_eq(gone.calls, 0);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(ports_and_ids_are_fresh_and_spread)
{
	enum {
		COUNT = 400
	};
	static struct outcome outcomes[COUNT];
	exchangekit_begin(&kit, exchangekit_honest);
	for (unsigned i = 0; i < COUNT; i++) {
		(void)exchangekit_ask(&kit, &outcomes[i], TRANSPORT_UDP);
		exchangekit_wait(&kit, &outcomes[i]);
	}
	unsigned same = 0, low = 0, high = 0, below = 0;
	for (unsigned i = 1; i < COUNT; i++) {
		same += kit.server.ports[i] == kit.server.ports[i - 1];
		low += kit.server.ports[i] < 1024 + 64512 / 4;
		high += kit.server.ports[i] >= 65536 - 64512 / 4;
		below += kit.server.ports[i] < 1024;
	}
	ck_assert_uint_eq(below, 0);
	ck_assert_uint_lt(same, 5);
	/* A quarter each: 100 of 400, and 50 is more than five deviations away. */
	ck_assert_uint_gt(low, 50);
	ck_assert_uint_gt(high, 50);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(too_many_exchanges_are_refused)
{
	static struct outcome outcomes[LIMIT_EXCHANGES + 1];
	static struct exchange *exchanges[LIMIT_EXCHANGES];
	exchangekit_begin(&kit, silent);
	/* Over TCP to a server without room: no descriptor each is needed. */
	for (unsigned i = 0; i < LIMIT_EXCHANGES; i++)
		exchanges[i] = exchangekit_ask(&kit, &outcomes[i], TRANSPORT_TCP);
	const struct exchange_query query = exchangekit_query(&kit, TRANSPORT_UDP);
	struct exchange *exchange;
	ck_assert_int_eq(exchange_start(kit.upstream, &query, exchangekit_done,
				 &outcomes[LIMIT_EXCHANGES], &exchange),
		RW_EBUSY);
	for (unsigned i = 0; i < LIMIT_EXCHANGES; i++)
		exchange_abandon(exchanges[i]);
	exchangekit_finish(&kit);
}
END_TEST

START_TEST(without_descriptors_it_ends_and_recovers)
{
	struct outcome outcome;
	int held[128];
	unsigned count = 0;
	const struct rlimit few = {.rlim_cur = RW_COUNT(held), .rlim_max = RW_COUNT(held)};
	exchangekit_begin(&kit, exchangekit_honest);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (count < RW_COUNT(held) && (held[count] = dup(kit.server.udp_fd)) >= 0)
		count++;
	ck_assert_uint_lt(count, RW_COUNT(held));
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_UDP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_RESOURCE);
	for (unsigned i = 0; i < count; i++)
		(void)close(held[i]);
	(void)exchangekit_ask(&kit, &outcome, TRANSPORT_UDP);
	exchangekit_wait(&kit, &outcome);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	exchangekit_finish(&kit);
}
END_TEST

/* ---- TCP ---- */

START_TEST(close_with_everything_open_leaks_nothing)
{
	struct outcome outcomes[20];
	exchangekit_begin(&kit, silent);
	for (unsigned i = 0; i < 20; i++)
		(void)exchangekit_ask(&kit, &outcomes[i], i % 2 ? TRANSPORT_TCP : TRANSPORT_UDP);
	(void)uv_run(&kit.loop, UV_RUN_NOWAIT);
	exchangekit_close(&kit);
	for (unsigned i = 0; i < 20; i++)
		ck_assert_uint_eq(outcomes[i].calls, 0);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("exchange");
	TCase *udp = tcase_create("udp");
	tcase_add_test(udp, udp_reply_completes_once);
	tcase_add_test(udp, udp_junk_does_not_end_the_wait);
	tcase_add_test(udp, udp_silence_times_out);
	tcase_add_test(udp, udp_wrong_id_alone_is_suspect);
	tcase_add_test(udp, udp_wrong_case_alone_is_told);
	tcase_add_test(udp, udp_flood_of_junk_ends_before_the_time);
	tcase_add_test(udp, closed_port_is_told_at_once);
	tcase_add_test(udp, unusable_addresses_are_unreachable);
	tcase_add_test(udp, abandoned_exchanges_are_never_told);
	tcase_add_test(udp, ports_and_ids_are_fresh_and_spread);
	tcase_add_test(udp, too_many_exchanges_are_refused);
	tcase_add_test(udp, without_descriptors_it_ends_and_recovers);
	tcase_add_test(udp, close_with_everything_open_leaks_nothing);
	suite_add_tcase(suite, udp);
	return suite;
}
