/* SPDX-License-Identifier: MIT */
/* What the two halves of the reader of master files share. */
#ifndef RW_WIRE_MASTER_INNER_H
#define RW_WIRE_MASTER_INNER_H

#include "resolver/wire/rrset.h"

/* The next blank-separated word of `*text`, terminated in place; NULL at the end. */
char *master_word(char **text);

/*
 * Reads rdata for the owner, type, class and TTL of `frame`; relative names are completed by
 * `origin`. The text is written into. RW_EMALFORMED, RW_ELIMIT, RW_ENOMEM.
 */
int master_rdata(struct arena *arena, char *rdata, const uint8_t *origin, const struct rrset *frame,
	struct rrset **ret_set) RW_MUSTCHECK;

#endif
