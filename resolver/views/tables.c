/* SPDX-License-Identifier: MIT */
/*
 * The tables of all views: each is taken from the older views where its source is as it was,
 * or read anew. What cannot be read keeps the older table in use; a zone without one answers with
 * SERVFAIL, for its names must not leak to the public DNS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/views/inner.h"
#include "zones/localdata/hosts_file.h"
#include "zones/localdata/leases.h"
#include "zones/localdata/special_use.h"
#include "zones/authority/zone_file.h"

#define KEY_BYTES 8192 /* of a table's key: a file's name, a domain's name, and a word */

/* Wall clock and monotonic clock that part by more than this: somebody has set the clock. */
#define CLOCK_STEP_S 2

static int64_t clock_offset(const struct env *env)
{
	return env_wall_s(env) - (int64_t)(env_mono_ms(env) / 1000);
}

static bool clock_is_set(const struct build *b, const struct table *table)
{
	if (table->clock_offset == 0 || !b->from->env)
		return false;
	int64_t step = clock_offset(b->from->env) - table->clock_offset;
	return step > CLOCK_STEP_S || step < -CLOCK_STEP_S;
}

static bool still_holds(
	const struct build *b, const struct table_source *source, const struct table *old)
{
	return old && old->stamp == source->stamp && !table_is_outdated(old) &&
	       !clock_is_set(b, old) && !(old->faulty && b->is_reload);
}

/* Reads the source; where that fails, the old table stays, or there is one of nothing. */
static int read_source(const struct build *b, const struct table_source *source, struct table *old,
	maker *make, maker *make_none, struct table **ret_table)
{
	int err = make(b, source, ret_table);
	if (err != RW_EINVAL)
		return err;
	if (!old) {
		err = make_none(b, source, ret_table);
		if (!err)
			(*ret_table)->faulty = true;
		return err;
	}
	*ret_table = table_ref(old);
	old->stamp = source->stamp;
	old->faulty = true;
	/* By the clock it would be tried again and again. */
	old->clock_offset = 0;
	return 0;
}

int views_acquire(const struct build *b, struct table_source *source, maker *make, maker *make_none,
	struct table **ret_table)
{
	struct table *table = table_list_find(&b->views->tables, source->key);
	*ret_table = table;
	if (table)
		return 0;
	struct table *old =
		b->from->old ? table_list_find(&b->from->old->tables, source->key) : NULL;
	source->stamp = table_stamp(source);
	if (still_holds(b, source, old)) {
		*ret_table = table_ref(old);
		return table_list_add(&b->views->tables, old);
	}
	struct table_included included = {0};
	source->included = &included;
	int err = read_source(b, source, old, make, make_none, &table);
	source->included = NULL;
	if (err) {
		table_included_release(&included);
		return err;
	}
	table_set_included(table, &included);
	*ret_table = table;
	return table_list_add(&b->views->tables, table);
}

/* ---- the kinds of tables ---- */

static int make_configured(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	struct hosts *hosts;
	int err = hosts_from_settings(b->hosts, source, &hosts);
	if (!err)
		*ret_table = hosts_table(hosts);
	return err;
}

static int make_no_hosts(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	struct hosts *hosts;
	(void)b;
	int err = hosts_new(LIMIT_NAMES_TABLE, source, &hosts);
	if (err)
		return err;
	err = hosts_finish(hosts);
	if (err)
		hosts_unref(hosts);
	else
		*ret_table = hosts_table(hosts);
	return err;
}

/* Takes over `hosts`. */
static int finish_hosts(struct hosts *hosts, int err, struct table **ret_table)
{
	if (!err)
		err = hosts_finish(hosts);
	if (err)
		hosts_unref(hosts);
	else
		*ret_table = hosts_table(hosts);
	return err;
}

static int make_hosts_file(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	struct hosts *hosts;
	int err = hosts_new(LIMIT_NAMES_TABLE, source, &hosts);
	if (err)
		return err;
	return finish_hosts(
		hosts, hosts_file_read(source->files[0], b->from->faults, hosts), ret_table);
}

static int make_leases(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	const struct env *env = b->from->env;
	const struct lease_clock clock = {env_wall_s(env), env_mono_ms(env)};
	struct hosts *hosts;
	if (source->stamp == 0) {
		fault_warning(b->from->faults, source->files[0], 0,
			"does not exist: its clients get names once it does");
		return RW_EINVAL;
	}
	int err = hosts_new(LIMIT_NAMES_TABLE, source, &hosts);
	if (err)
		return err;
	err = leases_read(b->leases->format, source->files, b->leases->domain, &clock,
		b->from->faults, hosts);
	hosts_table(hosts)->clock_offset = clock_offset(env);
	return finish_hosts(hosts, err, ret_table);
}

/* As the resolver's own cache has them. */
static struct cache_params cache_params(const struct settings *settings)
{
	const struct cache_settings *cache = &settings->cache;
	return (struct cache_params){.max_ttl_s = cache->max_ttl_s,
		.min_ttl_s = cache->min_ttl_s,
		.max_negative_ttl_s = cache->max_negative_ttl_s,
		.min_negative_ttl_s = cache->min_negative_ttl_s,
		.stale_max_age_s = cache->serve_stale ? cache->stale_max_age_s : 0};
}

static int make_own_zone(const struct build *b, struct zone *zone,
	const struct table_source *source, struct table **ret_table)
{
	const struct cache_params params = cache_params(&b->views->settings);
	struct localdata_zone *made;
	int err = localdata_zone_new(b->zone->name, zone, source, b->from->env, &params, &made);
	if (!err)
		*ret_table = &made->table;
	return err;
}

static int make_zone(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	struct zone *zone;
	int err = zone_file_read(
		source->files[0], b->zone->name, source->included, b->from->faults, &zone);
	return err ? err : make_own_zone(b, zone, source, ret_table);
}

static int make_no_zone(
	const struct build *b, const struct table_source *source, struct table **ret_table)
{
	return make_own_zone(b, NULL, source, ret_table);
}

/* ---- what is ours in one view ---- */

static int add_configured(
	struct build *b, struct localdata *localdata, const struct host_list *list)
{
	char key[KEY_BYTES];
	struct table *table;
	if (list->count == 0)
		return 0;
	/* The list lives as long as any views of this reading of the configuration. */
	(void)snprintf(key, sizeof(key), "hosts %p", (const void *)list->items);
	struct table_source source = {.key = key};
	b->hosts = list;
	int err = views_acquire(b, &source, make_configured, make_no_hosts, &table);
	return err ? err
		   : localdata_add_hosts(localdata, hosts_of_table(table), LOCALDATA_CONFIGURED);
}

static int add_hosts_files(
	struct build *b, struct localdata *localdata, const struct text_list *files)
{
	char key[KEY_BYTES];
	int err = 0;
	for (size_t i = 0; i < files->count && !err; i++) {
		struct table *table;
		struct table_source source = {.key = key, .files = {files->items[i]}};
		(void)snprintf(key, sizeof(key), "hosts-file %s", files->items[i]);
		err = views_acquire(b, &source, make_hosts_file, make_no_hosts, &table);
		if (!err)
			err = localdata_add_hosts(
				localdata, hosts_of_table(table), LOCALDATA_FILES);
	}
	return err;
}

/* While Kea cleans its file up, what was in it stands in others beside it. */
static int name_companions(
	const struct lease_settings *leases, char names[3][KEY_BYTES], struct table_source *source)
{
	static const char *const endings[] = {"1", "2", "completed"};
	source->files[0] = leases->file;
	if (leases->format != LEASES_KEA)
		return 0;
	for (unsigned i = 0; i < RW_COUNT(endings); i++) {
		int length = snprintf(names[i], KEY_BYTES, "%s.%s", leases->file, endings[i]);
		if (length < 0 || length >= KEY_BYTES)
			return RW_ELIMIT;
		source->files[i + 1] = names[i];
	}
	return 0;
}

static int add_leases(
	struct build *b, struct localdata *localdata, const struct lease_settings_list *list)
{
	char key[KEY_BYTES], domain[LIMIT_NAME_TEXT], names[3][KEY_BYTES];
	int err = 0;
	for (size_t i = 0; i < list->count && !err; i++) {
		const struct lease_settings *leases = &list->items[i];
		struct table *table;
		struct table_source source = {.key = key};
		(void)snprintf(key, sizeof(key), "leases %u %s %s", (unsigned)leases->format,
			name_text(leases->domain, domain), leases->file);
		b->leases = leases;
		err = name_companions(leases, names, &source);
		if (!err)
			err = views_acquire(b, &source, make_leases, make_no_hosts, &table);
		if (!err)
			err = localdata_add_hosts(
				localdata, hosts_of_table(table), LOCALDATA_LEASES);
	}
	return err;
}

static struct localdata_zone *localdata_zone_of_table(struct table *table)
{
	return rw_container_of(table, struct localdata_zone, table);
}

/*
 * Views share a zone, unless it delegates: whose server's name is ours may have another address in
 * another view, so that what is learnt of it is for those alone who have the same names.
 */
static int add_zones(
	struct build *b, struct localdata *localdata, const struct zone_settings_list *list)
{
	const struct cache_params params = cache_params(&b->views->settings);
	char key[KEY_BYTES], name[LIMIT_NAME_TEXT];
	int err = 0;
	for (size_t i = 0; i < list->count && !err; i++) {
		struct table *table;
		struct table_source source = {.key = key, .files = {list->items[i].file}};
		(void)snprintf(key, sizeof(key), "zone %s %s", name_text(list->items[i].name, name),
			list->items[i].file);
		b->zone = &list->items[i];
		err = views_acquire(b, &source, make_zone, make_no_zone, &table);
		if (!err && localdata_zone_of_table(table)->cache && b->names_of > 0) {
			(void)snprintf(key, sizeof(key), "zone-of-view %zu %s %s", b->names_of,
				name, list->items[i].file);
			err = views_acquire(b, &source, make_zone, make_no_zone, &table);
		}
		if (err)
			break;
		struct localdata_zone *zone = localdata_zone_of_table(table);
		if (zone->cache && b->is_reload)
			cache_set_params(zone->cache, &params);
		err = localdata_add_zone(localdata, zone);
	}
	return err;
}

/* A key that the view has takes the place of the one outside. */
static struct names_settings names_of(
	const struct names_settings *outside, const struct names_settings *inside)
{
	struct names_settings names = *outside;
	if (!inside)
		return names;
	if (inside->zones_given)
		names.zones = inside->zones;
	if (inside->hosts_given)
		names.hosts = inside->hosts;
	if (inside->hosts_files_given)
		names.hosts_files = inside->hosts_files;
	if (inside->leases_given)
		names.leases = inside->leases;
	if (inside->transparent_given)
		names.transparent = inside->transparent;
	return names;
}

static const struct view_settings *view_at(const struct settings *settings, size_t i)
{
	return i < settings->views.count ? &settings->views.items[i] : NULL;
}

/* The first view that has the same names as this one. */
static size_t first_with(const struct settings *settings, const struct names_settings *names)
{
	for (size_t i = 0; i < settings->views.count; i++) {
		const struct names_settings other =
			names_of(&settings->names, &view_at(settings, i)->names);
		if (other.zones.items == names->zones.items &&
			other.hosts.items == names->hosts.items &&
			other.hosts_files.items == names->hosts_files.items &&
			other.leases.items == names->leases.items)
			return i;
	}
	return settings->views.count;
}

/* `inside`: the view's own names, or NULL. */
static int build_localdata(struct build *b, struct client_view *view,
	const struct names_settings *names, const struct names_settings *inside)
{
	bool has_dns64 = inside && inside->dns64_given;
	if (names->zones.count + names->hosts.count + names->hosts_files.count +
				names->leases.count ==
			0 &&
		!has_dns64)
		return 0;
	int err = localdata_new(&view->localdata);
	if (err)
		return err;
	localdata_set_transparent(view->localdata, &names->transparent);
	if (has_dns64)
		localdata_set_dns64(view->localdata, &inside->dns64);
	err = add_configured(b, view->localdata, &names->hosts);
	if (!err)
		err = add_hosts_files(b, view->localdata, &names->hosts_files);
	if (!err)
		err = add_leases(b, view->localdata, &names->leases);
	if (!err)
		err = add_zones(b, view->localdata, &names->zones);
	if (!err)
		localdata_tell_clashes(view->localdata, b->from->faults);
	return err;
}

static int build_policy(
	const struct build *b, struct client_view *made, const struct view_settings *view)
{
	const struct settings *settings = &b->views->settings;
	struct block_settings block = view && view->block_given ? view->block : settings->block;
	block.max_bytes = settings->block.max_bytes;
	return views_build_policy(
		b, &block, view && view->rpz_given ? &view->rpz : &settings->rpz, &made->policy);
}

int views_build(struct views *views, const struct views_from *from)
{
	static const struct views_from nothing;
	const struct settings *settings = &views->settings;
	struct build b = {.views = views, .from = from ? from : &nothing};
	b.is_reload = !b.from->old || b.from->old->base != views->base;
	views->items = calloc(settings->views.count + 1, sizeof(*views->items));
	if (!views->items)
		return RW_ENOMEM;
	int err = 0;
	for (size_t i = 0; i <= settings->views.count && !err; i++) {
		const struct view_settings *view = view_at(settings, i);
		const struct names_settings names =
			names_of(&settings->names, view ? &view->names : NULL);
		struct client_view *made = &views->items[views->count++];
		made->clients = view ? &view->clients : NULL;
		b.names_of = first_with(settings, &names);
		err = build_localdata(&b, made, &names, view ? &view->names : NULL);
		if (!err)
			err = build_policy(&b, made, view);
	}
	return err;
}

void views_release(struct views *views)
{
	for (size_t i = 0; i < views->count; i++) {
		localdata_unref(views->items[i].localdata);
		policy_set_release(&views->items[i].policy);
	}
	free(views->items);
	views->items = NULL;
	views->count = 0;
	table_list_release(&views->tables);
}

/* No public name, or none that is meant to be one (RFC 6762 appendix G, and ICANN of internal). */
static bool is_private_name(const uint8_t *name)
{
	static const char *const tops[] = {"\10internal", "\10intranet", "\7private", "\4corp",
		"\4home", "\3lan", "\13localdomain"};
	unsigned labels = name_labels(name);
	for (size_t i = 0; i < RW_COUNT(tops); i++)
		if (labels > 0 && name_equal(name_suffix(name, 1), (const uint8_t *)tops[i]))
			return true;
	return special_use_zone_of(name) != NULL;
}

void views_tell_shadows(const struct views *views, struct fault_list *faults)
{
	const struct settings *settings = &views->settings;
	char text[LIMIT_NAME_TEXT];
	for (size_t v = 0; v <= settings->views.count; v++) {
		const struct zone_settings_list *zones =
			v < settings->views.count ? &settings->views.items[v].names.zones
						  : &settings->names.zones;
		for (size_t i = 0; i < zones->count; i++)
			if (!is_private_name(zones->items[i].name))
				fault_warning(faults, zones->items[i].file, 0,
					"the zone %s shadows that public name: of it and all "
					"below, "
					"clients see what is here only; list the name in "
					"`transparent` to let the rest through, or use a name "
					"below "
					"home.arpa or internal",
					name_text(zones->items[i].name, text));
	}
}

bool views_are_outdated(const struct views *views, const struct env *env)
{
	for (size_t i = 0; i < views->tables.count; i++) {
		const struct table *table = views->tables.items[i];
		const struct build b = {.from = &(const struct views_from){.env = env}};
		if (table_is_outdated(table) || clock_is_set(&b, table))
			return true;
	}
	return false;
}
