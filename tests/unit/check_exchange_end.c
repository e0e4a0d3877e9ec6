/* SPDX-License-Identifier: MIT */
/* What the system's errors mean for an exchange. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "resolver/upstream/upstream.h"
#include "tests/unit/suite.h"

/* Only what we lack ourselves may end a whole request; a fault of one way is that server's. */
START_TEST(only_our_own_shortages_are_resources)
{
	static const int ours[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRINUSE};
	/* No IPv6 in this kernel; the ways ICMP errors come out of recv(); policy routes. */
	static const int theirs[] = {EAFNOSUPPORT, ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT,
		EOPNOTSUPP, ENONET, EPROTO, EMSGSIZE, EACCES, EPERM, EADDRNOTAVAIL};
	for (size_t i = 0; i < RW_COUNT(ours); i++)
		ck_assert_int_eq(exchange_end_of(ours[i]), EXCHANGE_RESOURCE);
	for (size_t i = 0; i < RW_COUNT(theirs); i++)
		ck_assert_int_eq(exchange_end_of(theirs[i]), EXCHANGE_UNREACHABLE);
	ck_assert_int_eq(exchange_end_of(ECONNREFUSED), EXCHANGE_REFUSED);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("exchange end");
	TCase *tests = tcase_create("errors");
	tcase_add_test(tests, only_our_own_shortages_are_resources);
	suite_add_tcase(suite, tests);
	return suite;
}
