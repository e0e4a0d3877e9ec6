/* SPDX-License-Identifier: MIT */
/*
 * A message byte by byte: which field each byte belongs to and what it means there. It reads any
 * bytes, sound or not, and stops understanding where they stop making sense; what stands behind
 * that is a field "not read". Text is printable ASCII whatever the bytes are.
 *
 * Layouts of rdata, EDNS options and service parameters are tables of parts (dissect_table.c); a
 * part is read by one of the readers of dissect_part.c.
 */
#ifndef RW_CLIENT_WIRE_DISSECT_H
#define RW_CLIENT_WIRE_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

struct dissect_field {
	size_t offset, size; /* size 0: a remark on the field before */
	const char *label;   /* "" where the label above still holds */
	const char *text;    /* valid during the call only */
};

typedef void (*dissect_emit)(void *ctx, const struct dissect_field *field);

struct dissect_summary {
	unsigned pointers; /* compression pointers */
	size_t saved;      /* bytes they saved */
	size_t left_over;  /* bytes behind the last record, or not read */
	bool broken;       /* it could not be read to its end */
};

/* Every byte is in exactly one field; fields come in the order of the bytes. */
void dissect(const uint8_t *wire, size_t size, dissect_emit emit, void *ctx,
	struct dissect_summary *ret_summary);

/* ---- for the readers ---- */

struct dissection {
	const uint8_t *wire;
	size_t size, at;
	size_t end; /* of what is being read: the message, rdata, an option */
	dissect_emit emit;
	void *ctx;
	struct dissect_summary summary;
};

typedef void (*dissect_reader)(struct dissection *d, const char *label);

struct dissect_part {
	dissect_reader read;
	const char *label;
};

#define DISSECT_PARTS 10

struct dissect_layout {
	uint16_t number; /* record type, option code, parameter key */
	const char *name;
	struct dissect_part parts[DISSECT_PARTS];
};

/* The parts of one rdata, option or parameter; what is left of it at the end is shown as such. */
void dissect_parts(struct dissection *d, const struct dissect_layout *layout);

/* NULL where no layout is known. */
const struct dissect_layout *dissect_rdata_layout(uint16_t type);
const struct dissect_layout *dissect_option_layout(uint16_t code);
const struct dissect_layout *dissect_param_layout(uint16_t key);

/* Emits `size` bytes (no more than are left) and goes on behind them. */
void dissect_put(struct dissection *d, size_t size, const char *label, const char *format, ...)
	RW_PRINTF(4, 5);

/* Whether `size` bytes are left; if not, what is left is shown as cut short. */
bool dissect_need(struct dissection *d, size_t size, const char *label);

/* Two bytes of number and two of length; then the value with that layout, in bounds of its own. */
void dissect_item(struct dissection *d, const char *label,
	const struct dissect_layout *(*find)(uint16_t number));

void dissect_name(struct dissection *d, const char *label);
void dissect_u8(struct dissection *d, const char *label);
void dissect_u16(struct dissection *d, const char *label);
void dissect_u32(struct dissection *d, const char *label);
void dissect_ttl(struct dissection *d, const char *label);
void dissect_time(struct dissection *d, const char *label); /* RFC 4034 section 3.1.5 */
void dissect_type(struct dissection *d, const char *label);
void dissect_algorithm(struct dissection *d, const char *label);
void dissect_digest(struct dissection *d, const char *label);
void dissect_key_flags(struct dissection *d, const char *label);
void dissect_ipv4(struct dissection *d, const char *label);   /* one or more */
void dissect_ipv6(struct dissection *d, const char *label);   /* one or more */
void dissect_prefix(struct dissection *d, const char *label); /* RFC 7871 section 6 */
void dissect_string(struct dissection *d, const char *label);
void dissect_strings(struct dissection *d, const char *label); /* up to the end */
void dissect_text(struct dissection *d, const char *label);    /* up to the end */
void dissect_bytes(struct dissection *d, const char *label);   /* up to the end */
void dissect_client_cookie(struct dissection *d, const char *label);
void dissect_salt(struct dissection *d, const char *label);
void dissect_hash(struct dissection *d, const char *label);
void dissect_bitmap(struct dissection *d, const char *label);
void dissect_params(struct dissection *d, const char *label);
void dissect_keys(struct dissection *d, const char *label);
void dissect_error(struct dissection *d, const char *label);
void dissect_tenths(struct dissection *d, const char *label);

#endif
