/* SPDX-License-Identifier: MIT */
/*
 * What the tests of exchanges share: a loop with an upstream and a loopback server in it, and
 * waiting for how exchanges end.
 */
#ifndef TESTS_UNIT_EXCHANGEKIT_H
#define TESTS_UNIT_EXCHANGEKIT_H

#include "resolver/base/counters.h"
#include "resolver/upstream/exchange.h"
#include "resolver/upstream/upstream.h"
#include "tests/unit/loopserver.h"

#define EXCHANGEKIT_QUESTION_SIZE 23
#define EXCHANGEKIT_TIMEOUT_MS    300

struct exchangekit {
	uv_loop_t loop;
	struct outgoing_settings outgoing;
	struct counters counters;
	struct upstream *upstream;
	struct loopserver server;
};

/* How an exchange ended; it is told once. */
struct outcome {
	unsigned calls;
	enum exchange_end end;
	size_t size;
	uint32_t near_misses;
	uint16_t rcode;
};

/* wWw.X. A: what every exchange asks. */
extern const uint8_t exchangekit_question[EXCHANGEKIT_QUESTION_SIZE];

/* The server gives each query to `answer`, whose `ctx` is the kit's server's. */
void exchangekit_begin(struct exchangekit *kit,
	void (*answer)(struct loopserver *, const struct loopserver_query *));

/* Nothing may be open any more; exchangekit_close() does not mind. */
void exchangekit_finish(struct exchangekit *kit);
void exchangekit_close(struct exchangekit *kit);

/* The question for the kit's server, letter case counting, with EXCHANGEKIT_TIMEOUT_MS. */
struct exchange_query exchangekit_query(struct exchangekit *kit, enum transport transport);

/* Starts an exchange; the outcome must live until it has ended. */
struct exchange *exchangekit_start(
	struct exchangekit *kit, struct outcome *outcome, const struct exchange_query *query);

/* Starts exchangekit_query(kit, transport). */
struct exchange *exchangekit_ask(
	struct exchangekit *kit, struct outcome *outcome, enum transport transport);

/* What exchangekit_start() has called at the end: fills the outcome that `owner` is. */
void exchangekit_done(void *owner, const struct exchange_done *done);

/* One turn that never blocks: a timer may end what the turn would wait for. */
void exchangekit_turn(struct exchangekit *kit);
void exchangekit_turn_for(struct exchangekit *kit, uint64_t ms);

/* Turns the loop until the outcome is there, which must be in time. */
void exchangekit_wait(struct exchangekit *kit, const struct outcome *outcome);

/* A server's function: one address for every question. */
void exchangekit_honest(struct loopserver *at, const struct loopserver_query *query);

/*
 * A TCP port on every address of 127.0.0.0/8 where connections come up by the kernel's doing and
 * nobody ever reads. Returns the descriptor, which the caller closes.
 */
int exchangekit_mute_port(uint16_t *ret_port);

#endif
