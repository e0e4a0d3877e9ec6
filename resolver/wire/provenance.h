/* SPDX-License-Identifier: MIT */
/* Where a record set comes from: which server sent it, how it came, and how far it is believed. */
#ifndef RW_WIRE_PROVENANCE_H
#define RW_WIRE_PROVENANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/base/addr.h"
#include "resolver/wire/transport.h"

/* How far data is believed, the least first (RFC 2181 section 5.4.1). */
enum cache_rank {
	RANK_GLUE,         /* referral: NS of the authority section and its glue */
	RANK_ANSWER,       /* answer section without AA: a forwarder's word */
	RANK_AUTHORITY_AA, /* authority section of a reply with AA */
	RANK_ANSWER_AA,    /* answer section with AA, and what is our own */
};

enum security {
	SECURITY_UNCHECKED, /* nobody has verified it */
	SECURITY_INSECURE,
	SECURITY_SECURE,
	SECURITY_BOGUS,
};

/* Stored with every entry of the cache; shown by trace, explain and log. */
struct provenance {
	struct addr server; /* that sent it; of no family: it is our own */
	uint8_t transport;  /* enum transport */
	uint8_t section;    /* enum msg_section it stood in */
	uint8_t rank;       /* enum cache_rank */
	uint8_t security;   /* enum security: the result of validation */
	bool synthesised;   /* a CNAME that a DNAME above it implies */
	uint8_t cut_labels; /* labels of the zone whose server was queried, a suffix of the owner */
	uint32_t original_ttl; /* s, before any clamp */
	uint64_t when_ms;      /* monotonic ms when it was learnt */
};

#endif
