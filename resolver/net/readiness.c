/* SPDX-License-Identifier: MIT */
/* One epoll set behind one handle of libuv, and those that left it. */
#include "resolver/net/readiness.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64 /* events taken with one system call */

struct readiness {
	uv_poll_t poll;   /* on `epoll` */
	uv_check_t check; /* runs while there is somebody dropped */
	int epoll;
	unsigned handles; /* of the two, those not closed yet */
	struct ready_io *dropped;
	void (*closed)(void *owner);
	void *owner;
};

static void take_batch(uv_poll_t *handle, int status, int events)
{
	struct readiness *readiness = handle->data;
	struct epoll_event batch[BATCH];
	(void)events;
	if (status < 0)
		return;
	int count = epoll_wait(readiness->epoll, batch, BATCH, 0);
	for (int i = 0; i < count; i++) {
		struct ready_io *io = batch[i].data.ptr;
		if (io->ready)
			io->ready(io, batch[i].events);
	}
}

static void let_go(struct readiness *readiness)
{
	while (readiness->dropped) {
		struct ready_io *io = readiness->dropped;
		readiness->dropped = io->next;
		io->gone(io);
	}
}

static void check(uv_check_t *handle)
{
	let_go(handle->data);
	(void)uv_check_stop(handle);
}

static int open_handles(struct readiness *readiness, uv_loop_t *loop)
{
	readiness->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (readiness->epoll < 0)
		return RW_ESYSTEM;
	if (uv_poll_init(loop, &readiness->poll, readiness->epoll) != 0) {
		(void)close(readiness->epoll);
		return RW_ESYSTEM;
	}
	rw_require(uv_check_init(loop, &readiness->check) == 0);
	rw_require(uv_poll_start(&readiness->poll, UV_READABLE, take_batch) == 0);
	readiness->poll.data = readiness->check.data = readiness;
	readiness->handles = 2;
	return 0;
}

int readiness_new(uv_loop_t *loop, struct readiness **ret_readiness)
{
	struct readiness *readiness = calloc(1, sizeof(*readiness));
	int err = readiness ? open_handles(readiness, loop) : RW_ENOMEM;
	if (err)
		free(readiness);
	else
		*ret_readiness = readiness;
	return err;
}

static void handle_closed(uv_handle_t *handle)
{
	struct readiness *readiness = handle->data;
	if (--readiness->handles > 0)
		return;
	let_go(readiness);
	(void)close(readiness->epoll);
	if (readiness->closed)
		readiness->closed(readiness->owner);
	free(readiness);
}

void readiness_close(struct readiness *readiness, void (*closed)(void *owner), void *owner)
{
	if (!readiness)
		return;
	readiness->closed = closed;
	readiness->owner = owner;
	uv_close((uv_handle_t *)&readiness->poll, handle_closed);
	uv_close((uv_handle_t *)&readiness->check, handle_closed);
}

static int control(
	struct readiness *readiness, int what, int fd, struct ready_io *io, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = io};
	return epoll_ctl(readiness->epoll, what, fd, &event) == 0 ? 0 : RW_ESYSTEM;
}

int readiness_add(struct readiness *readiness, int fd, struct ready_io *io, uint32_t events)
{
	return control(readiness, EPOLL_CTL_ADD, fd, io, events);
}

int readiness_change(struct readiness *readiness, int fd, struct ready_io *io, uint32_t events)
{
	return control(readiness, EPOLL_CTL_MOD, fd, io, events);
}

void readiness_drop(struct readiness *readiness, struct ready_io *io)
{
	uv_handle_t *check_handle = (uv_handle_t *)&readiness->check;
	io->ready = NULL;
	io->next = readiness->dropped;
	readiness->dropped = io;
	if (!uv_is_closing(check_handle))
		rw_require(uv_check_start(&readiness->check, check) == 0);
}
