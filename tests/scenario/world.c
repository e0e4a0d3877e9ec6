/* SPDX-License-Identifier: MIT */
/* The virtual world inside, and the client's way through the cache. */
#include "tests/scenario/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORLD_ARENA    (256u << 20)
#define WORLD_START_MS 1000000
#define WORLD_SEED     0x9e3779b97f4a7c15u

const struct world_kind world_kind = {.program = "play", .text_seconds = 60, .at_once = 1};

const struct addr world_client = {.family = ADDR_V4, .ip = {127, 0, 0, 1}, .port = 40000};

static uint64_t world_mono_ms(void *ctx)
{
	const struct play_world *world = ctx;
	return world->now_ms;
}

static int64_t world_wall_s(void *ctx)
{
	const struct play_world *world = ctx;
	return world->wall_s + (int64_t)(world->now_ms / 1000);
}

/* splitmix64: the same dice for every run of a text. */
static void world_random(void *ctx, void *buf, size_t size)
{
	struct play_world *world = ctx;
	uint8_t *out = buf;
	while (size-- > 0) {
		world->dice += WORLD_SEED;
		uint64_t z = world->dice;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		*out++ = (uint8_t)(z >> 56);
	}
}

const char *world_init(
	struct play_world *world, struct rpl *rpl, const struct setup *setup, bool verbose)
{
	const struct cache_settings *cache = &setup->settings.cache;
	const struct cache_params params = {
		.size_bytes = cache->size_bytes,
		.max_ttl_s = cache->max_ttl_s,
		.min_ttl_s = cache->min_ttl_s,
		.max_negative_ttl_s = cache->max_negative_ttl_s,
		.min_negative_ttl_s = cache->min_negative_ttl_s,
		.stale_max_age_s = cache->serve_stale ? cache->stale_max_age_s : 0,
	};
	*world = (struct play_world){.rpl = rpl, .verbose = verbose};
	world->views.settings = setup->settings;
	world->views.hints = &setup->hints;
	arena_init(&world->arena, WORLD_ARENA);
	const struct views_from from = {.env = &world->env};
	world->answer = arena_alloc(&world->arena, LIMIT_MESSAGE_BYTES);
	rw_require(world->answer);
	world->env = (struct env){world_mono_ms, world_wall_s, world_random, world};
	world->now_ms = WORLD_START_MS;
	world->wall_s = setup->wall_s - WORLD_START_MS / 1000;
	world->dice = WORLD_SEED;
	rw_require(views_build(&world->views, &from) == 0);
	rw_require(cache_new(&params, &world->env, &world->cache) == 0);
	rw_require(infra_new(&world->env, &world->infra) == 0);
	responder_init(&world->responder, &world->views, world->cache, NULL, &world->counters);
	return NULL;
}

void world_release(struct play_world *world)
{
	responder_release(&world->responder);
	infra_free(world->infra);
	cache_free(world->cache);
	views_release(&world->views);
	arena_release(&world->arena);
}

const char *world_end(struct play_world *world)
{
	(void)world;
	return NULL;
}

void world_pass(struct play_world *world, uint32_t seconds)
{
	world->now_ms += (uint64_t)seconds * 1000;
}

void world_tell(const struct play_world *world, const char *format, ...)
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

/* There is no engine here, so what it would be told to learn anew is asked for at once. */
static void refresh(struct play_world *world)
{
	const struct refresh_list *list = query_refreshes(&world->responder);
	for (unsigned i = 0; i < list->count; i++) {
		struct answer nothing;
		answer_begin(&nothing, &list->questions[i]);
		(void)run_request(world, &list->questions[i], list->is_due ? &nothing : NULL, NULL);
	}
}

/* Returns false when there is no answer. */
static bool ask_over(
	struct play_world *world, const struct rpl_entry *query, bool tcp, struct view *view)
{
	const struct query_origin origin = {
		.client = world_client, .tcp = tcp, .now_ms = world->now_ms};
	struct query_output out = {world->answer, tcp ? LIMIT_MESSAGE_BYTES : REPLY_UDP_BYTES, 0};
	struct client_query client;
	size_t size;
	const uint8_t *wire = view_query(query, 1, &world->arena, &size);
	switch (query_take(&world->responder, wire, size, &origin, &client, &out)) {
	case QUERY_DROP:
		return false;
	case QUERY_ANSWERED:
		world_tell(world, "answered without asking");
		rw_require(view_read(world->answer, out.size, &world->arena, view));
		refresh(world);
		return true;
	case QUERY_ASK: {
		const struct question asked = query_asked(&client);
		out.size = run_request(world, &asked, query_finding(&world->responder), &client);
		if (out.size == 0)
			return false;
		break;
	}
	}
	rw_require(view_read(world->answer, out.size, &world->arena, view));
	return true;
}

void world_ask(struct play_world *world, const struct rpl_entry *query, struct view *ret_view)
{
	world->sends = 0;
	world->last_sent = NULL;
	*ret_view = (struct view){.silent = true, .ede = EDE_NONE};
	bool tcp_only = query->match & MATCH_TCP;
	if (ask_over(world, query, tcp_only, ret_view) && (ret_view->flags & FLAG_TC) && !tcp_only)
		(void)ask_over(world, query, true, ret_view);
}
