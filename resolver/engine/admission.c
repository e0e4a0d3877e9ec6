/* SPDX-License-Identifier: MIT */
/* A keyed table of zones. An entry lives as long as somebody counts in it. */
#include "resolver/engine/admission.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

struct zone_seats {
	struct zone_seats *next; /* in the chain of the table */
	uint64_t hash;
	uint32_t seated, waiting;
	struct seat *first, *last; /* the line */
	struct name name;
};

static struct zone_seats **zone_link(
	struct admission *admission, uint64_t hash, const uint8_t *zone)
{
	struct zone_seats **link = &admission->zones[hash & (ADMISSION_BUCKETS - 1)];
	while (*link && ((*link)->hash != hash || !name_equal((*link)->name.bytes, zone)))
		link = &(*link)->next;
	return link;
}

static struct zone_seats *find_zone(struct admission *admission, const uint8_t *zone)
{
	uint64_t hash = name_hash(zone, &admission->key);
	struct zone_seats **link = zone_link(admission, hash, zone), *found = *link;
	if (found)
		return found;
	struct zone_seats *made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	made->hash = hash;
	(void)name_copy(zone, &made->name);
	*link = made;
	return made;
}

static void forget_empty_zone(struct admission *admission, struct zone_seats *zone)
{
	if (zone->seated > 0 || zone->waiting > 0)
		return;
	struct zone_seats **link = zone_link(admission, zone->hash, zone->name.bytes);
	*link = zone->next;
	free(zone);
}

static void join_line(struct zone_seats *zone, struct seat *seat)
{
	seat->in_line = true;
	seat->next = NULL;
	seat->prev = zone->last;
	*(zone->last ? &zone->last->next : &zone->first) = seat;
	zone->last = seat;
	zone->waiting++;
}

static void leave_line(struct zone_seats *zone, struct seat *seat)
{
	*(seat->prev ? &seat->prev->next : &zone->first) = seat->next;
	*(seat->next ? &seat->next->prev : &zone->last) = seat->prev;
	seat->in_line = false;
	zone->waiting--;
}

uint32_t admission_part(uint32_t limit, uint32_t least, unsigned workers)
{
	return RW_MAX(limit / RW_MAX(workers, 1u), least);
}

enum admission_verdict admission_enter(
	struct admission *admission, struct seat *seat, const uint8_t *zone, bool may_wait)
{
	struct zone_seats *seats = find_zone(admission, zone);
	if (!seats)
		return ADMISSION_FULL;
	if (seats->seated < admission->zone_jobs) {
		seats->seated++;
		seat->zone = seats;
		return ADMISSION_SEATED;
	}
	if (!may_wait || seats->waiting >= LIMIT_ZONE_LINE)
		return ADMISSION_FULL;
	join_line(seats, seat);
	seat->zone = seats;
	return ADMISSION_IN_LINE;
}

struct seat *admission_leave(struct admission *admission, struct seat *seat)
{
	struct zone_seats *zone = seat->zone;
	struct seat *heir = NULL;
	if (!zone)
		return NULL;
	seat->zone = NULL;
	if (seat->in_line) {
		leave_line(zone, seat);
	} else if (zone->first) {
		heir = zone->first;
		leave_line(zone, heir);
	} else {
		zone->seated--;
	}
	forget_empty_zone(admission, zone);
	return heir;
}

const uint8_t *admission_zone(const struct seat *seat)
{
	return seat->zone ? seat->zone->name.bytes : NULL;
}
