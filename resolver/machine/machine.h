/* SPDX-License-Identifier: MIT */
/*
 * Machines: what resolves a question, without input and output. Events go in, actions come out;
 * clocks and dice are parameters. A question goes through a chain of them (resolver/request): the
 * walk finds an answer, and each machine behind it takes the answer of the one before, makes more
 * of it, and hands it on. Any of them may ask a question of its own and wait for the answer.
 *
 * A driver (daemon, client, tests, player, fuzzers) performs the actions and brings the events; it
 * deals with requests and never steps a machine itself.
 *
 * Invariants, checked after every step in debug builds (machine_check): each exchange ends exactly
 * once, by REPLY, NOREPLY or ABANDON; a machine that has not answered awaits an exchange or the
 * answer to a question of its own; budgets only fall, and are shared by all machines of a request;
 * ANSWER comes at most once, and last.
 */
#ifndef RW_MACHINE_MACHINE_H
#define RW_MACHINE_MACHINE_H

#include "cache/cache.h"
#include "cache/infra.h"
#include "cache/learnt.h"
#include "resolver/base/settings.h"
#include "resolver/machine/note.h"
#include "resolver/wire/exchange_end.h"
#include "zones/cuts/delegation.h"
#include "zones/localdata/localdata.h"

/* What all machines of a worker share; nothing in it changes while a request runs. */
struct machine_context {
	const struct env *env; /* dice only; time comes with the events */
	struct cache *cache;
	struct infra *infra;
	const struct settings *settings;
	const struct delegation *hints;
	const struct localdata *localdata; /* what is ours for who asks; may be NULL */
	bool notes;                        /* whether anybody looks at the notes */
};

/* Counters of one request, its purse; they only fall (limits.h). */
struct budget {
	uint32_t sends;
	uint32_t subwalks; /* questions that machines ask */
	uint32_t events;
	uint64_t deadline_ms; /* monotonic; nothing is asked after it */
	uint32_t next_xid;    /* numbers the exchanges of the request */
};

enum machine_event_type {
	EVENT_START,
	EVENT_REPLY,    /* a reply that matches the exchange came */
	EVENT_NOREPLY,  /* the exchange ended without one */
	EVENT_ANSWER,   /* a question that the machine has asked is answered */
	EVENT_DEADLINE, /* the request's time is used up */
	EVENT_CANCEL,   /* nobody waits any more */
};

struct machine_result;

struct machine_event {
	enum machine_event_type type;
	uint64_t now_ms;
	uint32_t xid;          /* REPLY, NOREPLY */
	const struct msg *msg; /* REPLY: parsed into the request's arena; NULL: it was malformed */
	uint32_t rtt_us;       /* REPLY, NOREPLY: since SEND */
	enum exchange_end why; /* NOREPLY: not EXCHANGE_REPLY */
	uint32_t sub;          /* ANSWER: the question's number */
	const struct machine_result *result; /* ANSWER; NULL: it could not even be asked */
};

enum machine_action_type {
	ACTION_SEND,    /* ends with exactly one REPLY or NOREPLY, or ABANDON */
	ACTION_ABANDON, /* its reply is of no use any more */
	ACTION_ASK,     /* ends with exactly one ANSWER, or DROP */
	ACTION_DROP,    /* the answer is of no use any more */
	ACTION_ANSWER,  /* the machine's own */
	ACTION_NOTE,
};

enum ask_why {
	WHY_PRIMING,
	WHY_ADDRESS, /* of a name server */
	WHY_DNS64,   /* A records of a name that has no AAAA */
};

struct machine_action {
	enum machine_action_type type;
	uint32_t xid;             /* SEND, ABANDON */
	struct addr server;       /* SEND */
	enum transport transport; /* SEND */
	const uint8_t *wire; /* SEND: a query with id 0, in the arena; the driver sets the id */
	uint16_t wire_size;
	bool match_case;          /* SEND: the reply must repeat the letters of the question */
	uint32_t timeout_ms;      /* SEND */
	uint32_t sub;             /* ASK, DROP: its number, not 0 */
	struct question question; /* ASK */
	enum ask_why why;         /* ASK */
	const uint8_t *above;     /* ASK: NULL, or only servers above this zone can know at first */
	bool is_public; /* ASK: what is ours does not count, for everybody learns the answer */
	struct machine_result *result; /* ANSWER */
	const struct note *note;       /* NOTE */
};

#define MACHINE_ACTIONS 32 /* one step never makes more */

struct machine_actions {
	struct machine_action items[MACHINE_ACTIONS];
	unsigned count;
};

/*
 * What a chain of machines hands on. It lives in the request's arena, and each machine may change
 * it until it has answered. What was learnt enters the cache when the last one has.
 */
struct machine_result {
	struct learnt_list learnt;
	const struct rrset *dns64_a; /* NODATA or failure of AAAA: A records, or NULL */
	bool from_cache;             /* nobody was asked */
	bool is_own_fault;           /* a failure of ours, which says nothing of the name */
	uint64_t since_ms;           /* when the chain came to its last name */
	struct answer answer; /* never ANSWER_MISS; the last member, because it is not zeroed */
};

struct machine;

struct machine_kind {
	const char *name;
	/* One event in, up to MACHINE_ACTIONS actions out. Never called after ACTION_ANSWER. */
	void (*step)(struct machine *machine, const struct machine_event *event,
		struct machine_actions *ret_actions);
	/* See request_trouble(). Called only while the machine is at work. */
	const char *(*trouble)(struct machine *machine, uint64_t now_ms);
};

/* The first member of every machine. */
struct machine {
	const struct machine_kind *kind;
	uint32_t exchanges, questions; /* that it awaits; kept by machine_check */
	bool answered;
};

/* Another action of the step at hand. */
struct machine_action *machine_act(struct machine_actions *actions, enum machine_action_type type);

/*
 * Whether a failure because time or packets are used up says anything about the name at the end of
 * the chain, which the request came to at `since_ms`. An attacker who uses the budget up first and
 * then leads to somebody else's name by an alias could otherwise spoil that name for others.
 */
bool machine_had_its_chance(const struct machine_context *context, const struct answer *answer,
	uint64_t since_ms, uint64_t now_ms);

/* Counts what the step has begun and ended, and checks the invariants of its kind. */
void machine_check(struct machine *machine, const struct machine_event *event,
	const struct machine_actions *actions);

#endif
