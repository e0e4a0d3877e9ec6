/* SPDX-License-Identifier: MIT */
/*
 * A snapshot: settings, root hints and the table of hosts of one moment, immutable, counted by its
 * users in any thread, freed by the last. A reload makes a new one.
 */
#ifndef RW_ENGINE_SNAPSHOT_H
#define RW_ENGINE_SNAPSHOT_H

#include "resolver/base/arena.h"
#include "resolver/base/settings.h"
#include "zones/delegation.h"
#include "zones/hosts.h"

struct snapshot {
	struct settings settings;
	const struct delegation *hints; /* in `arena` */
	const struct hosts *hosts;      /* the same; NULL: none */
	struct arena arena;
	_Atomic unsigned users;
};

/*
 * Takes over `settings` (also on failure, when they are released) and reads the root hints they
 * name. `ret_line` as for hints_load. The caller is the first user.
 */
int snapshot_new(
	struct settings *settings, struct snapshot **ret_snapshot, int *ret_line) RW_MUSTCHECK;
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* NULL does nothing */

#endif
