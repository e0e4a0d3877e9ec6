/* SPDX-License-Identifier: MIT */
/* Accepting connections, and the caps on how many there are. */
#include "resolver/service/listen_tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "resolver/engine/client_quota.h"
#include "resolver/service/tcp_client.h"

#define ACCEPT_BURST 32           /* connections taken before others get their turn */
#define SEND_BYTES   (128 * 1024) /* that the kernel may keep for one client; the default is 4 MB */
#define PAUSE_MS     100          /* without descriptors: how long nothing is accepted */

/* The listening socket is ours and not a libuv stream, so that accepting can pause. */
struct tcp_listener {
	uv_poll_t poll;
	struct deadline pause;
	struct worker *worker;
	struct list_link link; /* of the worker's */
	struct addr address;
	int fd;
	bool closing;
	bool told; /* that nothing can be accepted; once until something can */
};

static void on_event(uv_poll_t *handle, int status, int events);

static void listen_again(struct deadline *deadline)
{
	struct tcp_listener *listener = rw_container_of(deadline, struct tcp_listener, pause);
	if (!listener->closing)
		rw_require(uv_poll_start(&listener->poll, UV_READABLE, on_event) == 0);
}

/* Out of descriptors or memory: the connections wait in the kernel, and we do not spin. */
static void pause_accepting(struct tcp_listener *listener)
{
	struct worker *worker = listener->worker;
	if (!listener->told)
		log_warning(LOG_RESOURCE,
			"cannot accept TCP connections: %s; they wait; raise the limit of open "
			"files (ulimit -n)",
			strerror(errno));
	listener->told = true;
	if (deadline_start(worker->timers, &listener->pause, env_mono_ms(worker->env) + PAUSE_MS) ==
		0)
		(void)uv_poll_stop(&listener->poll);
}

/* The oldest idle connection, of one client or of all. */
static struct tcp_client *oldest_idle(struct worker *worker, const struct addr *peer)
{
	struct tcp_client *oldest = NULL;
	for (struct tcp_client *at = worker->clients; at; at = tcp_client_next(at))
		if (tcp_client_is_idle(at) && (!peer || client_is_same(tcp_client_peer(at), peer)))
			oldest = at;
	return oldest;
}

static uint32_t count_of(struct worker *worker, const struct addr *peer)
{
	uint32_t count = 0;
	for (struct tcp_client *at = worker->clients; at; at = tcp_client_next(at))
		count += client_is_same(tcp_client_peer(at), peer);
	return count;
}

/* Whether one more connection of that client may be had, closing an idle one if need be. */
static bool make_room(struct worker *worker, const struct addr *peer)
{
	struct tcp_client *idle;
	if (count_of(worker, peer) >= LIMIT_TCP_PER_CLIENT)
		idle = oldest_idle(worker, peer);
	else if (worker->client_count >= LIMIT_TCP_CLIENTS)
		idle = oldest_idle(worker, NULL);
	else
		return true;
	if (idle)
		tcp_client_close(idle);
	return idle != NULL;
}

/* Returns whether there may be more. */
static bool accept_one(struct tcp_listener *listener)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	struct addr peer;
	int fd = accept4(listener->fd, (struct sockaddr *)&sa, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(listener);
		return errno == ECONNABORTED || errno == EINTR;
	}
	listener->told = false;
	if (addr_from_sockaddr((const struct sockaddr *)&sa, &peer) ||
		!make_room(listener->worker, &peer)) {
		(void)close(fd);
		return true;
	}
	int on = 1, send_bytes = SEND_BYTES;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes));
	int err = tcp_client_new(listener->worker, fd, &peer);
	return err == 0;
}

static void on_event(uv_poll_t *handle, int status, int events)
{
	(void)events;
	for (unsigned burst = 0; status == 0 && burst < ACCEPT_BURST && accept_one(handle->data);
		burst++)
		;
}

int tcp_listener_new(struct worker *worker, int fd, const struct addr *address)
{
	struct tcp_listener *listener = calloc(1, sizeof(*listener));
	if (!listener || uv_poll_init(&worker->loop, &listener->poll, fd) != 0) {
		(void)close(fd);
		int err = listener ? RW_ESYSTEM : RW_ENOMEM;
		free(listener);
		return err;
	}
	listener->worker = worker;
	listener->fd = fd;
	listener->address = *address;
	listener->pause.passed = listen_again;
	listener->poll.data = listener;
	rw_require(uv_poll_start(&listener->poll, UV_READABLE, on_event) == 0);
	list_prepend(&worker->tcp, &listener->link);
	return 0;
}

static void listener_closed(uv_handle_t *handle)
{
	struct tcp_listener *listener = handle->data;
	list_remove(&listener->link);
	(void)close(listener->fd);
	free(listener);
}

static void close_listener(struct tcp_listener *listener)
{
	if (listener->closing)
		return;
	listener->closing = true;
	deadline_stop(listener->worker->timers, &listener->pause);
	uv_close((uv_handle_t *)&listener->poll, listener_closed);
}

void tcp_close_listeners(struct worker *worker)
{
	list_each(struct tcp_listener, at, &worker->tcp, link)
		close_listener(at);
}

void tcp_close_other_listeners(struct worker *worker, const struct addr_list *keep)
{
	list_each(struct tcp_listener, at, &worker->tcp, link) {
		bool kept = false;
		for (size_t i = 0; i < keep->count && !kept; i++)
			kept = addr_equal(&keep->items[i], &at->address);
		if (!kept)
			close_listener(at);
	}
}

static void close_clients(struct worker *worker, bool only_idle)
{
	struct tcp_client *client = worker->clients, *next;
	for (; client; client = next) {
		next = tcp_client_next(client);
		if (!only_idle || tcp_client_is_idle(client))
			tcp_client_close(client);
	}
}

void tcp_close_idle_clients(struct worker *worker)
{
	close_clients(worker, true);
}

void tcp_close_clients(struct worker *worker)
{
	close_clients(worker, false);
}
