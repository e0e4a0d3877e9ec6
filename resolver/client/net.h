/* SPDX-License-Identifier: MIT */
/* The client's side of the network: one loop and one upstream, and many questions asked at once. */
#ifndef RW_CLIENT_NET_H
#define RW_CLIENT_NET_H

#include "resolver/base/settings.h"
#include "resolver/upstream/exchange.h"
#include "resolver/wire/msg.h"

struct net {
	uv_loop_t loop;
	struct upstream *upstream;
	struct outgoing_settings outgoing;
	struct counters
		counters; /* of what was sent and came back; upstream wants a place for it */
};

/* `net` stays where it is until net_close. RW_ESYSTEM, RW_ENOMEM. */
int net_open(struct net *net, const struct outgoing_settings *outgoing) RW_MUSTCHECK;
void net_close(struct net *net);

/* One question to one server; what came of it. */
struct poll {
	struct addr server;
	const uint8_t *name;
	uint16_t type;
	bool recurse, tcp, no_edns, dnssec;

	enum exchange_end end;
	bool cut_short;        /* over UDP with TC, then asked over TCP */
	const struct msg *msg; /* in the arena; NULL: no reply, or a malformed one */
	uint32_t rtt_us;
};

/*
 * Asks all of them side by side and waits for every end. Over UDP each is asked twice, `timeout_ms`
 * each, and over TCP after a truncated reply.
 */
void net_poll(struct net *net, struct arena *arena, struct poll *polls, unsigned count,
	uint32_t timeout_ms);

/* "timed out", ...: why there is no reply. */
const char *net_end_text(enum exchange_end end);

#endif
