/* SPDX-License-Identifier: MIT */
/* Whole requests against a scripted internet, in virtual time. */
#include <check.h>
#include <string.h>

#include "tests/unit/faketree.h"
#include "tests/unit/suite.h"

static struct fakenet net;

START_TEST(walks_from_the_root_and_remembers)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
	ck_assert_uint_eq(net.sends, 4);
	net.now_ms += 100000;
	result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 0);
	ck_assert(result->from_cache);
	ck_assert_uint_eq(result->answer.sets[0]->ttl, 200);
	net.now_ms += 200000;
	result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 1);
	ck_assert_uint_eq(result->answer.sets[0]->ttl, 300);
	ck_assert(fake_was_asked(&net, EX " www.example.test. A"));
	fakenet_release(&net);
}
END_TEST

START_TEST(provenance_names_server_cut_and_rank)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	char text[ADDR_TEXT];
	ck_assert_str_eq(addr_text(&result->answer.from[0].server, text), EX "@53");
	ck_assert_uint_eq(result->answer.from[0].cut_labels, 2);
	ck_assert_uint_eq(result->answer.from[0].rank, RANK_ANSWER_AA);
	ck_assert_uint_eq(result->answer.from[0].transport, TRANSPORT_UDP);
	ck_assert_uint_eq(result->answer.from[0].original_ttl, 300);
	fakenet_release(&net);
}
END_TEST

START_TEST(negative_answers_are_kept_for_the_soa_minimum)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "none.example.test", 0, "aa|nxdomain|" SOA},
		{EX, "www.example.test", TYPE_AAAA, "aa|" SOA}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "none.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NXDOMAIN);
	ck_assert_uint_eq(result->answer.soa->ttl, 60);
	net.now_ms += 30000;
	result = fake_ask(&net, "none.example.test", TYPE_TXT);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NXDOMAIN);
	ck_assert_uint_eq(net.sends, 0);
	ck_assert_uint_eq(result->answer.soa->ttl, 30);
	result = fake_ask(&net, "below.none.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NXDOMAIN);
	ck_assert_uint_eq(net.sends, 0);
	result = fake_ask(&net, "www.example.test", TYPE_AAAA);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
	ck_assert_uint_eq(result->answer.set_count, 0);
	ck_assert_ptr_nonnull(result->answer.soa);
	fakenet_release(&net);
}
END_TEST

START_TEST(aliases_lead_into_other_zones)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{TEST, "*.other.test", 0,
			"ns other.test. 3600 NS ns.other.test.|ar ns.other.test. 3600 A " OTH},
		{EX, "alias.example.test", TYPE_A,
			"aa|an alias.example.test. 300 CNAME www.other.test.|an www.other.test. "
			"300 A "
			"203.0.113.66"},
		{OTH, "www.other.test", TYPE_A, "aa|an www.other.test. 45 A 198.51.100.7"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "alias.example.test", TYPE_A);
	ck_assert_uint_eq(result->answer.set_count, 2);
	/* The first server's word about the other zone is not believed. */
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.7");
	fakenet_release(&net);
}
END_TEST

START_TEST(alias_loops_end)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "a.example.test", 0, "aa|an a.example.test. 300 CNAME b.example.test."},
		{EX, "b.example.test", 0, "aa|an b.example.test. 300 CNAME a.example.test."},
		{EX, "self.example.test", 0,
			"aa|an self.example.test. 300 CNAME self.example.test."}};
	START(rows);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_le(net.sends, 15);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "self.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_le(net.sends, 3);
	fakenet_release(&net);
}
END_TEST

START_TEST(dname_redirects_the_tree_below)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "*.d.example.test", 0, "aa|an d.example.test. 300 DNAME e.example.test."},
		{EX, "x.e.example.test", TYPE_A, "aa|an x.e.example.test. 300 A 198.51.100.9"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "x.d.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
	ck_assert_uint_eq(result->answer.set_count, 3);
	ck_assert_uint_eq(result->answer.sets[0]->type, TYPE_DNAME);
	ck_assert_uint_eq(result->answer.sets[1]->type, TYPE_CNAME);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.9");
	fake_ask(&net, "x.d.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 0);
	fakenet_release(&net);
}
END_TEST

START_TEST(glueless_servers_are_looked_up)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.example.test", 0, "ns example.test. 3600 NS ns.other.test."},
		{TEST, "*.other.test", 0,
			"ns other.test. 3600 NS ns1.other.test.|ar ns1.other.test. 3600 A " OTH},
		{OTH, "ns.other.test", TYPE_A, "aa|an ns.other.test. 300 A " EX2},
		{EX2, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
	fakenet_release(&net);
}
END_TEST

START_TEST(servers_that_name_each_other_fail_soon)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.a.test", 0, "ns a.test. 3600 NS ns.b.test."},
		{TEST, "*.b.test", 0, "ns b.test. 3600 NS ns.a.test."}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.a.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_int_eq(result->answer.ede, EDE_NO_REACHABLE_AUTHORITY);
	ck_assert_ptr_nonnull(result->answer.ede_text);
	ck_assert_uint_le(net.sends, 10);
	result = fake_ask(&net, "www.a.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 0);
	ck_assert_int_eq(result->answer.ede, EDE_CACHED_ERROR);
	fakenet_release(&net);
}
END_TEST

START_TEST(silent_servers_are_left_for_others)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.example.test", 0,
			"ns example.test. 3600 NS n1.example.test.|ns example.test. 3600 NS "
			"n2.example.test.|ar n1.example.test. 3600 A " EX
			"|ar n2.example.test. 3600 A " EX2},
		{EX, "*.example.test", 0, "silent"},
		{EX2, "*.example.test", TYPE_A, "aa|an www.example.test. 0 A 198.51.100.1"}};
	START(rows);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer),
			RCODE_NOERROR);
	/* By now the silent one is known. */
	ck_assert_uint_le(net.sends, 2);
	fakenet_release(&net);
}
END_TEST

START_TEST(mute_delegation_costs_few_packets)
{
	static const struct fake_row rows[] = {
		PRIMING, TO_TEST, TO_EXAMPLE, {EX, "*.example.test", 0, "silent"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "timed out"));
	ck_assert_uint_le(net.sends, 3 + LIMIT_TRIES_PER_ADDRESS + 3);
	ck_assert_uint_ge(net.tcp_sends, 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(truncated_replies_are_fetched_over_tcp)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "big.example.test", TYPE_TXT, "tc|aa|an big.example.test. 300 TXT \"large\""}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "big.example.test", TYPE_TXT);
	ck_assert_str_eq(fake_answer(&net, result), "\"large\"");
	ck_assert_uint_eq(net.tcp_sends, 1);
	ck_assert_uint_eq(result->answer.from[0].transport, TRANSPORT_TCP);
	fakenet_release(&net);
}
END_TEST

START_TEST(servers_without_edns_are_asked_without)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "*.example.test", TYPE_A, "noedns|aa|an www.example.test. 1 A 198.51.100.1"}};
	START(rows);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	ck_assert_uint_eq(net.sends, 5);
	net.now_ms += 2000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(lame_servers_are_skipped_and_remembered)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.example.test", 0,
			"ns example.test. 3600 NS n1.example.test.|ns example.test. 3600 NS "
			"n2.example.test.|ar n1.example.test. 3600 A " EX
			"|ar n2.example.test. 3600 A " EX2},
		{EX, "*.example.test", 0, "ns . 518400 NS a.root."},
		{EX2, "*.example.test", 0, "aa|an www.example.test. 0 A 198.51.100.1"}};
	START(rows);
	/* Until chance has led to the lame one. */
	for (int i = 0; i < 100 && !fake_was_asked(&net, EX " www.example.test. A"); i++)
		ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer),
			RCODE_NOERROR);
	ck_assert(fake_was_asked(&net, EX " www.example.test. A"));
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer),
			RCODE_NOERROR);
		ck_assert_uint_eq(net.sends, 1);
	}
	fakenet_release(&net);
}
END_TEST

START_TEST(lame_servers_alone_end_in_failure)
{
	static const struct fake_row rows[] = {
		PRIMING, TO_TEST, TO_EXAMPLE, {EX, "*.example.test", 0, "ns . 518400 NS a.root."}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "lame"));
	fakenet_release(&net);
}
END_TEST

START_TEST(words_outside_the_zone_are_not_believed)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A,
			"aa|an www.example.test. 300 A 198.51.100.1|an www.bank.test. 300 A "
			"203.0.113.66|"
			"ns test. 300 NS evil.example.test.|ar evil.example.test. 300 A "
			"203.0.113.66"},
		{TEST, "www.bank.test", TYPE_A, "aa|an www.bank.test. 300 A 198.51.100.2"},
		{"203.0.113.66", "*.test", 0, "aa|an www.bank.test. 300 A 203.0.113.66"}};
	START(rows);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	const struct machine_result *result = fake_ask(&net, "www.bank.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.2");
	ck_assert_ptr_null(strstr(net.log, "203.0.113.66"));
	fakenet_release(&net);
}
END_TEST

START_TEST(shortened_names_reach_the_upper_zones_only)
{
	static const struct fake_row rows[] = {PRIMING,
		{ROOT, "test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST},
		{TEST, "example.test", 0,
			"ns example.test. 3600 NS n.example.test.|ar n.example.test. 3600 A " EX},
		{EX, "b.example.test", TYPE_A, "aa|" SOA},
		{EX, "a.b.example.test", TYPE_TXT, "aa|an a.b.example.test. 300 TXT \"here\""}};
	START(rows);
	net.settings.minimisation = MINIMISE_RELAXED;
	const struct machine_result *result = fake_ask(&net, "a.b.example.test", TYPE_TXT);
	ck_assert_str_eq(fake_answer(&net, result), "\"here\"");
	ck_assert(fake_was_asked(&net, ROOT " test. A"));
	ck_assert(fake_was_asked(&net, TEST " example.test. A"));
	ck_assert(fake_was_asked(&net, EX " b.example.test. A"));
	ck_assert_uint_eq(net.sends, 5);
	fakenet_release(&net);
}
END_TEST

START_TEST(relaxed_minimisation_survives_broken_empty_non_terminals)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{ROOT, "test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST},
		{TEST, "example.test", 0,
			"ns example.test. 3600 NS n.example.test.|ar n.example.test. 3600 A " EX},
		{EX, "b.example.test", 0, "aa|nxdomain|" SOA},
		{EX, "a.b.example.test", TYPE_A, "aa|an a.b.example.test. 300 A 198.51.100.1"}};
	START(rows);
	net.settings.minimisation = MINIMISE_RELAXED;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.b.example.test", TYPE_A)->answer), RCODE_NOERROR);
	fakenet_release(&net);
	START(rows);
	net.settings.minimisation = MINIMISE_STRICT;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.b.example.test", TYPE_A)->answer), RCODE_NXDOMAIN);
	fakenet_release(&net);
}
END_TEST

START_TEST(delegations_do_not_outlive_their_parent)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.example.test", 0,
			"ns example.test. 60 NS n.example.test.|ar n.example.test. 60 A " EX},
		{EX, "*.sub.example.test", 0,
			"ns sub.example.test. 86400 NS n.sub.example.test.|ar n.sub.example.test. "
			"86400 "
			"A " EX2},
		{EX2, "*.sub.example.test", TYPE_A,
			"aa|an www.sub.example.test. 1 A 198.51.100.1"}};
	START(rows);
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.sub.example.test", TYPE_A)->answer),
		RCODE_NOERROR);
	net.now_ms += 61000;
	fake_ask(&net, "www.sub.example.test", TYPE_A);
	ck_assert(fake_was_asked(&net, TEST " www.sub.example.test. A"));
	fakenet_release(&net);
}
END_TEST

START_TEST(expired_data_is_served_when_nobody_answers)
{
	static const struct fake_row good[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	static const struct fake_row bad[] = {
		{ROOT, "*.", 0, "silent"}, {TEST, "*.", 0, "silent"}, {EX, "*.", 0, "silent"}};
	START(good);
	fake_ask(&net, "www.example.test", TYPE_A);
	net.rows = bad;
	net.row_count = RW_COUNT(bad);
	net.now_ms += 400000;
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
	ck_assert(result->answer.stale);
	ck_assert_int_eq(result->answer.ede, EDE_STALE_ANSWER);
	ck_assert_uint_eq(result->answer.sets[0]->ttl, LIMIT_STALE_TTL);
	fakenet_release(&net);
}
END_TEST

START_TEST(private_addresses_of_servers_are_refused)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "*.example.test", 0,
			"ns example.test. 3600 NS n.example.test.|ar n.example.test. 3600 A "
			"127.0.0.1"},
		{"127.0.0.1", "*.example.test", TYPE_A, "aa|an www.example.test. 300 A 192.0.2.9"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_null(strstr(net.log, "127.0.0.1"));
	fakenet_release(&net);
}
END_TEST

START_TEST(one_request_never_sends_more_than_its_budget)
{
	/* Every name is an alias deeper down, every zone has glue-less servers below another one.
	 */
	static const struct fake_row rows[] = {PRIMING,
		{ROOT, "*.test", 0,
			"ns test. 1 NS n1.x.example.|ns test. 1 NS n2.y.example.|ns test. 1 NS "
			"n3.z.example."},
		{ROOT, "*.example", 0,
			"ns example. 1 NS n1.p.invalid.|ns example. 1 NS n2.q.invalid."},
		{ROOT, "*.invalid", 0, "ns invalid. 1 NS n1.r.arpa.|ns invalid. 1 NS n2.s.arpa."},
		{ROOT, "*.arpa", 0, "ns arpa. 1 NS n.t.org."}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "a.b.c.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_uint_le(net.sends, 25);
	fakenet_release(&net);
}
END_TEST

START_TEST(ds_is_asked_at_the_parent)
{
	static const struct fake_row rows[] = {PRIMING,
		{TEST, "example.test", TYPE_DS,
			"aa|ns test. 600 SOA ns.test. admin.test. 1 2 3 4 60"},
		TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	START(rows);
	fake_ask(&net, "www.example.test", TYPE_A);
	const struct machine_result *result = fake_ask(&net, "example.test", TYPE_DS);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
	ck_assert(fake_was_asked(&net, TEST " example.test. DS"));
	fakenet_release(&net);
}
END_TEST

START_TEST(a_silent_root_is_named)
{
	static const struct fake_row rows[] = {{ROOT, "*.", 0, "silent"}, {ROOT, ".", 0, "silent"}};
	START(rows);
	net.settings.outgoing.timeout_ms = 1000;
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "answered in time"));
	result = fake_ask(&net, ".", TYPE_NS);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "timed out"));
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk");
	TCase *tests = tcase_create("walk");
	tcase_add_test(tests, walks_from_the_root_and_remembers);
	tcase_add_test(tests, provenance_names_server_cut_and_rank);
	tcase_add_test(tests, negative_answers_are_kept_for_the_soa_minimum);
	tcase_add_test(tests, aliases_lead_into_other_zones);
	tcase_add_test(tests, alias_loops_end);
	tcase_add_test(tests, dname_redirects_the_tree_below);
	tcase_add_test(tests, glueless_servers_are_looked_up);
	tcase_add_test(tests, servers_that_name_each_other_fail_soon);
	tcase_add_test(tests, silent_servers_are_left_for_others);
	tcase_add_test(tests, mute_delegation_costs_few_packets);
	tcase_add_test(tests, truncated_replies_are_fetched_over_tcp);
	tcase_add_test(tests, servers_without_edns_are_asked_without);
	tcase_add_test(tests, lame_servers_are_skipped_and_remembered);
	tcase_add_test(tests, lame_servers_alone_end_in_failure);
	tcase_add_test(tests, words_outside_the_zone_are_not_believed);
	tcase_add_test(tests, shortened_names_reach_the_upper_zones_only);
	tcase_add_test(tests, relaxed_minimisation_survives_broken_empty_non_terminals);
	tcase_add_test(tests, delegations_do_not_outlive_their_parent);
	tcase_add_test(tests, expired_data_is_served_when_nobody_answers);
	tcase_add_test(tests, private_addresses_of_servers_are_refused);
	tcase_add_test(tests, one_request_never_sends_more_than_its_budget);
	tcase_add_test(tests, ds_is_asked_at_the_parent);
	tcase_add_test(tests, a_silent_root_is_named);
	suite_add_tcase(suite, tests);
	return suite;
}
