/* SPDX-License-Identifier: MIT */
/*
 * EDNS(0) (RFC 6891) and the options we speak: extended errors (RFC 8914), cookies (RFC 7873),
 * NSID (RFC 5001), keepalive (RFC 7828). Reading stops at LIMIT_EDNS_OPTIONS; of each kind the
 * first counts.
 */
#ifndef RW_WIRE_EDNS_H
#define RW_WIRE_EDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"
#include "resolver/base/limits.h"

enum edns_option_code {
	OPTION_NSID = 3,
	OPTION_SUBNET = 8,
	OPTION_EXPIRE = 9,
	OPTION_COOKIE = 10,
	OPTION_KEEPALIVE = 11,
	OPTION_PADDING = 12,
	OPTION_EDE = 15,
	OPTION_ZONEVERSION = 19,
};

/* RFC 8914 section 4 and the IANA registry. */
enum ede {
	EDE_NONE = -1,
	EDE_OTHER = 0,
	EDE_STALE_ANSWER = 3,
	EDE_FORGED_ANSWER = 4,
	EDE_DNSSEC_BOGUS = 6,
	EDE_CACHED_ERROR = 13,
	EDE_NOT_READY = 14,
	EDE_BLOCKED = 15,
	EDE_FILTERED = 17,
	EDE_PROHIBITED = 18,
	EDE_STALE_NXDOMAIN = 19,
	EDE_NOT_AUTHORITATIVE = 20,
	EDE_NOT_SUPPORTED = 21,
	EDE_NO_REACHABLE_AUTHORITY = 22,
	EDE_NETWORK_ERROR = 23,
	EDE_INVALID_DATA = 24,
	EDE_UNABLE_TO_CONFORM = 28,
};

/* The registry's phrase for a code, e.g. "No Reachable Authority"; "Unassigned" where it has none.
 */
const char *ede_text(int code);

struct edns_option {
	uint16_t code, size;
	const uint8_t *bytes; /* into the message */
};

struct edns {
	bool present;
	uint8_t version;
	uint8_t extended_rcode; /* upper eight bits of the rcode */
	bool dnssec_ok;
	uint16_t udp_size; /* bytes, as announced; values below 512 mean 512 */
	uint8_t option_count;
	struct edns_option options[LIMIT_EDNS_OPTIONS];
};

/* From the OPT record whose owner (the root) stands at `offset` of a prechecked message. */
int edns_read(const uint8_t *wire, size_t size, size_t offset, struct edns *ret_edns) RW_MUSTCHECK;

/* The first option of that code, or NULL. */
const struct edns_option *edns_find(const struct edns *edns, uint16_t code);

/* Code of the first extended error, its text (not terminated, unescaped) in `ret_text`; or
 * EDE_NONE. */
int edns_ede(const struct edns *edns, const uint8_t **ret_text, size_t *ret_size);

#endif
