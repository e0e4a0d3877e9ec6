/* SPDX-License-Identifier: MIT */
/* Batches of datagrams in and out. */
#include "resolver/service/listen_udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/service/reply.h"
#include "resolver/service/sockets.h"

#define QUERY_BYTES 4096 /* a longer datagram is cut, and then malformed */
#define CONTROL     64   /* bytes: one IP_PKTINFO or IPV6_PKTINFO */
#define TURNS       4    /* batches taken before others get their turn */

_Static_assert(CMSG_SPACE(sizeof(struct in6_pktinfo)) <= CONTROL, "room for the local address");

/* Where an answer goes: the client's address, and ours if the socket has several. */
struct udp_route {
	struct sockaddr_storage peer;
	socklen_t peer_size;
	uint8_t control_size;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL];
};

struct udp_output {
	struct udp_route route;
	struct iovec bytes;
	uint8_t wire[REPLY_UDP_BYTES];
};

struct udp_listener {
	uv_poll_t poll;
	struct worker *worker;
	struct list_link link; /* of the worker's */
	struct addr address;
	int fd;
	bool wildcard, closing, closed, want_write;
	uint32_t waiting;
	unsigned out_count;
	struct mmsghdr out_headers[LIMIT_UDP_BATCH];
	struct udp_output out[LIMIT_UDP_BATCH];
};

/* One per worker: only one listener reads at a time. */
struct udp_input {
	struct mmsghdr headers[LIMIT_UDP_BATCH];
	struct iovec bytes[LIMIT_UDP_BATCH];
	struct udp_route routes[LIMIT_UDP_BATCH];
	uint8_t wire[LIMIT_UDP_BATCH][QUERY_BYTES];
};

struct udp_waiting {
	struct waiter waiter;
	struct udp_listener *listener;
	struct udp_route route;
	struct client_query query;
};

/* ---- output ---- */

static void on_event(uv_poll_t *handle, int status, int events);

static void watch(struct udp_listener *listener, bool write)
{
	if (listener->want_write == write || listener->closing)
		return;
	listener->want_write = write;
	rw_require(uv_poll_start(&listener->poll, UV_READABLE | (write ? UV_WRITABLE : 0),
			   on_event) == 0);
}

static void prepare_header(struct udp_listener *listener, unsigned i)
{
	struct udp_output *out = &listener->out[i];
	listener->out_headers[i].msg_hdr = (struct msghdr){
		.msg_name = &out->route.peer,
		.msg_namelen = out->route.peer_size,
		.msg_iov = &out->bytes,
		.msg_iovlen = 1,
		.msg_control = out->route.control_size ? out->route.control : NULL,
		.msg_controllen = out->route.control_size,
	};
}

/* Moves what the kernel did not take to the front. */
static void keep_from(struct udp_listener *listener, unsigned first)
{
	unsigned left = listener->out_count - first;
	for (unsigned i = 0; i < left; i++) {
		struct udp_output *from = &listener->out[first + i], *to = &listener->out[i];
		to->route = from->route;
		to->bytes.iov_len = from->bytes.iov_len;
		memcpy(to->wire, from->wire, from->bytes.iov_len);
	}
	listener->out_count = left;
}

/*
 * The datagram is larger than the path allows, and answers are never fragmented: what is left is
 * header and question, and a word that there is more over TCP. False: it is that already.
 */
static bool cut_output(struct udp_output *out)
{
	size_t size = reply_truncate(out->wire, out->bytes.iov_len);
	bool shorter = size < out->bytes.iov_len;
	out->bytes.iov_len = size;
	return shorter;
}

/* Sends; a datagram that the kernel refuses for good is dropped alone. */
static void flush(struct udp_listener *listener)
{
	unsigned sent = 0;
	for (unsigned i = 0; i < listener->out_count; i++)
		prepare_header(listener, i);
	while (sent < listener->out_count) {
		int count = sendmmsg(
			listener->fd, listener->out_headers + sent, listener->out_count - sent, 0);
		if (count > 0) {
			sent += (unsigned)count;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			keep_from(listener, sent);
			watch(listener, true);
			return;
		} else if (errno == EMSGSIZE && cut_output(&listener->out[sent])) {
			continue;
		} else if (errno != EINTR) {
			sent++;
		}
	}
	listener->out_count = 0;
	watch(listener, false);
}

/* NULL: there is no room, the answer is dropped. */
static struct udp_output *next_output(struct udp_listener *listener)
{
	if (listener->out_count == LIMIT_UDP_BATCH)
		flush(listener);
	if (listener->out_count == LIMIT_UDP_BATCH) {
		counters_increment(listener->worker->counters, COUNT_DROPPED);
		return NULL;
	}
	return &listener->out[listener->out_count];
}

static void copy_route(struct udp_route *to, const struct udp_route *from)
{
	memcpy(&to->peer, &from->peer, from->peer_size);
	to->peer_size = from->peer_size;
	to->control_size = from->control_size;
	memcpy(to->control, from->control, from->control_size);
}

static void commit(struct udp_listener *listener, struct udp_output *out,
	const struct udp_route *route, size_t size)
{
	copy_route(&out->route, route);
	out->bytes.iov_base = out->wire;
	out->bytes.iov_len = size;
	listener->out_count++;
}

void udp_flush_all(struct worker *worker)
{
	list_each(struct udp_listener, at, &worker->udp, link)
		if (at->out_count > 0 && !at->want_write)
			flush(at);
}

/* ---- queries that wait ---- */

static void maybe_free(struct udp_listener *listener)
{
	if (!listener->closed || listener->waiting > 0)
		return;
	if (listener->out_count > 0)
		flush(listener);
	list_remove(&listener->link);
	(void)close(listener->fd);
	free(listener);
}

static void waiting_end(struct udp_waiting *waiting)
{
	struct udp_listener *listener = waiting->listener;
	struct worker *worker = listener->worker;
	pool_put(&worker->udp_waiting, waiting);
	listener->waiting--;
	maybe_free(listener);
	worker_waiting_done(worker);
}

static void ask(
	struct udp_listener *listener, struct client_query *query, const struct udp_route *route);

static void send_answer(struct udp_listener *listener, struct client_query *query,
	const struct udp_route *route, const struct machine_result *result)
{
	struct worker *worker = listener->worker;
	struct udp_output *out = next_output(listener);
	if (!out)
		return;
	struct query_output reply = {out->wire, sizeof(out->wire), 0};
	switch (query_answer(&worker->responder, query, result, env_mono_ms(worker->env), &reply)) {
	case QUERY_DROP:
		break;
	case QUERY_ANSWERED:
		commit(listener, out, route, reply.size);
		break;
	case QUERY_ASK:
		ask(listener, query, route);
		break;
	}
}

/*
 * The client has given up. An attacker who uses slow servers of his own to collect responses here
 * and release them all at once at a victim gets none (DNSBomb, CVE-2024-33655).
 */
static bool is_too_old(const struct udp_waiting *waiting)
{
	const struct worker *worker = waiting->listener->worker;
	uint32_t most_ms = worker->views->settings.discard_timeout_ms;
	return most_ms > 0 && env_mono_ms(worker->env) > waiting->waiter.since_ms + most_ms;
}

static void resolved(struct waiter *waiter, const struct machine_result *result)
{
	struct udp_waiting *waiting = rw_container_of(waiter, struct udp_waiting, waiter);
	if (is_too_old(waiting))
		counters_increment(waiting->listener->worker->counters, COUNT_DISCARDED);
	else
		send_answer(waiting->listener, &waiting->query, &waiting->route, result);
	waiting_end(waiting);
}

static void ask(
	struct udp_listener *listener, struct client_query *query, const struct udp_route *route)
{
	struct worker *worker = listener->worker;
	struct udp_waiting *waiting = worker->stopping ? NULL : pool_take(&worker->udp_waiting);
	if (waiting) {
		waiting->listener = listener;
		waiting->waiter =
			(struct waiter){.done = resolved, .client = &waiting->query.client};
		copy_route(&waiting->route, route);
		client_query_copy(&waiting->query, query);
		listener->waiting++;
		worker->waiting++;
		const struct question asked = query_asked(&waiting->query);
		int err = engine_ask(worker->engine, &asked, query_finding(&worker->responder),
			&waiting->waiter);
		if (!err)
			return;
		waiting_end(waiting);
		if (err == RW_ELIMIT) {
			/*
			 * No response: the source address may be forged, and its owner would get
			 * it.
			 */
			counters_increment(worker->counters, COUNT_DROPPED);
			return;
		}
	}
	send_answer(listener, query, route, NULL);
}

void udp_release(struct worker *worker)
{
	pool_release(&worker->udp_waiting);
	free(worker->udp_input);
}

/* ---- input ---- */

static struct udp_input *input_new(void)
{
	struct udp_input *input = calloc(1, sizeof(*input));
	for (unsigned i = 0; input && i < LIMIT_UDP_BATCH; i++) {
		input->bytes[i] = (struct iovec){input->wire[i], QUERY_BYTES};
		input->headers[i].msg_hdr.msg_iov = &input->bytes[i];
		input->headers[i].msg_hdr.msg_iovlen = 1;
		input->headers[i].msg_hdr.msg_name = &input->routes[i].peer;
		input->headers[i].msg_hdr.msg_control = input->routes[i].control;
	}
	return input;
}

/* Turns what the kernel told about a datagram into the control data of its answer. */
static void take_route(struct udp_route *route, struct msghdr *header)
{
	route->peer_size = header->msg_namelen;
	route->control_size = 0;
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(header);
	if (!cmsg)
		return;
	if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo *info = (struct in_pktinfo *)(void *)CMSG_DATA(cmsg);
		info->ipi_ifindex = 0; /* the route decides; ipi_spec_dst is our address */
		route->control_size = CMSG_SPACE(sizeof(*info));
	} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo *info = (struct in6_pktinfo *)(void *)CMSG_DATA(cmsg);
		if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
			info->ipi6_ifindex = 0;
		route->control_size = CMSG_SPACE(sizeof(*info));
	}
}

static void take_datagram(struct udp_listener *listener, unsigned i, unsigned size, uint64_t now_ms)
{
	struct worker *worker = listener->worker;
	struct udp_input *input = worker->udp_input;
	struct udp_route *route = &input->routes[i];
	struct query_origin origin = {.tcp = false, .now_ms = now_ms};
	struct client_query query;
	take_route(route, &input->headers[i].msg_hdr);
	if (addr_from_sockaddr((const struct sockaddr *)&route->peer, &origin.client) ||
		addr_equal(&origin.client, &listener->address))
		return;
	struct udp_output *out = next_output(listener);
	if (!out)
		return;
	struct query_output reply = {out->wire, sizeof(out->wire), 0};
	switch (query_take(&worker->responder, input->wire[i], size, &origin, &query, &reply)) {
	case QUERY_DROP:
		break;
	case QUERY_ANSWERED:
		commit(listener, out, route, reply.size);
		worker_refresh(worker);
		break;
	case QUERY_ASK:
		ask(listener, &query, route);
		break;
	}
}

/* Returns whether there may be more. */
static bool take_batch(struct udp_listener *listener)
{
	struct worker *worker = listener->worker;
	struct udp_input *input = worker->udp_input;
	for (unsigned i = 0; i < LIMIT_UDP_BATCH; i++) {
		input->headers[i].msg_hdr.msg_namelen = sizeof(input->routes[i].peer);
		input->headers[i].msg_hdr.msg_controllen = listener->wildcard ? CONTROL : 0;
	}
	int count = recvmmsg(listener->fd, input->headers, LIMIT_UDP_BATCH, 0, NULL);
	if (count <= 0)
		return false;
	uint64_t now_ms = env_mono_ms(worker->env);
	for (int i = 0; i < count; i++)
		take_datagram(listener, (unsigned)i, input->headers[i].msg_len, now_ms);
	if (listener->out_count > 0)
		flush(listener);
	return count == LIMIT_UDP_BATCH;
}

static void on_event(uv_poll_t *handle, int status, int events)
{
	struct udp_listener *listener = handle->data;
	if (events & UV_WRITABLE)
		flush(listener);
	if (status < 0 || !(events & UV_READABLE))
		return;
	for (unsigned turn = 0; turn < TURNS && take_batch(listener); turn++)
		;
}

/* ---- beginning and end ---- */

int udp_listener_new(struct worker *worker, int fd, const struct addr *address)
{
	struct udp_listener *listener = calloc(1, sizeof(*listener));
	worker->udp_waiting.size = sizeof(struct udp_waiting);
	if (!worker->udp_input)
		worker->udp_input = input_new();
	if (!listener || !worker->udp_input) {
		free(listener);
		(void)close(fd);
		return RW_ENOMEM;
	}
	listener->worker = worker;
	listener->fd = fd;
	listener->address = *address;
	listener->wildcard = sockets_is_wildcard(address);
	listener->poll.data = listener;
	if (uv_poll_init(&worker->loop, &listener->poll, fd) != 0) {
		(void)close(fd);
		free(listener);
		return RW_ESYSTEM;
	}
	rw_require(uv_poll_start(&listener->poll, UV_READABLE, on_event) == 0);
	list_prepend(&worker->udp, &listener->link);
	return 0;
}

static void poll_closed(uv_handle_t *handle)
{
	struct udp_listener *listener = handle->data;
	listener->closed = true;
	maybe_free(listener);
}

void udp_listener_close(struct udp_listener *listener)
{
	if (listener->closing)
		return;
	listener->closing = true;
	uv_close((uv_handle_t *)&listener->poll, poll_closed);
}

void udp_close_all(struct worker *worker)
{
	list_each(struct udp_listener, at, &worker->udp, link)
		udp_listener_close(at);
}

void udp_close_others(struct worker *worker, const struct addr_list *keep)
{
	list_each(struct udp_listener, at, &worker->udp, link) {
		bool kept = false;
		for (size_t i = 0; i < keep->count && !kept; i++)
			kept = addr_equal(&keep->items[i], &at->address);
		if (!kept)
			udp_listener_close(at);
	}
}
