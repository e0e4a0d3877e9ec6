/* SPDX-License-Identifier: MIT */
/*
 * Notes: what a walk did, step by step, as data. The trace, the explanations, the query log and
 * the extended errors are all rendered from these, so they cannot disagree. Notes live in the
 * request's arena.
 */
#ifndef RW_ITERATE_NOTE_H
#define RW_ITERATE_NOTE_H

#include "cache/cache.h"
#include "zones/cuts/delegation.h"

enum note_kind {
	NOTE_BEGIN,   /* a walk begins: question, parent, why */
	NOTE_CACHED,  /* an answer or a part of it was in the cache: sets */
	NOTE_LOCAL,   /* answered from a locally served zone */
	NOTE_CUT,     /* the delegation the walk starts from: delegation */
	NOTE_REPLY,   /* a server replied: all of the hop's fields */
	NOTE_NOREPLY, /* a server did not: noreply */
	NOTE_RESTART, /* goes on at the target of an alias: target */
	NOTE_SKIP,    /* a server is not asked: skip */
	NOTE_END,     /* the walk ended: rcode, ede */
};

enum reply_kind {
	REPLY_ANSWER,
	REPLY_ALIAS, /* CNAME or DNAME whose target is not answered in the same reply */
	REPLY_REFERRAL,
	REPLY_NODATA,
	REPLY_NXDOMAIN,
	REPLY_YXDOMAIN,  /* a DNAME made too long a name */
	REPLY_TRUNCATED, /* asked again over TCP */
	REPLY_NO_EDNS,   /* FORMERR, NOTIMP or BADVERS: asked again without EDNS */
	REPLY_BADCOOKIE, /* asked again with the cookie it sent */
	REPLY_CHILD_DS,  /* the child's word on a DS set: the parent must be found first */
	/* From here on the reply is of no use, and the next server is asked. */
	REPLY_REFUSED,
	REPLY_SERVFAIL,
	REPLY_BAD_RCODE, /* any other rcode */
	REPLY_LAME, /* not authoritative: refers upwards, sideways or to itself, or AA is missing */
	REPLY_NOBODY, /* a referral that names no server at all */
	REPLY_EMPTY,  /* nothing in it: a denial only if others say the same */
	REPLY_MALFORMED,
	REPLY_MISMATCH, /* another question, not a response, another opcode or class */
};

enum skip_reason {
	SKIP_LAME,      /* known to be lame for the zone */
	SKIP_FORBIDDEN, /* an address that must not be asked (loopback, private, multicast) */
	SKIP_FAMILY,    /* the address family is switched off */
};

/* The security verdict of a hop stays SECURITY_UNCHECKED until there is a validator. */
struct note {
	enum note_kind kind;
	uint32_t walk, parent; /* numbers; 0 is the client's own question */
	unsigned depth;
	uint64_t now_ms;
	struct question question; /* of the walk, where it is now */

	/* REPLY, NOREPLY, SKIP: who was asked what. */
	struct question asked;      /* as sent, maybe shortened; the name in lower case */
	const uint8_t *zone;        /* the cut it was asked as a server of */
	const uint8_t *server_name; /* NULL for configured servers */
	struct addr server;
	uint8_t address_source; /* enum address_source */
	uint8_t transport;      /* enum transport */
	uint32_t rtt_us;
	uint16_t size; /* bytes of the reply */
	int noreply;   /* enum exchange_end */
	int skip;      /* enum skip_reason */

	/* REPLY */
	enum reply_kind reply;
	uint16_t rcode;
	bool aa, tc, ra, edns;
	int ede;                             /* the server's extended error, EDE_NONE without */
	const struct msg *msg;               /* the whole reply; NULL when malformed */
	const struct delegation *delegation; /* REFERRAL, CUT: the new cut */
	const struct rrset *const *sets;     /* ANSWER, ALIAS, CACHED: what was believed */
	unsigned set_count;
	const struct provenance *from; /* CACHED: of each set */
	const struct rrset *soa;       /* NODATA, NXDOMAIN */
	const uint8_t *target;         /* ALIAS, RESTART */

	/* END */
	int end_ede;
	const char *end_text;

	uint32_t sends_left; /* of the request's budget */
};

/* "REFERRAL", "timed out", "hints", ...: the words all renderings use. */
const char *note_reply_text(enum reply_kind kind);
const char *note_noreply_text(int noreply);
const char *note_skip_text(int skip);
const char *note_address_source_text(int source);
const char *note_transport_text(int transport);

#endif
