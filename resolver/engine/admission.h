/* SPDX-License-Identifier: MIT */
/*
 * How many jobs may ask the servers of one zone at the same time. LIMIT_ZONE_JOBS may in all
 * workers; each has its part of them, so that none waits for what another one does not give back.
 *
 * A job has a *seat* in the zone whose servers it asks. Who comes when all are taken stands in
 * line, LIMIT_ZONE_LINE at most, and gets a seat when one becomes free: a burst of good questions
 * is delayed, a flood of random names below one slow zone takes no more than its share of the
 * table. Nothing here knows what a job is.
 */
#ifndef RW_ENGINE_ADMISSION_H
#define RW_ENGINE_ADMISSION_H

#include "resolver/base/keyed_table.h"
#include "resolver/base/list.h"
#include "resolver/wire/name.h"

struct zone_seats;

/* Zeroes are an empty one, but for the key of the table and the seats. */
struct admission {
	uint32_t zone_jobs; /* seats that one zone has here */
	struct keyed_table zones;
};

/* Embedded in whoever wants one; zeroes are no seat. */
struct seat {
	struct zone_seats *zone; /* NULL: neither seated nor in line */
	struct list_link line;   /* linked: in line */
};

enum admission_verdict {
	ADMISSION_SEATED,
	ADMISSION_IN_LINE,
	ADMISSION_FULL, /* no seat, and no place in line (or no memory) */
};

/* What one of so many workers has of a bound that is for all, but not less than `least`. */
uint32_t admission_part(uint32_t limit, uint32_t least, unsigned workers);

/* `seat` has none. `may_wait`: whether it would stand in line. */
enum admission_verdict admission_enter(
	struct admission *admission, struct seat *seat, const uint8_t *zone, bool may_wait);

/* Gives the seat, or the place in line, up. Returns who gets a seat by that, or NULL. */
struct seat *admission_leave(struct admission *admission, struct seat *seat);

/* Whether it is still waiting. */
static inline bool admission_in_line(const struct seat *seat)
{
	return list_is_linked(&seat->line);
}

/* The zone of the seat, or NULL; valid as long as somebody has a seat there. */
const uint8_t *admission_zone(const struct seat *seat);

#endif
