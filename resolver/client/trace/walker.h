/* SPDX-License-Identifier: MIT */
/*
 * Walks from the root with a cache of our own, one after the other: the driver that +trace, +prop
 * and +check share. It carries the actions of a request to exchanges and their ends back, like the
 * daemon's, and shows all notes. The system's resolver is never asked.
 */
#ifndef RW_CLIENT_TRACE_WALKER_H
#define RW_CLIENT_TRACE_WALKER_H

#include "resolver/client/dig/args.h"
#include "resolver/client/net.h"
#include "resolver/client/out.h"
#include "resolver/request/request.h"

struct walker;

struct walker_view {
	void (*note)(void *ctx, const struct note *note);
	/* A question goes out; NULL: nothing more for now. May be NULL. */
	void (*send)(void *ctx, const struct addr *server);
	/*
	 * Before a note, or before a question to `server` (`note` is NULL then): true to hold the
	 * walk, and `meanwhile` is called, which may poll and walk. Both NULL: never held.
	 */
	bool (*hold)(void *ctx, const struct note *note, const struct addr *server);
	void (*meanwhile)(void *ctx);
	void *ctx;
};

/* 0, or an exit code; faults of the hints file are said on stderr. */
int walker_new(const struct args *args, const struct query *query,
	struct walker **ret_walker) RW_MUSTCHECK;

/* Frees results and notes too. NULL does nothing. */
void walker_free(struct walker *walker);

/* Runs one walk to its end; `view` may be NULL. NULL: no memory, or cut short. */
const struct machine_result *walker_walk(
	struct walker *walker, const struct question *question, const struct walker_view *view);

/* Asks them all and waits: net_poll with the walker's net and arena. */
void walker_poll(struct walker *walker, struct poll *polls, unsigned count, uint32_t timeout_ms);

/*
 * For who polls again and again: messages of polls live in the arena that is returned, and until
 * the next call only. Those before the first call stay.
 */
struct arena *walker_renew(struct walker *walker);

/* From now on who is waited for is shown on a terminal: see spinner.h. At most once. */
void walker_live(struct walker *walker, const struct out *out);

/* Questions that walks have sent so far; those of walker_poll are not among them. */
unsigned walker_sent(const struct walker *walker);

/* For texts and messages that live as long as the walker. */
struct arena *walker_arena(struct walker *walker);
struct net *walker_net(struct walker *walker);
const struct query_options *walker_options(const struct walker *walker);

/*
 * The bytes of the reply a note tells of, for +json only; NULL for other notes and other outputs.
 * They live as long as the walker.
 */
const uint8_t *walker_raw(const struct walker *walker, const struct note *note, size_t *ret_size);

/* Where the walks start from: "root hints", "hints file FILE, port N"; printable. */
const char *walker_origin(struct walker *walker);

#endif
