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

static struct trip **bucket_of(struct engine *engine, uint64_t hash)
{
	return &engine->trips[hash & (TRIP_BUCKETS - 1)];
}

/* The query without its id and with its name in lower case. Returns false when it is too long. */
static bool fill_key(struct trip *trip, const struct exchange_query *query)
{
	if (query->size > sizeof(trip->wire) || query->size <= HEADER_SIZE)
		return false;
	trip->server = query->server;
	trip->match_case = query->match_case;
	trip->size = (uint16_t)query->size;
	memcpy(trip->wire, query->wire, query->size);
	trip->wire[0] = trip->wire[1] = 0;
	(void)name_lower(query->wire + HEADER_SIZE, trip->wire + HEADER_SIZE);
	trip->hash = siphash(&trip->engine->key, trip->wire, query->size);
	return true;
}

static bool same_key(const struct trip *a, const struct trip *b)
{
	return a->hash == b->hash && a->size == b->size && a->match_case == b->match_case &&
	       addr_equal(&a->server, &b->server) && memcmp(a->wire, b->wire, a->size) == 0;
}

static struct trip *find_same(const struct trip *trip)
{
	struct trip *at = *bucket_of(trip->engine, trip->hash);
	while (at && !same_key(at, trip))
		at = at->next;
	return at;
}

static void enter_table(struct trip *trip)
{
	struct trip **bucket = bucket_of(trip->engine, trip->hash);
	trip->next = *bucket;
	*bucket = trip;
	trip->in_table = true;
}

static void leave_table(struct trip *trip)
{
	struct trip **link = bucket_of(trip->engine, trip->hash);
	if (!trip->in_table)
		return;
	while (*link != trip)
		link = &(*link)->next;
	*link = trip->next;
	trip->in_table = false;
}

static struct trip *take_trip(struct engine *engine)
{
	struct trip *trip = engine->spare_trips;
	if (trip)
		engine->spare_trips = trip->next;
	else
		trip = malloc(sizeof(*trip));
	if (!trip)
		return NULL;
	memset(trip, 0, offsetof(struct trip, wire));
	trip->engine = engine;
	return trip;
}

static void put_back(struct trip *trip)
{
	trip->next = trip->engine->spare_trips;
	trip->engine->spare_trips = trip;
}

static void board(struct trip *trip, struct flight *flight)
{
	flight->trip = trip;
	flight->trip_next = trip->flights;
	trip->flights = flight;
}

static void ended(void *owner, const struct exchange_done *done)
{
	struct trip *trip = owner;
	leave_table(trip);
	while (trip->flights) {
		struct flight *flight = trip->flights;
		trip->flights = flight->trip_next;
		flight->trip = NULL;
		flight_land(flight, done);
	}
	put_back(trip);
}

int trip_start(struct flight *flight, const struct exchange_query *query)
{
	struct engine *engine = flight->job->engine;
	struct trip *trip = take_trip(engine);
	if (!trip)
		return RW_ENOMEM;
	if (query->transport == TRANSPORT_UDP && fill_key(trip, query)) {
		struct trip *same = find_same(trip);
		if (same) {
			put_back(trip);
			board(same, flight);
			return 0;
		}
		enter_table(trip);
	}
	int err = exchange_start(engine->upstream, query, ended, trip, &trip->exchange);
	if (err) {
		leave_table(trip);
		put_back(trip);
		return err;
	}
	board(trip, flight);
	return 0;
}

void trip_leave(struct flight *flight)
{
	struct trip *trip = flight->trip;
	struct flight **link = &trip->flights;
	while (*link != flight)
		link = &(*link)->trip_next;
	*link = flight->trip_next;
	flight->trip = NULL;
	if (trip->flights)
		return;
	leave_table(trip);
	exchange_abandon(trip->exchange);
	put_back(trip);
}

void trip_free_spare(struct engine *engine)
{
	while (engine->spare_trips) {
		struct trip *trip = engine->spare_trips;
		engine->spare_trips = trip->next;
		free(trip);
	}
}
