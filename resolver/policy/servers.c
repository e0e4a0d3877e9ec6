/* SPDX-License-Identifier: MIT */
/* Rules for the servers of the zones that a name lies in. */
#include "resolver/policy/inner.h"

#include "zones/cuts/delegation.h"

struct server_search {
	const struct policy_query *query;
	const struct rpz *zone;
	bool found;
	const uint8_t *server; /* whose rule it is */
	struct rpz_match best;
};

static void see_name(struct server_search *s, const uint8_t *server)
{
	struct rpz_match match;
	if (!rpz_match_name(s->zone, RPZ_NSDNAME, server, &match) ||
		(s->found && name_compare(server, s->server) >= 0))
		return;
	s->found = true;
	s->server = server;
	s->best = match;
}

static void see_address(struct server_search *s, const struct addr *addr)
{
	struct rpz_match match;
	if (!rpz_match_address(s->zone, RPZ_NSIP, addr, &match) ||
		(s->found && !policy_is_closer(&match, &s->best)))
		return;
	s->found = true;
	s->best = match;
}

/* What the cache knows of a server's addresses besides glue. */
static int see_cached(struct server_search *s, const uint8_t *server, uint16_t type)
{
	struct cache_hit hit;
	const struct cache_query query = {
		.cache = s->query->cache, .now_ms = s->query->now_ms, .arena = s->query->arena};
	int err = cache_lookup(&query, CACHE_RRSET, server, type, &hit);
	for (unsigned i = 0; !err && i < hit.set->count; i++) {
		struct addr addr =
			addr_from_bytes(hit.set->records[i].bytes, hit.set->records[i].size, 0);
		see_address(s, &addr);
	}
	return err == RW_ENOTFOUND ? 0 : err;
}

static int see_server(
	struct server_search *s, enum rpz_trigger trigger, const struct nameserver *server)
{
	if (trigger == RPZ_NSDNAME) {
		if (server->name)
			see_name(s, server->name);
		return 0;
	}
	for (unsigned i = 0; i < server->address_count; i++)
		see_address(s, &server->addresses[i]);
	if (!server->name)
		return 0;
	int err = see_cached(s, server->name, TYPE_A);
	return err ? err : see_cached(s, server->name, TYPE_AAAA);
}

int policy_servers(const struct policy_query *query, const struct rpz *zone,
	enum rpz_trigger trigger, const uint8_t *name, struct rpz_match *ret_match)
{
	struct server_search s = {.query = query, .zone = zone};
	if (!rpz_has(zone, trigger))
		return RW_ENOTFOUND;
	/* The root's servers are everybody's. */
	for (; !name_is_root(name); name = name_parent(name)) {
		struct delegation *cut;
		int err = delegation_load(query->cache, name, query->now_ms, query->arena, &cut);
		for (unsigned i = 0; !err && i < cut->ns_count; i++)
			err = see_server(&s, trigger, &cut->ns[i]);
		if (err && err != RW_ENOTFOUND)
			return err;
	}
	if (s.found)
		*ret_match = s.best;
	return s.found ? 0 : RW_ENOTFOUND;
}
