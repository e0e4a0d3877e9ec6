/* SPDX-License-Identifier: MIT */
/* Making, sharing and freeing snapshots. */
#include "resolver/engine/snapshot.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "zones/hints.h"

static void release(struct snapshot *snapshot)
{
	arena_release(&snapshot->arena);
	settings_release(&snapshot->settings);
	free(snapshot);
}

int snapshot_new(struct settings *settings, struct snapshot **ret_snapshot, int *ret_line)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot) {
		settings_release(settings);
		return RW_ENOMEM;
	}
	snapshot->settings = *settings;
	memset(settings, 0, sizeof(*settings));
	/* The parsed form takes a few times the bytes of the text. */
	arena_init(&snapshot->arena, 8 * (size_t)LIMIT_HINTS_BYTES + LIMIT_HOSTS_BYTES);
	atomic_init(&snapshot->users, 1);
	int err = hints_load(&snapshot->arena, snapshot->settings.root_hints,
		snapshot->settings.outgoing.port, &snapshot->hints, ret_line);
	if (!err)
		err = hosts_build(&snapshot->settings.hosts, &snapshot->arena, &snapshot->hosts);
	if (err) {
		int saved = errno;
		release(snapshot);
		errno = saved;
		return err;
	}
	*ret_snapshot = snapshot;
	return 0;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	atomic_fetch_add_explicit(&snapshot->users, 1, memory_order_relaxed);
	return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (snapshot && atomic_fetch_sub_explicit(&snapshot->users, 1, memory_order_acq_rel) == 1)
		release(snapshot);
}
