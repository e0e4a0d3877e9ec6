/* SPDX-License-Identifier: MIT */
/*
 * Writing the answer to one client: its own id, the letters of the question as it sent them, its
 * flags, its size. What is answered comes as record sets and codes; nothing is looked up here, and
 * nothing is allocated.
 */
#ifndef RW_SERVICE_REPLY_H
#define RW_SERVICE_REPLY_H

#include "resolver/base/settings.h"
#include "resolver/wire/answer.h"

struct referral;

/* What is kept of a query until it is answered. */
struct client_query {
	struct addr client;
	bool tcp;
	bool edns, dnssec_ok;
	uint16_t udp_size;  /* bytes, as announced; without meaning where there is no EDNS */
	uint16_t id, flags; /* as received */
	bool has_question;
	bool redirected;          /* a rule of policy leads on to `redirect`, which is asked for */
	struct question question; /* its name is `name` */
	struct name name;         /* letters as received */
	struct name redirect;     /* of no meaning unless `redirected` */
};

/* What to say. */
struct reply {
	struct answer *answer;           /* of a failure, nothing but its code and its reason */
	const struct referral *referral; /* servers of the zone, or NULL */
	bool truncated;                  /* nothing but TC: the client is to retry over TCP */
};

#define REPLY_UDP_BYTES                                                                            \
	4096 /* an answer over UDP is never longer, whatever client and settings say */

/* A copy; the name inside points into the copy. */
void client_query_copy(struct client_query *to, const struct client_query *from);

/*
 * Writes the answer and returns its size, which is at most `cap`. `cap` is at least REPLY_UDP_BYTES
 * for UDP and LIMIT_MESSAGE_BYTES for TCP. `rotate`: where record sets of addresses begin.
 */
size_t reply_build(const struct client_query *query, const struct reply *reply,
	const struct settings *settings, unsigned rotate, uint8_t *out, size_t cap);

/*
 * Makes an answer of ours a truncated one: header with TC, question, OPT without options. Returns
 * its size, which is never larger.
 */
size_t reply_truncate(uint8_t *wire, size_t size);

/* The answer to what could not be parsed: a header only. */
size_t reply_header(const struct client_query *query, uint16_t rcode, uint8_t *out);

#endif
