/* SPDX-License-Identifier: MIT */
/* Delegations in use are learnt anew before they end, out of the budget of who uses them. */
#include <check.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */
#define EX   "192.0.2.3" /* example.test. */

#define PRIMING                                                                                    \
	{                                                                                          \
		ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A 192.0.2.1"      \
	}
#define TO_TEST(ttl)                                                                               \
	{                                                                                          \
		ROOT, "*.test", 0, "ns test. " ttl " NS ns.test.|ar ns.test. 172800 A 192.0.2.2"   \
	}
#define EXAMPLE "ns example.test. 1000 NS ns1.example.test.|ar ns1.example.test. 1000 A 192.0.2.3"
#define TO_EXAMPLE                                                                                 \
	{                                                                                          \
		TEST, "*.example.test", 0, EXAMPLE                                                 \
	}
#define TO_EXAMPLE_NS                                                                              \
	{                                                                                          \
		TEST, "example.test", TYPE_NS, EXAMPLE                                             \
	}
#define NOTHING                                                                                    \
	{                                                                                          \
		EX, "*.example.test", 0,                                                           \
			"aa|nxdomain|ns example.test. 60 SOA ns1.example.test. a.example.test. 1 " \
			"2 3 4 60"                                                                 \
	}

static struct fakenet net;

static void begin(const struct fake_row *rows, size_t count)
{
	fakenet_init(&net, rows, count);
	net.renew = true;
}
#define START(rows) begin(rows, RW_COUNT(rows))

static void ask_at(uint64_t seconds, const char *name)
{
	static uint64_t begun_ms;
	if (seconds == 0)
		begun_ms = net.now_ms;
	net.now_ms = RW_MAX(net.now_ms, begun_ms + seconds * 1000);
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, name, TYPE_A)->answer), RCODE_NXDOMAIN);
}

START_TEST(a_delegation_in_use_outlives_its_first_life)
{
	static const struct fake_row rows[] = {
		PRIMING, TO_TEST("172800"), TO_EXAMPLE_NS, TO_EXAMPLE, NOTHING};
	START(rows);
	ask_at(0, "a.example.test");
	ask_at(800, "b.example.test");
	ck_assert(!net.renewed);
	ask_at(950, "c.example.test");
	ck_assert(net.renewed);
	ck_assert_uint_eq(net.sends, 2);
	ck_assert(fake_was_asked(&net, TEST " example.test. NS"));
	/* All of it came out of one purse. */
	ck_assert_uint_eq(request_budget(net.renewal)->sends + net.sends, LIMIT_SENDS_PER_REQUEST);
	ask_at(1100, "d.example.test");
	ck_assert_uint_eq(net.sends, 1);
	ck_assert(fake_was_asked(&net, EX " d.example.test. A"));
	fakenet_release(&net);
}
END_TEST

START_TEST(it_is_tried_once_and_its_failure_harms_nobody)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST("172800"),
		{TEST, "example.test", TYPE_NS, "servfail"}, TO_EXAMPLE,
		{EX, "example.test", TYPE_NS, "aa|an example.test. 1000 NS ns1.example.test."},
		NOTHING};
	START(rows);
	ask_at(0, "a.example.test");
	ask_at(950, "b.example.test");
	ck_assert(net.renewed);
	ck_assert(fake_was_asked(&net, TEST " example.test. NS"));
	ask_at(960, "c.example.test");
	ck_assert(!net.renewed);
	ck_assert_uint_eq(net.sends, 1);
	/* The zone itself answers what its parent did not. */
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "example.test", TYPE_NS)->answer), RCODE_NOERROR);
	ask_at(1100, "d.example.test");
	ck_assert(fake_was_asked(&net, TEST " d.example.test. A"));
	fakenet_release(&net);
}
END_TEST

/* Else its new life would end with its parent's old one, and it would be asked for again at once.
 */
START_TEST(a_parent_that_ends_with_it_comes_first)
{
	static const struct fake_row rows[] = {
		PRIMING, TO_TEST("500"), TO_EXAMPLE_NS, TO_EXAMPLE, NOTHING};
	START(rows);
	ask_at(0, "a.example.test");
	ask_at(480, "b.example.test");
	ck_assert(net.renewed);
	ck_assert(fake_was_asked(&net, ROOT " example.test. NS"));
	ck_assert(fake_was_asked(&net, TEST " example.test. NS"));
	ask_at(600, "c.example.test");
	ck_assert_uint_eq(net.sends, 1);
	ck_assert(!net.renewed);
	fakenet_release(&net);
}
END_TEST

#define DENIED(name)                                                                               \
	{                                                                                          \
		ROOT, name, 0, "aa|nxdomain|ns . 60 SOA a. b. 1 2 3 4 60"                          \
	}

START_TEST(the_root_is_primed_again)
{
	static const struct fake_row rows[] = {PRIMING, DENIED("a"), DENIED("b"), DENIED("c")};
	START(rows);
	ask_at(0, "a");
	ask_at(LIMIT_TTL_MAX - 60, "b");
	ck_assert(net.renewed);
	ck_assert(fake_was_asked(&net, ROOT " . NS"));
	ask_at(LIMIT_TTL_MAX + 60, "c");
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}
END_TEST

/* It was learnt because the forwarder had failed, and is not asked of that. */
START_TEST(forwarders_are_not_asked_for_delegations)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST("172800"), TO_EXAMPLE_NS,
		TO_EXAMPLE, NOTHING, {"203.0.113.1", "*.test", 0, "servfail"}};
	START(rows);
	struct name everything = {.bytes = {0}};
	struct addr forwarder = addr_from_bytes((const uint8_t[]){203, 0, 113, 1}, 4, 53);
	struct route_settings made = {
		.zone = everything.bytes, .to = {&forwarder, 1}, .first = true};
	net.settings.forward = (struct route_list){&made, 1};
	ask_at(0, "a.example.test");
	ask_at(950, "b.example.test");
	ck_assert(net.renewed);
	ck_assert(!fake_was_asked(&net, "203.0.113.1 example.test. NS"));
	ck_assert(fake_was_asked(&net, TEST " example.test. NS"));
	net.settings.forward = (struct route_list){0};
	fakenet_release(&net);
}
END_TEST

START_TEST(without_budget_nothing_is_renewed)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST("172800"), TO_EXAMPLE, NOTHING};
	START(rows);
	ask_at(0, "a.example.test");
	net.renew = false;
	ask_at(950, "b.example.test");
	struct request *renewal = NULL;
	ck_assert_int_eq(
		request_new_renewal(net.request, request_deadline_ms(net.request), &renewal),
		RW_ENOTFOUND);
	ck_assert_int_eq(request_new_renewal(net.request, net.now_ms, &renewal), 0);
	ck_assert_uint_eq(request_budget(renewal)->sends, request_budget(net.request)->sends);
	request_free(renewal);
	/* Once in its life. */
	ck_assert_int_eq(request_new_renewal(net.request, net.now_ms, &renewal), RW_ENOTFOUND);
	fakenet_release(&net);
}
END_TEST

/* A parent that answers with an alias says nothing of the zone's NS set to clients. */
START_TEST(a_renewal_that_fails_behind_an_alias_is_no_failure_of_the_zone)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST("172800"),
		{TEST, "example.test", TYPE_NS, "aa|an example.test. 300 CNAME dead.test."},
		{TEST, "dead.test", TYPE_NS, "servfail"}, TO_EXAMPLE, NOTHING};
	static const uint8_t zone[] = "\7example\4test";
	START(rows);
	ask_at(0, "a.example.test");
	ask_at(950, "b.example.test");
	ck_assert(net.renewed);
	ck_assert(fake_was_asked(&net, TEST " dead.test. NS"));
	ck_assert(!cache_has(net.context.cache, CACHE_FAILURE, zone, TYPE_NS, net.now_ms));
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk_renew");
	TCase *tests = tcase_create("walk_renew");
	tcase_add_test(tests, a_delegation_in_use_outlives_its_first_life);
	tcase_add_test(tests, it_is_tried_once_and_its_failure_harms_nobody);
	tcase_add_test(tests, a_parent_that_ends_with_it_comes_first);
	tcase_add_test(tests, the_root_is_primed_again);
	tcase_add_test(tests, forwarders_are_not_asked_for_delegations);
	tcase_add_test(tests, without_budget_nothing_is_renewed);
	tcase_add_test(tests, a_renewal_that_fails_behind_an_alias_is_no_failure_of_the_zone);
	suite_add_tcase(suite, tests);
	return suite;
}
