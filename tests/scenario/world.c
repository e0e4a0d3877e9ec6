/* SPDX-License-Identifier: MIT */
/* The virtual world, and the client's way through the cache. */
#include "tests/scenario/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "resolver/wire/precheck.h"

#define WORLD_ARENA    (256u << 20)
#define WORLD_START_MS 1000000
#define WORLD_SEED     0x9e3779b97f4a7c15u

static uint64_t world_mono_ms(void *ctx)
{
	const struct world *world = ctx;
	return world->now_ms;
}

static int64_t world_wall_s(void *ctx)
{
	const struct world *world = ctx;
	return world->wall_s + (int64_t)(world->now_ms / 1000);
}

/* splitmix64: the same dice for every run of a text. */
static void world_random(void *ctx, void *buf, size_t size)
{
	struct world *world = ctx;
	uint8_t *out = buf;
	while (size-- > 0) {
		world->dice += WORLD_SEED;
		uint64_t z = world->dice;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		*out++ = (uint8_t)(z >> 56);
	}
}

void world_init(struct world *world, struct rpl *rpl, const struct setup *setup, bool verbose)
{
	const struct cache_settings *cache = &setup->settings.cache;
	const struct cache_params params = {
	        .size_bytes = cache->size_bytes,
	        .max_ttl_s = cache->max_ttl_s,
	        .min_ttl_s = cache->min_ttl_s,
	        .max_negative_ttl_s = cache->max_negative_ttl_s,
	        .stale_max_age_s = cache->serve_stale ? cache->stale_max_age_s : 0,
	};
	*world = (struct world){.rpl = rpl, .setup = setup, .verbose = verbose};
	arena_init(&world->arena, WORLD_ARENA);
	world->env = (struct env){world_mono_ms, world_wall_s, world_random, world};
	world->now_ms = WORLD_START_MS;
	world->wall_s = setup->wall_s - WORLD_START_MS / 1000;
	world->dice = WORLD_SEED;
	rw_require(cache_new(&params, &world->env, &world->cache) == 0);
	rw_require(infra_new(&world->env, &world->infra) == 0);
}

void world_release(struct world *world)
{
	infra_free(world->infra);
	cache_free(world->cache);
	arena_release(&world->arena);
}

void world_tell(const struct world *world, const char *format, ...)
{
	if (!world->verbose)
		return;
	printf("    %4u.%03us ", (unsigned)((world->now_ms - WORLD_START_MS) / 1000),
	        (unsigned)(world->now_ms % 1000));
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static bool look_up(struct world *world, const struct entry *query, enum cache_mode mode,
        struct cache_answer *ret_answer)
{
	rw_require(cache_answer(world->cache, &query->question, mode, world->now_ms, &world->arena,
	                   ret_answer) == 0);
	return ret_answer->outcome != ANSWER_MISS;
}

static struct view_asker asker_of(struct world *world, const struct entry *query)
{
	return (struct view_asker){&world->setup->settings, query, &world->arena};
}

bool world_stale(struct world *world, const struct entry *query, struct view *view)
{
	struct cache_answer answer;
	if (!world->setup->settings.cache.serve_stale ||
	        !look_up(world, query, CACHE_STALE_TOO, &answer) ||
	        answer.outcome == ANSWER_FAILURE)
		return false;
	const struct view_asker asker = asker_of(world, query);
	view_from_cache(&asker, &answer, view);
	return true;
}

static bool answer_fresh(struct world *world, const struct entry *query, struct view *view)
{
	struct cache_answer answer;
	if (!look_up(world, query, CACHE_FRESH_ONLY, &answer))
		return false;
	world_tell(world, "answered from the cache");
	if (answer.outcome == ANSWER_FAILURE && world_stale(world, query, view))
		return true;
	const struct view_asker asker = asker_of(world, query);
	view_from_cache(&asker, &answer, view);
	if (answer.prefetch && world->setup->settings.cache.prefetch)
		run_request(world, query, NULL);
	return true;
}

/* Bytes that are no question are dropped at the door. */
static bool is_question(const struct entry *query)
{
	struct precheck info;
	return !query->raw || (precheck(query->raw, query->raw_size, &info) == 0 &&
	                              !(info.flags & FLAG_QR) && info.counts[0] == 1);
}

void world_ask(struct world *world, const struct entry *query, struct view *ret_view)
{
	world->sends = 0;
	world->last_sent = NULL;
	*ret_view = (struct view){.silent = true, .ede = EDE_NONE};
	if (!query->has_question || !is_question(query))
		return;
	if (answer_fresh(world, query, ret_view))
		return;
	if (world->setup->settings.cache.stale_client_timeout_ms == 0 &&
	        world_stale(world, query, ret_view)) {
		run_request(world, query, NULL);
		return;
	}
	run_request(world, query, ret_view);
}
