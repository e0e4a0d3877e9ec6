/* SPDX-License-Identifier: MIT */
/* The OPT pseudosection in dig's words. */
#ifndef RW_CLIENT_DIG_PRINT_EDNS_H
#define RW_CLIENT_DIG_PRINT_EDNS_H

#include <stdio.h>

#include "resolver/client/dig/options.h"
#include "resolver/wire/edns.h"

/*
 * `flags` are the OPT record's. `options` are the query's, to judge the cookie by; `sent` where the
 * message is the query.
 */
void print_edns(FILE *file, const struct edns *edns, uint16_t flags,
	const struct query_options *options, bool sent);

#endif
