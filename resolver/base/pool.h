/* SPDX-License-Identifier: MIT */
/*
 * Objects of one size that come and go all the time. What is given back is kept for the next taker,
 * LIMIT_POOL_SPARE objects at the most; the rest goes back to malloc. In builds with the address
 * sanitizer, the spare objects are poisoned, so that use after release is found. Not safe for
 * several threads.
 */
#ifndef RW_BASE_POOL_H
#define RW_BASE_POOL_H

#include "resolver/base/rw.h"

struct pool_spare;

/* Zeroes and a size are an empty one. */
struct pool {
	size_t size; /* bytes of an object; at least a pointer's */
	unsigned spare_count;
	struct pool_spare *spare;
};

/* An object with any content, or NULL without memory. It is the taker's until pool_put. */
void *pool_take(struct pool *pool);

/* Gives back an object that pool_take has returned. */
void pool_put(struct pool *pool, void *object);

/* Frees the spare objects. Those that are still out can be given back only to a pool in use. */
void pool_release(struct pool *pool);

#endif
