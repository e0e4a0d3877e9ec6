/* SPDX-License-Identifier: MIT */
/* Whole answers: aliases, denials, the NXDOMAIN cut, expired data, ANY. */
#include <check.h>
#include <stdio.h>

#include "resolver/iterate/stale.h"
#include "resolver/wire/edns.h"
#include "tests/unit/cachekit.h"
#include "tests/unit/suite.h"

static struct kit kit;

static void set(const char *line)
{
	ck_assert_int_eq(kit_set(&kit, line, RANK_ANSWER_AA, NOW), 0);
}

static void set_secure(const char *line)
{
	const struct provenance from = {
		.rank = RANK_ANSWER_AA, .security = SECURITY_SECURE, .when_ms = NOW};
	ck_assert_int_eq(kit_set_from(&kit, line, &from), 0);
}

static void deny(enum cache_kind kind, const char *name, uint16_t type, unsigned ttl)
{
	ck_assert_int_eq(kit_negative(&kit, kind, name, type, ttl, RANK_AUTHORITY_AA, NOW), 0);
}

static enum answer_outcome ask(const char *name, uint16_t type)
{
	return kit_ask(&kit, name, type, CACHE_FRESH_ONLY, NOW);
}

static void setup(void)
{
	kit_init(&kit, 1 << 20);
}

static void teardown(void)
{
	kit_release(&kit);
}

START_TEST(aliases_are_followed_to_the_end)
{
	set("a.example. 60 IN CNAME b.example.");
	set("b.example. 60 IN CNAME c.example.");
	ck_assert_int_eq(ask("a.example.", TYPE_A), ANSWER_MISS);
	ck_assert(kit_is(kit.answer.name, "c.example."));
	ck_assert_uint_eq(kit.answer.set_count, 2);
	ck_assert_uint_eq(kit.answer.aliases, 2);
	set("c.example. 60 IN A 192.0.2.1");
	ck_assert_int_eq(ask("a.example.", TYPE_A), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.set_count, 3);
	deny(CACHE_NODATA, "c.example.", TYPE_AAAA, 60);
	ck_assert_int_eq(ask("a.example.", TYPE_AAAA), ANSWER_NODATA);
	ck_assert_uint_eq(kit.answer.set_count, 2);
	ck_assert_ptr_nonnull(kit.answer.soa);
	ck_assert_int_eq(ask("a.example.", TYPE_CNAME), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.aliases, 0);
	ck_assert_int_eq(ask("a.example.", TYPE_NSEC), ANSWER_MISS);
	ck_assert_uint_eq(kit.answer.set_count, 0);
}
END_TEST

START_TEST(circles_and_long_chains_end)
{
	char line[100];
	set("x.example. 60 IN CNAME y.example.");
	set("y.example. 60 IN CNAME X.example.");
	ck_assert_int_eq(ask("x.example.", TYPE_A), ANSWER_LOOP);
	for (int i = 0; i <= LIMIT_ALIASES; i++) {
		(void)snprintf(
			line, sizeof(line), "n%d.example. 60 IN CNAME n%d.example.", i, i + 1);
		set(line);
	}
	(void)snprintf(line, sizeof(line), "n%d.example. 60 IN A 192.0.2.1", LIMIT_ALIASES + 1);
	set(line);
	ck_assert_int_eq(ask("n0.example.", TYPE_A), ANSWER_LOOP);
	ck_assert_int_eq(ask("n1.example.", TYPE_A), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.aliases, LIMIT_ALIASES);
}
END_TEST

START_TEST(dname_redirects_what_is_below)
{
	set_secure("old.example. 60 IN DNAME new.example.");
	set("w.new.example. 60 IN A 192.0.2.1");
	ck_assert_int_eq(ask("w.old.example.", TYPE_A), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.set_count, 3);
	ck_assert_uint_eq(kit.answer.sets[1]->type, TYPE_CNAME);
	ck_assert(kit_is(kit.answer.sets[1]->owner, "w.old.example."));
	ck_assert(kit_is(rrset_target(kit.answer.sets[1], 0), "w.new.example."));
	ck_assert_int_eq(ask("old.example.", TYPE_A), ANSWER_MISS);
	ck_assert_uint_eq(kit.answer.set_count, 0);
	ck_assert_int_eq(ask("old.example.", TYPE_DNAME), ANSWER_POSITIVE);
	ck_assert_int_eq(ask("w.old.example.", TYPE_CNAME), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.set_count, 2);
}
END_TEST

START_TEST(unverified_dname_redirects_only_the_name_it_was_given_for)
{
	const struct provenance made = {
		.rank = RANK_ANSWER_AA, .synthesised = true, .when_ms = NOW};
	set("old.example. 60 IN DNAME new.example.");
	set("w.new.example. 60 IN A 192.0.2.1");
	ck_assert_int_eq(kit_set_from(&kit, "w.old.example. 60 IN CNAME w.new.example.", &made), 0);
	ck_assert_int_eq(ask("w.old.example.", TYPE_A), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.set_count, 3);
	ck_assert_uint_eq(kit.answer.sets[0]->type, TYPE_DNAME);
	ck_assert_int_eq(ask("other.old.example.", TYPE_A), ANSWER_MISS);
	ck_assert_uint_eq(kit.answer.set_count, 0);
}
END_TEST

START_TEST(dname_may_make_a_name_too_long)
{
	char line[400], name[400], label[64];
	for (int i = 0; i < 63; i++)
		label[i] = 'x';
	label[63] = 0;
	(void)snprintf(line, sizeof(line), "d.example. 60 IN DNAME %s.%s.%s.example.", label, label,
		label);
	(void)snprintf(name, sizeof(name), "%s.d.example.", label);
	set_secure(line);
	ck_assert_int_eq(ask(name, TYPE_A), ANSWER_TOO_LONG);
	ck_assert_uint_eq(kit.answer.set_count, 1);
}
END_TEST

START_TEST(nothing_is_below_nxdomain)
{
	deny(CACHE_NXDOMAIN, "no.example.", 0, 60);
	ck_assert_int_eq(ask("a.b.no.example.", TYPE_A), ANSWER_NXDOMAIN);
	ck_assert_int_eq(ask("no.example.", TYPE_MX), ANSWER_NXDOMAIN);
	ck_assert_int_eq(ask("ano.example.", TYPE_A), ANSWER_MISS);
	/* What is known to be there is there. */
	set("s.no.example. 60 IN A 192.0.2.1");
	ck_assert_int_eq(ask("s.no.example.", TYPE_A), ANSWER_POSITIVE);
}
END_TEST

START_TEST(the_newer_denial_wins)
{
	deny(CACHE_NODATA, "a.example.", TYPE_A, 60);
	deny(CACHE_NXDOMAIN, "a.example.", 0, 60);
	ck_assert_int_eq(ask("a.example.", TYPE_A), ANSWER_NXDOMAIN);
	deny(CACHE_NODATA, "a.example.", TYPE_A, 60);
	ck_assert_int_eq(ask("a.example.", TYPE_A), ANSWER_NODATA);
}
END_TEST

START_TEST(glue_is_no_answer)
{
	ck_assert_int_eq(kit_set(&kit, "ns.example. 60 IN A 192.0.2.1", RANK_GLUE, NOW), 0);
	ck_assert_int_eq(ask("ns.example.", TYPE_A), ANSWER_MISS);
	ck_assert_int_eq(ask("ns.example.", TYPE_ANY), ANSWER_MISS);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "ns.example.", TYPE_A, CACHE_FRESH_ONLY, NOW), 0);
}
END_TEST

START_TEST(any_is_the_first_common_type)
{
	set("m.example. 60 IN NSEC n.example. A");
	ck_assert_int_eq(ask("m.example.", TYPE_ANY), ANSWER_MISS);
	set("m.example. 60 IN TXT hello");
	set("m.example. 60 IN AAAA 2001:db8::1");
	ck_assert_int_eq(ask("m.example.", TYPE_ANY), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.set_count, 1);
	ck_assert_uint_eq(kit.answer.sets[0]->type, TYPE_AAAA);
	set("c.example. 60 IN CNAME m.example.");
	ck_assert_int_eq(ask("c.example.", TYPE_ANY), ANSWER_POSITIVE);
	ck_assert_uint_eq(kit.answer.set_count, 1);
}
END_TEST

START_TEST(fresh_beats_stale_and_stale_beats_failure)
{
	uint64_t later = NOW + 50000;
	set("a.gone.example. 10 IN A 192.0.2.1");
	set("s.example. 10 IN CNAME t.example.");
	set("t.example. 100 IN A 192.0.2.1");
	ck_assert_int_eq(
		kit_ask(&kit, "a.gone.example.", TYPE_A, CACHE_FRESH_ONLY, later), ANSWER_MISS);
	ck_assert_int_eq(kit_failure(&kit, "a.gone.example.", TYPE_A, later), 0);
	ck_assert_int_eq(
		kit_ask(&kit, "a.gone.example.", TYPE_A, CACHE_FRESH_ONLY, later), ANSWER_FAILURE);
	ck_assert_int_eq(kit.answer.ede, 22);
	ck_assert_int_eq(
		kit_ask(&kit, "a.gone.example.", TYPE_A, CACHE_STALE_TOO, later), ANSWER_POSITIVE);
	ck_assert(kit.answer.stale);
	ck_assert_uint_eq(kit.answer.sets[0]->ttl, 0);
	ck_assert_int_eq(
		kit_ask(&kit, "s.example.", TYPE_A, CACHE_STALE_TOO, later), ANSWER_POSITIVE);
	ck_assert(kit.answer.stale);
	ck_assert_uint_eq(kit.answer.sets[1]->ttl, 50);
	deny(CACHE_NXDOMAIN, "gone.example.", 0, 60);
	ck_assert_int_eq(
		kit_ask(&kit, "a.gone.example.", TYPE_A, CACHE_STALE_TOO, later), ANSWER_NXDOMAIN);
	ck_assert(!kit.answer.stale);
}
END_TEST

/* A validating client keeps the proofs as long as the negative answer. */
START_TEST(expired_proofs_live_as_long_as_what_they_prove)
{
	static uint8_t example[] = "\7example", gone[] = "\4gone\7example";
	static uint8_t soa_rdata[22] = {[21] = 60}, nsec_rdata[4] = {0, 0, 1, 2};
	struct settings settings;
	settings_default(&settings);
	struct rrset *soa =
		rrset_single(&kit.arena, example, TYPE_SOA, 60, soa_rdata, sizeof(soa_rdata));
	soa->proofs =
		rrset_single(&kit.arena, example, TYPE_NSEC, 60, nsec_rdata, sizeof(nsec_rdata));
	soa->proof_count = 1;
	const struct provenance from = {
		.rank = RANK_AUTHORITY_AA, .original_ttl = 60, .when_ms = NOW};
	ck_assert_int_eq(cache_store_negative(kit.cache, CACHE_NXDOMAIN,
				 &(struct question){gone, 0, CLASS_IN}, soa, &from, NOW),
		0);
	const struct localdata_query query = {.settings = &settings,
		.cache = kit.cache,
		.now_ms = NOW + 90000,
		.arena = &kit.arena};
	const struct question question = {gone, TYPE_A, CLASS_IN};
	ck_assert_int_eq(stale_answer(&query, &question, &kit.answer), 0);
	ck_assert_int_eq(kit.answer.ede, EDE_STALE_NXDOMAIN);
	ck_assert_uint_eq(kit.answer.soa->ttl, LIMIT_STALE_TTL);
	ck_assert_uint_eq(kit.answer.soa->proof_count, 1);
	ck_assert_uint_eq(kit.answer.soa->proofs[0].ttl, LIMIT_STALE_TTL);
}
END_TEST

START_TEST(an_expired_cut_denies_only_itself)
{
	deny(CACHE_NXDOMAIN, "no.example.", 0, 10);
	ck_assert_int_eq(kit_ask(&kit, "no.example.", TYPE_A, CACHE_STALE_TOO, NOW + 20000),
		ANSWER_NXDOMAIN);
	ck_assert_int_eq(
		kit_ask(&kit, "a.no.example.", TYPE_A, CACHE_STALE_TOO, NOW + 20000), ANSWER_MISS);
}
END_TEST

START_TEST(other_classes_are_not_ours)
{
	set("a.example. 60 IN A 192.0.2.1");
	const struct question question = {(const uint8_t *)"aexample", TYPE_A, CLASS_CH};
	const struct cache_query query = {
		.cache = kit.cache, .now_ms = NOW, .arena = &kit.arena, .entered = question.name};
	answer_begin(&kit.answer, &question);
	ck_assert_int_eq(cache_answer(&query, &kit.answer), RW_ENOTFOUND);
	ck_assert_int_eq(kit.answer.outcome, ANSWER_MISS);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("answer");
	TCase *tests = tcase_create("answer");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, aliases_are_followed_to_the_end);
	tcase_add_test(tests, circles_and_long_chains_end);
	tcase_add_test(tests, dname_redirects_what_is_below);
	tcase_add_test(tests, unverified_dname_redirects_only_the_name_it_was_given_for);
	tcase_add_test(tests, dname_may_make_a_name_too_long);
	tcase_add_test(tests, nothing_is_below_nxdomain);
	tcase_add_test(tests, the_newer_denial_wins);
	tcase_add_test(tests, glue_is_no_answer);
	tcase_add_test(tests, any_is_the_first_common_type);
	tcase_add_test(tests, fresh_beats_stale_and_stale_beats_failure);
	tcase_add_test(tests, expired_proofs_live_as_long_as_what_they_prove);
	tcase_add_test(tests, an_expired_cut_denies_only_itself);
	tcase_add_test(tests, other_classes_are_not_ours);
	suite_add_tcase(suite, tests);
	return suite;
}
