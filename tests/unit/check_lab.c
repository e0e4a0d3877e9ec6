/* SPDX-License-Identifier: MIT */
/* Scenarios of the lab: what is taken, and that each fault is told with its line and a remedy. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/labkit.h"
#include "tests/unit/suite.h"

static struct labkit kit;

#define GOOD_RECORDS                                                                               \
	"    records: |\n      $TTL 60\n      @ SOA ns1 host 7 3600 600 604800 60\n"               \
	"      @ NS ns1\n      ns1 A 127.0.0.9\n"
#define ZONES   "zones:\n  - name: good.test\n" GOOD_RECORDS
#define SERVERS "servers:\n  - {name: ns1.good.test, address: 127.0.0.9, zones: [good.test]}\n"

START_TEST(the_built_in_scenario_has_no_fault)
{
	ck_assert_int_eq(labkit_begin(&kit, NULL), 0);
	ck_assert_uint_eq(kit.faults.count, 0);
	ck_assert_uint_ge(kit.scenario->zone_count, 20);
	ck_assert_uint_eq(kit.scenario->port, 5300);
	labkit_end(&kit);
}
END_TEST

START_TEST(a_small_scenario)
{
	ck_assert_int_eq(labkit_begin(&kit, "port: 5999\n" SERVERS ZONES), 0);
	ck_assert_uint_eq(kit.scenario->port, 5999);
	ck_assert_ptr_nonnull(world_server(kit.world, "NS1.good.test."));
	ck_assert_ptr_nonnull(world_server(kit.world, "127.0.0.9"));
	ck_assert_ptr_null(world_server(kit.world, "127.0.0.8"));
	ck_assert_ptr_null(world_server(kit.world, "a..b"));
	labkit_end(&kit);
}
END_TEST

START_TEST(ports_are_numbers_from_1_to_65535)
{
	static const char *const bad[] = {"", "0", "65536", "123456", "-1", "5x", " 53"};
	uint16_t port = 7;
	for (size_t i = 0; i < RW_COUNT(bad); i++)
		ck_assert_msg(!scenario_port(bad[i], &port), "\"%s\" is a port", bad[i]);
	ck_assert_uint_eq(port, 7);
	ck_assert(scenario_port("65535", &port));
	ck_assert_uint_eq(port, 65535);
}
END_TEST

START_TEST(addresses_with_ports_and_of_both_families)
{
	ck_assert_int_eq(labkit_begin(&kit, "servers:\n  - name: ns1.good.test\n    address: "
					    "[127.0.0.9, \"::1@5301\", 127.0.0.9@5302]\n"
					    "    zones: good.test\n" ZONES),
		0);
	ck_assert_uint_eq(kit.scenario->servers[0].address_count, 3);
	ck_assert_uint_eq(kit.scenario->servers[0].addresses[1].port, 5301);
	ck_assert_ptr_nonnull(world_server(kit.world, "::1"));
	labkit_end(&kit);
}
END_TEST

static const struct {
	const char *text, *fault; /* the fault's beginning, line included */
} faults[] = {
	{"", "0: a scenario has a list of servers and a list of zones"},
	{"a: 1\n", "1: a scenario has no key \"a\""},
	{"servers: 1\nzones: []\n", "0: a scenario has a list of servers"},
	{"port: 70000\n" SERVERS ZONES, "1: port: a number from 1 to 65535"},
	{"port: [1]\n" SERVERS ZONES, "1: port: a single word"},
	{"&a b: 1\n", "1: anchors are not supported"},
	{SERVERS "  - {name: ns1.good.test, address: 127.0.0.8, zones: []}\n" ZONES,
		"3: server ns1.good.test is on line 2 already"},
	{SERVERS "  - {name: ns2.good.test, address: 127.0.0.9, zones: []}\n" ZONES,
		"3: address 127.0.0.9 belongs to the server on line 2"},
	{"servers:\n  - {name: ns1, address: 192.0.2.1, zones: []}\n" ZONES,
		"2: address: \"192.0.2.1\" is no address of this machine's loopback"},
	{"servers:\n  - {name: ns1, address: \"::2\", zones: []}\n" ZONES, "2: address: \"::2\""},
	{"servers:\n  - {address: 127.0.0.1}\n" ZONES, "2: a server needs a name"},
	{"servers:\n  - {name: ns1}\n" ZONES, "2: a server needs an address"},
	{"servers:\n  - ns1\n" ZONES, "2: a server is a section"},
	{"servers:\n  - {name: ns1, address: 127.0.0.1, speed: 1}\n" ZONES,
		"2: a server has no key \"speed\""},
	{"servers:\n  - {name: ns1, address: 127.0.0.1, zones: [bad.test]}\n" ZONES,
		"2: there is no zone \"bad.test\""},
	{"servers:\n  - {name: ns1, address: 127.0.0.1, zones: {good.test: 1}}\n" ZONES,
		"2: zones: a word or a list of words"},
	{"servers:\n  - {name: a..b, address: 127.0.0.1}\n" ZONES, "2: \"a..b\" is no domain name"},
	{"servers:\n  - {name: ns1, address: 127.0.0.1, switches: [sleepy]}\n" ZONES,
		"2: there is no switch \"sleepy\"; there are silent, slow"},
	{"servers:\n  - name: ns1\n    address: [127.0.0.1, 127.0.0.2, 127.0.0.3, 127.0.0.4, "
	 "127.0.0.5]\n" ZONES,
		"3: a server has at most 4 addresses"},
	{SERVERS ZONES "  - good.test\n", "10: a zone is a section"},
	{SERVERS ZONES "  - name: good.test\n" GOOD_RECORDS,
		"10: zone good.test is on line 4 already: give one of them another name with `as`"},
	{SERVERS ZONES "  - {name: a.test}\n", "10: a zone has either records or a file"},
	{SERVERS ZONES "  - {name: a.test, file: x, colour: red}\n",
		"10: a zone has no key \"colour\""},
	{SERVERS ZONES "  - {name: a.test, file: x, sign: maybe}\n",
		"10: sign: \"maybe\" is none of: no, nsec, nsec3"},
	{SERVERS ZONES "  - {name: a.test, file: x, variant: altered}\n",
		"10: variant altered: say whose addresses"},
	{SERVERS ZONES "  - {name: a.test, as: ../x, file: x}\n", "10: as: a word of letters"},
	{SERVERS ZONES "  - {name: a.test, file: no/such.zone}\n", "0: cannot be read"},
	{SERVERS ZONES "      www A 192.0.2\n", "10: "},
	{SERVERS ZONES "      www CNAME a\n      www A 192.0.2.1\n", "11: "},
	{SERVERS "zones:\n  - name: good.test\n    records: |\n      @ NS ns1\n", "0: "},
};

START_TEST(a_fault_is_told_with_its_line)
{
	ck_assert_int_eq(labkit_begin(&kit, faults[_i].text), RW_EINVAL);
	const char *fault = labkit_fault(&kit);
	ck_assert_msg(strncmp(fault, faults[_i].fault, strlen(faults[_i].fault)) == 0,
		"case %d: \"%s\" instead of \"%s\"", _i, fault, faults[_i].fault);
	labkit_end(&kit);
}
END_TEST

START_TEST(all_faults_are_told_at_once)
{
	ck_assert_int_eq(
		labkit_begin(&kit, "x: 1\nport: z\nservers:\n  - {name: a}\n" ZONES), RW_EINVAL);
	ck_assert_uint_eq(kit.faults.errors, 3);
	labkit_end(&kit);
}
END_TEST

/* reaches LIMIT_LAB_ZONE_BYTES */
START_TEST(a_zone_too_large_for_the_lab)
{
	size_t size = 1000000;
	char *text = malloc(size + 64);
	size_t used = (size_t)snprintf(text, size, "%s", SERVERS ZONES);
	for (unsigned i = 0; used < size; i++)
		used += (size_t)snprintf(text + used, 64, "      a%u A 192.0.2.1\n", i);
	ck_assert_int_eq(labkit_begin(&kit, text), RW_EINVAL);
	ck_assert_str_eq(labkit_fault(&kit), "4: zone good.test: it is too large for the lab");
	labkit_end(&kit);
	free(text);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("lab");
	TCase *tcase = tcase_create("lab");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_built_in_scenario_has_no_fault);
	tcase_add_test(tcase, a_small_scenario);
	tcase_add_test(tcase, ports_are_numbers_from_1_to_65535);
	tcase_add_test(tcase, addresses_with_ports_and_of_both_families);
	tcase_add_loop_test(tcase, a_fault_is_told_with_its_line, 0, (int)RW_COUNT(faults));
	tcase_add_test(tcase, all_faults_are_told_at_once);
	tcase_add_test(tcase, a_zone_too_large_for_the_lab);
	suite_add_tcase(suite, tcase);
	return suite;
}
