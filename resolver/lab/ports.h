/* SPDX-License-Identifier: MIT */
/*
 * The sockets of the lab: UDP and TCP at every address of every server, on one libuv loop. The
 * switches that change when and whence a reply goes are obeyed here (silent, lossy, slow,
 * wrong-port).
 */
#ifndef RW_LAB_PORTS_H
#define RW_LAB_PORTS_H

#include <stdio.h>
#include <uv.h>

#include "resolver/base/env.h"
#include "resolver/lab/world.h"

struct ports;

#define PORTS_MESSAGE 256

/*
 * Opens everything; an address without a port gets `port`. The world and the loop outlive it.
 * RW_ENOMEM; RW_ESYSTEM: `ret_message` has a sentence.
 */
int ports_open(uv_loop_t *loop, struct world *world, uint16_t port, const struct env *env,
	struct ports **ret_ports, char ret_message[PORTS_MESSAGE]) RW_MUSTCHECK;

/* From now on a line for each question: the server, how it came, its name and type, what is said.
 */
void ports_log(struct ports *ports, FILE *out);

/* Begins to close everything; freed when the loop has run out. NULL does nothing. */
void ports_close(struct ports *ports);

#endif
