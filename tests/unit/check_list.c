/* SPDX-License-Identifier: MIT */
/* Lists, keyed tables and pools of the ground floor. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/keyed_table.h"
#include "resolver/base/limits.h"
#include "resolver/base/list.h"
#include "resolver/base/pool.h"
#include "tests/unit/suite.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

#define ITEMS 1000

struct item {
	unsigned number;
	struct list_link link;
	struct keyed_entry entry;
};

static struct item items[ITEMS];

static void number_items(void)
{
	memset(items, 0, sizeof(items));
	for (unsigned i = 0; i < ITEMS; i++)
		items[i].number = i;
}

/* ---- lists ---- */

/* The numbers of a list of up to nine items, as digits. */
static const char *digits(const struct list *list)
{
	static char text[10];
	size_t used = 0;
	list_each(struct item, item, list, link)
		text[used++] = (char)('0' + item->number);
	text[used] = '\0';
	return text;
}

START_TEST(zeroes_are_an_empty_list)
{
	struct list list = {0};
	ck_assert(list_is_empty(&list));
	ck_assert_ptr_null(list_first(&list, struct item, link));
	ck_assert_ptr_null(list_last(&list, struct item, link));
	ck_assert_str_eq(digits(&list), "");
	number_items();
	ck_assert(!list_is_linked(&items[0].link));
	list_remove(&items[0].link);
}
END_TEST

START_TEST(items_keep_their_order)
{
	struct list list = {0};
	number_items();
	list_append(&list, &items[2].link);
	list_append(&list, &items[3].link);
	list_prepend(&list, &items[1].link);
	ck_assert_str_eq(digits(&list), "123");
	ck_assert(list_is_linked(&items[2].link));
	list_remove(&items[2].link);
	ck_assert(!list_is_linked(&items[2].link));
	list_remove(&items[2].link);
	ck_assert_str_eq(digits(&list), "13");
	ck_assert_ptr_eq(list_first(&list, struct item, link), &items[1]);
	ck_assert_ptr_eq(list_last(&list, struct item, link), &items[3]);
	ck_assert_ptr_eq(list_next(&list, &items[1], struct item, link), &items[3]);
	ck_assert_ptr_null(list_next(&list, &items[3], struct item, link));
	list_remove(&items[1].link);
	list_remove(&items[3].link);
	ck_assert(list_is_empty(&list));
	list_append(&list, &items[4].link);
	ck_assert_str_eq(digits(&list), "4");
}
END_TEST

START_TEST(the_item_at_hand_may_leave_its_list)
{
	struct list list = {0}, other = {0};
	number_items();
	for (unsigned i = 0; i < 6; i++)
		list_append(&list, &items[i].link);
	list_each(struct item, item, &list, link) {
		if (item->number % 2)
			continue;
		list_remove(&item->link);
		list_prepend(&other, &item->link);
	}
	ck_assert_str_eq(digits(&list), "135");
	ck_assert_str_eq(digits(&other), "420");
}
END_TEST

/* ---- keyed tables ---- */

static uint64_t hash_of(const struct keyed_table *table, unsigned number)
{
	return siphash(&table->key, &number, sizeof(number));
}

static struct item *find(const struct keyed_table *table, unsigned number)
{
	keyed_match(struct item, item, table, hash_of(table, number), entry)
		if (item->number == number)
			return item;
	return NULL;
}

static unsigned sum(const struct keyed_table *table)
{
	unsigned total = 0;
	keyed_each(struct item, item, table, entry)
		total += item->number;
	return total;
}

START_TEST(tables_find_what_was_added_and_not_taken_out)
{
	struct keyed_table table = {.key = {{1, 2}}};
	number_items();
	ck_assert_ptr_null(find(&table, 0));
	ck_assert_uint_eq(sum(&table), 0);
	for (unsigned i = 0; i < ITEMS; i++) {
		keyed_add(&table, &items[i].entry, hash_of(&table, i));
		ck_assert_uint_le(keyed_buckets(&table), RW_MAX(2 * (i + 1), KEYED_FEW));
		ck_assert_uint_ge(keyed_buckets(&table), i + 1);
	}
	ck_assert_uint_eq(table.count, ITEMS);
	ck_assert_uint_eq(sum(&table), ITEMS * (ITEMS - 1) / 2);
	for (unsigned i = 0; i < ITEMS; i += 2) {
		keyed_remove(&table, &items[i].entry);
		keyed_remove(&table, &items[i].entry);
	}
	ck_assert_uint_eq(table.count, ITEMS / 2);
	for (unsigned i = 0; i < ITEMS; i++)
		ck_assert_ptr_eq(find(&table, i), i % 2 ? &items[i] : NULL);
	keyed_release(&table);
	ck_assert_ptr_null(find(&table, 1));
}
END_TEST

START_TEST(items_of_one_hash_are_told_apart)
{
	struct keyed_table table = {.key = {{0}}};
	unsigned seen = 0;
	number_items();
	for (unsigned i = 0; i < 3; i++)
		keyed_add(&table, &items[i].entry, 42);
	/* The same bucket, but another hash. */
	keyed_add(&table, &items[9].entry, 42 + KEYED_FEW);
	keyed_match(struct item, item, &table, 42, entry)
		ck_assert_uint_eq(item->number, 2 - seen++);
	ck_assert_uint_eq(seen, 3);
	keyed_remove(&table, &items[1].entry);
	ck_assert_ptr_eq(keyed_first(&table, 42, struct item, entry), &items[2]);
	ck_assert_ptr_eq(keyed_next(&items[2], struct item, entry), &items[0]);
	ck_assert_ptr_null(keyed_next(&items[0], struct item, entry));
}
END_TEST

/* Growing puts every item into another bucket. */
START_TEST(the_newest_of_one_hash_stays_the_first)
{
	struct keyed_table table = {.key = {{0}}};
	number_items();
	for (unsigned i = 0; i <= KEYED_FEW; i++)
		keyed_add(&table, &items[i].entry, 42);
	ck_assert_uint_gt(keyed_buckets(&table), KEYED_FEW);
	unsigned wanted = KEYED_FEW;
	keyed_match(struct item, item, &table, 42, entry)
		ck_assert_uint_eq(item->number, wanted--);
	keyed_release(&table);
}
END_TEST

/* The items are freed during the run, so that a step back to one of them would be seen. */
START_TEST(the_item_at_hand_may_leave_its_table)
{
	struct keyed_table table = {.key = {{3, 4}}};
	unsigned left = 0;
	for (unsigned i = 0; i < ITEMS; i++) {
		struct item *item = calloc(1, sizeof(*item));
		ck_assert_ptr_nonnull(item);
		item->number = i;
		keyed_add(&table, &item->entry, hash_of(&table, i));
	}
	keyed_each(struct item, item, &table, entry) {
		if (item->number % 3 == 0)
			continue;
		keyed_remove(&table, &item->entry);
		free(item);
	}
	keyed_each(struct item, item, &table, entry) {
		ck_assert_uint_eq(item->number % 3, 0);
		keyed_remove(&table, &item->entry);
		free(item);
		left++;
	}
	ck_assert_uint_eq(left, ITEMS / 3 + 1);
	ck_assert_uint_eq(table.count, 0);
	keyed_release(&table);
}
END_TEST

START_TEST(a_fixed_table_keeps_its_buckets)
{
	struct keyed_table table = {.key = {{5, 6}}};
	number_items();
	ck_assert_int_eq(keyed_fix(&table, 64), 0);
	for (unsigned i = 0; i < ITEMS; i++)
		keyed_add(&table, &items[i].entry, hash_of(&table, i));
	ck_assert_uint_eq(keyed_buckets(&table), 64);
	for (unsigned i = 0; i < ITEMS; i++)
		ck_assert_ptr_eq(find(&table, i), &items[i]);
	unsigned count = 0;
	for (size_t bucket = 0; bucket < 64; bucket++)
		for (struct keyed_entry *at = keyed_chain(&table, bucket); at; at = at->next)
			count++;
	ck_assert_uint_eq(count, ITEMS);
	keyed_release(&table);
}
END_TEST

/* ---- pools ---- */

START_TEST(pools_hand_out_again_what_was_given_back)
{
	struct pool pool = {.size = sizeof(struct item)};
	struct item *one = pool_take(&pool), *two = pool_take(&pool);
	ck_assert(one && two && one != two);
	*one = *two = (struct item){.number = 7};
	pool_put(&pool, one);
#if defined(__SANITIZE_ADDRESS__)
	ck_assert(__asan_address_is_poisoned(one));
	ck_assert(__asan_address_is_poisoned((char *)(one + 1) - 1));
#endif
	ck_assert_ptr_eq(pool_take(&pool), one);
	*one = (struct item){.number = 8};
	pool_put(&pool, one);
	pool_put(&pool, two);
	ck_assert_uint_eq(pool.spare_count, 2);
	pool_release(&pool);
	ck_assert_uint_eq(pool.spare_count, 0);
	ck_assert_ptr_null(pool.spare);
}
END_TEST

START_TEST(pools_keep_no_more_than_they_may)
{
	struct pool pool = {.size = sizeof(struct item)};
	struct item *taken[LIMIT_POOL_SPARE + 3];
	for (unsigned i = 0; i < RW_COUNT(taken); i++)
		ck_assert_ptr_nonnull(taken[i] = pool_take(&pool));
	for (unsigned i = 0; i < RW_COUNT(taken); i++)
		pool_put(&pool, taken[i]);
	ck_assert_uint_eq(pool.spare_count, LIMIT_POOL_SPARE);
	pool_release(&pool);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *tests = tcase_create("list");
	tcase_add_test(tests, zeroes_are_an_empty_list);
	tcase_add_test(tests, items_keep_their_order);
	tcase_add_test(tests, the_item_at_hand_may_leave_its_list);
	tcase_add_test(tests, tables_find_what_was_added_and_not_taken_out);
	tcase_add_test(tests, items_of_one_hash_are_told_apart);
	tcase_add_test(tests, the_newest_of_one_hash_stays_the_first);
	tcase_add_test(tests, the_item_at_hand_may_leave_its_table);
	tcase_add_test(tests, a_fixed_table_keeps_its_buckets);
	tcase_add_test(tests, pools_hand_out_again_what_was_given_back);
	tcase_add_test(tests, pools_keep_no_more_than_they_may);
	suite_add_tcase(suite, tests);
	return suite;
}
