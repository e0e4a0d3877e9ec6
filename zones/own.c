/* SPDX-License-Identifier: MIT */
/* The tables of one view, and the look-up of one name in them. */
#include "zones/own.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CLASH_BYTES (1 << 16) /* of memory for a look at one lease's name in a zone */

struct own_hosts {
	struct hosts *hosts;
	enum own_tier tier;
};

struct own {
	_Atomic unsigned users;
	struct own_hosts *hosts; /* by tier */
	size_t host_count;
	struct own_zone **zones; /* by the labels of their names, most first */
	size_t zone_count;
	struct name_list transparent;
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
	for (size_t i = 0; i < own->zone_count; i++)
		table_unref(&own->zones[i]->table);
	free(own->hosts);
	free(own->zones);
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

int own_add_zone(struct own *own, struct own_zone *zone)
{
	struct own_zone **items =
		realloc(own->zones, (own->zone_count + 1) * sizeof(struct own_zone *));
	if (!items)
		return RW_ENOMEM;
	own->zones = items;
	size_t at = own->zone_count++;
	for (; at > 0 && name_labels(items[at - 1]->apex) < name_labels(zone->apex); at--)
		items[at] = items[at - 1];
	items[at] = zone;
	(void)table_ref(&zone->table);
	return 0;
}

void own_set_transparent(struct own *own, const struct name_list *names)
{
	own->transparent = *names;
}

struct clashes {
	const struct own *own;
	size_t index; /* of the table whose names are seen */
	struct fault_list *faults;
};

/* Who has the name before this table's lease, or NULL. */
static struct hosts *holder_of(const struct clashes *clashes, const uint8_t *name)
{
	const struct own *own = clashes->own;
	unsigned line;
	for (size_t i = 0; i < own->host_count && own->hosts[i].tier < OWN_LEASES; i++)
		if (hosts_line_of(own->hosts[i].hosts, name, &line))
			return own->hosts[i].hosts;
	return NULL;
}

static const char *file_of(struct hosts *hosts, const char *otherwise)
{
	const char *file = table_file(hosts_table(hosts));
	return file ? file : otherwise;
}

/* The zone of ours that has records at just that name, or NULL. */
static const struct own_zone *zone_with(const struct own *own, const uint8_t *name)
{
	const struct question question = {name, TYPE_A, CLASS_IN};
	const struct own_zone *zone = own_zone_of(own, &question);
	return zone && zone->zone && zone_has_name(zone->zone, name) ? zone : NULL;
}

static bool has_all(const struct rrset *all, const struct rrset *some)
{
	unsigned found = 0;
	for (unsigned i = 0; i < some->count; i++)
		for (unsigned k = 0; k < all->count; k++)
			found += some->records[i].size == all->records[k].size &&
				 memcmp(some->records[i].bytes, all->records[k].bytes,
					 some->records[i].size) == 0;
	return found == some->count;
}

/* Whether the zone gives the name all the addresses that its lease does. */
static bool zone_agrees(
	const struct own_zone *zone, const struct hosts *leases, const uint8_t *name)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	struct arena arena;
	bool agrees = true;
	arena_init(&arena, CLASH_BYTES);
	for (unsigned t = 0; t < RW_COUNT(types); t++) {
		const struct question question = {name, types[t], CLASS_IN};
		const struct rrset *leased = NULL;
		struct zone_reply reply;
		if (hosts_lookup(leases, &question, 0, &arena, &leased) || !leased)
			continue;
		agrees &= zone_lookup(zone->zone, &question, &arena, &reply) == 0 &&
			  reply.outcome == ZONE_ANSWER &&
			  has_all(reply.answer[reply.answer_count - 1], leased);
	}
	arena_release(&arena);
	return agrees;
}

static void tell_clash(void *ctx, const uint8_t *name, unsigned line)
{
	const struct clashes *clashes = ctx;
	struct hosts *leases = clashes->own->hosts[clashes->index].hosts;
	struct hosts *holder = holder_of(clashes, name);
	const struct own_zone *zone = holder ? NULL : zone_with(clashes->own, name);
	char text[LIMIT_NAME_TEXT];
	if (zone && !zone_agrees(zone, leases, name))
		fault_warning(clashes->faults, file_of(leases, "leases"), line,
			"%s has records in a zone: the lease does not count",
			name_text(name, text));
	/* An address that is reserved for the name is no clash. */
	if (!holder || hosts_agree(leases, holder, name))
		return;
	fault_warning(clashes->faults, file_of(leases, "leases"), line,
		"%s has its addresses from %s: the lease does not count", name_text(name, text),
		file_of(holder, "`hosts`"));
}

void own_tell_clashes(const struct own *own, struct fault_list *faults)
{
	for (size_t i = 0; i < own->host_count; i++) {
		struct clashes clashes = {own, i, faults};
		if (own->hosts[i].tier == OWN_LEASES)
			hosts_each(own->hosts[i].hosts, tell_clash, &clashes);
	}
}

static bool is_transparent(const struct own *own, const uint8_t *name)
{
	for (size_t i = 0; i < own->transparent.count; i++)
		if (name_is_at_or_below(name, own->transparent.items[i]))
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
		/* Clients choose what they call themselves, but not over what is written here. */
		if (own->hosts[i].tier == OWN_LEASES && zone_with(own, question->name))
			break;
		tier = own->hosts[i].tier;
		if (set)
			found->sets[found->set_count++] = set;
	}
	return tier == OWN_TIERS ? RW_ENOTFOUND : 0;
}

/* DS records of an apex stand in the zone above. */
const struct own_zone *own_zone_of(const struct own *own, const struct question *question)
{
	const uint8_t *name = question->name;
	for (size_t i = 0; i < own->zone_count; i++)
		if (name_is_at_or_below(name, own->zones[i]->apex) &&
			(question->type != TYPE_DS || !name_equal(name, own->zones[i]->apex)))
			return own->zones[i];
	return NULL;
}

/* The proofs of a reply go with its denial, or else with its last set. */
static int attach_proofs(
	const struct zone_reply *reply, struct arena *arena, struct own_found *found)
{
	if (reply->proof_count == 0 || (!found->soa && found->set_count == 0))
		return 0;
	const struct rrset **at = found->soa ? &found->soa : &found->sets[found->set_count - 1];
	unsigned count = RW_MIN(reply->proof_count, (unsigned)LIMIT_PROOF_SETS);
	struct rrset *set = arena_dup(arena, *at, sizeof(*set));
	struct rrset *proofs = arena_alloc(arena, count * sizeof(*proofs));
	if (!set || !proofs)
		return RW_ENOMEM;
	for (unsigned i = 0; i < count; i++)
		proofs[i] = *reply->proofs[i];
	set->proofs = proofs;
	set->proof_count = (uint16_t)count;
	*at = set;
	return 0;
}

/* Whether a table or a deeper zone of ours has the alias's target, and not this zone. */
static bool leads_elsewhere(
	const struct own *own, const struct own_zone *zone, const struct question *target)
{
	unsigned line;
	for (size_t i = 0; i < own->host_count; i++)
		if (hosts_line_of(own->hosts[i].hosts, target->name, &line))
			return true;
	return own_zone_of(own, target) != zone;
}

/*
 * The sets of a zone's reply, up to an alias whose target is not the zone's to answer. Returns
 * whether there is one; `found->next` is the target then.
 */
static bool take_sets(const struct own *own, const struct own_zone *zone, uint16_t type,
	const struct zone_reply *reply, struct own_found *found)
{
	for (unsigned i = 0; i < reply->answer_count; i++) {
		const struct rrset *set = reply->answer[i];
		struct question target = {NULL, type, CLASS_IN};
		found->sets[found->set_count++] = set;
		/* Asked for itself, an alias is the answer. */
		if (set->type != TYPE_CNAME ||
			(reply->outcome == ZONE_ANSWER && i + 1 == reply->answer_count))
			continue;
		found->aliases++;
		target.name = rrset_target(set, 0);
		if (target.name && leads_elsewhere(own, zone, &target)) {
			found->next = target.name;
			return true;
		}
	}
	return false;
}

/* Where the aliases end: the name that a denial speaks of. */
static const uint8_t *end_of(const struct question *question, const struct own_found *found)
{
	return found->set_count ? rrset_target(found->sets[found->set_count - 1], 0)
				: question->name;
}

static int deny(const struct own *own, const struct question *question, uint64_t now_ms,
	const struct zone_reply *reply, struct own_found *found)
{
	const uint8_t *name = end_of(question, found);
	if (is_transparent(own, name)) {
		found->next = name;
		return found->set_count ? 0 : RW_ENOTFOUND;
	}
	found->soa = reply->soa;
	/* Between the apex and a name of ours there is something, if only a name without data. */
	if (reply->outcome == ZONE_NXDOMAIN && !own_has_below(own, name, now_ms))
		found->rcode = RCODE_NXDOMAIN;
	return 0;
}

static int lookup_zone(const struct own *own, const struct own_zone *zone,
	const struct question *question, uint64_t now_ms, struct arena *arena,
	struct own_found *found)
{
	struct zone_reply reply;
	if (!zone->zone) {
		found->rcode = RCODE_SERVFAIL;
		found->trouble = "the file of this zone could not be read; the log says why";
		return 0;
	}
	int err = zone_lookup(zone->zone, question, arena, &reply);
	if (err)
		return err;
	if (take_sets(own, zone, question->type, &reply, found))
		return 0;
	switch (reply.outcome) {
	case ZONE_ANSWER:
		break;
	case ZONE_NODATA:
	case ZONE_NXDOMAIN:
		err = deny(own, question, now_ms, &reply, found);
		break;
	case ZONE_REFERRAL:
		return RW_ENOTFOUND;
	case ZONE_ALIAS:
		found->next = reply.next;
		break;
	case ZONE_LOOP:
		found->rcode = RCODE_SERVFAIL;
		found->trouble = "the aliases of a zone of ours turn in a circle";
		break;
	case ZONE_TOO_LONG:
		found->rcode = RCODE_YXDOMAIN;
		break;
	}
	return err ? err : attach_proofs(&reply, arena, found);
}

/* PTR records that the zones imply. */
static int lookup_back(const struct own *own, const struct question *question, uint64_t now_ms,
	struct arena *arena, struct own_found *found)
{
	const struct rrset *set = NULL;
	for (size_t i = 0; i < own->zone_count; i++) {
		if (!own->zones[i]->back)
			continue;
		int err = hosts_lookup(own->zones[i]->back, question, now_ms, arena, &set);
		if (err == RW_ENOTFOUND)
			continue;
		if (!err && set)
			found->sets[found->set_count++] = set;
		return err;
	}
	return RW_ENOTFOUND;
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
	if (err != RW_ENOTFOUND)
		return err;
	const struct own_zone *zone = own_zone_of(own, question);
	if (zone)
		return lookup_zone(own, zone, question, now_ms, arena, ret_found);
	return lookup_back(own, question, now_ms, arena, ret_found);
}

bool own_has_below(const struct own *own, const uint8_t *name, uint64_t now_ms)
{
	for (size_t i = 0; own && i < own->host_count; i++)
		if (hosts_has_below(own->hosts[i].hosts, name, now_ms))
			return true;
	for (size_t i = 0; own && i < own->zone_count; i++)
		if (name_is_below(own->zones[i]->apex, name) ||
			(own->zones[i]->back && hosts_has_below(own->zones[i]->back, name, now_ms)))
			return true;
	return false;
}

bool own_has(const struct own *own, const uint8_t *name)
{
	unsigned line;
	for (size_t i = 0; own && i < own->host_count; i++)
		if (hosts_line_of(own->hosts[i].hosts, name, &line))
			return true;
	for (size_t i = 0; own && i < own->zone_count; i++)
		if (name_is_at_or_below(name, own->zones[i]->apex))
			return true;
	return false;
}
