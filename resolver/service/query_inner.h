/* SPDX-License-Identifier: MIT */
/*
 * What the files of the query path share: the query at hand, and the steps it goes through.
 *
 *   query.c        bytes to question, header rules, access; the result of a walk
 *   query_find.c   what is known here: what is ours, and the cache, fresh or stale
 *   query_policy.c what block lists and policy zones say, of the question and of its answer; and
 *                  the network's own rules for answers of the outside
 */
#ifndef RW_SERVICE_QUERY_INNER_H
#define RW_SERVICE_QUERY_INNER_H

#include "resolver/service/query.h"
#include "zones/localdata/localdata.h"

struct query_ctx {
	struct responder *responder;
	struct client_query *query;
	const struct settings *settings;
	const struct client_view *view; /* of the client; chosen when it may ask */
	uint64_t now_ms;
	struct reply reply; /* in the making; its answer is the responder's */
	uint8_t *out;
	size_t cap, size;
	enum query_verdict verdict; /* of query_policy */
	size_t signature;           /* offset of a TSIG or SIG(0) record; 0: none */
};

/* Writes the reply. */
enum query_verdict query_reply(struct query_ctx *q);
enum query_verdict query_code(struct query_ctx *q, uint16_t rcode, int ede);

/* What is to be looked up for the query: in its client's view, with memory of the responder. */
struct localdata_query query_lookup(const struct query_ctx *q, enum cache_mode mode);

/*
 * Whether the NS set of the zone of the answer's last set goes into the authority section. AAAA
 * records that are made here have none.
 */
bool query_wants_referral(const struct query_ctx *q);

/* A failure that was found here, as clients are told of it. Other answers stay as they are. */
void query_tell_failure(struct answer *answer);

/* Answers out of what is known here, or says who must be asked. */
enum query_verdict query_find(struct query_ctx *q);

/*
 * What policy and the network's own rules make of an answer of the outside. QUERY_ANSWERED: the
 * reply is what to say; else as query_answer says. RW_ENOMEM.
 */
int query_judge(struct query_ctx *q, enum query_verdict *ret_verdict) RW_MUSTCHECK;

/* The same for the answer of what a rule leads to, behind the aliases that lead there. */
int query_redirected(struct query_ctx *q, enum query_verdict *ret_verdict) RW_MUSTCHECK;

/* query_judge, and the reply written. */
enum query_verdict query_outside(struct query_ctx *q);

/*
 * Policy has the first word, and so is asked before anything is answered. It begins when the query
 * comes, so that what memory it needs is there when it is known what to say. `local`: what is about
 * to be said is not of the outside. True: the query's way ends here, with q->verdict; else the
 * reply is as it was.
 */
void query_begin_policy(struct query_ctx *q);
bool query_policy(struct query_ctx *q, bool local);

#endif
