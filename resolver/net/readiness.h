/* SPDX-License-Identifier: MIT */
/*
 * Which sockets can be read or written. They are not libuv handles: a handle would cost four
 * epoll_ctl calls and a close callback, and a cold question needs a socket of its own. All sockets
 * of one owner sit in one epoll set, which is the only thing libuv watches.
 *
 * A socket that is dropped from the set may still be in use by its owner, or be part of the batch
 * of events at hand. So its memory is freed later, in the check phase of the loop.
 */
#ifndef RW_NET_READINESS_H
#define RW_NET_READINESS_H

#include <stdint.h>
#include <uv.h>

#include "resolver/base/rw.h"

struct readiness;

/* One socket in the set. It lives inside its owner's object, which fills in the two functions. */
struct ready_io {
	void (*ready)(struct ready_io *io, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
	void (*gone)(struct ready_io *io);                   /* the object may be freed */
	struct ready_io *next;                               /* dropped, and not gone yet */
};

/* RW_ENOMEM, RW_ESYSTEM. */
int readiness_new(uv_loop_t *loop, struct readiness **ret_readiness) RW_MUSTCHECK;

/*
 * All that is in it has been dropped, and is gone before `closed` is called, from the loop; NULL:
 * nobody need be told. A `readiness` of NULL does nothing.
 */
void readiness_close(struct readiness *readiness, void (*closed)(void *owner), void *owner);

/* `events` are those of epoll; errors are always reported. RW_ESYSTEM with errno. */
int readiness_add(
	struct readiness *readiness, int fd, struct ready_io *io, uint32_t events) RW_MUSTCHECK;
int readiness_change(
	struct readiness *readiness, int fd, struct ready_io *io, uint32_t events) RW_MUSTCHECK;

/* To be called once for each, in the set or not, when its descriptor is closed: no `ready` any
 * more, and later one `gone`. */
void readiness_drop(struct readiness *readiness, struct ready_io *io);

#endif
