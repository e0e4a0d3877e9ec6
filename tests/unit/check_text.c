/* SPDX-License-Identifier: MIT */
/* Presentation form: mnemonics, records there and back, master files, and refusals. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/wire/text.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

static struct arena arena;
static const uint8_t org[] = "\3org", prev[] = "\4prev\3org";

static void setup(void)
{
	arena_init(&arena, 8 << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* "owner TTL class type rdata" of a set of one record. */
static const char *line_of(const struct rrset *set)
{
	char owner[LIMIT_NAME_TEXT], type[TEXT_TYPE], class[TEXT_TYPE];
	return arena_printf(&arena, "%s %u %s %s %s", name_text(set->owner, owner), set->ttl,
		text_class(set->class, class), text_type(set->type, type),
		text_rdata(&arena, set->type, &set->records[0]));
}

static int read_line(const char *line, struct rrset **ret_set)
{
	return text_to_rrset(&arena, line, org, prev, 77, ret_set);
}

static const char *const lines[][2] = {
	{"www.example.com. 300 IN A 192.0.2.1", "www.example.com. 300 IN A 192.0.2.1"},
	{"www A 192.0.2.1", "www.org. 77 IN A 192.0.2.1"},
	{"x IN 5 MX 10 mail", "x.org. 5 IN MX 10 mail.org."},
	{"x 5 IN MX 10 mail.", "x.org. 5 IN MX 10 mail."},
	{"x\t\t1h30m\tin\tmx\t10\t@", "x.org. 5400 IN MX 10 org."},
	{"\t\tNS ns.foo.", "prev.org. 77 IN NS ns.foo."},
	{"  ns ns.foo. ; a remark", "prev.org. 77 IN NS ns.foo."},
	{"@ CH TXT a", "org. 77 CH TXT \"a\""},
	{"@ CLASS32 TYPE1 192.0.2.1", "org. 77 CLASS32 A 192.0.2.1"},
	{"a. soa a. b. ( 1 2 3\n4 5 ) ; x", "a. 77 IN SOA a. b. 1 2 3 4 5"},
	{"a. TXT \"a;b (c)\" d\\\"e", "a. 77 IN TXT \"a;b (c)\" \"d\\\"e\""},
	{"a. TYPE65280 \\# 4 01020304", "a. 77 IN TYPE65280 \\# 4 01020304"},
	{"a. TYPE65280 \\# 0", "a. 77 IN TYPE65280 \\# 0"},
	{"a. A \\# 4 C0000201", "a. 77 IN A 192.0.2.1"},
	{"a. NS \\# 3 01 6 100", "a. 77 IN NS a."},
	{"a. AAAA 2001:DB8::1", "a. 77 IN AAAA 2001:db8::1"},
	{"a. HTTPS 1 . alpn=h2,h3 port=443", "a. 77 IN HTTPS 1 . alpn=h2,h3 port=443"},
	{"a. SRV 1 2 3 b", "a. 77 IN SRV 1 2 3 b.org."},
	{"a. DNAME @", "a. 77 IN DNAME org."},
	{"a. CAA 0 issue \"ca.example\"", "a. 77 IN CAA 0 issue \"ca.example\""},
	{"a. NSEC b. A RRSIG TYPE65280", "a. 77 IN NSEC b. A RRSIG TYPE65280"},
	{"a. DNSKEY 256 3 5 AwEA AQ==", "a. 77 IN DNSKEY 256 3 5 AwEAAQ=="},
	{"a. DS 1 8 2 ( 00112233 44556677 )", "a. 77 IN DS 1 8 2 0011223344556677"},
	{"a. RRSIG A 5 2 60 20070926134150 20070829134150 30899 e. MCw=",
		"a. 77 IN RRSIG A 5 2 60 20070926134150 20070829134150 30899 e. MCw="},
	{"\\032\\.x.y. A 1.2.3.4", "\\032\\.x.y. 77 IN A 1.2.3.4"},
	{"*.a. 4294967295 A 1.2.3.4", "*.a. 0 IN A 1.2.3.4"},
};

START_TEST(lines_are_read_and_printed)
{
	for (size_t i = 0; i < RW_COUNT(lines); i++) {
		struct rrset *set = NULL, *again = NULL;
		ck_assert_msg(read_line(lines[i][0], &set) == 0, "%s", lines[i][0]);
		const char *text = line_of(set);
		ck_assert_str_eq(text, lines[i][1]);
		ck_assert_uint_eq(set->count, 1);
		ck_assert_int_eq(read_line(text, &again), 0);
		ck_assert_msg(rrset_same_data(set, again), "%s", text);
	}
}
END_TEST

START_TEST(bad_lines_are_refused)
{
	static const char *const bad[] = {"", " ", "; x", "a.", "a. A", "a. A 1.2.3",
		"a. A 1.2.3.4 5", "a. NS", "a. FOO 1", "a. IN IN A 1.2.3.4", "a. 5 6 A 1.2.3.4",
		"a. A 1.2.3.4\nb. A 1.2.3.4", "a. TXT \"x", "a. SOA a. b. ( 1 2 3 4 5",
		"a. A 1.2.3.4 )", "a..b. A 1.2.3.4", "a. OPT \\# 0", "a. TSIG \\# 0",
		"a. A \\# 3 010203", "a. NS \\# 2 c00c", "a. NS \\# 3 026100",
		"a. A \\# 5 01020304", "a. TYPE65536 \\# 0", "a. TYPE \\# 0", "a. TYPE65280 x",
		"a. A \\#", "a. A \\# 4", "a. A \\#4 01020304", "a. A \\# 4 0102030g",
		"a. A \\# 4 010203040", "a. TYPE65280 \\# 99999 00", "a. CERT 0",
		"a. IPSECKEY 1 2 3", "a. 5x A 1.2.3.4", "a. RRSIG \\# 3 000100",
		"a. SOA \\# 2 0000", "$ORIGIN x.", "a. A \\", "\\"};
	for (size_t i = 0; i < RW_COUNT(bad); i++) {
		struct rrset *set = NULL;
		ck_assert_msg(read_line(bad[i], &set) < 0, "%s", bad[i]);
		ck_assert_ptr_null(set);
	}
	struct rrset *set;
	ck_assert_int_lt(text_to_rrset(&arena, " A 1.2.3.4", org, NULL, 1, &set), 0);
	char *huge = malloc(LIMIT_TEXT_LINE + 2);
	memset(huge, ' ', LIMIT_TEXT_LINE + 1);
	huge[LIMIT_TEXT_LINE + 1] = '\0';
	ck_assert_int_eq(read_line(huge, &set), RW_ELIMIT);
	free(huge);
}
END_TEST

START_TEST(mnemonics)
{
	char buf[TEXT_TYPE];
	uint16_t value = 0;
	ck_assert_str_eq(text_type(TYPE_AAAA, buf), "AAAA");
	ck_assert_str_eq(text_type(TYPE_ANY, buf), "ANY");
	ck_assert_str_eq(text_type(65280, buf), "TYPE65280");
	for (unsigned type = 1; type < 65536; type++) {
		text_type((uint16_t)type, buf);
		ck_assert_msg(text_to_type(buf, &value) == 0 && value == type, "%s", buf);
	}
	ck_assert_int_eq(text_to_type("nsec3param", &value), 0);
	ck_assert_uint_eq(value, TYPE_NSEC3PARAM);
	ck_assert_int_lt(text_to_type("", &value), 0);
	ck_assert_int_lt(text_to_type("TYPE65536", &value), 0);
	ck_assert_int_lt(text_to_type("TYPE1x", &value), 0);
	ck_assert_str_eq(text_class(CLASS_CH, buf), "CH");
	ck_assert_str_eq(text_class(32, buf), "CLASS32");
	ck_assert_int_eq(text_to_class("any", &value), 0);
	ck_assert_uint_eq(value, CLASS_ANY);
	ck_assert_int_lt(text_to_class("INN", &value), 0);
	ck_assert_str_eq(text_rcode(RCODE_NXDOMAIN, buf), "NXDOMAIN");
	ck_assert_str_eq(text_rcode(RCODE_BADVERS, buf), "BADVERS");
	ck_assert_str_eq(text_rcode(RCODE_BADCOOKIE, buf), "BADCOOKIE");
	ck_assert_str_eq(text_rcode(12, buf), "RCODE12");
	ck_assert_str_eq(text_rcode(4095, buf), "RCODE4095");
	ck_assert_str_eq(text_opcode(OPCODE_NOTIFY, buf), "NOTIFY");
	ck_assert_str_eq(text_opcode(3, buf), "OPCODE3");
}
END_TEST

START_TEST(what_ldns_cannot_print_is_hexadecimal)
{
	/* A TXT string that is longer than its rdata, a broken LOC, an NSEC3 cut short. */
	static const uint8_t bytes[] = {9, 'x', 0xff};
	struct rdata record = {bytes, sizeof(bytes)};
	ck_assert_str_eq(text_rdata(&arena, TYPE_TXT, &record), "\\# 3 0978ff");
	ck_assert_str_eq(text_rdata(&arena, 29, &record), "\\# 3 0978ff");
	ck_assert_str_eq(text_rdata(&arena, TYPE_NSEC3, &record), "\\# 3 0978ff");
	ck_assert_str_eq(text_rdata(&arena, 65280, &record), "\\# 3 0978ff");
	struct arena none;
	arena_init(&none, 0);
	ck_assert_ptr_null(text_rdata(&none, 65280, &record));
}
END_TEST

struct collected {
	const struct rrset *records[16];
	int count, stop_at;
};

static int collect(void *ctx, const struct rrset *record)
{
	struct collected *all = ctx;
	all->records[all->count++] = record;
	return all->count == all->stop_at ? RW_EBUSY : 0;
}

static const char zone[] = "; a zone\n"
			   "$TTL 1h\n"
			   "\n"
			   "@\tIN SOA ns host (\n"
			   "\t\t1 ; serial\n"
			   "\t\t2 3 4 5 )\n"
			   "  NS ns\n"
			   "$ORIGIN sub.example.\r\n"
			   "a 60 A 192.0.2.1\r\n"
			   "  A 192.0.2.2\n"
			   "b.org. TXT \"x ; y\"";

START_TEST(a_master_file_is_read)
{
	struct collected all = {.count = 0};
	int line = -1;
	ck_assert_int_eq(text_read(&arena, zone, strlen(zone), org, collect, &all, &line), 0);
	static const char *const want[] = {"org. 3600 IN SOA ns.org. host.org. 1 2 3 4 5",
		"org. 3600 IN NS ns.org.", "a.sub.example. 60 IN A 192.0.2.1",
		"a.sub.example. 3600 IN A 192.0.2.2", "b.org. 3600 IN TXT \"x ; y\""};
	ck_assert_int_eq(all.count, RW_COUNT(want));
	for (size_t i = 0; i < RW_COUNT(want); i++)
		ck_assert_str_eq(line_of(all.records[i]), want[i]);
	ck_assert_int_eq(line, -1);
}
END_TEST

START_TEST(errors_tell_their_line)
{
	static const struct {
		const char *text;
		int err, line;
	} bad[] = {
		{"a. A 1.2.3.4\n\nb. A x\n", RW_EMALFORMED, 3},
		{"$INCLUDE /etc/passwd\n", RW_EINVAL, 1},
		{"\n$GENERATE 1-2\n", RW_EMALFORMED, 2},
		{";\n$TTL\n", RW_EMALFORMED, 2},
		{"$ORIGIN a..b.\n", RW_EMALFORMED, 1},
		{" A 1.2.3.4\n", RW_EMALFORMED, 1},
		{"a. SOA a. b. (\n1 2 3 4 5\n", RW_EMALFORMED, 1},
		{"a. TXT \"x\ny\"\n", RW_EMALFORMED, 1},
	};
	for (size_t i = 0; i < RW_COUNT(bad); i++) {
		struct collected all = {.count = 0};
		int line = 0;
		const char *text = bad[i].text;
		int err = text_read(&arena, text, strlen(text), org, collect, &all, &line);
		ck_assert_msg(err == bad[i].err && line == bad[i].line, "%s: %d, line %d", text,
			err, line);
	}
	struct collected all = {.stop_at = 2};
	int err = text_read(&arena, zone, strlen(zone), org, collect, &all, NULL);
	ck_assert_int_eq(err, RW_EBUSY);
	ck_assert_int_eq(all.count, 2);
	ck_assert_int_lt(text_read(&arena, "a. A\0 1.2.3.4", 13, org, collect, &all, NULL), 0);
}
END_TEST

START_TEST(files_are_read_from_disk)
{
	char path[FILEKIT_PATH];
	filekit_new(path, zone);
	struct collected all = {.count = 0};
	ck_assert_int_eq(text_read_file(&arena, path, org, collect, &all, NULL), 0);
	ck_assert_int_eq(all.count, 5);
	unlink(path);
	ck_assert_int_eq(text_read_file(&arena, path, org, collect, &all, NULL), RW_ESYSTEM);
	ck_assert_int_eq(text_read_file(&arena, "/", org, collect, &all, NULL), RW_ESYSTEM);
	ck_assert_int_eq(text_read_file(&arena, "/dev/zero", org, collect, &all, NULL), RW_ELIMIT);
	char *huge = calloc(1, LIMIT_ZONE_BYTES + 1);
	ck_assert_ptr_nonnull(huge);
	ck_assert_int_ne(
		text_read(&arena, huge, LIMIT_ZONE_BYTES, org, collect, &all, NULL), RW_ELIMIT);
	ck_assert_int_eq(
		text_read(&arena, huge, LIMIT_ZONE_BYTES + 1, org, collect, &all, NULL), RW_ELIMIT);
	free(huge);
}
END_TEST

/* The key of RFC 4034 section 5.4, and the digits that such text is made of. */
START_TEST(keys_have_tags)
{
	struct rrset *set;
	ck_assert_int_eq(read_line("a. DNSKEY 256 3 5 "
				   "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/"
				   "2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvx"
				   "egXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9Xzc"
				   "nOf+EPbtG9DMBmADjFDc2w/rljwvFw==",
				 &set),
		0);
	ck_assert_uint_eq(rrset_key_tag(&set->records[0]), 60485);
}
END_TEST

START_TEST(hex_digits)
{
	ck_assert_int_eq(text_hex_digit('0'), 0);
	ck_assert_int_eq(text_hex_digit('9'), 9);
	ck_assert_int_eq(text_hex_digit('a'), 10);
	ck_assert_int_eq(text_hex_digit('F'), 15);
	ck_assert_int_eq(text_hex_digit('g'), -1);
	ck_assert_int_eq(text_hex_digit('\0'), -1);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tests = tcase_create("text");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, lines_are_read_and_printed);
	tcase_add_test(tests, bad_lines_are_refused);
	tcase_add_test(tests, mnemonics);
	tcase_add_test(tests, keys_have_tags);
	tcase_add_test(tests, hex_digits);
	tcase_add_test(tests, what_ldns_cannot_print_is_hexadecimal);
	tcase_add_test(tests, a_master_file_is_read);
	tcase_add_test(tests, errors_tell_their_line);
	tcase_add_test(tests, files_are_read_from_disk);
	suite_add_tcase(suite, tests);
	return suite;
}
