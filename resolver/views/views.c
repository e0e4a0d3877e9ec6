/* SPDX-License-Identifier: MIT */
/* Making, sharing and freeing snapshots. */
#include "resolver/views/views.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "zones/hints.h"

/* What snapshots of one reading of the configuration share. */
struct snapshot_base {
	_Atomic unsigned users;
	struct settings settings; /* the owner of all lists in theirs */
	struct arena arena;       /* the hints */
};

static void base_unref(struct snapshot_base *base)
{
	if (atomic_fetch_sub_explicit(&base->users, 1, memory_order_acq_rel) != 1)
		return;
	arena_release(&base->arena);
	settings_release(&base->settings);
	free(base);
}

static void release(struct snapshot *snapshot)
{
	snapshot_release_views(snapshot);
	if (snapshot->base)
		base_unref(snapshot->base);
	else
		settings_release(&snapshot->settings);
	free(snapshot);
}

static int load_hints(struct snapshot *snapshot, int *ret_line)
{
	struct snapshot_base *base = calloc(1, sizeof(*base));
	if (!base)
		return RW_ENOMEM;
	base->settings = snapshot->settings;
	atomic_init(&base->users, 1);
	/* The parsed form takes a few times the bytes of the text. */
	arena_init(&base->arena, 8 * (size_t)LIMIT_HINTS_BYTES);
	snapshot->base = base;
	return hints_load(&base->arena, base->settings.root_hints, base->settings.outgoing.port,
		&snapshot->hints, ret_line);
}

int snapshot_new(struct settings *settings, const struct snapshot_from *from,
	struct snapshot **ret_snapshot, int *ret_line)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot) {
		settings_release(settings);
		return RW_ENOMEM;
	}
	snapshot->settings = *settings;
	memset(settings, 0, sizeof(*settings));
	atomic_init(&snapshot->users, 1);
	int err = load_hints(snapshot, ret_line);
	if (!err)
		err = snapshot_build_views(snapshot, from);
	if (err) {
		int saved = errno;
		release(snapshot);
		errno = saved;
		return err;
	}
	*ret_snapshot = snapshot;
	return 0;
}

int snapshot_refresh(const struct snapshot_from *from, struct snapshot **ret_snapshot)
{
	const struct snapshot *old = from->old;
	if (!snapshot_is_outdated(old, from->env))
		return RW_ENOTFOUND;
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot)
		return RW_ENOMEM;
	snapshot->settings = old->settings;
	snapshot->hints = old->hints;
	snapshot->base = old->base;
	atomic_fetch_add_explicit(&old->base->users, 1, memory_order_relaxed);
	atomic_init(&snapshot->users, 1);
	int err = snapshot_build_views(snapshot, from);
	if (err) {
		release(snapshot);
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

const struct client_view *snapshot_view(const struct snapshot *snapshot, const struct addr *client)
{
	static const struct client_view bare;
	for (size_t i = 0; i < snapshot->view_count; i++) {
		const struct prefix_list *clients = snapshot->views[i].clients;
		if (!clients)
			return &snapshot->views[i];
		for (size_t k = 0; k < clients->count; k++)
			if (prefix_contains(&clients->items[k], client))
				return &snapshot->views[i];
	}
	return &bare;
}
