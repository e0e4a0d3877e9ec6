/* SPDX-License-Identifier: MIT */
/*
 * How many jobs may ask the servers of one zone at the same time. The limit for all workers
 * together is LIMIT_ZONE_JOBS; each worker has a fixed part of it, so that no worker waits for
 * another.
 *
 * A job holds a *seat* at the zone whose servers it asks. When all seats are taken, up to
 * LIMIT_ZONE_LINE jobs wait in line for one: a burst of good questions is delayed, while a flood of
 * random names below one slow zone takes no more than its share of the table. This file does not
 * know what a job is.
 */
#ifndef RW_ENGINE_ADMISSION_H
#define RW_ENGINE_ADMISSION_H

#include "resolver/base/keyed_table.h"
#include "resolver/base/list.h"
#include "resolver/wire/name.h"

struct zone_seats;

/* Zeroed, it is empty; the key of the table and the number of seats must be set. */
struct admission {
	uint32_t zone_jobs; /* seats that one zone has here */
	struct keyed_table zones;
};

/* Embedded in the object that takes a seat; zeroed, it is none. */
struct seat {
	struct zone_seats *zone; /* NULL: neither seated nor in line */
	struct list_link line;   /* linked: in line */
};

enum admission_verdict {
	ADMISSION_SEATED,
	ADMISSION_IN_LINE,
	ADMISSION_FULL, /* no seat, and no place in line (or no memory) */
};

/* The part of a common limit that one of `workers` workers has, but not less than `least`. */
uint32_t admission_part(uint32_t limit, uint32_t least, unsigned workers);

/* `seat` has none. `may_wait`: whether it would stand in line. */
enum admission_verdict admission_enter(
	struct admission *admission, struct seat *seat, const uint8_t *zone, bool may_wait);

/* Gives up the seat or the place in line. Returns the seat that is granted in turn, or NULL. */
struct seat *admission_leave(struct admission *admission, struct seat *seat);

/* Whether it is still waiting. */
static inline bool admission_in_line(const struct seat *seat)
{
	return list_is_linked(&seat->line);
}

/* The zone of the seat, or NULL; valid as long as somebody has a seat there. */
const uint8_t *admission_zone(const struct seat *seat);

#endif
