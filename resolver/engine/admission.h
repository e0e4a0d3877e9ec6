/* SPDX-License-Identifier: MIT */
/*
 * Quotas of one worker: how many jobs may ask the servers of one zone at the same time, and how
 * many questions of one client may wait.
 *
 * A job has a *seat* in the zone whose servers it asks. The seats of a zone are LIMIT_ZONE_JOBS;
 * who comes later stands in line, LIMIT_ZONE_LINE at most, and gets a seat when one becomes free:
 * a burst of good questions is delayed, a flood of random names below one slow zone
 * takes no more than its share of the table. Nothing here knows what a job is.
 */
#ifndef RW_ENGINE_ADMISSION_H
#define RW_ENGINE_ADMISSION_H

#include "resolver/base/addr.h"
#include "resolver/base/siphash.h"
#include "resolver/wire/name.h"

#define ADMISSION_BUCKETS 1024 /* a power of two */

struct zone_seats;
struct client_share;

/* Zeroes are an empty one, but for the key. */
struct admission {
	struct siphash_key key;
	struct zone_seats *zones[ADMISSION_BUCKETS];
	struct client_share *clients[ADMISSION_BUCKETS];
};

/* Embedded in whoever wants one; zeroes are no seat. */
struct seat {
	struct zone_seats *zone;  /* NULL: neither seated nor in line */
	struct seat *next, *prev; /* in line */
	bool in_line;
};

enum admission_verdict {
	ADMISSION_SEATED,
	ADMISSION_IN_LINE,
	ADMISSION_FULL, /* no seat, and no place in line (or no memory) */
};

/* `seat` has none. `may_wait`: whether it would stand in line. */
enum admission_verdict admission_enter(
	struct admission *admission, struct seat *seat, const uint8_t *zone, bool may_wait);

/* Gives the seat, or the place in line, up. Returns who gets a seat by that, or NULL. */
struct seat *admission_leave(struct admission *admission, struct seat *seat);

/* The zone of the seat, or NULL; valid as long as somebody has a seat there. */
const uint8_t *admission_zone(const struct seat *seat);

/* Whether both addresses count as one client: all of one IPv6 /64 do. */
bool admission_same_client(const struct addr *a, const struct addr *b);

/*
 * One more question of the client at that address waits; NULL: LIMIT_CLIENT_WAITING do already, or
 * there is no memory.
 */
struct client_share *admission_client_enter(
	struct admission *admission, const struct addr *address);

/* It waits no more. NULL does nothing. */
void admission_client_leave(struct admission *admission, struct client_share *share);

#endif
