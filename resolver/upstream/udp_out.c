/* SPDX-License-Identifier: MIT */
/*
 * Exchanges over UDP: one fresh socket each, bound to a port we draw ourselves from the whole
 * range, so that guessing it is as hard as it can be (RFC 5452 section 9.2), and connected, so that
 * the kernel drops what other addresses send and reports what ICMP says about this one.
 *
 * Queries are shorter than the smallest path MTU that Linux believes in, so they are never
 * fragmented, and no socket option is spent on that.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "resolver/base/limits.h"
#include "resolver/net/socket.h"
#include "resolver/upstream/match.h"
#include "resolver/upstream/upstream.h"

#define PORT_FIRST 1024
#define PORT_COUNT (65536 - PORT_FIRST)
#define PORT_TRIES 8  /* ports drawn before the kernel may choose */
#define READ_BURST 32 /* datagrams read of one socket before others get their turn */

/* RW_ESYSTEM with errno. */
static int bind_random(struct upstream *upstream, int fd, enum addr_family family)
{
	struct addr source = {.family = (uint8_t)family};
	(void)upstream_source(upstream, family, &source);
	for (unsigned tries = 0; tries < PORT_TRIES; tries++) {
		uint32_t port = PORT_FIRST + env_random_below(upstream->env, PORT_COUNT);
		source.port = (uint16_t)port;
		if (socket_bind(fd, &source) == 0)
			return 0;
		if (errno != EADDRINUSE && errno != EACCES)
			return RW_ESYSTEM;
	}
	source.port = 0;
	return socket_bind(fd, &source);
}

/* RW_ESYSTEM with errno; the socket, if there is one, is the exchange's either way. */
static int open_socket(struct exchange *exchange)
{
	struct upstream *upstream = exchange->upstream;
	enum addr_family family = exchange->server.family;
	int err = socket_open(family, SOCK_DGRAM, &exchange->fd);
	if (!err)
		err = bind_random(upstream, exchange->fd, family);
	if (!err)
		err = socket_connect(exchange->fd, &exchange->server);
	if (!err)
		err = readiness_add(upstream->readiness, exchange->fd, &exchange->io, EPOLLIN);
	return err;
}

static void count_near_miss(struct exchange *exchange, enum match match)
{
	exchange->near_misses++;
	exchange->wrong_id |= match == MATCH_WRONG_ID;
	exchange->wrong_case |= match == MATCH_CASE;
}

/* Reads one datagram. Returns whether there may be more to read. */
static bool read_one(struct exchange *exchange)
{
	struct upstream *upstream = exchange->upstream;
	ssize_t size = recv(exchange->fd, upstream->buffer, sizeof(upstream->buffer), 0);
	if (size < 0) {
		if (errno != EAGAIN && errno != EINTR)
			exchange_finish(exchange, exchange_end_of(errno), NULL, 0);
		return false;
	}
	enum match match = match_reply(exchange->wire, exchange->size, upstream->buffer,
		(size_t)size, exchange->match_case);
	if (match == MATCH_REPLY) {
		exchange_finish(exchange, EXCHANGE_REPLY, upstream->buffer, (size_t)size);
		return false;
	}
	count_near_miss(exchange, match);
	if (exchange->near_misses < LIMIT_NEAR_MISSES)
		return true;
	exchange_finish(exchange, EXCHANGE_SUSPECT, NULL, 0);
	return false;
}

static void udp_ready(struct ready_io *io, uint32_t events)
{
	struct exchange *exchange = rw_container_of(io, struct exchange, io);
	(void)events; /* errors are reported by recv */
	for (unsigned burst = 0; burst < READ_BURST && read_one(exchange); burst++)
		;
}

void udp_start(struct exchange *exchange)
{
	exchange->io.ready = udp_ready;
	if (open_socket(exchange)) {
		exchange_fail_later(exchange, exchange_end_of(errno));
		return;
	}
	exchange->sent_ns = uv_hrtime();
	if (send(exchange->fd, exchange->wire, exchange->size, 0) < 0)
		exchange_fail_later(exchange, exchange_end_of(errno));
	else
		counters_increment(exchange->upstream->counters, COUNT_UDP_SENT);
}
