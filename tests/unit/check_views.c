/* SPDX-License-Identifier: MIT */
/* Views: taking over settings, reading hints, and being shared by threads. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/views/views.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

static struct views *views;

static void take_settings(struct settings *settings, const char *hints)
{
	settings_default(settings);
	settings->outgoing.port = 5300;
	settings->root_hints = hints ? strdup(hints) : NULL;
}

START_TEST(compiled_in_hints_are_the_default)
{
	struct settings settings;
	int line = -1;
	take_settings(&settings, NULL);
	ck_assert_int_eq(views_new(&settings, NULL, &views, &line), 0);
	ck_assert_uint_eq(views->hints->ns_count, 13);
	ck_assert_uint_eq(views->hints->ns[0].addresses[0].port, 5300);
	ck_assert_ptr_null(settings.access.items);
	views_unref(views);
}
END_TEST

START_TEST(faults_of_hints_are_told_with_their_line)
{
	char path[FILEKIT_PATH];
	struct settings settings;
	int line = -1;
	filekit_new(path, ". 3600 IN NS a.example.\na.example. 3600 IN A 192.0.2.999\n");
	take_settings(&settings, path);
	ck_assert_int_lt(views_new(&settings, NULL, &views, &line), 0);
	ck_assert_int_eq(line, 2);
	ck_assert_int_eq(unlink(path), 0);
	take_settings(&settings, path);
	errno = 0;
	ck_assert_int_lt(views_new(&settings, NULL, &views, &line), 0);
	ck_assert_int_eq(errno, ENOENT);
	views_unref(NULL);
}
END_TEST

START_TEST(hints_have_a_size)
{
	char path[FILEKIT_PATH];
	struct settings settings;
	static char text[LIMIT_HINTS_BYTES + 2];
	(void)snprintf(text, sizeof(text), "%-*s", LIMIT_HINTS_BYTES,
		". 3600 IN NS a.example.\na.example. 3600 IN A 192.0.2.1\n;");
	filekit_new(path, text);
	take_settings(&settings, path);
	ck_assert_int_eq(views_new(&settings, NULL, &views, NULL), 0);
	views_unref(views);
	text[LIMIT_HINTS_BYTES] = ' ';
	filekit_write(path, text);
	take_settings(&settings, path);
	ck_assert_int_eq(views_new(&settings, NULL, &views, NULL), RW_ELIMIT);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static void *use(void *arg)
{
	for (unsigned i = 0; i < 20000; i++) {
		struct views *mine = views_ref(arg);
		ck_assert_ptr_nonnull(mine->hints);
		views_unref(mine);
	}
	views_unref(arg);
	return NULL;
}

START_TEST(threads_share_it_and_the_last_frees_it)
{
	struct settings settings;
	pthread_t threads[4];
	take_settings(&settings, NULL);
	ck_assert_int_eq(views_new(&settings, NULL, &views, NULL), 0);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, use, views_ref(views)), 0);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(views->users, 1);
	views_unref(views);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("views");
	TCase *tcase = tcase_create("views");
	tcase_add_test(tcase, compiled_in_hints_are_the_default);
	tcase_add_test(tcase, faults_of_hints_are_told_with_their_line);
	tcase_add_test(tcase, hints_have_a_size);
	tcase_add_test(tcase, threads_share_it_and_the_last_frees_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
