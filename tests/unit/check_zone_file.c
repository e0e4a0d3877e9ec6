/* SPDX-License-Identifier: MIT */
/* Master files (RFC 1035 section 5): what is read, and that one reading finds all faults. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "resolver/wire/text.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"
#include "tests/unit/zonekit.h"

static const uint8_t apex[] = "\7example";
static struct fault_list faults;

static void setup(void)
{
	memset(&faults, 0, sizeof(faults));
}

/* Each fault as "LINE: MESSAGE" must begin like its row, and there are no others. */
static void expect(const char *text, const char *const *rows, size_t count)
{
	struct zone *zone = NULL;
	setup();
	int err = zone_file_parse("home.zone", text, strlen(text), apex, &faults, &zone);
	ck_assert_int_eq(err, RW_EINVAL);
	ck_assert_ptr_null(zone);
	for (size_t i = 0; i < RW_MIN(count, faults.count); i++) {
		char got[FAULT_MESSAGE + 16];
		(void)snprintf(
			got, sizeof(got), "%u: %s", faults.items[i].line, faults.items[i].message);
		ck_assert_msg(strncmp(got, rows[i], strlen(rows[i])) == 0, "is %s, should be %s",
			got, rows[i]);
		ck_assert_str_eq(faults.items[i].file, "home.zone");
	}
	ck_assert_uint_eq(faults.count, count);
	ck_assert_uint_eq(faults.errors, count);
}

START_TEST(all_faults_in_one_reading)
{
	static const char text[] = "$TTL 1h\n"
				   "@ SOA ns host 1 2 3 4 5\n"
				   "@ NS ns\n"
				   "$INCLUDE other.zone\n"
				   "www A 192.0.2.300\n"
				   "www.example.net. A 192.0.2.1\n"
				   "mail CNAME www\n"
				   "mail (\n"
				   " MX 10 mail )\n"
				   "www AAAAA ::1\n"
				   "www A\n"
				   "a..b A 192.0.2.1\n" /* and what leans on it: one fault */
				   "     CNAME www\n"
				   "www TXT \"open\n"
				   "www A \\# 4 c00002\n"
				   "www ) A 192.0.2.1\n"
				   "www CH TXT chaos\n"
				   "@ SOA ns host 2 2 3 4 5\n"
				   "sub SOA ns host 1 2 3 4 5\n"
				   "old DNAME new\n"
				   "www.old A 192.0.2.1\n"
				   "$TTL soon\n"
				   "www TSIG x\n"
				   "w\x1bw A x\x1b[31m\n"
				   "www 60 IN\n"
				   "alias CNAME www\n"
				   "alias CNAME mail\n"
				   "end A 192.0.2.1 (\n";
	static const char *const rows[] = {
		"4: \"$INCLUDE\" is not supported here; put the records themselves into this file",
		"5: \"192.0.2.300\" is no data for this type; A takes an IPv4 address as 192.0.2.1",
		"6: www.example.net. A: the name is outside the zone",
		"8: mail.example. MX: a name with a CNAME has no other records",
		"10: \"AAAAA\" is no type",
		"11: the data behind the type is missing; A takes an IPv4 address",
		"12: \"a..b\" is no domain name",
		"14: a quote is not closed on its line",
		"15: the data is no `\\# LENGTH HEX-DIGITS`",
		"16: `)` without `(` before it",
		"17: www.example. TXT: only records of class IN",
		"18: example. SOA: a zone has one SOA record",
		"19: sub.example. SOA: a zone has one SOA record",
		"21: www.old.example. A: a name with a DNAME has no names below it",
		"22: \"soon\" is no TTL",
		"23: \"TSIG\" is no type that a zone holds",
		"24: \"x\\027[31m\" is no data for this type",
		"25: the type is missing",
		"27: alias.example. CNAME: the name has another CNAME",
		"28: `(` is never closed",
	};
	expect(text, rows, RW_COUNT(rows));
}
END_TEST

START_TEST(data_that_is_wrong_is_told_with_its_form)
{
	static const char text[] = "@ SOA ns host 1 2 3\n"
				   "@ NS a b\n"
				   "a AAAA 192.0.2.1\n"
				   "b MX mail\n"
				   "c SRV 1 2 www\n"
				   "d CAA issue ca.example.net\n"
				   "e CNAME\n"
				   "f TLSA what\n";
	static const char *const rows[] = {
		"1: \"ns host 1 2 3\" is no data for this type; SOA takes SERVER MAIL SERIAL",
		"2: \"a b\" is no data for this type; NS takes one domain name",
		"3: \"192.0.2.1\" is no data for this type; AAAA takes an IPv6 address",
		"4: \"mail\" is no data for this type; MX takes PREFERENCE HOST",
		"5: \"1 2 www\" is no data for this type; SRV takes PRIORITY WEIGHT PORT HOST",
		"6: \"issue ca.example.net\" is no data for this type; CAA takes FLAGS TAG VALUE",
		"7: the data behind the type is missing; CNAME takes one domain name",
		"8: \"what\" is no data for this type",
	};
	expect(text, rows, RW_COUNT(rows));
}
END_TEST

START_TEST(a_zone_has_soa_and_ns)
{
	static const char *const none[] = {"0: the zone has no SOA", "0: the zone has no NS"};
	expect("www A 192.0.2.1\n", none, 2);
	expect("", none, 2);
	expect("@ NS ns\n", none, 1);
	expect("@ SOA ns host 1 2 3 4 5\n", none + 1, 1);
	/* A line that could not be read may have been it. */
	static const char *const bad[] = {"1: \"ns host 1 2\" is no data for this type"};
	expect("@ SOA ns host 1 2\n@ NS ns\n", bad, 1);
}
END_TEST

START_TEST(faults_are_told_in_either_order)
{
	static const char head[] = "@ SOA ns host 1 2 3 4 5\n@ NS ns\n";
	static const struct {
		const char *lines, *fault;
	} rows[] = {
		{"a A 192.0.2.1\na CNAME b\n", "4: a.example. CNAME: a name with a CNAME"},
		{"a CNAME b\na A 192.0.2.1\n", "4: a.example. A: a name with a CNAME"},
		{"x.a A 192.0.2.1\na DNAME b\n", "4: a.example. DNAME: a name with a DNAME has no"},
		{"a DNAME b\nx.y.a A 192.0.2.1\n", "4: x.y.a.example. A: a name with a DNAME has"},
		{"a NS b\na DNAME b\n", "4: a.example. DNAME: a delegated name has no DNAME"},
		{"a DNAME b\na NS b\n", "4: a.example. NS: a delegated name has no DNAME"},
		{"a DNAME b\na DNAME c\n", "4: a.example. DNAME: the name has another"},
		{"a NSEC3PARAM 1 0 151 -\n", "3: a.example. NSEC3PARAM: NSEC3 with so many"},
		{"a.b NSEC3 1 0 0 - 00000000000000000000000000000000 A\n",
			"3: a.b.example. NSEC3: records of this type or form"},
	};
	for (size_t i = 0; i < RW_COUNT(rows); i++) {
		char text[512];
		(void)snprintf(text, sizeof(text), "%s%s", head, rows[i].lines);
		expect(text, &rows[i].fault, 1);
	}
}
END_TEST

static int print(void *ctx, const struct rrset *set)
{
	struct arena arena;
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE], *out = ctx;
	arena_init(&arena, 1 << 16);
	for (unsigned i = 0; i < set->count; i++)
		(void)snprintf(out + strlen(out), 128, "%s %u %s %s\n", name_text(set->owner, name),
			set->ttl, text_type(set->type, type),
			text_rdata(&arena, set->type, &set->records[i]));
	arena_release(&arena);
	return 0;
}

START_TEST(forms_of_master_files)
{
	static const char text[] = "\xef\xbb\xbf; comment\n"
				   "@ IN 1d SOA ns ( host\n"
				   "\t1 ; serial\n"
				   "\t2 3 4 5 )\n"
				   "\tNS ns\r\n"
				   "$TTL 1h30m\n"
				   "b 60 A 192.0.2.1\n"
				   " A 192.0.2.2\n"
				   " A 192.0.2.2\n"
				   "$ORIGIN sub\n"
				   "@ TXT \"a;b\" c\\\"d\n"
				   "$ORIGIN example.\n"
				   "a.b TYPE65280 \\# 2 ( ab\n cd )\n"
				   "a 0 CAA 0 issue \"ca.example.net\"";
	static const char want[] = "example. 86400 SOA ns.example. host.example. 1 2 3 4 5\n"
				   "example. 86400 NS ns.example.\n"
				   "a.example. 0 CAA 0 issue \"ca.example.net\"\n"
				   "b.example. 60 A 192.0.2.1\n"
				   "b.example. 60 A 192.0.2.2\n"
				   "a.b.example. 5400 TYPE65280 \\# 2 abcd\n"
				   "sub.example. 5400 TXT \"a;b\" \"c\\\"d\"\n";
	char got[4096] = "";
	struct zone *zone = zonekit_zone("example.", text);
	ck_assert_int_eq(zone_walk(zone, print, got), 0);
	ck_assert_str_eq(got, want);
	ck_assert_uint_eq(zone_serial(zone), 1);
	ck_assert_uint_eq(zone_records(zone), 7);
	ck_assert(!zone_is_signed(zone));
	ck_assert(name_equal(zone_apex(zone), apex));
	zone_free(zone);
}
END_TEST

START_TEST(files_and_their_limit)
{
	static const char text[] = "@ SOA ns host 7 2 3 4 5\n@ NS ns\n";
	char path[FILEKIT_PATH];
	struct zone *zone = NULL;
	filekit_new(path, text);
	ck_assert_int_eq(zone_file_read(path, apex, NULL, &faults, &zone), 0);
	ck_assert_uint_eq(zone_serial(zone), 7);
	zone_free(zone);
	/* Sparse: as long as the limit, and one byte more. */
	ck_assert_int_eq(truncate(path, LIMIT_ZONE_BYTES + 1), 0);
	ck_assert_int_eq(zone_file_read(path, apex, NULL, &faults, &zone), RW_EINVAL);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "is larger than 67108864 bytes"));
	unlink(path);
	ck_assert_int_eq(zone_file_read(path, apex, NULL, &faults, &zone), RW_EINVAL);
	ck_assert_int_eq(
		zone_file_parse("x", text, LIMIT_ZONE_BYTES + 1, apex, &faults, &zone), RW_EINVAL);
	ck_assert_uint_eq(faults.count, 3);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("zone_file");
	TCase *tests = tcase_create("all");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_test(tests, all_faults_in_one_reading);
	tcase_add_test(tests, data_that_is_wrong_is_told_with_its_form);
	tcase_add_test(tests, a_zone_has_soa_and_ns);
	tcase_add_test(tests, faults_are_told_in_either_order);
	tcase_add_test(tests, forms_of_master_files);
	tcase_add_test(tests, files_and_their_limit);
	suite_add_tcase(suite, tests);
	return suite;
}
