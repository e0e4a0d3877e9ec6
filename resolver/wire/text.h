/* SPDX-License-Identifier: MIT */
/*
 * Presentation form, through ldns: records to master-file text and back, mnemonics of types,
 * classes and rcodes. ldns sees only data that passed precheck, or text that is bounded here.
 */
#ifndef RW_WIRE_TEXT_H
#define RW_WIRE_TEXT_H

#include "resolver/base/arena.h"
#include "resolver/wire/rrset.h"

#define TEXT_TYPE 16 /* bytes that hold any type's mnemonic */

/* "AAAA", or "TYPE65280" (RFC 3597 section 5). Returns `buf`. */
const char *text_type(uint16_t type, char buf[TEXT_TYPE]);
int text_to_type(const char *text, uint16_t *ret_type) RW_MUSTCHECK;

/* "IN", or "CLASS32". Returns `buf`. */
const char *text_class(uint16_t class, char buf[TEXT_TYPE]);
int text_to_class(const char *text, uint16_t *ret_class) RW_MUSTCHECK;

/* "NXDOMAIN", or "RCODE42" from static storage of constants or `buf`. */
const char *text_rcode(uint16_t rcode, char buf[TEXT_TYPE]);
const char *text_opcode(uint8_t opcode, char buf[TEXT_TYPE]);

/*
 * The rdata of one record as master-file text, in the arena: printable ASCII only. Unknown types
 * and rdata that ldns cannot print come out in RFC 3597 form (\# length hex). NULL: arena full.
 */
const char *text_rdata(struct arena *arena, uint16_t type, const struct rdata *record);

/*
 * One master-file line ("name TTL class type rdata") to a set of one record. `origin` (wire form)
 * completes relative names, NULL means the root; `ttl` is used where the line gives none.
 * `previous` (may be NULL) is the owner of a line that starts with white space.
 */
int text_to_rrset(struct arena *arena, const char *line, const uint8_t *origin,
	const uint8_t *previous, uint32_t ttl, struct rrset **ret_set) RW_MUSTCHECK;

/*
 * A whole master file. Calls `add` per record, in order; `add` returns 0 to go on. On an error
 * `ret_line` (may be NULL) has the line number. $ORIGIN, $TTL and $GENERATE are obeyed, $INCLUDE is
 * refused.
 */
int text_read_file(struct arena *arena, const char *path, const uint8_t *origin,
	int (*add)(void *ctx, const struct rrset *record), void *ctx, int *ret_line) RW_MUSTCHECK;

/* What a hex digit stands for, 0 to 15; -1: it is none. */
int text_hex_digit(char c);

/* What is wrong with a line. */
struct text_fault {
	int line, err;
	uint16_t type;    /* of the record, 0 where it was not read that far */
	const char *word; /* raw bytes of the file to be shown before `why`, or NULL */
	const char *why;  /* an English clause with the remedy */
};

/* Both return 0 to go on; anything else ends the reading, and is what it returns. */
struct text_reader {
	int (*add)(void *ctx, int line, const struct rrset *record);
	int (*fault)(void *ctx, const struct text_fault *fault); /* the line is passed over */

	/*
	 * $INCLUDE of the file in that line; NULL: it is refused. The bytes are kept until
	 * `included`, which is called when they are read; until then, lines are of that file.
	 * RW_EINVAL: what is wrong is an English clause in `ret_why`, kept until the next call;
	 * RW_ENOMEM.
	 */
	int (*include)(void *ctx, int line, const char *file, const char **ret_bytes,
		size_t *ret_size, const char **ret_why);
	void (*included)(void *ctx);
	void *ctx;
};

/*
 * A whole master file from memory, all faults of it in one reading. `add` may clear the arena:
 * nothing but its record is in it. RW_ENOMEM, RW_ELIMIT (larger than LIMIT_ZONE_BYTES).
 */
int text_read_lines(struct arena *arena, const char *bytes, size_t size, const uint8_t *origin,
	const struct text_reader *reader) RW_MUSTCHECK;

/* text_read_file from memory. */
int text_read(struct arena *arena, const char *bytes, size_t size, const uint8_t *origin,
	int (*add)(void *ctx, const struct rrset *record), void *ctx, int *ret_line) RW_MUSTCHECK;

#endif
