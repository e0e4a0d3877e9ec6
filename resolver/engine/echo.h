/* SPDX-License-Identifier: MIT */
/*
 * Forwarding in a circle: a forwarder that hands our question on until it comes back to us. A
 * forwarder that only passes the question on keeps the random letter case that we chose, so a query
 * with exactly this case is our own. It may arrive at another worker than the one that waits, so
 * hashes of all questions that are in flight to forwarders are kept on one board, which all workers
 * read without a lock.
 *
 * When two questions share a slot, the older one is forgotten, and its loop ends by time-out.
 */
#ifndef RW_ENGINE_ECHO_H
#define RW_ENGINE_ECHO_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/base/env.h"
#include "resolver/base/rw.h"

struct echo_board;

int echo_board_new(const struct env *env, struct echo_board **ret_board) RW_MUSTCHECK;
void echo_board_free(struct echo_board *board); /* NULL does nothing */

/*
 * The number of letters that a name must have, so that their case does not match by chance. A query
 * from the forwarder itself matches by chance once in 1024; from other clients more letters are
 * required, because they could try to guess ours and so end the questions of others.
 */
#define ECHO_LETTERS          10
#define ECHO_LETTERS_STRANGER 24

/* The hash of the name in just these letters; 0: it has fewer of them than `least`. */
uint64_t echo_of(const struct echo_board *board, const uint8_t *name, unsigned least);

/* The question goes out. */
void echo_post(struct echo_board *board, uint64_t echo);

/* A client asks this question: whether it is in flight. If so, it is marked as heard. */
bool echo_hear(struct echo_board *board, uint64_t echo);

/* It is no longer in flight. Returns whether it was heard meanwhile. */
bool echo_end(struct echo_board *board, uint64_t echo);

#endif
