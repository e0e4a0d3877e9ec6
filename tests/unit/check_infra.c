/* SPDX-License-Identifier: MIT */
/* What is remembered of servers. */
#include <check.h>

#include "cache/infra.h"
#include "tests/unit/cachekit.h"
#include "tests/unit/suite.h"

static struct infra *infra;
static struct infra_server known;
static const struct addr one = {.family = ADDR_V4, .ip = {192, 0, 2, 1}, .port = 53};
static const struct addr two = {.family = ADDR_V4, .ip = {192, 0, 2, 1}, .port = 54};

static void setup(void)
{
	ck_assert_int_eq(infra_new(kit_env(), &infra), 0);
}

static void teardown(void)
{
	infra_free(infra);
}

static void get(const struct addr *server, uint64_t now_ms)
{
	infra_get(infra, server, now_ms, &known);
}

START_TEST(family_is_bad_until_it_answers)
{
	struct addr server = {.family = ADDR_V6, .port = 53};
	for (int i = 0; i < INFRA_FAMILY_FAILURES; i++) {
		ck_assert(!infra_family_is_bad(infra, ADDR_V6, NOW));
		infra_family_failed(infra, ADDR_V6, NOW);
	}
	ck_assert(infra_family_is_bad(infra, ADDR_V6, NOW));
	ck_assert(!infra_family_is_bad(infra, ADDR_V4, NOW));
	ck_assert(!infra_family_is_bad(infra, ADDR_V6, NOW + INFRA_LAME_MS));
	infra_reply(infra, &server, 10, NOW);
	ck_assert(!infra_family_is_bad(infra, ADDR_V6, NOW));
}
END_TEST

START_TEST(rtt_makes_the_timeout)
{
	get(&one, NOW);
	ck_assert(!known.known);
	ck_assert_uint_eq(known.timeout_ms, LIMIT_TRY_FIRST_MS);
	infra_reply(infra, &one, 100, NOW);
	get(&one, NOW);
	ck_assert(known.known);
	ck_assert_uint_eq(known.srtt_ms, 100);
	ck_assert_uint_eq(known.rttvar_ms, 50);
	ck_assert_uint_eq(known.timeout_ms, 300);
	infra_reply(infra, &one, 180, NOW);
	get(&one, NOW);
	ck_assert_uint_eq(known.srtt_ms, 110);
	ck_assert_uint_eq(known.timeout_ms, 110 + 4 * known.rttvar_ms);
	for (int i = 0; i < 100; i++)
		infra_reply(infra, &one, 1, NOW);
	get(&one, NOW);
	ck_assert_uint_eq(known.timeout_ms, LIMIT_TRY_MIN_MS);
	get(&two, NOW);
	ck_assert(!known.known);
}
END_TEST

/* reaches LIMIT_TRY_MAX_MS, LIMIT_BACKOFF_MAX_MS */
START_TEST(timeouts_double_and_kill)
{
	static const unsigned waits[] = {800, 1500, 1500};
	for (int i = 0; i < 3; i++) {
		get(&one, NOW);
		ck_assert(!known.dead);
		infra_timeout(infra, &one, NOW, NOW);
		get(&one, NOW);
		ck_assert_uint_eq(known.timeout_ms, waits[i]);
	}
	ck_assert(known.dead);
	uint64_t now = NOW;
	static const unsigned seconds[] = {1, 2, 4, 8, 16, 32, 60, 60};
	for (unsigned i = 0; i < RW_COUNT(seconds); i++) {
		get(&one, now);
		ck_assert_uint_eq(known.dead_until_ms, now + seconds[i] * 1000);
		infra_timeout(infra, &one, now, now); /* one of the same wave */
		get(&one, now + seconds[i] * 1000 - 1);
		ck_assert(known.dead);
		now += seconds[i] * 1000;
		get(&one, now);
		ck_assert(!known.dead);
		infra_timeout(infra, &one, now, now);
	}
	infra_reply(infra, &one, 10, now);
	get(&one, now);
	ck_assert(!known.dead);
	ck_assert_uint_eq(known.timeouts, 0);
}
END_TEST

START_TEST(what_was_lost_together_counts_once)
{
	for (int i = 0; i < 5; i++)
		infra_timeout(infra, &one, NOW - 400 + i, NOW + i);
	get(&one, NOW + 5);
	ck_assert_uint_eq(known.timeouts, 1);
	ck_assert_uint_eq(known.timeout_ms, 800);
	infra_timeout(infra, &one, NOW, NOW + 800); /* sent when the first was over */
	get(&one, NOW + 800);
	ck_assert_uint_eq(known.timeouts, 2);
	ck_assert(!known.dead);
}
END_TEST

START_TEST(facts_are_forgotten)
{
	static const uint8_t cookie[INFRA_COOKIE_BYTES] = {1, 2, 3};
	infra_set_edns(infra, &one, INFRA_EDNS_BROKEN, NOW);
	infra_set_case_broken(infra, &one, NOW);
	infra_set_udp_suspect(infra, &one, NOW);
	infra_set_cookie(infra, &one, cookie, 24, NOW);
	get(&one, NOW + 1);
	ck_assert_uint_eq(known.edns, INFRA_EDNS_BROKEN);
	ck_assert(known.case_broken && known.udp_suspect);
	ck_assert_uint_eq(known.cookie_size, 24);
	ck_assert_mem_eq(known.cookie, cookie, 24);
	get(&one, NOW + INFRA_FACT_MS);
	ck_assert_uint_eq(known.edns, INFRA_EDNS_UNKNOWN);
	ck_assert(!known.case_broken && !known.udp_suspect);
	ck_assert_uint_eq(known.cookie_size, 0);
	infra_set_cookie(infra, &one, cookie, INFRA_COOKIE_BYTES + 1, NOW);
	get(&one, NOW);
	ck_assert_uint_eq(known.cookie_size, 0);
}
END_TEST

START_TEST(lameness_takes_several_names)
{
	static const uint8_t zone[] = "\7example", same[] = "\7EXAMPLE", other[] = "\5other";
	static const uint8_t names[][12] = {
		"\1a\7example", "\1b\7example", "\1c\7example", "\1d\7example"};
	/* One name as often as it likes, whatever its letters. */
	for (int i = 0; i < 5; i++)
		infra_useless_reply(infra, &one, zone, names[0], NOW);
	infra_useless_reply(infra, &one, zone, (const uint8_t *)"\1A\7Example", NOW);
	ck_assert(infra_is_lame(infra, &one, zone, names[0], NOW));
	ck_assert(!infra_is_lame(infra, &one, zone, names[3], NOW));
	infra_useless_reply(infra, &one, zone, names[1], NOW);
	ck_assert(!infra_is_lame(infra, &one, zone, names[3], NOW));
	infra_useless_reply(infra, &one, zone, names[2], NOW);
	ck_assert(infra_is_lame(infra, &one, same, names[3], NOW + INFRA_LAME_MS - 1));
	ck_assert(!infra_is_lame(infra, &one, zone, names[3], NOW + INFRA_LAME_MS));
	ck_assert(!infra_is_lame(infra, &one, other, names[3], NOW));
	ck_assert(!infra_is_lame(infra, &two, zone, names[3], NOW));
	/* And it begins anew. */
	infra_useless_reply(infra, &one, zone, names[1], NOW + INFRA_LAME_MS);
	ck_assert(!infra_is_lame(infra, &one, zone, names[3], NOW + INFRA_LAME_MS));
}
END_TEST

START_TEST(lameness_takes_one_word_on_the_apex)
{
	static const uint8_t zone[] = "\7example", below[] = "\3www\7example";
	infra_useless_reply(infra, &one, zone, zone, NOW);
	ck_assert(infra_is_lame(infra, &one, zone, below, NOW));
}
END_TEST

START_TEST(tcp_is_broken_for_a_zone)
{
	static const uint8_t zone[] = "\7example", other[] = "\5other";
	infra_set_tcp_broken(infra, &one, zone, true, NOW);
	ck_assert(infra_tcp_is_broken(infra, &one, zone, NOW + INFRA_TCP_MS - 1));
	ck_assert(!infra_tcp_is_broken(infra, &one, zone, NOW + INFRA_TCP_MS));
	ck_assert(!infra_tcp_is_broken(infra, &one, other, NOW));
	ck_assert(!infra_tcp_is_broken(infra, &two, zone, NOW));
	ck_assert(!infra_is_lame(infra, &one, zone, zone, NOW));
	infra_useless_reply(infra, &one, zone, zone, NOW);
	infra_set_tcp_broken(infra, &one, zone, false, NOW);
	ck_assert(!infra_tcp_is_broken(infra, &one, zone, NOW));
	ck_assert(infra_is_lame(infra, &one, zone, zone, NOW));
}
END_TEST

/* A stranger who names the server for zone after zone only pushes out what ends first. */
START_TEST(zones_remembered_of_a_server_are_bounded)
{
	uint8_t zone[] = "\2a0\7example";
	static const uint8_t real[] = "\4real";
	for (unsigned i = 0; i < 100; i++) {
		zone[2] = (uint8_t)('0' + i % 10);
		zone[1] = (uint8_t)('a' + i / 10);
		infra_useless_reply(infra, &one, zone, zone, NOW + i);
		ck_assert(infra_is_lame(infra, &one, zone, zone, NOW + i));
	}
	ck_assert(!infra_is_lame(infra, &one, real, real, NOW + 100));
}
END_TEST

START_TEST(wiping_keeps_what_was_measured)
{
	static const uint8_t zone[] = "\7example";
	infra_reply(infra, &one, 30, NOW);
	for (int i = 0; i < 5; i++)
		infra_timeout(infra, &one, NOW, NOW);
	infra_useless_reply(infra, &one, zone, zone, NOW);
	infra_set_cookie(infra, &one, (const uint8_t *)"12345678abcdefgh", 16, NOW);
	infra_wipe_penalties(infra);
	get(&one, NOW);
	ck_assert(!known.dead);
	ck_assert_uint_eq(known.timeouts, 0);
	ck_assert_uint_eq(known.srtt_ms, 30);
	ck_assert_uint_eq(known.cookie_size, 0);
	ck_assert(!infra_is_lame(infra, &one, zone, zone, NOW));
}
END_TEST

START_TEST(the_table_is_bounded_and_keeps_the_recent)
{
	struct addr addr = {.family = ADDR_V6, .port = 53};
	for (unsigned i = 0; i < 4 * LIMIT_INFRA_SERVERS; i++) {
		rr_put32(addr.ip, i);
		infra_reply(infra, &addr, 7, NOW + i);
		get(&addr, NOW + i);
		ck_assert(known.known);
	}
	rr_put32(addr.ip, 0);
	get(&addr, NOW);
	ck_assert(!known.known);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("infra");
	TCase *tests = tcase_create("infra");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, family_is_bad_until_it_answers);
	tcase_add_test(tests, rtt_makes_the_timeout);
	tcase_add_test(tests, timeouts_double_and_kill);
	tcase_add_test(tests, what_was_lost_together_counts_once);
	tcase_add_test(tests, facts_are_forgotten);
	tcase_add_test(tests, lameness_takes_several_names);
	tcase_add_test(tests, lameness_takes_one_word_on_the_apex);
	tcase_add_test(tests, tcp_is_broken_for_a_zone);
	tcase_add_test(tests, zones_remembered_of_a_server_are_bounded);
	tcase_add_test(tests, wiping_keeps_what_was_measured);
	tcase_add_test(tests, the_table_is_bounded_and_keeps_the_recent);
	suite_add_tcase(suite, tests);
	return suite;
}
