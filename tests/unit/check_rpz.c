/* SPDX-License-Identifier: MIT */
/* Policy zones: which triggers there are, what their records say, and what is wrong with them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zones/lists/prefix_table.h"
#include "zones/lists/rpz.h"
#include "tests/unit/suite.h"

#define ROOM (1 << 20)
#define HEAD "$TTL 60\n@ SOA ns.rpz. host.rpz. 7 3600 600 86400 30\n NS ns.rpz.\n"

static const uint8_t apex[] = "\3RPZ\4test";
static struct fault_list faults;
static struct arena arena;
static struct rpz *rpz;

static int parse(const char *text, size_t room)
{
	rpz_unref(rpz);
	rpz = NULL;
	memset(&faults, 0, sizeof(faults));
	const struct rpz_source source = {
		.path = "zone", .apex = apex, .max_bytes = room, .hash_key = {{5, 6}}};
	return rpz_parse(&source, text, strlen(text), &faults, &rpz);
}

static void read_text(const char *text)
{
	int err = parse(text, ROOM);
	ck_assert_msg(err == 0, "%s", faults.items[0].message);
}

static void setup(void)
{
	arena_init(&arena, ROOM);
}

static void teardown(void)
{
	rpz_unref(rpz);
	rpz = NULL;
	arena_release(&arena);
}

static bool by_name(enum rpz_trigger trigger, const char *text, struct rpz_match *ret_match)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return rpz_match_name(rpz, trigger, name.bytes, ret_match);
}

static bool by_address(enum rpz_trigger trigger, const char *text, struct rpz_match *ret_match)
{
	struct addr addr;
	ck_assert_int_eq(addr_parse(text, 0, &addr), 0);
	return rpz_match_address(rpz, trigger, &addr, ret_match);
}

static void assert_name(const char *name, enum rpz_action action, unsigned line)
{
	struct rpz_match match;
	ck_assert_msg(by_name(RPZ_QNAME, name, &match), "%s", name);
	ck_assert_msg(match.action == action, "%s: action %u", name, match.action);
	ck_assert_msg(match.line == line, "%s: line %u", name, match.line);
}

static void assert_no_name(const char *name)
{
	struct rpz_match match;
	ck_assert_msg(!by_name(RPZ_QNAME, name, &match), "%s", name);
}

static void assert_address(
	enum rpz_trigger trigger, const char *text, enum rpz_action action, unsigned line)
{
	struct rpz_match match;
	ck_assert_msg(by_address(trigger, text, &match), "%s", text);
	ck_assert_msg(match.action == action, "%s: action %u", text, match.action);
	ck_assert_msg(match.line == line, "%s: line %u", text, match.line);
}

START_TEST(every_action)
{
	read_text(HEAD "nx.example CNAME .\n"
		       "nodata.example CNAME *.\n"
		       "pass.example CNAME rpz-passthru.\n"
		       "drop.example CNAME rpz-drop.\n"
		       "tcp.example CNAME rpz-tcp-only.\n"
		       "old.example CNAME old.example.\n"
		       "data.example A 192.0.2.1\n");
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_uint_eq(rpz_rules(rpz), 7);
	assert_name("nx.example.", RPZ_NXDOMAIN, 4);
	assert_name("NoData.Example.", RPZ_NODATA, 5);
	assert_name("pass.example.", RPZ_PASSTHRU, 6);
	assert_name("drop.example.", RPZ_DROP, 7);
	assert_name("tcp.example.", RPZ_TCP_ONLY, 8);
	assert_name("old.example.", RPZ_PASSTHRU, 9);
	assert_name("data.example.", RPZ_DATA, 10);
	assert_no_name("example.");
	assert_no_name("www.nx.example.");
	ck_assert(rpz_has(rpz, RPZ_QNAME));
	ck_assert(!rpz_has(rpz, RPZ_NSIP));
	ck_assert_str_eq(rpz_file(rpz), "zone");
	ck_assert_uint_eq(rrset_soa_negative_ttl(rpz_soa(rpz)), 30);
}
END_TEST

START_TEST(the_closest_wildcard)
{
	read_text(HEAD "*.example CNAME .\n"
		       "*.deep.example CNAME *.\n"
		       "exact.deep.example CNAME rpz-passthru.\n"
		       "*.com CNAME .\n");
	assert_no_name("example.");
	assert_name("a.example.", RPZ_NXDOMAIN, 4);
	assert_name("a.b.c.example.", RPZ_NXDOMAIN, 4);
	assert_no_name("deep.example."); /* which is there, as the parent of a wildcard */
	assert_name("x.y.deep.example.", RPZ_NODATA, 5);
	assert_name("exact.deep.example.", RPZ_PASSTHRU, 6);
	assert_no_name("x.exact.deep.example.");
	assert_name("anything.com.", RPZ_NXDOMAIN, 7);
	assert_no_name("anything.net.");
	read_text(HEAD "* CNAME .\n");
	assert_name("anything.net.", RPZ_NXDOMAIN, 4);
	assert_no_name(".");
}
END_TEST

/* As BIND 9.18 has it, which looks rules up as names of any zone (RFC 4592). */
START_TEST(names_without_records_stop_wildcards)
{
	read_text(HEAD "*.beta CNAME .\n"
		       "good.shop.beta CNAME rpz-passthru.\n"
		       "bad.gamma CNAME .\n"
		       "*.gamma CNAME *.\n"
		       "cut.delta NS ns.x.\n"
		       "*.delta CNAME .\n"
		       "odd.epsilon CNAME rpz-unknown.\n"
		       "*.epsilon CNAME .\n"
		       "*.a.b.zeta CNAME .\n"
		       "* CNAME rpz-drop.\n");
	ck_assert_uint_eq(rpz_rules(rpz), 8);
	assert_name("other.beta.", RPZ_NXDOMAIN, 4);
	assert_no_name("shop.beta.");
	assert_no_name("x.shop.beta.");
	assert_name("good.shop.beta.", RPZ_PASSTHRU, 5);
	assert_no_name("y.good.shop.beta.");
	assert_name("bad.gamma.", RPZ_NXDOMAIN, 6);
	assert_no_name("x.bad.gamma.");
	assert_name("z.gamma.", RPZ_NODATA, 7);
	/* records that are no rules have names, too */
	assert_no_name("cut.delta.");
	assert_no_name("x.cut.delta.");
	assert_name("y.delta.", RPZ_NXDOMAIN, 9);
	assert_no_name("x.odd.epsilon.");
	assert_name("x.a.b.zeta.", RPZ_NXDOMAIN, 12);
	assert_no_name("x.b.zeta.");
	assert_no_name("zeta.");
	assert_no_name("beta.");
	assert_name("eta.", RPZ_DROP, 13);
	assert_name("x.y.eta.", RPZ_DROP, 13);
}
END_TEST

START_TEST(wildcards_of_server_names_stop_too)
{
	struct rpz_match match;
	read_text(HEAD "*.evil.example.rpz-nsdname CNAME .\n"
		       "ns.good.evil.example.rpz-nsdname CNAME rpz-passthru.\n");
	ck_assert_uint_eq(rpz_rules(rpz), 2);
	ck_assert(by_name(RPZ_NSDNAME, "ns.evil.example.", &match));
	ck_assert(!by_name(RPZ_NSDNAME, "ns2.good.evil.example.", &match));
}
END_TEST

START_TEST(addresses_and_their_prefixes)
{
	read_text(HEAD "32.1.2.0.192.rpz-ip CNAME .\n"
		       "24.0.2.0.192.rpz-ip CNAME *.\n"
		       "0.0.0.0.0.rpz-ip CNAME rpz-drop.\n"
		       "48.zz.db8.2001.rpz-ip CNAME .\n"
		       "128.57.zz.1.db8.2001.rpz-ip CNAME rpz-passthru.\n"
		       "128.1.2.3.4.5.6.7.8.rpz-ip CNAME *.\n"
		       "128.1.zz.rpz-ip CNAME .\n"
		       "8.0.0.0.10.rpz-client-ip CNAME rpz-drop.\n"
		       "16.0.0.168.192.rpz-nsip CNAME .\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_address(RPZ_RESPONSE_IP, "192.0.2.1", RPZ_NXDOMAIN, 4);
	assert_address(RPZ_RESPONSE_IP, "192.0.2.2", RPZ_NODATA, 5);
	assert_address(RPZ_RESPONSE_IP, "192.0.3.2", RPZ_DROP, 6);
	assert_address(RPZ_RESPONSE_IP, "2001:db8::1", RPZ_NXDOMAIN, 7);
	assert_address(RPZ_RESPONSE_IP, "2001:db8:1::57", RPZ_PASSTHRU, 8);
	assert_address(RPZ_RESPONSE_IP, "8:7:6:5:4:3:2:1", RPZ_NODATA, 9);
	assert_address(RPZ_RESPONSE_IP, "::1", RPZ_NXDOMAIN, 10);
	assert_address(RPZ_CLIENT_IP, "10.1.2.3", RPZ_DROP, 11);
	assert_address(RPZ_NSIP, "192.168.77.1", RPZ_NXDOMAIN, 12);
	struct rpz_match match;
	ck_assert(!by_address(RPZ_RESPONSE_IP, "2001:db9::1", &match));
	ck_assert(!by_address(RPZ_CLIENT_IP, "11.1.2.3", &match));
	ck_assert(!by_address(RPZ_CLIENT_IP, "::1", &match));
	/* a family's shortest prefix is not the other's */
	ck_assert(!by_address(RPZ_RESPONSE_IP, "9::1", &match));
	ck_assert(by_address(RPZ_RESPONSE_IP, "192.0.2.1", &match));
	ck_assert_uint_eq(match.bits, 128);
	ck_assert_uint_eq(match.ip[15], 1);
}
END_TEST

START_TEST(server_names)
{
	struct rpz_match match;
	read_text(
		HEAD "ns.evil.example.rpz-nsdname CNAME .\n*.evil.example.rpz-nsdname CNAME *.\n");
	ck_assert(by_name(RPZ_NSDNAME, "ns.evil.example.", &match));
	ck_assert_int_eq(match.action, RPZ_NXDOMAIN);
	ck_assert(by_name(RPZ_NSDNAME, "ns2.evil.example.", &match));
	ck_assert_int_eq(match.action, RPZ_NODATA);
	ck_assert(!by_name(RPZ_NSDNAME, "ns.good.example.", &match));
	assert_no_name("ns.evil.example.");
}
END_TEST

static const struct rrset *data_of(const char *text, uint16_t type)
{
	struct rpz_match match;
	struct name name;
	const struct rrset *set;
	ck_assert(by_name(RPZ_QNAME, text, &match));
	ck_assert_int_eq(match.action, RPZ_DATA);
	ck_assert_int_eq(name_from_text(text, &name), 0);
	const uint8_t *copy = name_dup(name.bytes, &arena);
	ck_assert_int_eq(rpz_data(&match, copy, type, &arena, &set), 0);
	if (set)
		ck_assert(name_equal(set->owner, name.bytes));
	return set;
}

START_TEST(data_is_answered_by_type)
{
	read_text(HEAD "*.data.example 300 A 192.0.2.1\n"
		       "*.data.example 200 A 192.0.2.2\n"
		       "*.data.example TXT \"blocked\"\n"
		       "to.example CNAME garden.example.net.\n"
		       "*.wild.example CNAME *.garden.example.net.\n");
	ck_assert_uint_eq(faults.count, 0);
	const struct rrset *set = data_of("x.data.example.", TYPE_A);
	ck_assert_uint_eq(set->count, 2);
	ck_assert_uint_eq(set->ttl, 200);
	ck_assert_ptr_null(data_of("x.data.example.", TYPE_AAAA));
	ck_assert_uint_eq(data_of("x.data.example.", TYPE_ANY)->count, 2);
	ck_assert_uint_eq(data_of("x.data.example.", TYPE_TXT)->count, 1);
	set = data_of("to.example.", TYPE_A);
	ck_assert_uint_eq(set->type, TYPE_CNAME);
	set = data_of("www.wild.example.", TYPE_AAAA);
	ck_assert(name_equal(set->records[0].bytes,
		(const uint8_t *)"\3www\4wild\7example\6garden\7example\3net"));
}
END_TEST

START_TEST(an_expanded_target_may_be_too_long)
{
	char text[256];
	struct rpz_match match;
	struct name name;
	const struct rrset *set;
	read_text(HEAD "*.wild.example CNAME *.garden-with-a-long-name.example.net.\n");
	(void)snprintf(text, sizeof(text), "%060d.%060d.%060d.%040d.wild.example.", 1, 2, 3, 4);
	ck_assert(by_name(RPZ_QNAME, text, &match));
	ck_assert_int_eq(name_from_text(text, &name), 0);
	ck_assert_int_eq(rpz_data(&match, name.bytes, TYPE_A, &arena, &set), RW_ELIMIT);
}
END_TEST

static void assert_warning(unsigned i, unsigned line, const char *why)
{
	ck_assert_uint_gt(faults.count, i);
	ck_assert(faults.items[i].warning);
	ck_assert_str_eq(faults.items[i].file, "zone");
	ck_assert_msg(faults.items[i].line == line, "%u: line %u", i, faults.items[i].line);
	ck_assert_msg(strstr(faults.items[i].message, why) != NULL, "%s", faults.items[i].message);
}

START_TEST(records_that_are_no_rules)
{
	read_text(HEAD "a.example CNAME .\n"
		       "a.example CNAME *.\n"
		       "b.example A 192.0.2.1\n"
		       "b.example CNAME c.example.\n"
		       "c.example CNAME rpz-drop\n"
		       "d.example CNAME rpz-new.\n"
		       "33.1.2.0.192.rpz-ip CNAME .\n"
		       "24.1.2.0.192.rpz-ip CNAME .\n"
		       "24.1.2.0.rpz-ip CNAME .\n"
		       "x.2.0.192.rpz-ip CNAME .\n"
		       "rpz-nsip CNAME .\n"
		       "e.rpz-other CNAME .\n"
		       "64.zz.1.zz.rpz-ip CNAME .\n"
		       "f.example DNAME g.example.\n");
	ck_assert_uint_eq(faults.errors, 0);
	ck_assert_uint_eq(faults.count, 11);
	assert_warning(0, 5, "has a rule already");
	assert_warning(1, 7, "alias beside");
	assert_warning(2, 8, "dot at its end");
	assert_warning(3, 9, "unknown action");
	assert_warning(4, 10, "longer than its address");
	assert_warning(5, 11, "bits set behind");
	assert_warning(6, 12, "no address");
	assert_warning(7, 13, "no prefix length");
	assert_warning(8, 14, "nothing in front");
	assert_warning(9, 15, "unknown trigger");
	assert_warning(10, 16, "no address");
	ck_assert_uint_eq(rpz_rules(rpz), 2);
	assert_name("a.example.", RPZ_NXDOMAIN, 4);
}
END_TEST

START_TEST(zones_that_are_refused)
{
	ck_assert_int_eq(parse("a.example CNAME .\n", ROOM), RW_EINVAL);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "no SOA"));
	ck_assert_int_eq(
		parse(HEAD "a.example. CNAME .\nb.example CNAME\nc CNAME .\n", ROOM), RW_EINVAL);
	ck_assert_uint_eq(faults.errors, 2);
	ck_assert_uint_eq(faults.items[0].line, 4);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "not in the zone"));
	ck_assert_uint_eq(faults.items[1].line, 5);
	ck_assert_ptr_null(rpz);
	memset(&faults, 0, sizeof(faults));
	const struct rpz_source source = {
		.path = "/nonexistent/zone", .apex = apex, .max_bytes = ROOM};
	ck_assert_int_eq(rpz_read(&source, &faults, &rpz), RW_EINVAL);
	ck_assert_uint_eq(faults.errors, 1);
}
END_TEST

START_TEST(memory_is_bounded)
{
	enum {
		RULES = 4000,
		LINE = 64
	};
	char *text = malloc(RULES * LINE + sizeof(HEAD)), *at = text;
	at += sprintf(at, "%s", HEAD);
	for (unsigned i = 0; i < RULES; i++)
		at += snprintf(at, LINE, "n%u.example %s\n", i, i % 2 ? "CNAME ." : "A 192.0.2.1");
	ck_assert_int_eq(parse(text, 100000), RW_EINVAL);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "100000 bytes of memory"));
	ck_assert_uint_gt(faults.items[0].line, 100);
	ck_assert_int_eq(parse(text, ROOM), 0);
	ck_assert_uint_eq(rpz_rules(rpz), RULES);
	free(text);
}
END_TEST

/* Every address against every prefix, the slow way. */
START_TEST(longest_prefix_against_a_plain_search)
{
	enum {
		PREFIXES = 300,
		TRIES = 3000
	};
	static struct prefix list[PREFIXES];
	struct prefix_table table = {0};
	uint32_t dice = 1;
	for (unsigned i = 0; i < PREFIXES; i++) {
		uint8_t ip[16] = {0};
		dice = dice * 1664525 + 1013904223;
		unsigned bits = dice >> 16 & 15, size = dice >> 28 & 1 ? 16 : 4;
		ip[0] = (uint8_t)(dice >> 8);
		ip[1] = (uint8_t)(dice >> 20 & 0xf0);
		for (unsigned bit = bits; bit < 16; bit++)
			ip[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
		list[i] = (struct prefix){addr_from_bytes(ip, size, 0), (uint8_t)bits};
		ck_assert_int_eq(prefix_table_add(&table, &list[i], 0, i), 0);
	}
	prefix_table_finish(&table);
	for (unsigned try = 0; try < TRIES; try++) {
		uint8_t ip[16] = {0};
		dice = dice * 1664525 + 1013904223;
		ip[0] = (uint8_t)(dice >> 24);
		ip[1] = (uint8_t)(dice >> 16);
		const struct addr addr = addr_from_bytes(ip, dice >> 15 & 1 ? 16 : 4, 0);
		int best = -1;
		for (int i = 0; i < PREFIXES; i++)
			if (prefix_contains(&list[i], &addr) &&
				(best < 0 || list[i].bits > list[best].bits))
				best = i;
		const struct prefix_entry *found = prefix_table_find(&table, &addr);
		ck_assert_int_eq(found ? (int)found->number : -1, best);
	}
	prefix_table_release(&table);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("rpz");
	TCase *tests = tcase_create("rpz");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, every_action);
	tcase_add_test(tests, the_closest_wildcard);
	tcase_add_test(tests, names_without_records_stop_wildcards);
	tcase_add_test(tests, wildcards_of_server_names_stop_too);
	tcase_add_test(tests, addresses_and_their_prefixes);
	tcase_add_test(tests, server_names);
	tcase_add_test(tests, data_is_answered_by_type);
	tcase_add_test(tests, an_expanded_target_may_be_too_long);
	tcase_add_test(tests, records_that_are_no_rules);
	tcase_add_test(tests, zones_that_are_refused);
	tcase_add_test(tests, memory_is_bounded);
	tcase_add_test(tests, longest_prefix_against_a_plain_search);
	suite_add_tcase(suite, tests);
	return suite;
}
