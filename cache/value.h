/* SPDX-License-Identifier: MIT */
/*
 * The stored form of what an entry holds. A record set: class, counts, owner, then each record as
 * size and bytes. A failure: code and text.
 */
#ifndef RW_CACHE_VALUE_H
#define RW_CACHE_VALUE_H

#include "resolver/wire/rrset.h"

size_t value_set_size(const struct rrset *set);
void value_put_set(const struct rrset *set, uint8_t *out);

/* A set whose bytes are one copy of `value` in the arena; NULL when that is full. */
struct rrset *value_get_set(
	const uint8_t *value, size_t size, uint16_t type, uint32_t ttl, struct arena *arena);

#endif
