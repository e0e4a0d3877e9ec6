/* SPDX-License-Identifier: MIT */
/*
 * Queries signed with TSIG. There are no keys here, so every one of them is unknown: the answer is
 * NOTAUTH with a TSIG record that has no MAC and says BADKEY (RFC 8945 section 5.2.1). A client
 * that signs would discard an unsigned response anyway (section 5.4).
 */
#ifndef RW_SERVICE_TSIG_H
#define RW_SERVICE_TSIG_H

#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

/* The longest: two names, 10 bytes of record header, 16 of rdata besides the algorithm. */
#define TSIG_BADKEY_BYTES (255 + 10 + 255 + 16)

/*
 * Writes the record for an answer to `query`, whose TSIG or SIG(0) record begins at `signature`.
 * Returns its size, which is never above that of the query's own. RW_ENOTFOUND: it is not TSIG.
 * RW_EMALFORMED: it cannot be read, which is a FORMERR (section 5.2).
 */
int tsig_badkey(const uint8_t *query, size_t query_size, size_t signature,
	uint8_t out[TSIG_BADKEY_BYTES], size_t *ret_size) RW_MUSTCHECK;

#endif
