/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the engine share: a loop with an engine and a root server on the loopback that
 * knows every name, and askers who wait for results.
 *
 * enginekit_begin(), enginekit_ask() as often as wanted, enginekit_wait() for each result,
 * enginekit_finish(). In between, a test may change the settings in `views`, how the root server
 * behaves, and the client for which questions are asked.
 */
#ifndef TESTS_UNIT_ENGINEKIT_H
#define TESTS_UNIT_ENGINEKIT_H

#include "resolver/base/counters.h"
#include "resolver/base/limits.h"
#include "resolver/engine/engine.h"
#include "resolver/views/views.h"
#include "resolver/wire/rr.h"
#include "tests/unit/loopserver.h"

struct enginekit {
	uv_loop_t loop;
	struct loopserver server;
	struct counters counters;
	struct engine_shared shared;
	struct views *views;
	struct engine *engine; /* NULL once a test has closed it */
	bool is_silent;        /* the root server, to all questions */
	bool is_mute;          /* the root server, to those for addresses */
	unsigned a_questions, ns_questions;
	bool is_asked[1024];       /* n0.example., n1.example., ... */
	const struct addr *client; /* the client of the next askers; NULL: none */
	struct delegation hints;   /* of all views of the kit */
	struct name hints_server;
};

/* One question and what came of it. */
struct asker {
	struct waiter waiter;
	unsigned calls;
	uint16_t rcode;
	unsigned answers;
	uint32_t ttl;
	bool stale, mapped;
	int ede;
	char ede_text[LIMIT_EDE_TEXT];
};

/* `env` is the engine's and stays the caller's. */
void enginekit_begin(struct enginekit *kit, const struct env *env);
void enginekit_finish(struct enginekit *kit);

/* Settings with the loopback server as the only root server; the caller's to unref. */
struct views *enginekit_views(struct enginekit *kit);

/* Asks for an A record; the error of engine_ask(). */
int enginekit_ask(struct enginekit *kit, struct asker *asker, const char *text);

/* The same for n0.example., n1.example., ... */
int enginekit_ask_nth(struct enginekit *kit, struct asker *asker, unsigned n);

/* The same for any question; `found` as for engine_ask(). */
int enginekit_ask_for(struct enginekit *kit, struct asker *asker, const struct question *question,
	const struct answer *found);

/* How many of those names have reached the root server. */
unsigned enginekit_names_asked(const struct enginekit *kit);

/* Turns the loop for so long, or until the asker has its result; NULL: nobody is waited for. */
void enginekit_turn(struct enginekit *kit, unsigned ms, const struct asker *asker);

/* Turns the loop until the asker has its result, which must be in time. */
void enginekit_wait(struct enginekit *kit, const struct asker *asker);

#endif
