/* SPDX-License-Identifier: MIT */
/*
 * SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): the keyed hash of
 * every table that outsiders can put names into, so that they cannot choose who collides.
 */
#ifndef RW_BASE_SIPHASH_H
#define RW_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k[2];
};

uint64_t siphash(const struct siphash_key *key, const void *data, size_t size);

#endif
