/* SPDX-License-Identifier: MIT */
/* Locally served and special-use names. */
#include <check.h>
#include <string.h>

#include "zones/localdata/special_use.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct answer answer;

static int ask(const char *text, uint16_t type)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	const struct question question = {name_dup(name.bytes, &arena), type, CLASS_IN};
	answer_begin(&answer, &question);
	return special_use_lookup(&arena, &answer);
}

static void setup(void)
{
	arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

START_TEST(each_zone_has_an_apex_and_nothing_below)
{
	static const char *const zones[] = {"invalid.", "test.", "onion.", "LOCAL.", "home.arpa.",
		"service.arpa.", "10.in-addr.arpa.", "0.in-addr.arpa.", "16.172.in-addr.arpa.",
		"31.172.in-addr.arpa.", "168.192.in-addr.arpa.", "64.100.in-addr.arpa.",
		"127.100.in-addr.arpa.", "254.169.in-addr.arpa.", "2.0.192.in-addr.arpa.",
		"100.51.198.in-addr.arpa.", "113.0.203.in-addr.arpa.",
		"255.255.255.255.in-addr.arpa.", "d.f.ip6.arpa.", "8.e.f.ip6.arpa.",
		"9.e.f.ip6.arpa.", "a.e.f.ip6.arpa.", "b.e.f.ip6.arpa.",
		"8.b.d.0.1.0.0.2.ip6.arpa."};
	char below[300];
	for (unsigned i = 0; i < RW_COUNT(zones); i++) {
		ck_assert_msg(ask(zones[i], TYPE_TXT) == 0, "%s", zones[i]);
		ck_assert_uint_eq(answer_rcode(&answer), RCODE_NOERROR);
		ck_assert_uint_eq(answer.set_count, 0);
		ck_assert_uint_eq(rrset_soa_negative_ttl(answer.soa), 10800);
		ck_assert_int_eq(ask(zones[i], TYPE_SOA), 0);
		ck_assert_uint_eq(answer.sets[0]->type, TYPE_SOA);
		ck_assert_int_eq(ask(zones[i], TYPE_NS), 0);
		ck_assert(name_equal(rrset_target(answer.sets[0], 0), answer.name));
		ck_assert_int_eq(ask(zones[i], TYPE_DS), RW_ENOTFOUND);
		strcpy(below, "x.y.");
		strcat(below, zones[i]);
		ck_assert_int_eq(ask(below, TYPE_A), 0);
		ck_assert_uint_eq(answer_rcode(&answer), RCODE_NXDOMAIN);
		ck_assert(name_equal(answer.soa->owner, name_skip(answer.name, 2)));
	}
}
END_TEST

START_TEST(public_names_are_left_alone)
{
	static const char *const names[] = {".", "example.", "www.example.com.", "arpa.",
		"in-addr.arpa.", "172.in-addr.arpa.", "15.172.in-addr.arpa.",
		"32.172.in-addr.arpa.", "1.63.100.in-addr.arpa.", "128.100.in-addr.arpa.",
		"192.in-addr.arpa.", "1.0.192.in-addr.arpa.", "ip6.arpa.", "e.f.ip6.arpa.",
		"c.f.ip6.arpa.", "7.e.f.ip6.arpa.", "xlocal.", "local.example.", "testing.",
		"016.172.in-addr.arpa."};
	struct name name;
	for (unsigned i = 0; i < RW_COUNT(names); i++) {
		ck_assert_int_eq(name_from_text(names[i], &name), 0);
		ck_assert_msg(!special_use_zone_of(name.bytes), "%s", names[i]);
		ck_assert_int_eq(ask(names[i], TYPE_A), RW_ENOTFOUND);
	}
}
END_TEST

START_TEST(localhost_is_the_loopback)
{
	static const uint8_t v4[] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
	static const char *const names[] = {"localhost.", "a.b.LocalHost."};
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(ask(names[i], TYPE_A), 0);
		ck_assert_mem_eq(answer.sets[0]->records[0].bytes, v4, 4);
		ck_assert_int_eq(ask(names[i], TYPE_AAAA), 0);
		ck_assert_mem_eq(answer.sets[0]->records[0].bytes, v6, 16);
		ck_assert_int_eq(ask(names[i], TYPE_MX), 0);
		ck_assert_uint_eq(answer_rcode(&answer), RCODE_NOERROR);
		ck_assert_ptr_nonnull(answer.soa);
	}
}
END_TEST

START_TEST(loopback_addresses_are_localhost)
{
	static const uint8_t localhost[] = "\11localhost";
	static const char *const names[] = {"1.0.0.127.in-addr.arpa.",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."};
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(ask(names[i], TYPE_PTR), 0);
		ck_assert_uint_eq(answer.set_count, 1);
		ck_assert(name_equal(rrset_target(answer.sets[0], 0), localhost));
	}
	ck_assert_int_eq(ask("0.127.in-addr.arpa.", TYPE_PTR), 0);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_NOERROR);
	ck_assert_int_eq(ask("2.0.0.127.in-addr.arpa.", TYPE_PTR), 0);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_NXDOMAIN);
	ck_assert_int_eq(ask("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
			     "ip6.arpa.",
				 TYPE_PTR),
		0);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_NOERROR);
	ck_assert_uint_eq(answer.set_count, 0);
}
END_TEST

START_TEST(resolver_arpa_exists_all_over)
{
	ck_assert_int_eq(ask("_dns.resolver.arpa.", 64), 0);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_NOERROR);
	ck_assert_ptr_nonnull(answer.soa);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("special_use");
	TCase *tests = tcase_create("special_use");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, each_zone_has_an_apex_and_nothing_below);
	tcase_add_test(tests, public_names_are_left_alone);
	tcase_add_test(tests, localhost_is_the_loopback);
	tcase_add_test(tests, loopback_addresses_are_localhost);
	tcase_add_test(tests, resolver_arpa_exists_all_over);
	suite_add_tcase(suite, tests);
	return suite;
}
