/* SPDX-License-Identifier: MIT */
/* Two keyed tables, of zones and of clients. An entry lives as long as somebody counts in it. */
#include "resolver/engine/admission.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

#define CLIENT_V6_BYTES 8 /* of an IPv6 address that tell clients apart: a /64 */

struct zone_seats {
	struct zone_seats *next; /* in the chain of the table */
	uint64_t hash;
	uint32_t seated, waiting;
	struct seat *first, *last; /* the line */
	struct name name;
};

struct client_share {
	struct client_share *next; /* in the chain of the table */
	uint64_t hash;
	struct addr client;
	uint32_t waiting;
};

/* ---- zones ---- */

static struct zone_seats **zone_link(
	struct admission *admission, uint64_t hash, const uint8_t *zone)
{
	struct zone_seats **link = &admission->zones[hash & (ADMISSION_BUCKETS - 1)];
	while (*link && ((*link)->hash != hash || !name_equal((*link)->name.bytes, zone)))
		link = &(*link)->next;
	return link;
}

static struct zone_seats *find_zone(struct admission *admission, const uint8_t *zone)
{
	uint64_t hash = name_hash(zone, &admission->key);
	struct zone_seats **link = zone_link(admission, hash, zone), *found = *link;
	if (found)
		return found;
	struct zone_seats *made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	made->hash = hash;
	(void)name_copy(zone, &made->name);
	*link = made;
	return made;
}

static void forget_empty_zone(struct admission *admission, struct zone_seats *zone)
{
	if (zone->seated > 0 || zone->waiting > 0)
		return;
	struct zone_seats **link = zone_link(admission, zone->hash, zone->name.bytes);
	*link = zone->next;
	free(zone);
}

static void join_line(struct zone_seats *zone, struct seat *seat)
{
	seat->in_line = true;
	seat->next = NULL;
	seat->prev = zone->last;
	*(zone->last ? &zone->last->next : &zone->first) = seat;
	zone->last = seat;
	zone->waiting++;
}

static void leave_line(struct zone_seats *zone, struct seat *seat)
{
	*(seat->prev ? &seat->prev->next : &zone->first) = seat->next;
	*(seat->next ? &seat->next->prev : &zone->last) = seat->prev;
	seat->in_line = false;
	zone->waiting--;
}

enum admission_verdict admission_enter(
	struct admission *admission, struct seat *seat, const uint8_t *zone, bool may_wait)
{
	struct zone_seats *seats = find_zone(admission, zone);
	if (!seats)
		return ADMISSION_FULL;
	if (seats->seated < LIMIT_ZONE_JOBS) {
		seats->seated++;
		seat->zone = seats;
		return ADMISSION_SEATED;
	}
	if (!may_wait || seats->waiting >= LIMIT_ZONE_LINE)
		return ADMISSION_FULL;
	join_line(seats, seat);
	seat->zone = seats;
	return ADMISSION_IN_LINE;
}

struct seat *admission_leave(struct admission *admission, struct seat *seat)
{
	struct zone_seats *zone = seat->zone;
	struct seat *heir = NULL;
	if (!zone)
		return NULL;
	seat->zone = NULL;
	if (seat->in_line) {
		leave_line(zone, seat);
	} else if (zone->first) {
		heir = zone->first;
		leave_line(zone, heir);
	} else {
		zone->seated--;
	}
	forget_empty_zone(admission, zone);
	return heir;
}

const uint8_t *admission_zone(const struct seat *seat)
{
	return seat->zone ? seat->zone->name.bytes : NULL;
}

/* ---- clients ---- */

/*
 * Who counts as one: an IPv4 address, a whole /64 of IPv6, for its host has all addresses of that
 * (RFC 4291 section 2.5.1). Link-local ones all share one /64, and their interface parts them.
 */
static struct addr client_of(const struct addr *address)
{
	struct addr client = *address;
	bool link_local = address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80;
	if (address->family == ADDR_V6 && !link_local)
		memset(client.ip + CLIENT_V6_BYTES, 0, sizeof(client.ip) - CLIENT_V6_BYTES);
	return client;
}

bool admission_same_client(const struct addr *a, const struct addr *b)
{
	const struct addr client_a = client_of(a), client_b = client_of(b);
	return addr_ip_equal(&client_a, &client_b);
}

static uint64_t hash_client(const struct admission *admission, const struct addr *client)
{
	uint8_t parts[sizeof(client->ip) + sizeof(client->scope)];
	memcpy(parts, client->ip, sizeof(client->ip));
	memcpy(parts + sizeof(client->ip), &client->scope, sizeof(client->scope));
	return siphash(&admission->key, parts, sizeof(parts));
}

static struct client_share **client_link(
	struct admission *admission, uint64_t hash, const struct addr *client)
{
	struct client_share **link = &admission->clients[hash & (ADMISSION_BUCKETS - 1)];
	while (*link && ((*link)->hash != hash || !addr_ip_equal(&(*link)->client, client)))
		link = &(*link)->next;
	return link;
}

struct client_share *admission_client_enter(struct admission *admission, const struct addr *address)
{
	struct addr client = client_of(address);
	uint64_t hash = hash_client(admission, &client);
	struct client_share **link = client_link(admission, hash, &client);
	if (!*link) {
		struct client_share *made = calloc(1, sizeof(*made));
		if (!made)
			return NULL;
		made->hash = hash;
		made->client = client;
		*link = made;
	}
	if ((*link)->waiting >= LIMIT_CLIENT_WAITING)
		return NULL;
	(*link)->waiting++;
	return *link;
}

void admission_client_leave(struct admission *admission, struct client_share *share)
{
	if (!share || --share->waiting > 0)
		return;
	struct client_share **link = client_link(admission, share->hash, &share->client);
	*link = share->next;
	free(share);
}
