/* SPDX-License-Identifier: MIT */
/*
 * Names that are answered here and never leak to the root: special-use names (RFC 6761 localhost,
 * invalid, test; RFC 6762 local; RFC 7686 onion; RFC 8375 home.arpa; RFC 9462 resolver.arpa), and
 * the locally served reverse zones (RFC 6303, RFC 7793). Each is a tiny zone: SOA and NS at its
 * apex, localhost and the loopback addresses' PTR with data, everything else NXDOMAIN or NODATA.
 */
#ifndef RW_LOCALDATA_SPECIAL_USE_H
#define RW_LOCALDATA_SPECIAL_USE_H

#include "resolver/base/settings.h"
#include "resolver/wire/answer.h"

/*
 * Ends the chain of `answer` where the name at its end is one of these. DS questions for the apex
 * of such a zone belong to the parent and are not answered here. `test.` is answered NXDOMAIN like
 * the others. RW_ENOTFOUND: the name is none of these; RW_ENOMEM.
 */
int special_use_lookup(struct arena *arena, struct answer *answer) RW_MUSTCHECK;

/* The zone (wire form) in which the name is served locally, or NULL. Stateless and fast. */
const uint8_t *special_use_zone_of(const uint8_t *name);

/* The same; NULL also where `special-use` is off, or a route leads into that zone. */
const uint8_t *special_use_zone_served(const struct settings *settings, const uint8_t *name);

#endif
