/* SPDX-License-Identifier: MIT */
/* Spare objects, chained through their first bytes. */
#include "resolver/base/pool.h"

#include <stdlib.h>

#include "resolver/base/limits.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ /* as gcc says it */
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define forbid(object, size) ASAN_POISON_MEMORY_REGION(object, size)
#define permit(object, size) ASAN_UNPOISON_MEMORY_REGION(object, size)
#else
#define forbid(object, size) ((void)(object), (void)(size))
#define permit(object, size) ((void)(object), (void)(size))
#endif

struct pool_spare {
	struct pool_spare *next;
};

void *pool_take(struct pool *pool)
{
	struct pool_spare *spare = pool->spare;
	if (!spare)
		return malloc(pool->size);
	permit(spare, pool->size);
	pool->spare = spare->next;
	pool->spare_count--;
	return spare;
}

void pool_put(struct pool *pool, void *object)
{
	struct pool_spare *spare = object;
	rw_debug(pool->size >= sizeof(*spare));
	if (pool->spare_count == LIMIT_POOL_SPARE) {
		free(object);
		return;
	}
	spare->next = pool->spare;
	pool->spare = spare;
	pool->spare_count++;
	forbid(spare, pool->size);
}

void pool_release(struct pool *pool)
{
	while (pool->spare)
		free(pool_take(pool));
}
