/* SPDX-License-Identifier: MIT */
/*
 * The walk: from the deepest zone cut we know down to the answer, as a state machine with no I/O in
 * it. Events go in, actions come out; clocks and dice are parameters.
 *
 * One question, in prose. START: the walk looks up what is known of the name here (LOOKUP), unless
 * whoever asks has just done so and hands over what was found. The rest must be asked: it finds the
 * deepest
 * delegation that encloses the name, or the root hints, in which case the root is primed first
 * (CUT). Out of the delegation's servers it chooses one by round-trip time; where none has an
 * address, sub-walks find some (TARGET). It asks that server for the name, or for a shortened one
 * (ASK), and waits (AWAIT). A REPLY is scrubbed of everything the asked zone may not speak about
 * and classified (CLASSIFY): a referral becomes the new delegation and leads back to TARGET; an
 * alias leads back to LOOKUP with its target; an answer or a negative answer ends the walk (DONE);
 * a useless reply, as NOREPLY, leads to the next server. Whatever is learnt is stored with its
 * provenance before the walk goes on.
 *
 * Invariants, checked after every step in debug builds: each xid ends exactly once (REPLY, NOREPLY
 * or ABANDON); a walk that is not done awaits an xid or a sub-walk; budgets only fall, and
 * sub-walks share them; RESULT comes at most once and last.
 *
 * Drivers do not step walks themselves: resolver/iterate/request.h runs a walk with its sub-walks.
 */
#ifndef RW_ITERATE_WALK_H
#define RW_ITERATE_WALK_H

#include "cache/cache.h"
#include "cache/infra.h"
#include "resolver/base/settings.h"
#include "resolver/iterate/note.h"
#include "resolver/wire/exchange_end.h"
#include "zones/cuts/delegation.h"
#include "zones/localdata/localdata.h"

/* What all walks of a worker share; nothing in it changes while a request runs. */
struct walk_context {
	const struct env *env; /* dice only; time comes with the events */
	struct cache *cache;
	struct infra *infra;
	const struct settings *settings;
	const struct delegation *hints;
	const struct localdata *localdata; /* what is ours for who asks; may be NULL */
	bool notes;                        /* whether anybody looks at the notes */
};

/* Counters of one client request; they only fall (limits.h). */
struct budget {
	uint32_t sends;
	uint32_t subwalks;
	uint32_t events;
	uint64_t deadline_ms; /* monotonic; nothing is asked after it */
	uint32_t next_xid;    /* numbers the exchanges of the request */
};

enum walk_event_type {
	EVENT_START,
	EVENT_REPLY,    /* a reply that matches the exchange came */
	EVENT_NOREPLY,  /* the exchange ended without one */
	EVENT_SUBDONE,  /* a sub-walk ended; what it learnt is in the cache and in `sub` */
	EVENT_DEADLINE, /* the request's time is used up */
	EVENT_CANCEL,   /* nobody waits any more */
};

struct walk_result;

struct walk_event {
	enum walk_event_type type;
	uint64_t now_ms;
	uint32_t xid;          /* REPLY, NOREPLY */
	const struct msg *msg; /* REPLY: parsed into the request's arena; NULL: it was malformed */
	uint32_t rtt_us;       /* REPLY, NOREPLY: since SEND */
	enum exchange_end why; /* NOREPLY: not EXCHANGE_REPLY */
	uint32_t sub;          /* SUBDONE: its number */
	const struct walk_result *result; /* SUBDONE */
};

enum walk_action_type {
	ACTION_SEND,    /* ends with exactly one REPLY or NOREPLY, or ABANDON */
	ACTION_ABANDON, /* its reply is of no use any more */
	ACTION_SUBWALK,
	ACTION_DROP, /* the walk waits no more for that sub-walk, and gets no SUBDONE of use */
	ACTION_RESULT,
	ACTION_NOTE,
};

enum subwalk_why {
	SUBWALK_PRIMING,
	SUBWALK_ADDRESS, /* of a name server */
	SUBWALK_DNS64,   /* A records of a name that has no AAAA */
};

struct walk_action {
	enum walk_action_type type;
	uint32_t xid;             /* SEND, ABANDON */
	struct addr server;       /* SEND */
	enum transport transport; /* SEND */
	const uint8_t *wire; /* SEND: a query with id 0, in the arena; the driver sets the id */
	uint16_t wire_size;
	bool match_case;          /* SEND: the reply must repeat the letters of the question */
	uint32_t timeout_ms;      /* SEND */
	uint32_t sub;             /* SUBWALK, DROP: its number */
	struct question question; /* SUBWALK */
	enum subwalk_why why;     /* SUBWALK */
	const uint8_t *above; /* SUBWALK: NULL, or only servers above this zone can know at first */
	const struct walk_result *result; /* RESULT */
	const struct note *note;          /* NOTE */
};

#define WALK_ACTIONS 32 /* one step never makes more */

struct walk_actions {
	struct walk_action items[WALK_ACTIONS];
	unsigned count;
};

/* How a walk ended. Lives in the request's arena. */
struct walk_result {
	struct answer answer;        /* never ANSWER_MISS */
	const struct rrset *dns64_a; /* NODATA or failure of AAAA: A records, or NULL */
	bool from_cache;             /* nobody was asked */
};

struct walk;

/*
 * A new walk in the arena; NULL when that is full. `depth` is 0 for the client's own question.
 * `number` names it in notes and SUBDONE.
 */
struct walk *walk_new(struct arena *arena, const struct walk_context *context,
	struct budget *budget, const struct question *question, unsigned depth, uint32_t number,
	uint32_t parent);

/* One event in, up to WALK_ACTIONS actions out. Never called again after ACTION_RESULT. */
void walk_step(struct walk *walk, const struct walk_event *event, struct walk_actions *ret_actions);

#endif
