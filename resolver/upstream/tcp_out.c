/* SPDX-License-Identifier: MIT */
/*
 * Exchanges over TCP (RFC 7766): connections are kept per server address, carry several questions
 * at once, and take replies in any order. A connection on which a question timed out gets no more
 * of them. When a server closes a kept connection, what was asked on it moves to a fresh one, once.
 * The case of the letters is not compared: whoever answers here has shaken hands.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/upstream/match.h"
#include "resolver/upstream/upstream.h"
#include "resolver/wire/rr.h"

#define PER_CONNECTION 32   /* questions at once on one connection */
#define JUNK_MAX       32   /* replies nobody asked for before it is closed */
#define READ_BURST     4    /* reads of one connection before others get their turn */
#define OUT_FIRST      1024 /* bytes of the first output buffer */

struct tcp_connection {
	struct upstream_io io;
	struct upstream *upstream;
	struct tcp_connection *next, *prev;
	struct deadline idle;
	struct addr server;
	int fd;
	bool connected, retired, want_write;
	uint64_t opened_ms;
	uint32_t waiting_count, replies, junk;
	struct exchange *waiting;
	uint8_t *out;
	size_t out_size, out_sent, out_room;
	uint8_t *in; /* a reply, once its length is known */
	size_t in_have, in_size;
	uint8_t length[2];
	unsigned length_have;
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

/* Nothing waits on it any more. The memory goes when the batch of events is through. */
static void close_connection(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	rw_debug(connection->waiting == NULL);
	unlink_connection(connection);
	upstream->connection_count--;
	deadline_stop(upstream->timers, &connection->idle);
	(void)close(connection->fd);
	connection->fd = -1;
	connection->io.ready = NULL;
	connection->next = upstream->dead_connections;
	upstream->dead_connections = connection;
	if (!upstream->in_batch)
		tcp_free_dead(upstream);
}

void tcp_free_dead(struct upstream *upstream)
{
	while (upstream->dead_connections) {
		struct tcp_connection *connection = upstream->dead_connections;
		upstream->dead_connections = connection->next;
		free(connection->out);
		free(connection->in);
		free(connection);
	}
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

static struct tcp_connection *find_connection(struct upstream *upstream, const struct addr *server)
{
	struct tcp_connection *connection = upstream->connections;
	while (connection && (connection->retired || connection->waiting_count >= PER_CONNECTION ||
				     !addr_equal(&connection->server, server)))
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

static int append(struct tcp_connection *connection, const void *bytes, size_t size)
{
	if (connection->out_size + size > connection->out_room) {
		size_t room = RW_MAX(connection->out_room * 2, (size_t)OUT_FIRST);
		uint8_t *out = realloc(connection->out, room);
		if (!out)
			return RW_ENOMEM;
		connection->out = out;
		connection->out_room = room;
	}
	memcpy(connection->out + connection->out_size, bytes, size);
	connection->out_size += size;
	return 0;
}

static int watch_for(struct tcp_connection *connection, bool write)
{
	if (connection->want_write == write)
		return 0;
	connection->want_write = write;
	return upstream_rewatch(connection->upstream, connection->fd, &connection->io,
		EPOLLIN | (write ? (uint32_t)EPOLLOUT : 0));
}

/* Returns 0 or an errno. */
static int flush(struct tcp_connection *connection)
{
	while (connection->out_sent < connection->out_size) {
		ssize_t sent = send(connection->fd, connection->out + connection->out_sent,
			connection->out_size - connection->out_sent, MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN)
			return watch_for(connection, true) ? errno : 0;
		if (sent < 0)
			return errno;
		connection->out_sent += (size_t)sent;
	}
	connection->out_sent = connection->out_size = 0;
	return watch_for(connection, false) ? errno : 0;
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

/* Takes bytes of the length or of the reply; returns how many. 0: out of memory. */
static size_t take_bytes(struct tcp_connection *connection, const uint8_t *bytes, size_t size)
{
	if (connection->length_have < 2) {
		connection->length[connection->length_have++] = bytes[0];
		connection->in_have = 0;
		connection->in_size = rr_get16(connection->length);
		if (connection->length_have == 2 && connection->in_size > 0) {
			connection->in = malloc(connection->in_size);
			return connection->in ? 1 : 0;
		}
		if (connection->length_have == 2)
			connection->length_have = 0; /* an empty message: nothing to take */
		return 1;
	}
	size_t part = RW_MIN(size, connection->in_size - connection->in_have);
	memcpy(connection->in + connection->in_have, bytes, part);
	connection->in_have += part;
	return part;
}

/* Returns false when the connection has come to its end. */
static bool feed(struct tcp_connection *connection, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		size_t part = take_bytes(connection, bytes, size);
		if (part == 0)
			return false;
		bytes += part;
		size -= part;
		if (connection->length_have < 2 || connection->in_have < connection->in_size)
			continue;
		uint8_t *wire = connection->in;
		connection->in = NULL;
		connection->length_have = 0;
		take_reply(connection, wire, connection->in_size);
		free(wire);
		if (connection->fd < 0)
			return true; /* closed meanwhile, nothing is left to do */
		if (connection->junk > JUNK_MAX)
			return false;
	}
	return true;
}

/* Returns whether there may be more to read. */
static bool read_some(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	ssize_t size = recv(connection->fd, upstream->buffer, sizeof(upstream->buffer), 0);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (size <= 0) {
		fail_connection(connection, size == 0 ? EXCHANGE_CLOSED : exchange_end_of(errno));
		return false;
	}
	if (!feed(connection, upstream->buffer, (size_t)size)) {
		fail_connection(connection, EXCHANGE_CLOSED);
		return false;
	}
	return connection->fd >= 0 && (size_t)size == sizeof(upstream->buffer);
}

static void tcp_ready(struct upstream_io *io, uint32_t events)
{
	struct tcp_connection *connection = rw_container_of(io, struct tcp_connection, io);
	if (!connection->connected) {
		int error = 0;
		socklen_t size = sizeof(error);
		(void)getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error) {
			fail_connection(connection, exchange_end_of(error));
			return;
		}
		connection->connected = true;
	}
	if (events & EPOLLOUT) {
		int error = flush(connection);
		if (error) {
			fail_connection(connection, exchange_end_of(error));
			return;
		}
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		for (unsigned burst = 0; burst < READ_BURST && read_some(connection); burst++)
			;
}

/* ---- opening ---- */

/* Returns 0 or an errno. */
static int open_connection(struct tcp_connection *connection)
{
	struct upstream *upstream = connection->upstream;
	int on = 1, family = connection->server.family == ADDR_V6 ? AF_INET6 : AF_INET;
	connection->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connection->fd < 0)
		return errno;
	(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	struct sockaddr_storage sa;
	struct addr source;
	if (upstream_source(upstream, connection->server.family, &source)) {
		unsigned size = addr_to_sockaddr(&source, &sa);
		(void)setsockopt(
			connection->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
		if (bind(connection->fd, (const struct sockaddr *)&sa, size) != 0)
			return errno;
	}
	unsigned size = addr_to_sockaddr(&connection->server, &sa);
	if (connect(connection->fd, (const struct sockaddr *)&sa, size) != 0 &&
		errno != EINPROGRESS)
		return errno;
	connection->want_write = true;
	if (upstream_watch(upstream, connection->fd, &connection->io, EPOLLIN | EPOLLOUT) != 0)
		return errno;
	return 0;
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
	connection->io.ready = tcp_ready;
	connection->idle.passed = idle_passed;
	int err = open_connection(connection);
	if (err) {
		if (connection->fd >= 0)
			(void)close(connection->fd);
		free(connection);
		errno = err;
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
	uint8_t framed[2 + EXCHANGE_QUERY_BYTES];
	rr_put16(framed, exchange->size);
	memcpy(framed + 2, exchange->wire, exchange->size);
	if (append(connection, framed, 2 + (size_t)exchange->size))
		return RW_ENOMEM;
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
