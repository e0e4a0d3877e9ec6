/* SPDX-License-Identifier: MIT */
/* The real world. Clocks are read through libc, so that a preloaded fake clock is obeyed. */
#include "resolver/base/env.h"

#include <sys/random.h>
#include <time.h>

#include "resolver/base/rw.h"

static uint64_t real_mono_ms(void *ctx)
{
	(void)ctx;
	struct timespec now;
	/* TTLs are seconds of the world, and pass while the machine sleeps. */
	rw_require(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int64_t real_wall_s(void *ctx)
{
	(void)ctx;
	struct timespec now;
	rw_require(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return now.tv_sec;
}

/* One system call serves many small draws; each thread has a buffer of its own. */
static void real_random(void *ctx, void *buf, size_t size)
{
	(void)ctx;
	static _Thread_local unsigned char pool[256];
	static _Thread_local size_t left;
	unsigned char *out = buf;
	while (size > 0) {
		if (left == 0) {
			rw_require(getrandom(pool, sizeof(pool), 0) == (ssize_t)sizeof(pool));
			left = sizeof(pool);
		}
		left--;
		*out++ = pool[left];
		pool[left] = 0;
		size--;
	}
}

const struct env *env_real(void)
{
	static const struct env real = {
		.mono_ms = real_mono_ms,
		.wall_s = real_wall_s,
		.random = real_random,
	};
	return &real;
}
