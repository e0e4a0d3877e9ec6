/* SPDX-License-Identifier: MIT */
/*
 * Looking a name up: the closest encloser first, which says at once whether a delegation or a DNAME
 * stands in the way; then the name's own sets, or the wildcard's, or a denial.
 */
#include <string.h>

#include "zones/zone_inner.h"

/* One question on its way through the zone; `name` moves on with aliases. */
struct search {
	const struct zone *zone;
	uint16_t type;
	struct arena *arena;
	struct zone_reply *reply;
	const uint8_t *name;
	bool is_done;
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

/* --- What goes into the reply. --- */

static void put_answer(struct zone_reply *reply, const struct rrset *set)
{
	rw_require(reply->answer_count < ZONE_SETS);
	reply->answer[reply->answer_count++] = set;
}

static void put_soa(struct search *search, enum zone_outcome outcome)
{
	search->reply->outcome = outcome;
	search->reply->soa = search->zone->negative_soa;
	search->is_done = true;
}

/* The set as it is, or as a wildcard makes it for this name. */
static const struct rrset *set_for(
	const struct search *search, const struct rrset *set, const struct zone_node *wild)
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
static void put_addresses(struct search *search, const struct rrset *hosts)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	const struct zone *zone = search->zone;
	struct zone_reply *reply = search->reply;
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
			if (set && reply->glue_count < ZONE_GLUE)
				reply->glue[reply->glue_count++] = set;
		}
	}
}

/* --- Aliases. --- */

/* Goes on with the target: in the zone, elsewhere, or never again. */
static void follow(struct search *search, const uint8_t *target)
{
	struct zone_reply *reply = search->reply;
	bool seen = false;
	unsigned aliases = 0;
	for (unsigned i = 0; i < reply->answer_count; i++) {
		if (reply->answer[i]->type != TYPE_CNAME)
			continue;
		seen |= name_equal(reply->answer[i]->owner, target);
		aliases++;
	}
	search->name = target;
	if (seen || aliases > LIMIT_ALIASES) {
		reply->outcome = ZONE_LOOP;
		search->is_done = true;
	} else if (!name_is_at_or_below(target, search->zone->top->name)) {
		reply->outcome = ZONE_ALIAS;
		reply->next = target;
		search->is_done = true;
	}
}

/* RFC 6672 section 3.2: the DNAME, a CNAME made of it with its TTL, and on. */
static int follow_dname(struct search *search, const struct zone_node *node)
{
	const struct rrset *dname = zone_node_set(node, TYPE_DNAME);
	struct name target;
	put_answer(search->reply, dname);
	int err = name_replace_suffix(search->name, dname->owner, rrset_target(dname, 0), &target);
	if (err) {
		search->reply->outcome = ZONE_TOO_LONG;
		search->is_done = true;
		return 0;
	}
	const struct rrset *cname = rrset_single(search->arena, search->name, TYPE_CNAME,
		dname->ttl, target.bytes, (uint16_t)name_size(target.bytes));
	if (!cname)
		return RW_ENOMEM;
	put_answer(search->reply, cname);
	if (search->type == TYPE_CNAME || search->type == TYPE_ANY) {
		search->is_done = true;
		return 0;
	}
	follow(search, rrset_target(cname, 0));
	return 0;
}

/* --- The name's own data. --- */

/* All signatures of the name as one set; RFC 4035 section 2.2 makes no set of them, a reply does.
 */
static int signatures_of(
	const struct search *search, const struct zone_node *node, const struct rrset **ret_set)
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
static int pick(
	const struct search *search, const struct zone_node *node, const struct rrset **ret_set)
{
	if (search->type == TYPE_RRSIG)
		return signatures_of(search, node, ret_set);
	*ret_set = search->type == TYPE_ANY ? any_of(node) : zone_node_set(node, search->type);
	return 0;
}

/* `node` is the name itself, or the wildcard that stands for it: then `above` is not NULL. */
static int answer_from(
	struct search *search, const struct zone_node *node, const struct zone_node *above)
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
		put_soa(search, ZONE_NODATA);
		return wild ? zone_prove_wild_type(zone, search->name, above, search->reply)
			    : zone_prove_type(zone, node, search->reply);
	}
	found = set_for(search, found, wild);
	if (!found)
		return RW_ENOMEM;
	put_answer(search->reply, found);
	if (wild)
		err = zone_prove_expansion(zone, search->name, above, search->reply);
	if (alias) {
		follow(search, rrset_target(found, 0));
		return err;
	}
	if (found->type == TYPE_NS || found->type == TYPE_MX || found->type == TYPE_SRV)
		put_addresses(search, found);
	search->is_done = true;
	return err;
}

static int refer(struct search *search, const struct zone_node *cut)
{
	struct zone_reply *reply = search->reply;
	reply->outcome = reply->answer_count ? ZONE_ALIAS : ZONE_REFERRAL;
	reply->next = reply->answer_count ? search->name : NULL;
	reply->ns = zone_node_set(cut, TYPE_NS);
	/* Of an unsigned zone it proves nothing to anybody. */
	if (search->zone->chain.count > 0)
		reply->ds = zone_node_set(cut, TYPE_DS);
	put_addresses(search, reply->ns);
	search->is_done = true;
	return reply->ds ? 0 : zone_prove_type(search->zone, cut, reply);
}

static int step(struct search *search)
{
	const struct zone_node *node = zone_encloser(search->zone, search->name);
	const struct zone_node *barrier = node->barrier;
	bool exact = node->labels == name_labels(search->name);
	bool at_barrier = exact && node == barrier;
	if (barrier && zone_node_set(barrier, TYPE_DNAME) && !at_barrier)
		return follow_dname(search, barrier);
	/* The DS of a delegation is the parent's (RFC 4035 section 3.1.4.1). */
	if (barrier && !zone_node_set(barrier, TYPE_DNAME) &&
		!(at_barrier && search->type == TYPE_DS))
		return refer(search, barrier);
	if (exact)
		return answer_from(search, node, NULL);
	if (node->wild)
		return answer_from(search, node->wild, node);
	put_soa(search, ZONE_NXDOMAIN);
	return zone_prove_name(search->zone, search->name, node, search->reply);
}

int zone_lookup(const struct zone *zone, const struct question *question, struct arena *arena,
	struct zone_reply *ret_reply)
{
	struct zone_reply reply = {.outcome = ZONE_ANSWER};
	struct search search = {
		.zone = zone,
		.type = question->type,
		.arena = arena,
		.reply = &reply,
		.name = question->name,
	};
	int err = 0;
	if (!name_is_at_or_below(question->name, zone->top->name))
		return RW_EINVAL;
	while (!err && !search.is_done)
		err = step(&search);
	if (!err)
		*ret_reply = reply;
	return err;
}
