/* SPDX-License-Identifier: MIT */
/* Names of addresses behind a NAT64. */
#include <check.h>
#include <stdio.h>

#include "zones/localdata/nat64.h"
#include "tests/unit/suite.h"

static struct arena arena;

/* The target of the alias for the address's name, or "" where there is none. */
static const char *target_of(const char *prefix_text, const char *name_said, uint16_t type)
{
	static char text[LIMIT_NAME_TEXT];
	struct prefix prefix = {0};
	struct name name;
	const struct rrset *alias;
	if (prefix_text)
		ck_assert_int_eq(prefix_parse(prefix_text, &prefix), 0);
	ck_assert_int_eq(name_from_text(name_said, &name), 0);
	const struct question question = {name.bytes, type, CLASS_IN};
	int err = nat64_alias(&prefix, &question, &arena, &alias);
	ck_assert_int_eq(nat64_has(&prefix, &question), err == 0);
	if (err) {
		ck_assert_int_eq(err, RW_ENOTFOUND);
		return "";
	}
	ck_assert_uint_eq(alias->type, TYPE_CNAME);
	ck_assert_uint_eq(alias->ttl, LIMIT_TTL_DNS64);
	ck_assert(name_equal(alias->owner, name.bytes));
	return name_text(rrset_target(alias, 0), text);
}

static const char *reverse_of(const char *address)
{
	static char text[128];
	struct addr addr;
	size_t used = 0;
	ck_assert_int_eq(addr_parse(address, 0, &addr), 0);
	for (size_t i = 16; i-- > 0;)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%x.%X.",
			addr.ip[i] & 0xf, addr.ip[i] >> 4);
	(void)snprintf(text + used, sizeof(text) - used, "ip6.arpa.");
	return text;
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

START_TEST(addresses_are_read_out_of_names)
{
	const char *name = reverse_of(samples[_i].address);
	ck_assert_str_eq(target_of(samples[_i].prefix, name, TYPE_PTR), "33.2.0.192.in-addr.arpa.");
}
END_TEST

START_TEST(other_questions_are_left_alone)
{
	const char *name = reverse_of("64:ff9b::192.0.2.33");
	ck_assert_str_ne(target_of("64:ff9b::/96", name, TYPE_PTR), "");
	ck_assert_str_eq(target_of("64:ff9b::/96", name, TYPE_TXT), "");
	ck_assert_str_eq(target_of("64:ff9b::/96", name + 2, TYPE_PTR), "");
	ck_assert_str_eq(target_of("64:ff9c::/96", name, TYPE_PTR), "");
	ck_assert_str_eq(target_of(NULL, name, TYPE_PTR), "");
	ck_assert_str_eq(target_of("64:ff9b::/96", ".", TYPE_PTR), "");
	ck_assert_str_eq(target_of("64:ff9b::/96", "ip6.arpa.", TYPE_PTR), "");
	static char other[160];
	(void)snprintf(other, sizeof(other), "%.64sip6.example.", name);
	ck_assert_str_eq(target_of("64:ff9b::/96", other, TYPE_PTR), "");
	(void)snprintf(other, sizeof(other), "0.%s", name);
	ck_assert_str_eq(target_of("64:ff9b::/96", other, TYPE_PTR), "");
	(void)snprintf(other, sizeof(other), "g%s", name + 1);
	ck_assert_str_eq(target_of("64:ff9b::/96", other, TYPE_PTR), "");
	(void)snprintf(other, sizeof(other), "11%s", name + 1);
	ck_assert_str_eq(target_of("64:ff9b::/96", other, TYPE_PTR), "");
}
END_TEST

START_TEST(little_memory_is_told)
{
	struct arena small;
	struct prefix prefix;
	struct name name;
	const struct rrset *alias;
	arena_init(&small, 1);
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &prefix), 0);
	ck_assert_int_eq(name_from_text(reverse_of("64:ff9b::192.0.2.33"), &name), 0);
	const struct question question = {name.bytes, TYPE_PTR, CLASS_IN};
	ck_assert_int_eq(nat64_alias(&prefix, &question, &small, &alias), RW_ENOMEM);
	arena_release(&small);
}
END_TEST

static void setup(void)
{
	arena_init(&arena, 1 << 16);
}

static void teardown(void)
{
	arena_release(&arena);
}

Suite *make_suite(void)
{
	Suite *suite = suite_create("nat64");
	TCase *tests = tcase_create("nat64");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, addresses_are_read_out_of_names, 0, RW_COUNT(samples));
	tcase_add_test(tests, other_questions_are_left_alone);
	tcase_add_test(tests, little_memory_is_told);
	suite_add_tcase(suite, tests);
	return suite;
}
