/* SPDX-License-Identifier: MIT */
/*
 * Forwarders and stub zones: which servers are queried, with which flags, and what happens when
 * they fail.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2"
#define ONE  "203.0.113.1"
#define TWO  "203.0.113.2"

static const char to_test[] = "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST;
static const char priming[] = "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT;

static struct fakenet net;
static unsigned with_rd, without_rd; /* questions to the configured servers */

#define START(rows) fakenet_init(&net, rows, RW_COUNT(rows))

/* Servers of `zone` by configuration: both, or the first only. */
static void route(struct route_list *list, const char *zone, unsigned count, bool first)
{
	static const uint8_t ips[][4] = {{203, 0, 113, 1}, {203, 0, 113, 2}};
	struct name name;
	ck_assert_int_eq(name_from_text(zone, &name), 0);
	list->items = calloc(1, sizeof(*list->items));
	list->count = 1;
	struct route_settings *made = list->items;
	made->zone = malloc(name_size(name.bytes));
	memcpy(made->zone, name.bytes, name_size(name.bytes));
	made->to.items = calloc(count, sizeof(*made->to.items));
	made->to.count = count;
	for (unsigned i = 0; i < count; i++)
		made->to.items[i] = addr_from_bytes(ips[i], 4, 53);
	made->first = first;
}

static void watch(struct fakenet *at, const struct machine_action *action)
{
	char ip[ADDR_TEXT];
	(void)at;
	if (action->type != ACTION_SEND)
		return;
	bool configured = strncmp(addr_ip_text(&action->server, ip), "203.0.113.", 10) == 0;
	bool rd = (rr_get16(action->wire + 2) & FLAG_RD) != 0;
	with_rd += configured && rd;
	without_rd += configured && !rd;
	/* A server that is no forwarder is never asked to recurse. */
	ck_assert(configured || !rd);
}

static const char *ask(const char *name)
{
	with_rd = without_rd = 0;
	net.watch = watch;
	const struct machine_result *result = fake_ask(&net, name, TYPE_A);
	return answer_rcode(&result->answer) == RCODE_NOERROR ? fake_answer(&net, result)
							      : "failed";
}

START_TEST(forwarders_are_asked_to_recurse_and_stubs_are_not)
{
	static const struct fake_row rows[] = {{ROOT, ".", TYPE_NS, priming},
		{ROOT, "*.test", 0, to_test},
		{ONE, "www.corp.test", TYPE_A, "aa|ra|an www.corp.test. 60 A 198.51.100.1"}};
	START(rows);
	route(&net.settings.forward, "corp.test", 1, false);
	ck_assert_str_eq(ask("www.corp.test"), "198.51.100.1");
	ck_assert_uint_eq(with_rd, 1);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
	START(rows);
	route(&net.settings.stub, "corp.test", 1, false);
	ck_assert_str_eq(ask("www.corp.test"), "198.51.100.1");
	ck_assert_uint_eq(without_rd, 1);
	ck_assert_uint_eq(with_rd, 0);
	fakenet_release(&net);
}
END_TEST

START_TEST(with_first_the_walk_goes_on_without_the_forwarder)
{
	static const struct fake_row rows[] = {{ROOT, ".", TYPE_NS, priming},
		{ROOT, "*.test", 0, to_test}, {ONE, "*.", 0, "servfail"},
		{TEST, "www.corp.test", TYPE_A, "aa|an www.corp.test. 60 A 198.51.100.2"}};
	static const char *const zones[] = {".", "corp.test"};
	for (unsigned i = 0; i < RW_COUNT(zones); i++) {
		START(rows);
		route(&net.settings.forward, zones[i], 1, true);
		ck_assert_str_eq(ask("www.corp.test"), "198.51.100.2");
		ck_assert_uint_ge(with_rd, 1);
		fakenet_release(&net);
		START(rows);
		route(&net.settings.forward, zones[i], 1, false);
		ck_assert_str_eq(ask("www.corp.test"), "failed");
		ck_assert_ptr_null(strstr(net.log, TEST));
		fakenet_release(&net);
	}
}
END_TEST

START_TEST(several_servers_stand_in_for_each_other)
{
	static const char *const bad[] = {"silent", "refused", "servfail"};
	for (unsigned i = 0; i < RW_COUNT(bad); i++) {
		const struct fake_row rows[] = {{ONE, "*.", 0, bad[i]},
			{TWO, "www.corp.test", TYPE_A, "ra|an www.corp.test. 0 A 198.51.100.3"}};
		START(rows);
		route(&net.settings.forward, ".", 2, false);
		for (int n = 0; n < 6; n++)
			ck_assert_str_eq(ask("www.corp.test"), "198.51.100.3");
		/* The one that answers is known by now. */
		ck_assert_uint_le(net.sends, 2);
		fakenet_release(&net);
	}
}
END_TEST

/* The same scrubber in every mode (CVE-2021-25220). */
START_TEST(a_forwarder_speaks_of_its_zone_only)
{
	static const struct fake_row rows[] = {{ROOT, ".", TYPE_NS, priming},
		{ROOT, "*.test", 0, to_test},
		{ONE, "www.corp.test", TYPE_A,
			"ra|an www.corp.test. 60 CNAME www.bank.test.|an www.bank.test. 60 A "
			"203.0.113.66|ns test. 60 NS ns.corp.test.|ar ns.corp.test. 60 A " ONE},
		{TEST, "www.bank.test", TYPE_A, "aa|an www.bank.test. 60 A 198.51.100.4"}};
	START(rows);
	route(&net.settings.forward, "corp.test", 1, false);
	ck_assert_str_eq(ask("www.corp.test"), "198.51.100.4");
	ck_assert_str_eq(ask("www.bank.test"), "198.51.100.4");
	ck_assert_uint_eq(with_rd, 0);
	fakenet_release(&net);
}
END_TEST

/* A forwarder that asks us in turn never answers; the error must name it. */
START_TEST(a_silent_forwarder_is_named)
{
	static const struct fake_row rows[] = {{ONE, "*.", 0, "silent"}};
	START(rows);
	route(&net.settings.forward, ".", 1, false);
	ck_assert_str_eq(ask("www.corp.test"), "failed");
	const struct machine_result *result = request_result(net.request);
	ck_assert_int_eq(result->answer.ede, EDE_NO_REACHABLE_AUTHORITY);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, ONE "@53"));
	ck_assert_uint_le(net.sends, LIMIT_TRIES_PER_ADDRESS);
	fakenet_release(&net);
}
END_TEST

/* Our own letters in somebody's question: it was passed on until it came back. */
START_TEST(a_forwarding_loop_is_told_at_once)
{
	static const struct fake_row rows[] = {{ONE, "*.", 0, "silent"}};
	struct machine_action action;
	struct name name;
	START(rows);
	route(&net.settings.forward, ".", 1, false);
	ck_assert_int_eq(name_from_text("www.corporation.test", &name), 0);
	struct question question = {name.bytes, TYPE_A, CLASS_IN};
	fake_request(&net, &question);
	request_start(net.request, net.now_ms);
	do
		ck_assert(request_next(net.request, &action));
	while (action.type != ACTION_SEND);
	request_noreply(net.request, action.xid, EXCHANGE_LOOP, 0, net.now_ms);
	const struct machine_result *result = request_result(net.request);
	ck_assert_ptr_nonnull(result);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "forwarding in a loop"));
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, ONE "@53"));
	fakenet_release(&net);
}
END_TEST

/* What search lists make of the world's names ends where its last label does. */
START_TEST(a_stubs_denial_holds_for_all_below)
{
#define DENIED "aa|nxdomain|ns corp.test. 600 SOA ns.corp.test. a.corp.test. 1 2 3 4 60"
	static const struct fake_row rows[] = {{ONE, "default.corp.test", 0,
						       "aa|ns corp.test. 600 SOA ns.corp.test. "
						       "a.corp.test. 1 2 3 4 60"},
		{ONE, "_http._tcp.default.corp.test", TYPE_A,
			"aa|an _http._tcp.default.corp.test. 60 A 198.51.100.1"},
		{ONE, "*.", 0, DENIED}};
	START(rows);
	route(&net.settings.stub, "corp.test", 1, false);
	net.settings.minimisation = MINIMISE_RELAXED;
	ck_assert_str_eq(ask("www.example.com.default.corp.test"), "failed");
	ck_assert(fake_was_asked(&net, ONE " com.default.corp.test. A"));
	ck_assert(fake_was_asked(&net, ONE " www.example.com.default.corp.test. A"));
	ck_assert_str_eq(ask("mail.other.com.default.corp.test"), "failed");
	ck_assert_uint_eq(net.sends, 0);
	ck_assert_str_eq(ask("www.example.org.default.corp.test"), "failed");
	ck_assert_uint_eq(net.sends, 2);
	/* Names without data of their own may be denied, and not what lies below them. */
	ck_assert_str_eq(ask("_x._tcp.default.corp.test"), "failed");
	ck_assert_str_eq(ask("_http._tcp.default.corp.test"), "198.51.100.1");
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk forward");
	TCase *tests = tcase_create("walk forward");
	tcase_add_test(tests, forwarders_are_asked_to_recurse_and_stubs_are_not);
	tcase_add_test(tests, with_first_the_walk_goes_on_without_the_forwarder);
	tcase_add_test(tests, several_servers_stand_in_for_each_other);
	tcase_add_test(tests, a_forwarder_speaks_of_its_zone_only);
	tcase_add_test(tests, a_silent_forwarder_is_named);
	tcase_add_test(tests, a_forwarding_loop_is_told_at_once);
	tcase_add_test(tests, a_stubs_denial_holds_for_all_below);
	suite_add_tcase(suite, tests);
	return suite;
}
