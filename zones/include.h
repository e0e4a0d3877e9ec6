/* SPDX-License-Identifier: MIT */
/*
 * The files that one master file is read from: itself, and what it draws in with $INCLUDE. A file
 * draws in only what lies below its own folder, however links lead, so that who may write one zone
 * cannot have other files read by it.
 */
#ifndef RW_ZONES_INCLUDE_H
#define RW_ZONES_INCLUDE_H

#include <sys/types.h>

#include "resolver/base/limits.h"
#include "zones/fault.h"
#include "zones/table.h"

/* A file that is being read. */
struct include_file {
	char *path, *bytes;
	dev_t device;
	ino_t inode;
};

struct include {
	struct table_included *included; /* all that were drawn in; may be NULL */
	struct include_file files[LIMIT_INCLUDE_DEPTH + 1]; /* `depth` of them, one in another */
	unsigned depth;
	unsigned count; /* drawn in */
	size_t bytes;   /* of all of them */
	size_t limit;   /* of these */
	char why[FAULT_MESSAGE];
};

/*
 * Begins with the file itself; all files together may have `limit` bytes. `included` (may be NULL)
 * outlives `include`. RW_EINVAL with a fault, RW_ENOMEM. Whatever it returns, include_end is to be
 * called.
 */
int include_begin(struct include *include, const char *path, size_t limit,
	struct table_included *included, struct fault_list *faults, const char **ret_bytes,
	size_t *ret_size) RW_MUSTCHECK;

/* As text_reader has it: a file that the one that is being read draws in, and its end. */
int include_open(struct include *include, const char *name, const char **ret_bytes,
	size_t *ret_size, const char **ret_why) RW_MUSTCHECK;
void include_close(struct include *include);

/* Of the file that is being read. */
const char *include_path(const struct include *include);

void include_end(struct include *include);

#endif
