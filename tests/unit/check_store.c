/* SPDX-License-Identifier: MIT */
/* The byte budget, the order of eviction, and several threads at once. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/cachekit.h"
#include "tests/unit/suite.h"

#define BUDGET (4u << 20)
#define HOT    1000

/* Names are written by hand: text parsing would take most of the time here. */
static const uint8_t *numbered(struct name *name, char kind, unsigned number)
{
	(void)snprintf((char *)name->bytes, sizeof(name->bytes), "\7%c%06u\7example", kind,
		number % 1000000);
	return name->bytes;
}

static int put(struct cache *cache, char kind, unsigned number)
{
	struct name name;
	uint8_t address[4] = {192, 0, 2, (uint8_t)number};
	struct rdata record = {address, 4};
	const struct rrset set = {.owner = numbered(&name, kind, number),
		.type = TYPE_A,
		.class = CLASS_IN,
		.ttl = 3600,
		.count = 1,
		.records = &record};
	const struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = NOW};
	return cache_store_rrset(cache, &set, &from, NOW);
}

static bool is_there(struct cache *cache, struct arena *arena, char kind, unsigned number)
{
	struct name name;
	struct answer answer;
	const struct question question = {numbered(&name, kind, number), TYPE_A, CLASS_IN};
	arena_clear(arena);
	const struct cache_query query = {
		.cache = cache, .now_ms = NOW, .arena = arena, .entered = question.name};
	answer_begin(&answer, &question);
	int err = cache_answer(&query, &answer);
	ck_assert(!err || err == RW_ENOTFOUND);
	if (answer.outcome == ANSWER_POSITIVE)
		ck_assert_uint_eq(answer.sets[0]->records[0].bytes[3], (uint8_t)number);
	return answer.outcome == ANSWER_POSITIVE;
}

START_TEST(the_budget_holds_while_three_times_it_passes)
{
	struct kit kit;
	struct cache_stats stats;
	kit_init(&kit, BUDGET);
	unsigned count = 3 * BUDGET / 200;
	for (unsigned i = 0; i < count; i++) {
		ck_assert_int_eq(put(kit.cache, 'n', i), 0);
		if (i % 64 == 0) {
			cache_stats(kit.cache, &stats);
			ck_assert_uint_le(stats.bytes, BUDGET);
		}
	}
	cache_stats(kit.cache, &stats);
	ck_assert_uint_eq(stats.inserts, count);
	ck_assert_uint_eq(stats.entries + stats.evictions, count);
	ck_assert_uint_gt(stats.evictions, 0);
	ck_assert_uint_ge(stats.bytes, BUDGET / 100 * 95);
	kit_release(&kit);
}
END_TEST

START_TEST(a_scan_leaves_hot_names)
{
	struct kit kit;
	kit_init(&kit, BUDGET);
	for (unsigned i = 0; i < HOT; i++) {
		ck_assert_int_eq(put(kit.cache, 'h', i), 0);
		ck_assert(is_there(kit.cache, &kit.arena, 'h', i));
	}
	/* A refresh must not cost an entry its place. */
	for (unsigned i = 0; i < HOT; i++)
		ck_assert_int_eq(put(kit.cache, 'h', i), 0);
	for (unsigned i = 0; i < 3 * BUDGET / 200; i++)
		ck_assert_int_eq(put(kit.cache, 's', i), 0);
	unsigned left = 0;
	for (unsigned i = 0; i < HOT; i++)
		left += is_there(kit.cache, &kit.arena, 'h', i);
	ck_assert_uint_ge(left, HOT / 10 * 9);
	kit_release(&kit);
}
END_TEST

/* reaches LIMIT_RRSET_BYTES */
START_TEST(a_legal_set_fits_the_smallest_budget)
{
	struct kit kit;
	static uint8_t bytes[30000];
	struct rdata records[3] = {{bytes, 30000}, {bytes, 30000}, {bytes, 30000}};
	const struct provenance from = {.rank = RANK_ANSWER_AA};
	struct rrset set = {.owner = name_root,
		.type = TYPE_TXT,
		.class = CLASS_IN,
		.ttl = 60,
		.count = 2,
		.records = records};
	kit_init(&kit, LIMIT_CACHE_MIN_BYTES);
	ck_assert_int_eq(cache_store_rrset(kit.cache, &set, &from, NOW), 0);
	set.count = 3;
	ck_assert_int_eq(cache_store_rrset(kit.cache, &set, &from, NOW), RW_ELIMIT);
	kit_release(&kit);
}
END_TEST

struct store_worker {
	struct cache *cache;
	unsigned seed, found;
};

static void *work(void *ctx)
{
	struct store_worker *worker = ctx;
	struct arena arena;
	struct name name;
	struct cache_stats stats;
	arena_init(&arena, 1 << 20);
	for (unsigned i = 0; i < 30000; i++) {
		worker->seed = worker->seed * 1664525u + 1013904223u;
		unsigned number = (worker->seed >> 8) % 20000;
		if (i % 3 == 0)
			rw_require(put(worker->cache, 't', number) == 0);
		else
			worker->found += is_there(worker->cache, &arena, 't', number);
		if (i % 500 == 0)
			cache_remove(
				worker->cache, CACHE_RRSET, numbered(&name, 't', number), TYPE_A);
		if (i % 9000 == 0)
			cache_stats(worker->cache, &stats);
	}
	arena_release(&arena);
	return NULL;
}

START_TEST(threads_share_it)
{
	struct kit kit;
	struct cache_stats stats;
	pthread_t threads[3];
	struct store_worker workers[3];
	const struct cache_params params = {.max_ttl_s = 3600};
	kit_init(&kit, LIMIT_CACHE_MIN_BYTES);
	for (unsigned i = 0; i < 3; i++) {
		workers[i] = (struct store_worker){kit.cache, i + 1, 0};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	cache_set_params(kit.cache, &params);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		ck_assert_uint_gt(workers[i].found, 100);
	}
	cache_stats(kit.cache, &stats);
	ck_assert_uint_le(stats.bytes, LIMIT_CACHE_MIN_BYTES);
	ck_assert_uint_gt(stats.evictions, 0);
	kit_release(&kit);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("store");
	TCase *tests = tcase_create("store");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, the_budget_holds_while_three_times_it_passes);
	tcase_add_test(tests, a_scan_leaves_hot_names);
	tcase_add_test(tests, a_legal_set_fits_the_smallest_budget);
	tcase_add_test(tests, threads_share_it);
	suite_add_tcase(suite, tests);
	return suite;
}
