/* SPDX-License-Identifier: MIT */
/* Which clients may ask. */
#include <check.h>

#include "resolver/service/access.h"
#include "tests/unit/suite.h"

static struct addr address(const char *text)
{
	struct addr addr;
	ck_assert_int_eq(addr_parse(text, 0, &addr), 0);
	return addr;
}

START_TEST(lists_contain_what_their_prefixes_contain)
{
	struct prefix prefixes[2];
	struct settings settings = {.access = {prefixes, 2}};
	ck_assert_int_eq(prefix_parse("10.0.0.0/8", &prefixes[0]), 0);
	ck_assert_int_eq(prefix_parse("2001:db8::/32", &prefixes[1]), 0);
	struct addr in4 = address("10.255.0.1"), out4 = address("11.0.0.1");
	struct addr in6 = address("2001:db8::7"), out6 = address("2001:db9::7");
	ck_assert(access_may_ask(&settings, &in4));
	ck_assert(access_may_ask(&settings, &in6));
	ck_assert(!access_may_ask(&settings, &out4));
	ck_assert(!access_may_ask(&settings, &out6));
	settings.access.count = 0;
	ck_assert(!access_may_ask(&settings, &in4));
}
END_TEST

START_TEST(snooping_follows_access_until_a_list_is_given)
{
	struct settings settings = {0};
	struct addr client = address("10.0.0.1");
	ck_assert(access_may_snoop(&settings, &client));
	settings.allow_snoop_given = true;
	ck_assert(!access_may_snoop(&settings, &client));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("access");
	TCase *tcase = tcase_create("access");
	tcase_add_test(tcase, lists_contain_what_their_prefixes_contain);
	tcase_add_test(tcase, snooping_follows_access_until_a_list_is_given);
	suite_add_tcase(suite, tcase);
	return suite;
}
