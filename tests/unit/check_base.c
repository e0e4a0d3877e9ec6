/* SPDX-License-Identifier: MIT */
/* The ground floor: arena, addresses, prefixes, keyed hash. */
#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "resolver/base/addr.h"
#include "resolver/base/arena.h"
#include "resolver/base/env.h"
#include "resolver/base/siphash.h"
#include "tests/unit/suite.h"

START_TEST(arena_keeps_to_its_cap)
{
	struct arena arena;
	arena_init(&arena, 10000);
	size_t blocks = 0;
	while (arena_alloc(&arena, 1000))
		ck_assert_uint_lt(++blocks, 20);
	ck_assert_uint_ge(blocks, 7);
	ck_assert_uint_le(arena.total, 10000);
	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
	arena_release(&arena);
	ck_assert_uint_eq(arena.total, 0);
}
END_TEST

START_TEST(arena_clear_makes_room_again)
{
	struct arena arena;
	arena_init(&arena, 1 << 20);
	void *first = arena_alloc(&arena, 100);
	for (int i = 0; i < 50; i++)
		ck_assert_ptr_nonnull(arena_alloc(&arena, 1000));
	arena_clear(&arena);
	ck_assert_ptr_eq(arena_alloc(&arena, 100), first);
	ck_assert_str_eq(arena_printf(&arena, "%s-%d", "a", 7), "a-7");
	arena_release(&arena);
}
END_TEST

/* In a namespace whose machine has slept for 5,000 s since it was started, what the clock says. */
static int look_after_sleep(void)
{
	struct timespec awake;
	int offsets = -1;
	/*
	 * A user without the privilege must become root of a namespace first, which a process with
	 * threads cannot.
	 */
	if (unshare(CLONE_NEWTIME) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWTIME) == 0)
		offsets = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (offsets < 0 || write(offsets, "boottime 5000 0", 15) != 15)
		return 77;
	(void)close(offsets);
	pid_t child = fork(); /* the children are the ones inside */
	if (child == 0) {
		(void)clock_gettime(CLOCK_MONOTONIC, &awake);
		uint64_t now_s = env_mono_ms(env_real()) / 1000;
		_exit(now_s >= (uint64_t)awake.tv_sec + 4990 ? 0 : 1);
	}
	int status = 1;
	(void)waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

START_TEST(time_asleep_counts)
{
	pid_t child = fork();
	if (child == 0)
		_exit(look_after_sleep());
	int status = 1;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		puts("skipped: this system lets nobody make a time namespace");
		return;
	}
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(addresses_parse_and_print)
{
	static const char *const good[] = {"192.0.2.1@5300", "2001:db8::1@53", "::1@1"};
	char text[ADDR_TEXT];
	struct addr addr;
	for (size_t i = 0; i < RW_COUNT(good); i++) {
		ck_assert_int_eq(addr_parse(good[i], 0, &addr), 0);
		ck_assert_str_eq(addr_text(&addr, text), good[i]);
	}
	ck_assert_int_eq(addr_parse("192.0.2.1", 53, &addr), 0);
	ck_assert_str_eq(addr_text(&addr, text), "192.0.2.1@53");
	ck_assert_str_eq(addr_ip_text(&addr, text), "192.0.2.1");
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4@", "1.2.3.4@0", "1.2.3.4@65536",
		"1.2.3.4@x", "::1@-1", "host"};
	for (size_t i = 0; i < RW_COUNT(bad); i++)
		ck_assert_int_lt(addr_parse(bad[i], 53, &addr), 0);
}
END_TEST

START_TEST(prefixes_contain_what_they_should)
{
	struct prefix prefix;
	struct addr in, out;
	ck_assert_int_eq(prefix_parse("172.16.0.0/12", &prefix), 0);
	ck_assert_int_eq(addr_parse("172.31.255.255", 0, &in), 0);
	ck_assert_int_eq(addr_parse("172.32.0.0", 0, &out), 0);
	ck_assert(prefix_contains(&prefix, &in));
	ck_assert(!prefix_contains(&prefix, &out));
	ck_assert_int_eq(prefix_parse("fe80::/10", &prefix), 0);
	ck_assert(!prefix_contains(&prefix, &in));
	ck_assert_int_eq(prefix_parse("192.0.2.1/24", &prefix), RW_EINVAL);
	ck_assert_int_lt(prefix_parse("192.0.2.0/33", &prefix), 0);
}
END_TEST

START_TEST(siphash_depends_on_key_and_every_byte)
{
	struct siphash_key one = {{1, 2}}, two = {{1, 3}};
	char data[20] = "0123456789012345678";
	uint64_t hash = siphash(&one, data, sizeof(data));
	ck_assert_uint_eq(hash, siphash(&one, data, sizeof(data)));
	ck_assert_uint_ne(hash, siphash(&two, data, sizeof(data)));
	for (size_t i = 0; i < sizeof(data); i++) {
		data[i] ^= 1;
		ck_assert_uint_ne(hash, siphash(&one, data, sizeof(data)));
		data[i] ^= 1;
	}
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tests = tcase_create("base");
	tcase_add_test(tests, time_asleep_counts);
	tcase_add_test(tests, arena_keeps_to_its_cap);
	tcase_add_test(tests, arena_clear_makes_room_again);
	tcase_add_test(tests, addresses_parse_and_print);
	tcase_add_test(tests, prefixes_contain_what_they_should);
	tcase_add_test(tests, siphash_depends_on_key_and_every_byte);
	suite_add_tcase(suite, tests);
	return suite;
}
