/* SPDX-License-Identifier: MIT */
/* Tables of names with their addresses. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "zones/localdata/hosts.h"
#include "tests/unit/suite.h"

#define NOW 1000000

static struct arena arena;
static struct hosts *hosts;
static struct host_settings items[LIMIT_CONFIG_LIST];
static size_t count;

static const uint8_t *wire(const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return name_dup(name.bytes, &arena);
}

static void add(const char *name, const char *const *addresses, size_t n)
{
	struct addr *list = arena_alloc(&arena, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(addr_parse(addresses[i], 0, &list[i]), 0);
	items[count++] = (struct host_settings){(uint8_t *)wire(name), {list, n}};
}

static void build(void)
{
	const struct host_list list = {items, count};
	hosts_unref(hosts);
	ck_assert_int_eq(hosts_from_settings(&list, NULL, &hosts), 0);
}

static void setup(void)
{
	static const char *const nas[] = {"192.168.1.10", "fd00::10", "192.168.1.11", "fd00:0::10"};
	static const char *const twin[] = {"192.168.1.10"};
	count = 0;
	arena_init(&arena, LIMIT_HOSTS_BYTES);
	add("nas.home.arpa.", nas, RW_COUNT(nas));
	add("twin.home.arpa.", twin, RW_COUNT(twin));
	build();
}

static void teardown(void)
{
	hosts_unref(hosts);
	hosts = NULL;
	arena_release(&arena);
}

static bool ask_at(const char *text, uint16_t type, uint64_t now_ms, const struct rrset **ret_set)
{
	const struct question question = {wire(text), type, CLASS_IN};
	int err = hosts_lookup(hosts, &question, now_ms, &arena, ret_set);
	ck_assert(err == 0 || err == RW_ENOTFOUND);
	return err == 0;
}

static bool ask(const char *text, uint16_t type, const struct rrset **ret_set)
{
	return ask_at(text, type, NOW, ret_set);
}

START_TEST(addresses_are_answered)
{
	static const uint8_t first[] = {192, 168, 1, 10};
	const struct rrset *set;
	ck_assert(ask("NAS.home.arpa.", TYPE_A, &set));
	ck_assert_uint_eq(set->count, 2);
	ck_assert_uint_eq(set->ttl, LIMIT_HOSTS_TTL);
	ck_assert_mem_eq(set->records[0].bytes, first, 4);
	ck_assert(ask("nas.home.arpa.", TYPE_AAAA, &set));
	ck_assert_uint_eq(set->count, 1); /* the same address twice is one record */
	ck_assert_uint_eq(set->records[0].size, 16);
	ck_assert(ask("twin.home.arpa.", TYPE_ANY, &set));
	ck_assert_uint_eq(set->type, TYPE_A);
}
END_TEST

START_TEST(a_name_owns_all_its_types)
{
	const struct rrset *set;
	ck_assert(ask("twin.home.arpa.", TYPE_AAAA, &set));
	ck_assert_ptr_null(set);
	ck_assert(ask("nas.home.arpa.", 65, &set));
	ck_assert_ptr_null(set);
	ck_assert(ask("nas.home.arpa.", TYPE_PTR, &set));
	ck_assert_ptr_null(set);
}
END_TEST

START_TEST(other_names_are_left_alone)
{
	const struct rrset *set;
	ck_assert(!ask("home.arpa.", TYPE_A, &set));
	ck_assert(!ask("www.nas.home.arpa.", TYPE_A, &set));
	ck_assert(!ask(".", TYPE_A, &set));
	ck_assert(!ask("12.1.168.192.in-addr.arpa.", TYPE_PTR, &set));
	count = 0;
	build();
	ck_assert(!ask("nas.home.arpa.", TYPE_A, &set));
}
END_TEST

START_TEST(addresses_lead_back)
{
	const struct rrset *set;
	ck_assert(ask("10.1.168.192.in-addr.arpa.", TYPE_PTR, &set));
	ck_assert_uint_eq(set->count, 2);
	ck_assert(name_equal(set->records[0].bytes, wire("nas.home.arpa.")));
	ck_assert(name_equal(set->records[1].bytes, wire("twin.home.arpa.")));
	ck_assert(ask("0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.",
		TYPE_PTR, &set));
	ck_assert_uint_eq(set->count, 1);
}
END_TEST

START_TEST(names_and_those_above_are_known)
{
	ck_assert(hosts_name_exists(hosts, wire("home.arpa."), NOW));
	ck_assert(hosts_name_exists(hosts, wire("168.192.in-addr.arpa."), NOW));
	ck_assert(hosts_name_exists(hosts, wire("d.f.ip6.arpa."), NOW));
	ck_assert(hosts_name_exists(hosts, wire("nas.home.arpa."), NOW));
	ck_assert(!hosts_name_exists(hosts, wire("x.nas.home.arpa."), NOW));
	ck_assert(!hosts_name_exists(hosts, wire("as.home.arpa."), NOW));
	ck_assert(!hosts_name_exists(hosts, wire("169.192.in-addr.arpa."), NOW));
}
END_TEST

START_TEST(many_names)
{
	char name[32], address[32];
	const char *const list[] = {address};
	const struct rrset *set;
	count = 0;
	for (unsigned i = 0; i < LIMIT_CONFIG_LIST; i++) {
		(void)snprintf(name, sizeof(name), "h%u.lan.", i);
		(void)snprintf(address, sizeof(address), "10.0.0.%u", i);
		add(name, list, 1);
	}
	build();
	ck_assert_uint_eq(hosts_count(hosts), 2 * LIMIT_CONFIG_LIST);
	for (unsigned i = 0; i < LIMIT_CONFIG_LIST; i++) {
		(void)snprintf(name, sizeof(name), "h%u.lan.", i);
		ck_assert(ask(name, TYPE_A, &set));
		ck_assert_uint_eq(set->records[0].bytes[3], i);
	}
}
END_TEST

static int add_entry(struct hosts *to, const char *name, unsigned number, uint64_t until_ms)
{
	struct addr addr = {.family = ADDR_V4, .ip = {10, 0, number >> 8 & 0xff, number & 0xff}};
	const struct host_entry entry = {.name = wire(name),
		.addr = &addr,
		.until_ms = until_ms,
		.ttl = 60,
		.line = number,
		.leads_back = true};
	return hosts_add(to, &entry);
}

START_TEST(entries_end)
{
	const struct rrset *set;
	hosts_unref(hosts);
	ck_assert_int_eq(hosts_new(1 << 16, NULL, &hosts), 0);
	ck_assert_int_eq(add_entry(hosts, "tv.lan.", 1, NOW + 90000), 0);
	ck_assert_int_eq(add_entry(hosts, "tv.lan.", 2, NOW + 9500), 0);
	ck_assert_int_eq(hosts_finish(hosts), 0);
	ck_assert(ask_at("tv.lan.", TYPE_A, NOW, &set));
	ck_assert_uint_eq(set->count, 2);
	ck_assert_uint_eq(set->ttl, 10);
	ck_assert(ask_at("tv.lan.", TYPE_A, NOW + 9500, &set));
	ck_assert_uint_eq(set->count, 1);
	ck_assert_uint_eq(set->records[0].bytes[3], 1);
	ck_assert_uint_eq(set->ttl, 60);
	ck_assert(!ask_at("2.0.0.10.in-addr.arpa.", TYPE_PTR, NOW + 9500, &set));
	ck_assert(ask_at("1.0.0.10.in-addr.arpa.", TYPE_PTR, NOW + 9500, &set));
	ck_assert(hosts_name_exists(hosts, wire("lan."), NOW + 89999));
	ck_assert(!hosts_name_exists(hosts, wire("lan."), NOW + 90000));
	ck_assert(!ask_at("tv.lan.", TYPE_A, NOW + 90000, &set));
	ck_assert(!ask_at("tv.lan.", TYPE_AAAA, NOW + 90000, &set));
}
END_TEST

START_TEST(sets_and_memory_have_bounds)
{
	struct hosts *small;
	ck_assert_int_eq(hosts_new(1 << 16, NULL, &small), 0);
	for (unsigned i = 0; i < LIMIT_RRSET_RECORDS; i++)
		ck_assert_int_eq(add_entry(small, "all.lan.", i, HOSTS_FOREVER), 0);
	ck_assert_int_eq(
		add_entry(small, "all.lan.", LIMIT_RRSET_RECORDS, HOSTS_FOREVER), RW_ELIMIT);
	int err = 0;
	for (unsigned i = 0; i < 10000 && !err; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "h%u.lan.", i);
		err = add_entry(small, name, i, HOSTS_FOREVER);
	}
	ck_assert_int_eq(err, RW_ENOMEM);
	hosts_unref(small);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("hosts");
	TCase *tests = tcase_create("hosts");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, addresses_are_answered);
	tcase_add_test(tests, a_name_owns_all_its_types);
	tcase_add_test(tests, other_names_are_left_alone);
	tcase_add_test(tests, addresses_lead_back);
	tcase_add_test(tests, names_and_those_above_are_known);
	tcase_add_test(tests, many_names);
	tcase_add_test(tests, entries_end);
	tcase_add_test(tests, sets_and_memory_have_bounds);
	suite_add_tcase(suite, tests);
	return suite;
}
