/* SPDX-License-Identifier: MIT */
/*
 * The configuration file: a strict subset of YAML in, `struct settings` out. Every scalar is read
 * as text and typed by one table of options (schema.c), from which the defaults, the checks,
 * the option list and the manual page all come.
 *
 * A file goes this way: its bytes are checked (size, UTF-8, control characters, tabs), libfyaml
 * turns them into events, base/yaml.c builds a small bounded tree of these and refuses what the
 * subset lacks (anchors, aliases, tags, merge keys, several documents), config.c walks the tree
 * along the table, type.c types each value. Every step reports and goes on where it can, so
 * that one run shows all errors.
 */
#ifndef RW_CONFIG_CONFIG_H
#define RW_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdio.h>

#include "resolver/base/limits.h"
#include "resolver/base/rw.h"
#include "resolver/base/settings.h"

#define CONFIG_MESSAGE 320  /* bytes of one message, with the final NUL */
#define CONFIG_EXCERPT 401  /* bytes of the line shown with it: 100 characters of UTF-8 */
#define CONFIG_FILE    4096 /* bytes of a file name, with the final NUL */

struct config_error {
	unsigned line, column; /* from 1; line 0: the file as a whole */
	char message[CONFIG_MESSAGE];
	char excerpt[CONFIG_EXCERPT]; /* the source line, or the part of it around the column */
	unsigned caret;               /* character of the excerpt that is meant, from 0 */
};

/* About 50 kB, owns nothing. */
struct config_report {
	char name[CONFIG_FILE];
	size_t count; /* errors found; at most LIMIT_CONFIG_ERRORS of them are kept */
	struct config_error errors[LIMIT_CONFIG_ERRORS]; /* by line and column */
};

/*
 * Reads the file `path`. On success the settings are complete and belong to the caller
 * (settings_release). Otherwise RW_EINVAL (RW_ENOMEM, RW_ESYSTEM), and `ret_report`, which is
 * always filled, has at least one error.
 */
int config_load(const char *path, struct settings *ret_settings,
	struct config_report *ret_report) RW_MUSTCHECK;

/* The same from memory; file names inside are relative to the folder of `name`. */
int config_load_bytes(const char *name, const char *bytes, size_t size,
	struct settings *ret_settings, struct config_report *ret_report) RW_MUSTCHECK;

/* All defaults, lists included: what an empty file means. */
int config_default(struct settings *ret_settings) RW_MUSTCHECK;

/* Every error as `file:line:column: message`, the source line, and a caret under the column. */
void config_report_print(const struct config_report *report, FILE *out);

/* Checks a file and prints its errors; returns their number. */
size_t config_check(const char *path, FILE *out) RW_MUSTCHECK;

enum config_form {
	CONFIG_PLAIN,
	CONFIG_MDOC, /* the items of the list in rootwalk.yaml(5) */
};

/* Every key with its type, range, default and meaning. */
void config_options(enum config_form form, FILE *out);

#endif
