/* SPDX-License-Identifier: MIT */
/*
 * What is remembered of servers: how fast they answer, whether they answer at all, what they can
 * bear, and what they have shown as servers of single zones. One fixed table of
 * LIMIT_INFRA_SERVERS, the least recently used slot of a bucket goes first. Safe for several
 * threads. Times are monotonic ms.
 *
 * The retransmission time-out follows RFC 6298 with our own bounds: LIMIT_TRY_FIRST_MS while
 * nothing is known, else srtt + 4 rttvar within LIMIT_TRY_MIN_MS..LIMIT_TRY_MAX_MS, doubled for
 * each time-out in a row. After INFRA_TIMEOUTS_DEAD time-outs in a row a server is *dead*: it is
 * avoided for a while that doubles from 1 s to LIMIT_BACKOFF_MAX_MS, but may be asked as a probe.
 */
#ifndef RW_CACHE_INFRA_H
#define RW_CACHE_INFRA_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/base/addr.h"
#include "resolver/base/env.h"
#include "resolver/base/limits.h"

#define INFRA_TIMEOUTS_DEAD 3
#define INFRA_COOKIE_BYTES  40 /* client cookie 8, server cookie 8..32 (RFC 7873) */

enum infra_edns {
	INFRA_EDNS_UNKNOWN,
	INFRA_EDNS_WORKS,
	INFRA_EDNS_BROKEN, /* FORMERR or NOTIMP with it, an answer without it */
};

enum infra_cookies {
	INFRA_COOKIES_UNKNOWN,
	INFRA_COOKIES_BROKEN,   /* it answers questions without a cookie only */
	INFRA_COOKIES_HARMLESS, /* what it refuses it refuses without a cookie, too */
};

/* A copy of what is known; of an unknown server, zeroes with `known` false. */
struct infra_server {
	bool known;
	uint32_t srtt_ms, rttvar_ms;
	uint32_t timeout_ms; /* how long to wait for the next UDP reply */
	uint32_t timeouts;   /* in a row */
	bool dead;           /* avoid now */
	uint64_t dead_until_ms;
	uint8_t edns;        /* enum infra_edns */
	bool case_broken;    /* does not repeat the letters of the question */
	bool udp_suspect;    /* responses that look forged arrived: prefer TCP for a while */
	uint8_t cookies;     /* enum infra_cookies */
	bool cookie_doubted; /* it was silent to a cookie, once */
	uint8_t cookie_size;
	uint8_t cookie[INFRA_COOKIE_BYTES];
};

struct infra;

int infra_new(const struct env *env, struct infra **ret_infra) RW_MUSTCHECK;
void infra_free(struct infra *infra);

void infra_get(struct infra *infra, const struct addr *server, uint64_t now_ms,
	struct infra_server *ret_server);

/* A reply came `rtt_ms` after the question. Ends a row of time-outs. */
void infra_reply(struct infra *infra, const struct addr *server, uint32_t rtt_ms, uint64_t now_ms);

/*
 * No reply to what was sent at `sent_ms` within the time-out, or the network said it is
 * unreachable. Queries that were already in flight when the last time-out was counted are not
 * counted again: they waited for the same packet, or were lost in the same moment.
 */
void infra_timeout(
	struct infra *infra, const struct addr *server, uint64_t sent_ms, uint64_t now_ms);

/* Facts; each is forgotten after INFRA_FACT_MS so that a repaired server is found. */
#define INFRA_FACT_MS (15u * 60 * 1000)
void infra_set_edns(
	struct infra *infra, const struct addr *server, enum infra_edns edns, uint64_t now_ms);
void infra_set_case_broken(struct infra *infra, const struct addr *server, uint64_t now_ms);
void infra_set_udp_suspect(struct infra *infra, const struct addr *server, uint64_t now_ms);
void infra_set_cookie(struct infra *infra, const struct addr *server, const uint8_t *cookie,
	uint8_t size, uint64_t now_ms);

/*
 * A question with a cookie was of no use, and the same one without was answered. When `is_certain`,
 * the server had replied to the first one (some say REFUSED or SERVFAIL, some home routers repeat
 * other people's cookies); silence may be a lost packet, and counts from the second time in a row.
 */
void infra_cookie_failed(
	struct infra *infra, const struct addr *server, bool is_certain, uint64_t now_ms);

/* It has replied to a question with a cookie: that it was silent to one counts no more. */
void infra_cookie_works(struct infra *infra, const struct addr *server, uint64_t now_ms);

/* What it refuses with a cookie it refuses without one, too. */
void infra_cookie_harmless(struct infra *infra, const struct addr *server, uint64_t now_ms);

/*
 * What a server has shown as a server of one zone is remembered for that zone alone: otherwise
 * anybody could make a server look bad by delegating a zone to it. None of these facts forbids
 * anything; they decide which server is asked last.
 *
 * A server is *lame* for a zone when its replies were of no use for LAME_NAMES different names in
 * it, or for the name of the zone itself. One useless reply may be about the name or the type that
 * was asked for (RFC 4074 section 4.5 knows servers that fail at AAAA alone).
 */
#define INFRA_LAME_MS    (60u * 1000) /* since the last useless reply */
#define INFRA_LAME_NAMES 3
void infra_useless_reply(struct infra *infra, const struct addr *server, const uint8_t *zone,
	const uint8_t *name, uint64_t now_ms);
/* Whether it is, or was of no use for just this name. */
bool infra_is_lame(struct infra *infra, const struct addr *server, const uint8_t *zone,
	const uint8_t *name, uint64_t now_ms);

/*
 * It refused or stalled TCP. One failed connection may be one lost packet, so a server must not be
 * cut off from TCP for longer than a server that is silent altogether.
 */
#define INFRA_TCP_MS LIMIT_BACKOFF_MAX_MS
void infra_set_tcp_broken(struct infra *infra, const struct addr *server, const uint8_t *zone,
	bool broken, uint64_t now_ms);
bool infra_tcp_is_broken(
	struct infra *infra, const struct addr *server, const uint8_t *zone, uint64_t now_ms);

/*
 * Address families. INFRA_FAMILY_FAILURES failures in a row, without one reply over that family,
 * make it *bad* for INFRA_LAME_MS: a broken IPv6 uplink must not eat a request's time. A reply ends
 * that at once. `family` is an enum addr_family.
 */
#define INFRA_FAMILY_FAILURES 5
void infra_family_failed(struct infra *infra, uint8_t family, uint64_t now_ms);
bool infra_family_is_bad(struct infra *infra, uint8_t family, uint64_t now_ms);

/*
 * A number that outsiders cannot know and that changes every second, but is the same for all walks
 * that query the servers of `zone` meanwhile: equal questions choose the same server, and share one
 * exchange.
 */
uint64_t infra_turn(const struct infra *infra, const uint8_t *zone, uint64_t now_ms);

/*
 * Forgets time-outs and lameness, keeps RTTs: the uplink has changed. Cookies go too: they belong
 * to the address we had, and would tell servers that it is us again (RFC 9018 section 3).
 */
void infra_wipe_penalties(struct infra *infra);

#endif
