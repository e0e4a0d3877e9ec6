/* SPDX-License-Identifier: MIT */
/* From the table of names to the immutable tree: order, barriers, wildcards, the chain of denial.
 */
#include <stdlib.h>
#include <string.h>

#include "zones/authority/zone_inner.h"

static int by_name(const void *a, const void *b)
{
	const struct zone_node *const *left = a, *const *right = b;
	return name_compare((*left)->name, (*right)->name);
}

static bool has_data(const struct zone_node *node)
{
	for (const struct zone_set *at = node->sets; at; at = at->next)
		if (at->set.count > 0)
			return true;
	return false;
}

/* All nodes of one kind, in order. */
static int collect(struct zone *zone, bool hashes, struct zone_nodes *ret_nodes)
{
	struct zone_nodes nodes = {
		.items = arena_alloc(&zone->arena, zone->table.count * sizeof(struct zone_node *))};
	if (!nodes.items)
		return RW_ENOMEM;
	keyed_each(struct zone_node, node, &zone->table, by_name)
		if (node->is_hash == hashes)
			nodes.items[nodes.count++] = node;
	qsort(nodes.items, nodes.count, sizeof(struct zone_node *), by_name);
	*ret_nodes = nodes;
	return 0;
}

/* Names that only hold signatures of nothing, or were refused, are not there. */
static void drop_empty(struct zone_nodes *nodes)
{
	size_t kept = 0;
	for (size_t i = nodes->count; i-- > 0;) {
		struct zone_node *node = nodes->items[i];
		node->exists |= has_data(node);
		if (node->exists && node->parent)
			node->parent->exists = true;
	}
	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->items[i]->exists)
			nodes->items[kept++] = nodes->items[i];
	nodes->count = kept;
}

/* Parents come before their children. */
static void link_nodes(struct zone *zone)
{
	for (size_t i = 0; i < zone->names.count; i++) {
		struct zone_node *node = zone->names.items[i], *parent = node->parent;
		if (parent && name_is_wildcard(node->name))
			parent->wild = node;
		if (parent && parent->barrier)
			node->barrier = parent->barrier;
		else if (zone_node_set(node, TYPE_DNAME) ||
			 (parent && zone_node_set(node, TYPE_NS)))
			node->barrier = node;
	}
}

/* Iterations, length of the salt, salt. */
static bool same_hash(const struct rdata *a, const struct rdata *b)
{
	return a->bytes[0] == b->bytes[0] &&
	       memcmp(a->bytes + 2, b->bytes + 2, 3u + a->bytes[4]) == 0;
}

/* The NSEC3PARAM to go by: of SHA-1 (the only hash there is), without flags (RFC 5155 4.1.2). */
static const struct rdata *hash_in_force(const struct zone *zone)
{
	const struct rrset *set = zone_node_set(zone->top, TYPE_NSEC3PARAM);
	for (unsigned i = 0; set && i < set->count; i++)
		if (set->records[i].bytes[0] == 1 && set->records[i].bytes[1] == 0)
			return &set->records[i];
	return NULL;
}

static bool is_in_chain(const struct zone *zone, const struct zone_node *node)
{
	const struct rrset *set = zone_node_set(node, zone->nsec3 ? TYPE_NSEC3 : TYPE_NSEC);
	if (!set)
		return false;
	if (zone->nsec3)
		return same_hash(zone->nsec3, &set->records[0]);
	/* What lies below a delegation or a DNAME denies nothing here. */
	return !node->barrier || node->barrier == node;
}

static int build_chain(struct zone *zone, const struct rrset *soa)
{
	if (soa->sig_count == 0)
		return 0;
	zone->nsec3 = hash_in_force(zone);
	const struct zone_nodes *from = zone->nsec3 ? &zone->hashes : &zone->names;
	struct zone_nodes chain = {
		.items = arena_alloc(&zone->arena, from->count * sizeof(struct zone_node *))};
	if (!chain.items)
		return RW_ENOMEM;
	for (size_t i = 0; i < from->count; i++)
		if (is_in_chain(zone, from->items[i]))
			chain.items[chain.count++] = from->items[i];
	zone->chain = chain;
	return 0;
}

int zone_finish(struct zone *zone, enum zone_fault *ret_fault)
{
	const struct rrset *soa = zone_node_set(zone->top, TYPE_SOA);
	if (zone->is_full)
		return RW_ENOMEM;
	if (!soa || !zone_node_set(zone->top, TYPE_NS)) {
		*ret_fault = soa ? ZONE_NO_NS : ZONE_NO_SOA;
		return RW_EINVAL;
	}
	if (collect(zone, false, &zone->names) || collect(zone, true, &zone->hashes)) {
		zone->is_full = true;
		return RW_ENOMEM;
	}
	drop_empty(&zone->names);
	drop_empty(&zone->hashes);
	link_nodes(zone);
	struct rrset *negative = arena_dup(&zone->arena, soa, sizeof(*soa));
	if (!negative || build_chain(zone, soa))
		return RW_ENOMEM;
	negative->ttl = rrset_soa_negative_ttl(soa);
	zone->negative_soa = negative;
	keyed_release(&zone->table);
	zone->is_finished = true;
	return 0;
}

static int walk_node(
	const struct zone_node *node, int (*see)(void *ctx, const struct rrset *set), void *ctx)
{
	int err = 0;
	for (const struct zone_set *at = node->sets; at && !err; at = at->next)
		if (at->set.count > 0)
			err = see(ctx, &at->set);
	return err;
}

int zone_walk(const struct zone *zone, int (*see)(void *ctx, const struct rrset *set), void *ctx)
{
	const struct zone_nodes *names = &zone->names, *hashes = &zone->hashes;
	int err = 0;
	for (size_t n = 0, h = 0; !err && (n < names->count || h < hashes->count);) {
		bool hash_first =
			n == names->count ||
			(h < hashes->count && by_name(&hashes->items[h], &names->items[n]) < 0);
		err = walk_node(hash_first ? hashes->items[h++] : names->items[n++], see, ctx);
	}
	return err;
}
