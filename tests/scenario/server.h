/* SPDX-License-Identifier: MIT */
/*
 * The scripted servers: what a text says that a server replies to a question at some step.
 */
#ifndef RW_TEST_SERVER_H
#define RW_TEST_SERVER_H

#include "cache/cache.h"
#include "tests/scenario/rpl.h"

enum served {
	SERVED_SILENCE, /* nobody there, or told not to answer */
	SERVED_REPLY,
};

struct server_query {
	const struct addr *server;
	enum transport transport;
	const uint8_t *wire;
	size_t size;
	const struct msg *msg; /* the same, parsed */
};

struct server_reply {
	const uint8_t *wire;
	size_t size;
	const char *by; /* which entry, for people */
};

/* `step` is the one that runs; one-shot replies are taken from the steps that follow it. */
enum served server_serve(struct rpl *rpl, const struct step *step, const struct server_query *query,
	struct arena *arena, struct server_reply *ret_reply);

/* Whether an entry matches a question. */
bool server_matches(const struct rpl_entry *entry, const struct server_query *query);

#endif
