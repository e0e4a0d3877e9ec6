/* SPDX-License-Identifier: MIT */
/* The one answer value: how chains grow, turn, end, are cut and copied. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/answer.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/text.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct answer answer;

static void setup(void)
{
	arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct rrset *set(const char *line)
{
	struct rrset *made;
	ck_assert_int_eq(text_to_rrset(&arena, line, NULL, NULL, 300, &made), 0);
	return made;
}

static const uint8_t *name(const char *text)
{
	struct name parsed;
	ck_assert_int_eq(name_from_text(text, &parsed), 0);
	return name_dup(parsed.bytes, &arena);
}

static void begin(const char *text, uint16_t type)
{
	const struct question question = {name(text), type, CLASS_IN};
	/* Nothing may depend on what was there before. */
	memset(&answer, 0xee, sizeof(answer));
	answer_begin(&answer, &question);
}

static void follow(const char *line)
{
	answer_follow(&answer, set(line), &provenance_local);
}

static void links(unsigned count)
{
	char line[64];
	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(line, sizeof(line), "n%u. 60 IN CNAME n%u.", i, i + 1);
		follow(line);
	}
}

START_TEST(a_chain_moves_its_end)
{
	begin("n0.", TYPE_A);
	ck_assert_int_eq(answer.outcome, ANSWER_MISS);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_SERVFAIL);
	links(2);
	ck_assert_int_eq(answer.outcome, ANSWER_MISS);
	ck_assert_uint_eq(answer.aliases, 2);
	ck_assert(name_equal(answer.name, name("n2.")));
	answer_end(&answer, set("n2. 60 IN A 192.0.2.1"), &provenance_local);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	ck_assert_uint_eq(answer.set_count, 3);
	ck_assert_uint_eq(answer.from[2].rank, RANK_ANSWER_AA);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_NOERROR);
}
END_TEST

START_TEST(a_circle_ends_in_its_last_link)
{
	begin("n0.", TYPE_A);
	links(2);
	follow("n2. 60 IN CNAME N1.");
	ck_assert_int_eq(answer.outcome, ANSWER_LOOP);
	ck_assert_uint_eq(answer.set_count, 3);
	ck_assert_ptr_nonnull(strstr(answer.ede_text, "circle"));
	begin("self.", TYPE_A);
	follow("self. 60 IN CNAME self.");
	ck_assert_int_eq(answer.outcome, ANSWER_LOOP);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_SERVFAIL);
}
END_TEST

START_TEST(a_chain_has_so_many_links)
{
	begin("n0.", TYPE_A);
	links(LIMIT_ALIASES);
	ck_assert_int_eq(answer.outcome, ANSWER_MISS);
	ck_assert_uint_eq(answer.aliases, LIMIT_ALIASES);
	begin("n0.", TYPE_A);
	links(LIMIT_ALIASES + 1);
	ck_assert_int_eq(answer.outcome, ANSWER_LOOP);
	ck_assert_ptr_nonnull(strstr(answer.ede_text, "too long"));
}
END_TEST

/* The longest chain, each link with its DNAME, and what it leads to: all of it has room. */
START_TEST(there_is_room_for_every_chain)
{
	char line[64];
	const char *last;
	begin("w.d0.", TYPE_A);
	for (unsigned i = 0; i <= LIMIT_ALIASES; i++) {
		(void)snprintf(line, sizeof(line), "d%u. 60 IN DNAME d%u.", i, i + 1);
		ck_assert_int_eq(answer_redirect(&answer, set(line), &provenance_local, &arena), 0);
		ck_assert_int_eq(answer.outcome, i < LIMIT_ALIASES ? ANSWER_MISS : ANSWER_LOOP);
	}
	ck_assert_uint_eq(answer.set_count, ANSWER_SETS);
	ck_assert(!answer_add(&answer, set("x. 60 IN A 192.0.2.1"), &provenance_local));
	ck_assert_uint_eq(rw_check_failures(&last), 0);
}
END_TEST

START_TEST(a_dname_brings_the_alias_that_it_implies)
{
	const struct rrset *dname = set("old. 60 IN DNAME new.");
	begin("w.old.", TYPE_A);
	ck_assert_int_eq(answer_redirect(&answer, dname, &provenance_local, &arena), 0);
	ck_assert_uint_eq(answer.set_count, 2);
	ck_assert(!answer.from[0].synthesised && answer.from[1].synthesised);
	ck_assert(name_equal(answer.name, name("w.new.")));
	ck_assert_int_eq(answer.outcome, ANSWER_MISS);
	/* A query for the alias itself is answered by it. */
	begin("w.old.", TYPE_CNAME);
	ck_assert_int_eq(answer_redirect(&answer, dname, &provenance_local, &arena), 0);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	/* Without memory nothing has changed. */
	struct arena full;
	arena_init(&full, 0);
	begin("w.old.", TYPE_A);
	ck_assert_int_eq(answer_redirect(&answer, dname, &provenance_local, &full), RW_ENOMEM);
	ck_assert_uint_eq(answer.set_count, 0);
}
END_TEST

START_TEST(which_types_an_alias_answers)
{
	static const uint16_t alone[] = {TYPE_CNAME, TYPE_ANY, TYPE_NSEC, TYPE_RRSIG, TYPE_DS};
	for (unsigned i = 0; i < RW_COUNT(alone); i++)
		ck_assert(!answer_type_follows(alone[i]));
	ck_assert(answer_type_follows(TYPE_A) && answer_type_follows(TYPE_NS));
}
END_TEST

START_TEST(ends_have_their_rcodes)
{
	begin("n0.", TYPE_A);
	links(1);
	answer_deny(
		&answer, ANSWER_NXDOMAIN, set("n. 60 IN SOA a. b. 1 2 3 4 5"), &provenance_local);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_NXDOMAIN);
	ck_assert(name_equal(answer.denied, name("n1.")));
	answer_fail(&answer, EDE_NOT_READY, "not now");
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_SERVFAIL);
	ck_assert_ptr_null(answer.soa);
	ck_assert_uint_eq(answer.set_count, 1);
	answer_decline(&answer, RCODE_REFUSED, EDE_PROHIBITED);
	ck_assert_uint_eq(answer_rcode(&answer), RCODE_REFUSED);
	ck_assert_int_eq(answer.ede, EDE_PROHIBITED);
	ck_assert_uint_eq(answer.set_count, 0);
}
END_TEST

START_TEST(a_chain_can_be_opened_again)
{
	begin("n0.", TYPE_A);
	const uint8_t *asked = answer.name;
	links(1);
	ck_assert_int_eq(
		answer_redirect(&answer, set(". 60 IN DNAME new."), &provenance_local, &arena), 0);
	answer_end(&answer, set("n1.new. 60 IN A 192.0.2.1"), &provenance_local);
	answer_cut(&answer, 3, asked);
	ck_assert_int_eq(answer.outcome, ANSWER_MISS);
	ck_assert_uint_eq(answer.aliases, 2);
	ck_assert(name_equal(answer.name, name("n1.new.")));
	/* The DNAME goes with what it made. */
	answer_cut(&answer, 2, asked);
	ck_assert_uint_eq(answer.set_count, 1);
	ck_assert(name_equal(answer.name, name("n1.")));
	answer_cut(&answer, 0, asked);
	ck_assert_ptr_eq(answer.name, asked);
	ck_assert_uint_eq(answer.aliases, 0);
}
END_TEST

START_TEST(a_copy_needs_nothing_of_the_original)
{
	struct arena other;
	struct answer copy;
	struct rrset *proof = set("n. 60 IN NSEC z. A");
	struct rrset *soa = set("n. 60 IN SOA a. b. 1 2 3 4 5");
	begin("n0.", TYPE_A);
	links(1);
	soa->proofs = proof;
	soa->proof_count = 1;
	answer_deny(&answer, ANSWER_NXDOMAIN, soa, &provenance_local);
	answer.ede = EDE_OTHER;
	answer.ede_text = arena_printf(&arena, "%s", "why");
	arena_init(&other, 1 << 16);
	ck_assert_int_eq(answer_dup(&answer, &other, &copy), 0);
	teardown();
	setup();
	memset(&answer, 0xee, sizeof(answer));
	ck_assert_uint_eq(copy.set_count, 1);
	ck_assert(name_equal(copy.name, name("n1.")));
	ck_assert(name_equal(copy.denied, name("n1.")));
	ck_assert(name_equal(copy.sets[0]->owner, name("n0.")));
	ck_assert_uint_eq(copy.soa->proof_count, 1);
	ck_assert_uint_eq(copy.soa->proofs[0].type, TYPE_NSEC);
	ck_assert_str_eq(copy.ede_text, "why");
	struct arena full;
	struct answer none;
	arena_init(&full, 0);
	ck_assert_int_eq(answer_dup(&copy, &full, &none), RW_ENOMEM);
	arena_release(&other);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("answer_value");
	TCase *tests = tcase_create("answer_value");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_chain_moves_its_end);
	tcase_add_test(tests, a_circle_ends_in_its_last_link);
	tcase_add_test(tests, a_chain_has_so_many_links);
	tcase_add_test(tests, there_is_room_for_every_chain);
	tcase_add_test(tests, a_dname_brings_the_alias_that_it_implies);
	tcase_add_test(tests, which_types_an_alias_answers);
	tcase_add_test(tests, ends_have_their_rcodes);
	tcase_add_test(tests, a_chain_can_be_opened_again);
	tcase_add_test(tests, a_copy_needs_nothing_of_the_original);
	suite_add_tcase(suite, tests);
	return suite;
}
