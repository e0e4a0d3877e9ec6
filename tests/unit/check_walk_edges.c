/* SPDX-License-Identifier: MIT */
/*
 * The edges of a walk: memory that ends, replies cut anywhere, cookies, and what one request that
 * went wrong may not spoil for the next.
 */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/iterate/walk_state.h"
#include "tests/unit/faketree.h"
#include "tests/unit/suite.h"

static struct fakenet net;

START_TEST(servers_of_a_zone_left_behind_are_not_asked_for_the_next_one)
{
	/* The second server's address is found when the alias has led into another zone. */
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.evil.test", 0,
			"ns evil.test. 3600 NS n.fast.test.|ns evil.test. 3600 NS "
			"n.c.b.slow.test."},
		{TEST, "*.fast.test", 0,
			"ns fast.test. 3600 NS ns.fast.test.|ar ns.fast.test. 3600 A " OTH},
		{TEST, "*.slow.test", 0,
			"ns slow.test. 3600 NS ns.slow.test.|ar ns.slow.test. 3600 A " OTH},
		{TEST, "*.bank.test", 0,
			"ns bank.test. 3600 NS ns.bank.test.|ar ns.bank.test. 3600 A " EX},
		{OTH, "n.fast.test", TYPE_A, "aa|an n.fast.test. 300 A 203.0.113.1"},
		{OTH, "*.b.slow.test", 0,
			"ns b.slow.test. 3600 NS ns.b.slow.test.|ar ns.b.slow.test. 3600 A " EX2},
		{EX2, "*.c.b.slow.test", 0,
			"ns c.b.slow.test. 3600 NS ns.c.b.slow.test.|"
			"ar ns.c.b.slow.test. 3600 A 192.0.2.6"},
		{"192.0.2.6", "n.c.b.slow.test", TYPE_A,
			"aa|an n.c.b.slow.test. 300 A 203.0.113.66"},
		{"203.0.113.1", "x.evil.test", TYPE_A,
			"aa|an x.evil.test. 300 CNAME www.bank.test."},
		{EX, "*.bank.test", 0, "silent"},
		{"203.0.113.66", "*.bank.test", 0, "aa|an www.bank.test. 300 A 203.0.113.66"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "x.evil.test", TYPE_A);
	ck_assert(fake_was_asked(&net, EX " www.bank.test. A"));
	ck_assert_ptr_null(strstr(net.log, "203.0.113.66 www.bank.test."));
	/* Nor does what looks for them go on at the request's expense. */
	ck_assert_ptr_null(strstr(net.log, "192.0.2.6 "));
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	fakenet_release(&net);
}
END_TEST

/* That its name leads to the address that has refused is no news, but it is an address. */
START_TEST(a_server_that_refuses_has_an_address)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.lame.test", 0,
			"ns lame.test. 3600 NS ns.other.test.|ar ns.other.test. 3600 A " OTH},
		{TEST, "ns.other.test", 0, "aa|an ns.other.test. 300 A " OTH},
		{OTH, "*.lame.test", 0, "refused"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.lame.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert(fake_was_asked(&net, TEST " ns.other.test. A"));
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "1 REFUSED"));
	ck_assert_ptr_null(strstr(result->answer.ede_text, "without address"));
	fakenet_release(&net);
}
END_TEST

START_TEST(the_next_zone_may_wait_for_the_same_address)
{
	/* While it is looked up for evil.test, the walk comes to a zone with that server only. */
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.evil.test", 0,
			"ns evil.test. 3600 NS n.fast.test.|ns evil.test. 3600 NS n.slow.test."},
		{TEST, "*.fast.test", 0,
			"ns fast.test. 3600 NS ns.fast.test.|ar ns.fast.test. 3600 A " OTH},
		{TEST, "*.slow.test", 0,
			"ns slow.test. 3600 NS ns.slow.test.|ar ns.slow.test. 3600 A " EX},
		{OTH, "n.fast.test", TYPE_A, "aa|an n.fast.test. 300 A 203.0.113.1"},
		{EX, "n.slow.test", TYPE_A, "tc|aa|an n.slow.test. 300 A 203.0.113.2"},
		{"203.0.113.1", "*.evil.test", 0, "ns b.evil.test. 3600 NS n.slow.test."},
		{"203.0.113.2", "*.b.evil.test", 0, "aa|an x.b.evil.test. 300 A 198.51.100.1"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "x.b.evil.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
	fakenet_release(&net);
}
END_TEST

START_TEST(request_without_memory_ends_at_once)
{
	static const uint8_t second[] = "\1b\5other";
	const struct question question = {name_root, TYPE_NS, CLASS_IN};
	struct machine_action action;
	fakenet_init(&net, NULL, 0);
	net.hints.ns[net.hints.ns_count++].name = second; /* no address: to be looked up */
	fake_request(&net, &question);
	request_start(net.request, net.now_ms);
	do
		ck_assert(request_next(net.request, &action));
	while (action.type != ACTION_SEND);
	while (arena_alloc_raw(request_arena(net.request), 1))
		;
	request_noreply(net.request, action.xid, EXCHANGE_UNREACHABLE, 10, net.now_ms);
	ck_assert(request_done(net.request));
	ck_assert_int_eq(answer_rcode(&request_result(net.request)->answer), RCODE_SERVFAIL);
	fakenet_release(&net);
}
END_TEST

/* A walk for a local name with room for so many more pieces of 16 bytes; whether it is NXDOMAIN. */
static bool begin_with_room(unsigned left, unsigned *ret_room)
{
	static const uint8_t name[] = "\4host\5local";
	const struct question question = {name, TYPE_A, CLASS_IN};
	const struct machine_event start = {.type = EVENT_START, .now_ms = net.now_ms};
	struct budget budget = {.sends = 9, .deadline_ms = net.now_ms + 1000};
	struct machine_actions actions;
	struct arena arena;
	arena_init(&arena, 1 << 16);
	struct walk *walk =
		walk_new(&arena, &net.context, &budget, &question, &(struct walk_place){0});
	walk->cuts.primed = true;
	for (unsigned i = left; i < *ret_room; i++)
		if (!arena_alloc_raw(&arena, 16))
			*ret_room = i - left;
	struct machine *machine = walk_machine(walk);
	actions.count = 0;
	machine->kind->step(machine, &start, &actions);
	for (unsigned i = 0; i < actions.count; i++)
		ck_assert_int_ne(actions.items[i].type, ACTION_SEND);
	bool denied = answer_rcode(&walk->result.answer) == RCODE_NXDOMAIN;
	arena_release(&arena);
	return denied;
}

/* Whatever memory is left when the walk begins, it asks nobody. */
START_TEST(local_names_do_not_leak_for_want_of_memory)
{
	const struct addr root = addr_from_bytes((const uint8_t[]){192, 0, 2, 1}, 4, 53);
	unsigned room = UINT_MAX;
	fakenet_init(&net, NULL, 0);
	net.settings.special_use = true;
	net.context.notes = false;
	/* The shortest query there is. */
	infra_set_edns(net.context.infra, &root, INFRA_EDNS_BROKEN, net.now_ms);
	ck_assert(!begin_with_room(0, &room));
	for (unsigned left = 0; left < 512; left++)
		(void)begin_with_room(left, &room);
	ck_assert(begin_with_room(512, &room));
	fakenet_release(&net);
}
END_TEST

/* Takes actions up to the next packet. */
static void next_send(struct machine_action *ret_action)
{
	do
		ck_assert(request_next(net.request, ret_action));
	while (ret_action->type != ACTION_SEND);
}

START_TEST(replies_cut_anywhere_lead_to_tcp)
{
	static const uint8_t cut[][24] = {
		{0, 0, 0x82, 0}, /* no question */
		{0, 0, 0x82, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, TYPE_NS, 0, CLASS_IN, 0, 0, 2},
	};
	const struct question question = {name_root, TYPE_NS, CLASS_IN};
	struct machine_action action;
	for (int i = 0; i < 2; i++) {
		fakenet_init(&net, NULL, 0);
		fake_request(&net, &question);
		request_start(net.request, net.now_ms);
		next_send(&action);
		ck_assert_int_eq(action.transport, TRANSPORT_UDP);
		request_reply(net.request, action.xid, cut[i], i ? 24 : 12, 10, net.now_ms);
		next_send(&action);
		ck_assert_int_eq(action.transport, TRANSPORT_TCP);
		fakenet_release(&net);
	}
}
END_TEST

START_TEST(time_spent_elsewhere_does_not_spoil_the_target_of_an_alias)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{TEST, "*.other.test", 0,
			"ns other.test. 3600 NS ns.other.test.|ar ns.other.test. 3600 A " OTH},
		{EX, "alias.example.test", TYPE_A,
			"aa|an alias.example.test. 300 CNAME www.other.test."},
		{OTH, "www.other.test", TYPE_A, "aa|an www.other.test. 45 A 198.51.100.7"}};
	START(rows);
	net.settings.outgoing.timeout_ms = 45; /* each reply takes 10 */
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, "alias.example.test", TYPE_A)->answer),
		RCODE_SERVFAIL);
	ck_assert(fake_was_asked(&net, TEST " www.other.test. A"));
	net.settings.outgoing.timeout_ms = 7000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.other.test", TYPE_A)->answer), RCODE_NOERROR);
	fakenet_release(&net);
}
END_TEST

START_TEST(depth_spent_elsewhere_does_not_spoil_a_server_name)
{
	/* Servers of a zone are named in the next one, down to one that is well if asked itself. */
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.z0.test", 0, "ns z0.test. 300 NS n.z1.test."},
		{TEST, "*.z1.test", 0, "ns z1.test. 300 NS n.z2.test."},
		{TEST, "*.z2.test", 0, "ns z2.test. 300 NS n.z3.test."},
		{TEST, "*.z3.test", 0, "ns z3.test. 300 NS n.z4.test."},
		{TEST, "*.z4.test", 0, "ns z4.test. 300 NS n.z5.test."},
		{TEST, "*.z5.test", 0, "ns z5.test. 300 NS n.z6.test."},
		{TEST, "*.z6.test", 0, "ns z6.test. 300 NS n.other.test."},
		{TEST, "*.other.test", 0, "ns other.test. 300 NS ns.host.test."},
		{TEST, "ns.host.test", TYPE_A, "aa|an ns.host.test. 300 A " OTH},
		{OTH, "n.other.test", TYPE_A, "aa|an n.other.test. 300 A " EX}};
	START(rows);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "x.z0.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert(fake_was_asked(&net, TEST " n.other.test. A"));
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "n.other.test", TYPE_A)->answer), RCODE_NOERROR);
	fakenet_release(&net);
}
END_TEST

START_TEST(long_chains_do_not_spoil_the_name_they_end_at)
{
#define LINK(from, to)                                                                             \
	{                                                                                          \
		EX, from ".example.test", TYPE_A,                                                  \
			"aa|an " from ".example.test. 300 CNAME " to ".example.test."              \
	}
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE, LINK("a", "b"),
		LINK("b", "c"), LINK("c", "d"), LINK("d", "e"), LINK("e", "f"), LINK("f", "g"),
		LINK("g", "h"), LINK("h", "i"), LINK("i", "j"), LINK("j", "k"), LINK("k", "l"),
		{EX, "l.example.test", TYPE_A, "aa|an l.example.test. 1 CNAME m.example.test."},
		{EX, "m.example.test", TYPE_A, "aa|an m.example.test. 300 A 198.51.100.1"}};
	START(rows);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	net.now_ms += 2000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "l.example.test", TYPE_A)->answer), RCODE_NOERROR);
	fakenet_release(&net);
}
END_TEST

START_TEST(cookies_unmask_forged_replies)
{
	static const struct fake_row good[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "*.example.test", TYPE_A, "cookie|aa|an www.example.test. 1 A 198.51.100.1"}};
	static const struct fake_row without[] = {
		{EX, "*.example.test", TYPE_A, "aa|an www.example.test. 1 A 203.0.113.66"}};
	static const struct fake_row wrong[] = {{EX, "*.example.test", TYPE_A,
		"wrongcookie|aa|an www.example.test. 1 A 203.0.113.66"}};
	START(good);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	ck_assert_uint_eq(net.tcp_sends, 0);
	net.now_ms += 2000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	ck_assert_uint_eq(net.tcp_sends, 0);
	net.now_ms += 2000;
	net.rows = without;
	net.row_count = 1;
	fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 2);
	ck_assert_uint_eq(net.tcp_sends, 1);
	/* After the suspicion has passed. */
	net.now_ms += INFRA_LAME_MS + 1000;
	net.rows = wrong;
	fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 2);
	ck_assert_uint_eq(net.tcp_sends, 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(refused_cookies_are_renewed)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "*.example.test", TYPE_A,
			"badcookie|aa|an www.example.test. 1 A 198.51.100.1"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
	ck_assert_uint_eq(net.sends, 5);
	ck_assert_uint_eq(net.tcp_sends, 0);
	fakenet_release(&net);
}
END_TEST

START_TEST(impatient_clients_do_not_spoil_the_target_of_an_alias)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	static const uint8_t alias[] = "\5alias\4evil", www[] = "\3www\7example\4test";
	struct provenance from = {.rank = RANK_ANSWER_AA};
	const struct question question = {alias, TYPE_A, CLASS_IN};
	struct machine_action action;
	START(rows);
	fake_request(&net, &question);
	const struct rrset *cname =
		rrset_single(request_arena(net.request), alias, TYPE_CNAME, 300, www, sizeof(www));
	from.when_ms = net.now_ms;
	ck_assert_int_eq(cache_store_rrset(net.context.cache, cname, &from, net.now_ms), 0);
	request_start(net.request, net.now_ms);
	next_send(&action);
	ck_assert_ptr_nonnull(request_trouble(net.request, net.now_ms + 1000));
	net.now_ms += 1000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	fakenet_release(&net);
}
END_TEST

START_TEST(a_name_has_one_alias)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "two.example.test", 0,
			"aa|an two.example.test. 300 CNAME a.example.test.|"
			"an two.example.test. 300 CNAME b.example.test."},
		{EX, "*.d.example.test", 0,
			"aa|an d.example.test. 300 DNAME e.example.test.|"
			"an d.example.test. 300 DNAME f.example.test."},
		{EX, "*.example.test", TYPE_A, "aa|an a.example.test. 300 A 198.51.100.1"}};
	static const uint16_t types[] = {TYPE_A, TYPE_CNAME, TYPE_ANY};
	START(rows);
	for (unsigned i = 0; i < RW_COUNT(types); i++) {
		const struct machine_result *result = fake_ask(&net, "two.example.test", types[i]);
		ck_assert_uint_ge(result->answer.set_count, 1);
		ck_assert_uint_eq(result->answer.sets[0]->type, TYPE_CNAME);
		ck_assert_uint_eq(result->answer.sets[0]->count, 1);
		net.now_ms += 301000;
	}
	const struct machine_result *result = fake_ask(&net, "x.d.example.test", TYPE_A);
	ck_assert_uint_ge(result->answer.set_count, 1);
	ck_assert_uint_eq(result->answer.sets[0]->type, TYPE_DNAME);
	ck_assert_uint_eq(result->answer.sets[0]->count, 1);
	fakenet_release(&net);
}
END_TEST

static void always_zero(void *ctx, void *buf, size_t size)
{
	(void)ctx;
	memset(buf, 0, size);
}

START_TEST(curiosity_does_not_fall_on_a_server_that_has_just_failed)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.example.test", 0,
			"ns example.test. 3600 NS ns1.example.test.|"
			"ns example.test. 3600 NS ns2.example.test.|"
			"ar ns1.example.test. 3600 A " EX "|ar ns2.example.test. 3600 A " EX2},
		{EX, "*.example.test", 0, "silent"},
		{EX2, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 203.0.113.1"}};
	START(rows);
	/* With these dice every choice is one of curiosity, and falls on the first address. */
	net.env.random = always_zero;
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "203.0.113.1");
	ck_assert(fake_was_asked(&net, EX " www.example.test. A"));
	ck_assert_uint_eq(net.sends, 5);
	fakenet_release(&net);
}
END_TEST

/* Servers of a name's grandparent that are its child's too, or think so. */
static void check_ds(const char *said_above)
{
	const struct fake_row rows[] = {{ROOT, ".", TYPE_NS,
						"aa|an . 518400 NS a.root.|ar a.root. 518400 A "
						"192.0.2.1"},
		{ROOT, "test", TYPE_A, "ns test. 60 NS ns.test.|ar ns.test. 60 A " TEST},
		{TEST, "x.example.test", TYPE_DS, said_above},
		{TEST, "example.test", TYPE_A,
			"ns example.test. 60 NS ns1.example.test.|ar ns1.example.test. 60 A " EX},
		{EX, "x.example.test", TYPE_DS,
			"aa|an x.example.test. 60 TYPE43 \\# 6 000108020102"}};
	fakenet_init(&net, rows, RW_COUNT(rows));
	const struct machine_result *result = fake_ask(&net, "x.example.test", TYPE_DS);
	ck_assert_msg(answer_rcode(&result->answer) == RCODE_NOERROR &&
			      result->answer.set_count == 1 &&
			      result->answer.sets[0]->type == TYPE_DS,
		"%s: %s", said_above, net.log);
	fakenet_release(&net);
}

START_TEST(ds_is_asked_of_the_parent_only)
{
	check_ds("aa");
	check_ds("aa|ns x.example.test. 60 SOA ns1. admin. 1 2 3 4 60");
	check_ds("aa|an x.example.test. 60 CNAME other.test.");
	check_ds("refused");
}
END_TEST

/* Root servers at private addresses: those in the hints, and no others. */
START_TEST(priming_keeps_the_standing_of_hints)
{
	static const struct fake_row rows[] = {
		{ROOT, ".", TYPE_NS,
			"aa|an . 518400 NS a.root.|an . 518400 NS b.root.|ar a.root. 518400 A "
			"10.0.0.1|ar b.root. 518400 A 10.0.0.2"},
		{"10.0.0.1", "www.test", TYPE_A, "aa|an www.test. 0 A 198.51.100.1"},
		{"10.0.0.2", "www.test", TYPE_A, "aa|an www.test. 0 A 198.51.100.1"}};
	fakenet_init(&net, rows, RW_COUNT(rows));
	struct addr private;
	ck_assert_int_eq(addr_parse("10.0.0.1", net.settings.outgoing.port, &private), 0);
	delegation_add_address(&net.hints.ns[0], &private, ADDRESS_HINTS);
	for (unsigned i = 0; i < 20; i++) {
		(void)fake_ask(&net, "www.test", TYPE_A);
		ck_assert(!fake_was_asked(&net, "10.0.0.2 www.test. A"));
		net.now_ms += 1100;
	}
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.test", TYPE_A)->answer), RCODE_NOERROR);
	ck_assert(fake_was_asked(&net, "10.0.0.1 www.test. A"));
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk edges");
	TCase *tests = tcase_create("walk edges");
	tcase_add_test(tests, a_server_that_refuses_has_an_address);
	tcase_add_test(tests, servers_of_a_zone_left_behind_are_not_asked_for_the_next_one);
	tcase_add_test(tests, the_next_zone_may_wait_for_the_same_address);
	tcase_add_test(tests, request_without_memory_ends_at_once);
	tcase_add_test(tests, local_names_do_not_leak_for_want_of_memory);
	tcase_add_test(tests, replies_cut_anywhere_lead_to_tcp);
	tcase_add_test(tests, time_spent_elsewhere_does_not_spoil_the_target_of_an_alias);
	tcase_add_test(tests, depth_spent_elsewhere_does_not_spoil_a_server_name);
	tcase_add_test(tests, long_chains_do_not_spoil_the_name_they_end_at);
	tcase_add_test(tests, impatient_clients_do_not_spoil_the_target_of_an_alias);
	tcase_add_test(tests, cookies_unmask_forged_replies);
	tcase_add_test(tests, refused_cookies_are_renewed);
	tcase_add_test(tests, a_name_has_one_alias);
	tcase_add_test(tests, curiosity_does_not_fall_on_a_server_that_has_just_failed);
	tcase_add_test(tests, ds_is_asked_of_the_parent_only);
	tcase_add_test(tests, priming_keeps_the_standing_of_hints);
	suite_add_tcase(suite, tests);
	return suite;
}
