/* SPDX-License-Identifier: MIT */
/* What threads share on the ground floor: mail and counters. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "resolver/base/counters.h"
#include "resolver/base/mail.h"
#include "tests/unit/suite.h"

#define POSTERS 3
#define LETTERS 2000 /* of each poster */

static struct mailbox box;

START_TEST(mail_is_taken_in_order)
{
	struct mail mail = {.kind = -1};
	int bodies[LIMIT_MAIL];
	mailbox_init(&box);
	ck_assert(!mailbox_take(&box, &mail));
	ck_assert_int_eq(mail.kind, -1);
	/* Twice, so that the ring begins somewhere in its middle. */
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < LIMIT_MAIL - 10; i++)
			mailbox_post(&box, (struct mail){i, &bodies[i], (size_t)(3 * i)});
		for (int i = 0; i < LIMIT_MAIL - 10; i++) {
			ck_assert(mailbox_take(&box, &mail));
			ck_assert_int_eq(mail.kind, i);
			ck_assert_ptr_eq(mail.body, &bodies[i]);
			ck_assert_uint_eq(mail.count, 3 * i);
		}
		ck_assert(!mailbox_take(&box, &mail));
	}
	mailbox_release(&box);
}
END_TEST

static _Atomic int posted;

static void *post_until_full(void *arg)
{
	(void)arg;
	for (int i = 0; i < LIMIT_MAIL + 1; i++) {
		mailbox_post(&box, (struct mail){.kind = i});
		atomic_fetch_add(&posted, 1);
	}
	return NULL;
}

static void wait_for_posts(int count)
{
	for (unsigned i = 0; i < 5000 && atomic_load(&posted) < count; i++)
		(void)usleep(1000);
	ck_assert_int_eq(atomic_load(&posted), count);
}

START_TEST(whoever_posts_into_a_full_box_waits)
{
	pthread_t thread;
	struct mail mail;
	mailbox_init(&box);
	ck_assert_int_eq(pthread_create(&thread, NULL, post_until_full, NULL), 0);
	wait_for_posts(LIMIT_MAIL);
	(void)usleep(50000);
	ck_assert_int_eq(atomic_load(&posted), LIMIT_MAIL);
	ck_assert(mailbox_take(&box, &mail));
	ck_assert_int_eq(mail.kind, 0);
	wait_for_posts(LIMIT_MAIL + 1);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	for (int i = 1; mailbox_take(&box, &mail); i++)
		ck_assert_int_eq(mail.kind, i);
	ck_assert_int_eq(mail.kind, LIMIT_MAIL);
	mailbox_release(&box);
}
END_TEST

static void *post_many(void *arg)
{
	for (size_t i = 0; i < LETTERS; i++)
		mailbox_post(&box, (struct mail){.kind = *(int *)arg, .count = i});
	return NULL;
}

START_TEST(nothing_is_lost_between_several_posters)
{
	pthread_t threads[POSTERS];
	int numbers[POSTERS];
	size_t next[POSTERS] = {0};
	mailbox_init(&box);
	for (int i = 0; i < POSTERS; i++) {
		numbers[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, post_many, &numbers[i]), 0);
	}
	for (unsigned taken = 0; taken < POSTERS * LETTERS;) {
		struct mail mail;
		if (!mailbox_take(&box, &mail))
			continue;
		ck_assert_uint_eq(mail.count, next[mail.kind]++);
		taken++;
	}
	for (int i = 0; i < POSTERS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	mailbox_release(&box);
}
END_TEST

static struct counters counters;

static void *count_many(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 100000; i++) {
		counters_add(&counters, COUNT_HITS, 2);
		counters_increment(&counters, COUNT_RECEIVED);
	}
	return NULL;
}

START_TEST(blocks_have_cache_lines_of_their_own)
{
	struct counters *blocks = counters_new(3);
	ck_assert_ptr_nonnull(blocks);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq((uintptr_t)&blocks[i] % COUNTERS_LINE, 0);
		ck_assert_uint_eq(counters_get(&blocks[i], COUNT_MAX - 1), 0);
		counters_add(&blocks[i], COUNT_MAX - 1, i);
	}
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(counters_get(&blocks[i], COUNT_MAX - 1), i);
	free(blocks);
}
END_TEST

START_TEST(counters_are_read_while_they_count)
{
	pthread_t thread;
	uint64_t hits = 0;
	ck_assert_int_eq(pthread_create(&thread, NULL, count_many, NULL), 0);
	while (hits < 200000) {
		uint64_t now = counters_get(&counters, COUNT_HITS);
		ck_assert_uint_ge(now, hits);
		hits = now;
	}
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_eq(counters_get(&counters, COUNT_HITS), 200000);
	ck_assert_uint_eq(counters_get(&counters, COUNT_RECEIVED), 100000);
	ck_assert_uint_eq(counters_get(&counters, COUNT_DROPPED), 0);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("mail");
	TCase *tests = tcase_create("mail");
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, mail_is_taken_in_order);
	tcase_add_test(tests, whoever_posts_into_a_full_box_waits);
	tcase_add_test(tests, nothing_is_lost_between_several_posters);
	tcase_add_test(tests, blocks_have_cache_lines_of_their_own);
	tcase_add_test(tests, counters_are_read_while_they_count);
	suite_add_tcase(suite, tests);
	return suite;
}
