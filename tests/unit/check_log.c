/* SPDX-License-Identifier: MIT */
/* The log: what is printed, how long a line gets, and how many there are. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/env.h"
#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "tests/unit/suite.h"

static char text[1 << 16];
static int file, saved;

/* From here on what goes to stderr is kept. */
static void begin(void)
{
	char path[] = "/tmp/check_log.XXXXXX";
	file = mkstemp(path);
	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(unlink(path), 0);
	saved = dup(STDERR_FILENO);
	ck_assert_int_ge(dup2(file, STDERR_FILENO), 0);
}

/* The number of lines that were logged; `text` holds them. */
static unsigned end(void)
{
	unsigned lines = 0;
	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	ssize_t size = pread(file, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(size, 0);
	text[size] = '\0';
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	(void)close(saved);
	(void)close(file);
	return lines;
}

/* The beginning of a second by the clock that the log goes by. */
static void wait_for_second(void)
{
	while (env_mono_ms(env_real()) % 1000 > 100)
		(void)usleep(1000);
}

START_TEST(lines_are_printable)
{
	begin();
	log_info(LOG_START, "a%s\x1b[31m\xff", "\nrootwalkd: info: forged");
	ck_assert_uint_eq(end(), 1);
	ck_assert_str_eq(text, "rootwalkd: info: a\\010rootwalkd: info: forged\\027[31m\\255\n");
}
END_TEST

START_TEST(levels_are_chosen)
{
	begin();
	log_debug(LOG_START, "not asked for");
	log_set_level(LOG_ERROR);
	log_warning(LOG_START, "nor this");
	log_error(LOG_START, "but this");
	ck_assert_uint_eq(end(), 1);
	ck_assert_str_eq(text, "rootwalkd: error: but this\n");
}
END_TEST

START_TEST(long_lines_are_cut)
{
	char bytes[3 * LIMIT_LOG_LINE];
	memset(bytes, '\1', sizeof(bytes) - 1);
	bytes[sizeof(bytes) - 1] = '\0';
	begin();
	log_info(LOG_START, "%s", bytes);
	ck_assert_uint_eq(end(), 1);
	ck_assert_uint_le(strlen(text), strlen("rootwalkd: info: \n") + LIMIT_LOG_LINE);
	ck_assert_uint_gt(strlen(text), LIMIT_LOG_LINE - 10);
}
END_TEST

START_TEST(floods_are_cut_and_counted)
{
	begin();
	wait_for_second();
	for (unsigned i = 0; i < LIMIT_LOG_PER_SECOND + 30; i++)
		log_info(LOG_QUERY, "again");
	log_info(LOG_RESOLVE, "of another kind");
	(void)usleep(200000);
	wait_for_second();
	log_info(LOG_QUERY, "later");
	ck_assert_uint_eq(end(), LIMIT_LOG_PER_SECOND + 3);
	ck_assert_ptr_nonnull(strstr(text, "of another kind"));
	ck_assert_ptr_nonnull(strstr(text, "warning: 30 lines like the next were left out\n"));
}
END_TEST

static int fails(void)
{
	return rw_check(1 + 1 == 3);
}

START_TEST(failed_checks_are_told_once_each_time_there_are_more)
{
	char place[64];
	const char *last;
	begin();
	log_check_failures();
	ck_assert_uint_eq(end(), 0);
	ck_assert_uint_eq(rw_check_failures(&last), 0);
	ck_assert_str_eq(last, "");
	ck_assert_int_eq(fails(), 0); /* tells the first one itself */
	begin();
	log_check_failures();
	log_check_failures();
	ck_assert_uint_eq(end(), 1);
	ck_assert_ptr_eq(strstr(text, "rootwalkd: error: 1 internal check has failed"), text);
	(void)snprintf(place, sizeof(place), "1 + 1 == 3 at %s:", __FILE__);
	ck_assert_ptr_nonnull(strstr(text, place));
	begin();
	ck_assert_int_eq(fails(), 0);
	ck_assert_int_eq(fails(), 0);
	ck_assert_int_eq(rw_check(text[0] == '\0'), 0);
	ck_assert_uint_eq(end(), 0);
	begin();
	log_check_failures();
	log_check_failures();
	ck_assert_uint_eq(end(), 1);
	ck_assert_ptr_eq(strstr(text, "rootwalkd: error: 4 internal checks have failed"), text);
	ck_assert_ptr_nonnull(strstr(text, "text[0] == '\\0' at"));
	ck_assert_uint_eq(rw_check_failures(&last), 4);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tests = tcase_create("log");
	tcase_add_test(tests, lines_are_printable);
	tcase_add_test(tests, levels_are_chosen);
	tcase_add_test(tests, long_lines_are_cut);
	tcase_add_test(tests, floods_are_cut_and_counted);
	tcase_add_test(tests, failed_checks_are_told_once_each_time_there_are_more);
	suite_add_tcase(suite, tests);
	return suite;
}
