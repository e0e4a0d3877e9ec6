/* SPDX-License-Identifier: MIT */
/*
 * The world as a parameter: the clocks and the source of randomness. Floors below the engine get
 * time in their events and randomness through this struct, so that tests run in virtual time with
 * chosen dice.
 */
#ifndef RW_BASE_ENV_H
#define RW_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

struct env {
	uint64_t (*mono_ms)(void *ctx); /* ms; never goes back, counts sleep; TTLs follow it */
	int64_t (*wall_s)(void *ctx);   /* s since 1970; only signatures and logs follow it */
	void (*random)(void *ctx, void *buf, size_t size); /* unpredictable bytes */
	void *ctx;
};

static inline uint64_t env_mono_ms(const struct env *env)
{
	return env->mono_ms(env->ctx);
}

static inline int64_t env_wall_s(const struct env *env)
{
	return env->wall_s(env->ctx);
}

/* A number below `bound` (> 0), without modulo bias worth speaking of. */
static inline uint32_t env_random_below(const struct env *env, uint32_t bound)
{
	uint32_t value;
	env->random(env->ctx, &value, sizeof(value));
	return (uint32_t)(((uint64_t)value * bound) >> 32);
}

/* The real world: libc's clocks and the kernel's generator. Stateless, safe for all threads. */
const struct env *env_real(void);

#endif
