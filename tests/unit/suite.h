/* SPDX-License-Identifier: MIT */
/* What each check_*.c gives to the main() that all unit tests share (main.c). */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <check.h>

/* The tests of this file. The runner that it is given to owns it. */
Suite *make_suite(void);

#endif
