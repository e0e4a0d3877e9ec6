/* SPDX-License-Identifier: MIT */
/* A worker and the mail it gets from other threads. */
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/service/sockets.h"
#include "tests/unit/suite.h"

static struct engine_shared shared;
static struct counters counters;
static struct views views[2 * LIMIT_MAIL];
static struct addr addresses[RW_COUNT(views)];
static struct worker *worker;

/* Views that nobody frees, each with a listen address of its own. */
static void begin(void)
{
	const struct cache_params params = {.size_bytes = LIMIT_CACHE_MIN_BYTES, .max_ttl_s = 60};
	shared = (struct engine_shared){.env = env_real(), .counters = &counters};
	ck_assert_int_eq(cache_new(&params, env_real(), &shared.cache), 0);
	ck_assert_int_eq(infra_new(env_real(), &shared.infra), 0);
	for (size_t i = 0; i < RW_COUNT(views); i++) {
		settings_default(&views[i].settings);
		addresses[i] = addr_from_bytes((const uint8_t[]){127, 0, 9, (uint8_t)i}, 4, 0);
		views[i].settings.listen = (struct addr_list){&addresses[i], 1};
		views[i].users = 1;
	}
	ck_assert_int_eq(worker_new(0, &shared, &views[0], NULL, 0, &worker), 0);
}

static void finish(void)
{
	worker_free(worker);
	for (size_t i = 0; i < RW_COUNT(views); i++)
		ck_assert_uint_eq(views[i].users, 1);
	infra_free(shared.infra);
	cache_free(shared.cache);
}

static void reload(size_t i)
{
	struct listen_sockets sockets;
	ck_assert_int_eq(sockets_open(&addresses[i], &sockets), 0);
	worker_reload(worker, &views[i], &sockets, 1);
}

static bool is_served(const struct addr *at)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(at, &sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	int failed = connect(fd, (struct sockaddr *)&sa, size);
	(void)close(fd);
	return !failed;
}

/* There are more than LIMIT_MAIL letters, so that the poster must wait. */
START_TEST(of_many_reloads_the_last_one_counts)
{
	const size_t last = RW_COUNT(views) - 1;
	begin();
	ck_assert_int_eq(worker_start(worker), 0);
	for (size_t i = 1; i <= last; i++)
		reload(i);
	for (size_t i = 1; i < last; i++)
		for (unsigned wait = 0; wait < 500 && is_served(&addresses[i]); wait++)
			(void)usleep(10000);
	for (size_t i = 1; i <= last; i++)
		ck_assert_int_eq(is_served(&addresses[i]), i == last);
	worker_stop(worker);
	worker_join(worker);
	ck_assert(!is_served(&addresses[last]));
	finish();
}
END_TEST

START_TEST(mail_that_nobody_reads_is_freed)
{
	begin();
	for (size_t i = 1; i < 4; i++)
		reload(i);
	ck_assert_uint_eq(views[3].users, 2);
	ck_assert(is_served(&addresses[3]));
	finish();
	for (size_t i = 1; i < 4; i++)
		ck_assert(!is_served(&addresses[i]));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("worker");
	TCase *tests = tcase_create("worker");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, of_many_reloads_the_last_one_counts);
	tcase_add_test(tests, mail_that_nobody_reads_is_freed);
	suite_add_tcase(suite, tests);
	return suite;
}
