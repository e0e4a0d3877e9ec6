/* SPDX-License-Identifier: MIT */
/*
 * An answer: what is known of one question. It is the one value that zones, local data, the cache,
 * the walk and the reply to a client hand on.
 *
 * A question on its way: answer_begin leaves an empty chain whose end is the question's own name.
 * Each source that knows something about the name at its end continues the chain: with an alias
 * (answer_follow, answer_redirect), which moves the end to its target; or with the set that was
 * asked for, a denial or a failure, which ends it. While the outcome is ANSWER_MISS, the next
 * source may be asked about the end of the chain. So a chain may lead from a zone of ours into the
 * cache and on to servers, and it is in this file alone that its links are counted and its circles
 * found.
 *
 * Sets, names and texts are borrowed; they live in the arena of whoever continued the chain. The
 * arrays are never cleared: only their first `set_count` elements mean anything.
 */
#ifndef RW_WIRE_ANSWER_H
#define RW_WIRE_ANSWER_H

#include "resolver/base/limits.h"
#include "resolver/wire/provenance.h"
#include "resolver/wire/rrset.h"

enum answer_outcome {
	ANSWER_MISS,     /* the end of the chain must be asked of somebody */
	ANSWER_POSITIVE, /* the chain ends in the asked set */
	ANSWER_NODATA,
	ANSWER_NXDOMAIN,
	ANSWER_FAILURE,  /* it could not be found out; `ede` says why */
	ANSWER_LOOP,     /* the chain is longer than LIMIT_ALIASES or turns on itself */
	ANSWER_TOO_LONG, /* a DNAME made a name longer than 255 bytes: YXDOMAIN, RFC 6672 */
	ANSWER_DECLINED, /* it was not looked for: `declined` */
};

/* Each alias may come with its DNAME, also the one that is too many; and what they lead to. */
#define ANSWER_SETS (2 * LIMIT_ALIASES + 2)
_Static_assert(ANSWER_SETS < 64, "the bits of prefetch");

struct answer {
	enum answer_outcome outcome;
	uint16_t type, class; /* of the question */
	uint16_t declined;    /* ANSWER_DECLINED: the rcode */
	unsigned set_count;   /* of `sets` and `from` */
	unsigned aliases;     /* CNAMEs followed, those made of a DNAME included */
	const uint8_t *name;  /* at the end of the chain: what the outcome speaks of */
	/* ANSWER_NXDOMAIN: `name`, or the name above it that is said not to be there. */
	const uint8_t *denied;
	/*
	 * Of a denial: the SOA with the negative TTL, and the proofs beside it. A set without
	 * records where only proofs are known; NULL where nothing is.
	 */
	const struct rrset *soa;
	struct provenance soa_from;

	bool begins_local; /* the first set, or the denial of the question's own name, is ours */
	bool ends_local;   /* the last set, or the denial, is ours */
	bool local;        /* something of it is ours, so that the shared cache may not learn it */
	bool stale;        /* some part has expired */
	uint64_t prefetch; /* bit i: set i should be learnt anew now; at set_count: the denial */

	enum security security;      /* of the whole */
	const char *security_reason; /* one sentence, or NULL */

	int ede;              /* enum ede; EDE_NONE when there is nothing to say */
	const char *ede_text; /* one sentence, printable ASCII; or NULL */

	const struct rrset *sets[ANSWER_SETS]; /* the chain, then what was asked; TTLs as of now */
	struct provenance from[ANSWER_SETS];   /* of each set */
};

/* Of what is our own. */
extern const struct provenance provenance_local;

/* The empty chain. The question's name is borrowed. */
void answer_begin(struct answer *answer, const struct question *question);

/* What is told to clients. A MISS is a failure to them. */
uint16_t answer_rcode(const struct answer *answer);

/*
 * Whether an alias answers a question for this type. These stand beside a CNAME or are it. Nor does
 * an alias answer DS: it may be the child's word, and the parent is to be asked (RFC 4035 section
 * 3.1.4.1).
 */
bool answer_type_follows(uint16_t type);

/* Puts a set behind the others. False: there is no room, which a chain always has. */
bool answer_add(struct answer *answer, const struct rrset *set, const struct provenance *from);

/* Puts the set behind the chain that was asked for: ANSWER_POSITIVE. */
void answer_end(struct answer *answer, const struct rrset *set, const struct provenance *from);

/*
 * Puts a CNAME behind the chain, whose end then is its target. ANSWER_LOOP, with the reason as
 * `ede_text`, where the chain becomes too long or leads to where it has been.
 */
void answer_follow(struct answer *answer, const struct rrset *cname, const struct provenance *from);

/*
 * Puts a DNAME above the end of the chain and the CNAME that it implies (RFC 6672 section 3.1)
 * behind the chain, and follows that one; for a query for CNAME, it is the answer. ANSWER_TOO_LONG
 * where the new name is. RW_ENOMEM: nothing has changed.
 */
int answer_redirect(struct answer *answer, const struct rrset *dname, const struct provenance *from,
	struct arena *arena) RW_MUSTCHECK;

/* The CNAME that a DNAME implies for a name below it. RW_ELIMIT: too long a name; RW_ENOMEM. */
int answer_synthesise(const struct rrset *dname, const uint8_t *name, struct arena *arena,
	const struct rrset **ret_cname) RW_MUSTCHECK;

/* Ends the chain with ANSWER_NODATA or ANSWER_NXDOMAIN of the name at its end. */
void answer_deny(struct answer *answer, enum answer_outcome outcome, const struct rrset *soa,
	const struct provenance *from);

/* Ends it with ANSWER_FAILURE; the sets so far stay. `text` is borrowed, or NULL. */
void answer_fail(struct answer *answer, int ede, const char *text);

/* An answer without any sets to a question that nobody looks for. */
void answer_decline(struct answer *answer, uint16_t rcode, int ede);

/*
 * Keeps the first `count` sets of the chain and opens it there again: ANSWER_MISS. `name` is the
 * question's own. A CNAME goes together with the DNAME before it.
 */
void answer_cut(struct answer *answer, unsigned count, const uint8_t *name);

/* Copies the value without what the arrays hold beyond `set_count`. */
void answer_assign(struct answer *to, const struct answer *from);

/* The same with a copy of all that it points to. RW_ENOMEM. */
int answer_dup(const struct answer *from, struct arena *arena, struct answer *to) RW_MUSTCHECK;

#endif
