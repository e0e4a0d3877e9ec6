/* SPDX-License-Identifier: MIT */
/* Between the reader of block lists (block_read.c) and the rules of other programs that are found
 * in them (block_rules.c). */
#ifndef RW_LISTS_BLOCK_INNER_H
#define RW_LISTS_BLOCK_INNER_H

#include "zones/lists/block_read.h"
#include "zones/lists/block_words.h"

/* Lines of a kind that are left out. */
struct block_left_out {
	size_t count;
	unsigned first; /* line */
};

struct block_reader {
	const char *path;
	unsigned line;
	struct fault_list *faults;
	struct block_names *names;
	size_t listed; /* names added or met again */
	size_t bad;    /* lines */
	struct block_left_out rules, exceptions;
};

/* Adds the name that the text is; one that is none makes a bad line. RW_ELIMIT, RW_ENOMEM. */
int block_add_text(struct block_reader *r, struct name_table *table, struct span text,
	unsigned kind) RW_MUSTCHECK;

/* The line at hand says what names alone cannot. */
void block_leave_out(struct block_reader *r, struct block_left_out *what);

/* Whether the line can be nothing but a rule of that program. */
bool block_is_adblock(struct span line);
bool block_is_dnsmasq(struct span line);

/* Takes the line. RW_ELIMIT, RW_ENOMEM. */
int block_read_adblock(struct block_reader *r, struct span line) RW_MUSTCHECK;
int block_read_dnsmasq(struct block_reader *r, struct span line) RW_MUSTCHECK;

#endif
