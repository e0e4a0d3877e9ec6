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
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/upstream/match.h"
#include "resolver/upstream/upstream.h"

#define PORT_FIRST 1024
#define PORT_COUNT (65536 - PORT_FIRST)
#define PORT_TRIES 8  /* ports drawn before the kernel may choose */
#define READ_BURST 32 /* datagrams read of one socket before others get their turn */

static int bind_to(int fd, struct addr *source, uint16_t port)
{
	struct sockaddr_storage sa;
	source->port = port;
	unsigned size = addr_to_sockaddr(source, &sa);
	return bind(fd, (const struct sockaddr *)&sa, size);
}

/* Returns 0 or an errno. */
static int bind_random(struct upstream *upstream, int fd, enum addr_family family)
{
	struct addr source = {.family = (uint8_t)family};
	(void)upstream_source(upstream, family, &source);
	for (unsigned tries = 0; tries < PORT_TRIES; tries++) {
		uint32_t port = PORT_FIRST + env_random_below(upstream->env, PORT_COUNT);
		if (bind_to(fd, &source, (uint16_t)port) == 0)
			return 0;
		if (errno != EADDRINUSE && errno != EACCES)
			return errno;
	}
	return bind_to(fd, &source, 0) == 0 ? 0 : errno;
}

/* Returns 0 or an errno; the socket is the exchange's either way. */
static int open_socket(struct exchange *exchange)
{
	int family = exchange->server.family == ADDR_V6 ? AF_INET6 : AF_INET;
	exchange->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (exchange->fd < 0)
		return errno;
	int on = 1;
	if (family == AF_INET6 &&
		setsockopt(exchange->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return errno;
	int err = bind_random(exchange->upstream, exchange->fd, exchange->server.family);
	if (err)
		return err;
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(&exchange->server, &sa);
	if (connect(exchange->fd, (const struct sockaddr *)&sa, size) != 0)
		return errno;
	return 0;
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

static void udp_ready(struct upstream_io *io, uint32_t events)
{
	struct exchange *exchange = rw_container_of(io, struct exchange, io);
	(void)events; /* errors are reported by recv */
	for (unsigned burst = 0; burst < READ_BURST && read_one(exchange); burst++)
		;
}

void udp_start(struct exchange *exchange)
{
	struct upstream *upstream = exchange->upstream;
	exchange->io.ready = udp_ready;
	int err = open_socket(exchange);
	if (!err && upstream_watch(upstream, exchange->fd, &exchange->io, EPOLLIN) != 0)
		err = errno;
	exchange->sent_ns = uv_hrtime();
	if (!err && send(exchange->fd, exchange->wire, exchange->size, 0) < 0)
		err = errno;
	if (err)
		exchange_fail_later(exchange, exchange_end_of(err));
	else
		counters_increment(upstream->counters, COUNT_UDP_SENT);
}
