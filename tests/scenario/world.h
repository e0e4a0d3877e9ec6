/* SPDX-License-Identifier: MIT */
/*
 * The world a text is played in. There are two, and a program is linked with one of them.
 *
 * The world inside (world.c) has virtual clocks, dice from a fixed seed, a cache, and one client. A
 * question of the client goes as bytes through the daemon's own query path, and its answer comes as
 * bytes out of the daemon's own reply builder; only the engine's loop is replaced by virtual time
 * (run.c).
 *
 * The world outside (box.c) is the built daemon in a network namespace: every question and answer
 * goes over a socket, and the daemon's clocks are faked.
 */
#ifndef RW_TEST_WORLD_H
#define RW_TEST_WORLD_H

#include "resolver/request/request.h"
#include "resolver/service/query.h"
#include "tests/scenario/server.h"
#include "tests/scenario/setup.h"
#include "tests/scenario/view.h"

#define WORLD_RTT_MS 10 /* of every scripted server */

struct box;

extern const struct addr world_client; /* inside */

/* What the two programs differ in beyond their world. */
struct world_kind {
	const char *program;   /* its name, for usage */
	unsigned text_seconds; /* of real time for one text */
	unsigned at_once;      /* texts played side by side */
};
extern const struct world_kind world_kind;

struct play_world {
	struct rpl *rpl;
	struct views views;      /* settings and hints, lent by the setup */
	const struct step *step; /* that runs now */
	struct arena arena;      /* queries, replies, views and what is told of them */
	struct env env;
	uint64_t now_ms;
	int64_t wall_s; /* at now_ms 0 */
	uint64_t dice;
	struct cache *cache;
	struct infra *infra;
	struct responder responder;
	struct counters counters;
	uint8_t *answer; /* LIMIT_MESSAGE_BYTES for the answer to the client */
	struct box *box; /* outside only */
	bool verbose;
	unsigned sends;         /* since the client's last question */
	struct sent *last_sent; /* the same questions, newest first */
};

struct sent {
	struct server_query *query;
	struct sent *next;
};

/*
 * `setup` and `rpl` outlive it. Returns why the world could not begin, or NULL; it is released in
 * either case.
 */
const char *world_init(
	struct play_world *world, struct rpl *rpl, const struct setup *setup, bool verbose);
void world_release(struct play_world *world);

/* Ends the daemon after the last step. Returns what it did wrong beside its answers, or NULL. */
const char *world_end(struct play_world *world);

/* The client's question; the answer lives in the world's arena. */
void world_ask(struct play_world *world, const struct rpl_entry *query, struct view *ret_view);

/* The clocks move. */
void world_pass(struct play_world *world, uint32_t seconds);

/* A line for the reader of `-v`. */
void world_tell(const struct play_world *world, const char *format, ...) RW_PRINTF(2, 3);

/*
 * Resolves the client's question in virtual time (run.c) and writes the answer into
 * `world->answer`; returns its size, 0 where nothing is said. `client` NULL: for the cache's sake
 * only. `found` as for engine_ask.
 */
size_t run_request(struct play_world *world, const struct question *question,
	const struct answer *found, struct client_query *client);

/* A note as a line (notes.c). */
void world_tell_note(const struct play_world *world, const struct note *note);

#endif
