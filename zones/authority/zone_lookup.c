/* SPDX-License-Identifier: MIT */
/*
 * Looking a name up: the closest encloser first, which says at once whether a delegation or a DNAME
 * stands in the way; then the name's own sets, or the wildcard's, or a denial.
 */
#include <string.h>

#include "zones/authority/zone_inner.h"

/* One name on its way through the zone. */
struct zone_search {
	const struct zone *zone;
	struct arena *arena;
	struct answer *answer;
	struct zone_beside *beside;
	const uint8_t *name; /* at the end of the chain */
	uint16_t type;
};

const struct zone_node *zone_nodes_at(const struct zone_nodes *nodes, const uint8_t *name)
{
	size_t low = 0, high = nodes->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (name_compare(nodes->items[middle]->name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? nodes->items[low - 1] : NULL;
}

const struct zone_node *zone_encloser(const struct zone *zone, const uint8_t *name)
{
	/* What stands between an ancestor and the name in the order is below that ancestor. */
	const struct zone_node *node = zone_nodes_at(&zone->names, name);
	rw_require(node);
	unsigned common = name_common_labels(node->name, name);
	while (node->labels > common)
		node = node->parent;
	return node;
}

bool zone_has_name(const struct zone *zone, const uint8_t *name)
{
	if (!name_is_at_or_below(name, zone->top->name))
		return false;
	const struct zone_node *node = zone_encloser(zone, name);
	bool has = false;
	for (const struct zone_set *at = node->sets; at; at = at->next)
		has |= at->set.count > 0;
	return has && node->labels == name_labels(name) &&
	       (!node->barrier || node->barrier == node);
}

bool zone_name_exists(const struct zone *zone, const uint8_t *name)
{
	if (!name_is_at_or_below(name, zone->top->name))
		return false;
	const struct zone_node *node = zone_encloser(zone, name);
	bool exact = node->labels == name_labels(name);
	bool at_dname = exact && node->barrier == node && zone_node_set(node, TYPE_DNAME);
	return (!node->barrier || at_dname) && (exact || node->wild);
}

/* --- What goes into the answer. --- */

/* The set as it is, or as a wildcard makes it for this name. */
static const struct rrset *set_for(
	const struct zone_search *search, const struct rrset *set, const struct zone_node *wild)
{
	if (!wild)
		return set;
	struct rrset *made = arena_dup(search->arena, set, sizeof(*set));
	if (made)
		made->owner = name_dup(search->name, search->arena);
	return made && made->owner ? made : NULL;
}

/* Addresses of the hosts that the set names, as far as they are in this zone. Only name servers are
 * found below a cut too: there the addresses are glue, and nothing else may go out of it. */
static void put_addresses(struct zone_search *search, const struct rrset *hosts)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	const struct zone *zone = search->zone;
	struct zone_beside *beside = search->beside;
	uint16_t at;
	if (rr_rdata_names(hosts->type, &at) != 1)
		return;
	for (unsigned i = 0; i < hosts->count; i++) {
		const uint8_t *host = hosts->records[i].bytes + at;
		if (!name_is_at_or_below(host, zone->top->name))
			continue;
		const struct zone_node *node = zone_encloser(zone, host);
		if (node->labels != name_labels(host) || (node->barrier && hosts->type != TYPE_NS))
			continue;
		for (unsigned t = 0; t < RW_COUNT(types); t++) {
			const struct rrset *set = zone_node_set(node, types[t]);
			if (set && beside->glue_count < ZONE_GLUE)
				beside->glue[beside->glue_count++] = set;
		}
	}
}

/* --- The name's own data. --- */

/* All signatures of the name as one set; RFC 4035 section 2.2 makes no set of them, a reply does.
 */
static int signatures_of(const struct zone_search *search, const struct zone_node *node,
	const struct rrset **ret_set)
{
	unsigned count = 0;
	uint32_t ttl = UINT32_MAX;
	for (const struct zone_set *at = node->sets; at; at = at->next)
		if (at->set.count > 0)
			count += at->set.sig_count;
	*ret_set = NULL;
	if (count == 0)
		return 0;
	struct rrset *made = arena_alloc(search->arena, sizeof(*made));
	struct rdata *records = arena_alloc(search->arena, count * sizeof(*records));
	if (!made || !records)
		return RW_ENOMEM;
	made->owner = node->name;
	made->type = TYPE_RRSIG;
	made->class = CLASS_IN;
	made->records = records;
	for (const struct zone_set *at = node->sets; at; at = at->next)
		for (unsigned i = 0; at->set.count > 0 && i < at->set.sig_count; i++) {
			records[made->count++] = at->set.sigs[i];
			ttl = RW_MIN(ttl, at->set.ttl);
		}
	made->ttl = ttl;
	*ret_set = made;
	return 0;
}

static const struct rrset *any_of(const struct zone_node *node)
{
	const struct rrset *found = NULL;
	for (const struct zone_set *at = node->sets; at; at = at->next)
		if (at->set.count > 0 && (!found || found->type == TYPE_NSEC))
			found = &at->set;
	return found;
}

/* What answers the type at this node; NULL: nothing. */
static int pick(const struct zone_search *search, const struct zone_node *node,
	const struct rrset **ret_set)
{
	if (search->type == TYPE_RRSIG)
		return signatures_of(search, node, ret_set);
	*ret_set = search->type == TYPE_ANY ? any_of(node) : zone_node_set(node, search->type);
	return 0;
}

static void deny(struct zone_search *search, enum answer_outcome outcome)
{
	answer_deny(search->answer, outcome, search->zone->negative_soa, &provenance_local);
}

/* `node` is the name itself, or the wildcard that stands for it: then `above` is not NULL. */
static int answer_from(
	struct zone_search *search, const struct zone_node *node, const struct zone_node *above)
{
	const struct zone *zone = search->zone;
	const struct zone_node *wild = above ? node : NULL;
	const struct rrset *found, *alias = NULL;
	int err = pick(search, node, &found);
	if (err)
		return err;
	if (!found)
		alias = found = zone_node_set(node, TYPE_CNAME);
	if (!found) {
		deny(search, ANSWER_NODATA);
		return wild ? zone_prove_wild_type(zone, search->name, above, search->beside)
			    : zone_prove_type(zone, node, search->beside);
	}
	found = set_for(search, found, wild);
	if (!found)
		return RW_ENOMEM;
	if (wild)
		err = zone_prove_expansion(zone, search->name, above, search->beside);
	if (alias)
		answer_follow(search->answer, found, &provenance_local);
	else
		answer_end(search->answer, found, &provenance_local);
	if (found->type == TYPE_NS || found->type == TYPE_MX || found->type == TYPE_SRV)
		put_addresses(search, found);
	return err;
}

static int refer(struct zone_search *search, const struct zone_node *cut)
{
	struct zone_beside *beside = search->beside;
	beside->ns = zone_node_set(cut, TYPE_NS);
	/* Of an unsigned zone it proves nothing to anybody. */
	if (search->zone->chain.count > 0)
		beside->ds = zone_node_set(cut, TYPE_DS);
	put_addresses(search, beside->ns);
	return beside->ds ? 0 : zone_prove_type(search->zone, cut, beside);
}

static int step(struct zone_search *search)
{
	const struct zone_node *node = zone_encloser(search->zone, search->name);
	const struct zone_node *barrier = node->barrier;
	bool exact = node->labels == name_labels(search->name);
	bool at_barrier = exact && node == barrier;
	if (barrier && zone_node_set(barrier, TYPE_DNAME) && !at_barrier)
		return answer_redirect(search->answer, zone_node_set(barrier, TYPE_DNAME),
			&provenance_local, search->arena);
	/* The DS of a delegation is the parent's (RFC 4035 section 3.1.4.1). */
	if (barrier && !zone_node_set(barrier, TYPE_DNAME) &&
		!(at_barrier && search->type == TYPE_DS))
		return refer(search, barrier);
	if (exact)
		return answer_from(search, node, NULL);
	if (node->wild)
		return answer_from(search, node->wild, node);
	deny(search, ANSWER_NXDOMAIN);
	return zone_prove_name(search->zone, search->name, node, search->beside);
}

/* What stands beside the steps before stays. */
static int take_step(const struct zone *zone, struct arena *arena, struct answer *answer,
	struct zone_beside *beside)
{
	struct zone_search search = {
		.zone = zone,
		.arena = arena,
		.answer = answer,
		.beside = beside,
		.name = answer->name,
		.type = answer->type,
	};
	return name_is_at_or_below(answer->name, zone->top->name) ? step(&search) : RW_EINVAL;
}

static void clear_beside(struct zone_beside *beside)
{
	beside->ns = beside->ds = NULL;
	beside->glue_count = beside->proof_count = 0;
}

int zone_step(const struct zone *zone, struct arena *arena, struct answer *answer,
	struct zone_beside *beside)
{
	clear_beside(beside);
	return take_step(zone, arena, answer, beside);
}

int zone_lookup(const struct zone *zone, const struct question *question, struct arena *arena,
	struct answer *answer, struct zone_beside *beside)
{
	answer_begin(answer, question);
	clear_beside(beside);
	int err = take_step(zone, arena, answer, beside);
	while (!err && answer->outcome == ANSWER_MISS && !beside->ns &&
		name_is_at_or_below(answer->name, zone->top->name))
		err = take_step(zone, arena, answer, beside);
	return err;
}
