/* SPDX-License-Identifier: MIT */
/*
 * Exchanges over TCP (RFC 7766): connections are kept per server address, carry several questions
 * at once, and take replies in any order. A connection on which a question timed out gets no more
 * of them. When a server closes a kept connection, what was asked on it moves to a fresh one, once.
 * The letter case is not compared, because a peer that has completed the handshake has proved its
 * address.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "resolver/base/limits.h"
#include "resolver/net/carrier.h"
#include "resolver/net/socket.h"
#include "resolver/stream/framing.h"
#include "resolver/upstream/match.h"
#include "resolver/upstream/upstream.h"
#include "resolver/wire/rr.h"

#define PER_CONNECTION 32          /* questions at once on one connection */
#define JUNK_MAX       32          /* replies nobody asked for before it is closed */
#define READ_BURST     4           /* reads of one connection before others get their turn */
#define IN_FIRST       4096        /* bytes of the input buffer; most replies fit */
#define OUT_MOST       (64 * 1024) /* bytes unwritten, with which it gets no more questions */

struct tcp_connection {
	struct carrier carrier;
	struct upstream *upstream;
	struct tcp_connection *next, *prev;
	struct deadline idle;
	struct addr server;
	bool connected, retired;
	uint64_t opened_ms;
	uint32_t waiting_count, replies, junk;
	struct exchange *waiting;
};

/* Each question has its own time-out, so the stream has none. */
static const struct framing_limits stream_limits = {
	.in_first = IN_FIRST,
	.in_most = LIMIT_MESSAGE_BYTES,
	.out_pause = OUT_MOST,
	.out_most = OUT_MOST,
};

/* ---- the pool ---- */

static void unlink_connection(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	if (connection->prev)
		connection->prev->next = connection->next;
	else
		upstream->connections = connection->next;
	if (connection->next)
		connection->next->prev = connection->prev;
	connection->next = connection->prev = NULL;
}

static void link_first(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	connection->prev = NULL;
	connection->next = upstream->connections;
	if (connection->next)
		connection->next->prev = connection;
	upstream->connections = connection;
}

static void connection_gone(struct ready_io *io)
{
	struct tcp_connection *connection = rw_container_of(io, struct tcp_connection, carrier.io);
	stream_free(connection->carrier.stream);
	free(connection);
}

/* Nothing waits on it any more. */
static void close_connection(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	rw_debug(connection->waiting == NULL);
	unlink_connection(connection);
	upstream->connection_count--;
	deadline_stop(upstream->timers, &connection->idle);
	carrier_close(&connection->carrier, false);
}

void tcp_close_all(struct upstream *upstream)
{
	while (upstream->connections)
		close_connection(upstream->connections);
}

static void idle_passed(struct deadline *deadline)
{
	close_connection(rw_container_of(deadline, struct tcp_connection, idle));
}

static bool may_carry(const struct tcp_connection *connection)
{
	size_t queued = stream_status(connection->carrier.stream).queued;
	return !connection->retired && connection->waiting_count < PER_CONNECTION &&
	       queued <= OUT_MOST - 2 - EXCHANGE_QUERY_BYTES;
}

static struct tcp_connection *find_connection(struct upstream *upstream, const struct addr *server)
{
	struct tcp_connection *connection = upstream->connections;
	while (connection && !(addr_equal(&connection->server, server) && may_carry(connection)))
		connection = connection->next;
	return connection;
}

/* ---- leaving and failing ---- */

static void detach(struct exchange *exchange)
{
	struct tcp_connection *connection = exchange->connection;
	struct exchange **link = &connection->waiting;
	while (*link != exchange)
		link = &(*link)->connection_next;
	*link = exchange->connection_next;
	exchange->connection = NULL;
	connection->waiting_count--;
}

void tcp_leave(struct exchange *exchange, bool timed_out)
{
	struct tcp_connection *connection = exchange->connection;
	struct upstream *upstream = connection->upstream;
	detach(exchange);
	connection->retired |= timed_out;
	if (connection->waiting_count > 0)
		return;
	uint64_t until_ms = env_mono_ms(upstream->env) + LIMIT_UPSTREAM_TCP_IDLE_MS;
	if (connection->retired || !connection->connected ||
		deadline_start(upstream->timers, &connection->idle, until_ms))
		close_connection(connection);
}

/* The connection is lost: everything that waits on it ends, or moves. */
static void fail_connection(struct tcp_connection *connection, enum exchange_end end)
{
	bool may_move = connection->replies > 0;
	struct exchange *lost = connection->waiting, *next;
	for (struct exchange *at = lost; at; at = at->connection_next)
		at->connection = NULL;
	connection->waiting = NULL;
	connection->waiting_count = 0;
	close_connection(connection);
	for (; lost; lost = next) {
		next = lost->connection_next;
		lost->connection_next = NULL;
		if (may_move && !lost->retried) {
			lost->retried = true;
			tcp_start(lost);
		} else {
			exchange_fail_later(lost, end);
		}
	}
}

/* ---- room ---- */

/* One that has never replied, opened long enough ago for an honest server to have done so. */
static bool is_mute(const struct tcp_connection *connection, uint64_t now_ms)
{
	return connection->replies == 0 &&
	       now_ms - connection->opened_ms >= LIMIT_UPSTREAM_TCP_MUTE_MS;
}

/*
 * Whether there is room for one more, after closing the idle one unused for longest if need be; or
 * a mute one: servers that stall on purpose must not keep everybody else from TCP.
 */
static bool make_room(struct upstream *upstream)
{
	struct tcp_connection *idle = NULL, *mute = NULL;
	uint64_t now_ms = env_mono_ms(upstream->env);
	if (upstream->connection_count < LIMIT_UPSTREAM_TCP)
		return true;
	for (struct tcp_connection *at = upstream->connections; at; at = at->next) {
		if (at->waiting_count == 0)
			idle = at;
		else if (is_mute(at, now_ms))
			mute = at;
	}
	if (idle)
		close_connection(idle);
	else if (mute)
		fail_connection(mute, EXCHANGE_TIMEOUT);
	return idle || mute;
}

/* ---- writing ---- */

/* Returns 0 or an errno. */
static int flush(struct tcp_connection *connection)
{
	struct carrier *carrier = &connection->carrier;
	int err = carrier_write(carrier, env_mono_ms(connection->upstream->env));
	if (!err)
		err = carrier_wait(carrier, true);
	return err ? errno : 0;
}

/* ---- reading ---- */

static struct exchange *find_waiting(struct tcp_connection *connection, const uint8_t *id)
{
	struct exchange *exchange = connection->waiting;
	while (exchange && memcmp(exchange->wire, id, 2) != 0)
		exchange = exchange->connection_next;
	return exchange;
}

static void take_reply(struct tcp_connection *connection, const uint8_t *wire, size_t size)
{
	struct exchange *exchange = size >= HEADER_SIZE ? find_waiting(connection, wire) : NULL;
	if (exchange &&
		match_reply(exchange->wire, exchange->size, wire, size, false) == MATCH_REPLY) {
		connection->replies++;
		exchange_finish(exchange, EXCHANGE_REPLY, wire, size);
		return;
	}
	connection->junk++;
	if (exchange)
		exchange->near_misses++;
}

/* Returns false when the connection has come to its end. */
static bool take_replies(struct tcp_connection *connection)
{
	struct carrier *carrier = &connection->carrier;
	struct stream_message reply;
	while (stream_next(carrier->stream, &reply) == 0) {
		if (reply.size > 0)
			take_reply(connection, reply.bytes, reply.size);
		if (carrier->fd < 0)
			return true; /* closed meanwhile, nothing is left to do */
		if (connection->junk > JUNK_MAX)
			return false;
	}
	return !stream_status(carrier->stream).ended;
}

/* Returns whether there may be more to read. */
static bool read_some(struct tcp_connection *connection)
{
	bool more;
	if (carrier_read(&connection->carrier, &more)) {
		fail_connection(connection, exchange_end_of(errno));
		return false;
	}
	if (!take_replies(connection)) {
		fail_connection(connection, EXCHANGE_CLOSED);
		return false;
	}
	return more && connection->carrier.fd >= 0;
}

static void tcp_ready(struct ready_io *io, uint32_t events)
{
	struct tcp_connection *connection = rw_container_of(io, struct tcp_connection, carrier.io);
	int error = connection->connected ? 0 : socket_error(connection->carrier.fd);
	if (!error)
		connection->connected = true;
	if (!error && events & EPOLLOUT)
		error = flush(connection);
	if (error) {
		fail_connection(connection, exchange_end_of(error));
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		for (unsigned burst = 0; burst < READ_BURST && read_some(connection); burst++)
			;
}

/* ---- opening ---- */

/* RW_ESYSTEM with errno. */
static int start_connecting(struct upstream *upstream, int fd, const struct addr *server)
{
	struct addr source;
	(void)socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (upstream_source(upstream, server->family, &source)) {
		(void)socket_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
		if (socket_bind(fd, &source))
			return RW_ESYSTEM;
	}
	return socket_connect(fd, server);
}

/* RW_ENOMEM; RW_ESYSTEM; both with errno. */
static int open_carrier(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	struct stream *stream = NULL;
	int fd;
	if (socket_open(connection->server.family, SOCK_STREAM, &fd))
		return RW_ESYSTEM;
	int err = start_connecting(upstream, fd, &connection->server);
	if (!err)
		err = framing_new(&stream_limits, &stream);
	if (!err)
		err = carrier_open(
			&connection->carrier, upstream->readiness, fd, stream, EPOLLIN | EPOLLOUT);
	if (!err)
		return 0;
	int error = errno;
	stream_free(stream);
	socket_close(fd, false);
	errno = error;
	return err;
}

/* Returns NULL with errno. */
static struct tcp_connection *new_connection(struct upstream *upstream, const struct addr *server)
{
	struct tcp_connection *connection =
		make_room(upstream) ? calloc(1, sizeof(*connection)) : NULL;
	if (!connection) {
		errno = ENOBUFS;
		return NULL;
	}
	connection->upstream = upstream;
	connection->server = *server;
	connection->opened_ms = env_mono_ms(upstream->env);
	connection->carrier.io = (struct ready_io){.ready = tcp_ready, .gone = connection_gone};
	connection->idle.passed = idle_passed;
	if (open_carrier(connection)) {
		int error = errno;
		free(connection);
		errno = error;
		return NULL;
	}
	link_first(connection);
	upstream->connection_count++;
	counters_increment(upstream->counters, COUNT_TCP_OPENED);
	return connection;
}

/* Puts the question on the connection under an id that is free there. */
static int join(struct tcp_connection *connection, struct exchange *exchange)
{
	const struct env *env = connection->upstream->env;
	while (find_waiting(connection, exchange->wire))
		env->random(env->ctx, exchange->wire, 2);
	struct stream_message question = {.bytes = exchange->wire, .size = exchange->size};
	int err = stream_send(connection->carrier.stream, &question);
	if (err)
		return err;
	deadline_stop(connection->upstream->timers, &connection->idle);
	exchange->connection = connection;
	exchange->connection_next = connection->waiting;
	connection->waiting = exchange;
	connection->waiting_count++;
	counters_increment(connection->upstream->counters, COUNT_TCP_SENT);
	return 0;
}

void tcp_start(struct exchange *exchange)
{
	struct upstream *upstream = exchange->upstream;
	struct tcp_connection *connection = find_connection(upstream, &exchange->server);
	if (!connection)
		connection = new_connection(upstream, &exchange->server);
	if (!connection) {
		exchange_fail_later(exchange, exchange_end_of(errno));
		return;
	}
	unlink_connection(connection);
	link_first(connection);
	exchange->sent_ns = uv_hrtime();
	if (join(connection, exchange)) {
		exchange_fail_later(exchange, EXCHANGE_RESOURCE);
		if (connection->waiting_count == 0)
			close_connection(connection);
		return;
	}
	int error = connection->connected ? flush(connection) : 0;
	if (error)
		fail_connection(connection, exchange_end_of(error));
}
