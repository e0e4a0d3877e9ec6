/* SPDX-License-Identifier: MIT */
/* Single entries: life, rank, displacement, negatives, failures, prefetch. */
#include <check.h>
#include <stdio.h>

#include "tests/unit/cachekit.h"
#include "tests/unit/suite.h"

static struct kit kit;

START_TEST(ttl_counts_down_in_whole_seconds)
{
	kit_init(&kit, 1 << 20);
	ck_assert_int_eq(kit_set(&kit, "A.example. 10 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	static const struct {
		unsigned after_ms, ttl;
	} rows[] = {{0, 10}, {999, 10}, {1000, 9}, {9500, 1}, {9999, 1}};
	for (unsigned i = 0; i < RW_COUNT(rows); i++) {
		ck_assert_int_eq(kit_find(&kit, CACHE_RRSET, "a.EXAMPLE.", TYPE_A, CACHE_FRESH_ONLY,
					 NOW + rows[i].after_ms),
			0);
		ck_assert_uint_eq(kit.hit.ttl, rows[i].ttl);
		ck_assert_uint_eq(kit.hit.set->ttl, rows[i].ttl);
		ck_assert(!kit.hit.stale);
	}
	ck_assert_uint_eq(kit.hit.from.original_ttl, 10);
	ck_assert_uint_eq(kit.hit.set->owner[1], 'A'); /* the letters as they came */
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "a.example.", TYPE_A, CACHE_FRESH_ONLY, NOW + 10000),
		RW_ENOTFOUND);
	kit_release(&kit);
}
END_TEST

START_TEST(expired_data_is_stale_then_gone)
{
	kit_init(&kit, 1 << 20);
	ck_assert_int_eq(kit_set(&kit, "a.example. 10 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "a.example.", TYPE_A, CACHE_STALE_TOO, NOW + 1009999),
		0);
	ck_assert(kit.hit.stale);
	ck_assert_uint_eq(kit.hit.ttl, 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "a.example.", TYPE_A, CACHE_STALE_TOO, NOW + 1010000),
		RW_ENOTFOUND);
	kit_release(&kit);
}
END_TEST

START_TEST(ttl_is_clamped)
{
	kit_init(&kit, 1 << 20);
	struct cache_params params = {.max_ttl_s = 100, .min_ttl_s = 5, .max_negative_ttl_s = 50};
	ck_assert_int_eq(kit_set(&kit, "zero.example. 0 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "zero.example.", TYPE_A, CACHE_FRESH_ONLY, NOW),
		RW_ENOTFOUND);
	cache_set_params(kit.cache, &params);
	static const struct {
		const char *line, *name;
		unsigned ttl;
	} rows[] = {{"z.example. 0 IN A 192.0.2.1", "z.example.", 5},
		{"l.example. 1000000 IN A 192.0.2.1", "l.example.", 100}};
	for (unsigned i = 0; i < RW_COUNT(rows); i++) {
		ck_assert_int_eq(kit_set(&kit, rows[i].line, RANK_ANSWER_AA, NOW), 0);
		ck_assert_int_eq(
			kit_find(&kit, CACHE_RRSET, rows[i].name, TYPE_A, CACHE_FRESH_ONLY, NOW),
			0);
		ck_assert_uint_eq(kit.hit.ttl, rows[i].ttl);
	}
	ck_assert_int_eq(
		kit_negative(&kit, CACHE_NODATA, "n.example.", TYPE_A, 600, RANK_AUTHORITY_AA, NOW),
		0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_NODATA, "n.example.", TYPE_A, CACHE_FRESH_ONLY, NOW), 0);
	ck_assert_uint_eq(kit.hit.ttl, 50);
	ck_assert_uint_eq(kit.hit.set->type, TYPE_SOA);
	ck_assert_uint_eq(kit.hit.set->owner[1], 'E');
	kit_release(&kit);
}
END_TEST

START_TEST(lower_rank_waits_for_the_end_of_the_higher)
{
	kit_init(&kit, 1 << 20);
	ck_assert_int_eq(kit_set(&kit, "a.example. 10 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(
		kit_set(&kit, "a.example. 99 IN A 192.0.2.2", RANK_ANSWER, NOW + 1), RW_EBUSY);
	ck_assert_int_eq(kit_set(&kit, "a.example. 20 IN A 192.0.2.3", RANK_ANSWER_AA, NOW + 2), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "a.example.", TYPE_A, CACHE_FRESH_ONLY, NOW + 2), 0);
	ck_assert_uint_eq(kit.hit.ttl, 20);
	ck_assert_uint_eq(kit.hit.set->records[0].bytes[3], 3);
	ck_assert_int_eq(kit_set(&kit, "a.example. 5 IN A 192.0.2.4", RANK_GLUE, NOW + 20002), 0);
	kit_release(&kit);
}
END_TEST

START_TEST(sets_and_denials_displace_each_other)
{
	kit_init(&kit, 1 << 20);
	const char *name = "a.example.", *line = "a.example. 100 IN A 192.0.2.1";
	ck_assert_int_eq(
		kit_negative(&kit, CACHE_NXDOMAIN, name, 0, 60, RANK_AUTHORITY_AA, NOW), 0);
	ck_assert_int_eq(
		kit_negative(&kit, CACHE_NODATA, name, TYPE_A, 60, RANK_AUTHORITY_AA, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_NXDOMAIN, name, 7, CACHE_FRESH_ONLY, NOW), RW_ENOTFOUND);
	/* Glue does not overturn what the zone itself denied; its answer does. */
	ck_assert_int_eq(kit_set(&kit, line, RANK_GLUE, NOW), RW_EBUSY);
	ck_assert_int_eq(kit_set(&kit, line, RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_NODATA, name, TYPE_A, CACHE_STALE_TOO, NOW), RW_ENOTFOUND);
	/* And back: an authoritative denial is as good as the answer. */
	ck_assert_int_eq(
		kit_negative(&kit, CACHE_NODATA, name, TYPE_A, 60, RANK_GLUE, NOW), RW_EBUSY);
	ck_assert_int_eq(
		kit_negative(&kit, CACHE_NODATA, name, TYPE_A, 60, RANK_AUTHORITY_AA, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, name, TYPE_A, CACHE_STALE_TOO, NOW), RW_ENOTFOUND);
	/* NXDOMAIN lets sets run out. */
	ck_assert_int_eq(kit_set(&kit, line, RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(
		kit_negative(&kit, CACHE_NXDOMAIN, name, 0, 60, RANK_AUTHORITY_AA, NOW), 0);
	ck_assert_int_eq(kit_find(&kit, CACHE_RRSET, name, TYPE_A, CACHE_FRESH_ONLY, NOW), 0);
	kit_release(&kit);
}
END_TEST

/* reaches LIMIT_FAILURE_TTL, LIMIT_FAILURE_TTL_MAX */
START_TEST(failures_double_and_are_forgotten)
{
	kit_init(&kit, 1 << 20);
	static const unsigned ttls[] = {5, 10, 20, 40, 60, 60};
	uint64_t now = NOW;
	for (unsigned i = 0; i < RW_COUNT(ttls); i++) {
		ck_assert_int_eq(kit_failure(&kit, "f.example.", TYPE_A, now), 0);
		ck_assert_int_eq(kit_failure(&kit, "f.example.", TYPE_A, now), 0);
		ck_assert_int_eq(
			kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A, CACHE_FRESH_ONLY, now),
			0);
		ck_assert_uint_eq(kit.hit.ttl, ttls[i]);
		ck_assert_int_eq(kit.hit.ede, 22);
		ck_assert_str_eq(kit.hit.ede_text, "no luck");
		now += ttls[i] * 1000u - LIMIT_FAILURE_SLACK_MS;
		ck_assert_int_eq(kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A,
					 CACHE_STALE_TOO, now - 1),
			0);
		ck_assert_int_eq(
			kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A, CACHE_STALE_TOO, now),
			RW_ENOTFOUND);
	}
	ck_assert_int_eq(kit_failure(&kit, "f.example.", TYPE_A, now + 60000), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A, CACHE_FRESH_ONLY, now + 60000),
		0);
	ck_assert_uint_eq(kit.hit.ttl, 5);
	/* An answer that must not be kept is an answer all the same. */
	ck_assert_int_eq(
		kit_set(&kit, "f.example. 0 IN A 192.0.2.1", RANK_ANSWER_AA, now + 60000), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A, CACHE_FRESH_ONLY, now + 60000),
		RW_ENOTFOUND);
	kit_release(&kit);
}
END_TEST

START_TEST(failures_end_a_little_early)
{
	uint64_t end = NOW + LIMIT_FAILURE_TTL * 1000 - LIMIT_FAILURE_SLACK_MS;
	kit_init(&kit, 1 << 20);
	ck_assert_int_eq(kit_failure(&kit, "f.example.", TYPE_A, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A, CACHE_FRESH_ONLY, end - 1), 0);
	ck_assert_int_eq(kit_find(&kit, CACHE_FAILURE, "f.example.", TYPE_A, CACHE_FRESH_ONLY, end),
		RW_ENOTFOUND);
	kit_release(&kit);
}
END_TEST

static bool flagged(unsigned after_ms)
{
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "p.example.", TYPE_A, CACHE_FRESH_ONLY, NOW + after_ms),
		0);
	return kit.hit.prefetch;
}

START_TEST(prefetch_is_flagged_once_in_the_last_tenth)
{
	kit_init(&kit, 1 << 20);
	ck_assert_int_eq(kit_set(&kit, "p.example. 100 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	ck_assert(!flagged(95000)); /* the first to ask */
	ck_assert(flagged(95000));
	ck_assert(!flagged(96000));
	ck_assert_int_eq(kit_set(&kit, "p.example. 100 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	ck_assert(!flagged(0));
	ck_assert(!flagged(89999));
	ck_assert(flagged(90000));
	kit_release(&kit);
}
END_TEST

START_TEST(failures_are_dropped_together)
{
	struct cache_stats stats;
	kit_init(&kit, 1 << 20);
	ck_assert_int_eq(kit_set(&kit, "www.example. 60 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	for (unsigned i = 0; i < 100; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "n%u.example.", i);
		ck_assert_int_eq(kit_failure(&kit, name, TYPE_A, NOW), 0);
	}
	cache_drop_failures(kit.cache);
	cache_stats(kit.cache, &stats);
	ck_assert_uint_eq(stats.entries, 1);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "www.example.", TYPE_A, CACHE_FRESH_ONLY, NOW), 0);
	kit_release(&kit);
}
END_TEST

START_TEST(removal_and_flush)
{
	kit_init(&kit, 1 << 20);
	static const char *const lines[] = {"example. 100 IN A 192.0.2.1",
		"a.example. 100 IN A 192.0.2.1", "b.A.example. 100 IN A 192.0.2.1",
		"ba.example. 100 IN A 192.0.2.1"};
	static const char *const names[] = {
		"example.", "a.example.", "b.a.example.", "ba.example."};
	static const bool left[] = {true, false, false, true};
	struct name at;
	struct cache_stats stats;
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(kit_set(&kit, lines[i], RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(name_from_text("A.example.", &at), 0);
	cache_flush_below(kit.cache, at.bytes);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(
			kit_find(&kit, CACHE_RRSET, names[i], TYPE_A, CACHE_FRESH_ONLY, NOW) == 0,
			left[i]);
	ck_assert_int_eq(name_from_text("ba.example.", &at), 0);
	cache_remove(kit.cache, CACHE_RRSET, at.bytes, TYPE_A);
	ck_assert(!cache_has(kit.cache, CACHE_RRSET, at.bytes, TYPE_A, NOW));
	cache_flush(kit.cache);
	cache_stats(kit.cache, &stats);
	ck_assert_uint_eq(stats.entries, 0);
	ck_assert_uint_eq(stats.hits, 2);
	ck_assert_uint_eq(stats.misses, 2);
	kit_release(&kit);
}
END_TEST

START_TEST(blobs_come_back_and_end)
{
	kit_init(&kit, 1 << 20);
	const struct provenance from = {.cut_labels = 3};
	const uint8_t bytes[] = {9, 8, 7};
	const struct cache_blob blob = {bytes, 3, 4};
	ck_assert_int_eq(cache_store_delegation(kit.cache, name_root, &blob, &from, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_DELEGATION, ".", TYPE_NS, CACHE_FRESH_ONLY, NOW + 3999), 0);
	ck_assert_mem_eq(kit.hit.blob, bytes, 3);
	ck_assert_uint_eq(kit.hit.blob_size, 3);
	ck_assert_uint_eq(kit.hit.from.cut_labels, 3);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_DELEGATION, ".", TYPE_NS, CACHE_STALE_TOO, NOW + 4000),
		RW_ENOTFOUND);
	kit_release(&kit);
}
END_TEST

START_TEST(a_budget_too_small_is_refused)
{
	const struct cache_params params = {.size_bytes = LIMIT_CACHE_MIN_BYTES - 1};
	struct cache *cache = NULL;
	ck_assert_int_eq(cache_new(&params, kit_env(), &cache), RW_EINVAL);
	ck_assert_ptr_null(cache);
}
END_TEST

START_TEST(types_of_one_name_are_capped)
{
	struct cache_stats stats;
	kit_init(&kit, 1 << 22);
	ck_assert_int_eq(kit_set(&kit, "a.example. 900 IN A 192.0.2.1", RANK_ANSWER_AA, NOW), 0);
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "a.example.", TYPE_A, CACHE_FRESH_ONLY, NOW), 0);
	for (uint16_t type = 1000; type < 1000 + 3 * LIMIT_TYPES_PER_NAME; type++)
		ck_assert_int_eq(kit_negative(&kit, CACHE_NODATA, "a.example.", type, 300,
					 RANK_AUTHORITY_AA, NOW),
			0);
	cache_stats(kit.cache, &stats);
	ck_assert_uint_eq(stats.entries, LIMIT_TYPES_PER_NAME);
	/* What is asked for stays, and so does the latest. */
	ck_assert_int_eq(
		kit_find(&kit, CACHE_RRSET, "a.example.", TYPE_A, CACHE_FRESH_ONLY, NOW), 0);
	ck_assert_int_eq(kit_find(&kit, CACHE_NODATA, "a.example.",
				 1000 + 3 * LIMIT_TYPES_PER_NAME - 1, CACHE_FRESH_ONLY, NOW),
		0);
	kit_release(&kit);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("cache");
	TCase *tests = tcase_create("cache");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, ttl_counts_down_in_whole_seconds);
	tcase_add_test(tests, expired_data_is_stale_then_gone);
	tcase_add_test(tests, ttl_is_clamped);
	tcase_add_test(tests, types_of_one_name_are_capped);
	tcase_add_test(tests, lower_rank_waits_for_the_end_of_the_higher);
	tcase_add_test(tests, sets_and_denials_displace_each_other);
	tcase_add_test(tests, failures_double_and_are_forgotten);
	tcase_add_test(tests, failures_end_a_little_early);
	tcase_add_test(tests, prefetch_is_flagged_once_in_the_last_tenth);
	tcase_add_test(tests, failures_are_dropped_together);
	tcase_add_test(tests, removal_and_flush);
	tcase_add_test(tests, blobs_come_back_and_end);
	tcase_add_test(tests, a_budget_too_small_is_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
