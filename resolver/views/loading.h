/* SPDX-License-Identifier: MIT */
/*
 * From a configuration file to views, and telling people what is wrong with it and with the
 * files that it names.
 */
#ifndef RW_VIEWS_LOADING_H
#define RW_VIEWS_LOADING_H

#include <stdio.h>

#include "resolver/views/views.h"

/* What has been told of files already, so that a file that changes often is not told of each time.
 */
struct loading_told {
	uint64_t hashes[LIMIT_TOLD];
	size_t count; /* ever; the oldest give way */
};

/*
 * The views of the configuration `path` (NULL: of the defaults). All that is wrong is logged.
 * `old` as in struct views_from. RW_EINVAL, RW_ENOMEM.
 */
int loading_read(const char *path, const struct views *old, struct loading_told *told,
	struct views **ret_views) RW_MUSTCHECK;

/* `old` with the files that have changed read again. RW_ENOTFOUND: none has; RW_ENOMEM. */
int loading_refresh(
	const struct views *old, struct loading_told *told, struct views **ret_views) RW_MUSTCHECK;

/* Prints all that is wrong with a configuration and the files it names; returns whether nothing
 * is, warnings aside. */
bool loading_check(const char *path, FILE *out);

#endif
