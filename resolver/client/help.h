/* SPDX-License-Identifier: MIT */
/* What --help prints: one screen. */
#ifndef RW_CLIENT_HELP_H
#define RW_CLIENT_HELP_H

#include <stdio.h>

/* Returns 0. */
int help_print(FILE *file);

#endif
