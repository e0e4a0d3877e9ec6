/* SPDX-License-Identifier: MIT */
/*
 * The deepest zone cut known for a name: where a walk starts. Configured routes come first
 * (`forward` always, `stub` unless a deeper delegation is known), and so does a cut of a zone of
 * our own unless a route leads deeper; then delegations in the cache, then the root hints.
 */
#ifndef RW_ZONES_ZONECUT_H
#define RW_ZONES_ZONECUT_H

#include "resolver/base/settings.h"
#include "zones/delegation.h"

struct zonecut_query {
	struct cache *cache;
	const struct settings *settings;
	const struct delegation *hints;
	const uint8_t *name;
	uint16_t type;         /* DS is asked of the parent: the cut lies above the name */
	bool without_forwards; /* they have failed, and `first` allows to iterate */
	const uint8_t *above;  /* not NULL: only cuts strictly above this zone */
	const struct delegation *localdata; /* a cut of a zone of ours above the name, or NULL */
	uint64_t now_ms;
};

/*
 * Never fails to find something: the hints are the last resort. RW_ENOMEM. The result lives in the
 * arena, but for the hints themselves, which are handed out as they are.
 */
int zonecut_find(const struct zonecut_query *query, struct arena *arena,
	const struct delegation **ret_cut) RW_MUSTCHECK;

/*
 * Whether a denial says nothing of the name: it denies a name above the zone of a route that the
 * name belongs to, and what the public tree lacks says nothing of that zone.
 */
bool zonecut_hides_denial(
	const struct settings *settings, const uint8_t *name, const uint8_t *denied);

/*
 * The special-use or locally served zone (special_use.h) in which the name is answered here, or
 * NULL: none, or `special-use` is off, or a route leads to a zone at or below that one, as to a
 * cluster's cluster.local or to the servers of a private reverse zone.
 */
const uint8_t *zonecut_special_zone(const struct settings *settings, const uint8_t *name);

#endif
