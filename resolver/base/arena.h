/* SPDX-License-Identifier: MIT */
/*
 * An arena: memory for one request, capped in bytes, released at once. Nothing in it is freed by
 * itself, so nothing in it can be freed twice. Not safe for several threads.
 */
#ifndef RW_BASE_ARENA_H
#define RW_BASE_ARENA_H

#include <stddef.h>

#include "resolver/base/rw.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk; /* newest chunk; older ones hang behind it */
	size_t used;               /* bytes handed out of the newest chunk */
	size_t total;              /* bytes of all chunks */
	size_t cap;                /* bytes that `total` never exceeds */
};

/* Allocates nothing yet. `cap` is in bytes. */
void arena_init(struct arena *arena, size_t cap);

/* Frees every chunk; the arena is as after arena_init. */
void arena_release(struct arena *arena);

/* Makes all memory available again, keeping the first chunk, so that a steady user never mallocs.
 */
void arena_clear(struct arena *arena);

/* `size` zeroed bytes aligned for any type, or NULL when the cap or memory is used up. */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc, but not zeroed. */
void *arena_alloc_raw(struct arena *arena, size_t size);

/* A copy of `size` bytes, or NULL. */
void *arena_dup(struct arena *arena, const void *data, size_t size);

/* A formatted string, or NULL. */
char *arena_printf(struct arena *arena, const char *format, ...) RW_PRINTF(2, 3);

#endif
