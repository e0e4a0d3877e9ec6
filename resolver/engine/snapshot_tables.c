/* SPDX-License-Identifier: MIT */
/* The tables of a snapshot: read where they are new or have changed, shared where not. */
#include <stdlib.h>

#include "resolver/engine/snapshot.h"

static int add_hosts(struct own *own, const struct host_list *list)
{
	struct hosts *hosts;
	if (list->count == 0)
		return 0;
	int err = hosts_from_settings(list, &hosts);
	if (err)
		return err;
	err = own_add_hosts(own, hosts, OWN_CONFIGURED);
	hosts_unref(hosts);
	return err;
}

static int build_own(struct client_view *view, const struct settings *settings)
{
	if (settings->hosts.count == 0)
		return 0;
	int err = own_new(&view->own);
	return err ? err : add_hosts(view->own, &settings->hosts);
}

static int build_policy(struct snapshot *snapshot, const struct snapshot_from *from,
	const struct settings *settings, struct client_view *view)
{
	const struct policy_source source = {.block = &settings->block,
		.rpz = &settings->rpz,
		.env = from && from->env ? from->env : env_real(),
		.old = from && from->old ? &from->old->tables : NULL,
		.tables = &snapshot->tables,
		.faults = from ? from->faults : NULL};
	return policy_set_build(&source, &view->policy);
}

int snapshot_build_views(struct snapshot *snapshot, const struct snapshot_from *from)
{
	snapshot->views = calloc(1, sizeof(*snapshot->views));
	if (!snapshot->views)
		return RW_ENOMEM;
	snapshot->view_count = 1;
	int err = build_own(&snapshot->views[0], &snapshot->settings);
	return err ? err : build_policy(snapshot, from, &snapshot->settings, &snapshot->views[0]);
}

void snapshot_release_views(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->view_count; i++) {
		own_unref(snapshot->views[i].own);
		policy_set_release(&snapshot->views[i].policy);
	}
	free(snapshot->views);
	snapshot->views = NULL;
	snapshot->view_count = 0;
	table_list_release(&snapshot->tables);
}

bool snapshot_is_outdated(const struct snapshot *snapshot)
{
	const struct settings *settings = &snapshot->settings;
	return policy_set_is_outdated(&settings->block, &settings->rpz, &snapshot->tables);
}
