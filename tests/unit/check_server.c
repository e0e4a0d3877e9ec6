/* SPDX-License-Identifier: MIT */
/* The whole service in its threads, asked over real sockets for a locally served name. */
#include <check.h>
#include <errno.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "resolver/service/server.h"
#include "resolver/wire/rr.h"
#include "tests/unit/suite.h"

/* What a loaded machine may add to a time that has an end; less than from one limit to the next. */
#define LOAD_MS 4000

/* localhost. A, with RD */
static const uint8_t local_query[] = {0x11, 0x22, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 'l', 'o', 'c',
	'a', 'l', 'h', 'o', 's', 't', 0, 0, 1, 0, 1};
/* w.x. A, with RD: somebody must be asked */
static const uint8_t other_query[] = {
	0x33, 0x44, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'w', 1, 'x', 0, 0, 1, 0, 1};

static struct server *server;
static struct views *views;
static int silent_fd; /* the only root server: nobody reads there */
static char message[SERVER_MESSAGE];
static unsigned workers = 2;

static struct addr address(const char *text)
{
	struct addr addr;
	ck_assert_int_eq(addr_parse(text, 53, &addr), 0);
	return addr;
}

static int connect_to(const struct addr *to, int type)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(to, &sa);
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, type, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	if (connect(fd, (struct sockaddr *)&sa, size) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static struct addr own_address(int fd)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	struct addr addr;
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &size), 0);
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&sa, &addr), 0);
	return addr;
}

static struct views *make_views(const char *listen_on, uint16_t port)
{
	struct views *made = calloc(1, sizeof(*made));
	struct prefix *loopback = calloc(1, sizeof(*loopback));
	settings_default(&made->settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", loopback), 0);
	made->settings.access = (struct prefix_list){loopback, 1};
	loopback = calloc(1, sizeof(*loopback));
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", loopback), 0);
	made->settings.outgoing.allow_private = (struct prefix_list){loopback, 1};
	made->settings.outgoing.timeout_ms = 800;
	made->settings.workers = workers;
	struct addr *addr = calloc(1, sizeof(*addr));
	*addr = address(listen_on);
	addr->port = port;
	made->settings.listen = (struct addr_list){addr, 1};
	static struct delegation hints; /* all views of a test have the same */
	static struct name name;
	hints = (struct delegation){.zone = name_root};
	struct addr root = own_address(silent_fd);
	ck_assert_int_eq(name_from_text("ns.root.", &name), 0);
	hints.ns_count = 1;
	hints.ns[0].name = name.bytes;
	hints.expires_ms = UINT64_MAX;
	delegation_add_address(&hints.ns[0], &root, ADDRESS_HINTS);
	made->hints = &hints;
	made->users = 1;
	return made;
}

/* The kernel gives a UDP port; where the TCP port of that number is taken, another is tried. */
static void start_anywhere(const char *listen_on)
{
	for (unsigned tries = 0; tries < 20; tries++) {
		views = make_views(listen_on, 0);
		if (server_start(env_real(), views, &server, message) == 0)
			return;
		ck_assert_msg(strstr(message, "another program has this port"), "%s", message);
		views_unref(views);
	}
	ck_abort_msg("%s", message);
}

static struct addr begin(const char *listen_on)
{
	struct addr any = address("127.0.0.1");
	struct sockaddr_storage sa;
	any.port = 0;
	unsigned size = addr_to_sockaddr(&any, &sa);
	silent_fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(silent_fd, (struct sockaddr *)&sa, size), 0);
	log_set_level(LOG_ERROR);
	start_anywhere(listen_on);
	return views->settings.listen.items[0];
}

static void finish(void)
{
	if (server)
		server_stop(server);
	ck_assert_uint_eq(views->users, 1);
	views_unref(views);
	(void)close(silent_fd);
}

static void check_local_answer(const uint8_t *wire, ssize_t size)
{
	ck_assert_int_gt(size, (ssize_t)sizeof(local_query));
	ck_assert_uint_eq(rr_get16(wire), 0x1122);
	ck_assert_uint_eq(rr_get16(wire + 6), 1);
}

static void ask_udp(const struct addr *to)
{
	uint8_t wire[4096];
	int fd = connect_to(to, SOCK_DGRAM);
	ck_assert_int_eq(
		send(fd, local_query, sizeof(local_query), 0), (ssize_t)sizeof(local_query));
	ssize_t size = recv(fd, wire, sizeof(wire), 0);
	check_local_answer(wire, size);
	(void)close(fd);
}

static void send_frame(int fd, const uint8_t *wire, size_t size)
{
	uint8_t frame[600];
	rr_put16(frame, (uint16_t)size);
	memcpy(frame + 2, wire, size);
	ck_assert_int_eq(send(fd, frame, size + 2, MSG_NOSIGNAL), (ssize_t)size + 2);
}

/* Reads one message; its size, 0 at the end. */
static size_t read_frame(int fd, uint8_t *wire)
{
	uint8_t length[2];
	if (recv(fd, length, 2, MSG_WAITALL) != 2)
		return 0;
	size_t size = rr_get16(length);
	ck_assert_int_eq(recv(fd, wire, size, MSG_WAITALL), (ssize_t)size);
	return size;
}

START_TEST(udp_and_tcp_are_answered)
{
	uint8_t wire[65536];
	struct addr at = begin("127.0.0.1");
	ask_udp(&at);
	int fd = connect_to(&at, SOCK_STREAM);
	send_frame(fd, local_query, sizeof(local_query));
	check_local_answer(wire, (ssize_t)read_frame(fd, wire));
	(void)close(fd);
	/* Whichever workers they went to. */
	ck_assert_uint_eq(server_count(server, COUNT_RECEIVED), 2);
	ck_assert_uint_eq(server_count(server, COUNT_LOCAL), 2);
	ck_assert_uint_eq(server_count(server, COUNT_ASKED), 0);
	finish();
}
END_TEST

START_TEST(answers_leave_from_the_address_that_was_asked)
{
	struct addr at = begin("0.0.0.0");
	/* A connected socket takes answers of that address only. */
	struct addr other = address("127.0.0.77");
	other.port = at.port;
	ask_udp(&other);
	finish();
}
END_TEST

START_TEST(tcp_overtakes_and_takes_pieces)
{
	uint8_t wire[65536], frame[2 + sizeof(local_query)];
	struct addr at = begin("127.0.0.1");
	int fd = connect_to(&at, SOCK_STREAM);
	/* The first question waits for a silent server, the second is answered before it. */
	send_frame(fd, other_query, sizeof(other_query));
	rr_put16(frame, sizeof(local_query));
	memcpy(frame + 2, local_query, sizeof(local_query));
	for (size_t i = 0; i < sizeof(frame); i++)
		ck_assert_int_eq(send(fd, frame + i, 1, MSG_NOSIGNAL), 1);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	check_local_answer(wire, (ssize_t)read_frame(fd, wire));
	ck_assert_uint_gt(read_frame(fd, wire), 0);
	ck_assert_uint_eq(rr_get16(wire), 0x3344);
	ck_assert_uint_eq(wire[3] & 0xf, RCODE_SERVFAIL);
	ck_assert_uint_eq(read_frame(fd, wire), 0);
	(void)close(fd);
	finish();
}
END_TEST

START_TEST(many_questions_on_one_connection)
{
	enum {
		COUNT = 3000
	};
	static uint8_t all[COUNT * (2 + sizeof(local_query))], wire[65536];
	struct addr at = begin("127.0.0.1");
	for (size_t i = 0; i < COUNT; i++) {
		rr_put16(all + i * (2 + sizeof(local_query)), sizeof(local_query));
		memcpy(all + i * (2 + sizeof(local_query)) + 2, local_query, sizeof(local_query));
	}
	int fd = connect_to(&at, SOCK_STREAM);
	ck_assert_int_eq(send(fd, all, sizeof(all), MSG_NOSIGNAL), (ssize_t)sizeof(all));
	for (size_t i = 0; i < COUNT; i++)
		check_local_answer(wire, (ssize_t)read_frame(fd, wire));
	(void)close(fd);
	finish();
}
END_TEST

START_TEST(idle_connections_make_room)
{
	enum {
		COUNT = 3 * LIMIT_TCP_PER_CLIENT
	};
	int fds[COUNT];
	uint8_t wire[65536];
	struct addr at = begin("127.0.0.1");
	for (unsigned i = 0; i < COUNT; i++)
		fds[i] = connect_to(&at, SOCK_STREAM);
	/* The newest is served, and the oldest is gone, whichever workers they fell to. */
	send_frame(fds[COUNT - 1], local_query, sizeof(local_query));
	check_local_answer(wire, (ssize_t)read_frame(fds[COUNT - 1], wire));
	unsigned closed = 0;
	/* The other worker may still be accepting. */
	for (unsigned tries = 0; tries < 500 && closed < COUNT - 2 * LIMIT_TCP_PER_CLIENT;
		tries++) {
		(void)poll(NULL, 0, tries > 0 ? 10 : 0);
		closed = 0;
		for (unsigned i = 0; i < COUNT - 1; i++)
			closed += recv(fds[i], wire, 1, MSG_DONTWAIT) == 0;
	}
	ck_assert_uint_ge(closed, COUNT - 2 * LIMIT_TCP_PER_CLIENT);
	for (unsigned i = 0; i < COUNT; i++)
		(void)close(fds[i]);
	finish();
}
END_TEST

static int connect_from(const struct addr *to, unsigned host)
{
	struct sockaddr_storage sa;
	struct addr from = addr_from_bytes((uint8_t[]){127, 0, 1, (uint8_t)host}, 4, 0);
	unsigned size = addr_to_sockaddr(&from, &sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, size), 0);
	size = addr_to_sockaddr(to, &sa);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, size), 0);
	return fd;
}

/* From as many addresses as the bound of one address demands. */
START_TEST(connections_are_bounded_in_all)
{
	enum {
		MORE = 2 * LIMIT_TCP_PER_CLIENT,
		COUNT = LIMIT_TCP_CLIENTS + MORE
	};
	static int fds[COUNT];
	uint8_t wire[65536];
	workers = 1;
	struct addr at = begin("127.0.0.1");
	for (unsigned i = 0; i < COUNT; i++)
		fds[i] = connect_from(&at, 1 + i / LIMIT_TCP_PER_CLIENT);
	send_frame(fds[COUNT - 1], local_query, sizeof(local_query));
	check_local_answer(wire, (ssize_t)read_frame(fds[COUNT - 1], wire));
	unsigned closed = 0;
	for (unsigned i = 0; i < COUNT - 1; i++)
		closed += recv(fds[i], wire, 1, MSG_DONTWAIT) == 0;
	ck_assert_uint_eq(closed, MORE);
	for (unsigned i = 0; i < COUNT; i++)
		(void)close(fds[i]);
	finish();
}
END_TEST

/* The id of the first answer after so many questions that must wait and one that need not. */
static unsigned first_answer(const struct addr *at, unsigned slow)
{
	uint8_t wire[65536];
	int fd = connect_to(at, SOCK_STREAM);
	for (unsigned i = 0; i < slow; i++)
		send_frame(fd, other_query, sizeof(other_query));
	send_frame(fd, local_query, sizeof(local_query));
	ck_assert_uint_gt(read_frame(fd, wire), 0);
	(void)close(fd);
	return rr_get16(wire);
}

START_TEST(questions_in_work_stop_the_reading)
{
	struct addr at = begin("127.0.0.1");
	ck_assert_uint_eq(first_answer(&at, LIMIT_TCP_IN_FLIGHT - 1), 0x1122);
	ck_assert_uint_eq(first_answer(&at, LIMIT_TCP_IN_FLIGHT), 0x3344);
	finish();
}
END_TEST

START_TEST(more_datagrams_than_one_batch_are_answered)
{
	enum {
		COUNT = 3 * LIMIT_UDP_BATCH
	};
	static struct iovec bytes[COUNT];
	static struct mmsghdr headers[COUNT];
	uint8_t wire[4096];
	struct addr at = begin("127.0.0.1");
	int fd = connect_to(&at, SOCK_DGRAM);
	for (unsigned i = 0; i < COUNT; i++) {
		bytes[i] = (struct iovec){(void *)(uintptr_t)local_query, sizeof(local_query)};
		headers[i].msg_hdr = (struct msghdr){.msg_iov = &bytes[i], .msg_iovlen = 1};
	}
	ck_assert_int_eq(sendmmsg(fd, headers, COUNT, 0), COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		check_local_answer(wire, recv(fd, wire, sizeof(wire), 0));
	(void)close(fd);
	finish();
}
END_TEST

/* A network of our own, where a datagram holds so little. False: that is not allowed here. */
static bool narrow_network(int mtu)
{
	struct ifreq request = {.ifr_name = "lo"};
	/* Root needs no user namespace, which a program with threads could not enter: the thread
	 * sanitizer has one of its own. */
	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
		fprintf(stderr, "skipped: this system lets nobody make a network namespace\n");
		return false;
	}
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	request.ifr_mtu = mtu;
	bool done = ioctl(fd, SIOCSIFMTU, &request) == 0;
	request.ifr_flags = IFF_UP;
	done = done && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	(void)close(fd);
	return done;
}

START_TEST(answers_too_large_for_the_path_are_sent_truncated)
{
	uint8_t wire[4096];
	if (!narrow_network(28 + 40))
		return;
	struct addr at = begin("127.0.0.1");
	int fd = connect_to(&at, SOCK_DGRAM);
	ck_assert_int_eq(
		send(fd, local_query, sizeof(local_query), 0), (ssize_t)sizeof(local_query));
	ck_assert_int_eq(recv(fd, wire, sizeof(wire), 0), (ssize_t)sizeof(local_query));
	ck_assert(rr_get16(wire + 2) & FLAG_TC);
	(void)close(fd);
	finish();
}
END_TEST

static int connect_from6(const struct addr *to, struct addr from)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(&from, &sa);
	struct in6_ifreq request = {.ifr6_prefixlen = 128, .ifr6_ifindex = 1};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	memcpy(&request.ifr6_addr, from.ip, 16);
	ck_assert_int_eq(ioctl(fd, SIOCSIFADDR, &request), 0);
	/* The kernel takes its time before the address may be used. */
	int err = bind(fd, (struct sockaddr *)&sa, size);
	for (unsigned tries = 0; err != 0 && tries < 1000; tries++) {
		(void)usleep(10000);
		err = bind(fd, (struct sockaddr *)&sa, size);
	}
	ck_assert_int_eq(err, 0);
	size = addr_to_sockaddr(to, &sa);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, size), 0);
	return fd;
}

/* A client with an IPv6 network has more addresses than there may be connections. */
START_TEST(connections_of_one_network_are_bounded)
{
	enum {
		COUNT = LIMIT_TCP_PER_CLIENT + 4
	};
	int fds[COUNT];
	uint8_t wire[65536];
	if (!narrow_network(1280))
		return;
	workers = 1;
	struct addr at = begin("::1"), from = address("2001:db8::1");
	from.port = 0;
	for (unsigned i = 0; i < COUNT; i++) {
		from.ip[15] = (uint8_t)(1 + i);
		fds[i] = connect_from6(&at, from);
	}
	send_frame(fds[COUNT - 1], local_query, sizeof(local_query));
	(void)read_frame(fds[COUNT - 1], wire);
	unsigned closed = 0;
	for (unsigned i = 0; i < COUNT; i++) {
		closed += recv(fds[i], wire, 1, MSG_DONTWAIT) == 0;
		(void)close(fds[i]);
	}
	ck_assert_uint_eq(closed, COUNT - LIMIT_TCP_PER_CLIENT);
	finish();
}
END_TEST

/* Questions until nothing more is taken, and how many; the answers are left unread. */
static int shout(const struct addr *at, size_t *ret_count)
{
	int fd = connect_to(at, SOCK_STREAM);
	uint8_t frame[2 + sizeof(local_query)];
	rr_put16(frame, sizeof(local_query));
	memcpy(frame + 2, local_query, sizeof(local_query));
	size_t all = 0;
	for (unsigned refused = 0; refused < 500;) {
		size_t from = all % sizeof(frame);
		ssize_t sent =
			send(fd, frame + from, sizeof(frame) - from, MSG_DONTWAIT | MSG_NOSIGNAL);
		refused = sent < 0 ? refused + 1 : 0;
		if (sent < 0)
			(void)usleep(1000);
		else
			all += (size_t)sent;
	}
	*ret_count = all / sizeof(frame);
	return fd;
}

static bool is_closed(int fd)
{
	struct pollfd at = {.fd = fd, .events = POLLRDHUP};
	return poll(&at, 1, 0) == 1 && (at.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

/* Milliseconds until the other side has closed it; a look every 10 ms. */
static uint64_t closed_after(int fd, uint64_t since_ms)
{
	while (!is_closed(fd) && env_mono_ms(env_real()) < since_ms + 20000)
		(void)usleep(10000);
	return env_mono_ms(env_real()) - since_ms;
}

START_TEST(silent_and_deaf_clients_have_their_time)
{
	size_t count;
	struct addr at = begin("127.0.0.1");
	uint64_t began_ms = env_mono_ms(env_real());
	int idle = connect_to(&at, SOCK_STREAM);
	int deaf = shout(&at, &count);
	uint64_t deaf_ms = env_mono_ms(env_real());
	ck_assert(!is_closed(deaf));
	ck_assert_uint_lt(closed_after(deaf, deaf_ms), LIMIT_TCP_WRITE_MS + LOAD_MS);
	ck_assert_uint_gt(env_mono_ms(env_real()) - began_ms, LIMIT_TCP_WRITE_MS - 100);
	/* On a machine that has stood still its time may be over, too. */
	bool idle_closed = is_closed(idle);
	ck_assert(!idle_closed || env_mono_ms(env_real()) - began_ms > LIMIT_TCP_IDLE_MS - 100);
	uint64_t idle_ms = closed_after(idle, began_ms);
	ck_assert_uint_gt(idle_ms, LIMIT_TCP_IDLE_MS - 100);
	ck_assert_uint_lt(idle_ms, LIMIT_TCP_IDLE_MS + LOAD_MS);
	(void)close(idle);
	(void)close(deaf);
	finish();
}
END_TEST

START_TEST(a_client_that_reads_late_gets_all)
{
	size_t count, answers = 0;
	uint8_t wire[65536];
	struct addr at = begin("127.0.0.1");
	int fd = shout(&at, &count);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	for (size_t size; (size = read_frame(fd, wire)) > 0; answers++)
		check_local_answer(wire, (ssize_t)size);
	ck_assert_uint_eq(answers, count);
	(void)close(fd);
	finish();
}
END_TEST

START_TEST(reload_moves_sockets_and_keeps_those_that_stay)
{
	struct addr at = begin("127.0.0.1");
	struct views *moved = make_views("127.0.0.2", at.port);
	ck_assert_int_eq(server_reload(server, moved, message), 0);
	ask_udp(&moved->settings.listen.items[0]);
	/* The old address is closed soon after. */
	int fd = -1;
	for (unsigned i = 0; i < 500 && (fd = connect_to(&at, SOCK_STREAM)) >= 0; i++) {
		(void)close(fd);
		(void)usleep(10000);
	}
	ck_assert_int_eq(fd, -1);
	ask_udp(&moved->settings.listen.items[0]);
	views_unref(moved);
	finish();
}
END_TEST

START_TEST(reload_keeps_the_port_that_was_any)
{
	struct addr at = begin("127.0.0.1");
	struct views *same = make_views("127.0.0.1", 0);
	ck_assert_int_eq(server_reload(server, same, message), 0);
	ck_assert_uint_eq(same->settings.listen.items[0].port, at.port);
	ask_udp(&at);
	views_unref(same);
	finish();
}
END_TEST

START_TEST(taken_ports_are_explained)
{
	struct addr at = begin("127.0.0.1");
	struct views *same = make_views("127.0.0.1", at.port);
	struct server *second;
	ck_assert_int_lt(server_start(env_real(), same, &second, message), 0);
	ck_assert_ptr_nonnull(strstr(message, "127.0.0.1@"));
	ck_assert_ptr_nonnull(strstr(message, "another program"));
	ck_assert_uint_eq(same->users, 1);
	views_unref(same);
	ask_udp(&at);
	finish();
}
END_TEST

START_TEST(stop_answers_what_is_in_flight)
{
	uint8_t wire[4096];
	struct addr at = begin("127.0.0.1");
	int fd = connect_to(&at, SOCK_DGRAM);
	ck_assert_int_eq(
		send(fd, other_query, sizeof(other_query), 0), (ssize_t)sizeof(other_query));
	(void)usleep(100000);
	uint64_t before_ms = env_mono_ms(env_real());
	server_stop(server);
	server = NULL;
	ck_assert_uint_lt(env_mono_ms(env_real()) - before_ms, LIMIT_DRAIN_MS + LOAD_MS);
	ck_assert_int_gt(recv(fd, wire, sizeof(wire), MSG_DONTWAIT), HEADER_SIZE);
	ck_assert_uint_eq(wire[3] & 0xf, RCODE_SERVFAIL);
	(void)close(fd);
	finish();
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("server");
	TCase *tcase = tcase_create("server");
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, udp_and_tcp_are_answered);
	tcase_add_test(tcase, answers_leave_from_the_address_that_was_asked);
	tcase_add_test(tcase, tcp_overtakes_and_takes_pieces);
	tcase_add_test(tcase, many_questions_on_one_connection);
	tcase_add_test(tcase, idle_connections_make_room);
	tcase_add_test(tcase, connections_are_bounded_in_all);
	tcase_add_test(tcase, connections_of_one_network_are_bounded);
	tcase_add_test(tcase, questions_in_work_stop_the_reading);
	tcase_add_test(tcase, more_datagrams_than_one_batch_are_answered);
	tcase_add_test(tcase, answers_too_large_for_the_path_are_sent_truncated);
	tcase_add_test(tcase, silent_and_deaf_clients_have_their_time);
	tcase_add_test(tcase, a_client_that_reads_late_gets_all);
	tcase_add_test(tcase, reload_moves_sockets_and_keeps_those_that_stay);
	tcase_add_test(tcase, reload_keeps_the_port_that_was_any);
	tcase_add_test(tcase, taken_ports_are_explained);
	tcase_add_test(tcase, stop_answers_what_is_in_flight);
	suite_add_tcase(suite, tcase);
	return suite;
}
