/* SPDX-License-Identifier: MIT */
/* Texts in, cache calls out. */
#include "tests/unit/cachekit.h"

#include <stdio.h>

#include "resolver/wire/text.h"

static void dice(void *ctx, void *buf, size_t size)
{
	(void)ctx;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buf)[i] = (uint8_t)(i * 37 + 11);
}

const struct env *kit_env(void)
{
	static const struct env env = {.random = dice};
	return &env;
}

void kit_init(struct kit *kit, uint64_t size_bytes)
{
	const struct cache_params params = {.size_bytes = size_bytes,
		.max_ttl_s = 86400,
		.max_negative_ttl_s = 3600,
		.stale_max_age_s = 1000};
	*kit = (struct kit){0};
	arena_init(&kit->arena, 1 << 22);
	rw_require(cache_new(&params, kit_env(), &kit->cache) == 0);
}

void kit_release(struct kit *kit)
{
	cache_free(kit->cache);
	arena_release(&kit->arena);
}

static const uint8_t *wire(struct kit *kit, const char *text)
{
	struct name name;
	rw_require(name_from_text(text, &name) == 0);
	return name_dup(name.bytes, &kit->arena);
}

int kit_set_from(struct kit *kit, const char *line, const struct provenance *from)
{
	struct rrset *set;
	rw_require(text_to_rrset(&kit->arena, line, NULL, NULL, 300, &set) == 0);
	struct provenance told = *from;
	told.original_ttl = set->ttl;
	return cache_store_rrset(kit->cache, set, &told, from->when_ms);
}

int kit_set(struct kit *kit, const char *line, enum cache_rank rank, uint64_t now_ms)
{
	const struct provenance from = {.rank = (uint8_t)rank, .when_ms = now_ms};
	return kit_set_from(kit, line, &from);
}

int kit_negative(struct kit *kit, enum cache_kind kind, const char *name, uint16_t type,
	uint32_t ttl, enum cache_rank rank, uint64_t now_ms)
{
	char line[200];
	struct rrset *soa;
	(void)snprintf(line, sizeof(line), "Example. %u IN SOA ns.example. h.example. 1 2 3 4 %u",
		ttl, ttl);
	rw_require(text_to_rrset(&kit->arena, line, NULL, NULL, 0, &soa) == 0);
	const struct provenance from = {.rank = (uint8_t)rank, .when_ms = now_ms};
	const struct question question = {wire(kit, name), type, CLASS_IN};
	return cache_store_negative(kit->cache, kind, &question, soa, &from, now_ms);
}

int kit_failure(struct kit *kit, const char *name, uint16_t type, uint64_t now_ms)
{
	return cache_store_failure(kit->cache, wire(kit, name), type, 22, "no luck", now_ms);
}

int kit_find(struct kit *kit, enum cache_kind kind, const char *name, uint16_t type,
	enum cache_mode mode, uint64_t now_ms)
{
	const struct cache_query query = {
		.cache = kit->cache, .mode = mode, .now_ms = now_ms, .arena = &kit->arena};
	return cache_lookup(&query, kind, wire(kit, name), type, &kit->hit);
}

enum answer_outcome kit_ask(
	struct kit *kit, const char *name, uint16_t type, enum cache_mode mode, uint64_t now_ms)
{
	const struct question question = {wire(kit, name), type, CLASS_IN};
	const struct cache_query query = {.cache = kit->cache,
		.mode = mode,
		.now_ms = now_ms,
		.arena = &kit->arena,
		.entered = question.name};
	int err = 0;
	answer_begin(&kit->answer, &question);
	while (!err && kit->answer.outcome == ANSWER_MISS)
		err = cache_answer(&query, &kit->answer);
	rw_require(!err || err == RW_ENOTFOUND);
	return kit->answer.outcome;
}

bool kit_is(const uint8_t *wire_name, const char *text)
{
	struct name name;
	rw_require(name_from_text(text, &name) == 0);
	return name_equal(wire_name, name.bytes);
}
