/* SPDX-License-Identifier: MIT */
/*
 * The world a text is played in: virtual clocks, dice from a fixed seed, a cache, and one client.
 * A question of the client takes the way it takes in the daemon: a fresh answer of the cache, else
 * a walk; expired data when the client has waited long enough or nothing else is to be had.
 */
#ifndef RW_TEST_WORLD_H
#define RW_TEST_WORLD_H

#include "resolver/iterate/request.h"
#include "tests/scenario/server.h"
#include "tests/scenario/setup.h"
#include "tests/scenario/view.h"

#define WORLD_RTT_MS 10 /* of every scripted server */

struct world {
	struct rpl *rpl;
	const struct setup *setup;
	const struct step *step; /* that runs now */
	struct arena arena;      /* queries, replies, views and what is told of them */
	struct env env;
	uint64_t now_ms;
	int64_t wall_s; /* at now_ms 0 */
	uint64_t dice;
	struct cache *cache;
	struct infra *infra;
	bool verbose;
	unsigned sends;         /* since the client's last question */
	struct sent *last_sent; /* the same questions, newest first */
};

struct sent {
	struct server_query *query;
	struct sent *next;
};

/* `setup` and `rpl` outlive it. */
void world_init(struct world *world, struct rpl *rpl, const struct setup *setup, bool verbose);
void world_release(struct world *world);

/* The client's question; the answer lives in the world's arena. */
void world_ask(struct world *world, const struct entry *query, struct view *ret_view);

/* A line for the reader of `-v`. */
void world_tell(const struct world *world, const char *format, ...) RW_PRINTF(2, 3);

/* One request in virtual time (run.c). */
struct run {
	struct world *world;
	const struct entry *query;
	struct request *request;
	struct exchange_slot *slots;
	unsigned slot_count;
	struct view *view;    /* filled once */
	bool served;          /* the client has its answer, or there is none waiting */
	uint64_t stale_at_ms; /* when the client is given expired data; UINT64_MAX: never */
};

/* Resolves the question; without a `view` for the cache's sake only. */
void run_request(struct world *world, const struct entry *query, struct view *view);

/* Expired data as an answer; false when there is none. */
bool world_stale(struct world *world, const struct entry *query, struct view *view);

/* A note as a line (notes.c). */
void world_tell_note(const struct world *world, const struct note *note);

#endif
