/* SPDX-License-Identifier: MIT */
/*
 * Record sets (RFC 2181 section 5) as values: all records of one owner, type and class, with the
 * RRSIG records that cover them. Names inside rdata are never compressed. A set and all it points
 * to live in one arena and are immutable once built.
 */
#ifndef RW_WIRE_RRSET_H
#define RW_WIRE_RRSET_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/base/arena.h"
#include "resolver/wire/name.h"
#include "resolver/wire/rr.h"

struct rdata {
	const uint8_t *bytes;
	uint16_t size;
};

struct rrset {
	const uint8_t *owner;
	uint16_t type, class;
	uint32_t ttl; /* s; the lowest of its records */
	uint16_t count, sig_count;
	struct rdata *records; /* `count` of them */
	struct rdata *sigs;    /* `sig_count` RRSIG rdata */
	/*
	 * NSEC and NSEC3 sets that stood in the authority section beside this set or this denial: a
	 * query with DO gets them too (RFC 4035 section 3.1.3). They have no proofs themselves.
	 */
	uint16_t proof_count;
	const struct rrset *proofs; /* `proof_count` of them */
};

struct question {
	const uint8_t *name;
	uint16_t type, class;
};

bool question_equal(const struct question *a, const struct question *b);

/* A deep copy, without the proofs. NULL when the arena is full. */
struct rrset *rrset_dup(const struct rrset *set, struct arena *arena);

/* A new set of one record, all copied into the arena; NULL when it is full. */
struct rrset *rrset_single(struct arena *arena, const uint8_t *owner, uint16_t type, uint32_t ttl,
	const void *rdata, uint16_t size);

/* Same records in any order, TTL and signatures aside. */
bool rrset_same_data(const struct rrset *a, const struct rrset *b);

/*
 * Whether it was made of a wildcard: its signatures then cover fewer labels than its name has
 * (RFC 4034 section 3.1.3), and a proof beside it says that there is nothing closer.
 */
bool rrset_is_expanded(const struct rrset *set);

/* The name a record of NS, CNAME, PTR or DNAME holds; NULL for other types or an empty set. */
const uint8_t *rrset_target(const struct rrset *set, unsigned index);

/*
 * min(TTL of the SOA, its MINIMUM field): how long a negative answer may be kept, RFC 2308
 * section 5. 0 when the set is no SOA; LIMIT_TTL_NO_SOA when it is an SOA set without records,
 * which is what holds the proofs of a denial that came without one.
 */
uint32_t rrset_soa_negative_ttl(const struct rrset *soa);

/*
 * The offsets of the names inside rdata of the types whose rdata names may be compressed
 * (RFC 3597 section 4) or are otherwise known. Returns how many (0..2); the first starts at
 * `ret_first`, the second follows it directly.
 */
unsigned rr_rdata_names(uint16_t type, uint16_t *ret_first);

/* The tag that DS and RRSIG records name a DNSKEY record by, RFC 4034 appendix B. */
uint16_t rrset_key_tag(const struct rdata *key);

#endif
