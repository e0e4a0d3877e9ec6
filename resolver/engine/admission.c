/* SPDX-License-Identifier: MIT */
/* A keyed table of zones. An entry lives as long as somebody counts in it. */
#include "resolver/engine/admission.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

struct zone_seats {
	struct keyed_entry entry;
	uint32_t seated, waiting;
	struct list line; /* of seats */
	struct name name;
};

static struct zone_seats *find_zone(struct admission *admission, const uint8_t *zone)
{
	uint64_t hash = name_hash(zone, &admission->zones.key);
	keyed_match(struct zone_seats, found, &admission->zones, hash, entry)
		if (name_equal(found->name.bytes, zone))
			return found;
	struct zone_seats *made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	(void)name_copy(zone, &made->name);
	keyed_add(&admission->zones, &made->entry, hash);
	return made;
}

static void forget_empty_zone(struct admission *admission, struct zone_seats *zone)
{
	if (zone->seated > 0 || zone->waiting > 0)
		return;
	keyed_remove(&admission->zones, &zone->entry);
	free(zone);
}

static void join_line(struct zone_seats *zone, struct seat *seat)
{
	list_append(&zone->line, &seat->line);
	zone->waiting++;
}

static void leave_line(struct zone_seats *zone, struct seat *seat)
{
	list_remove(&seat->line);
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
	if (admission_in_line(seat)) {
		leave_line(zone, seat);
	} else if ((heir = list_first(&zone->line, struct seat, line))) {
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
