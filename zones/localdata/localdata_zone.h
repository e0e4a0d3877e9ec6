/* SPDX-License-Identifier: MIT */
/*
 * A zone of ours as a table: the zone itself, the PTR records that its addresses imply, and, where
 * it delegates a part of itself, a cache of its own for what is learnt below its cuts. Views
 * with the same names share all of it; what is below a cut of it is the same for them.
 */
#ifndef RW_LOCALDATA_LOCALDATA_ZONE_H
#define RW_LOCALDATA_LOCALDATA_ZONE_H

#include "cache/cache.h"
#include "zones/localdata/hosts.h"
#include "zones/table.h"
#include "zones/authority/zone.h"

struct localdata_zone {
	struct table table;
	uint8_t *apex;
	struct zone
		*zone; /* NULL: its file could not be read; nothing below the apex is answered */
	struct hosts *back;  /* PTR records, where no zone or table of ours has the reverse name */
	struct cache *cache; /* NULL: nothing is delegated */
};

/*
 * Takes over the zone (NULL: as above), on failure too. `source` as for table_init; `env`
 * and `params` (of the resolver's own cache; its size does not count) for the cache. RW_ENOMEM.
 */
int localdata_zone_new(const uint8_t *apex, struct zone *zone, const struct table_source *source,
	const struct env *env, const struct cache_params *params,
	struct localdata_zone **ret_zone) RW_MUSTCHECK;

#endif
