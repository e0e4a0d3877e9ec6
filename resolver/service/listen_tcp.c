/* SPDX-License-Identifier: MIT */
/* Accepting connections, and the caps on how many there are. */
#include "resolver/service/listen_tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "resolver/engine/client_quota.h"
#include "resolver/net/socket.h"
#include "resolver/service/tcp_client.h"

#define ACCEPT_BURST 32           /* connections taken before others get their turn */
#define SEND_BYTES   (128 * 1024) /* that the kernel may keep for one client; the default is 4 MB */
#define PAUSE_MS     100          /* without descriptors: how long nothing is accepted */

struct tcp_listener {
	struct ready_io io;
	struct deadline pause;
	struct worker *worker;
	struct list_link link; /* of the worker's */
	struct addr address;
	int fd;
	bool closing;
	bool told; /* that nothing can be accepted; once until something can */
};

static void listen_again(struct deadline *deadline)
{
	struct tcp_listener *listener = rw_container_of(deadline, struct tcp_listener, pause);
	rw_require(readiness_change(
			   listener->worker->readiness, listener->fd, &listener->io, EPOLLIN) == 0);
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
		rw_require(
			readiness_change(worker->readiness, listener->fd, &listener->io, 0) == 0);
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
	struct addr peer;
	int fd;
	if (socket_accept(listener->fd, &fd, &peer)) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(listener);
		return errno == ECONNABORTED || errno == EINTR;
	}
	listener->told = false;
	if (!make_room(listener->worker, &peer)) {
		socket_close(fd, false);
		return true;
	}
	(void)socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	(void)socket_set(fd, SOL_SOCKET, SO_SNDBUF, SEND_BYTES);
	return tcp_client_new(listener->worker, fd, &peer) == 0;
}

static void listener_ready(struct ready_io *io, uint32_t events)
{
	struct tcp_listener *listener = rw_container_of(io, struct tcp_listener, io);
	(void)events;
	for (unsigned burst = 0; burst < ACCEPT_BURST && accept_one(listener); burst++)
		;
}

static void listener_gone(struct ready_io *io)
{
	struct tcp_listener *listener = rw_container_of(io, struct tcp_listener, io);
	list_remove(&listener->link);
	free(listener);
}

int tcp_listener_new(struct worker *worker, int fd, const struct addr *address)
{
	struct tcp_listener *listener = calloc(1, sizeof(*listener));
	int err = RW_ENOMEM;
	if (listener) {
		listener->io = (struct ready_io){.ready = listener_ready, .gone = listener_gone};
		err = readiness_add(worker->readiness, fd, &listener->io, EPOLLIN);
	}
	if (err) {
		socket_close(fd, false);
		free(listener);
		return err;
	}
	listener->worker = worker;
	listener->fd = fd;
	listener->address = *address;
	listener->pause.passed = listen_again;
	list_prepend(&worker->tcp, &listener->link);
	return 0;
}

static void close_listener(struct tcp_listener *listener)
{
	if (listener->closing)
		return;
	listener->closing = true;
	deadline_stop(listener->worker->timers, &listener->pause);
	socket_close(listener->fd, false);
	readiness_drop(listener->worker->readiness, &listener->io);
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
