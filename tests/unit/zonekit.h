/* SPDX-License-Identifier: MIT */
/* Zones out of texts, and what they say as text, for the tests of zones. */
#ifndef RW_TESTS_ZONEKIT_H
#define RW_TESTS_ZONEKIT_H

#include "zones/authority/zone_file.h"

/* The zone of a master file's text; aborts where it has faults. zone_free() it. */
struct zone *zonekit_zone(const char *apex, const char *text);

/*
 * The reply to "NAME TYPE", e.g. "ANSWER | an: a.example. CNAME b.example." The parts are those of
 * struct zone_reply (an, soa, ns, ds, glue, nsec), each only where it is there, with sets as `OWNER
 * TYPE RDATA[, RDATA...]`; `+` behind a type is a set with signatures, "soa" shows its TTL only.
 * Lives until the next call.
 */
const char *zonekit_ask(const struct zone *zone, const char *question);

#endif
