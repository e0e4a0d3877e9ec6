/* SPDX-License-Identifier: MIT */
/* Names the client makes of what is typed, and prefixes and scripts it makes of what is sent. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "resolver/client/dig/idn.h"
#include "resolver/client/dig/prefixes.h"
#include "resolver/client/dig/search.h"
#include "resolver/wire/build.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct args args;
static struct name_candidates search;

static void setup(void)
{
	arena_init(&arena, 4u << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* The names that `words` (options and one name) stand for, as one text. */
static const char *names_of(const char *list, const char *words)
{
	static char text[4096];
	char path[FILEKIT_PATH], copy[256], error[ARGS_ERROR], name[LIMIT_NAME_TEXT];
	char *argv[8], *save = NULL;
	int argc = 0;
	filekit_new(path, list);
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = arena_dup(&arena, word, strlen(word) + 1);
	ck_assert_int_eq(args_parse(&arena, argc, argv, NULL, &args, error), 0);
	search_names(path, &args.queries[0], &search);
	unlink(path);
	text[0] = '\0';
	for (unsigned i = 0; i < search.count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, name_text(search.names[i].bytes, name));
	}
	return text;
}

START_TEST(short_names_are_searched_as_dig_does)
{
	static const char list[] = "nameserver 192.0.2.1\nsearch old.test\n"
				   "search a.test  b.test\noptions rotate ndots:2\n";
	ck_assert_str_eq(names_of(list, "www"), "www.");
	ck_assert_str_eq(names_of(list, "+search www"), "www.a.test. www.b.test. www.");
	ck_assert_str_eq(names_of(list, "+search w.x"), "w.x.a.test. w.x.b.test. w.x.");
	ck_assert_str_eq(names_of(list, "+search w.x.y"), "w.x.y.");
	ck_assert_str_eq(names_of(list, "+search www."), "www.");
	ck_assert_str_eq(names_of(list, "+search +ndots=1 w.x"), "w.x.");
	ck_assert_str_eq(names_of(list, "+showsearch www"), "www.a.test. www.b.test. www.");
	ck_assert_str_eq(names_of(list, "+domain=c.test www"), "www.c.test. www.");
	ck_assert_str_eq(names_of(list, "+domain=c.test +nosearch www"), "www.");
	ck_assert_str_eq(
		names_of(list, "+search +ndots=9 -x 192.0.2.1"), "1.2.0.192.in-addr.arpa.");
	ck_assert_str_eq(names_of("domain d.test\n", "+search www"), "www.d.test. www.");
	ck_assert_str_eq(names_of("", "+search www"), "www.");
	search_names("/nonexistent/resolv.conf", &args.queries[0], &search);
	ck_assert_uint_eq(search.count, 1);
}
END_TEST

START_TEST(a_search_list_is_bounded)
{
	char list[64 * 1024], *at = list, long_name[240];
	at = stpcpy(at, "search");
	for (int i = 0; i < 40; i++)
		at += sprintf(at, " d%d.test", i);
	at = stpcpy(at, "\noptions ndots:99999999999999999999\n");
	ck_assert_ptr_nonnull(names_of(list, "+search www"));
	ck_assert_uint_eq(search.count, SEARCH_DOMAINS + 1);
	/* A line longer than is read, domains that are none, names that would be too long. */
	at = stpcpy(list, "search ");
	memset(at, 'x', 40000);
	strcpy(at + 40000, " a.test\n");
	ck_assert_str_eq(names_of(list, "+search www"), "www.");
	ck_assert_str_eq(names_of("search a..b \x1b[2J ok.test\n", "+search www"),
		"www.\\027[2J. www.ok.test. www.");
	memset(long_name, 'y', sizeof(long_name));
	for (size_t i = 50; i < sizeof(long_name); i += 51)
		long_name[i] = '.';
	memcpy(long_name, "+search ", 8);
	long_name[sizeof(long_name) - 1] = '\0';
	(void)names_of("search aaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test\noptions ndots:9\n", long_name);
	ck_assert_uint_eq(search.count, 1);
}
END_TEST

START_TEST(other_scripts_are_shown_where_they_are_safe)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"xn--bcher-kva.test.", "b\xc3\xbc"
					"cher.test."},
		{"10 mail.XN--bcher-KVA.test.", "10 mail.b\xc3\xbc"
						"cher.test."},
		{"www.test.", "www.test."},
		/* Right-to-left override, soft hyphen, line separator, a C1 control: not for IDNA.
		 */
		{"xn--ab-g4t.", "xn--ab-g4t."},
		{"xn--ab-5da.", "xn--ab-5da."},
		{"xn--x-din.", "xn--x-din."},
		{"xn--bc-qa.", "xn--bc-qa."},
		{"xn--ab-s1t.", "xn--ab-s1t."},
		{"xn--x-s10i.", "xn--x-s10i."},
		{"xn--[31m-.", "xn--[31m-."},
		{"xn--\\027[2J.", "xn--\\027[2J."},
		{"a\\xn--bcher-kva.", "a\\xn--bcher-kva."},
		{"axn--bcher-kva.", "axn--bcher-kva."},
		{"xn--", "xn--"},
		{"xn--99999999999999999999999999999999999999999999999999999999999.",
			"xn--99999999999999999999999999999999999999999999999999999999999."},
	};
	for (size_t i = 0; i < RW_COUNT(cases); i++)
		ck_assert_str_eq(idn_text(&arena, cases[i].from), cases[i].to);
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C"));
	ck_assert_str_eq(idn_text(&arena, cases[0].from), cases[0].from);
}
END_TEST

/* A reply with these IPv6 addresses as AAAA records. */
static size_t reply_with(uint8_t *wire, size_t cap, const uint8_t (*ip)[16], unsigned count)
{
	struct builder b;
	struct name name;
	ck_assert_int_eq(name_from_text("ipv4only.arpa", &name), 0);
	struct question question = {name.bytes, TYPE_AAAA, CLASS_IN};
	build_begin(&b, wire, cap, 0, 1, FLAG_QR);
	ck_assert_int_eq(build_question(&b, &question), 0);
	for (unsigned i = 0; i < count; i++) {
		const struct rrset *set =
			rrset_single(&arena, name.bytes, TYPE_AAAA, 60, ip[i], 16);
		ck_assert_int_eq(build_rrset(&b, SECTION_ANSWER, set, set->ttl, 0, false), 0);
	}
	return build_finish(&b);
}

START_TEST(prefixes_are_found_at_every_length)
{
	/* The examples of RFC 6052 section 2.4 with 192.0.0.170 in them; the last one has none. */
	static const uint8_t ip[][16] = {
		{0x20, 1, 0xd, 0xb8, 192, 0, 0, 170},
		{0x20, 1, 0xd, 0xb8, 1, 192, 0, 0, 0, 171},
		{0x20, 1, 0xd, 0xb8, 1, 0x22, 192, 0, 0, 0, 170},
		{0x20, 1, 0xd, 0xb8, 1, 0x22, 3, 192, 0, 0, 0, 170},
		{0x20, 1, 0xd, 0xb8, 1, 0x22, 3, 0x44, 0, 192, 0, 0, 170},
		{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 0, 170},
		{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 0, 171},
		{0x20, 1, 0xd, 0xb8, 1, 0x22, 3, 0x44, 9, 192, 0, 0, 170},
	};
	static const uint8_t bits[] = {32, 40, 48, 56, 64, 96};
	uint8_t wire[4096];
	struct prefix found[PREFIXES_MAX];
	struct raw_message reply = {
		.wire = wire, .size = reply_with(wire, sizeof(wire), ip, RW_COUNT(ip))};
	ck_assert_uint_eq(prefixes_find(&reply, found), RW_COUNT(bits));
	for (size_t i = 0; i < RW_COUNT(bits); i++)
		ck_assert_uint_eq(found[i].bits, bits[i]);
	/* More than are kept, and a message that breaks off. */
	uint8_t many[PREFIXES_MAX + 4][16];
	for (unsigned i = 0; i < RW_COUNT(many); i++) {
		memcpy(many[i], ip[5], 16);
		many[i][0] = (uint8_t)(i + 1);
	}
	reply.size = reply_with(wire, sizeof(wire), many, RW_COUNT(many));
	ck_assert_uint_eq(prefixes_find(&reply, found), PREFIXES_MAX);
	for (size_t size = 0; size < reply.size; size++) {
		struct raw_message cut = {.wire = wire, .size = size};
		ck_assert_uint_le(prefixes_find(&cut, found), PREFIXES_MAX);
	}
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client names");
	TCase *tests = tcase_create("names");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, short_names_are_searched_as_dig_does);
	tcase_add_test(tests, a_search_list_is_bounded);
	tcase_add_test(tests, other_scripts_are_shown_where_they_are_safe);
	tcase_add_test(tests, prefixes_are_found_at_every_length);
	suite_add_tcase(suite, tests);
	return suite;
}
