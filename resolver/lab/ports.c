/* SPDX-License-Identifier: MIT */
/* Datagrams in and out, replies held back, and the opening and closing of everything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "resolver/lab/answer.h"
#include "resolver/lab/ports_inner.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

/* A reply that is held back. */
struct late {
	uv_timer_t timer;
	struct list_link link;
	struct endpoint *endpoint;
	struct connection *connection; /* NULL: UDP, to `peer` */
	struct sockaddr_storage peer;
	size_t size;
	uint8_t bytes[];
};

void ports_handle_closed(struct ports *ports)
{
	if (--ports->handles > 0 || !ports->closing)
		return;
	arena_release(&ports->arena);
	free(ports->endpoints);
	free(ports);
}

static void on_endpoint_closed(uv_handle_t *handle)
{
	ports_handle_closed(handle->data);
}

/* ---- replies ---- */

/* What is asked, in a form that a terminal may see; junk has no name. */
static void question_text(const uint8_t *query, size_t size, char *out, size_t room)
{
	char text[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	struct precheck info;
	struct name name;
	if (precheck(query, size, &info) || info.counts[0] == 0 ||
		name_read(query, size, HEADER_SIZE, &name, NULL))
		(void)snprintf(out, room, "(junk)");
	else
		(void)snprintf(out, room, "%s %s", name_text(name.bytes, text),
			text_type(info.qtype, type));
}

/* `reply` NULL: none is sent. */
static void log_question(const struct endpoint *endpoint, const uint8_t *query, size_t size,
	bool tcp, const uint8_t *reply, size_t reply_size)
{
	char text[LIMIT_NAME_TEXT + TEXT_TYPE], rcode[TEXT_TYPE];
	struct precheck info;
	question_text(query, size, text, sizeof(text));
	fprintf(endpoint->ports->log, "%-20s %s %-32s ", endpoint->server->plan->name,
		tcp ? "tcp" : "udp", text);
	if (!reply || precheck_header(reply, reply_size, &info))
		fprintf(endpoint->ports->log, "no reply\n");
	else
		fprintf(endpoint->ports->log, "%s%s%s, %u answers\n",
			text_rcode(info.flags & 15, rcode), info.flags & FLAG_AA ? " aa" : "",
			info.flags & FLAG_TC ? " tc" : "", info.counts[1]);
	(void)fflush(endpoint->ports->log);
}

static int make_reply(
	struct endpoint *endpoint, const uint8_t *query, size_t size, bool tcp, size_t *ret_size)
{
	struct ports *ports = endpoint->ports;
	struct lab_server *server = endpoint->server;
	if (server->switches.on[SWITCH_SILENT])
		return RW_ENOTFOUND;
	if (!tcp && server->switches.on[SWITCH_LOSSY] &&
		env_random_below(ports->env, 100) < server->switches.number[SWITCH_LOSSY])
		return RW_ENOTFOUND;
	arena_clear(&ports->arena);
	return lab_answer(server, query, size, tcp, &ports->arena, ports->out, ret_size);
}

int ports_answer(
	struct endpoint *endpoint, const uint8_t *query, size_t size, bool tcp, size_t *ret_size)
{
	struct ports *ports = endpoint->ports;
	endpoint->server->questions++;
	int err = make_reply(endpoint, query, size, tcp, ret_size);
	if (ports->log)
		log_question(
			endpoint, query, size, tcp, err ? NULL : ports->out, err ? 0 : *ret_size);
	return err;
}

void ports_log(struct ports *ports, FILE *out)
{
	ports->log = out;
}

/* A datagram that cannot go at once is lost, as datagrams are. */
static void send_datagram(
	struct endpoint *endpoint, const struct sockaddr *peer, const uint8_t *bytes, size_t size)
{
	uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)size);
	uv_udp_t *from = &endpoint->udp;
	if (endpoint->server->switches.on[SWITCH_WRONG_PORT] && endpoint->has_other)
		from = &endpoint->other;
	(void)uv_udp_try_send(from, &buf, 1, peer);
}

static void late_closed(uv_handle_t *handle)
{
	struct late *late = handle->data;
	struct ports *ports = late->endpoint->ports;
	if (late->connection)
		connection_unref(late->connection);
	free(late);
	ports_handle_closed(ports);
}

static void drop_late(struct late *late)
{
	list_remove(&late->link);
	late->endpoint->ports->late_count--;
	uv_close((uv_handle_t *)&late->timer, late_closed);
}

static void on_late(uv_timer_t *timer)
{
	struct late *late = timer->data;
	if (late->connection)
		connection_write(late->connection, late->bytes, late->size);
	else
		send_datagram(late->endpoint, (const struct sockaddr *)&late->peer, late->bytes,
			late->size);
	drop_late(late);
}

static void hold_back(struct endpoint *endpoint, struct connection *connection,
	const struct sockaddr *peer, size_t size, uint32_t ms)
{
	struct ports *ports = endpoint->ports;
	struct late *late =
		ports->late_count < LIMIT_LAB_LATE ? malloc(sizeof(*late) + size) : NULL;
	if (!late)
		return;
	memset(late, 0, sizeof(*late));
	late->endpoint = endpoint;
	late->connection = connection;
	late->size = size;
	memcpy(late->bytes, ports->out, size);
	if (connection)
		connection_ref(connection);
	else
		memcpy(&late->peer, peer,
			peer->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						    : sizeof(struct sockaddr_in));
	list_prepend(&ports->late, &late->link);
	ports->late_count++;
	ports->handles++;
	late->timer.data = late;
	rw_require(uv_timer_init(ports->loop, &late->timer) == 0);
	rw_require(uv_timer_start(&late->timer, on_late, ms, 0) == 0);
}

void ports_send(struct endpoint *endpoint, struct connection *connection,
	const struct sockaddr *peer, size_t size)
{
	const struct switches *switches = &endpoint->server->switches;
	if (switches->on[SWITCH_SLOW])
		hold_back(endpoint, connection, peer, size, switches->number[SWITCH_SLOW]);
	else if (connection)
		connection_write(connection, endpoint->ports->out, size);
	else
		send_datagram(endpoint, peer, endpoint->ports->out, size);
}

/* ---- datagrams in ---- */

static void give_datagram_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct ports *ports = handle->data;
	(void)suggested;
	*buf = uv_buf_init(ports->in, sizeof(ports->in));
}

static void on_datagram(uv_udp_t *udp, ssize_t size, const uv_buf_t *buf,
	const struct sockaddr *peer, unsigned flags)
{
	struct endpoint *endpoint = rw_container_of(udp, struct endpoint, udp);
	size_t reply_size;
	(void)flags;
	if (size > 0 && peer &&
		ports_answer(endpoint, (const uint8_t *)buf->base, (size_t)size, false,
			&reply_size) == 0)
		ports_send(endpoint, NULL, peer, reply_size);
}

/* ---- opening and closing ---- */

static int bind_udp(struct ports *ports, uv_udp_t *udp, const struct sockaddr *sa)
{
	int err = uv_udp_init(ports->loop, udp);
	udp->data = ports;
	if (err)
		return err;
	ports->handles++;
	return uv_udp_bind(udp, sa, 0);
}

/* Sentences for what goes wrong with a fresh lab on a machine of somebody's. */
static int explain_bind(const struct endpoint *endpoint, int err, char ret_message[PORTS_MESSAGE])
{
	char text[ADDR_TEXT];
	const char *remedy = "";
	if (err == UV_EADDRINUSE)
		remedy = "; another lab or server has it: stop that one, or choose another port "
			 "with --port";
	else if (err == UV_EADDRNOTAVAIL)
		remedy = "; this machine has no such address: lo must be up, and have ::1 if that "
			 "is used";
	else if (err == UV_EACCES)
		remedy = "; ports below 1024 are root's: choose another with --port";
	(void)snprintf(ret_message, PORTS_MESSAGE, "%s at %s: %s%s", endpoint->server->plan->name,
		addr_text(&endpoint->addr, text), uv_strerror(err), remedy);
	return RW_ESYSTEM;
}

static int open_endpoint(
	struct ports *ports, struct endpoint *endpoint, char message[PORTS_MESSAGE])
{
	struct sockaddr_storage sa, other;
	struct addr any_port = endpoint->addr;
	any_port.port = 0;
	(void)addr_to_sockaddr(&endpoint->addr, &sa);
	(void)addr_to_sockaddr(&any_port, &other);
	int err = bind_udp(ports, &endpoint->udp, (const struct sockaddr *)&sa);
	if (err == 0)
		err = uv_udp_recv_start(&endpoint->udp, give_datagram_room, on_datagram);
	if (err == 0)
		err = bind_udp(ports, &endpoint->other, (const struct sockaddr *)&other);
	endpoint->has_other = err == 0;
	if (err == 0)
		err = ports_listen(endpoint, (const struct sockaddr *)&sa);
	return err ? explain_bind(endpoint, err, message) : 0;
}

static size_t count_addresses(const struct world *world)
{
	size_t count = 0;
	for (size_t i = 0; i < world->scenario->server_count; i++)
		count += world->servers[i].plan->address_count;
	return count;
}

static int open_all(
	struct ports *ports, struct world *world, uint16_t port, char message[PORTS_MESSAGE])
{
	for (size_t i = 0; i < world->scenario->server_count; i++) {
		struct lab_server *server = &world->servers[i];
		for (size_t j = 0; j < server->plan->address_count; j++) {
			struct endpoint *endpoint = &ports->endpoints[ports->count++];
			endpoint->ports = ports;
			endpoint->server = server;
			endpoint->addr = server->plan->addresses[j];
			if (endpoint->addr.port == 0)
				endpoint->addr.port = port;
			int err = open_endpoint(ports, endpoint, message);
			if (err)
				return err;
		}
	}
	return 0;
}

int ports_open(uv_loop_t *loop, struct world *world, uint16_t port, const struct env *env,
	struct ports **ret_ports, char ret_message[PORTS_MESSAGE])
{
	struct ports *ports = calloc(1, sizeof(*ports));
	struct endpoint *endpoints = calloc(count_addresses(world) + 1, sizeof(*endpoints));
	if (!ports || !endpoints) {
		free(ports);
		free(endpoints);
		(void)snprintf(ret_message, PORTS_MESSAGE, "out of memory");
		return RW_ENOMEM;
	}
	ports->loop = loop;
	ports->env = env;
	ports->endpoints = endpoints;
	arena_init(&ports->arena, LAB_ANSWER_ARENA);
	int err = open_all(ports, world, port, ret_message);
	if (err) {
		ports_close(ports);
		return err;
	}
	*ret_ports = ports;
	return 0;
}

static void close_handle(uv_handle_t *handle)
{
	if (handle->data && !uv_is_closing(handle))
		uv_close(handle, on_endpoint_closed);
}

void ports_close(struct ports *ports)
{
	if (!ports)
		return;
	ports->closing = true;
	ports->handles++; /* so that it outlives this loop */
	for (size_t i = 0; i < ports->count; i++) {
		close_handle((uv_handle_t *)&ports->endpoints[i].udp);
		close_handle((uv_handle_t *)&ports->endpoints[i].other);
		close_handle((uv_handle_t *)&ports->endpoints[i].tcp);
	}
	list_each(struct late, late, &ports->late, link)
		drop_late(late);
	connection_close_all(ports);
	ports_handle_closed(ports);
}
