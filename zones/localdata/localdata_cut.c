/* SPDX-License-Identifier: MIT */
/* Where our zones end: the cut above a name, and the delegation a walk begins at. */
#include "zones/localdata/localdata.h"

#include <string.h>

int localdata_cut(const struct localdata *localdata, const struct question *question,
	struct arena *arena, struct localdata_cut *ret_cut)
{
	struct answer answer;
	struct zone_beside beside;
	const struct localdata_zone *zone =
		localdata ? localdata_zone_of(localdata, question) : NULL;
	if (!zone || !zone->zone || !zone->cache)
		return RW_ENOTFOUND;
	answer_begin(&answer, question);
	int err = zone_step(zone->zone, arena, &answer, &beside);
	if (err || !beside.ns)
		return err ? err : RW_ENOTFOUND;
	ret_cut->ns = beside.ns;
	ret_cut->ds = beside.ds;
	ret_cut->cache = zone->cache;
	ret_cut->glue_count = beside.glue_count;
	memcpy(ret_cut->glue, beside.glue, beside.glue_count * sizeof(beside.glue[0]));
	return 0;
}

static void add_set(struct nameserver *server, const struct rrset *set, uint16_t port)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct addr addr =
			addr_from_bytes(set->records[i].bytes, set->records[i].size, port);
		delegation_add_address(server, &addr, ADDRESS_CONFIG);
	}
}

/* Addresses in our own data may be private: such a delegation is intended. */
static int add_ours(const struct localdata *localdata, struct nameserver *server, uint16_t port,
	uint64_t now_ms, struct arena *arena)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	for (unsigned t = 0; t < RW_COUNT(types); t++) {
		const struct question question = {server->name, types[t], CLASS_IN};
		struct answer answer;
		int err = 0;
		answer_begin(&answer, &question);
		while (!err && answer.outcome == ANSWER_MISS)
			err = localdata_lookup(localdata, now_ms, arena, &answer);
		if (err && err != RW_ENOTFOUND)
			return err;
		if (answer.outcome == ANSWER_POSITIVE)
			add_set(server, answer.sets[answer.set_count - 1], port);
	}
	return 0;
}

int localdata_delegation(const struct localdata *localdata, const struct localdata_cut *cut,
	uint16_t port, uint64_t now_ms, struct arena *arena, struct delegation **ret_delegation)
{
	struct delegation *made = arena_alloc(arena, sizeof(*made));
	if (!made)
		return RW_ENOMEM;
	made->zone = cut->ns->owner;
	made->source = DELEGATION_STUB;
	made->ttl = cut->ns->ttl;
	made->expires_ms = UINT64_MAX;
	for (unsigned i = 0; i < cut->ns->count && made->ns_count < LIMIT_NS_KEPT; i++) {
		struct nameserver *server = &made->ns[made->ns_count];
		server->name = rrset_target(cut->ns, i);
		if (!server->name || name_is_root(server->name))
			continue;
		made->ns_count++;
		server->kind = name_is_at_or_below(server->name, made->zone) ? GLUE_IN_DOMAIN
									     : GLUE_SIBLING;
		for (unsigned g = 0; g < cut->glue_count; g++)
			if (name_equal(cut->glue[g]->owner, server->name))
				add_set(server, cut->glue[g], port);
		if (server->address_count == 0) {
			int err = add_ours(localdata, server, port, now_ms, arena);
			if (err)
				return err;
		}
	}
	*ret_delegation = made;
	return 0;
}
