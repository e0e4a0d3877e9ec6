/* SPDX-License-Identifier: MIT */
/*
 * Writing messages into a caller's buffer. Names are compressed against the question and earlier
 * owner names and rdata names, within LIMIT_COMPRESS_TRIES per message (CVE-2024-8508); rdata names
 * are compressed only where RFC 3597 section 4 allows. A record set goes in whole or not at all, so
 * that truncation happens at a set's border (RFC 2181 section 9). No allocation.
 *
 * Order of calls: build_begin, build_question?, build_rrset* in section order, build_edns?,
 * build_finish. Room for the OPT record is reserved by build_begin's `reserve`.
 */
#ifndef RW_WIRE_BUILD_H
#define RW_WIRE_BUILD_H

#include "resolver/wire/edns.h"
#include "resolver/wire/msg.h"
#include "resolver/wire/rrset.h"

#define BUILD_TARGETS 48 /* names remembered as pointer targets */

struct builder {
	uint8_t *out;
	size_t cap, size; /* bytes; `cap` without the reserve */
	size_t reserve;   /* bytes kept for the OPT record */
	uint16_t counts[4];
	uint16_t target_count, tries;
	uint16_t targets[BUILD_TARGETS]; /* offsets of names already written */
	uint32_t hashes[BUILD_TARGETS];  /* and what those names hash to */
};

/* `cap` is at least HEADER_SIZE + reserve. Writes the header with counts of zero. */
void build_begin(
	struct builder *b, uint8_t *out, size_t cap, size_t reserve, uint16_t id, uint16_t flags);

/* RW_ENOSPACE leaves the message as it was; so it is below. */
int build_question(struct builder *b, const struct question *question) RW_MUSTCHECK;

/*
 * Adds a whole set with the given TTL instead of its own, `rotate` records moved from the front to
 * the end, and its RRSIG records where `with_sigs`.
 */
int build_rrset(struct builder *b, enum msg_section section, const struct rrset *set, uint32_t ttl,
	unsigned rotate, bool with_sigs) RW_MUSTCHECK;

/* What goes into an OPT record. */
struct build_opt {
	uint16_t udp_size;
	uint16_t rcode; /* whole; the upper bits go into the OPT record */
	bool dnssec_ok;
	int ede;                           /* EDE_NONE: no extended error */
	const char *ede_text;              /* UTF-8, may be NULL; cut to LIMIT_EDE_TEXT */
	const struct edns_option *options; /* further ones, `option_count` */
	unsigned option_count;
};

/* Bytes an OPT record with this content takes: the `reserve` of build_begin. */
size_t build_opt_size(const struct build_opt *opt);

/* Uses the reserve. When it does not fit, the extended error's text goes first, then the options.
 */
int build_edns(struct builder *b, const struct build_opt *opt) RW_MUSTCHECK;

/* Writes counts into the header and returns the size in bytes. */
size_t build_finish(struct builder *b);

/* Sets or clears header flags of the message being built, e.g. FLAG_TC, and the low rcode bits. */
void build_set_flags(struct builder *b, uint16_t set, uint16_t clear);
void build_set_rcode(struct builder *b, uint16_t rcode);

#endif
