/* SPDX-License-Identifier: MIT */
/* The bytes of one query, as its options want it. */
#ifndef RW_CLIENT_DIG_ASK_H
#define RW_CLIENT_DIG_ASK_H

#include "resolver/client/dig/args.h"

#define ASK_BYTES 4096 /* bytes of the longest query */

struct ask {
	uint8_t wire[ASK_BYTES];
	size_t size;
};

/* `edns_version` instead of the option's, for the retry after BADVERS. RW_ENOSPACE: too many
 * options. */
int ask_build(const struct query *query, uint32_t edns_version, struct ask *ret_ask) RW_MUSTCHECK;

#endif
