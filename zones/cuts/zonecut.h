/* SPDX-License-Identifier: MIT */
/*
 * The deepest zone cut known for a name: where a walk starts. Configured routes come first
 * (`forward` always, `stub` unless a deeper delegation is known), and so does a cut of a zone of
 * our own unless a route leads deeper; then delegations in the cache, then the root hints.
 */
#ifndef RW_CUTS_ZONECUT_H
#define RW_CUTS_ZONECUT_H

#include "resolver/base/settings.h"
#include "zones/cuts/delegation.h"

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
 * Whether a zone that the name belongs to is routed and lies at or below `zone`, as a cluster's
 * cluster.local below local, or a private reverse zone that has servers.
 */
bool zonecut_leads_into(const struct settings *settings, const uint8_t *name, const uint8_t *zone);

#endif
