/* SPDX-License-Identifier: MIT */
/*
 * Whom a walk holds what against: what one name, one type or one short-lived client shows of a
 * server is not held against the zones and names of others.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */
#define EX   "192.0.2.3" /* example.test. */
#define EX2  "192.0.2.4"

#define PRIMING                                                                                    \
	{                                                                                          \
		ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT          \
	}
#define TO_TEST                                                                                    \
	{                                                                                          \
		ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST        \
	}
#define TO_EXAMPLE                                                                                 \
	{                                                                                          \
		TEST, "*.example.test", 0,                                                         \
			"ns example.test. 3600 NS n1.example.test.|ar n1.example.test. 3600 A " EX \
	}
#define TO_EXAMPLES                                                                                \
	{                                                                                          \
		TEST, "*.example.test", 0,                                                         \
			"ns example.test. 3600 NS n1.example.test.|ns example.test. 3600 NS "      \
			"n2.example.test.|ar n1.example.test. 3600 A " EX                          \
			"|ar n2.example.test. 3600 A " EX2                                         \
	}
#define UPWARDS "ns . 518400 NS a.root."
#define GOOD    "aa|an www.example.test. 0 A 198.51.100.1"
#define SOA     "ns example.test. 600 SOA n1.example.test. admin.example.test. 1 2 3 4 60"

static struct fakenet net;

#define START(rows)                                                                                \
	do {                                                                                       \
		fakenet_init(&net, rows, RW_COUNT(rows));                                          \
	} while (0)

static struct infra_server known_of(const char *text)
{
	struct addr addr;
	struct infra_server known;
	ck_assert_int_eq(addr_parse(text, net.settings.outgoing.port, &addr), 0);
	infra_get(net.context.infra, &addr, net.now_ms, &known);
	return known;
}

static unsigned count_sent(const char *words)
{
	unsigned count = 0;
	for (const char *line = net.log; *line; line = strchr(line, '\n') + 1)
		count += strncmp(line, words, strlen(words)) == 0;
	return count;
}

static void ask_for(const char *name, uint16_t type, uint16_t rcode)
{
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, name, type)->answer), rcode);
}

/* ---- delegations that lead nowhere ---- */

START_TEST(a_delegation_to_nobody_is_not_its_parents_fault)
{
	static const struct fake_row rows[] = {PRIMING,
		{ROOT, "*.test", 0,
			"ns test. 172800 NS n1.test.|ns test. 172800 NS n2.test.|ns test. 172800 "
			"NS "
			"n3.test.|ar n1.test. 172800 A " TEST "|ar n2.test. 172800 A 192.0.2.12"
			"|ar n3.test. 172800 A 192.0.2.13"},
		{TEST, "*.nobody.test", 0, "ns nobody.test. 3600 NS ."},
		{"192.0.2.12", "*.nobody.test", 0, "ns nobody.test. 3600 NS ."},
		{"192.0.2.13", "*.nobody.test", 0, "ns nobody.test. 3600 NS ."},
		{TEST, "www.test", TYPE_A, "aa|an www.test. 0 A 198.51.100.1"},
		{"192.0.2.12", "www.test", TYPE_A, "aa|an www.test. 0 A 198.51.100.1"},
		{"192.0.2.13", "www.test", TYPE_A, "aa|an www.test. 0 A 198.51.100.1"}};
	START(rows);
	for (unsigned i = 0; i < 5; i++) {
		char name[] = "a.nobody.test";
		name[0] = (char)('a' + i);
		const struct machine_result *result = fake_ask(&net, name, TYPE_A);
		ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
		ck_assert_int_eq(result->answer.ede, EDE_NO_REACHABLE_AUTHORITY);
		ck_assert_ptr_nonnull(
			strstr(result->answer.ede_text, "nobody.test. is delegated to nobody"));
		/* Two of them agree; the third need not be asked. */
		ck_assert_uint_eq(
			count_sent(TEST) + count_sent("192.0.2.12") + count_sent("192.0.2.13"), 2);
	}
	ask_for("www.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(a_referral_to_where_one_is_blocks_no_other_name)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "odd.example.test", 0, "ns example.test. 60 NS n1.example.test."},
		{EX, "www.example.test", TYPE_A, GOOD}};
	START(rows);
	ask_for("odd.example.test", TYPE_A, RCODE_SERVFAIL);
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}
END_TEST

static void check_doubt(const struct fake_row *later, size_t count, bool is_kept)
{
	static const struct fake_row rows[] = {
		PRIMING, TO_TEST, TO_EXAMPLE, {EX, "www.example.test", TYPE_A, GOOD}};
	struct cache_hit hit;
	struct name zone;
	START(rows);
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	net.now_ms += LIMIT_CUT_DOUBT_MS + 1000;
	net.rows = later;
	net.row_count = count;
	(void)fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert(fake_was_asked(&net, TEST " www.example.test. A"));
	ck_assert_int_eq(name_from_text("example.test", &zone), 0);
	const struct cache_query query = {.cache = net.context.cache,
		.now_ms = net.now_ms,
		.arena = request_arena(net.request)};
	int err = cache_lookup(&query, CACHE_DELEGATION, zone.bytes, TYPE_NS, &hit);
	ck_assert_int_eq(err, is_kept ? 0 : RW_ENOTFOUND);
	fakenet_release(&net);
}

START_TEST(a_doubted_delegation_is_kept_until_its_parent_has_spoken)
{
	static const struct fake_row silent[] = {
		{TEST, "*.example.test", 0, "silent"}, {EX, "*.example.test", 0, "refused"}};
	static const struct fake_row failing[] = {
		{TEST, "*.example.test", 0, "servfail"}, {EX, "*.example.test", 0, "refused"}};
	static const struct fake_row gone[] = {
		{TEST, "*.example.test", 0, "aa|nxdomain|ns test. 60 SOA n. a. 1 2 3 4 60"},
		{EX, "*.example.test", 0, "refused"}};
	static const struct fake_row inside[] = {
		{TEST, "*.example.test", 0, "aa|an www.example.test. 0 A 198.51.100.2"},
		{EX, "*.example.test", 0, "refused"}};
	check_doubt(silent, RW_COUNT(silent), true);
	check_doubt(failing, RW_COUNT(failing), true);
	check_doubt(gone, RW_COUNT(gone), false);
	check_doubt(inside, RW_COUNT(inside), false);
}
END_TEST

/* ---- useless replies ---- */

static void check_odd_type(const char *reply)
{
	const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_AAAA, reply}, {EX, "www.example.test", TYPE_A, GOOD}};
	START(rows);
	ck_assert_msg(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_AAAA)->answer) ==
			      RCODE_SERVFAIL,
		"%s", reply);
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}

START_TEST(one_odd_type_does_not_lock_the_zone)
{
	static const char *const replies[] = {UPWARDS, ("aa|" UPWARDS), "refused", "servfail",
		"ns example.test. 60 NS n1.example.test.", "an other.test. 60 A 192.0.2.9",
		"ra|an www.example.test. 60 TXT \"x\""};
	for (size_t i = 0; i < RW_COUNT(replies); i++)
		check_odd_type(replies[i]);
}
END_TEST

START_TEST(a_lame_server_is_asked_when_nobody_else_is_left)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "*.example.test", TYPE_AAAA, UPWARDS}, {EX, "www.example.test", TYPE_A, GOOD}};
	START(rows);
	ask_for("a.example.test", TYPE_AAAA, RCODE_SERVFAIL);
	ask_for("b.example.test", TYPE_AAAA, RCODE_SERVFAIL);
	ask_for("c.example.test", TYPE_AAAA, RCODE_SERVFAIL);
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(a_lame_server_is_asked_after_the_others)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLES,
		{EX, "*.example.test", 0, "refused"}, {EX2, "www.example.test", TYPE_A, GOOD},
		{EX2, "*.example.test", 0, "aa|" SOA}};
	START(rows);
	/* Curiosity leads there for three different names some day. */
	for (unsigned i = 0, met = 0; met < INFRA_LAME_NAMES; i++) {
		char name[] = "aa.example.test";
		ck_assert_uint_lt(i, 26 * 26);
		name[0] = (char)('a' + i / 26);
		name[1] = (char)('a' + i % 26);
		ask_for(name, TYPE_A, RCODE_NOERROR);
		met += count_sent(EX " ") > 0;
	}
	for (unsigned i = 0; i < 20; i++) {
		ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
		ck_assert_uint_eq(count_sent(EX " "), 0);
	}
	fakenet_release(&net);
}
END_TEST

START_TEST(a_referral_upwards_denies_nothing)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLES,
		{EX, "*.example.test", 0, "aa|" UPWARDS}, {EX2, "www.example.test", TYPE_A, GOOD}};
	START(rows);
	for (unsigned i = 0; i < 40; i++) {
		const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
		ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
		ck_assert_uint_eq(result->answer.set_count, 1);
		net.now_ms += 1100;
	}
	fakenet_release(&net);
}
END_TEST

/* RFC 2308 section 2.2, type 3: nothing at all in the reply. */
START_TEST(an_empty_reply_is_believed_when_another_agrees)
{
	static const struct fake_row one[] = {PRIMING, TO_TEST, TO_EXAMPLES,
		{EX, "www.example.test", TYPE_A, "aa"}, {EX2, "www.example.test", TYPE_A, GOOD}};
	static const struct fake_row both[] = {PRIMING, TO_TEST, TO_EXAMPLES,
		{EX, "www.example.test", TYPE_A, "aa"}, {EX2, "www.example.test", TYPE_A, ""}};
	static const struct fake_row alone[] = {
		PRIMING, TO_TEST, TO_EXAMPLE, {EX, "www.example.test", TYPE_A, "aa"}};
	START(one);
	for (unsigned i = 0; i < 40; i++) {
		ck_assert_uint_eq(fake_ask(&net, "www.example.test", TYPE_A)->answer.set_count, 1);
		net.now_ms += 1100;
	}
	fakenet_release(&net);
	START(both);
	ck_assert_uint_eq(fake_ask(&net, "www.example.test", TYPE_A)->answer.set_count, 0);
	ck_assert_int_eq(answer_rcode(&request_result(net.request)->answer), RCODE_NOERROR);
	ck_assert_uint_eq(count_sent(EX " ") + count_sent(EX2 " "), 2);
	fakenet_release(&net);
	START(alone);
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(count_sent(EX " "), 1);
	fakenet_release(&net);
}
END_TEST

/* Twenty texts of a hundred bytes, without TC. */
static const char *more_than_asked_for(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	char *end = at->said;
	(void)question, (void)send;
	if (strcmp(server, EX) != 0)
		return NULL;
	end += sprintf(end, "aa");
	for (unsigned i = 0; i < 20; i++)
		end += sprintf(end, "|an www.example.test. 0 TXT %0100u", i);
	return at->said;
}

START_TEST(more_than_was_asked_for_is_not_believed)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE};
	START(rows);
	net.script = more_than_asked_for;
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_TXT);
	ck_assert_uint_eq(result->answer.set_count, 1);
	ck_assert_uint_eq(result->answer.from[0].transport, TRANSPORT_TCP);
	ck_assert_uint_eq(net.tcp_sends, 1);
	fakenet_release(&net);
}
END_TEST

/* ---- our own haste ---- */

/* Somebody else's slow zone leads to the victim when hardly any time is left. */
START_TEST(a_server_that_got_no_time_has_not_timed_out)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{TEST, "*.slow.test", 0,
			"ns slow.test. 3600 NS n1.slow.test.|ns slow.test. 3600 NS n2.slow.test.|"
			"ar n1.slow.test. 3600 A 192.0.2.11|ar n2.slow.test. 3600 A 192.0.2.12"},
		{"192.0.2.11", "*.slow.test", 0, "silent"},
		{"192.0.2.12", "*.slow.test", 0, "aa|an www.slow.test. 0 CNAME www.example.test."},
		{EX, "www.example.test", TYPE_A, "silent"}};
	bool hurried = false;
	for (unsigned i = 0; i < 20 && !hurried; i++) {
		START(rows);
		net.now_ms += 1000ull * i; /* whose turn it is depends on the second */
		net.settings.outgoing.timeout_ms = LIMIT_TRY_FIRST_MS + 200;
		ask_for("www.slow.test", TYPE_A, RCODE_SERVFAIL);
		hurried = fake_was_asked(&net, "192.0.2.11 www.slow.test. A") &&
			  fake_was_asked(&net, EX " www.example.test. A");
		if (hurried)
			ck_assert_uint_eq(known_of(EX).timeouts, 0);
		fakenet_release(&net);
	}
	ck_assert(hurried);
}
END_TEST

static bool tcp_is_silent;

static const char *over_tcp_only(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)at, (void)question;
	if (strcmp(server, EX) != 0)
		return NULL;
	if (send->transport == TRANSPORT_TCP && tcp_is_silent)
		return "silent";
	return "tc|" GOOD;
}

static void begin_tcp(uint32_t timeout_ms)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE};
	START(rows);
	net.script = over_tcp_only;
	net.settings.outgoing.timeout_ms = timeout_ms;
	tcp_is_silent = true;
	ask_for("www.example.test", TYPE_A, RCODE_SERVFAIL);
	ck_assert_uint_gt(net.tcp_sends, 0);
	tcp_is_silent = false;
	net.now_ms += (LIMIT_FAILURE_TTL + 1) * 1000;
}

START_TEST(tcp_that_got_no_time_is_not_broken)
{
	struct addr addr;
	struct name zone;
	begin_tcp(500);
	ck_assert_int_eq(addr_parse(EX, net.settings.outgoing.port, &addr), 0);
	ck_assert_int_eq(name_from_text("example.test", &zone), 0);
	ck_assert(!infra_tcp_is_broken(net.context.infra, &addr, zone.bytes, net.now_ms));
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	fakenet_release(&net);
}
END_TEST

START_TEST(trouble_with_tcp_does_not_forbid_it)
{
	struct addr addr;
	struct name zone;
	begin_tcp(LIMIT_REQUEST_MS);
	ck_assert_int_eq(addr_parse(EX, net.settings.outgoing.port, &addr), 0);
	ck_assert_int_eq(name_from_text("example.test", &zone), 0);
	ck_assert(infra_tcp_is_broken(net.context.infra, &addr, zone.bytes, net.now_ms));
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(net.tcp_sends, 1);
	ck_assert(!infra_tcp_is_broken(net.context.infra, &addr, zone.bytes, net.now_ms));
	fakenet_release(&net);
}
END_TEST

/* A server that is known not to serve TCP costs one try, and only if no other server is left. */
START_TEST(known_trouble_with_tcp_costs_one_try)
{
	begin_tcp(LIMIT_REQUEST_MS);
	tcp_is_silent = true;
	ask_for("www.example.test", TYPE_A, RCODE_SERVFAIL);
	ck_assert_uint_eq(net.tcp_sends, 1);
	fakenet_release(&net);
}
END_TEST

/* A zone that is delegated to somebody else's server says nothing of the zones it does serve. */
START_TEST(a_stranger_zone_cannot_take_tcp_away)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{TEST, "*.evil.test", 0,
			"ns evil.test. 60 NS n.evil.test.|ar n.evil.test. 60 A " EX},
		{EX, "*.evil.test", 0, "silent"}, {EX, "www.example.test", TYPE_A, "tc|" GOOD}};
	START(rows);
	ask_for("www.evil.test", TYPE_A, RCODE_SERVFAIL);
	ck_assert_uint_gt(net.tcp_sends, 0);
	ask_for("www.example.test", TYPE_A, RCODE_NOERROR);
	ck_assert_uint_eq(net.tcp_sends, 1);
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk_blame");
	TCase *tests = tcase_create("walk_blame");
	tcase_add_test(tests, a_delegation_to_nobody_is_not_its_parents_fault);
	tcase_add_test(tests, a_referral_to_where_one_is_blocks_no_other_name);
	tcase_add_test(tests, a_doubted_delegation_is_kept_until_its_parent_has_spoken);
	tcase_add_test(tests, one_odd_type_does_not_lock_the_zone);
	tcase_add_test(tests, a_lame_server_is_asked_when_nobody_else_is_left);
	tcase_add_test(tests, a_lame_server_is_asked_after_the_others);
	tcase_add_test(tests, a_referral_upwards_denies_nothing);
	tcase_add_test(tests, an_empty_reply_is_believed_when_another_agrees);
	tcase_add_test(tests, more_than_was_asked_for_is_not_believed);
	tcase_add_test(tests, a_server_that_got_no_time_has_not_timed_out);
	tcase_add_test(tests, tcp_that_got_no_time_is_not_broken);
	tcase_add_test(tests, trouble_with_tcp_does_not_forbid_it);
	tcase_add_test(tests, known_trouble_with_tcp_costs_one_try);
	tcase_add_test(tests, a_stranger_zone_cannot_take_tcp_away);
	suite_add_tcase(suite, tests);
	return suite;
}
