/* SPDX-License-Identifier: MIT */
/*
 * The scripted servers on real sockets: one for UDP and one for TCP at each of the text's
 * addresses. What they answer is decided where it is for the world inside (server.c).
 */
#include "tests/scenario/box.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/wire/text.h"

#define POLLED (2 * BOX_SERVERS + BOX_CONNECTIONS + 1)

/* ---- addresses ---- */

static int open_socket(const struct addr *addr, int type)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(addr, &sa);
	int fd = socket(sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int on = 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&sa, size) == 0 &&
		(type == SOCK_DGRAM || listen(fd, 64) == 0))
		return fd;
	close(fd);
	return -1;
}

static void open_server(struct box *box, const struct addr *addr)
{
	char text[ADDR_TEXT];
	for (size_t i = 0; i < box->server_count; i++)
		if (addr_ip_equal(&box->servers[i].addr, addr))
			return;
	rw_require(box->server_count < BOX_SERVERS);
	struct box_server *server = &box->servers[box->server_count++];
	server->addr = *addr;
	server->addr.port = SETUP_PORT;
	const char *fault = box_add_address(addr);
	server->udp = open_socket(&server->addr, SOCK_DGRAM);
	server->tcp = open_socket(&server->addr, SOCK_STREAM);
	if (server->udp < 0 || server->tcp < 0)
		world_tell(box->world, "no server at %s: %s", addr_ip_text(addr, text),
			fault ? fault : strerror(errno));
}

static void open_servers_of(struct box *box, const struct addr_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		open_server(box, &list->items[i]);
}

/* Addresses that the records hold. */
static void open_servers_in(struct box *box, const struct rpl_entry *entry)
{
	for (int section = 0; section < SECTION_COUNT; section++) {
		const struct rpl_record *at = entry->sections[section];
		for (; at; at = at->next) {
			const struct rdata *data = &at->set->records[0];
			if (at->set->count == 0 ||
				(at->set->type != TYPE_A && at->set->type != TYPE_AAAA))
				continue;
			struct addr addr = addr_from_bytes(data->bytes, data->size, 0);
			open_server(box, &addr);
		}
	}
}

void box_open_servers(struct box *box, const struct rpl *rpl, const struct setup *setup)
{
	bool anywhere = false; /* a server has no address: it answers wherever it is asked */
	for (const struct range *range = rpl->ranges; range; range = range->next) {
		for (unsigned i = 0; i < range->address_count; i++)
			open_server(box, &range->addresses[i]);
		anywhere |= range->address_count == 0;
	}
	for (const struct step *step = rpl->steps; step; step = step->next)
		anywhere |= step->kind == STEP_REPLY;
	if (setup->hints.ns_count > 0)
		for (unsigned i = 0; i < setup->hints.ns[0].address_count; i++)
			open_server(box, &setup->hints.ns[0].addresses[i]);
	for (size_t i = 0; i < setup->settings.forward.count; i++)
		open_servers_of(box, &setup->settings.forward.items[i].to);
	for (size_t i = 0; i < setup->settings.stub.count; i++)
		open_servers_of(box, &setup->settings.stub.items[i].to);
	if (!anywhere)
		return;
	for (const struct range *range = rpl->ranges; range; range = range->next)
		for (const struct rpl_entry *entry = range->entries; entry; entry = entry->next)
			open_servers_in(box, entry);
	for (const struct step *step = rpl->steps; step; step = step->next)
		if (step->kind == STEP_REPLY)
			open_servers_in(box, step->entry);
}

static void close_connection(struct box_connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
	connection->got = 0;
}

void box_close_servers(struct box *box)
{
	for (size_t i = 0; i < box->server_count; i++) {
		if (box->servers[i].udp >= 0)
			close(box->servers[i].udp);
		if (box->servers[i].tcp >= 0)
			close(box->servers[i].tcp);
	}
	box->server_count = 0;
	for (size_t i = 0; i < BOX_CONNECTIONS; i++)
		close_connection(&box->connections[i]);
}

/* ---- questions ---- */

static void tell_question(
	const struct play_world *world, const struct server_query *query, const char *reply)
{
	char name[LIMIT_NAME_TEXT] = "(no question)", type[TEXT_TYPE] = "", text[ADDR_TEXT];
	if (query->msg->has_question) {
		name_text(query->msg->question.name, name);
		text_type(query->msg->question.type, type);
	}
	world_tell(world, "%s is asked %s %s over %s: %s", addr_ip_text(query->server, text), name,
		type, query->transport == TRANSPORT_UDP ? "UDP" : "TCP", reply);
}

/* Returns false when there is nothing to send. */
static bool answer(struct box *box, const struct addr *server, enum transport transport,
	const uint8_t *wire, size_t size, struct server_reply *ret_reply)
{
	struct play_world *world = box->world;
	struct server_query *query = arena_alloc(&world->arena, sizeof(*query));
	struct sent *sent = arena_alloc(&world->arena, sizeof(*sent));
	uint8_t *copy = arena_dup(&world->arena, wire, size);
	rw_require(query && sent && copy);
	*query = (struct server_query){
		.server = server, .transport = transport, .wire = copy, .size = size};
	box->heard_ms = box_now_ms();
	if (msg_parse(&world->arena, copy, size, &query->msg)) {
		world_tell(world, "a server is asked what is no message");
		return false;
	}
	*sent = (struct sent){query, world->last_sent};
	world->last_sent = sent;
	world->sends++;
	if (server_serve(world->rpl, world->step, query, &world->arena, ret_reply) ==
		SERVED_SILENCE) {
		tell_question(world, query, "silence");
		return false;
	}
	tell_question(world, query, ret_reply->by);
	return true;
}

static void serve_udp(struct box *box, const struct box_server *server)
{
	uint8_t wire[4096];
	struct sockaddr_storage from;
	socklen_t from_size = sizeof(from);
	struct server_reply reply;
	ssize_t size =
		recvfrom(server->udp, wire, sizeof(wire), 0, (struct sockaddr *)&from, &from_size);
	if (size < 0 || !answer(box, &server->addr, TRANSPORT_UDP, wire, (size_t)size, &reply))
		return;
	if (sendto(server->udp, reply.wire, reply.size, 0, (struct sockaddr *)&from, from_size) < 0)
		world_tell(box->world, "the reply could not be sent: %s", strerror(errno));
}

static void accept_connection(struct box *box, const struct box_server *server)
{
	int fd = accept4(server->tcp, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	struct box_connection *connection = &box->connections[box->oldest];
	box->oldest = (box->oldest + 1) % BOX_CONNECTIONS;
	close_connection(connection);
	if (!connection->in)
		connection->in = arena_alloc(&box->world->arena, BOX_TCP_BYTES);
	rw_require(connection->in);
	connection->fd = fd;
	connection->server = server->addr;
}

/* Replies are far smaller than the kernel's buffer, so what does not fit at once is a dead end. */
static void send_tcp(struct box_connection *connection, const struct server_reply *reply)
{
	uint8_t length[2] = {(uint8_t)(reply->size >> 8), (uint8_t)reply->size};
	struct iovec parts[] = {{length, 2}, {(void *)(uintptr_t)reply->wire, reply->size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	if (sendmsg(connection->fd, &message, MSG_NOSIGNAL) != (ssize_t)reply->size + 2)
		close_connection(connection);
}

/* Returns false when no whole message is there. */
static bool serve_message(struct box *box, struct box_connection *connection)
{
	struct server_reply reply;
	if (connection->fd < 0 || connection->got < 2)
		return false;
	size_t size = (size_t)connection->in[0] << 8 | connection->in[1];
	if (connection->got < 2 + size)
		return false;
	if (answer(box, &connection->server, TRANSPORT_TCP, connection->in + 2, size, &reply))
		send_tcp(connection, &reply);
	if (connection->fd < 0)
		return false;
	connection->got -= 2 + size;
	memmove(connection->in, connection->in + 2 + size, connection->got);
	return true;
}

static void serve_tcp(struct box *box, struct box_connection *connection)
{
	ssize_t got = recv(connection->fd, connection->in + connection->got,
		BOX_TCP_BYTES - connection->got, 0);
	if (got <= 0) {
		close_connection(connection);
		return;
	}
	connection->got += (size_t)got;
	while (serve_message(box, connection))
		;
}

/* ---- rounds ---- */

static size_t fill(const struct box *box, struct pollfd polled[POLLED], int fd, short events)
{
	size_t count = 0;
	polled[count++] = (struct pollfd){.fd = fd, .events = events};
	for (size_t i = 0; i < box->server_count; i++) {
		polled[count++] = (struct pollfd){.fd = box->servers[i].udp, .events = POLLIN};
		polled[count++] = (struct pollfd){.fd = box->servers[i].tcp, .events = POLLIN};
	}
	for (size_t i = 0; i < BOX_CONNECTIONS; i++)
		polled[count++] = (struct pollfd){.fd = box->connections[i].fd, .events = POLLIN};
	return count;
}

static bool one_round(struct box *box, int fd, short events, unsigned wait_ms)
{
	struct pollfd polled[POLLED];
	size_t count = fill(box, polled, fd, events), at = 1;
	if (poll(polled, count, (int)wait_ms) <= 0)
		return false;
	struct pollfd *connections = polled + 1 + 2 * box->server_count;
	for (size_t i = 0; i < box->server_count; i++, at += 2)
		if (polled[at].revents)
			serve_udp(box, &box->servers[i]);
	/* Before new connections take the place of old ones. */
	for (size_t i = 0; i < BOX_CONNECTIONS; i++)
		if (connections[i].revents && connections[i].fd == box->connections[i].fd)
			serve_tcp(box, &box->connections[i]);
	for (size_t i = 0; i < box->server_count; i++)
		if (polled[2 + 2 * i].revents)
			accept_connection(box, &box->servers[i]);
	return polled[0].revents != 0;
}

bool box_serve(struct box *box, int fd, short events, unsigned wait_ms)
{
	uint64_t now_ms = box_now_ms(), until_ms = now_ms + wait_ms;
	for (; now_ms < until_ms; now_ms = box_now_ms())
		if (one_round(box, fd, events, (unsigned)(until_ms - now_ms)))
			return true;
	return false;
}
