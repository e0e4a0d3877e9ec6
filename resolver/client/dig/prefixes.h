/* SPDX-License-Identifier: MIT */
/* +dns64prefix: the prefixes a DNS64 puts IPv4 addresses behind, found as RFC 7050 says. */
#ifndef RW_CLIENT_DIG_PREFIXES_H
#define RW_CLIENT_DIG_PREFIXES_H

#include "resolver/client/dig/options.h"
#include "resolver/client/out.h"
#include "resolver/client/raw_message.h"

#define JSON_PREFIX  "rootwalk.dns64prefix/1"
#define PREFIXES_MAX 16 /* of one reply */

/* From a reply about ipv4only.arpa AAAA; returns how many there are. */
unsigned prefixes_find(const struct raw_message *reply, struct prefix ret_prefixes[PREFIXES_MAX]);

/* One line each, or one object each. */
void print_prefixes(const struct out *out, const struct query_options *options,
	const struct raw_message *reply);

#endif
