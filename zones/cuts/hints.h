/* SPDX-License-Identifier: MIT */
/*
 * Root hints (RFC 9609): names and addresses of root servers, from a file in master-file form or
 * the copy that is compiled in. They are only used to ask the root for its own NS set (priming).
 */
#ifndef RW_CUTS_HINTS_H
#define RW_CUTS_HINTS_H

#include "zones/cuts/delegation.h"

/*
 * Reads a hints file into a delegation of the root, all in the arena; every address gets `port`.
 * NULL `path`: the compiled-in copy. On failure `ret_line` (may be NULL) is the line of the fault,
 * 0 when the file itself cannot be read (errno) or holds no root server with an address.
 */
int hints_load(struct arena *arena, const char *path, uint16_t port,
	const struct delegation **ret_hints, int *ret_line) RW_MUSTCHECK;

#endif
