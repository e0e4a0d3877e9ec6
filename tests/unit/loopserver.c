/* SPDX-License-Identifier: MIT */
/* The scripted loopback server of the tests. */
#include "tests/unit/loopserver.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/wire/rr.h"

#define BURST 64 /* datagrams answered before others get their turn */

static bool answer_one(struct loopserver *server)
{
	uint8_t wire[4096];
	struct sockaddr_storage sa;
	socklen_t sa_size = sizeof(sa);
	ssize_t size =
		recvfrom(server->udp_fd, wire, sizeof(wire), 0, (struct sockaddr *)&sa, &sa_size);
	if (size < 0)
		return false;
	struct loopserver_query query = {
		.server = server, .wire = wire, .size = (size_t)size, .client = -1};
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&sa, &query.from), 0);
	server->ports[server->udp_queries++ % 4096] = query.from.port;
	server->answer(server, &query);
	return true;
}

static void on_udp(uv_poll_t *handle, int status, int events)
{
	(void)status;
	(void)events;
	for (unsigned i = 0; i < BURST && answer_one(handle->data); i++)
		;
}

static void take_frames(struct loopserver *server, unsigned client)
{
	uint8_t *in = server->in[client];
	while (server->in_have[client] >= 2) {
		size_t size = rr_get16(in);
		if (server->in_have[client] < 2 + size)
			return;
		uint8_t wire[4096];
		memcpy(wire, in + 2, size);
		server->in_have[client] -= 2 + size;
		memmove(in, in + 2 + size, server->in_have[client]);
		struct loopserver_query query = {
			.server = server, .wire = wire, .size = size, .client = (int)client};
		server->tcp_queries++;
		server->answer(server, &query);
	}
}

static void close_client(struct loopserver *server, unsigned client)
{
	if (server->client_fds[client] < 0)
		return;
	uv_close((uv_handle_t *)&server->clients[client], NULL);
	(void)close(server->client_fds[client]);
	server->client_fds[client] = -1;
}

static void on_client(uv_poll_t *handle, int status, int events)
{
	struct loopserver *server = handle->data;
	unsigned client = (unsigned)(handle - server->clients);
	(void)status;
	(void)events;
	ssize_t size =
		recv(server->client_fds[client], server->in[client] + server->in_have[client],
			sizeof(server->in[client]) - server->in_have[client], 0);
	if (size <= 0) {
		close_client(server, client);
		return;
	}
	server->in_have[client] += (size_t)size;
	take_frames(server, client);
}

static void on_tcp(uv_poll_t *handle, int status, int events)
{
	struct loopserver *server = handle->data;
	(void)status;
	(void)events;
	int fd = accept4(server->tcp_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	ck_assert_uint_lt(server->client_count, LOOPSERVER_CLIENTS);
	unsigned client = server->client_count++;
	server->client_fds[client] = fd;
	ck_assert_int_eq(uv_poll_init(handle->loop, &server->clients[client], fd), 0);
	server->clients[client].data = server;
	ck_assert_int_eq(uv_poll_start(&server->clients[client], UV_READABLE, on_client), 0);
}

/* The kernel gives the UDP port; TCP takes the same, or another try is made. */
static bool open_pair(struct loopserver *server)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(sa);
	server->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	server->tcp_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(server->udp_fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(getsockname(server->udp_fd, (struct sockaddr *)&sa, &size), 0);
	if (bind(server->tcp_fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
		listen(server->tcp_fd, 16) == 0)
		return addr_from_sockaddr((struct sockaddr *)&sa, &server->address) == 0;
	(void)close(server->udp_fd);
	(void)close(server->tcp_fd);
	return false;
}

void loopserver_open(uv_loop_t *loop, struct loopserver *server,
	void (*answer)(struct loopserver *server, const struct loopserver_query *query))
{
	memset(server, 0, sizeof(*server));
	server->answer = answer;
	for (unsigned tries = 0; !open_pair(server); tries++)
		ck_assert_uint_lt(tries, 20);
	ck_assert_int_eq(uv_poll_init(loop, &server->udp, server->udp_fd), 0);
	ck_assert_int_eq(uv_poll_init(loop, &server->tcp, server->tcp_fd), 0);
	server->udp.data = server->tcp.data = server;
	ck_assert_int_eq(uv_poll_start(&server->udp, UV_READABLE, on_udp), 0);
	ck_assert_int_eq(uv_poll_start(&server->tcp, UV_READABLE, on_tcp), 0);
}

void loopserver_close(struct loopserver *server)
{
	for (unsigned i = 0; i < server->client_count; i++)
		close_client(server, i);
	uv_close((uv_handle_t *)&server->udp, NULL);
	uv_close((uv_handle_t *)&server->tcp, NULL);
	(void)close(server->udp_fd);
	(void)close(server->tcp_fd);
}

void loopserver_send(const struct loopserver_query *query, const uint8_t *wire, size_t size)
{
	struct loopserver *server = query->server;
	if (query->client < 0) {
		struct sockaddr_storage sa;
		unsigned sa_size = addr_to_sockaddr(&query->from, &sa);
		(void)sendto(server->udp_fd, wire, size, 0, (struct sockaddr *)&sa, sa_size);
		return;
	}
	uint8_t frame[2 + 4096];
	rr_put16(frame, (uint16_t)size);
	memcpy(frame + 2, wire, size);
	(void)send(server->client_fds[query->client], frame, 2 + size, MSG_NOSIGNAL);
}

size_t loopserver_reply(const struct loopserver_query *query, uint16_t rcode, const char *ip,
	uint32_t ttl, uint8_t *out)
{
	size_t end = HEADER_SIZE;
	while (query->wire[end] != 0)
		end += 1 + (size_t)query->wire[end];
	end += 5;
	memcpy(out, query->wire, end);
	memset(out + 6, 0, 6);
	rr_put16(out + 2, FLAG_QR | FLAG_AA | rcode);
	if (!ip)
		return end;
	rr_put16(out + 6, 1);
	rr_put16(out + end, 0xc000 | HEADER_SIZE);
	rr_put16(out + end + 2, TYPE_A);
	rr_put16(out + end + 4, CLASS_IN);
	rr_put32(out + end + 6, ttl);
	rr_put16(out + end + 10, 4);
	ck_assert_int_eq(inet_pton(AF_INET, ip, out + end + 12), 1);
	return end + 16;
}

void loopserver_end_loop(uv_loop_t *loop)
{
	(void)uv_run(loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(loop), 0);
}
