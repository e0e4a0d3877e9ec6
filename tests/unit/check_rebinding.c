/* SPDX-License-Identifier: MIT */
/* Which addresses are taken out of answers. */
#include <arpa/inet.h>
#include <check.h>

#include "resolver/policy/rebinding.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct settings settings;
static struct prefix private;

static void setup(void)
{
	arena_init(&arena, 1 << 16);
	settings_default(&settings);
	ck_assert_int_eq(prefix_parse("192.168.0.0/16", &private), 0);
	settings.private_addresses = (struct prefix_list){&private, 1};
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &settings.names.dns64.prefix), 0);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *address;
	bool stays;
} samples[] = {
	{"192.168.1.1", false},
	{"192.169.1.1", true},
	{"2001:db8::1", true},
	{"::ffff:192.168.1.1", false},
	{"::ffff:192.0.2.1", true},
	{"64:ff9b::192.168.1.1", false},
	{"64:ff9b::192.0.2.1", true},
	{"64:ff9c::192.168.1.1", true},
};

static void say(struct answer *answer, const struct rrset *const *sets, unsigned count)
{
	const struct question question = {sets[0]->owner, TYPE_A, CLASS_IN};
	answer_begin(answer, &question);
	for (unsigned i = 0; i < count; i++)
		ck_assert(answer_add(answer, sets[i], &provenance_local));
}

START_TEST(addresses_are_seen_through)
{
	static const uint8_t owner[] = "\3www\7example";
	uint8_t ip[16];
	bool v6 = inet_pton(AF_INET6, samples[_i].address, ip) == 1;
	ck_assert(v6 || inet_pton(AF_INET, samples[_i].address, ip) == 1);
	struct rrset *set =
		rrset_single(&arena, owner, v6 ? TYPE_AAAA : TYPE_A, 300, ip, v6 ? sizeof(ip) : 4);
	const struct rrset *const sets[] = {set};
	struct answer answer;
	say(&answer, sets, 1);
	ck_assert_int_eq(rebinding_filter(&settings, NULL, &arena, &answer), 0);
	ck_assert_uint_eq(answer.set_count, samples[_i].stays);
	ck_assert_int_eq(answer.ede, samples[_i].stays ? EDE_NONE : EDE_FILTERED);
}
END_TEST

/*
 * A name that must not have a private address must not lead to one either, not even through a name
 * that may have it.
 */
START_TEST(aliases_lead_nowhere_else)
{
	static const uint8_t public[] = "\3www\7example", home[] = "\3nas\4home";
	static const uint8_t ip[] = {192, 168, 1, 1};
	uint8_t domain[] = "\4home", *domains[] = {domain};
	const struct rrset *sets[] = {
		rrset_single(&arena, public, TYPE_CNAME, 300, home, sizeof(home)),
		rrset_single(&arena, home, TYPE_A, 300, ip, sizeof(ip))};
	struct answer answer;
	say(&answer, sets, 2);
	settings.private_domains = (struct name_list){domains, 1};
	ck_assert_int_eq(rebinding_filter(&settings, NULL, &arena, &answer), 0);
	ck_assert_uint_eq(answer.set_count, 1);
	ck_assert_int_eq(answer.ede, EDE_FILTERED);
	say(&answer, sets + 1, 1);
	ck_assert_int_eq(rebinding_filter(&settings, NULL, &arena, &answer), 0);
	ck_assert_uint_eq(answer.set_count, 1);
	settings.private_domains = (struct name_list){0};
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("rebinding");
	TCase *tests = tcase_create("rebinding");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, addresses_are_seen_through, 0, RW_COUNT(samples));
	tcase_add_test(tests, aliases_lead_nowhere_else);
	suite_add_tcase(suite, tests);
	return suite;
}
