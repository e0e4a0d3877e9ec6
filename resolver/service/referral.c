/* SPDX-License-Identifier: MIT */
/* Delegations turned back into record sets. */
#include "resolver/service/referral.h"

static void add_glue(struct referral *referral, const struct nameserver *server, uint16_t type,
	struct arena *arena)
{
	uint8_t family = type == TYPE_A ? ADDR_V4 : ADDR_V6;
	struct rdata *records = arena_alloc(arena, LIMIT_ADDRESSES_PER_NS * sizeof(*records));
	unsigned count = 0;
	for (unsigned i = 0; records && i < server->address_count; i++)
		if (server->addresses[i].family == family && count < LIMIT_ADDRESSES_PER_NS)
			records[count++] = (struct rdata){server->addresses[i].ip,
				(uint16_t)addr_ip_size(&server->addresses[i])};
	if (count == 0)
		return;
	referral->glue[referral->glue_count++] = (struct rrset){
		.owner = server->name,
		.type = type,
		.class = CLASS_IN,
		.ttl = referral->ns.ttl,
		.count = (uint16_t)count,
		.records = records,
	};
}

const struct referral *referral_of(struct cache *cache, const struct rrset *answer,
	const struct provenance *from, uint64_t now_ms, struct arena *arena)
{
	struct delegation *cut;
	struct referral *referral = arena_alloc(arena, sizeof(*referral));
	const uint8_t *zone = name_suffix(answer->owner, from->cut_labels);
	if (!referral || delegation_load(cache, zone, now_ms, arena, &cut))
		return NULL;
	uint64_t left = cut->expires_ms > now_ms ? (cut->expires_ms - now_ms) / 1000 : 0;
	referral->ns = (struct rrset){
		.owner = zone,
		.type = TYPE_NS,
		.class = CLASS_IN,
		.ttl = (uint32_t)RW_MIN(left, (uint64_t)cut->ttl),
		.records = referral->names,
	};
	for (unsigned i = 0; i < cut->ns_count; i++) {
		const uint8_t *name = cut->ns[i].name;
		if (!name)
			continue;
		referral->names[referral->ns.count++] =
			(struct rdata){name, (uint16_t)name_size(name)};
		/* Glue from outside the parent's zone is for the walk's last resort only. */
		if (cut->ns[i].kind == GLUE_OUTSIDE)
			continue;
		add_glue(referral, &cut->ns[i], TYPE_A, arena);
		add_glue(referral, &cut->ns[i], TYPE_AAAA, arena);
	}
	return referral->ns.count > 0 ? referral : NULL;
}
