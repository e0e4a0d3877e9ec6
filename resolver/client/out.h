/* SPDX-License-Identifier: MIT */
/*
 * Where the client writes to, and small words of text: escaped bytes, TTLs with units, durations.
 * Nothing a server sent reaches a terminal but through name_text, text_rdata or out_escape.
 */
#ifndef RW_CLIENT_OUT_H
#define RW_CLIENT_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "resolver/base/rw.h"
#include "resolver/wire/name.h"

#define OUT_COLUMNS 80   /* columns no line of a trace is wider than */
#define OUT_TTL     32   /* bytes that hold any TTL or duration as text */
#define OUT_TEXT    4096 /* bytes of one text before it is wrapped; longer ones are cut */

enum out_colour {
	OUT_PLAIN,
	OUT_GOOD,
	OUT_BAD,
	OUT_NOTE, /* beside the point, dim */
	OUT_HEAD,
};

struct out {
	FILE *file;
	bool colour; /* escape sequences may be written */
	bool utf8;   /* box drawing may be written */
	bool live;   /* lines may be wiped and written again */
};

/*
 * Colour and box drawing on a terminal only; NO_COLOR, TERM=dumb and the locale are obeyed.
 * CLICOLOR_FORCE asks for colour elsewhere too; NO_COLOR is stronger.
 */
struct out out_terminal(FILE *file);

/* Start and end of a coloured stretch; "" without colour. */
const char *out_on(const struct out *out, enum out_colour colour);
const char *out_off(const struct out *out);

/*
 * Printable ASCII of `size` bytes; others as \DDD. What does not fit into `cap` is cut with "...".
 * Returns `buf`.
 */
const char *out_escape(const void *bytes, size_t size, char *buf, size_t cap);

/*
 * A name in at most `width` columns (>= 8), its middle replaced by "..." where needed. In lower
 * case: the letters a server repeats are those our own letter-case randomisation chose.
 */
const char *out_name(const uint8_t *name, bool final_dot, unsigned width, char *buf, size_t cap);

/*
 * How many bytes of `*at` make a line of `width` columns: up to a blank where there is one.
 * Escape sequences of colour take no column. `*at` moves on to the next line.
 */
int out_wrap(const char **at, size_t width);

/* The text in at most `width` columns (>= 3), its end replaced by "..." where needed. */
const char *out_cut(const char *text, size_t width, char *buf, size_t cap);

/* "word    text", wrapped at blanks, further lines indented. */
void out_field(const struct out *out, const char *word, enum out_colour colour, const char *format,
	...) RW_PRINTF(4, 5);

/* "1h30m", "0s"; weeks to seconds. */
const char *out_ttl(uint32_t ttl, char buf[OUT_TTL]);

/* A duration in whole microseconds or, without `usec`, milliseconds. */
static inline uint32_t out_ticks(uint32_t us, bool usec)
{
	return usec ? us : us / 1000;
}

/* "0.42ms", "4.2ms", "42ms", "1.5s". */
const char *out_duration(uint64_t us, char buf[OUT_TTL]);

#endif
