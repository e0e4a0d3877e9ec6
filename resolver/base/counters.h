/* SPDX-License-Identifier: MIT */
/*
 * What a worker counts. Each worker has a block of its own, which only its thread writes, so that
 * counting takes no lock and no locked instruction; any thread may read the blocks at any time and
 * add them up. A reader gets each number as it was at some moment during the read, so that numbers
 * of one reading may differ by the queries that were in work meanwhile.
 */
#ifndef RW_BASE_COUNTERS_H
#define RW_BASE_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

enum counter {
	/* Queries of clients, by what became of them. */
	COUNT_RECEIVED,
	COUNT_DROPPED, /* without an answer */
	COUNT_MALFORMED,
	COUNT_REFUSED,
	COUNT_LOCAL,     /* answered from what is served here */
	COUNT_BLOCKED,   /* a rule of policy has decided */
	COUNT_HITS,      /* answered from the cache */
	COUNT_STALE,     /* of these, with expired data */
	COUNT_ASKED,     /* handed to the engine */
	COUNT_REFRESHED, /* refreshments begun for entries that are about to expire */
	COUNT_DISCARDED, /* answers that came later than discard-timeout */
	/* Questions to servers. */
	COUNT_UDP_SENT,
	COUNT_TCP_SENT,
	COUNT_TCP_OPENED, /* connections */
	COUNT_REPLIES,
	COUNT_TIMEOUTS,
	COUNT_NEAR_MISSES, /* packets that were not quite the reply */
	COUNT_MAX,
};

#define COUNTERS_LINE 64 /* bytes of a cache line */

/* A block; zeroes are a new one. It fills whole cache lines. */
struct counters {
	_Atomic uint64_t values[(COUNT_MAX + 7) / 8 * 8];
};

_Static_assert(sizeof(struct counters) % COUNTERS_LINE == 0, "a block fills whole cache lines");

/* Blocks for so many threads, none of which shares a cache line with another or with anything else.
 * NULL without memory; the caller frees them with free(). */
struct counters *counters_new(size_t count);

/* For the thread that the block belongs to. */
static inline void counters_add(struct counters *counters, enum counter which, uint64_t number)
{
	_Atomic uint64_t *value = &counters->values[which];
	uint64_t before = atomic_load_explicit(value, memory_order_relaxed);
	atomic_store_explicit(value, before + number, memory_order_relaxed);
}

static inline void counters_increment(struct counters *counters, enum counter which)
{
	counters_add(counters, which, 1);
}

/* For any thread. */
static inline uint64_t counters_get(const struct counters *counters, enum counter which)
{
	return atomic_load_explicit(&counters->values[which], memory_order_relaxed);
}

#endif
