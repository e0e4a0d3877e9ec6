/* SPDX-License-Identifier: MIT */
/*
 * A connected socket that carries a stream: moves bytes between the two and has the socket watched
 * for what the stream wants. Everything that is a decision stays with its owner: when to read, what
 * to do with messages, how long to wait.
 */
#ifndef RW_NET_CARRIER_H
#define RW_NET_CARRIER_H

#include "resolver/net/readiness.h"
#include "resolver/stream/stream.h"

struct carrier {
	struct ready_io
		io; /* its owner sets both functions, and frees the stream when it is gone */
	struct readiness *readiness;
	struct stream *stream;
	int fd;          /* -1: closed */
	uint32_t events; /* that are waited for */
};

/*
 * Begins to wait for `events` of epoll. The stream and the descriptor stay the owner's when that
 * fails: RW_ESYSTEM with errno.
 */
int carrier_open(struct carrier *carrier, struct readiness *readiness, int fd,
	struct stream *stream, uint32_t events) RW_MUSTCHECK;

/*
 * Reads once into the stream. Reads nothing when it wants nothing. `ret_more`: there may be more.
 * RW_ESYSTEM with errno; RW_ENOMEM. That the other side has ended is told by the stream.
 */
int carrier_read(struct carrier *carrier, bool *ret_more) RW_MUSTCHECK;

/* Writes what the stream has until the kernel takes no more. RW_ESYSTEM with errno. */
int carrier_write(struct carrier *carrier, uint64_t now_ms) RW_MUSTCHECK;

/* Waits for what the stream wants; `read` false: not for bytes, whatever it wants. RW_ESYSTEM. */
int carrier_wait(struct carrier *carrier, bool read) RW_MUSTCHECK;

/* Closes the socket, as socket_close does; `gone` comes later. */
void carrier_close(struct carrier *carrier, bool reset);

#endif
