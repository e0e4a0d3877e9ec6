/* SPDX-License-Identifier: MIT */
/* What a walk asks for and what is kept of the replies: sizes, TTLs, proofs, and their bounds. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "resolver/wire/msg.h"
#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */
#define EX   "192.0.2.3" /* example.test. */

#define PRIMING                                                                                    \
	{                                                                                          \
		ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A 192.0.2.1"      \
	}
#define TO_TEST                                                                                    \
	{                                                                                          \
		ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A 192.0.2.2"    \
	}
#define TO_EXAMPLE                                                                                 \
	{                                                                                          \
		TEST, "*.example.test", 0,                                                         \
			"ns example.test. 3600 NS ns1.example.test.|ar ns1.example.test. 3600 A "  \
			"192.0.2.3"                                                                \
	}
static struct fakenet net;

#define START(rows) fakenet_init(&net, rows, RW_COUNT(rows))

static uint16_t said_size;

static void read_size(struct fakenet *at, const struct machine_action *action)
{
	struct arena arena;
	const struct msg *query;
	(void)at;
	if (action->type != ACTION_SEND)
		return;
	arena_init(&arena, 1 << 16);
	ck_assert_int_eq(msg_parse(&arena, action->wire, action->wire_size, &query), 0);
	ck_assert(query->edns.present);
	said_size = query->edns.udp_size;
	arena_release(&arena);
}

START_TEST(servers_are_asked_for_small_datagrams)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE};
	START(rows);
	net.watch = read_size;
	(void)fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_uint_eq(said_size, LIMIT_EDNS_UDP);
	ck_assert_uint_eq(LIMIT_EDNS_UDP, 1232);
	fakenet_release(&net);
}
END_TEST

START_TEST(ttls_are_cut)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "long.example.test", TYPE_A, "aa|an long.example.test. 999999 A 198.51.100.1"},
		{EX, "none.example.test", 0,
			"aa|nxdomain|ns example.test. 99999 SOA ns1.example.test. "
			"admin.example.test. 1 2 3 4 99999"},
		{EX, "bare.example.test", 0, "aa"}};
	START(rows);
	ck_assert_uint_eq(
		fake_ask(&net, "long.example.test", TYPE_A)->answer.sets[0]->ttl, LIMIT_TTL_MAX);
	ck_assert_uint_eq(
		fake_ask(&net, "none.example.test", TYPE_A)->answer.soa->ttl, LIMIT_TTL_NEGATIVE);
	/* Nothing says how long; so not long. */
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "bare.example.test", TYPE_A)->answer), RCODE_NOERROR);
	net.now_ms += LIMIT_TTL_NO_SOA * 1000 - 100;
	(void)fake_ask(&net, "bare.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 0);
	net.now_ms += 200;
	(void)fake_ask(&net, "bare.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(expired_data_is_kept_so_long)
{
	static const struct fake_row good[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	static const struct fake_row bad[] = {{ROOT, "*.", 0, "servfail"},
		{ROOT, ".", 0, "servfail"}, {TEST, "*.", 0, "servfail"}, {EX, "*.", 0, "servfail"}};
	START(good);
	(void)fake_ask(&net, "www.example.test", TYPE_A);
	net.rows = bad;
	net.row_count = RW_COUNT(bad);
	net.now_ms += (300 + LIMIT_STALE_AGE) * 1000ULL - 100000;
	const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert(result->answer.stale);
	ck_assert_uint_eq(result->answer.sets[0]->ttl, LIMIT_STALE_TTL);
	net.now_ms += 200000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	fakenet_release(&net);
}
END_TEST

/* The numbers themselves: what reliability asks for. */
START_TEST(the_default_settings_are_the_limits)
{
	struct settings settings;
	settings_default(&settings);
	ck_assert_uint_eq(
		settings.cache.stale_client_timeout_ms, 1800); /* reaches LIMIT_STALE_CLIENT_MS */
	ck_assert_uint_eq(settings.discard_timeout_ms, 5000);  /* reaches LIMIT_DISCARD_MS */
	ck_assert_uint_eq(settings.cache.stale_ttl_s, 30);
	ck_assert_uint_eq(settings.cache.stale_max_age_s, 86400);
	ck_assert_uint_eq(settings.cache.max_ttl_s, 86400);
	ck_assert_uint_eq(settings.cache.max_negative_ttl_s, 3600);
	settings_release(&settings);
}
END_TEST

/* A signed denial with more proofs than any needs. */
static const char *many_proofs(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)question, (void)send;
	if (strcmp(server, EX) != 0)
		return NULL;
	static const char signature[] = "600 20300101000000 20200101000000 1 example.test. AAAA";
	int used = snprintf(at->said, sizeof(at->said),
		"aa|nxdomain|ns example.test. 600 SOA ns1.example.test. admin.example.test. 1 2 3 "
		"4 60|"
		"ns example.test. 600 RRSIG SOA 8 2 %s",
		signature);
	for (int i = 0; i < 12; i++)
		used += snprintf(at->said + used, sizeof(at->said) - (size_t)used,
			"|ns n%d.example.test. 600 NSEC o%d.example.test. A"
			"|ns n%d.example.test. 600 RRSIG NSEC 8 3 %s",
			i, i, i, signature);
	return at->said;
}

START_TEST(proofs_are_counted)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE};
	START(rows);
	net.script = many_proofs;
	const struct machine_result *result = fake_ask(&net, "none.example.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NXDOMAIN);
	ck_assert_uint_eq(result->answer.soa->proof_count, LIMIT_PROOF_SETS);
	result = fake_ask(&net, "none.example.test", TYPE_A);
	ck_assert(result->from_cache);
	ck_assert_uint_eq(result->answer.soa->proof_count, LIMIT_PROOF_SETS);
	fakenet_release(&net);
}
END_TEST

/* The question for AAAA fails at once, and time runs out over the one for A. */
START_TEST(what_dns64_has_failed_to_find_is_remembered)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_AAAA, "servfail"},
		{EX, "www.example.test", TYPE_A, "silent"}};
	START(rows);
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &net.settings.names.dns64.prefix), 0);
	net.settings.outgoing.timeout_ms = 1000;
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_AAAA)->answer),
		RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(net.log, " www.example.test. A\n"));
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_AAAA)->answer),
		RCODE_SERVFAIL);
	ck_assert_uint_eq(net.sends, 0);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(net.sends, 0);
	fakenet_release(&net);
}
END_TEST

#define SIGNED(type, labels)                                                                       \
	"RRSIG " type " 8 " labels " 600 20300101000000 20200101000000 1 example.test. AAAA"
#define PROOF                                                                                      \
	"|ns m.example.test. 600 NSEC p.example.test. A"                                           \
	"|ns m.example.test. 600 " SIGNED("NSEC", "3")

/* What stands beside others is about something else. */
START_TEST(of_data_only_what_a_wildcard_made_has_proofs)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "here.example.test", 0,
			"aa|an here.example.test. 600 A 192.0.2.1"
			"|an here.example.test. 600 " SIGNED("A", "3") PROOF},
		{EX, "wild.example.test", 0,
			"aa|an wild.example.test. 600 A 192.0.2.1"
			"|an wild.example.test. 600 " SIGNED("A", "2") PROOF}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "here.example.test", TYPE_A);
	ck_assert_uint_eq(result->answer.set_count, 1);
	ck_assert_uint_eq(result->answer.sets[0]->sig_count, 1);
	ck_assert_uint_eq(result->answer.sets[0]->proof_count, 0);
	result = fake_ask(&net, "wild.example.test", TYPE_A);
	ck_assert_uint_eq(result->answer.set_count, 1);
	ck_assert_uint_eq(result->answer.sets[0]->proof_count, 1);
	fakenet_release(&net);
}
END_TEST

/* A name with an alias has nothing else; a server that says otherwise is taken at its first word.
 */
START_TEST(an_alias_beside_what_was_asked_for)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "a.example.test", TYPE_A,
			"aa|an a.example.test. 60 A 198.51.100.1|"
			"an a.example.test. 60 CNAME c.example.test."},
		{EX, "b.example.test", TYPE_A,
			"aa|an b.example.test. 60 CNAME c.example.test.|"
			"an b.example.test. 60 A 198.51.100.2"},
		{EX, "c.example.test", TYPE_A, "aa|an c.example.test. 60 A 198.51.100.3"}};
	START(rows);
	const struct machine_result *result = fake_ask(&net, "a.example.test", TYPE_A);
	ck_assert_uint_eq(result->answer.set_count, 1);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
	result = fake_ask(&net, "b.example.test", TYPE_A);
	ck_assert_uint_eq(result->answer.set_count, 2);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.3");
	fakenet_release(&net);
}
END_TEST

START_TEST(the_alias_that_a_dname_implies_can_be_asked_for)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "*.example.test", 0, "aa|an example.test. 300 DNAME example.test."}};
	static const uint16_t types[] = {TYPE_CNAME, TYPE_ANY};
	for (unsigned t = 0; t < RW_COUNT(types); t++) {
		START(rows);
		/* Asked for, and out of the cache. */
		for (int i = 0; i < 2; i++) {
			const struct machine_result *result =
				fake_ask(&net, "www.example.test", types[t]);
			ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
			ck_assert_str_eq(fake_answer(&net, result), "www.example.test.");
		}
		ck_assert_uint_eq(net.sends, 0);
		fakenet_release(&net);
	}
}
END_TEST

START_TEST(nobody_denies_the_root)
{
	static const struct fake_row rows[] = {
		{ROOT, ".", TYPE_NS, "aa|nxdomain|ns . 3600 SOA a.root. b.root. 1 2 3 4 3600"},
		TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 300 A 198.51.100.1"}};
	START(rows);
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, ".", TYPE_NS)->answer), RCODE_SERVFAIL);
	net.now_ms += INFRA_LAME_MS + 1000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_NOERROR);
	fakenet_release(&net);
}
END_TEST

/* Thirteen names that nobody knows, and no address. */
static const char *bare_priming(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)send;
	if (strcmp(server, ROOT) != 0 || question->type != TYPE_NS)
		return NULL;
	int used = snprintf(at->said, sizeof(at->said), "aa");
	for (int i = 0; i < LIMIT_NS_KEPT; i++)
		used += snprintf(at->said + used, sizeof(at->said) - (size_t)used,
			"|an . 518400 NS n%d.nowhere.", i);
	return at->said;
}

START_TEST(priming_without_addresses_leaves_the_hints)
{
	static const struct fake_row rows[] = {TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", TYPE_A, "aa|an www.example.test. 1 A 198.51.100.1"}};
	START(rows);
	net.script = bare_priming;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer),
			RCODE_NOERROR);
		net.now_ms += 200000000; /* delegations are gone, the root's set is not */
	}
	ck_assert_uint_eq(net.sends, 3 + 1);
	fakenet_release(&net);
}
END_TEST

START_TEST(a_failure_behind_an_alias_is_remembered)
{
	/* The alias itself may not be kept, or not be used for the type. */
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_EXAMPLE,
		{EX, "www.example.test", 0, "aa|an www.example.test. 0 CNAME www.dead.test."},
		{EX, "kept.example.test", 0, "aa|an kept.example.test. 60 CNAME www.dead.test."},
		{EX, "a.example.test", 0, "aa|an a.example.test. 60 CNAME b.example.test."},
		{EX, "b.example.test", 0, "aa|an b.example.test. 0 CNAME a.example.test."},
		{TEST, "*.dead.test", 0, "servfail"}};
	static const char *const asked[] = {"www.example.test", "kept.example.test"};
	static const uint16_t types[] = {TYPE_A, TYPE_RRSIG};
	START(rows);
	for (unsigned i = 0; i < 4; i++) {
		net.now_ms += 1000000;
		ck_assert_int_eq(answer_rcode(&fake_ask(&net, asked[i % 2], types[i / 2])->answer),
			RCODE_SERVFAIL);
		ck_assert_uint_gt(net.sends, 0);
		ck_assert_int_eq(answer_rcode(&fake_ask(&net, asked[i % 2], types[i / 2])->answer),
			RCODE_SERVFAIL);
		ck_assert_uint_eq(net.sends, 0);
	}
	/* Where a link of a circle may not be kept. */
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_gt(net.sends, 0);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(net.sends, 0);
	/* And where the end of the alias is known to fail. */
	net.now_ms += 1000000;
	(void)fake_ask(&net, "www.dead.test", TYPE_A);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(
			answer_rcode(&fake_ask(&net, asked[0], TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(net.sends, 0);
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk keep");
	TCase *tests = tcase_create("walk keep");
	tcase_add_test(tests, servers_are_asked_for_small_datagrams);
	tcase_add_test(tests, ttls_are_cut);
	tcase_add_test(tests, expired_data_is_kept_so_long);
	tcase_add_test(tests, the_default_settings_are_the_limits);
	tcase_add_test(tests, proofs_are_counted);
	tcase_add_test(tests, what_dns64_has_failed_to_find_is_remembered);
	tcase_add_test(tests, of_data_only_what_a_wildcard_made_has_proofs);
	tcase_add_test(tests, an_alias_beside_what_was_asked_for);
	tcase_add_test(tests, the_alias_that_a_dname_implies_can_be_asked_for);
	tcase_add_test(tests, nobody_denies_the_root);
	tcase_add_test(tests, priming_without_addresses_leaves_the_hints);
	tcase_add_test(tests, a_failure_behind_an_alias_is_remembered);
	suite_add_tcase(suite, tests);
	return suite;
}
