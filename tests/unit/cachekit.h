/* SPDX-License-Identifier: MIT */
/* Short ways to fill and ask a cache in unit tests. Not a test itself. */
#ifndef TESTS_UNIT_CACHEKIT_H
#define TESTS_UNIT_CACHEKIT_H

#include "cache/cache.h"

#define NOW 1000000u /* ms at which tests begin */

struct kit {
	struct cache *cache;
	struct arena arena;
	struct answer answer;
	struct cache_hit hit;
};

const struct env *kit_env(void); /* repeatable dice, no clocks */
void kit_init(struct kit *kit, uint64_t size_bytes);
void kit_release(struct kit *kit);

/* `line` as in a master file. */
int kit_set(struct kit *kit, const char *line, enum cache_rank rank, uint64_t now_ms);

/* The same with the rest of the provenance chosen. */
int kit_set_from(struct kit *kit, const char *line, const struct provenance *from);

/* The SOA has a TTL and MINIMUM of `ttl`. */
int kit_negative(struct kit *kit, enum cache_kind kind, const char *name, uint16_t type,
	uint32_t ttl, enum cache_rank rank, uint64_t now_ms);
int kit_failure(struct kit *kit, const char *name, uint16_t type, uint64_t now_ms);

/* Fills `kit->hit`; the error of cache_lookup. */
int kit_find(struct kit *kit, enum cache_kind kind, const char *name, uint16_t type,
	enum cache_mode mode, uint64_t now_ms);

/* Fills `kit->answer`. */
enum answer_outcome kit_ask(
	struct kit *kit, const char *name, uint16_t type, enum cache_mode mode, uint64_t now_ms);

/* Whether `wire` is the name `text`. */
bool kit_is(const uint8_t *wire, const char *text);

#endif
