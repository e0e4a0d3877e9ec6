/* SPDX-License-Identifier: MIT */
/*
 * A scripted server on the loopback, in the loop of the test: every query that comes goes to the
 * test's function, which answers, lies or stays silent with loopserver_send.
 */
#ifndef TESTS_UNIT_LOOPSERVER_H
#define TESTS_UNIT_LOOPSERVER_H

#include <uv.h>

#include "resolver/base/addr.h"

#define LOOPSERVER_CLIENTS 16

struct loopserver;

struct loopserver_query {
	struct loopserver *server;
	const uint8_t *wire;
	size_t size;
	struct addr from; /* UDP */
	int client;       /* TCP: the connection; -1 over UDP */
};

struct loopserver {
	uv_poll_t udp, tcp;
	uv_poll_t clients[LOOPSERVER_CLIENTS];
	int client_fds[LOOPSERVER_CLIENTS]; /* -1: closed */
	uint8_t in[LOOPSERVER_CLIENTS][4096];
	size_t in_have[LOOPSERVER_CLIENTS];
	unsigned client_count;
	int udp_fd, tcp_fd;
	struct addr address;
	unsigned udp_queries, tcp_queries;
	uint16_t ports[4096]; /* source ports of UDP queries in order */
	void (*answer)(struct loopserver *server, const struct loopserver_query *query);
	void *ctx;
};

/* UDP and TCP on one port of 127.0.0.1 that the kernel gives. */
void loopserver_open(uv_loop_t *loop, struct loopserver *server,
	void (*answer)(struct loopserver *server, const struct loopserver_query *query));
void loopserver_close(struct loopserver *server);

/* To the asker of the query; over TCP with its length in front. */
void loopserver_send(const struct loopserver_query *query, const uint8_t *wire, size_t size);

/* Turns the query into a reply with the rcode and, when `ip` is given, one A record at the
 * question's name with that TTL. `out` holds 1024 bytes. */
size_t loopserver_reply(const struct loopserver_query *query, uint16_t rcode, const char *ip,
	uint32_t ttl, uint8_t *out);

/* Closes all handles of the loop's owner and checks that none is left. */
void loopserver_end_loop(uv_loop_t *loop);

#endif
