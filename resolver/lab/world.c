/* SPDX-License-Identifier: MIT */
/* Building the world, and finding servers and zones in it. */
#include "resolver/lab/world.h"

#include <stdlib.h>
#include <string.h>

static int load_zones(struct world *world, int64_t now, struct fault_list *faults)
{
	int first = 0;
	for (size_t i = 0; i < world->scenario->zone_count; i++) {
		world->zones[i].plan = &world->scenario->zones[i];
		int err = version_read(world->scenario, world->zones[i].plan, now, faults,
			&world->zones[i].newest);
		if (err == RW_ENOMEM)
			return err;
		first = first ? first : err;
	}
	return first;
}

static int place_servers(struct world *world)
{
	for (size_t i = 0; i < world->scenario->server_count; i++) {
		struct lab_server *server = &world->servers[i];
		const struct scenario_server *plan = &world->scenario->servers[i];
		server->plan = plan;
		server->switches = plan->switches;
		server->switches.on[SWITCH_STALE] =
			false; /* thrown by world_new, with its versions */
		server->zones = calloc(plan->zone_count + 1, sizeof(*server->zones));
		if (!server->zones)
			return RW_ENOMEM;
		server->zone_count = plan->zone_count;
		for (size_t j = 0; j < plan->zone_count; j++) {
			struct lab_zone *zone = &world->zones[plan->zones[j]];
			server->zones[j].zone = zone;
			server->zones[j].version = version_ref(zone->newest);
		}
	}
	return 0;
}

static int throw_stale(struct world *world, int64_t now)
{
	char message[WORLD_MESSAGE];
	int err = 0;
	for (size_t i = 0; i < world->scenario->server_count && err == 0; i++)
		if (world->scenario->servers[i].switches.on[SWITCH_STALE])
			err = world_set(&world->servers[i], "stale", now, message);
	return err;
}

int world_new(const struct scenario *scenario, int64_t now, struct fault_list *faults,
	struct world **ret_world)
{
	struct world *world = calloc(1, sizeof(*world));
	if (!world)
		return RW_ENOMEM;
	world->scenario = scenario;
	world->zones = calloc(scenario->zone_count + 1, sizeof(*world->zones));
	world->servers = calloc(scenario->server_count + 1, sizeof(*world->servers));
	int err = world->zones && world->servers ? load_zones(world, now, faults) : RW_ENOMEM;
	if (err == 0)
		err = place_servers(world);
	if (err == 0)
		err = throw_stale(world, now);
	if (err)
		world_free(world);
	else
		*ret_world = world;
	return err;
}

void world_free(struct world *world)
{
	if (!world)
		return;
	for (size_t i = 0; world->servers && i < world->scenario->server_count; i++) {
		for (size_t j = 0; j < world->servers[i].zone_count; j++) {
			version_unref(world->servers[i].zones[j].version);
			version_unref(world->servers[i].zones[j].before);
		}
		free(world->servers[i].zones);
	}
	for (size_t i = 0; world->zones && i < world->scenario->zone_count; i++)
		version_unref(world->zones[i].newest);
	free(world->servers);
	free(world->zones);
	free(world);
}

static bool is_served_at(const struct scenario_server *plan, const struct addr *addr)
{
	for (size_t i = 0; i < plan->address_count; i++)
		if (addr_ip_equal(&plan->addresses[i], addr) &&
			(addr->port == 0 || addr->port == plan->addresses[i].port))
			return true;
	return false;
}

struct lab_server *world_server(struct world *world, const char *text)
{
	struct addr addr;
	struct name name, other;
	bool is_addr = addr_parse(text, 0, &addr) == 0;
	bool is_name = !is_addr && name_from_text(text, &name) == 0;
	for (size_t i = 0; i < world->scenario->server_count; i++) {
		const struct scenario_server *plan = &world->scenario->servers[i];
		if (is_addr ? is_served_at(plan, &addr)
			    : is_name && name_from_text(plan->name, &other) == 0 &&
					name_equal(name.bytes, other.bytes))
			return &world->servers[i];
	}
	return NULL;
}

const struct zone *world_zone_for(const struct lab_server *server, const struct question *question)
{
	const struct zone *best = NULL, *own = NULL;
	for (size_t i = 0; i < server->zone_count; i++) {
		const struct zone *zone = server->zones[i].version->zone;
		const uint8_t *apex = zone_apex(zone);
		if (!name_is_at_or_below(question->name, apex))
			continue;
		if (question->type == TYPE_DS && name_equal(question->name, apex))
			own = zone;
		else if (!best || name_is_below(apex, zone_apex(best)))
			best = zone;
	}
	return best ? best : own;
}
