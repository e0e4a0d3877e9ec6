/* SPDX-License-Identifier: MIT */
/* The tables of one view, and the look-up of one name in them. */
#include "zones/own.h"

#include <stdatomic.h>
#include <stdlib.h>

struct own_hosts {
	struct hosts *hosts;
	enum own_tier tier;
};

struct own {
	_Atomic unsigned users;
	struct own_hosts *hosts; /* by tier */
	size_t host_count;
	const struct name_list *transparent; /* may be NULL */
};

int own_new(struct own **ret_own)
{
	struct own *own = calloc(1, sizeof(*own));
	if (!own)
		return RW_ENOMEM;
	atomic_init(&own->users, 1);
	*ret_own = own;
	return 0;
}

struct own *own_ref(struct own *own)
{
	if (own)
		atomic_fetch_add_explicit(&own->users, 1, memory_order_relaxed);
	return own;
}

void own_unref(struct own *own)
{
	if (!own || atomic_fetch_sub_explicit(&own->users, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < own->host_count; i++)
		hosts_unref(own->hosts[i].hosts);
	free(own->hosts);
	free(own);
}

int own_add_hosts(struct own *own, struct hosts *hosts, enum own_tier tier)
{
	struct own_hosts *items = realloc(own->hosts, (own->host_count + 1) * sizeof(*items));
	if (!items)
		return RW_ENOMEM;
	own->hosts = items;
	size_t at = own->host_count++;
	for (; at > 0 && items[at - 1].tier > tier; at--)
		items[at] = items[at - 1];
	items[at] = (struct own_hosts){hosts_ref(hosts), tier};
	return 0;
}

void own_set_transparent(struct own *own, const struct name_list *names)
{
	own->transparent = names;
}

static bool is_transparent(const struct own *own, const uint8_t *name)
{
	for (size_t i = 0; own->transparent && i < own->transparent->count; i++)
		if (name_is_at_or_below(name, own->transparent->items[i]))
			return true;
	return false;
}

/* The first tier that has the name; within it, the first table that has the type. */
static int lookup_hosts(const struct own *own, const struct question *question, uint64_t now_ms,
	struct arena *arena, struct own_found *found)
{
	enum own_tier tier = OWN_TIERS;
	for (size_t i = 0; i < own->host_count && found->set_count == 0; i++) {
		const struct rrset *set = NULL;
		if (tier != OWN_TIERS && own->hosts[i].tier != tier)
			break;
		int err = hosts_lookup(own->hosts[i].hosts, question, now_ms, arena, &set);
		if (err == RW_ENOTFOUND)
			continue;
		if (err)
			return err;
		tier = own->hosts[i].tier;
		if (set)
			found->sets[found->set_count++] = set;
	}
	return tier == OWN_TIERS ? RW_ENOTFOUND : 0;
}

int own_lookup(const struct own *own, const struct question *question, uint64_t now_ms,
	struct arena *arena, struct own_found *ret_found)
{
	if (!own)
		return RW_ENOTFOUND;
	ret_found->rcode = RCODE_NOERROR;
	ret_found->set_count = ret_found->aliases = 0;
	ret_found->next = NULL;
	ret_found->soa = NULL;
	ret_found->trouble = NULL;
	int err = lookup_hosts(own, question, now_ms, arena, ret_found);
	if (!err && ret_found->set_count == 0 && is_transparent(own, question->name))
		return RW_ENOTFOUND;
	return err;
}

bool own_has_below(const struct own *own, const uint8_t *name, uint64_t now_ms)
{
	for (size_t i = 0; own && i < own->host_count; i++)
		if (hosts_has_below(own->hosts[i].hosts, name, now_ms))
			return true;
	return false;
}

bool own_has(const struct own *own, const uint8_t *name)
{
	unsigned line;
	for (size_t i = 0; own && i < own->host_count; i++)
		if (hosts_line_of(own->hosts[i].hosts, name, &line))
			return true;
	return false;
}
