/* SPDX-License-Identifier: MIT */
/*
 * DNS64 (RFC 6147): AAAA records made of A records with the prefix of a NAT64, for clients without
 * IPv4. The A records come from the cache, or with the walk's result (resolver/request/dns64.c).
 */
#ifndef RW_SERVICE_DNS64_H
#define RW_SERVICE_DNS64_H

#include "resolver/service/reply.h"
#include "zones/localdata/localdata.h"

/* Whether this client is given such records: an AAAA question without CD (section 5.5). */
bool dns64_is_wanted(const struct dns64_settings *dns64, const struct client_query *query);

/*
 * Takes the AAAA records out of the answer that such a client cannot use (section 5.1.4). Where
 * none is left, it is a denial. RW_ENOMEM.
 */
int dns64_exclude(const struct dns64_settings *dns64, struct arena *arena,
	struct answer *answer) RW_MUSTCHECK;

/* The address with `ip` (4 bytes) inside the prefix (RFC 6052 section 2.2). */
void dns64_embed(const struct prefix *prefix, const uint8_t *ip, uint8_t ret_ip[16]);

/*
 * Turns a denial of AAAA into an answer: its aliases, then AAAA records made of the set `a`, for as
 * long as both may be kept. Private addresses of public names are left out (rebinding.h), and with
 * the well-known prefix all that are not global (RFC 6052 section 3.1). The answer stays as it is
 * when none is left. RW_ENOMEM.
 */
int dns64_answer(const struct settings *settings, const struct localdata *localdata,
	const struct rrset *a, struct arena *arena, struct answer *answer) RW_MUSTCHECK;

#endif
