/* SPDX-License-Identifier: MIT */
/* Lines of block lists: what they mean, and what is wrong with them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zones/lists/block.h"
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
static unsigned line_of(const char *text)
{
	struct name name;
	struct block_match match;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return block_lookup(table, name.bytes, &match) ? match.line : 0;
}

static void assert_line(const char *name, unsigned line)
{
	unsigned found = line_of(name);
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

/* Forms and meanings as the DNS filtering syntax of AdGuard has them. */
START_TEST(adblock_anchors_say_which_names)
{
	read_text("||whole.example^|\n|one.example^\n|bar.example|\n||open.example|\n"
		  "||*.under.example^\n.below.example^\n*.star.example^\n||all.example^$all\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("whole.example.", 1);
	assert_line("x.whole.example.", 1);
	assert_line("one.example.", 2);
	assert_line("x.one.example.", 0);
	assert_line("bar.example.", 3);
	assert_line("x.bar.example.", 0);
	assert_line("x.open.example.", 4);
	assert_line("under.example.", 0);
	assert_line("x.y.under.example.", 5);
	assert_line("below.example.", 0);
	assert_line("x.below.example.", 6);
	assert_line("star.example.", 0);
	assert_line("x.star.example.", 7);
	assert_line("x.all.example.", 8);
}
END_TEST

START_TEST(exceptions_come_in_all_forms)
{
	read_text("||a.example^\n||b.example^\n||c.example^\n||d.example^\n||e.example^\n"
		  "@@||good.a.example^|\n@@|b.example^\n@@|x.b.example|\n@@||*.c.example^\n"
		  "@@||d.example\n@@e.example\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("x.good.a.example.", 0);
	assert_line("b.example.", 0);
	assert_line("x.b.example.", 0);
	assert_line("y.x.b.example.", 2);
	assert_line("c.example.", 3);
	assert_line("x.c.example.", 0);
	assert_line("x.d.example.", 0);
	assert_line("x.e.example.", 0);
}
END_TEST

START_TEST(what_is_important_wins)
{
	read_text("||a.example^$important\n@@||good.a.example^\n@@||best.a.example^$important\n"
		  "||b.example^\n|x.b.example^$important\n@@||b.example^\n"
		  "||c.example^\n||c.example^$important\n@@||c.example^\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("a.example.", 1);
	assert_line("good.a.example.", 1);
	assert_line("best.a.example.", 0);
	assert_line("b.example.", 0);
	assert_line("x.b.example.", 5);
	assert_line("y.x.b.example.", 0);
	assert_line("x.c.example.", 8);
}
END_TEST

START_TEST(exceptions_are_known)
{
	static const uint8_t good[] = "\1x\4good\7example", bad[] = "\3bad\7example";
	read_text("||bad.example^\n@@||good.example^\n");
	ck_assert(block_excepts(table, good));
	ck_assert(!block_excepts(table, bad));
	ck_assert(!block_excepts(NULL, good));
}
END_TEST

START_TEST(dnsmasq_lines_mean_all_below_too)
{
	read_text("address=/a.example/\naddress=/b.example/0.0.0.0\naddress=/c.example/#\n"
		  "address=/d.example/::\nserver=/e.example/\nlocal=/f.example/\n"
		  "address = /g.example/.h.example/127.0.0.1\nserver=/good.a.example/#\n");
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_uint_eq(block_count(table), 8);
	for (unsigned i = 0; i < 8; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "x.%c.example.", 'a' + i);
		assert_line(name, RW_MIN(i + 1, 7u));
		assert_line(name + 2, RW_MIN(i + 1, 7u));
	}
	assert_line("x.good.a.example.", 0);
	/* what leads to real addresses or servers, or is a pattern */
	read_text("good.example\naddress=/x.example/192.0.2.1\nserver=/y.example/127.0.0.1#5353\n"
		  "server=//192.0.2.1\naddress=/#/\naddress=/*z.example/\nserver=/broken\n");
	ck_assert_uint_eq(block_count(table), 1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.items[0].line, 2);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "6 rules are left out"));
}
END_TEST

START_TEST(names_of_the_machine_are_never_blocked)
{
	static const char *const names[] = {"localhost", "localhost.localdomain", "broadcasthost",
		"ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters", "0.0.0.0"};
	static const struct {
		const char *before, *behind;
	} forms[] = {{"", ""}, {"0.0.0.0 ", ""}, {"127.0.0.1 ", " # own"}, {"", "."}, {"||", "^"},
		{"*.", ""}, {"address=/", "/"}};
	for (size_t i = 0; i < RW_COUNT(names); i++)
		for (size_t k = 0; k < RW_COUNT(forms); k++) {
			char text[128], name[64];
			/* an address alone, or in a rule, is no name at all */
			if (i == RW_COUNT(names) - 1 && k != 1)
				continue;
			(void)snprintf(text, sizeof(text), "good.example\n%s%s%s\n",
				forms[k].before, names[i], forms[k].behind);
			(void)snprintf(name, sizeof(name), "%s.", names[i]);
			read_text(text);
			ck_assert_uint_eq(faults.count, 0);
			ck_assert_uint_eq(block_count(table), 1);
			assert_line(name, 0);
		}
}
END_TEST

START_TEST(a_byte_order_mark_is_no_part_of_a_name)
{
	/* two lists put together, each with its own */
	read_text("\xef\xbb\xbf"
		  "||one.example^\n"
		  "\xef\xbb\xbf# comment\n"
		  "\xef\xbb\xbf"
		  "0.0.0.0 two.example\n");
	ck_assert_uint_eq(faults.count, 0);
	assert_line("one.example.", 1);
	assert_line("two.example.", 3);
}
END_TEST

START_TEST(what_names_cannot_say_is_counted)
{
	read_text("||ads.example^\n||opt.example^$third-party\n||path.example/x^\n/regex/\n"
		  "example.com##.banner\n||part.example\n|https://x.example^\n"
		  "192.0.2.1 rewritten.example\n*.a*.example\n||a*.y.example^\n"
		  "||dom.example^$domain=x.example\n||two.example^$important,third-party\n"
		  "||192.0.2.1^\nend.example^\n||label.^\n||none.example^$\n");
	ck_assert_uint_eq(block_count(table), 1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.errors, 0);
	ck_assert_uint_eq(faults.items[0].line, 2);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "15 rules are left out"));
	assert_line("opt.example.", 0);
	assert_line("rewritten.example.", 0);
}
END_TEST

/* An exception that is left out blocks wanted names, which is another matter. */
START_TEST(exceptions_that_are_left_out_are_told_apart)
{
	read_text("||ads.example^\n/regex/\n@@||a.example^$third-party\n@@/regex/\n"
		  "@@||b.example^$domain=x.example\n@@||c.example/path\n@@||d.example^$all\n"
		  "@@||label.\n");
	ck_assert_uint_eq(faults.errors, 0);
	ck_assert_uint_eq(faults.count, 2);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "1 rules are left out"));
	ck_assert_ptr_nonnull(strstr(faults.items[1].message, "6 exceptions are left out"));
	ck_assert_ptr_nonnull(strstr(faults.items[1].message, "stays blocked"));
	ck_assert_ptr_nonnull(strstr(faults.items[1].message, "block.allow"));
	ck_assert_uint_eq(faults.items[1].line, 3);
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
	assert_refused("", 0, 0, "not one name");
	assert_refused("# nothing\n\n", 11, 0, "not one name");
	assert_refused("127.0.0.1 localhost\n", 20, 0, "not one name");
	assert_refused("/regex/\nx##.banner\n", 19, 0, "not one name");
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

Suite *make_suite(void)
{
	Suite *suite = suite_create("block_lines");
	TCase *tests = tcase_create("all");
	tcase_add_checked_fixture(tests, NULL, teardown);
	tcase_add_test(tests, hosts_lines_mean_the_names_alone);
	tcase_add_test(tests, domain_lines_mean_the_name_alone);
	tcase_add_test(tests, wildcard_lines_mean_all_below_too);
	tcase_add_test(tests, adblock_lines_mean_all_below_and_have_exceptions);
	tcase_add_test(tests, adblock_anchors_say_which_names);
	tcase_add_test(tests, exceptions_come_in_all_forms);
	tcase_add_test(tests, what_is_important_wins);
	tcase_add_test(tests, exceptions_are_known);
	tcase_add_test(tests, dnsmasq_lines_mean_all_below_too);
	tcase_add_test(tests, names_of_the_machine_are_never_blocked);
	tcase_add_test(tests, a_byte_order_mark_is_no_part_of_a_name);
	tcase_add_test(tests, what_names_cannot_say_is_counted);
	tcase_add_test(tests, exceptions_that_are_left_out_are_told_apart);
	tcase_add_test(tests, bad_lines_are_told_and_left_out);
	tcase_add_test(tests, names_at_their_limits);
	tcase_add_test(tests, what_is_no_list_is_refused);
	tcase_add_test(tests, the_first_line_stays_unless_a_later_says_more);
	suite_add_tcase(suite, tests);
	return suite;
}
