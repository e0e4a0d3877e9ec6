/* SPDX-License-Identifier: MIT */
/* The chain of machines: what waits for the last one's word, and who is told what. */
#include <check.h>
#include <string.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */

#define PRIMING                                                                                    \
	{                                                                                          \
		ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT          \
	}
#define TO_TEST                                                                                    \
	{                                                                                          \
		ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST        \
	}
#define ALIAS        "aa|an www.test. 300 CNAME real.test."
#define NO_SUCH_TYPE "aa|ns test. 60 SOA ns. a. 1 2 3 4 60"

static struct fakenet net;
static unsigned known_early;

static bool is_known(enum cache_kind kind, const char *text, uint16_t type)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return cache_has(net.context.cache, kind, name.bytes, type, net.now_ms);
}

/* With each question for the alias's target, what the cache knows of the alias. */
static void look_for_alias(struct fakenet *at, const struct machine_action *action)
{
	(void)at;
	known_early += action->type == ACTION_SEND && is_known(CACHE_RRSET, "www.test", TYPE_CNAME);
}

START_TEST(nothing_is_remembered_before_the_last_word)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, {TEST, "www.test", TYPE_A, ALIAS},
		{TEST, "real.test", TYPE_A, "aa|an real.test. 300 A 198.51.100.1"}};
	fakenet_init(&net, rows, RW_COUNT(rows));
	net.watch = look_for_alias;
	known_early = 0;
	ck_assert_uint_eq(fake_ask(&net, "www.test", TYPE_A)->answer.set_count, 2);
	ck_assert(fake_was_asked(&net, TEST " real.test. A"));
	ck_assert_uint_eq(known_early, 0);
	ck_assert(is_known(CACHE_RRSET, "www.test", TYPE_CNAME));
	ck_assert(is_known(CACHE_RRSET, "real.test", TYPE_A));
	fakenet_release(&net);
}
END_TEST

/* Time that passes in between is not added to what was learnt first. */
START_TEST(what_is_learnt_ages_from_when_it_was_learnt)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_A, "aa|an www.test. 2 CNAME real.test."},
		{TEST, "real.test", TYPE_A, "silent"}};
	fakenet_init(&net, rows, RW_COUNT(rows));
	(void)fake_ask(&net, "www.test", TYPE_A); /* takes longer than 2 s */
	ck_assert(!is_known(CACHE_RRSET, "www.test", TYPE_CNAME));
	fakenet_release(&net);
}
END_TEST

static void begin_dns64(const struct fake_row *rows, size_t count)
{
	fakenet_init(&net, rows, count);
	ck_assert_int_eq(prefix_parse("2001:db8:64::/96", &net.settings.names.dns64.prefix), 0);
}

/* Set while dns64 asks: what the cache knows of the denial that made it ask. */
static void look_for_denial(struct fakenet *at, const struct machine_action *action)
{
	(void)at;
	known_early += action->type == ACTION_SEND && is_known(CACHE_NODATA, "www.test", TYPE_AAAA);
}

START_TEST(dns64_speaks_after_the_walk)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_AAAA, NO_SUCH_TYPE},
		{TEST, "www.test", TYPE_A, "aa|an www.test. 300 A 198.51.100.1"}};
	begin_dns64(rows, RW_COUNT(rows));
	net.watch = look_for_denial;
	known_early = 0;
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_AAAA);
	ck_assert_ptr_nonnull(result->dns64_a);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	ck_assert(fake_was_asked(&net, TEST " www.test. A"));
	ck_assert_uint_eq(known_early, 0);
	ck_assert(is_known(CACHE_NODATA, "www.test", TYPE_AAAA));
	ck_assert(is_known(CACHE_RRSET, "www.test", TYPE_A));
	fakenet_release(&net);
}
END_TEST

/* The walk's look-ups that nobody needs any more are not taken for dns64's. */
START_TEST(questions_of_one_machine_are_not_answered_to_the_next)
{
	static const struct fake_row rows[] = {PRIMING,
		{ROOT, "*.test", 0,
			"ns test. 172800 NS ns.test.|ns test. 172800 NS ns.far.|ns test. 172800 NS "
			"ns.away.|ar ns.test. 172800 A " TEST},
		{TEST, "www.test", TYPE_AAAA, NO_SUCH_TYPE}, {TEST, "www.test", TYPE_A, "servfail"},
		{ROOT, "*.far", 0, "silent"}, {ROOT, "*.away", 0, "silent"}};
	begin_dns64(rows, RW_COUNT(rows));
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_AAAA);
	ck_assert_ptr_null(result->dns64_a);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	fakenet_release(&net);
}
END_TEST

START_TEST(a_chain_that_led_to_a_failure_is_not_told)
{
	static const struct fake_row rows[] = {
		PRIMING, TO_TEST, {TEST, "www.test", 0, ALIAS}, {TEST, "real.test", 0, "servfail"}};
	fakenet_init(&net, rows, RW_COUNT(rows));
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(result->answer.set_count, 0);
	ck_assert_ptr_nonnull(result->answer.ede_text);
	/* And yet it was learnt. */
	ck_assert(is_known(CACHE_RRSET, "www.test", TYPE_CNAME));
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("machines");
	TCase *tests = tcase_create("machines");
	tcase_add_test(tests, nothing_is_remembered_before_the_last_word);
	tcase_add_test(tests, what_is_learnt_ages_from_when_it_was_learnt);
	tcase_add_test(tests, dns64_speaks_after_the_walk);
	tcase_add_test(tests, questions_of_one_machine_are_not_answered_to_the_next);
	tcase_add_test(tests, a_chain_that_led_to_a_failure_is_not_told);
	suite_add_tcase(suite, tests);
	return suite;
}
