/* SPDX-License-Identifier: MIT */
/*
 * Signed zones for the lab, sound ones and broken ones, so that a validator has something to find.
 * Each zone has one key, ECDSA P-256 (RFC 6605), with the flag of a secure entry point; it follows
 * from the zone's name alone. So key tags and DS records are the same in every run, and the keys
 * are no secret: nothing signed here is worth believing outside a lab.
 */
#ifndef RW_LAB_SIGN_H
#define RW_LAB_SIGN_H

#include "resolver/wire/rrset.h"

enum sign_variant {
	SIGN_NONE,
	SIGN_GOOD,    /* valid from an hour ago for 30 days */
	SIGN_EXPIRED, /* was valid in January 2025 */
	SIGN_ALTERED, /* one name's addresses were changed after signing */
};

struct sign_params {
	const uint8_t *apex;
	enum sign_variant variant;
	bool nsec3;             /* RFC 5155, without salt and extra rounds (RFC 9276); else NSEC */
	const uint8_t *altered; /* the name, for SIGN_ALTERED */
	int64_t now;            /* s since 1970 */
};

/*
 * Calls `add` with every record of the signed zone, one at a time: `sets` (their own signatures are
 * not looked at), DNSKEY, NSEC or NSEC3, RRSIG. What `add` returns ends it. Records given to it
 * live in the arena. RW_ENOMEM, RW_EINVAL (the zone cannot be signed).
 */
int sign_zone(const struct sign_params *params, const struct rrset *const *sets, size_t count,
	struct arena *arena, int (*add)(void *ctx, const struct rrset *record),
	void *ctx) RW_MUSTCHECK;

/*
 * The DS record of a zone's key for its parent, SHA-256; or, with `wrong`, that of a key the zone
 * does not have. RW_ENOMEM.
 */
int sign_ds(const uint8_t *apex, bool wrong, uint32_t ttl, struct arena *arena,
	struct rrset **ret_ds) RW_MUSTCHECK;

#endif
