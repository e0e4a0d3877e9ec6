/* SPDX-License-Identifier: MIT */
/* Which messages are replies to a query, and which only pretend. */
#include <check.h>
#include <string.h>

#include "resolver/base/rw.h"
#include "resolver/upstream/match.h"
#include "resolver/wire/rr.h"
#include "tests/unit/suite.h"

static const uint8_t query[] = {
	0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'W', 'w', 1, 'x', 0, 0, 1, 0, 1};

/* A fitting reply, to be spoilt. */
static void make(uint8_t reply[sizeof(query)])
{
	memcpy(reply, query, sizeof(query));
	reply[2] = 0x84;
}

START_TEST(fitting_reply_is_taken)
{
	uint8_t reply[sizeof(query)];
	make(reply);
	ck_assert_int_eq(
		match_reply(query, sizeof(query), reply, sizeof(reply), true), MATCH_REPLY);
}
END_TEST

START_TEST(every_single_difference_is_seen)
{
	uint8_t reply[sizeof(query)];
	for (size_t i = 0; i < sizeof(query) * 8; i++) {
		make(reply);
		reply[i / 8] ^= (uint8_t)(1u << (i % 8));
		bool id = i / 8 < 2, flags = i / 8 == 2 || i / 8 == 3,
		     counts = i / 8 >= 6 && i / 8 < 12;
		bool opcode = i / 8 == 2 && (i % 8) >= 3;
		enum match match = match_reply(query, sizeof(query), reply, sizeof(reply), true);
		if (id)
			ck_assert_int_eq(match, MATCH_WRONG_ID);
		else if ((flags && !opcode) || counts)
			ck_assert_int_eq(match, MATCH_REPLY);
		else
			ck_assert_msg(match != MATCH_REPLY, "bit %zu", i);
	}
}
END_TEST

START_TEST(letter_case_counts_only_when_asked_for)
{
	uint8_t reply[sizeof(query)];
	make(reply);
	reply[14] ^= 0x20;
	ck_assert_int_eq(match_reply(query, sizeof(query), reply, sizeof(reply), true), MATCH_CASE);
	ck_assert_int_eq(
		match_reply(query, sizeof(query), reply, sizeof(reply), false), MATCH_REPLY);
	reply[0] ^= 1;
	ck_assert_int_eq(
		match_reply(query, sizeof(query), reply, sizeof(reply), true), MATCH_WRONG_ID);
}
END_TEST

START_TEST(cut_replies_are_junk)
{
	uint8_t reply[sizeof(query)];
	make(reply);
	for (size_t size = 0; size < sizeof(reply); size++)
		ck_assert_int_eq(match_reply(query, sizeof(query), reply, size, false), MATCH_JUNK);
}
END_TEST

START_TEST(without_question_only_errors_pass)
{
	uint8_t reply[HEADER_SIZE] = {0x12, 0x34, 0x80, 0};
	static const struct {
		uint8_t rcode;
		enum match want;
	} cases[] = {{RCODE_NOERROR, MATCH_JUNK}, {RCODE_FORMERR, MATCH_REPLY},
		{RCODE_SERVFAIL, MATCH_REPLY}, {RCODE_NXDOMAIN, MATCH_JUNK},
		{RCODE_NOTIMP, MATCH_REPLY}, {RCODE_REFUSED, MATCH_REPLY}};
	for (size_t i = 0; i < RW_COUNT(cases); i++) {
		reply[3] = cases[i].rcode;
		ck_assert_int_eq(match_reply(query, sizeof(query), reply, sizeof(reply), true),
			cases[i].want);
	}
	reply[0] ^= 1;
	reply[3] = RCODE_REFUSED;
	ck_assert_int_eq(match_reply(query, sizeof(query), reply, sizeof(reply), true), MATCH_JUNK);
}
END_TEST

START_TEST(who_asks_nothing_gets_nothing_told)
{
	static const uint8_t bare[HEADER_SIZE] = {0x12, 0x34};
	uint8_t reply[sizeof(query)] = {0x12, 0x34, 0x80, RCODE_NOERROR};
	ck_assert_int_eq(match_reply(bare, sizeof(bare), reply, HEADER_SIZE, true), MATCH_REPLY);
	reply[0] ^= 1;
	ck_assert_int_eq(match_reply(bare, sizeof(bare), reply, HEADER_SIZE, true), MATCH_JUNK);
	make(reply);
	ck_assert_int_eq(match_reply(bare, sizeof(bare), reply, sizeof(reply), true), MATCH_JUNK);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("match");
	TCase *tcase = tcase_create("match");
	tcase_add_test(tcase, fitting_reply_is_taken);
	tcase_add_test(tcase, every_single_difference_is_seen);
	tcase_add_test(tcase, letter_case_counts_only_when_asked_for);
	tcase_add_test(tcase, cut_replies_are_junk);
	tcase_add_test(tcase, without_question_only_errors_pass);
	tcase_add_test(tcase, who_asks_nothing_gets_nothing_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
