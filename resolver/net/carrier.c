/* SPDX-License-Identifier: MIT */
/* Bytes between a socket and a stream. */
#include "resolver/net/carrier.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "resolver/net/socket.h"

int carrier_open(struct carrier *carrier, struct readiness *readiness, int fd,
	struct stream *stream, uint32_t events)
{
	carrier->readiness = readiness;
	carrier->stream = stream;
	carrier->fd = fd;
	carrier->events = events;
	return readiness_add(readiness, fd, &carrier->io, events);
}

int carrier_read(struct carrier *carrier, bool *ret_more)
{
	uint8_t *bytes;
	size_t room;
	int err = stream_room(carrier->stream, &bytes, &room);
	if (err == RW_EBUSY)
		*ret_more = false;
	if (err)
		return err == RW_EBUSY ? 0 : err;
	ssize_t size = recv(carrier->fd, bytes, room, 0);
	if (size < 0 && errno != EAGAIN && errno != EINTR)
		return RW_ESYSTEM;
	if (size >= 0)
		stream_filled(carrier->stream, (size_t)size);
	*ret_more = size >= 0 && (size_t)size == room;
	return 0;
}

int carrier_write(struct carrier *carrier, uint64_t now_ms)
{
	for (;;) {
		size_t size;
		const uint8_t *bytes = stream_out(carrier->stream, &size);
		if (size == 0)
			return 0;
		ssize_t sent = send(carrier->fd, bytes, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN)
			return RW_ESYSTEM;
		stream_sent(carrier->stream, sent > 0 ? (size_t)sent : 0, now_ms);
		if (sent < 0 || (size_t)sent < size)
			return 0;
	}
}

int carrier_wait(struct carrier *carrier, bool read)
{
	struct stream_status status = stream_status(carrier->stream);
	uint32_t events = (read && status.want_read ? (uint32_t)EPOLLIN : 0) |
			  (status.want_write ? (uint32_t)EPOLLOUT : 0);
	if (events == carrier->events)
		return 0;
	carrier->events = events;
	return readiness_change(carrier->readiness, carrier->fd, &carrier->io, events);
}

void carrier_close(struct carrier *carrier, bool reset)
{
	socket_close(carrier->fd, reset);
	carrier->fd = -1;
	readiness_drop(carrier->readiness, &carrier->io);
}
