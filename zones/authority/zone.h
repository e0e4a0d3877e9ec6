/* SPDX-License-Identifier: MIT */
/*
 * One zone as its owner wrote it: the authoritative side of the DNS. Both `zones` of the daemon and
 * the servers of rootwalk-lab answer from it.
 *
 * Records go in one by one (zone_add); zone_finish checks what only the whole can show and builds
 * the tree of names; from then on the zone is immutable and may be read by several threads. A
 * lookup (zone_step) goes the way of RFC 1034 section 4.3.2 with RFC 4592 (wildcards), RFC 6672
 * (DNAME) and RFC 4035 section 3.1 (signed zones, proofs of NSEC and NSEC3): down from the apex to
 * the name, stopping at a delegation.
 */
#ifndef RW_AUTHORITY_ZONE_H
#define RW_AUTHORITY_ZONE_H

#include "resolver/base/limits.h"
#include "resolver/wire/answer.h"

struct zone;

enum zone_fault {
	ZONE_OK,
	ZONE_OUTSIDE,         /* the owner is not in the zone */
	ZONE_ALIAS_AND_OTHER, /* CNAME beside other data, RFC 1034 section 3.6.2 */
	ZONE_ALIASES,         /* two CNAME or two DNAME of one name */
	ZONE_BELOW_DNAME,     /* data below a DNAME, RFC 6672 section 2.4 */
	ZONE_DNAME_AT_CUT,    /* a DNAME beside NS below the apex, the same */
	ZONE_SOA_PLACE,       /* a SOA that is not at the apex, or a second one */
	ZONE_NO_SOA,          /* found by zone_finish */
	ZONE_NO_NS,           /* the same */
	ZONE_CLASS,           /* not IN */
	ZONE_TYPE,       /* a type that is no data (OPT, ANY, ...), or an impossible form of it */
	ZONE_ITERATIONS, /* more than LIMIT_NSEC3_ITERATIONS */
	ZONE_TOO_LARGE,  /* more than LIMIT_RRSET_RECORDS or LIMIT_RRSET_SIGS */
};

/* An English clause that says what is wrong and what to do. */
const char *zone_fault_text(enum zone_fault fault);

/* An empty zone that will take at most `cap` bytes of memory. RW_ENOMEM. */
int zone_new(const uint8_t *apex, size_t cap, struct zone **ret_zone) RW_MUSTCHECK;
void zone_free(struct zone *zone); /* NULL does nothing */

/*
 * Adds the one record of the set, copied. Its rdata may be of any bytes. A record that is there
 * already counts as added. The lower of two TTLs of one set holds. RRSIG records go beside the set
 * they cover, and are dropped by zone_finish where there is none. RW_EINVAL with `ret_fault`: the
 * record is not in the zone, which may go on. RW_ENOMEM: the cap is reached, the zone can only be
 * freed.
 */
int zone_add(
	struct zone *zone, const struct rrset *record, enum zone_fault *ret_fault) RW_MUSTCHECK;

/* No more records. RW_EINVAL with `ret_fault`, RW_ENOMEM. */
int zone_finish(struct zone *zone, enum zone_fault *ret_fault) RW_MUSTCHECK;

const uint8_t *zone_apex(const struct zone *zone);
uint32_t zone_serial(const struct zone *zone);
bool zone_is_signed(const struct zone *zone); /* has a DNSKEY set at its apex */
size_t zone_records(const struct zone *zone);

#define ZONE_GLUE   (2 * LIMIT_NS_KEPT)
#define ZONE_PROOFS (LIMIT_ALIASES + 4) /* one of each alias made by a wildcard, and a denial */

/* What stands beside an answer. Sets live in the zone, or in the arena where they were made. */
struct zone_beside {
	const struct rrset *ns; /* the end of the chain is below a zone cut: the child's; or NULL */
	const struct rrset *ds; /* then, of a signed child in a signed zone, or NULL */
	unsigned glue_count, proof_count;
	const struct rrset *glue[ZONE_GLUE]; /* addresses in the zone of the hosts in `ns` (at or
						below the cut, or elsewhere), or in an answer of
						type NS, MX or SRV */
	const struct rrset *proofs[ZONE_PROOFS]; /* signed zones: NSEC or NSEC3 of a denial, of a
						    wildcard's expansion, of an unsigned child */
};

/*
 * Continues the chain of `answer` at its end, by one alias or to an end. ANSWER_MISS with `ns` set:
 * the end lies below a cut, and nothing was found. To ANY it is one set of the name (RFC 8482
 * section 4.1); a DS question at a cut is answered here, one for the apex itself is not there.
 * RW_EINVAL: the end of the chain is not in the zone, nor below it. RW_ENOMEM: the arena is full.
 */
int zone_step(const struct zone *zone, struct arena *arena, struct answer *answer,
	struct zone_beside *beside) RW_MUSTCHECK;

/*
 * All that the zone says to a question: aliases are followed as far as they stay in the zone, and
 * what stands beside each of them is gathered. Errors as zone_step.
 */
int zone_lookup(const struct zone *zone, const struct question *question, struct arena *arena,
	struct answer *answer, struct zone_beside *beside) RW_MUSTCHECK;

/* Whether records of the zone stand at just that name: no glue, and nothing made of a wildcard. */
bool zone_has_name(const struct zone *zone, const uint8_t *name);

/*
 * Whether the name exists in the zone: it has records, names below it have, or a wildcard makes it
 * (RFC 4592). Names at and below a delegation, and below a DNAME, are not the zone's to know.
 */
bool zone_name_exists(const struct zone *zone, const uint8_t *name);

/* Calls `see` with every set, names in canonical order; 0 from it goes on. Returns what it did. */
int zone_walk(const struct zone *zone, int (*see)(void *ctx, const struct rrset *set),
	void *ctx) RW_MUSTCHECK;

#endif
