/* SPDX-License-Identifier: MIT */
/* Files of a text, for tests of what reads files. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/filekit.h"

void filekit_new(char ret_path[FILEKIT_PATH], const char *text)
{
	(void)snprintf(ret_path, FILEKIT_PATH, "/tmp/rootwalk-unit.XXXXXX");
	int fd = mkstemp(ret_path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
	filekit_write(ret_path, text);
}

void filekit_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}
