/* SPDX-License-Identifier: MIT */
/*
 * DNS64 (RFC 6147): AAAA records made of A records with the prefix of a NAT64, for clients without
 * IPv4. The A records come from the cache, or with the walk's result (resolver/iterate/dns64.c).
 */
#ifndef RW_SERVICE_DNS64_H
#define RW_SERVICE_DNS64_H

#include "resolver/service/reply.h"
#include "zones/localdata/localdata.h"

/* Whether this client is given such records: an AAAA question without CD (section 5.5). */
bool dns64_is_wanted(const struct settings *settings, const struct client_query *query);

/* The address with `ip` (4 bytes) inside the prefix (RFC 6052 section 2.2). */
void dns64_embed(const struct prefix *prefix, const uint8_t *ip, uint8_t ret_ip[16]);

/*
 * Turns a denial of AAAA into an answer: its aliases, then AAAA records made of the set `a`, for as
 * long as both may be kept. Private addresses of public names are left out (rebinding.h). The
 * answer stays as it is when none is left. RW_ENOMEM.
 */
int dns64_answer(const struct settings *settings, const struct localdata *localdata,
	const struct rrset *a, struct arena *arena, struct answer *answer) RW_MUSTCHECK;

#endif
