/* SPDX-License-Identifier: MIT */
/*
 * A request: one question with all the machines it takes, one arena, one budget. Every driver
 * (daemon, client, tests, scenario player, fuzzer) runs machines through this and sees only
 * exchanges:
 *
 *     request_new(&context, &question, now_ms, &request);
 *     request_start(request, now_ms);
 *     for (;;) {
 *         struct machine_action action;
 *         while (request_next(request, &action))
 *             ... SEND: open an exchange   ABANDON: drop it   NOTE: show it   ANSWER: done ...
 *         ... wait; then request_reply(), request_noreply() or request_deadline() ...
 *     }
 *     request_free(request);
 *
 * A question goes through a chain: the walk, then for a client's AAAA and where a prefix is
 * configured dns64. Only what comes out of its end enters the cache as an answer, and is given to
 * anyone. Questions that machines ask are answered inside, by chains of their own; one that is the
 * question of one of its ancestors fails at once, and one that is asked already waits for that
 * answer (RFC 9520; TsuNAME). No function here calls back or recurses; actions wait in a queue
 * until they are taken.
 */
#ifndef RW_REQUEST_REQUEST_H
#define RW_REQUEST_REQUEST_H

#include "resolver/machine/machine.h"

struct request;

/*
 * What a request that begins now may spend: one that a client waits for, and one that is made for
 * the cache's sake.
 */
struct budget purse_of_client(const struct settings *settings, uint64_t now_ms);
struct budget purse_of_refresh(const struct settings *settings, uint64_t now_ms);

/* Copies the question and the purse. RW_ENOMEM. */
int request_new(const struct machine_context *context, const struct question *question,
	const struct budget *purse, struct request **ret_request) RW_MUSTCHECK;

/*
 * Once a request is done: another request, for the cache's sake, that learns anew a delegation
 * which the first one has used and which is in the last tenth of its life. Its purse is what is
 * left of the other's budget and time. RW_ENOTFOUND: nothing is to be renewed, or there is nothing
 * to pay with; RW_ENOMEM.
 */
int request_new_renewal(
	const struct request *done, uint64_t now_ms, struct request **ret_request) RW_MUSTCHECK;

/* Frees all memory; results, notes and messages with it. NULL does nothing. */
void request_free(struct request *request);

/*
 * The walk begins with what was found of its question a moment ago, and does not look for it again.
 * A prefetch begins with an answer of which nothing is known. Copies the answer. RW_ENOMEM: as if
 * this had not been called.
 */
int request_begin_with(struct request *request, const struct answer *found) RW_MUSTCHECK;

void request_start(struct request *request, uint64_t now_ms);

/*
 * The bytes of a reply that matched the exchange; checked and parsed here. After the exchange has
 * ended, or for an unknown xid, nothing happens.
 */
void request_reply(struct request *request, uint32_t xid, const uint8_t *wire, size_t size,
	uint32_t rtt_us, uint64_t now_ms);
void request_noreply(struct request *request, uint32_t xid, enum exchange_end why, uint32_t rtt_us,
	uint64_t now_ms);

/*
 * The request's time is used up; call at request_deadline_ms() at the latest. When it returns the
 * request is done.
 */
void request_deadline(struct request *request, uint64_t now_ms);

/*
 * Nobody wants the answer any more. What was learnt on the way is kept; no failure is remembered,
 * for this says nothing of the name. Nothing happens to a request that is done.
 */
void request_cancel(struct request *request, uint64_t now_ms);
uint64_t request_deadline_ms(const struct request *request);

/*
 * Takes the oldest action not yet taken: SEND, ABANDON, NOTE or ANSWER (never ASK). Pointers in
 * it stay valid until request_free. After ANSWER the driver drops every exchange still open.
 */
bool request_next(struct request *request, struct machine_action *ret_action);

bool request_done(const struct request *request);

const struct machine_result *request_result(const struct request *request); /* NULL before */

/* What the client's own question has brought so far; empty once the request is done. */
const struct learnt_list *request_learnt(const struct request *request);

const struct budget *request_budget(const struct request *request);
struct arena *request_arena(struct request *request);

/* The zone whose servers the client's own question is asked of now; NULL: none yet, or configured
 * forwarders. */
const uint8_t *request_zone(const struct request *request);

/*
 * For a request that is not done while somebody cannot wait any longer: what it would say if it had
 * to fail now. Remembers that as a failure (RFC 9520), which a later success displaces: of the
 * client's own name, and of the name at the end of its aliases unless they have led there just now.
 * The text is in the request's arena.
 */
const char *request_trouble(struct request *request, uint64_t now_ms);

#endif
