/* SPDX-License-Identifier: MIT */
/*
 * Delegations: the name servers of a zone as its parent names them, with the glue that came beside
 * them. They are what a walk iterates over, and are kept apart from record sets: glue is never an
 * answer, and a child's own NS set never prolongs what the parent has said (ghost domains,
 * CVE-2012-1033). The life of a delegation ends with the TTL of the parent's NS set, and with the
 * delegation of the parent itself where that is shorter.
 */
#ifndef RW_CUTS_DELEGATION_H
#define RW_CUTS_DELEGATION_H

#include "cache/cache.h"
#include "resolver/wire/msg.h"

#define DELEGATION_ADDRESSES (2 * LIMIT_ADDRESSES_PER_NS) /* of one server, both families */

enum delegation_source {
	DELEGATION_HINTS,    /* the root hints; not a word of the root itself */
	DELEGATION_PRIMING,  /* the root's own answer to the priming question, RFC 9609 */
	DELEGATION_REFERRAL, /* the parent zone's servers */
	DELEGATION_STUB,     /* configured: authoritative servers */
	DELEGATION_FORWARD,  /* configured: recursive servers */
};

enum address_source {
	ADDRESS_HINTS,
	ADDRESS_GLUE,   /* beside the referral */
	ADDRESS_LOOKUP, /* from the cache or a sub-walk of our own */
	ADDRESS_CONFIG,
};

/* RFC 9499 section 7: where the name of a server stands in relation to the zone. */
enum glue_kind {
	GLUE_IN_DOMAIN, /* at or below the delegated zone: cannot be found without glue */
	GLUE_SIBLING,   /* below the parent of the delegated zone */
	GLUE_OUTSIDE,   /* elsewhere: out of bailiwick, tried only when nothing else is left */
};

struct nameserver {
	const uint8_t *name; /* NULL for configured addresses */
	uint8_t kind;        /* enum glue_kind */
	uint8_t address_count;
	struct addr addresses[DELEGATION_ADDRESSES];
	uint8_t sources[DELEGATION_ADDRESSES]; /* enum address_source */
};

struct delegation {
	const uint8_t *zone;
	uint8_t source; /* enum delegation_source */
	uint8_t ns_count;
	uint32_t ttl;        /* s, of the NS set as the parent gave it */
	uint64_t expires_ms; /* monotonic; UINT64_MAX for hints and configured ones */
	bool forward_first;  /* DELEGATION_FORWARD: iterate when all of them fail */
	struct provenance from;
	struct nameserver ns[LIMIT_NS_KEPT]; /* `ns_count` of them have a meaning */
};

/*
 * Builds a delegation in the arena out of an NS set and the address sets of a message's additional
 * section. `bailiwick` is the zone that was asked. Glue never leaves the delegation: its source
 * decides about the delegated zone anyway, and is believed about nothing else. At most
 * LIMIT_NS_KEPT servers, LIMIT_ADDRESSES_PER_NS addresses per family each. RW_ENOMEM, RW_EMALFORMED
 * (no usable server name).
 */
int delegation_build(struct arena *arena, const struct rrset *ns, const struct msg *msg,
	const uint8_t *bailiwick, uint16_t port, struct delegation **ret_delegation) RW_MUSTCHECK;

/* Whether an NS set names no server: nothing but the root's name (RFC 7505 does so for MX). */
bool delegation_names_nobody(const struct rrset *ns);

/* Adds an address unless it is there already or the caps are reached. */
void delegation_add_address(
	struct nameserver *ns, const struct addr *addr, enum address_source source);

bool delegation_has_address(const struct delegation *delegation, const struct addr *addr);

/* Stores it until `expires_ms`; nothing is stored when that has passed. */
void delegation_store(struct cache *cache, const struct delegation *delegation, uint64_t now_ms);

/* The delegation of exactly that zone. RW_ENOTFOUND, RW_ENOMEM. */
int delegation_load(struct cache *cache, const uint8_t *zone, uint64_t now_ms, struct arena *arena,
	struct delegation **ret_delegation) RW_MUSTCHECK;

/* Whether both are of one zone and lead to the same names and addresses, in whatever order. */
bool delegation_same_servers(const struct delegation *a, const struct delegation *b);

#endif
