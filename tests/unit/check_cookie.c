/* SPDX-License-Identifier: MIT */
/* Servers that cannot bear DNS cookies: they are asked without one in the end, and remembered. */
#include <check.h>
#include <string.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */

static const struct fake_row rows[] = {
	{ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT},
	{ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST},
	{TEST, "*.test", 0, "aa|an www.test. 0 A 198.51.100.1"},
};

static struct fakenet net;
static struct {
	const char *to_cookie;       /* what the server of test. says to a question with one */
	const char *without;         /* to one without; NULL: the answer */
	const char *over_tcp;        /* NULL: TCP is refused */
	unsigned with_cookie, plain; /* questions over UDP */
	unsigned lose, lose_plain;   /* how many of all, of those without, get no reply */
} server;

/* A cookie is the only option of a query, and so its end. */
static bool has_cookie(const struct machine_action *send)
{
	for (size_t size = 8; size <= INFRA_COOKIE_BYTES && size + 16 < send->wire_size; size++) {
		const uint8_t *option = send->wire + send->wire_size - size - 4;
		if (option[0] == 0 && option[1] == 10 && option[2] == 0 && option[3] == size)
			return true;
	}
	return false;
}

static const char *reply(struct fakenet *at, const char *address, const struct question *question,
	const struct machine_action *send)
{
	(void)at;
	(void)question;
	if (strcmp(address, TEST) != 0)
		return NULL;
	if (send->transport == TRANSPORT_TCP)
		return server.over_tcp ? server.over_tcp : "silent";
	bool with = has_cookie(send);
	unsigned *lose = !with && server.lose_plain > 0 ? &server.lose_plain : &server.lose;
	*(with ? &server.with_cookie : &server.plain) += 1;
	if (*lose > 0) {
		(*lose)--;
		return "silent";
	}
	return with ? server.to_cookie : server.without;
}

static void setup(void)
{
	fakenet_init(&net, rows, RW_COUNT(rows));
	net.script = reply;
	memset(&server, 0, sizeof(server));
}

static void teardown(void)
{
	fakenet_release(&net);
}

static bool answers(void)
{
	return strcmp(fake_answer(&net, fake_ask(&net, "www.test", TYPE_A)), "198.51.100.1") == 0;
}

static const char *const faults[] = {
	"wrongcookie|aa|an www.test. 0 A 203.0.113.66", "servfail", "refused"};

START_TEST(what_a_cookie_spoils_is_had_without)
{
	server.to_cookie = faults[_i];
	ck_assert(answers());
	ck_assert_uint_eq(server.plain, 1);
	/* It is remembered, and forgotten when the server may have been mended. */
	unsigned before = server.with_cookie;
	ck_assert(answers());
	ck_assert_uint_eq(server.with_cookie, before);
	ck_assert_uint_eq(net.sends, 1);
	net.now_ms += INFRA_FACT_MS + 1;
	ck_assert(answers());
	ck_assert_uint_gt(server.with_cookie, before);
}
END_TEST

/* One packet may be lost. */
START_TEST(silence_to_a_cookie_counts_from_the_second_time_on)
{
	server.to_cookie = "silent";
	for (unsigned i = 1; i <= 2; i++) {
		ck_assert(answers());
		ck_assert_uint_eq(server.with_cookie, i);
	}
	ck_assert(answers());
	ck_assert_uint_eq(server.with_cookie, 2);
}
END_TEST

START_TEST(a_server_that_refuses_anyway_is_asked_without_once)
{
	server.to_cookie = server.without = "refused";
	ck_assert(!answers());
	ck_assert_uint_eq(server.plain, 1);
	const char *text = request_result(net.request)->answer.ede_text;
	ck_assert_ptr_nonnull(strstr(text, "1 REFUSED"));
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "other.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(server.plain, 1);
}
END_TEST

/* It has sent a cookie of its own, and so can bear them; its failures are of another kind. */
START_TEST(a_server_with_cookies_is_not_asked_without)
{
	server.to_cookie = "cookie|aa|an www.test. 0 A 198.51.100.1";
	ck_assert(answers());
	server.to_cookie = "cookie|servfail";
	ck_assert(!answers());
	ck_assert_uint_eq(server.plain, 0);
}
END_TEST

/* The question without a cookie was lost, which says nothing about cookies. */
START_TEST(a_lost_question_is_no_proof_that_cookies_are_harmless)
{
	server.to_cookie = "refused";
	server.lose_plain = 1;
	net.settings.cache.serve_stale = false;
	(void)answers();
	net.now_ms += 70000;
	ck_assert(answers());
}
END_TEST

START_TEST(losses_between_which_cookies_were_answered_do_not_add_up)
{
	for (unsigned i = 0; i < 3; i++) {
		server.lose = 1;
		ck_assert(answers());
		server.with_cookie = 0;
		ck_assert(answers());
		ck_assert_uint_eq(server.with_cookie, 1);
	}
}
END_TEST

/* Somebody who forges replies must not bring about questions that are easier to forge. */
START_TEST(a_server_with_cookies_is_not_believed_without)
{
	static const char forged[] = "aa|an www.test. 0 A 203.0.113.66";
	server.to_cookie = "cookie|aa|an www.test. 0 A 198.51.100.1";
	ck_assert(answers());
	ck_assert(answers());
	server.to_cookie = server.without = forged;
	ck_assert(!answers());
	ck_assert_str_eq(fake_answer(&net, request_result(net.request)), "");
	ck_assert_uint_eq(server.plain, 0);
	server.to_cookie = "cookie|aa|an www.test. 0 A 198.51.100.1";
	net.now_ms += 70000;
	server.with_cookie = 0;
	ck_assert(answers());
	ck_assert_uint_gt(server.with_cookie, 0);
}
END_TEST

START_TEST(cookies_can_be_switched_off)
{
	net.settings.outgoing.cookies = false;
	server.to_cookie = "servfail";
	ck_assert(answers());
	ck_assert_uint_eq(server.with_cookie, 0);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("cookie");
	TCase *tests = tcase_create("cookie");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, what_a_cookie_spoils_is_had_without, 0, (int)RW_COUNT(faults));
	tcase_add_test(tests, silence_to_a_cookie_counts_from_the_second_time_on);
	tcase_add_test(tests, a_server_that_refuses_anyway_is_asked_without_once);
	tcase_add_test(tests, a_server_with_cookies_is_not_asked_without);
	tcase_add_test(tests, a_lost_question_is_no_proof_that_cookies_are_harmless);
	tcase_add_test(tests, losses_between_which_cookies_were_answered_do_not_add_up);
	tcase_add_test(tests, a_server_with_cookies_is_not_believed_without);
	tcase_add_test(tests, cookies_can_be_switched_off);
	suite_add_tcase(suite, tests);
	return suite;
}
