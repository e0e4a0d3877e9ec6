/* SPDX-License-Identifier: MIT */
/* $GENERATE of master files. What comes out is what named-compilezone of BIND 9.18 makes of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"
#include "tests/unit/suite.h"

static char got[1024];
static unsigned records;
static struct text_fault fault;
static char fault_word[64];

static int add(void *ctx, int line, const struct rrset *record)
{
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	ck_assert_int_eq(line, 1);
	if (records++ < 8)
		(void)snprintf(got + strlen(got), 120, "%s %u %s %s\n",
			name_text(record->owner, name), record->ttl, text_type(record->type, type),
			text_rdata(ctx, record->type, &record->records[0]));
	arena_clear(ctx);
	return 0;
}

static int note(void *ctx, const struct text_fault *noted)
{
	(void)ctx;
	fault = *noted;
	(void)snprintf(fault_word, sizeof(fault_word), "%s", noted->word ? noted->word : "");
	return RW_EINVAL;
}

static int generate(const char *line)
{
	static const uint8_t origin[] = "\1t";
	struct arena arena;
	got[0] = '\0';
	records = 0;
	fault = (struct text_fault){0};
	arena_init(&arena, 1 << 20);
	const struct text_reader reader = {.add = add, .fault = note, .ctx = &arena};
	int err = text_read_lines(&arena, line, strlen(line), origin, &reader);
	arena_release(&arena);
	return err;
}

START_TEST(numbers_go_into_owner_and_data)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"$GENERATE 1-7/3 h$ A 10.0.0.$",
			"h1.t. 3600 A 10.0.0.1\nh4.t. 3600 A 10.0.0.4\nh7.t. 3600 A 10.0.0.7\n"},
		{"$generate 0-1 h${10,3}x 30 IN A 10.0.1.${1}",
			"h010x.t. 30 A 10.0.1.1\nh011x.t. 30 A 10.0.1.2\n"},
		{"$GENERATE 8-17/9 ${0,2,x}.y.${0,4,X}.${0,0,o} CNAME h$$$.t.",
			"08.y.0008.10.t. 3600 CNAME h$8.t.\n"
			"11.y.0011.21.t. 3600 CNAME h$17.t.\n"},
		{"$GENERATE 255-256 ${0,7,n}.r PTR h${0,2,n}.$",
			"f.f.0.0.r.t. 3600 PTR hf.f.255.t.\n"
			"0.0.1.0.r.t. 3600 PTR h0.0.1.256.t.\n"},
		{"$GENERATE 4096-4096 ${0,4,N}.r PTR h${-1,1,N}",
			"0.0.0.1.r.t. 3600 PTR hF.F.F.t.\n"},
		{"$GENERATE 1-2 mx$ MX \"$ h$.x.\"",
			"mx1.t. 3600 MX 1 h1.x.\nmx2.t. 3600 MX 2 h2.x.\n"},
		{"$GENERATE 1-1 mx$ MX 0 .  ", "mx1.t. 3600 MX 0 .\n"},
		{"$GENERATE 1-1 t$ TXT \"a b $\"", "t1.t. 3600 TXT \"a\" \"b\" \"1\"\n"},
		{"$GENERATE 1-1 t$ TXT \"a b\" \"$\"", "t1.t. 3600 TXT \"a b\" \"1\"\n"},
		{"$GENERATE 1-1 \\$x$ TXT a\\$b", "\\$x1.t. 3600 TXT \"a$b\"\n"},
		{"$GENERATE 5-5 @ AAAA 2001:db8::$", "t. 3600 AAAA 2001:db8::5\n"},
		{"$GENERATE 2147483647-2147483647/2147483647 a$ TXT ${2147483647}",
			"a2147483647.t. 3600 TXT \"4294967294\"\n"},
	};
	for (size_t i = 0; i < RW_COUNT(rows); i++) {
		int err = generate(rows[i].line);
		ck_assert_msg(err == 0, "%s: \"%s\" %s", rows[i].line, fault_word, fault.why);
		ck_assert_str_eq(got, rows[i].want);
	}
}
END_TEST

START_TEST(what_is_wrong_is_told)
{
	static const struct {
		const char *line, *word, *why;
	} rows[] = {
		{"$GENERATE", "", "a line with $GENERATE is"},
		{"$GENERATE 1-2", "", "a line with $GENERATE is"},
		{"$GENERATE 1-2 a$", "", "the type is missing"},
		{"$GENERATE 1-2 a$ AAAAA x", "AAAAA", "is no type"},
		{"$GENERATE 1-2 a$ TSIG x", "TSIG", "is no type that a zone holds"},
		{"$GENERATE 2-1 a$ A 10.0.0.$", "2-1", "is no range"},
		{"$GENERATE 1-2/0 a$ A 10.0.0.$", "1-2/0", "is no range"},
		{"$GENERATE -1-2 a$ A 10.0.0.$", "-1-2", "is no range"},
		{"$GENERATE 1-2x a$ A 10.0.0.$", "1-2x", "is no range"},
		{"$GENERATE 1-99999999999999999999 a$ A 10.0.0.$", "1-99999999999999999999",
			"is no range"},
		{"$GENERATE 1-2 a${ A 10.0.0.$", "a${", "makes no owner"},
		{"$GENERATE 1-2 a${0,1,y} A 10.0.0.$", "a${0,1,y}", "makes no owner"},
		{"$GENERATE 1-2 a${0,256} A 10.0.0.$", "a${0,256}", "makes no owner"},
		{"$GENERATE 1-2 a${0,64} A 10.0.0.$", "a${0,64}", "makes no owner"},
		{"$GENERATE 1-2 a${-2} A 10.0.0.$", "a${-2}", "makes no owner"},
		{"$GENERATE 1-2 a$..b A 10.0.0.$", "a$..b", "makes no owner"},
		{"$GENERATE 255-256 a$ A 10.0.0.$", "10.0.0.$", "makes no data for this type"},
		{"$GENERATE 1-2 a$ A", "", "makes no data for this type"},
	};
	for (size_t i = 0; i < RW_COUNT(rows); i++) {
		ck_assert_int_eq(generate(rows[i].line), RW_EINVAL);
		ck_assert_msg(strncmp(fault.why, rows[i].why, strlen(rows[i].why)) == 0, "%s: %s",
			rows[i].line, fault.why);
		ck_assert_str_eq(fault_word, rows[i].word);
		ck_assert_int_eq(fault.line, 1);
	}
}
END_TEST

/* Texts that become longer than any name or data are refused, however they do. */
START_TEST(texts_have_a_bound)
{
	char line[512] = "$GENERATE 1-1 a TXT ";
	for (unsigned i = 0; i < 8; i++)
		strcat(line, "${0,255} ");
	ck_assert_int_eq(generate(line), 0);
	strcat(line, "${0,255} ");
	ck_assert_int_eq(generate(line), RW_EINVAL);
	ck_assert_ptr_nonnull(strstr(fault.why, "makes no data"));
}
END_TEST

START_TEST(records_have_a_bound)
{
	char line[64];
	(void)snprintf(line, sizeof(line), "$GENERATE 1-%u a$ PTR b", LIMIT_GENERATED);
	ck_assert_int_eq(generate(line), 0);
	ck_assert_uint_eq(records, LIMIT_GENERATED);
	(void)snprintf(line, sizeof(line), "$GENERATE 0-2000000000 a$ PTR b");
	ck_assert_int_eq(generate(line), RW_EINVAL);
	ck_assert_uint_eq(records, LIMIT_GENERATED);
	ck_assert_ptr_nonnull(strstr(fault.why, "more records than $GENERATE may"));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("generate");
	TCase *tests = tcase_create("all");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, numbers_go_into_owner_and_data);
	tcase_add_test(tests, what_is_wrong_is_told);
	tcase_add_test(tests, texts_have_a_bound);
	tcase_add_test(tests, records_have_a_bound);
	suite_add_tcase(suite, tests);
	return suite;
}
