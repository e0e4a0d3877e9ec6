/* SPDX-License-Identifier: MIT */
/*
 * Forwarding in a circle: a forwarder that hands our question on until it comes back to us. Whoever
 * only passes it on keeps the letters that we have drawn for it, so a question in just those
 * letters is our own. It may come to another worker than the one that waits: the letters of all
 * questions under way to forwarders hang on one board, as hashes, which all workers read without a
 * lock.
 *
 * A slot that two questions share forgets the older one; its loop ends by time-out.
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
 * Letters that a name must have, in both cases, so that they come back by no chance. From the
 * forwarder itself one in 1024 questions has the same ones; of a stranger it takes more, for
 * clients draw letters too, and could look for ours in order to end what others wait for.
 */
#define ECHO_LETTERS          10
#define ECHO_LETTERS_STRANGER 24

/* The hash of the name in just these letters; 0: it has fewer of them than `least`. */
uint64_t echo_of(const struct echo_board *board, const uint8_t *name, unsigned least);

/* The question goes out. */
void echo_post(struct echo_board *board, uint64_t echo);

/* A client asks it: whether it is under way. Whoever waits for it will know. */
bool echo_hear(struct echo_board *board, uint64_t echo);

/* It is under way no more: whether it was heard meanwhile. */
bool echo_end(struct echo_board *board, uint64_t echo);

#endif
