/* SPDX-License-Identifier: MIT */
/* Addresses that no stranger may send us to. */
#include <check.h>

#include "resolver/iterate/address_filter.h"
#include "tests/unit/suite.h"

static bool forbids(const char *text, const struct outgoing_settings *outgoing)
{
	struct addr addr;
	ck_assert_int_eq(addr_parse(text, 53, &addr), 0);
	return address_is_forbidden(outgoing, &addr);
}

START_TEST(inner_addresses_are_forbidden)
{
	static const char *const inner[] = {"0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1",
		"169.254.1.1", "172.16.0.1", "192.0.0.8", "192.168.1.1", "198.18.0.1",
		"198.19.255.255", "224.0.0.1", "255.255.255.255", "::", "::1", "::192.0.2.1",
		"::ffff:192.0.2.1", "fd00::1", "fe80::1", "fec0::1", "feff::1", "ff02::1",
		"64:ff9b::192.0.2.1", "64:ff9b:1::1", "64:ff9b:1:ffff::1", "100::1",
		"2002:a01:203::1", "2002:7f00:1::1", "2002:c0a8:101::53"};
	const struct outgoing_settings none = {0};
	for (size_t i = 0; i < RW_COUNT(inner); i++)
		ck_assert_msg(forbids(inner[i], &none), "%s", inner[i]);
}
END_TEST

START_TEST(addresses_of_the_world_are_not)
{
	static const char *const outer[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
		"192.0.2.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:db8::1",
		"fbff::1", "fe7f::1", "64:ff9a::1", "64:ff9b:0:1::1", "64:ff9b:2::1",
		"100:0:0:1::1", "2002:c000:201::1", "2003::1"};
	const struct outgoing_settings none = {0};
	for (size_t i = 0; i < RW_COUNT(outer); i++)
		ck_assert_msg(!forbids(outer[i], &none), "%s", outer[i]);
}
END_TEST

START_TEST(the_configuration_makes_exceptions)
{
	struct prefix prefix;
	const struct outgoing_settings outgoing = {.allow_private = {&prefix, 1}};
	ck_assert_int_eq(prefix_parse("10.53.0.0/16", &prefix), 0);
	ck_assert(!forbids("10.53.1.1", &outgoing));
	ck_assert(forbids("10.54.1.1", &outgoing));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("address_filter");
	TCase *tests = tcase_create("address_filter");
	tcase_add_test(tests, inner_addresses_are_forbidden);
	tcase_add_test(tests, addresses_of_the_world_are_not);
	tcase_add_test(tests, the_configuration_makes_exceptions);
	suite_add_tcase(suite, tests);
	return suite;
}
