/* SPDX-License-Identifier: MIT */
/* Deadlines in one heap: order, stopping, restarting. */
#include <check.h>
#include <unistd.h>

#include "resolver/net/timers.h"
#include "tests/unit/loopserver.h"
#include "tests/unit/suite.h"

enum {
	COUNT = 2000
};

static uint64_t now_ms;
static uint64_t last_ms;
static unsigned passed_count;
static struct deadline deadlines[COUNT];
static struct timers *timers;
static uv_loop_t loop;

static uint64_t fake_mono_ms(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct env fake = {.mono_ms = fake_mono_ms};

static void passed(struct deadline *deadline)
{
	ck_assert_uint_le(deadline->at_ms, now_ms);
	ck_assert_uint_ge(deadline->at_ms, last_ms);
	ck_assert_uint_eq(deadline->place, 0);
	last_ms = deadline->at_ms;
	passed_count++;
}

static void begin(void)
{
	now_ms = 1000;
	last_ms = passed_count = 0;
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(timers_new(&loop, &fake, &timers), 0);
	for (unsigned i = 0; i < COUNT; i++)
		deadlines[i] = (struct deadline){.passed = passed};
}

static void finish(void)
{
	timers_close(timers);
	loopserver_end_loop(&loop);
}

/* The fake clock jumps; the real one must reach what libuv was told. */
static void turn_at(uint64_t at_ms)
{
	now_ms = at_ms;
	for (unsigned i = 0; i < 20; i++) {
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		(void)usleep(1000);
	}
}

START_TEST(they_pass_in_order_and_not_before_their_time)
{
	begin();
	for (unsigned i = 0; i < COUNT; i++)
		ck_assert_int_eq(deadline_start(timers, &deadlines[i], 1001 + i * 7919 % 10), 0);
	turn_at(1005);
	ck_assert_uint_eq(passed_count, COUNT / 2);
	turn_at(1010);
	ck_assert_uint_eq(passed_count, COUNT);
	finish();
}
END_TEST

START_TEST(stopped_ones_do_not_pass)
{
	begin();
	for (unsigned i = 0; i < COUNT; i++)
		ck_assert_int_eq(deadline_start(timers, &deadlines[i], 1001 + i * 31 % 9), 0);
	for (unsigned i = 0; i < COUNT; i++)
		if (i % 3 != 0)
			deadline_stop(timers, &deadlines[i]);
	deadline_stop(timers, &deadlines[1]);
	turn_at(1010);
	ck_assert_uint_eq(passed_count, (COUNT + 2) / 3);
	finish();
}
END_TEST

START_TEST(restarting_moves_them)
{
	begin();
	ck_assert_int_eq(deadline_start(timers, &deadlines[0], 1002), 0);
	ck_assert_int_eq(deadline_start(timers, &deadlines[0], 1008), 0);
	ck_assert_int_eq(deadline_start(timers, &deadlines[1], 1009), 0);
	ck_assert_int_eq(deadline_start(timers, &deadlines[1], 1), 0); /* already past */
	ck_assert_uint_eq(passed_count, 0);
	turn_at(1004);
	ck_assert_uint_eq(passed_count, 1);
	turn_at(1008);
	ck_assert_uint_eq(passed_count, 2);
	finish();
}
END_TEST

START_TEST(close_stops_what_runs)
{
	begin();
	for (unsigned i = 0; i < COUNT; i++)
		ck_assert_int_eq(deadline_start(timers, &deadlines[i], 1001), 0);
	finish();
	ck_assert_uint_eq(passed_count, 0);
	ck_assert_uint_eq(deadlines[7].place, 0);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("timers");
	TCase *tcase = tcase_create("timers");
	tcase_add_test(tcase, they_pass_in_order_and_not_before_their_time);
	tcase_add_test(tcase, stopped_ones_do_not_pass);
	tcase_add_test(tcase, restarting_moves_them);
	tcase_add_test(tcase, close_stops_what_runs);
	suite_add_tcase(suite, tcase);
	return suite;
}
