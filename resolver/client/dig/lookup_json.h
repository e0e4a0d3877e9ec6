/* SPDX-License-Identifier: MIT */
/* A look-up for programs: one object for each reply. */
#ifndef RW_CLIENT_DIG_LOOKUP_JSON_H
#define RW_CLIENT_DIG_LOOKUP_JSON_H

#include "resolver/client/dig/args.h"
#include "resolver/client/out.h"
#include "resolver/client/raw_message.h"

#define JSON_LOOKUP "rootwalk.lookup/1"

/* A reply; or why there was none. */
void lookup_json(const struct out *out, const struct query *query, const struct raw_message *reply);
void lookup_json_failed(const struct out *out, const struct query *query,
	const struct raw_message *reply, const char *why);

#endif
