/* SPDX-License-Identifier: MIT */
/* Climbs from the name towards the root, one label at a time, until a delegation is known. */
#include "zones/cuts/zonecut.h"

#include "resolver/base/limits.h"

/* The configured route whose zone encloses the name most closely, or NULL. */
static const struct route_settings *closest_route(
	const struct route_list *routes, const uint8_t *name)
{
	const struct route_settings *best = NULL;
	for (size_t i = 0; i < routes->count; i++) {
		const struct route_settings *route = &routes->items[i];
		if (name_is_at_or_below(name, route->zone) &&
			(!best || name_labels(route->zone) > name_labels(best->zone)))
			best = route;
	}
	return best;
}

static int route_delegation(const struct route_settings *route, enum delegation_source source,
	struct arena *arena, const struct delegation **ret_cut)
{
	struct delegation *made = arena_alloc(arena, sizeof(*made));
	if (!made)
		return RW_ENOMEM;
	made->zone = route->zone;
	made->source = (uint8_t)source;
	made->expires_ms = UINT64_MAX;
	made->forward_first = route->first;
	made->ns_count = (uint8_t)RW_MIN(route->to.count, (size_t)LIMIT_NS_KEPT);
	for (unsigned i = 0; i < made->ns_count; i++)
		delegation_add_address(&made->ns[i], &route->to.items[i], ADDRESS_CONFIG);
	*ret_cut = made;
	return 0;
}

/* The deepest delegation in the cache at or above `name`, strictly below `floor` where given. */
static int cached(const struct zonecut_query *query, const uint8_t *name, const uint8_t *floor,
	struct arena *arena, const struct delegation **ret_cut)
{
	unsigned stop = floor ? name_labels(floor) + 1 : 0;
	for (unsigned labels = name_labels(name); labels >= stop; labels--) {
		struct delegation *found;
		int err = delegation_load(query->cache, name, query->now_ms, arena, &found);
		if (!err)
			*ret_cut = found;
		if (err != RW_ENOTFOUND)
			return err;
		if (labels == 0)
			break;
		name = name_parent(name);
	}
	return RW_ENOTFOUND;
}

static bool is_deeper(const struct route_settings *route, const uint8_t *zone)
{
	return route && (!zone || name_labels(route->zone) > name_labels(zone));
}

int zonecut_find(
	const struct zonecut_query *query, struct arena *arena, const struct delegation **ret_cut)
{
	const uint8_t *name = query->name;
	if (query->type == TYPE_DS)
		name = name_parent(name);
	if (query->above && name_is_at_or_below(name, query->above))
		name = name_parent(query->above);
	const struct route_settings *stub = closest_route(&query->settings->stub, name);
	const struct route_settings *forward =
		query->without_forwards ? NULL : closest_route(&query->settings->forward, name);
	const uint8_t *localdata = query->localdata ? query->localdata->zone : NULL;
	if (localdata && !is_deeper(stub, localdata) && !is_deeper(forward, localdata))
		stub = forward = NULL;
	else
		localdata = NULL;
	if (forward && is_deeper(forward, stub ? stub->zone : NULL))
		return route_delegation(forward, DELEGATION_FORWARD, arena, ret_cut);
	int err = cached(query, name,
		localdata ? localdata
		: stub    ? stub->zone
			  : NULL,
		arena, ret_cut);
	if (err != RW_ENOTFOUND)
		return err;
	if (localdata) {
		*ret_cut = query->localdata;
		return 0;
	}
	if (stub)
		return route_delegation(stub, DELEGATION_STUB, arena, ret_cut);
	*ret_cut = query->hints;
	return 0;
}

/* Whether a zone that `name` belongs to is routed and lies below `denied`. */
static bool hides_route(const struct route_list *routes, const uint8_t *name, const uint8_t *denied)
{
	const struct route_settings *route = closest_route(routes, name);
	return route && name_is_below(route->zone, denied);
}

bool zonecut_hides_denial(
	const struct settings *settings, const uint8_t *name, const uint8_t *denied)
{
	return hides_route(&settings->stub, name, denied) ||
	       hides_route(&settings->forward, name, denied);
}

static bool leads_into(const struct route_list *routes, const uint8_t *name, const uint8_t *zone)
{
	const struct route_settings *route = closest_route(routes, name);
	return route && name_is_at_or_below(route->zone, zone);
}

bool zonecut_leads_into(const struct settings *settings, const uint8_t *name, const uint8_t *zone)
{
	return leads_into(&settings->stub, name, zone) ||
	       leads_into(&settings->forward, name, zone);
}
