/* SPDX-License-Identifier: MIT */
/* Questions over TCP (RFC 7766): a length, a message, and again, until the other side has enough.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/lab/ports_inner.h"

#define FRAME        2            /* bytes of a message's length */
#define UNREAD_BYTES (256 * 1024) /* that a client may leave unread before it is let go */
#define BACKLOG      128

struct connection {
	uv_tcp_t tcp;
	uv_timer_t idle;
	struct endpoint *endpoint;
	struct list_link link;
	unsigned refs; /* the connection's own two handles, and replies held back */
	bool closing;
	size_t filled;
	uint8_t in[FRAME + LIMIT_MESSAGE_BYTES];
};

/* A reply on its way out. */
struct sending {
	uv_write_t request;
	uint8_t bytes[];
};

void connection_ref(struct connection *connection)
{
	connection->refs++;
}

void connection_unref(struct connection *connection)
{
	if (--connection->refs == 0)
		free(connection);
}

static void on_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;
	struct ports *ports = connection->endpoint->ports;
	connection_unref(connection);
	ports_handle_closed(ports);
}

static void end_connection(struct connection *connection)
{
	if (connection->closing)
		return;
	connection->closing = true;
	list_remove(&connection->link);
	connection->endpoint->ports->connection_count--;
	uv_close((uv_handle_t *)&connection->tcp, on_closed);
	uv_close((uv_handle_t *)&connection->idle, on_closed);
}

void connection_close_all(struct ports *ports)
{
	list_each(struct connection, connection, &ports->connections, link)
		end_connection(connection);
}

static void on_idle(uv_timer_t *timer)
{
	end_connection(timer->data);
}

static void on_written(uv_write_t *request, int status)
{
	(void)status;
	free(rw_container_of(request, struct sending, request));
}

void connection_write(struct connection *connection, const uint8_t *bytes, size_t size)
{
	if (connection->closing)
		return;
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	struct sending *sending = uv_stream_get_write_queue_size(stream) < UNREAD_BYTES
					  ? malloc(sizeof(*sending) + FRAME + size)
					  : NULL;
	if (!sending) {
		end_connection(connection);
		return;
	}
	rr_put16(sending->bytes, (uint16_t)size);
	memcpy(sending->bytes + FRAME, bytes, size);
	uv_buf_t buf = uv_buf_init((char *)sending->bytes, (unsigned)(FRAME + size));
	if (uv_write(&sending->request, stream, &buf, 1, on_written)) {
		free(sending);
		end_connection(connection);
	}
}

/* Answers every whole message that is there. */
static void answer_messages(struct connection *connection)
{
	size_t at = 0, reply_size;
	while (!connection->closing && connection->filled - at >= FRAME) {
		size_t size = rr_get16(connection->in + at);
		if (connection->filled - at < FRAME + size)
			break;
		if (ports_answer(connection->endpoint, connection->in + at + FRAME, size, true,
			    &reply_size) == 0)
			ports_send(connection->endpoint, connection, NULL, reply_size);
		at += FRAME + size;
	}
	memmove(connection->in, connection->in + at, connection->filled - at);
	connection->filled -= at;
	if (at > 0 && !connection->closing)
		(void)uv_timer_again(&connection->idle);
}

static void give_stream_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *connection = handle->data;
	(void)suggested;
	*buf = uv_buf_init((char *)connection->in + connection->filled,
		(unsigned)(sizeof(connection->in) - connection->filled));
}

static void on_bytes(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct connection *connection = stream->data;
	(void)buf;
	if (size < 0) {
		end_connection(connection);
		return;
	}
	connection->filled += (size_t)size;
	answer_messages(connection);
}

/* The connection counts as two handles from here on, also where it is closed at once. */
static void start_connection(
	struct endpoint *endpoint, struct connection *connection, uv_stream_t *listener)
{
	struct ports *ports = endpoint->ports;
	connection->endpoint = endpoint;
	connection->tcp.data = connection->idle.data = connection;
	connection->refs = 2;
	ports->handles += 2;
	rw_require(uv_tcp_init(ports->loop, &connection->tcp) == 0);
	rw_require(uv_timer_init(ports->loop, &connection->idle) == 0);
	list_prepend(&ports->connections, &connection->link);
	ports->connection_count++;
	if (uv_accept(listener, (uv_stream_t *)&connection->tcp) ||
		ports->connection_count > LIMIT_LAB_TCP ||
		uv_read_start((uv_stream_t *)&connection->tcp, give_stream_room, on_bytes) ||
		uv_timer_start(&connection->idle, on_idle, LIMIT_LAB_TCP_MS, LIMIT_LAB_TCP_MS))
		end_connection(connection);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct endpoint *endpoint = rw_container_of((uv_tcp_t *)listener, struct endpoint, tcp);
	struct connection *connection = status == 0 ? calloc(1, sizeof(*connection)) : NULL;
	if (connection)
		start_connection(endpoint, connection, listener);
}

int ports_listen(struct endpoint *endpoint, const struct sockaddr *sa)
{
	struct ports *ports = endpoint->ports;
	int err = uv_tcp_init(ports->loop, &endpoint->tcp);
	if (err)
		return err;
	endpoint->tcp.data = ports;
	ports->handles++;
	err = uv_tcp_bind(&endpoint->tcp, sa, 0);
	return err ? err : uv_listen((uv_stream_t *)&endpoint->tcp, BACKLOG, on_connection);
}
