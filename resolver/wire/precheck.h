/* SPDX-License-Identifier: MIT */
/*
 * The first reader of untrusted bytes: one pass over a whole message, bounded in work, before
 * anything else sees it. What passes has: a whole header; as many records as the counts say and no
 * byte behind them; names within RFC 1035's sizes whose pointers go strictly backwards, at most
 * LIMIT_POINTER_HOPS each; rdata whose names are whole and fill it exactly, for every type with
 * names that may be compressed, and of the right size for A, AAAA, SOA; at most one OPT, owned by
 * the root, in the additional section; at most one TSIG or SIG(0), and that last; no more than
 * LIMIT_MESSAGE_WORK labels and pointers in all (RFC 9267; CVE-2025-24294).
 */
#ifndef RW_WIRE_PRECHECK_H
#define RW_WIRE_PRECHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

struct precheck {
	uint16_t id, flags;     /* as in the header, host order */
	uint16_t counts[4];     /* question, answer, authority, additional */
	uint16_t qtype, qclass; /* of the first question, where there is one */
	uint16_t question_end;  /* offset behind the questions */
	uint16_t opt;           /* offset of the OPT record's owner; 0: none */
	uint16_t signature;     /* offset of a TSIG or SIG(0) record's owner; 0: none */
};

/* Fills only the header fields. RW_EMALFORMED when there is no whole header. */
int precheck_header(const uint8_t *wire, size_t size, struct precheck *ret_info) RW_MUSTCHECK;

/* The whole message. RW_EMALFORMED or RW_ELIMIT; never reads outside `size`. */
int precheck(const uint8_t *wire, size_t size, struct precheck *ret_info) RW_MUSTCHECK;

/* One record's rdata by itself, with no pointer in it: what a record set may hold. */
int precheck_rdata(uint16_t type, const uint8_t *rdata, size_t size) RW_MUSTCHECK;

#endif
