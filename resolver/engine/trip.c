/* SPDX-License-Identifier: MIT */
/*
 * Trips: exchanges as the engine shares them. Names of one zone that are asked for at the same time
 * all need the same referrals first; without sharing, a server would get the same question as often
 * as there are clients, and whoever forges replies would have as many to aim at (RFC 5452 section
 * 5). Questions over TCP are not shared: there the letters of the reply tell about the server.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/engine/job.h"
#include "resolver/wire/rr.h"

/* The query without its id and with its name in lower case. Returns false when it is too long. */
static bool fill_key(struct trip *trip, const struct exchange_query *query, uint64_t *ret_hash)
{
	if (query->size > sizeof(trip->wire) || query->size <= HEADER_SIZE)
		return false;
	trip->server = query->server;
	trip->match_case = query->match_case;
	trip->size = (uint16_t)query->size;
	memcpy(trip->wire, query->wire, query->size);
	trip->wire[0] = trip->wire[1] = 0;
	(void)name_lower(query->wire + HEADER_SIZE, trip->wire + HEADER_SIZE);
	*ret_hash = siphash(&trip->engine->trips.key, trip->wire, query->size);
	return true;
}

static bool same_key(const struct trip *a, const struct trip *b)
{
	return a->size == b->size && a->match_case == b->match_case &&
	       addr_equal(&a->server, &b->server) && memcmp(a->wire, b->wire, a->size) == 0;
}

static struct trip *find_same(const struct trip *trip, uint64_t hash)
{
	keyed_match(struct trip, at, &trip->engine->trips, hash, entry)
		if (same_key(at, trip))
			return at;
	return NULL;
}

static struct trip *take_trip(struct engine *engine)
{
	struct trip *trip = pool_take(&engine->trip_pool);
	if (!trip)
		return NULL;
	memset(trip, 0, offsetof(struct trip, wire));
	trip->engine = engine;
	return trip;
}

static void free_trip(struct trip *trip)
{
	keyed_remove(&trip->engine->trips, &trip->entry);
	pool_put(&trip->engine->trip_pool, trip);
}

static void board(struct trip *trip, struct flight *flight)
{
	flight->trip = trip;
	list_prepend(&trip->flights, &flight->on_trip);
}

static void ended(void *owner, const struct exchange_done *done)
{
	struct trip *trip = owner;
	list_each(struct flight, flight, &trip->flights, on_trip) {
		list_remove(&flight->on_trip);
		flight->trip = NULL;
		flight_land(flight, done);
	}
	free_trip(trip);
}

int trip_start(struct flight *flight, const struct exchange_query *query)
{
	struct engine *engine = flight->job->engine;
	struct trip *trip = take_trip(engine);
	if (!trip)
		return RW_ENOMEM;
	uint64_t hash;
	if (query->transport == TRANSPORT_UDP && fill_key(trip, query, &hash)) {
		struct trip *same = find_same(trip, hash);
		if (same) {
			free_trip(trip);
			board(same, flight);
			return 0;
		}
		keyed_add(&engine->trips, &trip->entry, hash);
	}
	int err = exchange_start(engine->upstream, query, ended, trip, &trip->exchange);
	if (err) {
		free_trip(trip);
		return err;
	}
	board(trip, flight);
	return 0;
}

void trip_leave(struct flight *flight)
{
	struct trip *trip = flight->trip;
	list_remove(&flight->on_trip);
	flight->trip = NULL;
	if (!list_is_empty(&trip->flights))
		return;
	exchange_abandon(trip->exchange);
	free_trip(trip);
}
