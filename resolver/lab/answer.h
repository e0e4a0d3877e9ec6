/* SPDX-License-Identifier: MIT */
/*
 * What a server of the lab says to a question: bytes in, bytes out, no socket and no clock. The
 * switches that change what a reply holds are obeyed here (lame, refused, servfail, truncating,
 * wrong, spoof); when and whence it is sent is ports.h's.
 */
#ifndef RW_LAB_ANSWER_H
#define RW_LAB_ANSWER_H

#include "resolver/lab/world.h"

/*
 * Writes the reply into `out`, which has room for LIMIT_MESSAGE_BYTES, and its size into
 * `ret_size`. RW_ENOTFOUND: nothing is to be said (no whole header, or no question but a reply).
 */
int lab_answer(struct lab_server *server, const uint8_t *query, size_t size, bool tcp,
	struct arena *arena, uint8_t *out, size_t *ret_size) RW_MUSTCHECK;

#define LAB_ANSWER_ARENA (1 << 20) /* bytes that the arena of one answer may take */

#endif
