/* SPDX-License-Identifier: MIT */
/* Block lists: what their lines mean, what is wrong with them, and what a table costs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zones/block.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

#define ROOM (1 << 20)

static struct fault_list faults;
static struct block_table *table;

static void read_text(const char *text)
{
	block_unref(table);
	table = NULL;
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(block_load_bytes("list", text, strlen(text), ROOM, &faults, &table), 0);
}

static void teardown(void)
{
	block_unref(table);
	table = NULL;
}

/* The line that blocks the name; 0: nothing does. */
static unsigned line_of(const struct block_table *in, const char *text)
{
	struct name name;
	struct block_match match;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return block_lookup(in, name.bytes, &match) ? match.line : 0;
}

static void assert_line(const char *name, unsigned line)
{
	unsigned found = line_of(table, name);
	ck_assert_msg(found == line, "%s: line %u, not %u", name, found, line);
}

START_TEST(hosts_lines_mean_the_names_alone)
{
	read_text("# a list\n"
		  "127.0.0.1 localhost localhost.localdomain\n"
		  "::1 ip6-localhost\n"
		  "0.0.0.0 ads.example.com Track.Example.NET # two\r\n"
		  "127.0.0.1\tspy.example.org\n"
		  ":: six.example.org\n"
		  "::1 seven.example.org.\n");
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_uint_eq(block_count(table), 5);
	assert_line("ads.example.com.", 4);
	assert_line("track.example.net.", 4);
	assert_line("TRACK.EXAMPLE.net.", 4);
	assert_line("spy.example.org.", 5);
	assert_line("six.example.org.", 6);
	assert_line("seven.example.org.", 7);
	assert_line("www.ads.example.com.", 0);
	assert_line("example.com.", 0);
	assert_line("localhost.", 0);
	assert_line(".", 0);
}
END_TEST

START_TEST(domain_lines_mean_the_name_alone)
{
	read_text("\xef\xbb\xbf"
		  "first.example\n  ads.example.com  \n_dns.tracker.example\ntop\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("first.example.", 1);
	assert_line("ads.example.com.", 2);
	assert_line("x.ads.example.com.", 0);
	assert_line("_dns.tracker.example.", 3);
	assert_line("top.", 4);
	assert_line("below.top.", 0);
}
END_TEST

START_TEST(wildcard_lines_mean_all_below_too)
{
	read_text("*.ads.example\n.bad.example\n*.zip\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("ads.example.", 1);
	assert_line("a.b.c.ads.example.", 1);
	assert_line("xads.example.", 0);
	assert_line("bad.example.", 2);
	assert_line("x.bad.example.", 2);
	assert_line("x.zip.", 3);
	assert_line("zip.", 3);
}
END_TEST

START_TEST(adblock_lines_mean_all_below_and_have_exceptions)
{
	read_text("[Adblock Plus 2.0]\n! Title: x\n||ads.example^\n@@||good.ads.example^\n"
		  "||deeper.good.ads.example^\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("ads.example.", 3);
	assert_line("www.ads.example.", 3);
	assert_line("good.ads.example.", 0);
	assert_line("www.good.ads.example.", 0);
	/* an exception wins over whatever is listed below it */
	assert_line("deeper.good.ads.example.", 0);
	struct name name;
	ck_assert_int_eq(name_from_text("www.good.ads.example.", &name), 0);
	ck_assert(!block_spares(table, name.bytes)); /* the configuration says nothing */
}
END_TEST

START_TEST(what_names_cannot_say_is_counted)
{
	read_text("||ads.example^\n||opt.example^$third-party\n||path.example/x^\n/regex/\n"
		  "example.com##.banner\n||part.example\n|https://x.example^\n@@x.example\n"
		  "192.0.2.1 rewritten.example\n*.a*.example\n||*.y.example^\n");
	ck_assert_uint_eq(block_count(table), 1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.errors, 0);
	ck_assert_uint_eq(faults.items[0].line, 2);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "10 rules are left out"));
	assert_line("opt.example.", 0);
	assert_line("rewritten.example.", 0);
}
END_TEST

/* reaches LIMIT_BLOCK_BAD_LINES */
START_TEST(bad_lines_are_told_and_left_out)
{
	read_text(
		"good.example\nbad..example\nno name here\n0.0.0.0\n0.0.0.0 b\xc3\xbc\x63.example "
		"other.example\n-\x1b[31m.example\nsixth line\n");
	ck_assert_uint_eq(faults.errors, 0);
	ck_assert_uint_eq(faults.count, LIMIT_BLOCK_BAD_LINES + 1);
	for (unsigned i = 0; i < LIMIT_BLOCK_BAD_LINES; i++) {
		ck_assert_uint_eq(faults.items[i].line, 2 + i);
		ck_assert_str_eq(faults.items[i].file, "list");
	}
	ck_assert_ptr_nonnull(strstr(faults.items[4].message, "2 more lines"));
	ck_assert_ptr_null(strchr(faults.items[4].message, '\x1b'));
	assert_line("good.example.", 1);
	assert_line("other.example.", 5);
}
END_TEST

START_TEST(names_at_their_limits)
{
	char text[512], label[65];
	memset(label, 'x', 64);
	label[64] = '\0';
	(void)snprintf(
		text, sizeof(text), "ok.example\n%.63s.example\n%.64s.example\n", label, label);
	read_text(text);
	ck_assert_uint_eq(block_count(table), 2);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.items[0].line, 3);
	/* 255 bytes in wire form, then one more */
	(void)snprintf(text, sizeof(text), "%.63s.%.63s.%.63s.%.61s\n%.63s.%.63s.%.63s.%.62s\n",
		label, label, label, label, label, label, label, label);
	read_text(text);
	ck_assert_uint_eq(block_count(table), 1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.items[0].line, 2);
}
END_TEST

static void assert_refused(const char *bytes, size_t size, unsigned line, const char *why)
{
	block_unref(table);
	table = NULL;
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(block_load_bytes("list", bytes, size, ROOM, &faults, &table), RW_EINVAL);
	ck_assert_uint_eq(faults.errors, 1);
	const struct fault *fault = &faults.items[faults.count - 1];
	ck_assert_uint_eq(fault->line, line);
	ck_assert_msg(strstr(fault->message, why) != NULL, "%s", fault->message);
}

START_TEST(what_is_no_list_is_refused)
{
	static const char binary[] = "good.example\nx\0y\n";
	static const char page[] = "\n <!DOCTYPE html>\n<p>not found\n";
	static const char prose[] = "This is not what you\nthink that it is.\n";
	assert_refused(binary, sizeof(binary) - 1, 2, "zero byte");
	assert_refused(page, sizeof(page) - 1, 0, "web page");
	assert_refused(prose, sizeof(prose) - 1, 0, "not one name");
	read_text("");
	ck_assert_uint_eq(block_count(table), 0);
	assert_line("good.example.", 0);
}
END_TEST

START_TEST(the_first_line_stays_unless_a_later_says_more)
{
	read_text("a.example\na.example\n||a.example^\n*.a.example\nb.example\n||c.example^\nc."
		  "example\n");
	ck_assert_uint_eq(block_count(table), 3);
	assert_line("a.example.", 3);
	assert_line("x.a.example.", 3);
	assert_line("b.example.", 5);
	assert_line("c.example.", 6);
	assert_line("x.c.example.", 6);
}
END_TEST

/* Ten million lines as a hostile list may have them, as many as fit: bounded, with the line. */
START_TEST(memory_is_bounded)
{
	enum {
		LINES = 100000,
		LINE = 24
	};
	char *text = malloc((size_t)LINES * LINE + 1), *at = text;
	for (unsigned i = 0; i < LINES; i++)
		at += snprintf(at, LINE + 1, "n%08u.hostile.test\n", i);
	struct block_table *none = NULL;
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(block_load_bytes("list", text, (size_t)(at - text), ROOM, &faults, &none),
		RW_EINVAL);
	ck_assert_uint_eq(faults.errors, 1);
	ck_assert_uint_gt(faults.items[0].line, 10000);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "more than 1048576 bytes"));
	/* with room enough, at most 60 bytes a name, all told */
	ck_assert_int_eq(block_load_bytes("list", text, (size_t)(at - text), LIMIT_BLOCK_BYTES,
				 &faults, &table),
		0);
	ck_assert_uint_eq(block_count(table), LINES);
	ck_assert_uint_le(block_bytes(table), (size_t)60 * LINES);
	for (unsigned i = 0; i < LINES; i += 997) {
		char name[32];
		(void)snprintf(name, sizeof(name), "n%08u.hostile.test.", i);
		assert_line(name, i + 1);
		(void)snprintf(name, sizeof(name), "m%08u.hostile.test.", i);
		assert_line(name, 0);
	}
	free(text);
}
END_TEST

/* ---- files ---- */

static char files[2][FILEKIT_PATH];

static struct block_table *load(struct block_table *old, size_t max_bytes)
{
	static const uint8_t allowed[] = "\4Good\7example";
	char *lists[] = {files[0], files[1]};
	uint8_t *allow[] = {(uint8_t *)(uintptr_t)allowed};
	struct table *shared = old ? block_as_table(old) : NULL;
	const struct table_list olds = {&shared, old ? 1 : 0, 1};
	const struct block_source source = {.lists = lists,
		.list_count = 2,
		.allow = allow,
		.allow_count = 1,
		.max_bytes = max_bytes,
		.hash_key = {{1, 2}},
		.old = &olds};
	struct block_table *loaded;
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(block_load(&source, &faults, &loaded), 0);
	return loaded;
}

START_TEST(lists_are_put_together)
{
	struct name name;
	struct block_match match;
	filekit_new(files[0], "one.example\nboth.example\n");
	filekit_new(files[1], "both.example\n||two.example^\n||good.example^\n");
	table = load(NULL, ROOM);
	ck_assert_uint_eq(faults.count, 0);
	assert_line("one.example.", 1);
	assert_line("x.two.example.", 2);
	assert_line("both.example.", 2); /* of the first list */
	assert_line("x.good.example.", 0);
	ck_assert_int_eq(name_from_text("a.b.two.example.", &name), 0);
	ck_assert(block_lookup(table, name.bytes, &match));
	ck_assert_str_eq(match.list, files[1]);
	ck_assert_uint_eq(match.labels, 2);
	ck_assert(!block_lookup(NULL, name.bytes, &match));
	ck_assert(!block_spares(table, name.bytes));
	ck_assert(!block_spares(NULL, name.bytes));
	ck_assert_int_eq(name_from_text("x.GOOD.example.", &name), 0);
	ck_assert(block_spares(table, name.bytes));
}
END_TEST

START_TEST(a_list_that_fails_keeps_the_old_one)
{
	filekit_new(files[0], "one.example\n");
	filekit_new(files[1], "||two.example^\n@@||not.two.example^\n");
	struct block_table *old = load(NULL, ROOM);
	/* one list changes, the other is gone */
	filekit_write(files[0], "# none\nnew.example\n");
	ck_assert_int_eq(unlink(files[1]), 0);
	table = load(old, ROOM);
	ck_assert_uint_eq(faults.errors, 1);
	ck_assert_str_eq(faults.items[0].file, files[1]);
	block_unref(old);
	assert_line("one.example.", 0);
	assert_line("new.example.", 2);
	assert_line("x.two.example.", 1);
	assert_line("not.two.example.", 0);
	/* at the start there is nothing older */
	block_unref(table);
	table = load(NULL, ROOM);
	ck_assert_uint_eq(faults.errors, 1);
	assert_line("two.example.", 0);
	assert_line("new.example.", 2);
	/* and a file that is too large is not read at all */
	block_unref(table);
	static char text[4200];
	memset(text, '#', sizeof(text) - 1);
	filekit_write(files[1], text);
	table = load(NULL, 4096);
	ck_assert_uint_eq(faults.errors, 1);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "larger than 4096 bytes"));
}
END_TEST

/* What stood in both lists is the first one's, until that has it no more. */
START_TEST(a_list_that_fails_keeps_what_another_had_too)
{
	filekit_new(files[0], "both.example\n");
	filekit_new(files[1], "both.example\n");
	struct block_table *old = load(NULL, ROOM);
	filekit_write(files[0], "new.example\n");
	ck_assert_int_eq(unlink(files[1]), 0);
	table = load(old, ROOM);
	block_unref(old);
	ck_assert_uint_eq(faults.errors, 1);
	assert_line("both.example.", 1);
	/* and again, out of what was kept */
	old = table;
	table = load(old, ROOM);
	block_unref(old);
	assert_line("both.example.", 1);
}
END_TEST

/* What an older configuration has spared, or that of another view, is spared no more. */
START_TEST(a_list_that_fails_brings_no_exceptions_of_a_configuration)
{
	static const uint8_t spared[] = "\6spared\7example";
	uint8_t *allow[] = {(uint8_t *)(uintptr_t)spared};
	filekit_new(files[0], "spared.example\n@@||listed.example^\n");
	filekit_new(files[1], "listed.example\n");
	char *lists[] = {files[0]};
	const struct block_source source = {
		.lists = lists, .list_count = 1, .allow = allow, .allow_count = 1};
	struct block_table *old;
	ck_assert_int_eq(block_load(&source, &faults, &old), 0);
	ck_assert_int_eq(unlink(files[0]), 0);
	table = load(old, ROOM);
	block_unref(old);
	assert_line("spared.example.", 1);
	assert_line("listed.example.", 0);
	ck_assert(!block_spares(table, spared));
}
END_TEST

static void remove_files(void)
{
	for (unsigned i = 0; i < 2; i++)
		if (files[i][0])
			(void)unlink(files[i]);
}

Suite *make_suite(void)
{
	Suite *suite = suite_create("block");
	TCase *tests = tcase_create("block");
	tcase_add_checked_fixture(tests, NULL, teardown);
	tcase_add_checked_fixture(tests, NULL, remove_files);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, hosts_lines_mean_the_names_alone);
	tcase_add_test(tests, domain_lines_mean_the_name_alone);
	tcase_add_test(tests, wildcard_lines_mean_all_below_too);
	tcase_add_test(tests, adblock_lines_mean_all_below_and_have_exceptions);
	tcase_add_test(tests, what_names_cannot_say_is_counted);
	tcase_add_test(tests, bad_lines_are_told_and_left_out);
	tcase_add_test(tests, names_at_their_limits);
	tcase_add_test(tests, what_is_no_list_is_refused);
	tcase_add_test(tests, the_first_line_stays_unless_a_later_says_more);
	tcase_add_test(tests, memory_is_bounded);
	tcase_add_test(tests, lists_are_put_together);
	tcase_add_test(tests, a_list_that_fails_keeps_the_old_one);
	tcase_add_test(tests, a_list_that_fails_keeps_what_another_had_too);
	tcase_add_test(tests, a_list_that_fails_brings_no_exceptions_of_a_configuration);
	suite_add_tcase(suite, tests);
	return suite;
}
