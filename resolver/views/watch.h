/* SPDX-License-Identifier: MIT */
/*
 * Watching the files of names: tells when one of them may have changed. The folders are watched
 * (editors and DHCP servers put a new file in the old one's place), and every LIMIT_WATCH_POLL_MS
 * somebody looks anyway: not every file system tells. What comes in a row is told once.
 */
#ifndef RW_VIEWS_WATCH_H
#define RW_VIEWS_WATCH_H

#include <uv.h>

#include "resolver/views/views.h"

struct watch;

/* `maybe` is called from the loop. RW_ENOMEM. */
int watch_new(uv_loop_t *loop, void (*maybe)(void *ctx), void *ctx,
	struct watch **ret_watch) RW_MUSTCHECK;

/* From now on the files of these views' tables; `views` is not kept. */
void watch_files(struct watch *watch, const struct views *views);

/* Frees it from the loop; NULL does nothing. */
void watch_close(struct watch *watch);

#endif
