/* SPDX-License-Identifier: MIT */
/* Root hints: the compiled-in copy, files, and files that are wrong. */
#include <check.h>
#include <unistd.h>

#include "zones/cuts/hints.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

static struct arena arena;
static const struct delegation *hints;
static int line;

/* Loads a file of that text. */
static int load(const char *text)
{
	char path[FILEKIT_PATH];
	filekit_new(path, text);
	arena_init(&arena, 1 << 20);
	hints = NULL;
	line = -1;
	int err = hints_load(&arena, path, 5300, &hints, &line);
	(void)unlink(path);
	return err;
}

START_TEST(the_compiled_in_copy_has_thirteen_servers)
{
	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(hints_load(&arena, NULL, 53, &hints, NULL), 0);
	ck_assert_uint_eq(hints->ns_count, 13);
	ck_assert(name_is_root(hints->zone));
	ck_assert_int_eq(hints->source, DELEGATION_HINTS);
	ck_assert_uint_eq(hints->expires_ms, UINT64_MAX);
	for (unsigned i = 0; i < 13; i++) {
		ck_assert_uint_eq(hints->ns[i].address_count, 2);
		ck_assert_uint_eq(hints->ns[i].addresses[0].port, 53);
		ck_assert_uint_eq(hints->ns[i].sources[0], ADDRESS_HINTS);
	}
	arena_release(&arena);
}
END_TEST

START_TEST(a_file_is_read_in_any_order)
{
	ck_assert_int_eq(load("b.example. 60 IN AAAA ::5\n. 60 IN NS a.example.\n"
			      ". 60 IN NS b.example.\na.example. 60 IN A 127.0.0.5\n"
			      "stranger.example. 60 IN A 127.0.0.9\n"),
		0);
	ck_assert_uint_eq(hints->ns_count, 2);
	ck_assert_uint_eq(hints->ns[0].address_count, 1);
	ck_assert_uint_eq(hints->ns[0].addresses[0].port, 5300);
	ck_assert_uint_eq(hints->ns[1].address_count, 1);
	arena_release(&arena);
}
END_TEST

START_TEST(wrong_files_are_refused)
{
	static const struct {
		const char *text;
		int line;
	} rows[] = {{"", 0}, {". 60 IN NS a.example.\n", 0},
		{". 60 IN NS a.example.\na.example. 60 IN A 127.0.0.300\n", 2},
		{"a.example. 60 IN A 127.0.0.1\n", 0}};
	for (unsigned i = 0; i < RW_COUNT(rows); i++) {
		ck_assert_int_lt(load(rows[i].text), 0);
		ck_assert_int_eq(line, rows[i].line);
		ck_assert_ptr_null(hints);
		arena_release(&arena);
	}
	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(hints_load(&arena, "/nonexistent/hints", 53, &hints, &line), RW_ESYSTEM);
	ck_assert_int_eq(line, 0);
	arena_release(&arena);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("hints");
	TCase *tests = tcase_create("hints");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, the_compiled_in_copy_has_thirteen_servers);
	tcase_add_test(tests, a_file_is_read_in_any_order);
	tcase_add_test(tests, wrong_files_are_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
