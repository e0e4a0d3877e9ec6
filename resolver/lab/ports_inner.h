/* SPDX-License-Identifier: MIT */
/* What the two halves of the lab's sockets share: UDP with the whole (ports.c), and TCP
 * (ports_tcp.c).
 */
#ifndef RW_LAB_PORTS_INNER_H
#define RW_LAB_PORTS_INNER_H

#include "resolver/base/list.h"
#include "resolver/lab/ports.h"

struct connection; /* ports_tcp.c */

/* One address of one server. */
struct endpoint {
	struct ports *ports;
	struct lab_server *server;
	struct addr addr;    /* with its port */
	uv_udp_t udp, other; /* `other`: the same address, another port, for wrong-port */
	uv_tcp_t tcp;
	bool has_other;
};

struct ports {
	uv_loop_t *loop;
	const struct env *env;
	struct endpoint *endpoints;
	size_t count;
	size_t handles;   /* open ones, ours to wait for */
	struct list late; /* replies held back */
	size_t late_count;
	struct list connections;
	size_t connection_count;
	bool closing;
	FILE *log;                        /* NULL: none */
	struct arena arena;               /* of the answer in the making */
	char in[LIMIT_MESSAGE_BYTES];     /* a datagram */
	uint8_t out[LIMIT_MESSAGE_BYTES]; /* the reply to it */
};

/* The reply to one message in `ports->out`; RW_ENOTFOUND: none is to be sent. */
int ports_answer(struct endpoint *endpoint, const uint8_t *query, size_t size, bool tcp,
	size_t *ret_size) RW_MUSTCHECK;

/* A reply that goes at once or, where the server is slow, later; to `peer` or on `connection`. */
void ports_send(struct endpoint *endpoint, struct connection *connection,
	const struct sockaddr *peer, size_t size);

/* One handle fewer: the ports ends with the last one. */
void ports_handle_closed(struct ports *ports);

/* ports_tcp.c */
int ports_listen(struct endpoint *endpoint, const struct sockaddr *sa) RW_MUSTCHECK;
void connection_write(struct connection *connection, const uint8_t *bytes, size_t size);
void connection_ref(struct connection *connection);
void connection_unref(struct connection *connection);
void connection_close_all(struct ports *ports);

#endif
