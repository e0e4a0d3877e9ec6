/* SPDX-License-Identifier: MIT */
/* Faults of files of names: counted, kept within a bound, and files read within a bound. */
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zones/fault.h"
#include "tests/unit/suite.h"

START_TEST(faults_beyond_the_bound_are_counted_only)
{
	static struct fault_list list;
	for (unsigned i = 0; i < LIMIT_FILE_FAULTS + 5; i++)
		fault_error(&list, "list", i + 1, "fault %u", i);
	fault_warning(&list, "list", 9, "tolerated");
	ck_assert_uint_eq(list.count, LIMIT_FILE_FAULTS + 6);
	ck_assert_uint_eq(list.errors, LIMIT_FILE_FAULTS + 5);
	ck_assert_str_eq(list.items[0].message, "fault 0");
	ck_assert_uint_eq(list.items[LIMIT_FILE_FAULTS - 1].line, LIMIT_FILE_FAULTS);
}
END_TEST

START_TEST(a_long_file_name_keeps_its_end)
{
	static struct fault_list list;
	char name[2 * FAULT_FILE];
	memset(name, 'd', sizeof(name));
	memcpy(name + sizeof(name) - 6, "/zone", 6);
	fault_error(&list, name, 1, "wrong");
	ck_assert_uint_lt(strlen(list.items[0].file), FAULT_FILE);
	ck_assert_ptr_nonnull(strstr(list.items[0].file, "/zone"));
}
END_TEST

/* A file of so many bytes, read with that limit. */
static int read_back(size_t size, size_t limit, struct fault_list *list, size_t *ret_size)
{
	char path[] = "/tmp/check_fault.XXXXXX", *bytes = NULL, *content = malloc(size + 1);
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_nonnull(content);
	memset(content, 'x', size);
	ck_assert_int_eq(write(fd, content, size), (ssize_t)size);
	int err = fault_read_file(path, limit, list, &bytes, ret_size);
	if (!err) {
		ck_assert_uint_eq(*ret_size, size);
		ck_assert_int_eq(memcmp(bytes, content, size), 0);
		ck_assert_int_eq(bytes[size], 0);
		free(bytes);
	}
	free(content);
	(void)close(fd);
	(void)unlink(path);
	return err;
}

START_TEST(a_file_is_read_up_to_its_limit)
{
	static struct fault_list list;
	size_t size;
	ck_assert_int_eq(read_back(0, 10, &list, &size), 0);
	ck_assert_int_eq(read_back(10, 10, &list, &size), 0);
	ck_assert_int_eq(read_back(300000, 300000, &list, &size), 0);
	ck_assert_uint_eq(list.count, 0);
	ck_assert_int_eq(read_back(11, 10, &list, &size), RW_EINVAL);
	ck_assert_int_eq(read_back(300001, 300000, &list, &size), RW_EINVAL);
	ck_assert_ptr_nonnull(strstr(list.items[1].message, "300000 bytes"));
}
END_TEST

START_TEST(a_file_that_is_not_there_is_a_fault)
{
	static struct fault_list list;
	char *bytes;
	size_t size;
	ck_assert_int_eq(fault_read_file("/nonexistent/zone", 10, &list, &bytes, &size), RW_EINVAL);
	ck_assert_str_eq(list.items[0].file, "/nonexistent/zone");
	ck_assert_uint_eq(list.items[0].line, 0);
	ck_assert_ptr_nonnull(strstr(list.items[0].message, "No such file"));
}
END_TEST

/* Nor does a pipe that nobody writes to make us wait. */
START_TEST(what_is_no_file_is_a_fault)
{
	static struct fault_list list;
	char folder[] = "/tmp/rootwalk-fault-XXXXXX", path[64], *bytes;
	size_t size;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/pipe", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(fault_read_file(path, 10, &list, &bytes, &size), RW_EINVAL);
	ck_assert_int_eq(fault_read_file(folder, 10, &list, &bytes, &size), RW_EINVAL);
	ck_assert_uint_eq(list.errors, 2);
	ck_assert_ptr_nonnull(strstr(list.items[1].message, "directory"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Editors of other systems write it before text; names, leases and zones begin behind it. */
START_TEST(a_byte_order_mark_is_no_text)
{
	static const char *const rows[][2] = {{"\xef\xbb\xbf"
					       "10.0.0.1 a",
						      "10.0.0.1 a"},
		{"\xef\xbb\xbf", ""}, {"\xef\xbb", "\xef\xbb"}, {"a\xef\xbb\xbf", "a\xef\xbb\xbf"}};
	for (size_t i = 0; i < RW_COUNT(rows); i++) {
		char path[] = "/tmp/rootwalk-fault-XXXXXX", *bytes;
		size_t size;
		int fd = mkstemp(path);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(
			write(fd, rows[i][0], strlen(rows[i][0])), (int)strlen(rows[i][0]));
		ck_assert_int_eq(close(fd), 0);
		ck_assert_int_eq(fault_read_file(path, 100, NULL, &bytes, &size), 0);
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_uint_eq(size, strlen(rows[i][1]));
		ck_assert_str_eq(bytes, rows[i][1]);
		free(bytes);
	}
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tests = tcase_create("all");
	tcase_add_test(tests, faults_beyond_the_bound_are_counted_only);
	tcase_add_test(tests, a_long_file_name_keeps_its_end);
	tcase_add_test(tests, a_file_is_read_up_to_its_limit);
	tcase_add_test(tests, a_file_that_is_not_there_is_a_fault);
	tcase_add_test(tests, what_is_no_file_is_a_fault);
	tcase_add_test(tests, a_byte_order_mark_is_no_text);
	suite_add_tcase(suite, tests);
	return suite;
}
