/* SPDX-License-Identifier: MIT */
/*
 * The inside of a walk, shared by the files of this room only: its state, and one function per
 * state and per verb.
 *
 *   lookup.c    LOOKUP: what is known here, and following aliases
 *   cut.c       CUT: the deepest delegation, priming
 *   target.c    TARGET: candidates, choice, sub-walks for addresses
 *   cookie.c    cookies towards servers
 *   ask.c       ASK: shortened names, letter case, the query's bytes
 *   await.c     AWAIT: replies, silence, sub-walks that ended
 *   scrub.c     what of a reply may be believed
 *   classify.c  CLASSIFY: what follows from a reply
 *   reading.c   what a reply is
 *   accept.c    verbs that keep what is believed, and decide where to go on
 *   failure.c   what went wrong, in numbers and in one sentence
 *   finish.c    DONE: the result
 */
#ifndef RW_ITERATE_WALK_STATE_H
#define RW_ITERATE_WALK_STATE_H

#include "resolver/iterate/walk.h"

enum walk_state {
	WALK_LOOKUP,   /* is the current name in the cache, or served locally? */
	WALK_CUT,      /* which delegation encloses it? */
	WALK_TARGET,   /* which of its servers is to be asked? */
	WALK_ASK,      /* send the question */
	WALK_AWAIT,    /* an exchange or sub-walks are under way */
	WALK_CLASSIFY, /* a reply is there */
	WALK_DONE,
};

enum candidate_standing {
	CANDIDATE_OPEN,
	CANDIDATE_LAST,    /* what it showed lately makes it one to ask when nobody else is left */
	CANDIDATE_USELESS, /* its replies do not help with this question, or it may not be asked */
};

/* One address of the current delegation. */
struct candidate {
	struct addr addr;
	uint8_t ns;       /* index into cut->ns */
	uint8_t source;   /* enum address_source */
	uint8_t standing; /* enum candidate_standing */
	uint8_t tries;    /* packets sent to it for the current cut */
	uint8_t tcp_tries;
	bool answered; /* it replied to something */
	bool want_tcp;
	bool without_edns;
	bool cookie_renewed; /* it has refused our cookie once, and sent a better one */
	bool cookie_refused; /* its reply to a cookie was of no use, and maybe for that reason */
	bool without_cookie;
	bool case_doubted; /* replies over UDP came in other letters */
};

#define WALK_CANDIDATES 64

/* What is known of the addresses of cut->ns[i]. */
struct ns_lookup {
	bool asked_a, asked_aaaa;
};

#define WALK_SUBS (2 * LIMIT_NS_LOOKUPS_AT_ONCE)

struct pending_sub {
	uint32_t number; /* 0: free */
	enum ask_why why;
	uint8_t ns;
};

/* Why servers of the current delegation were of no use. */
struct failure_counts {
	unsigned loops, timeouts, unreachable, refused, servfail, lame, nobody, empty, other,
		no_address, forbidden;
	struct addr last_server;
	char last_what[24];         /* "timed out", "REFUSED" */
	const uint8_t *nobody_zone; /* what is delegated to nobody, where that was said */
};

/* Everything one reply says that is believed. */
struct reading {
	enum reply_kind kind;
	bool empty;             /* nothing in it at all */
	const struct rrset *ns; /* REFERRAL */
	const struct rrset *ds; /* REFERRAL: beside it */
	struct answer answer;   /* the asked set, or one link of the alias chain; or a SOA */
};

/* CUT: which delegation is in use, and why that one. */
struct walk_cuts {
	const struct delegation *used;    /* the one that the cache had to begin with; or NULL */
	const struct delegation *renewed; /* the walk is made to learn it anew, or NULL */
	const struct delegation *doubted; /* given up, in the hope that the parent knows better */
	const char *doubted_why; /* the sentence that told why its servers were of no use */
	/*
	 * What the servers above this zone say is wanted, not what is known below: the zone is
	 * doubted, or the walk looks for the address of a server inside of it. NULL once they have
	 * spoken.
	 */
	const uint8_t *above;
	bool primed;           /* priming was tried */
	bool without_forwards; /* the forwarders failed; iterate */
	unsigned referrals;
};

/* Where candidates may come from: each stage adds some when those before it are of no use. */
enum target_stage {
	TARGET_GIVEN,        /* the delegation's own glue, the cache, look-ups */
	TARGET_OTHERS_GLUE,  /* glue of other delegations for the same names */
	TARGET_OUTSIDE_GLUE, /* glue of names outside the asked zone */
	TARGET_LAST_ONES,    /* servers of CANDIDATE_LAST */
};

/* TARGET: the servers of the current delegation. The candidates themselves stand further below. */
struct walk_target {
	unsigned count; /* of candidates */
	struct candidate *chosen;
	struct ns_lookup lookups[LIMIT_NS_KEPT];
	unsigned lookups_failed;
	enum target_stage stage;
	struct pending_sub subs[WALK_SUBS];
	uint32_t next_sub;
	unsigned subs_pending;
};

enum ask_form {
	ASK_SHORT,    /* shortened names, with type A */
	ASK_SHORT_NS, /* the same with type NS */
	ASK_WHOLE,    /* shortened names are given up for the current cut */
};

/* ASK: how much of the name is shown. */
struct walk_ask {
	struct question question; /* as sent */
	enum ask_form form;
	bool every_cut; /* the walk needs every cut on the way (DS at the parent) */
	unsigned steps, labels, failures;
};

/* AWAIT and CLASSIFY: the exchange under way, and its reply. */
struct walk_exchange {
	uint32_t xid; /* 0: none */
	enum transport transport;
	bool sent_edns;
	bool letters_kept;   /* the reply repeated the letters of the question */
	bool cookie_doubted; /* sent to a server that has been silent to one */
	uint8_t cookie_size;
	uint8_t cookie[INFRA_COOKIE_BYTES]; /* as sent */
	const struct msg *reply;
	uint32_t rtt_us;
};

/* What earlier replies said that is of use only when every server fails. */
struct walk_aside {
	const struct msg *last_resort; /* an answer of a server that is not authoritative */
	struct candidate *last_resort_server;
	bool is_taken;               /* the last resort is what is being classified */
	const struct msg *behind;    /* the reply with the last alias: more links stand in it */
	const uint8_t *behind_zone;  /* of its server */
	const uint8_t *behind_alias; /* the name that was asked */
	struct provenance behind_from;
	const uint8_t *denied_name; /* a shortened name that does not exist, it was said */
	const struct rrset *denied_soa;
	struct provenance denied_from;
};

struct walk {
	struct machine machine;
	struct arena *arena;
	const struct machine_context *context;
	const struct localdata
		*localdata; /* what is ours; NULL where a public server's address is looked up */
	struct budget *budget;
	uint32_t number, parent;
	unsigned depth;
	enum walk_state state;
	bool was_looked_up;          /* the caller has looked up the answer so far */
	uint64_t now_ms;             /* of the event at hand */
	struct machine_actions *out; /* of the event at hand */

	struct question question;  /* what the walk was made for */
	struct question current;   /* the same at the end of the alias chain */
	uint64_t current_since_ms; /* when an alias led there */

	struct cache *cache; /* for what is learnt of `current`: of a zone of ours below its cuts */
	const struct delegation *cut; /* NULL before CUT */
	unsigned sends;
	bool asked_anybody;
	struct walk_cuts cuts;
	struct walk_target target;
	struct walk_ask ask;
	struct walk_exchange exchange;
	struct walk_aside aside;
	struct failure_counts failures;

	/* From here on nothing is zeroed when a walk begins. */
	struct name asked_name; /* with its random letters, once something was asked */
	struct reading reading; /* of the reply at hand */
	struct candidate candidates[WALK_CANDIDATES];
	struct machine_result result; /* its answer grows until the walk is done */
};

/* One function per state; each leaves the walk in another state, or in AWAIT or DONE. */
void walk_lookup(struct walk *walk);
void walk_cut(struct walk *walk);
void walk_target(struct walk *walk);
void walk_ask(struct walk *walk);
void walk_classify(struct walk *walk);

/* Takes a delegation as the current one: forgets candidates, keeps all budgets. */
void walk_enter_cut(struct walk *walk, const struct delegation *cut);

/* Events of the AWAIT state. */
void walk_on_reply(struct walk *walk, const struct machine_event *event);
void walk_on_noreply(struct walk *walk, const struct machine_event *event);
void walk_on_answer(struct walk *walk, const struct machine_event *event);

/* Adds the addresses of a set (A or AAAA) as candidates of cut->ns[ns]. */
void target_add_set(
	struct walk *walk, unsigned ns, const struct rrset *set, enum address_source source);

/* The same for the addresses a delegation gives. */
void target_add_glue(struct walk *walk, unsigned ns, const struct nameserver *server);

/*
 * The chain has been continued by an alias: the walk goes on at its new end, or ends where that
 * makes a loop.
 */
void walk_go_on(struct walk *walk);

/* Asks for the full name from now on; true when shortened names were in use. */
bool ask_give_up_minimising(struct walk *walk);

/* The server cannot bear the question as it was shortened: NS instead of A, then the full name. */
bool ask_otherwise(struct walk *walk);
bool ask_is_minimised(const struct walk *walk);

/* What made the whole name necessary is over. */
void ask_shorten_again(struct walk *walk);

/* Ends the walk when its packets or its time are used up. */
bool ask_is_out_of_budget(struct walk *walk);

/* Chooses the cookie that goes out with the question. */
void cookie_prepare(struct walk *walk, const struct infra_server *known);

/*
 * A server that has not shown a cookie of its own was silent to ours, refused the question, or
 * returned another client's cookie: it may not bear cookies. Of a server that has shown one, a
 * reply without it is suspect, and must not lead to questions that are easier to forge.
 */
void cookie_doubt(struct walk *walk);

/* Every server was asked in vain. True: one of them may be asked again without a cookie. */
bool cookie_give_up(struct walk *walk);

enum cookie_verdict {
	COOKIE_FINE,
	COOKIE_SUSPECT, /* not ours, or missing where it never was: maybe forged */
};

/* Judges the cookie of the reply at hand, and remembers the server's part. */
enum cookie_verdict cookie_check(struct walk *walk);

/* What the reply is, and what of it is believed. Pure: looks at `walk`, changes nothing in it. */
void reading_of_reply(const struct walk *walk, const struct msg *msg, struct reading *ret_reading);

/* A reading of nothing yet. */
void reading_begin(const struct walk *walk, enum reply_kind kind, struct reading *ret_reading);

/*
 * A name has one alias (RFC 2181 section 10.1): of a set of several, a new one with the first.
 * Other sets, and NULL, come back as they are.
 */
const struct rrset *reading_one_alias(const struct walk *walk, const struct rrset *set);

/* Whether a set may be believed when a server of `zone` says it. */
bool scrub_believes(const struct rrset *set, const uint8_t *zone);

/* One verb for each kind of reply; each leaves the walk in its next state. */
void accept_alias(struct walk *walk);
void accept_answer(struct walk *walk);
void accept_childs_ds(struct walk *walk);
void accept_empty(struct walk *walk);
void accept_nodata(struct walk *walk);
void accept_nxdomain(struct walk *walk);
void accept_nobody(struct walk *walk);
void accept_referral(struct walk *walk);
void refuse_reply(struct walk *walk, enum reply_kind kind);
void take_sets(struct walk *walk, bool as_answer);

/*
 * Every server has failed for the current name. True: what an earlier reply said beside its answer
 * takes its place, and the walk goes on or is done.
 */
bool accept_set_aside(struct walk *walk);

/* Where the reply at hand comes from, for a set of that section and rank. */
struct provenance walk_provenance(
	const struct walk *walk, enum msg_section section, enum cache_rank rank, uint32_t ttl);

/* How far its answer section is believed. */
enum cache_rank walk_answer_rank(const struct walk *walk);

/* Failures. */
void failure_noreply(struct walk *walk, enum exchange_end why);
void failure_reply(struct walk *walk, enum reply_kind kind);
/* What is still awaited counts as failed. */
void failure_deadline(struct walk *walk);
const char *failure_sentence(const struct walk *walk);

/* Ends. */
void finish_positive(struct walk *walk);
void finish_negative(
	struct walk *walk, uint16_t rcode, const struct rrset *soa, const struct provenance *from);

/* See request_trouble(). */
const char *finish_trouble(struct machine *machine, uint64_t now_ms);

/* EDE_NONE: a fault of our own, which is told as EDE_OTHER and not remembered of the name. */
void finish_failure(struct walk *walk, int ede, const char *text);

/* A DNAME has made too long a name. */
void finish_too_long(struct walk *walk);

/* An alias chain without an end: SERVFAIL, with the chain as the reason (RFC 1034 section 3.6.2).
 */
void finish_loop(struct walk *walk);

/* Actions and notes. NULL when the arena is full. */
struct machine_action *walk_act(struct walk *walk, enum machine_action_type type);
struct note *walk_note(struct walk *walk, enum note_kind kind);

/* The same of the exchange that has just ended, with who was asked what. */
struct note *walk_note_exchange(struct walk *walk, enum note_kind kind);

#endif
