/* SPDX-License-Identifier: MIT */
/* Quotas of zones and clients. */
#include <check.h>

#include "resolver/base/limits.h"
#include "resolver/engine/admission.h"
#include "resolver/engine/client_quota.h"
#include "tests/unit/suite.h"

static const uint8_t slow[] = "\004slow\003com";
static const uint8_t slow_capitals[] = "\004SLOW\003Com";
static const uint8_t other[] = "\005other\003com";

static struct admission admission = {.zone_jobs = LIMIT_ZONE_JOBS};
static struct client_quota *quota;
static struct seat seats[LIMIT_ZONE_JOBS + LIMIT_ZONE_LINE + 1];

static void fill_zone(void)
{
	for (unsigned i = 0; i < LIMIT_ZONE_JOBS; i++)
		ck_assert_int_eq(
			admission_enter(&admission, &seats[i], slow, true), ADMISSION_SEATED);
}

static void check_empty(void)
{
	ck_assert_uint_eq(admission.zones.count, 0);
}

START_TEST(zones_have_their_own_seats)
{
	struct seat elsewhere = {0}, one_more = {0};
	fill_zone();
	ck_assert_int_eq(
		admission_enter(&admission, &one_more, slow_capitals, false), ADMISSION_FULL);
	ck_assert_ptr_null(admission_zone(&one_more));
	ck_assert_int_eq(admission_enter(&admission, &elsewhere, other, false), ADMISSION_SEATED);
	ck_assert(name_equal(admission_zone(&elsewhere), other));
	for (unsigned i = 0; i < LIMIT_ZONE_JOBS; i++)
		ck_assert_ptr_null(admission_leave(&admission, &seats[i]));
	ck_assert_ptr_null(admission_leave(&admission, &elsewhere));
	ck_assert_ptr_null(admission_leave(&admission, &elsewhere));
	check_empty();
}
END_TEST

START_TEST(the_line_moves_up_in_order)
{
	struct seat *first = &seats[LIMIT_ZONE_JOBS], *gone = first + 1, *second = first + 2;
	fill_zone();
	for (struct seat *at = first; at <= second; at++)
		ck_assert_int_eq(admission_enter(&admission, at, slow, true), ADMISSION_IN_LINE);
	ck_assert(admission_in_line(first) && admission_in_line(second));
	ck_assert_ptr_null(admission_leave(&admission, gone));
	ck_assert_ptr_eq(admission_leave(&admission, &seats[0]), first);
	ck_assert(!admission_in_line(first));
	ck_assert(name_equal(admission_zone(first), slow));
	ck_assert_ptr_eq(admission_leave(&admission, first), second);
	ck_assert_ptr_null(admission_leave(&admission, second));
	for (unsigned i = 1; i < LIMIT_ZONE_JOBS; i++)
		ck_assert_ptr_null(admission_leave(&admission, &seats[i]));
	check_empty();
}
END_TEST

START_TEST(the_line_has_an_end)
{
	struct seat *late = &seats[LIMIT_ZONE_JOBS + LIMIT_ZONE_LINE];
	fill_zone();
	for (struct seat *at = &seats[LIMIT_ZONE_JOBS]; at < late; at++)
		ck_assert_int_eq(admission_enter(&admission, at, slow, true), ADMISSION_IN_LINE);
	ck_assert_int_eq(admission_enter(&admission, late, slow, true), ADMISSION_FULL);
	ck_assert_ptr_nonnull(admission_leave(&admission, &seats[0]));
	ck_assert_int_eq(admission_enter(&admission, late, slow, true), ADMISSION_IN_LINE);
	for (unsigned i = 1; i < RW_COUNT(seats); i++)
		(void)admission_leave(&admission, &seats[i]);
	check_empty();
}
END_TEST

START_TEST(workers_have_their_parts)
{
	ck_assert_uint_eq(admission_part(LIMIT_ZONE_JOBS, LIMIT_ZONE_JOBS_LEAST, 1), 200);
	ck_assert_uint_eq(admission_part(LIMIT_ZONE_JOBS, LIMIT_ZONE_JOBS_LEAST, 2), 100);
	ck_assert_uint_eq(admission_part(LIMIT_ZONE_JOBS, LIMIT_ZONE_JOBS_LEAST, LIMIT_WORKERS),
		LIMIT_ZONE_JOBS_LEAST);
}
END_TEST

START_TEST(clients_are_counted_by_address)
{
	static const uint8_t ip[] = {192, 0, 2, 1}, ip_other[] = {192, 0, 2, 2};
	struct addr client = addr_from_bytes(ip, 4, 1000), same = addr_from_bytes(ip, 4, 2000);
	struct addr stranger = addr_from_bytes(ip_other, 4, 1000);
	struct client_share *share = NULL, *foreign;
	ck_assert_int_eq(client_quota_new(env_real(), &quota), 0);
	for (unsigned i = 0; i < LIMIT_CLIENT_WAITING; i++) {
		share = client_quota_enter(quota, i % 2 ? &client : &same);
		ck_assert_ptr_nonnull(share);
	}
	ck_assert_ptr_null(client_quota_enter(quota, &client));
	foreign = client_quota_enter(quota, &stranger);
	ck_assert_ptr_nonnull(foreign);
	ck_assert_ptr_ne(foreign, share);
	client_quota_leave(quota, share);
	ck_assert_ptr_eq(client_quota_enter(quota, &same), share);
	for (unsigned i = 0; i < LIMIT_CLIENT_WAITING; i++)
		client_quota_leave(quota, share);
	client_quota_leave(quota, foreign);
	client_quota_leave(quota, NULL);
	client_quota_free(quota);
}
END_TEST

START_TEST(a_network_of_ipv6_is_one_client)
{
	struct addr one, same, next, link, neighbour;
	ck_assert_int_eq(addr_parse("2001:db8:0:1::1", 53, &one), 0);
	ck_assert_int_eq(addr_parse("2001:db8:0:1:ffff:ffff:ffff:ffff", 53, &same), 0);
	ck_assert_int_eq(addr_parse("2001:db8:0:2::1", 53, &next), 0);
	ck_assert_int_eq(addr_parse("fe80::1", 53, &link), 0);
	ck_assert_int_eq(addr_parse("fe80::2", 53, &neighbour), 0);
	ck_assert_int_eq(client_quota_new(env_real(), &quota), 0);
	struct client_share *shares[] = {client_quota_enter(quota, &one),
		client_quota_enter(quota, &same), client_quota_enter(quota, &next),
		client_quota_enter(quota, &link), client_quota_enter(quota, &neighbour)};
	ck_assert_ptr_eq(shares[0], shares[1]);
	ck_assert_ptr_ne(shares[0], shares[2]);
	ck_assert_ptr_ne(shares[3], shares[4]);
	ck_assert(client_is_same(&one, &same));
	ck_assert(!client_is_same(&one, &next));
	ck_assert(!client_is_same(&link, &neighbour));
	for (unsigned i = 0; i < RW_COUNT(shares); i++)
		client_quota_leave(quota, shares[i]);
	client_quota_free(quota);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("admission");
	TCase *tcase = tcase_create("admission");
	tcase_add_test(tcase, zones_have_their_own_seats);
	tcase_add_test(tcase, the_line_moves_up_in_order);
	tcase_add_test(tcase, the_line_has_an_end);
	tcase_add_test(tcase, workers_have_their_parts);
	tcase_add_test(tcase, clients_are_counted_by_address);
	tcase_add_test(tcase, a_network_of_ipv6_is_one_client);
	suite_add_tcase(suite, tcase);
	return suite;
}
