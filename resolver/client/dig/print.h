/* SPDX-License-Identifier: MIT */
/*
 * A message as dig prints it, byte for byte where scripts look: header lines, OPT pseudosection,
 * sections in the message's own order, statistics.
 */
#ifndef RW_CLIENT_DIG_PRINT_H
#define RW_CLIENT_DIG_PRINT_H

#include "resolver/client/dig/servers.h"
#include "resolver/client/out.h"
#include "resolver/client/raw_message.h"

/* The version line with the arguments, and how many servers there are. */
void print_greeting(const struct out *out, const struct args *args, const struct servers *servers,
	const struct query_options *options);

/* A reply, or the query itself where `sent`. A malformed one is said to be so. */
void print_message(const struct out *out, const struct query *query,
	const struct raw_message *reply, bool sent);

#endif
