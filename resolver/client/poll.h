/* SPDX-License-Identifier: MIT */
/* What the reply to a poll (net.h) says: as facts, and in words that can be compared. */
#ifndef RW_CLIENT_POLL_H
#define RW_CLIENT_POLL_H

#include "resolver/client/net.h"

bool poll_is_authoritative(const struct poll *poll);

/* The SOA in answer or authority of a reply; NULL. */
const struct rrset *poll_soa(const struct poll *poll);

/* The serial of an authoritative answer to SOA; false without. */
bool poll_serial(const struct poll *poll, uint32_t *ret_serial);

/* A field of the SOA by number: 0 serial, 1 refresh, 2 retry, 3 expire, 4 minimum. */
uint32_t poll_soa_field(const struct rrset *soa, unsigned field);

/* Later in serial arithmetic, RFC 1982. */
bool poll_serial_newer(uint32_t a, uint32_t b);

/*
 * What it says about the question, e.g. "192.0.2.1, 192.0.2.2", "NXDOMAIN", "REFUSED", "timed out":
 * records in sorted order, so that equal data give equal texts. `ret_ttl` (may be NULL) gets how
 * long that may be kept.
 */
const char *poll_answer(struct arena *arena, const struct question *question,
	const struct poll *poll, uint32_t *ret_ttl);

#endif
