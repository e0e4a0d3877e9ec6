/* SPDX-License-Identifier: MIT */
/* Which addresses are private for which names, and answers without them. */
#include "resolver/policy/rebinding.h"

#include "resolver/wire/edns.h"
#include "zones/localdata/nat64.h"

static bool is_below_one(const struct name_list *names, const uint8_t *owner)
{
	for (size_t i = 0; i < names->count; i++)
		if (name_is_at_or_below(owner, names->items[i]))
			return true;
	return false;
}

static bool is_routed(const struct route_list *routes, const uint8_t *owner)
{
	for (size_t i = 0; i < routes->count; i++)
		if (!name_is_root(routes->items[i].zone) &&
			name_is_at_or_below(owner, routes->items[i].zone))
			return true;
	return false;
}

static bool may_be_private(const struct settings *settings, const uint8_t *owner)
{
	return is_below_one(&settings->private_domains, owner) ||
	       is_routed(&settings->stub, owner) || is_routed(&settings->forward, owner);
}

static bool is_listed(const struct settings *settings, const struct addr *addr)
{
	for (size_t i = 0; i < settings->private_addresses.count; i++)
		if (prefix_contains(&settings->private_addresses.items[i], addr))
			return true;
	return false;
}

struct guard {
	const struct settings *settings;
	const struct prefix *nat64; /* of the client */
	struct arena *arena;
};

/* Also where an IPv6 address leads to an IPv4 one: on the client (RFC 4291), or by our NAT64. */
static bool is_private(const struct guard *guard, const struct rdata *record)
{
	static const struct prefix mapped = {
		.base = {.family = ADDR_V6, .ip = {[10] = 0xff, [11] = 0xff}}, .bits = 96};
	const struct addr addr = addr_from_bytes(record->bytes, record->size, 0);
	struct addr inside;
	return is_listed(guard->settings, &addr) ||
	       (nat64_inside(&mapped, &addr, &inside) && is_listed(guard->settings, &inside)) ||
	       (nat64_inside(guard->nat64, &addr, &inside) && is_listed(guard->settings, &inside));
}

/* The set itself where nothing is to be taken out; NULL in `ret_set` where nothing is left. */
static int filter_set(const struct guard *guard, const struct rrset *set, bool may_be,
	const struct rrset **ret_set)
{
	bool addresses = set->type == TYPE_A || set->type == TYPE_AAAA;
	unsigned hidden = 0, kept = 0;
	for (unsigned i = 0; addresses && i < set->count; i++)
		hidden += is_private(guard, &set->records[i]);
	*ret_set = set;
	if (hidden == 0 || may_be)
		return 0;
	*ret_set = NULL;
	if (hidden == set->count)
		return 0;
	struct rrset *shorter = arena_dup(guard->arena, set, sizeof(*set));
	struct rdata *records = arena_alloc(guard->arena, set->count * sizeof(*records));
	if (!shorter || !records)
		return RW_ENOMEM;
	for (unsigned i = 0; i < set->count; i++)
		if (!is_private(guard, &set->records[i]))
			records[kept++] = set->records[i];
	shorter->records = records;
	shorter->count = (uint16_t)kept;
	shorter->sig_count = 0; /* they cover the whole set */
	*ret_set = shorter;
	return 0;
}

int rebinding_filter(const struct settings *settings, const struct localdata *localdata,
	struct arena *arena, struct answer *answer)
{
	const struct guard guard = {settings, &localdata_dns64(localdata, settings)->prefix, arena};
	unsigned kept = 0, count = answer->set_count;
	bool changed = false, trusted = true;
	if (settings->private_addresses.count == 0)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		const struct rrset *all = answer->sets[i], *set;
		bool is_ours = localdata_has(localdata, all->owner);
		trusted &= is_ours || may_be_private(settings, all->owner);
		if (filter_set(&guard, all, trusted, &set))
			return RW_ENOMEM;
		changed |= set != all;
		if (!set)
			continue;
		answer->from[kept] = answer->from[i];
		answer->sets[kept++] = set;
	}
	answer->set_count = kept;
	if (changed) {
		answer->ede = EDE_FILTERED;
		answer->ede_text = "private addresses of a public name; private-domains lets a "
				   "zone have them";
	}
	return 0;
}
