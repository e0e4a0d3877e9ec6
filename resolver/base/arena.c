/* SPDX-License-Identifier: MIT */
/* A chain of chunks, each twice as large as the one before, within the cap. */
#include "resolver/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK (12 << 10)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t cap)
{
	*arena = (struct arena){.cap = cap};
}

void arena_release(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk;
	while (chunk) {
		struct arena_chunk *older = chunk->older;
		free(chunk);
		chunk = older;
	}
	arena_init(arena, arena->cap);
}

void arena_clear(struct arena *arena)
{
	while (arena->chunk && arena->chunk->older) {
		struct arena_chunk *older = arena->chunk->older;
		arena->total -= arena->chunk->size;
		free(arena->chunk);
		arena->chunk = older;
	}
	arena->used = 0;
}

static int grow(struct arena *arena, size_t need)
{
	size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK;
	size_t left = arena->cap - arena->total;
	if (size > left)
		size = left;
	if (size < need)
		size = need;
	if (size > left)
		return RW_ENOMEM;
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		return RW_ENOMEM;
	chunk->older = arena->chunk;
	chunk->size = size;
	arena->chunk = chunk;
	arena->used = 0;
	arena->total += size;
	return 0;
}

void *arena_alloc_raw(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) & ~(align - 1);
	if (size == 0)
		size = align;
	if (!arena->chunk || arena->chunk->size - arena->used < size)
		if (grow(arena, size))
			return NULL;
	void *data = arena->chunk->bytes + arena->used;
	arena->used += size;
	return data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *data = arena_alloc_raw(arena, size);
	if (data)
		memset(data, 0, size);
	return data;
}

void *arena_dup(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc_raw(arena, size);
	if (copy && size > 0)
		memcpy(copy, data, size);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = length < 0 ? NULL : arena_alloc_raw(arena, (size_t)length + 1);
	if (text)
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
