/* SPDX-License-Identifier: MIT */
/*
 * A message as dig prints it, byte for byte where scripts look: header lines, OPT pseudosection,
 * sections in the message's own order, statistics.
 */
#ifndef RW_CLIENT_PRINT_H
#define RW_CLIENT_PRINT_H

#include "resolver/client/out.h"
#include "resolver/client/servers.h"
#include "resolver/wire/records.h"

struct reply {
	const uint8_t *wire;
	size_t size;
	uint32_t rtt_us;
	struct addr server;
	const char *server_name; /* as asked for; printable */
	bool tcp;
};

/* The version line with the arguments, and how many servers there are. */
void print_greeting(const struct out *out, const struct args *args, const struct servers *servers,
        const struct query_options *options);

/* A reply, or the query itself where `sent`. A malformed one is said to be so. */
void print_message(
        const struct out *out, const struct query *query, const struct reply *reply, bool sent);

#endif
