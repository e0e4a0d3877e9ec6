/* SPDX-License-Identifier: MIT */
/* A socket and its stream: what is read and written, what is waited for, and when memory goes. */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/net/carrier.h"
#include "resolver/net/socket.h"
#include "resolver/stream/framing.h"
#include "tests/unit/loopserver.h"
#include "tests/unit/suite.h"

#define LARGE 60000 /* bytes of a message that no small socket buffer takes at once */

static const struct framing_limits limits = {.in_first = 64,
	.in_most = LIMIT_MESSAGE_BYTES,
	.out_pause = 4 << 20,
	.out_most = 4 << 20,
	.write_ms = 100};

static uv_loop_t loop;
static struct readiness *readiness;
static struct carrier carrier;
static int peer;
static unsigned ready_count, gone_count;
static uint32_t last_events;
static bool closes;

static void ready(struct ready_io *io, uint32_t events)
{
	ck_assert_ptr_eq(io, &carrier.io);
	ready_count++;
	last_events = events;
	if (!closes)
		return;
	carrier_close(&carrier, false);
	ck_assert_uint_eq(gone_count, 0); /* the function that closes it still uses it */
}

static void gone(struct ready_io *io)
{
	ck_assert_ptr_eq(io, &carrier.io);
	gone_count++;
	stream_free(carrier.stream);
}

static void begin(void)
{
	int fds[2];
	struct stream *stream;
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(readiness_new(&loop, &readiness), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	ck_assert_int_eq(framing_new(&limits, &stream), 0);
	peer = fds[1];
	ready_count = gone_count = 0;
	closes = false;
	carrier.io = (struct ready_io){.ready = ready, .gone = gone};
	ck_assert_int_eq(carrier_open(&carrier, readiness, fds[0], stream, EPOLLIN), 0);
}

static void count_closed(void *owner)
{
	ck_assert_uint_eq(gone_count, 1); /* all are gone before it is told */
	++*(unsigned *)owner;
}

static void finish(void)
{
	unsigned closed_count = 0;
	if (carrier.fd >= 0)
		carrier_close(&carrier, false);
	readiness_close(readiness, count_closed, &closed_count);
	(void)close(peer);
	loopserver_end_loop(&loop);
	ck_assert_uint_eq(closed_count, 1);
}

static unsigned turn(void)
{
	unsigned before = ready_count;
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	return ready_count - before;
}

START_TEST(bytes_that_come_become_messages)
{
	static const uint8_t frame[] = {0, 3, 'a', 'b', 'c'};
	struct stream_message message;
	bool more;
	begin();
	ck_assert_uint_eq(turn(), 0);
	ck_assert_int_eq(send(peer, frame, sizeof(frame), 0), sizeof(frame));
	ck_assert_uint_eq(turn(), 1);
	ck_assert_uint_eq(last_events, EPOLLIN);
	ck_assert_int_eq(carrier_read(&carrier, &more), 0);
	ck_assert(!more);
	ck_assert_int_eq(stream_next(carrier.stream, &message), 0);
	ck_assert_uint_eq(message.size, 3);
	ck_assert_int_eq(carrier_read(&carrier, &more), 0); /* nothing there is no fault */
	ck_assert(!more && !stream_status(carrier.stream).ended);
	finish();
}
END_TEST

START_TEST(what_is_not_wanted_stays_in_the_kernel)
{
	uint8_t bytes[200] = {0, 62};
	struct stream_message message;
	bool more;
	begin();
	ck_assert_int_eq(send(peer, bytes, sizeof(bytes), 0), sizeof(bytes));
	ck_assert_int_eq(carrier_read(&carrier, &more), 0);
	ck_assert(more);
	/* A whole message waits: no more is read, and no more is waited for. */
	ck_assert_int_eq(carrier_read(&carrier, &more), 0);
	ck_assert(!more);
	ck_assert_int_eq(carrier_wait(&carrier, true), 0);
	ck_assert_uint_eq(turn(), 0);
	ck_assert_int_eq(stream_next(carrier.stream, &message), 0);
	ck_assert_int_eq(carrier_wait(&carrier, false), 0); /* the owner does not want to */
	ck_assert_uint_eq(turn(), 0);
	ck_assert_int_eq(carrier_wait(&carrier, true), 0);
	ck_assert_uint_eq(turn(), 1);
	finish();
}
END_TEST

START_TEST(the_end_is_told_by_the_stream)
{
	bool more;
	begin();
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	ck_assert_uint_eq(turn(), 1);
	ck_assert_int_eq(carrier_read(&carrier, &more), 0);
	ck_assert(!more && stream_status(carrier.stream).ended);
	ck_assert_int_eq(carrier_wait(&carrier, true), 0);
	ck_assert_uint_eq(turn(), 0); /* an end is no reason to spin */
	finish();
}
END_TEST

static size_t drain_peer(void)
{
	static uint8_t bytes[LARGE];
	ssize_t size = recv(peer, bytes, sizeof(bytes), 0);
	return size > 0 ? (size_t)size : 0;
}

START_TEST(what_does_not_fit_is_written_later)
{
	static uint8_t bytes[LARGE];
	size_t got = 0;
	begin();
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(
			stream_send(carrier.stream,
				&(struct stream_message){.bytes = bytes, .size = sizeof(bytes)}),
			0);
	ck_assert_int_eq(carrier_write(&carrier, 1000), 0);
	ck_assert(stream_status(carrier.stream).want_write);
	ck_assert_uint_eq(stream_status(carrier.stream).deadline_ms, 1100);
	ck_assert_int_eq(carrier_wait(&carrier, true), 0);
	ck_assert_uint_eq(turn(), 0);
	while (stream_status(carrier.stream).want_write) {
		got += drain_peer();
		if (turn() == 0)
			continue;
		ck_assert_uint_eq(last_events, EPOLLOUT);
		ck_assert_int_eq(carrier_write(&carrier, 1001), 0);
	}
	ck_assert_int_eq(carrier_wait(&carrier, true), 0);
	ck_assert_uint_eq(turn(), 0);
	for (size_t size; (size = drain_peer()) > 0;)
		got += size;
	ck_assert_uint_eq(got, 20 * (2 + sizeof(bytes)));
	finish();
}
END_TEST

START_TEST(a_peer_that_is_gone_is_an_error)
{
	begin();
	(void)close(peer);
	peer = -1;
	ck_assert_int_eq(
		stream_send(carrier.stream,
			&(struct stream_message){.bytes = (const uint8_t *)"x", .size = 1}),
		0);
	ck_assert_int_eq(carrier_write(&carrier, 0), RW_ESYSTEM);
	ck_assert_int_eq(errno, EPIPE);
	finish();
}
END_TEST

START_TEST(memory_goes_after_the_batch)
{
	begin();
	closes = true;
	ck_assert_int_eq(send(peer, "x", 1, 0), 1);
	ck_assert_uint_eq(turn(), 1);
	ck_assert_uint_eq(gone_count, 1); /* in the check phase of the same turn */
	ck_assert_uint_eq(turn(), 0);
	finish();
}
END_TEST

START_TEST(memory_goes_also_without_a_batch)
{
	begin();
	carrier_close(&carrier, false);
	ck_assert_uint_eq(gone_count, 0);
	(void)turn();
	ck_assert_uint_eq(gone_count, 1);
	finish();
}
END_TEST

/* Two sockets are ready in one batch; the first that is told closes both. */
static struct carrier pair[2];
static unsigned pair_told, pair_gone;

static void close_both(struct ready_io *io, uint32_t events)
{
	(void)io;
	(void)events;
	pair_told++;
	for (unsigned i = 0; i < 2; i++)
		carrier_close(&pair[i], false);
}

static void one_gone(struct ready_io *io)
{
	struct carrier *at = rw_container_of(io, struct carrier, io);
	stream_free(at->stream);
	memset(at, 0xff, sizeof(*at));
	pair_gone++;
}

START_TEST(what_is_closed_in_a_batch_hears_no_more_of_it)
{
	int fds[2][2];
	struct stream *stream;
	begin();
	pair_told = pair_gone = 0;
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds[i]), 0);
		ck_assert_int_eq(framing_new(&limits, &stream), 0);
		pair[i].io = (struct ready_io){.ready = close_both, .gone = one_gone};
		ck_assert_int_eq(carrier_open(&pair[i], readiness, fds[i][0], stream, EPOLLIN), 0);
		ck_assert_int_eq(send(fds[i][1], "x", 1, 0), 1);
	}
	(void)turn();
	ck_assert_uint_eq(pair_told, 1);
	ck_assert_uint_eq(pair_gone, 2);
	for (unsigned i = 0; i < 2; i++)
		(void)close(fds[i][1]);
	finish();
}
END_TEST

START_TEST(sockets_by_their_addresses)
{
	struct addr here = addr_from_bytes((const uint8_t[]){127, 0, 0, 1}, 4, 0), from;
	int listening, fd, accepted;
	ck_assert_int_eq(socket_open(ADDR_V4, SOCK_STREAM, &listening), 0);
	ck_assert_int_eq(socket_bind(listening, &here), 0);
	ck_assert_int_eq(socket_port(listening, &here.port), 0);
	ck_assert_uint_ne(here.port, 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(socket_accept(listening, &accepted, &from), RW_ESYSTEM);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(socket_open(ADDR_V4, SOCK_STREAM, &fd), 0);
	ck_assert_int_eq(socket_connect(fd, &here), 0);
	ck_assert_int_eq(socket_accept(listening, &accepted, &from), 0);
	ck_assert(addr_ip_equal(&here, &from));
	ck_assert_int_eq(socket_error(fd), 0);
	ck_assert(!socket_has_unsent(fd));
	/* A reset is seen by the other side as one. */
	char byte;
	socket_close(accepted, true);
	ck_assert_int_eq(recv(fd, &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	socket_close(fd, false);
	socket_close(listening, false);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("carrier");
	TCase *tests = tcase_create("carrier");
	tcase_add_test(tests, bytes_that_come_become_messages);
	tcase_add_test(tests, what_is_not_wanted_stays_in_the_kernel);
	tcase_add_test(tests, the_end_is_told_by_the_stream);
	tcase_add_test(tests, what_does_not_fit_is_written_later);
	tcase_add_test(tests, a_peer_that_is_gone_is_an_error);
	tcase_add_test(tests, memory_goes_after_the_batch);
	tcase_add_test(tests, memory_goes_also_without_a_batch);
	tcase_add_test(tests, what_is_closed_in_a_batch_hears_no_more_of_it);
	tcase_add_test(tests, sockets_by_their_addresses);
	suite_add_tcase(suite, tests);
	return suite;
}
