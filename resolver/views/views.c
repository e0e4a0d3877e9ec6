/* SPDX-License-Identifier: MIT */
/* Making, sharing and freeing views. */
#include "resolver/views/views.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "zones/cuts/hints.h"

/* What the views of one reading of the configuration share. */
struct views_base {
	_Atomic unsigned users;
	struct settings settings; /* the owner of all lists in theirs */
	struct arena arena;       /* the hints */
};

static void base_unref(struct views_base *base)
{
	if (atomic_fetch_sub_explicit(&base->users, 1, memory_order_acq_rel) != 1)
		return;
	arena_release(&base->arena);
	settings_release(&base->settings);
	free(base);
}

static void release(struct views *views)
{
	views_release(views);
	if (views->base)
		base_unref(views->base);
	else
		settings_release(&views->settings);
	free(views);
}

static int load_hints(struct views *views, int *ret_line)
{
	struct views_base *base = calloc(1, sizeof(*base));
	if (!base)
		return RW_ENOMEM;
	base->settings = views->settings;
	atomic_init(&base->users, 1);
	/* The parsed form takes a few times the bytes of the text. */
	arena_init(&base->arena, 8 * (size_t)LIMIT_HINTS_BYTES);
	views->base = base;
	return hints_load(&base->arena, base->settings.root_hints, base->settings.outgoing.port,
		&views->hints, ret_line);
}

int views_new(struct settings *settings, const struct views_from *from, struct views **ret_views,
	int *ret_line)
{
	struct views *views = calloc(1, sizeof(*views));
	if (!views) {
		settings_release(settings);
		return RW_ENOMEM;
	}
	views->settings = *settings;
	memset(settings, 0, sizeof(*settings));
	atomic_init(&views->users, 1);
	int err = load_hints(views, ret_line);
	if (!err)
		err = views_build(views, from);
	if (err) {
		int saved = errno;
		release(views);
		errno = saved;
		return err;
	}
	*ret_views = views;
	return 0;
}

int views_refresh(const struct views_from *from, struct views **ret_views)
{
	const struct views *old = from->old;
	if (!views_are_outdated(old, from->env))
		return RW_ENOTFOUND;
	struct views *views = calloc(1, sizeof(*views));
	if (!views)
		return RW_ENOMEM;
	views->settings = old->settings;
	views->hints = old->hints;
	views->base = old->base;
	atomic_fetch_add_explicit(&old->base->users, 1, memory_order_relaxed);
	atomic_init(&views->users, 1);
	int err = views_build(views, from);
	if (err) {
		release(views);
		return err;
	}
	*ret_views = views;
	return 0;
}

struct views *views_ref(struct views *views)
{
	atomic_fetch_add_explicit(&views->users, 1, memory_order_relaxed);
	return views;
}

void views_unref(struct views *views)
{
	if (views && atomic_fetch_sub_explicit(&views->users, 1, memory_order_acq_rel) == 1)
		release(views);
}

const struct client_view *views_find(const struct views *views, const struct addr *client)
{
	static const struct client_view bare;
	for (size_t i = 0; i < views->count; i++) {
		const struct prefix_list *clients = views->items[i].clients;
		if (!clients)
			return &views->items[i];
		for (size_t k = 0; k < clients->count; k++)
			if (prefix_contains(&clients->items[k], client))
				return &views->items[i];
	}
	return &bare;
}
