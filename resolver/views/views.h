/* SPDX-License-Identifier: MIT */
/*
 * A view is what some clients see: what is ours for them, and the rules they are under. The views
 * of the configuration come first, in its order, and last the one for everybody else.
 *
 * `struct views` is all of them with the settings, root hints and tables of one moment: immutable,
 * counted by its users in any thread, freed by the last. A reload of the configuration makes new
 * views; a changed file of names makes views that share everything but the table of that file.
 */
#ifndef RW_VIEWS_VIEWS_H
#define RW_VIEWS_VIEWS_H

#include "resolver/base/arena.h"
#include "resolver/base/env.h"
#include "resolver/base/settings.h"
#include "zones/cuts/delegation.h"
#include "zones/fault.h"
#include "zones/localdata/localdata.h"
#include "zones/lists/policy_set.h"

struct client_view {
	const struct prefix_list *clients; /* NULL: everybody */
	struct localdata *localdata;       /* NULL: nothing is ours */
	struct policy_set policy;          /* its tables are in the list of struct views */
};

struct views {
	struct settings settings;       /* their lists are `base`'s */
	const struct delegation *hints; /* the same */
	struct client_view *items;
	size_t count;
	struct table_list tables; /* all that files were read into */
	struct views_base *base;
	_Atomic unsigned users;
};

/* What tables are made with. */
struct views_from {
	const struct env *env;     /* clocks, for leases */
	const struct views *old;   /* whose tables are used where they still hold; may be NULL */
	struct fault_list *faults; /* of files; may be NULL */
};

/*
 * Takes over `settings` (also on failure, when they are released) and reads the files they name.
 * `ret_line` as for hints_load. What is wrong with files of names is told as faults: the table of
 * `from->old` stays in use, or there is none. The caller is the first user.
 */
int views_new(struct settings *settings, const struct views_from *from, struct views **ret_views,
	int *ret_line) RW_MUSTCHECK;

/*
 * The old views with the tables of changed files read again. RW_ENOTFOUND: no file has changed.
 * RW_ENOMEM.
 */
int views_refresh(const struct views_from *from, struct views **ret_views) RW_MUSTCHECK;

struct views *views_ref(struct views *views);
void views_unref(struct views *views); /* NULL does nothing */

/* The first view that the client belongs to. */
const struct client_view *views_find(const struct views *views, const struct addr *client);

/* Builds the views and their tables (tables.c). RW_ENOMEM; what is there is the
 * views' then, too. */
int views_build(struct views *views, const struct views_from *from) RW_MUSTCHECK;

/* Frees what views_build made; views_unref does so, too. */
void views_release(struct views *views);

/* Warns of each zone that takes the place of a public one. */
void views_tell_shadows(const struct views *views, struct fault_list *faults);

/* Whether one of its files is not as it was when its table was made, or the clock was set. */
bool views_are_outdated(const struct views *views, const struct env *env);

#endif
