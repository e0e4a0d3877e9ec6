/* SPDX-License-Identifier: MIT */
/* The tables of one view, and the look-up of one name in them. */
#include "zones/localdata/localdata.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/edns.h"

#define CLASH_BYTES (1 << 16) /* of memory for a look at one lease's name in a zone */

struct localdata_hosts {
	struct hosts *hosts;
	enum localdata_tier tier;
};

struct localdata {
	_Atomic unsigned users;
	struct localdata_hosts *hosts; /* by tier */
	size_t host_count;
	struct localdata_zone **zones; /* by the labels of their names, most first */
	size_t zone_count;
	struct name_list transparent;
	const struct dns64_settings *dns64; /* NULL: as for everybody */
};

int localdata_new(struct localdata **ret_localdata)
{
	struct localdata *localdata = calloc(1, sizeof(*localdata));
	if (!localdata)
		return RW_ENOMEM;
	atomic_init(&localdata->users, 1);
	*ret_localdata = localdata;
	return 0;
}

struct localdata *localdata_ref(struct localdata *localdata)
{
	if (localdata)
		atomic_fetch_add_explicit(&localdata->users, 1, memory_order_relaxed);
	return localdata;
}

void localdata_unref(struct localdata *localdata)
{
	if (!localdata ||
		atomic_fetch_sub_explicit(&localdata->users, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < localdata->host_count; i++)
		hosts_unref(localdata->hosts[i].hosts);
	for (size_t i = 0; i < localdata->zone_count; i++)
		table_unref(&localdata->zones[i]->table);
	free(localdata->hosts);
	free(localdata->zones);
	free(localdata);
}

int localdata_add_hosts(struct localdata *localdata, struct hosts *hosts, enum localdata_tier tier)
{
	struct localdata_hosts *items =
		realloc(localdata->hosts, (localdata->host_count + 1) * sizeof(*items));
	if (!items)
		return RW_ENOMEM;
	localdata->hosts = items;
	size_t at = localdata->host_count++;
	for (; at > 0 && items[at - 1].tier > tier; at--)
		items[at] = items[at - 1];
	items[at] = (struct localdata_hosts){hosts_ref(hosts), tier};
	return 0;
}

int localdata_add_zone(struct localdata *localdata, struct localdata_zone *zone)
{
	struct localdata_zone **items = realloc(
		localdata->zones, (localdata->zone_count + 1) * sizeof(struct localdata_zone *));
	if (!items)
		return RW_ENOMEM;
	localdata->zones = items;
	size_t at = localdata->zone_count++;
	for (; at > 0 && name_labels(items[at - 1]->apex) < name_labels(zone->apex); at--)
		items[at] = items[at - 1];
	items[at] = zone;
	(void)table_ref(&zone->table);
	return 0;
}

void localdata_set_dns64(struct localdata *localdata, const struct dns64_settings *dns64)
{
	localdata->dns64 = dns64;
}

const struct dns64_settings *localdata_dns64(
	const struct localdata *localdata, const struct settings *settings)
{
	return localdata && localdata->dns64 ? localdata->dns64 : &settings->names.dns64;
}

void localdata_set_transparent(struct localdata *localdata, const struct name_list *names)
{
	localdata->transparent = *names;
}

struct clashes {
	const struct localdata *localdata;
	size_t index; /* of the table whose names are seen */
	struct fault_list *faults;
};

/* The table that has the name and takes precedence over this lease, or NULL. */
static struct hosts *holder_of(const struct clashes *clashes, const uint8_t *name)
{
	const struct localdata *localdata = clashes->localdata;
	unsigned line;
	for (size_t i = 0; i < localdata->host_count && localdata->hosts[i].tier < LOCALDATA_LEASES;
		i++)
		if (hosts_line_of(localdata->hosts[i].hosts, name, &line))
			return localdata->hosts[i].hosts;
	return NULL;
}

static const char *file_of(struct hosts *hosts, const char *otherwise)
{
	const char *file = table_file(hosts_table(hosts));
	return file ? file : otherwise;
}

/* The zone of ours that has records at just that name, or NULL. */
static const struct localdata_zone *zone_with(
	const struct localdata *localdata, const uint8_t *name)
{
	const struct question question = {name, TYPE_A, CLASS_IN};
	const struct localdata_zone *zone = localdata_zone_of(localdata, &question);
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
	const struct localdata_zone *zone, const struct hosts *leases, const uint8_t *name)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	struct arena arena;
	bool agrees = true;
	arena_init(&arena, CLASH_BYTES);
	for (unsigned t = 0; t < RW_COUNT(types); t++) {
		const struct question question = {name, types[t], CLASS_IN};
		const struct rrset *leased = NULL;
		struct answer answer;
		struct zone_beside beside;
		if (hosts_lookup(leases, &question, 0, &arena, &leased) || !leased)
			continue;
		agrees &= zone_lookup(zone->zone, &question, &arena, &answer, &beside) == 0 &&
			  answer.outcome == ANSWER_POSITIVE &&
			  has_all(answer.sets[answer.set_count - 1], leased);
	}
	arena_release(&arena);
	return agrees;
}

static void tell_clash(void *ctx, const uint8_t *name, unsigned line)
{
	const struct clashes *clashes = ctx;
	struct hosts *leases = clashes->localdata->hosts[clashes->index].hosts;
	struct hosts *holder = holder_of(clashes, name);
	const struct localdata_zone *zone = holder ? NULL : zone_with(clashes->localdata, name);
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

void localdata_tell_clashes(const struct localdata *localdata, struct fault_list *faults)
{
	for (size_t i = 0; i < localdata->host_count; i++) {
		struct clashes clashes = {localdata, i, faults};
		if (localdata->hosts[i].tier == LOCALDATA_LEASES)
			hosts_each(localdata->hosts[i].hosts, tell_clash, &clashes);
	}
}

static bool is_transparent(const struct localdata *localdata, const uint8_t *name)
{
	for (size_t i = 0; i < localdata->transparent.count; i++)
		if (name_is_at_or_below(name, localdata->transparent.items[i]))
			return true;
	return false;
}

/* The first tier that has the name; within it, the first table that has the type. `ret_set` is NULL
 * where none has. */
static int find_in_hosts(const struct localdata *localdata, const struct question *question,
	uint64_t now_ms, struct arena *arena, const struct rrset **ret_set)
{
	enum localdata_tier tier = LOCALDATA_TIERS;
	*ret_set = NULL;
	for (size_t i = 0; i < localdata->host_count && !*ret_set; i++) {
		if (tier != LOCALDATA_TIERS && localdata->hosts[i].tier != tier)
			break;
		const struct rrset *set = NULL;
		int err = hosts_lookup(localdata->hosts[i].hosts, question, now_ms, arena, &set);
		if (err == RW_ENOTFOUND)
			continue;
		if (err)
			return err;
		/* Clients choose what they call themselves, but not over what is written here. */
		if (localdata->hosts[i].tier == LOCALDATA_LEASES &&
			zone_with(localdata, question->name))
			break;
		tier = localdata->hosts[i].tier;
		*ret_set = set;
	}
	return tier == LOCALDATA_TIERS ? RW_ENOTFOUND : 0;
}

static int lookup_hosts(const struct localdata *localdata, const struct question *question,
	uint64_t now_ms, struct arena *arena, struct answer *answer)
{
	const struct rrset *set;
	int err = find_in_hosts(localdata, question, now_ms, arena, &set);
	if (err)
		return err;
	if (set)
		answer_end(answer, set, &provenance_local);
	else
		answer_deny(answer, ANSWER_NODATA, NULL, &provenance_local);
	return 0;
}

/* DS records of an apex stand in the zone above. */
const struct localdata_zone *localdata_zone_of(
	const struct localdata *localdata, const struct question *question)
{
	const uint8_t *name = question->name;
	for (size_t i = 0; i < localdata->zone_count; i++)
		if (name_is_at_or_below(name, localdata->zones[i]->apex) &&
			(question->type != TYPE_DS || !name_equal(name, localdata->zones[i]->apex)))
			return localdata->zones[i];
	return NULL;
}

/* The proofs of a zone go with its denial, or else with the set they are for. */
static int attach_proofs(
	const struct zone_beside *beside, struct arena *arena, struct answer *answer)
{
	if (beside->proof_count == 0 || (!answer->soa && answer->set_count == 0))
		return 0;
	const struct rrset **at = answer->soa ? &answer->soa : &answer->sets[answer->set_count - 1];
	unsigned count = RW_MIN(beside->proof_count, (unsigned)LIMIT_PROOF_SETS);
	struct rrset *set = arena_dup(arena, *at, sizeof(*set));
	struct rrset *proofs = arena_alloc(arena, count * sizeof(*proofs));
	if (!set || !proofs)
		return RW_ENOMEM;
	for (unsigned i = 0; i < count; i++)
		proofs[i] = *beside->proofs[i];
	set->proofs = proofs;
	set->proof_count = (uint16_t)count;
	*at = set;
	return 0;
}

/* Whether the last alias leads to another name of its zone. */
static bool leads_into(const struct localdata_zone *zone, const struct answer *answer)
{
	const uint8_t *target = rrset_target(answer->sets[answer->set_count - 1], 0);
	return target && name_is_at_or_below(target, zone->apex);
}

static int lookup_zone(const struct localdata *localdata, const struct localdata_zone *zone,
	struct arena *arena, struct answer *answer)
{
	struct zone_beside beside;
	if (!zone->zone) {
		answer_fail(answer, EDE_NOT_READY,
			"the file of this zone could not be read; the log says why");
		return 0;
	}
	int err = zone_step(zone->zone, arena, answer, &beside);
	if (err)
		return err;
	if (beside.ns)
		return RW_ENOTFOUND;
	if (answer->soa && is_transparent(localdata, answer->name)) {
		answer_cut(answer, answer->set_count, answer->name);
		return RW_ENOTFOUND;
	}
	if (answer->outcome == ANSWER_LOOP && leads_into(zone, answer))
		answer_fail(
			answer, EDE_NOT_READY, "the aliases of a zone of ours turn in a circle");
	return attach_proofs(&beside, arena, answer);
}

/* PTR records that the zones imply. */
static int lookup_back(const struct localdata *localdata, const struct question *question,
	uint64_t now_ms, struct arena *arena, struct answer *answer)
{
	const struct rrset *set = NULL;
	for (size_t i = 0; i < localdata->zone_count; i++) {
		if (!localdata->zones[i]->back)
			continue;
		int err = hosts_lookup(localdata->zones[i]->back, question, now_ms, arena, &set);
		if (err == RW_ENOTFOUND)
			continue;
		if (!err && set)
			answer_end(answer, set, &provenance_local);
		else if (!err)
			answer_deny(answer, ANSWER_NODATA, NULL, &provenance_local);
		return err;
	}
	return RW_ENOTFOUND;
}

static int lookup(const struct localdata *localdata, uint64_t now_ms, struct arena *arena,
	struct answer *answer)
{
	const struct question question = {answer->name, answer->type, answer->class};
	int err = lookup_hosts(localdata, &question, now_ms, arena, answer);
	if (!err && answer->outcome == ANSWER_NODATA && is_transparent(localdata, answer->name)) {
		answer_cut(answer, answer->set_count, answer->name);
		return RW_ENOTFOUND;
	}
	if (err != RW_ENOTFOUND)
		return err;
	const struct localdata_zone *zone = localdata_zone_of(localdata, &question);
	if (zone)
		return lookup_zone(localdata, zone, arena, answer);
	return lookup_back(localdata, &question, now_ms, arena, answer);
}

int localdata_lookup(const struct localdata *localdata, uint64_t now_ms, struct arena *arena,
	struct answer *answer)
{
	bool begins = answer->set_count == 0;
	int err = localdata ? lookup(localdata, now_ms, arena, answer) : RW_ENOTFOUND;
	if (err)
		return err;
	answer->local = true;
	answer->begins_local |= begins;
	answer->ends_local = answer->outcome != ANSWER_MISS;
	return 0;
}

bool localdata_name_exists(const struct localdata *localdata, const uint8_t *name, uint64_t now_ms)
{
	const struct question question = {name, TYPE_A, CLASS_IN};
	for (size_t i = 0; localdata && i < localdata->host_count; i++)
		if (hosts_name_exists(localdata->hosts[i].hosts, name, now_ms))
			return true;
	for (size_t i = 0; localdata && i < localdata->zone_count; i++)
		if (name_is_below(localdata->zones[i]->apex, name) ||
			(localdata->zones[i]->back &&
				hosts_name_exists(localdata->zones[i]->back, name, now_ms)))
			return true;
	const struct localdata_zone *zone =
		localdata ? localdata_zone_of(localdata, &question) : NULL;
	return zone && zone->zone && zone_name_exists(zone->zone, name);
}

static bool is_in_hosts(const struct localdata *localdata, const uint8_t *name)
{
	unsigned line;
	for (size_t i = 0; i < localdata->host_count; i++)
		if (hosts_line_of(localdata->hosts[i].hosts, name, &line))
			return true;
	return false;
}

bool localdata_has(const struct localdata *localdata, const uint8_t *name)
{
	if (localdata && is_in_hosts(localdata, name))
		return true;
	for (size_t i = 0; localdata && i < localdata->zone_count; i++)
		if (name_is_at_or_below(name, localdata->zones[i]->apex))
			return true;
	return false;
}

/* Whether the alias and its target are names of one zone. */
static bool stays_in_zone(
	const struct localdata *localdata, const struct rrset *alias, uint16_t type)
{
	const struct question owner = {alias->owner, type, CLASS_IN};
	const struct question target = {rrset_target(alias, 0), type, CLASS_IN};
	return target.name && !is_in_hosts(localdata, target.name) &&
	       localdata_zone_of(localdata, &owner) == localdata_zone_of(localdata, &target);
}

bool localdata_is_whole(const struct localdata *localdata, const struct answer *answer)
{
	if (!answer->begins_local || !answer->ends_local)
		return false;
	for (unsigned i = 0; answer->aliases > 0 && i < answer->set_count; i++)
		if (answer->sets[i]->type == TYPE_CNAME &&
			!stays_in_zone(localdata, answer->sets[i], answer->type))
			return false;
	return true;
}
