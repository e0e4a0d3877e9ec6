/* SPDX-License-Identifier: MIT */
/* AAAA records made of A records. */
#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "resolver/service/dns64.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct settings settings;
static uint8_t ips[2][4] = {{192, 0, 2, 33}, {10, 0, 0, 1}};
static struct rdata records[2] = {{ips[0], 4}, {ips[1], 4}};
static struct rrset a;
static const uint8_t owner[] = "\3www\7example";

static void setup(void)
{
	arena_init(&arena, 1 << 16);
	settings_default(&settings);
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &settings.names.dns64.prefix), 0);
	a = (struct rrset){.owner = owner,
		.type = TYPE_A,
		.class = CLASS_IN,
		.ttl = 300,
		.count = 2,
		.records = records};
}

static void teardown(void)
{
	arena_release(&arena);
}

/* RFC 6052 section 2.4. */
static const struct {
	const char *prefix, *address;
} samples[] = {
	{"2001:db8::/32", "2001:db8:c000:221::"},
	{"2001:db8:100::/40", "2001:db8:1c0:2:21::"},
	{"2001:db8:122::/48", "2001:db8:122:c000:2:2100::"},
	{"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"},
	{"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"},
	{"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"},
	{"64:ff9b::/96", "64:ff9b::192.0.2.33"},
};

START_TEST(addresses_are_embedded)
{
	struct prefix prefix;
	uint8_t want[16], got[16];
	ck_assert_int_eq(prefix_parse(samples[_i].prefix, &prefix), 0);
	ck_assert_int_eq(inet_pton(AF_INET6, samples[_i].address, want), 1);
	dns64_embed(&prefix, ips[0], got);
	ck_assert_mem_eq(got, want, 16);
}
END_TEST

static void deny(struct answer *answer, const struct rrset *soa)
{
	const struct question question = {owner, TYPE_AAAA, CLASS_IN};
	answer_begin(answer, &question);
	answer_deny(answer, ANSWER_NODATA, soa, &provenance_local);
}

/* 64:ff9b::/96 stands for the same in every network, and so must what is behind it. */
START_TEST(the_well_known_prefix_maps_global_addresses_only)
{
	struct answer answer;
	deny(&answer, NULL);
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_uint_eq(answer.sets[0]->count, 1);
	ck_assert_mem_eq(answer.sets[0]->records[0].bytes + 12, ips[0], 4);
	ck_assert_int_eq(prefix_parse("2001:db8:64::/96", &settings.names.dns64.prefix), 0);
	deny(&answer, NULL);
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_uint_eq(answer.sets[0]->count, 2);
}
END_TEST

/* What AAAA records an answer has left of these, with `count` of them mapped IPv4 addresses. */
static unsigned left_of(unsigned all, unsigned count, enum answer_outcome *ret_outcome)
{
	static const uint8_t usable[16] = {0x20, 1, 0xd, 0xb8}, mapped[16] = {[10] = 0xff, 0xff};
	const struct question question = {owner, TYPE_AAAA, CLASS_IN};
	struct rdata six[4];
	struct prefix exclude;
	struct answer answer;
	struct rrset set = a;
	for (unsigned i = 0; i < all; i++)
		six[i] = (struct rdata){i < count ? mapped : usable, 16};
	set.type = TYPE_AAAA;
	set.count = (uint16_t)all;
	set.records = six;
	ck_assert_int_eq(prefix_parse("::ffff:0:0/96", &exclude), 0);
	settings.names.dns64.exclude = (struct prefix_list){&exclude, 1};
	answer_begin(&answer, &question);
	answer_end(&answer, &set, &provenance_local);
	ck_assert_int_eq(dns64_exclude(&settings.names.dns64, &arena, &answer), 0);
	settings.names.dns64.exclude = (struct prefix_list){0};
	*ret_outcome = answer.outcome;
	return answer.set_count > 0 ? answer.sets[0]->count : 0;
}

START_TEST(records_that_are_of_no_use_are_left_out)
{
	enum answer_outcome outcome;
	ck_assert_uint_eq(left_of(3, 0, &outcome), 3);
	ck_assert_uint_eq(left_of(3, 2, &outcome), 1);
	ck_assert_int_eq(outcome, ANSWER_POSITIVE);
	ck_assert_uint_eq(left_of(2, 2, &outcome), 0);
	ck_assert_int_eq(outcome, ANSWER_NODATA);
}
END_TEST

START_TEST(an_answer_takes_the_place_of_the_denial)
{
	struct rrset soa = {.owner = owner, .type = TYPE_SOA, .class = CLASS_IN, .ttl = 60};
	struct rrset alias = {.owner = owner, .type = TYPE_CNAME, .class = CLASS_IN, .ttl = 5};
	struct answer answer;
	ck_assert_int_eq(prefix_parse("2001:db8:64::/96", &settings.names.dns64.prefix), 0);
	deny(&answer, &soa);
	ck_assert(answer_add(&answer, &alias, &provenance_local));
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	ck_assert_uint_eq(answer.set_count, 2);
	ck_assert_ptr_eq(answer.sets[0], &alias);
	ck_assert_uint_eq(answer.sets[1]->type, TYPE_AAAA);
	ck_assert_uint_eq(answer.sets[1]->count, 2);
	ck_assert_uint_eq(answer.sets[1]->ttl, 60);
	ck_assert_ptr_null(answer.soa);
	deny(&answer, NULL);
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_uint_eq(answer.sets[0]->ttl, 300);
	a.ttl = 86400;
	deny(&answer, NULL);
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_uint_eq(answer.sets[0]->ttl, LIMIT_TTL_DNS64);
}
END_TEST

START_TEST(private_addresses_stay_out)
{
	struct prefix private;
	struct answer answer;
	deny(&answer, NULL);
	ck_assert_int_eq(prefix_parse("2001:db8:64::/96", &settings.names.dns64.prefix), 0);
	ck_assert_int_eq(prefix_parse("10.0.0.0/8", &private), 0);
	settings.private_addresses = (struct prefix_list){&private, 1};
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_uint_eq(answer.sets[0]->count, 1);
	a.records++;
	a.count = 1;
	deny(&answer, NULL);
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &arena, &answer), 0);
	ck_assert_uint_eq(answer.set_count, 0);
	ck_assert_int_eq(answer.outcome, ANSWER_NODATA);
	a.records = records;
}
END_TEST

START_TEST(who_wants_them)
{
	struct client_query query = {.question = {owner, TYPE_AAAA, CLASS_IN}, .flags = FLAG_RD};
	ck_assert(dns64_is_wanted(&settings.names.dns64, &query));
	query.flags |= FLAG_CD;
	ck_assert(!dns64_is_wanted(&settings.names.dns64, &query));
	query.flags = FLAG_RD;
	query.question.type = TYPE_A;
	ck_assert(!dns64_is_wanted(&settings.names.dns64, &query));
	query.question.type = TYPE_AAAA;
	settings_default(&settings);
	ck_assert(!dns64_is_wanted(&settings.names.dns64, &query));
}
END_TEST

START_TEST(little_memory_is_told)
{
	struct arena small;
	struct answer answer;
	deny(&answer, NULL);
	arena_init(&small, 1);
	ck_assert_int_eq(dns64_answer(&settings, NULL, &a, &small, &answer), RW_ENOMEM);
	arena_release(&small);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("dns64");
	TCase *tests = tcase_create("dns64");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, addresses_are_embedded, 0, RW_COUNT(samples));
	tcase_add_test(tests, an_answer_takes_the_place_of_the_denial);
	tcase_add_test(tests, private_addresses_stay_out);
	tcase_add_test(tests, who_wants_them);
	tcase_add_test(tests, the_well_known_prefix_maps_global_addresses_only);
	tcase_add_test(tests, records_that_are_of_no_use_are_left_out);
	tcase_add_test(tests, little_memory_is_told);
	suite_add_tcase(suite, tests);
	return suite;
}
