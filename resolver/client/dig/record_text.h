/* SPDX-License-Identifier: MIT */
/* One record as one or more lines of text, in dig's columns. */
#ifndef RW_CLIENT_DIG_RECORD_TEXT_H
#define RW_CLIENT_DIG_RECORD_TEXT_H

#include "resolver/client/dig/options.h"
#include "resolver/client/out.h"
#include "resolver/wire/records.h"

/* The whole record with its final newline. */
void record_print(FILE *file, const struct query_options *options, struct arena *arena,
	const struct record *record);

/* A question as dig's comment line. */
void record_print_question(FILE *file, const struct query_options *options, struct arena *arena,
	const struct question *question);

/* The rdata alone, with long base64 and hex fields in chunks; NULL: the arena is full. */
const char *record_rdata(const struct query_options *options, struct arena *arena, uint16_t type,
	const struct rdata *rdata);

#endif
