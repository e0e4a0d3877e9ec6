/* SPDX-License-Identifier: MIT */
/* How many connections to servers are kept, and for how long. */
#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/upstream/exchange.h"
#include "resolver/wire/rr.h"
#include "tests/unit/loopserver.h"

static const uint8_t question[] = {
	0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'W', 'w', 1, 'X', 0, 0, 1, 0, 1};

static uv_loop_t loop;
static const struct outgoing_settings outgoing = {.ipv4 = true, .ipv6 = true};
static struct upstream *upstream;
static struct counters counters;

struct outcome {
	unsigned calls;
	enum exchange_end end;
};

static void on_done(void *owner, const struct exchange_done *done)
{
	struct outcome *outcome = owner;
	outcome->calls++;
	outcome->end = done->end;
}

static void begin(void)
{
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(upstream_new(&loop, env_real(), &outgoing, &counters, &upstream), 0);
}

static void finish(void)
{
	upstream_close(upstream);
	loopserver_end_loop(&loop);
}

static void start(struct outcome *outcome, const struct addr *server, uint32_t timeout_ms)
{
	struct exchange_query query = {
		.server = *server,
		.transport = TRANSPORT_TCP,
		.wire = question,
		.size = sizeof(question),
		.timeout_ms = timeout_ms,
	};
	struct exchange *exchange;
	*outcome = (struct outcome){0};
	ck_assert_int_eq(exchange_start(upstream, &query, on_done, outcome, &exchange), 0);
}

static void run_for(uint64_t ms)
{
	uint64_t until_ms = env_mono_ms(env_real()) + ms;
	while (env_mono_ms(env_real()) < until_ms)
		if (uv_run(&loop, UV_RUN_NOWAIT) != 0)
			(void)usleep(100);
}

/* Connections come up by the kernel's doing; nobody reads. Its port, on every loopback address. */
static int listen_only(uint16_t *ret_port)
{
	struct addr any = addr_from_bytes((const uint8_t[]){0, 0, 0, 0}, 4, 0);
	struct sockaddr_storage sa;
	socklen_t size = addr_to_sockaddr(&any, &sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, size), 0);
	ck_assert_int_eq(listen(fd, 2 * LIMIT_UPSTREAM_TCP), 0);
	size = sizeof(sa);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &size), 0);
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&sa, &any), 0);
	*ret_port = any.port;
	return fd;
}

START_TEST(connections_to_servers_are_bounded)
{
	static struct outcome outcomes[LIMIT_UPSTREAM_TCP + 1];
	uint16_t port;
	int fd = listen_only(&port);
	begin();
	for (unsigned i = 0; i < RW_COUNT(outcomes); i++) {
		struct addr to = addr_from_bytes((uint8_t[]){127, 0, 2, (uint8_t)(i + 1)}, 4, port);
		start(&outcomes[i], &to, 1000);
	}
	run_for(100);
	ck_assert_uint_eq(counters_get(&counters, COUNT_TCP_OPENED), LIMIT_UPSTREAM_TCP);
	ck_assert_uint_eq(outcomes[0].calls, 0);
	ck_assert_uint_eq(outcomes[LIMIT_UPSTREAM_TCP].calls, 1);
	ck_assert_int_eq(outcomes[LIMIT_UPSTREAM_TCP].end, EXCHANGE_RESOURCE);
	/* When they are given up there is room again. */
	run_for(1100);
	ck_assert_int_eq(outcomes[0].end, EXCHANGE_TIMEOUT);
	struct addr to = addr_from_bytes((const uint8_t[]){127, 0, 2, 99}, 4, port);
	start(&outcomes[0], &to, 200);
	run_for(100);
	ck_assert_uint_eq(counters_get(&counters, COUNT_TCP_OPENED), LIMIT_UPSTREAM_TCP + 1);
	(void)close(fd);
	finish();
}
END_TEST

static void honest(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	loopserver_send(query, out, loopserver_reply(query, RCODE_NOERROR, "192.0.2.1", 60, out));
}

static uint64_t opened_after(struct loopserver *server, uint64_t pause_ms)
{
	struct outcome outcome;
	run_for(pause_ms);
	start(&outcome, &server->address, 500);
	run_for(50);
	ck_assert_int_eq(outcome.calls, 1);
	ck_assert_int_eq(outcome.end, EXCHANGE_REPLY);
	return counters_get(&counters, COUNT_TCP_OPENED);
}

START_TEST(idle_connections_are_kept_for_a_while)
{
	static struct loopserver server;
	begin();
	loopserver_open(&loop, &server, honest);
	ck_assert_uint_eq(opened_after(&server, 0), 1);
	ck_assert_uint_eq(opened_after(&server, LIMIT_UPSTREAM_TCP_IDLE_MS - 500), 1);
	ck_assert_uint_eq(opened_after(&server, LIMIT_UPSTREAM_TCP_IDLE_MS + 200), 2);
	upstream_close(upstream);
	loopserver_close(&server);
	loopserver_end_loop(&loop);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tcp pool");
	TCase *tests = tcase_create("tcp pool");
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, connections_to_servers_are_bounded);
	tcase_add_test(tests, idle_connections_are_kept_for_a_while);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
