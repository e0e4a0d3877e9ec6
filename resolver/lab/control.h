/* SPDX-License-Identifier: MIT */
/*
 * Commands to a lab that runs: a socket named `control` in its run folder, which nobody but the
 * lab's owner can reach. A command is words, each ended by a newline, and a NUL behind the last;
 * the answer begins with the line `ok` or `error` and ends with the connection.
 */
#ifndef RW_LAB_CONTROL_H
#define RW_LAB_CONTROL_H

#include <stdio.h>
#include <uv.h>

#include "resolver/base/env.h"
#include "resolver/lab/world.h"

struct control;

/*
 * Listens at `path`. `stop` is called for the command of that name. The world and the loop outlive
 * it. RW_ENOMEM; RW_ESYSTEM with errno.
 */
int control_open(uv_loop_t *loop, const char *path, struct world *world, const struct env *env,
	void (*stop)(void *ctx), void *ctx, struct control **ret_control) RW_MUSTCHECK;

/* Begins to close everything; freed when the loop has run out. NULL does nothing. */
void control_close(struct control *control);

/*
 * What a command does, without a socket: the answer goes to `out`, first line included. Returns
 * whether it was `stop`.
 */
bool control_run(struct world *world, const struct env *env, const char *const *words, size_t count,
	FILE *out);

/*
 * The other side: sends the words, copies the answer behind its first line to `out` or, where that
 * is `error`, to `errors`. RW_EINVAL: the lab refused; RW_ESYSTEM: there is none, and errno.
 */
int control_send(const char *path, const char *const *words, size_t count, FILE *out,
	FILE *errors) RW_MUSTCHECK;

/* Whether somebody listens at `path`. */
bool control_is_there(const char *path);

#endif
