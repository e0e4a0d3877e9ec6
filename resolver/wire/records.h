/* SPDX-License-Identifier: MIT */
/*
 * The records of a message one by one, in the message's own order and with each record's own TTL:
 * what a reader of the message itself wants to see (the client's output), where msg_parse gives
 * record sets (what a resolver wants). Names in rdata are expanded (RFC 1035 section 4.1.4).
 */
#ifndef RW_WIRE_RECORDS_H
#define RW_WIRE_RECORDS_H

#include "resolver/wire/msg.h"
#include "resolver/wire/precheck.h"

struct record {
	uint8_t section; /* enum msg_section */
	uint16_t type, class;
	uint32_t ttl;         /* s */
	const uint8_t *owner; /* in the arena */
	struct rdata rdata;   /* names expanded, in the arena */
};

/* A reader; the message stays the caller's and outlives it. */
struct records {
	const uint8_t *wire;
	size_t size, offset;
	struct precheck info; /* header, counts, where the OPT record is */
	unsigned section;     /* enum msg_section */
	unsigned left;        /* records left in the section */
};

/* Prechecks the message. RW_EMALFORMED, RW_ELIMIT. */
int records_begin(
        const uint8_t *wire, size_t size, struct records *ret_reader) RW_MUSTCHECK;

/* The next record, OPT and TSIG included. RW_ENOTFOUND behind the last one; RW_ENOMEM. */
int records_next(
        struct records *reader, struct arena *arena, struct record *ret_record) RW_MUSTCHECK;

/* The first question of the message; RW_ENOTFOUND where it has none. */
int records_question(const struct records *reader, struct arena *arena,
        struct question *ret_question) RW_MUSTCHECK;

#endif
