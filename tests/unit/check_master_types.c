/* SPDX-License-Identifier: MIT */
/*
 * Types of records that ldns does not read. What named-compilezone of BIND 9.18 (or, where it does
 * not read it either, nsd-checkzone) makes of the text stands beside it in RFC 3597 form.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"
#include "tests/unit/suite.h"

#define ARENA (1 << 18)

static const uint8_t origin[] = "\1t";

static int read_line(
	struct arena *arena, const char *owner, const char *text, struct rrset **ret_set)
{
	static char line[1 << 17];
	(void)snprintf(line, sizeof(line), "%s %s", owner, text);
	return text_to_rrset(arena, line, origin, NULL, 60, ret_set);
}

static const struct {
	const char *text, *generic;
} rows[] = {
	{"NSAP-PTR ns", "\\# 6 026e73017400"},
	{"NXT a.secure.nil. NS SOA MX SIG KEY LOC NXT",
		"\\# 18 016106736563757265036e696c00220100c6"},
	{"ATMA +61200000000", "\\# 12 013631323030303030303030"},
	{"ATMA 00000000000000000000000000000000000000ff",
		"\\# 21 0000000000000000000000000000000000000000ff"},
	{"WKS 10.0.0.1 tcp 25 80", "\\# 16 0a000001060000004000000000000080"},
	{"WKS 10.0.0.1 6 smtp http", "\\# 16 0a000001060000004000000000000080"},
	{"A6 0 fd92:7065:b8e:ffff::5", "\\# 17 00fd9270650b8effff0000000000000005"},
	{"A6 64 ::1:2:3:4 pre", "\\# 16 40000100020003000403707265017400"},
	{"A6 128 pre", "\\# 8 8003707265017400"},
	{"A6 61 ::1:2:3:4 pre", "\\# 17 3d00000100020003000403707265017400"},
	{"SINK 8 0 2 l4ik", "\\# 6 0800029788a4"},
	{"NINFO \"a b\" c\\;d \"\\000\\255\"", "\\# 11 0361206203633b640200ff"},
	{"RKEY 0 255 1 aGVsbG8=", "\\# 9 0000ff0168656c6c6f"},
	{"DSYNC CDS NOTIFY 5359 ns", "\\# 11 003b0114ef026e73017400"},
	{"HHIT aGVsbG8=", "\\# 5 68656c6c6f"},
	{"DOA 1234567890 1 2 \"image/gif\" R0lG ODlh",
		"\\# 25 499602d2000000010209696d6167652f676966474946383961"},
	{"DOA 1 2 1 \"\" -", "\\# 10 00000001000000020100"},
	{"AMTRELAY 0 0 0 .", "\\# 2 0000"},
	{"AMTRELAY 0 1 1 192.0.2.1", "\\# 6 0081c0000201"},
	{"AMTRELAY 10 0 2 2001:db8::15", "\\# 18 0a0220010db8000000000000000000000015"},
	{"AMTRELAY 128 1 3 amtrelays", "\\# 15 808309616d7472656c617973017400"},
	{"TA 30795 1 1 310d27f4d82c1fc2400704ea9939fe6e1ceaa3b9",
		"\\# 24 784b0101310d27f4d82c1fc2400704ea9939fe6e1ceaa3b9"},
	{"AVC foo:bar", "\\# 8 07666f6f3a626172"},
	{"RESINFO qnamemin exterr=15-17 infourl=https://x",
		"\\# 40 "
		"08716e616d656d696e0c6578746572723d31352d313711696e666f75726c3d68747470733a2f2f78"},
	{"WALLET BTC abc", "\\# 8 0342544303616263"},
	{"CERT PGP 0 RSASHA256 aGVsbG8=", "\\# 10 000300000868656c6c6f"},
	{"CERT 65534 65535 254 MxFc by9k", "\\# 11 fffefffffe33115c6f2f64"},
	{"IPSECKEY 10 1 2 192.0.2.38 AQNR", "\\# 10 0a0102c0000226010351"},
	{"IPSECKEY 10 0 2 . AQNR U3mG", "\\# 9 0a0002010351537986"},
	{"IPSECKEY 10 3 2 mygateway AQNR", "\\# 19 0a0302096d7967617465776179017400010351"},
	{"IPSECKEY 10 2 5 2001:0DB8:0:8002::2000:1 AQNR",
		"\\# 22 0a020520010db8000080020000000020000001010351"},
	{"IPSECKEY 10 1 0 192.0.2.38", "\\# 7 0a0100c0000226"},
	{"RRSIG AVC 8 2 3600 20300102030405 20200102030405 2143 foo.nil. MxFcby9k",
		"\\# 33 0102080200000e1070dd55255e0d5da5085f03666f6f036e696c0033115c6f2f64"},
	{"NSEC avc A AVC TA AMTRELAY TYPE65000", "\\# 48 "
						 "03617663017400000140010128800180fd1e0000000000000"
						 "00000000000000000000000000000000000000000000080"},
	{"CSYNC 0 0 A DOA", "\\# 12 000000000000000140010110"},
	{"UINFO \\# 1 00", "\\# 1 00"},
	{"KEYDATA \\# 1 00", "\\# 1 00"},
};

/* The type's mnemonic and the other form. */
static const char *generic_line(size_t i)
{
	static char line[512];
	(void)snprintf(line, sizeof(line), "%.*s %s", (int)strcspn(rows[i].text, " "), rows[i].text,
		rows[i].generic);
	return line;
}

START_TEST(both_forms_are_the_same)
{
	for (size_t i = 0; i < RW_COUNT(rows); i++) {
		struct arena arena;
		struct rrset *set, *other;
		arena_init(&arena, ARENA);
		int err = read_line(&arena, "a", rows[i].text, &set);
		ck_assert_msg(err == 0, "%s: %d", rows[i].text, err);
		err = read_line(&arena, "a", generic_line(i), &other);
		ck_assert_msg(err == 0, "%s: %d", generic_line(i), err);
		ck_assert_msg(set->type == other->type &&
				      set->records[0].size == other->records[0].size &&
				      memcmp(set->records[0].bytes, other->records[0].bytes,
					      set->records[0].size) == 0,
			"%s: is %s", rows[i].text, text_rdata(&arena, 65280, &set->records[0]));
		arena_release(&arena);
	}
}
END_TEST

START_TEST(what_is_wrong_is_refused)
{
	static const char *const bad[] = {"NSAP-PTR", "NSAP-PTR a b", "NSAP-PTR a..b", "NXT a NONE",
		"NXT a TYPE128", "ATMA +", "ATMA +1x", "ATMA 123", "ATMA xx", "WKS 10.0.0.1",
		"WKS 10.0.0.1 tcp nonsense", "WKS 10.0.0.1 tcp 65536", "WKS ::1 tcp 25", "A6 129 a",
		"A6 64 ::1", "A6 64 10.0.0.1 a", "A6 128", "A6 0 ::1 a", "SINK 8 0 l4ik",
		"SINK 8 0 256 l4ik", "NINFO", "NINFO \"a", "NINFO \\256", "NINFO \\25", "NINFO a\\",
		"RKEY 0 255 1", "RKEY 0 255 NONE aGVsbG8=", "DSYNC CDS NOTIFY 65536 a",
		"DSYNC CDS HINT 1 a", "HHIT", "HHIT aGVsbG8",
		"HHIT aGVsbG9=", "HHIT aGV=bG8=", "HHIT ====", "HHIT a===", "DOA 1 2 256 \"\" -",
		"DOA 1 2 3 -", "AMTRELAY 1 2 0 .", "AMTRELAY 1 0 4 .", "AMTRELAY 1 0 0 a",
		"AMTRELAY 1 0 1 ::1", "TA 1 1 1 abc", "TA 1 1 1", "CERT 1 2 3",
		"CERT NONE 2 3 aGVsbG8=", "IPSECKEY 1 2 3",
		"IPSECKEY 1 4 2 . aGVsbG8=", "IPSECKEY 1 1 2 ::1 aGVsbG8=", "IPSECKEY 1 3 2",
		"UINFO x", "KEYDATA 1", "CERT \\# 2 01", "RESINFO", "-1 A6", "A6 -1"};
	for (size_t i = 0; i < RW_COUNT(bad); i++) {
		struct arena arena;
		struct rrset *set;
		arena_init(&arena, ARENA);
		int err = read_line(&arena, "a", bad[i], &set);
		ck_assert_msg(err == RW_EMALFORMED, "%s: %d", bad[i], err);
		arena_release(&arena);
	}
}
END_TEST

/* A string has at most 255 bytes, data at most 65535. */
START_TEST(data_has_a_bound)
{
	static char text[100000], word[260];
	struct arena arena;
	struct rrset *set;
	arena_init(&arena, ARENA);
	memset(word, 'a', 255);
	(void)snprintf(text, sizeof(text), "NINFO %s", word);
	ck_assert_int_eq(read_line(&arena, "a", text, &set), 0);
	ck_assert_uint_eq(set->records[0].size, 256);
	(void)snprintf(text, sizeof(text), "NINFO %sa", word);
	ck_assert_int_eq(read_line(&arena, "a", text, &set), RW_EMALFORMED);
	strcpy(text, "NINFO");
	for (unsigned i = 0; i < 255; i++)
		sprintf(text + strlen(text), " %s", word);
	sprintf(text + strlen(text), " %.254s", word);
	ck_assert_int_eq(read_line(&arena, "a", text, &set), 0);
	ck_assert_uint_eq(set->records[0].size, 65535);
	strcat(text, "a");
	ck_assert_int_eq(read_line(&arena, "a", text, &set), RW_ELIMIT);
	strcpy(text, "HHIT ");
	memset(text + 5, 'A', 87384);
	ck_assert_int_eq(read_line(&arena, "a", text, &set), RW_ELIMIT);
	arena_release(&arena);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("master_types");
	TCase *tests = tcase_create("all");
	tcase_add_test(tests, both_forms_are_the_same);
	tcase_add_test(tests, what_is_wrong_is_refused);
	tcase_add_test(tests, data_has_a_bound);
	suite_add_tcase(suite, tests);
	return suite;
}
