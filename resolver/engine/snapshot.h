/* SPDX-License-Identifier: MIT */
/*
 * A snapshot: settings, root hints and tables of one moment, immutable, counted by its users in any
 * thread, freed by the last. A reload of the configuration makes a new one; a changed file of names
 * makes one that shares everything but the table of that file.
 *
 * A view is what some clients see: what is ours for them. The views of the configuration come
 * first, in its order, and last the one for everybody else.
 */
#ifndef RW_ENGINE_SNAPSHOT_H
#define RW_ENGINE_SNAPSHOT_H

#include "resolver/base/arena.h"
#include "resolver/base/env.h"
#include "resolver/base/settings.h"
#include "zones/delegation.h"
#include "zones/fault.h"
#include "zones/localdata.h"
#include "zones/policy_set.h"

struct client_view {
	const struct prefix_list *clients; /* NULL: everybody */
	struct localdata *localdata;       /* NULL: nothing is ours */
	struct policy_set policy;          /* its tables are in the snapshot's list */
};

struct snapshot {
	struct settings settings;       /* their lists are `base`'s */
	const struct delegation *hints; /* the same */
	struct client_view *views;
	size_t view_count;
	struct table_list tables; /* all that files were read into */
	struct snapshot_base *base;
	_Atomic unsigned users;
};

/* What tables are made with. */
struct snapshot_from {
	const struct env *env;      /* clocks, for leases */
	const struct snapshot *old; /* whose tables are used where they still hold; may be NULL */
	struct fault_list *faults;  /* of files; may be NULL */
};

/*
 * Takes over `settings` (also on failure, when they are released) and reads the files they name.
 * `ret_line` as for hints_load. What is wrong with files of names is told as faults: the table of
 * `from->old` stays in use, or there is none. The caller is the first user.
 */
int snapshot_new(struct settings *settings, const struct snapshot_from *from,
	struct snapshot **ret_snapshot, int *ret_line) RW_MUSTCHECK;

/*
 * The old snapshot with the tables of changed files read again. RW_ENOTFOUND: no file has changed.
 * RW_ENOMEM.
 */
int snapshot_refresh(const struct snapshot_from *from, struct snapshot **ret_snapshot) RW_MUSTCHECK;

struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* NULL does nothing */

/* The first view that the client belongs to. */
const struct client_view *snapshot_view(const struct snapshot *snapshot, const struct addr *client);

/* Builds the views and their tables (snapshot_tables.c). RW_ENOMEM; what is there is the
 * snapshot's then, too. */
int snapshot_build_views(struct snapshot *snapshot, const struct snapshot_from *from) RW_MUSTCHECK;

/* Frees what snapshot_build_views made; snapshot_unref does so, too. */
void snapshot_release_views(struct snapshot *snapshot);

/* Warns of each zone that takes the place of a public one. */
void snapshot_tell_shadows(const struct snapshot *snapshot, struct fault_list *faults);

/* Whether one of its files is not as it was when its table was made, or the clock was set. */
bool snapshot_is_outdated(const struct snapshot *snapshot, const struct env *env);

#endif
