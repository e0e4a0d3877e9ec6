/* SPDX-License-Identifier: MIT */
/* Building a zone: records go into a hash table of names, which becomes an ordered array. */
#include "zones/authority/zone.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/wire/precheck.h"
#include "zones/authority/zone_inner.h"

#define RRSIG_FIXED 18 /* bytes before the signer's name, RFC 4034 section 3.1 */

const char *zone_fault_text(enum zone_fault fault)
{
	switch (fault) {
	case ZONE_OK:
		return "no fault";
	case ZONE_OUTSIDE:
		return "the name is outside the zone; a name without a final dot is relative to "
		       "$ORIGIN";
	case ZONE_ALIAS_AND_OTHER:
		return "a name with a CNAME has no other records; remove the CNAME or the others";
	case ZONE_ALIASES:
		return "the name has another CNAME or DNAME already; leave one";
	case ZONE_BELOW_DNAME:
		return "a name with a DNAME has no names below it; remove it or them";
	case ZONE_DNAME_AT_CUT:
		return "a delegated name has no DNAME; remove the NS records or the DNAME";
	case ZONE_SOA_PLACE:
		return "a zone has one SOA record, at its own name; remove this one";
	case ZONE_NO_SOA:
		return "the zone has no SOA record; add `@ SOA SERVER MAIL 1 3600 900 604800 300`";
	case ZONE_NO_NS:
		return "the zone has no NS record; add `@ NS SERVER`";
	case ZONE_CLASS:
		return "only records of class IN are served; remove it";
	case ZONE_TYPE:
		return "records of this type or form are no data of a zone; remove it";
	case ZONE_ITERATIONS:
		return "NSEC3 with so many iterations; sign the zone with 0 (RFC 9276)";
	case ZONE_TOO_LARGE:
		return "the record set has more records than are served; remove some";
	}
	return "unknown fault";
}

const struct rrset *zone_node_set(const struct zone_node *node, uint16_t type)
{
	for (const struct zone_set *at = node->sets; at; at = at->next)
		if (at->set.type == type && at->set.count > 0)
			return &at->set;
	return NULL;
}

/* --- The table of names. --- */

/* The key of the table is zero and no secret: the zone is written by its owner. */
static struct zone_node *find_node(const struct zone *zone, const uint8_t *name, bool is_hash)
{
	keyed_match(
		struct zone_node, node, &zone->table, name_hash(name, &zone->table.key), by_name)
		if (node->is_hash == is_hash && name_equal(node->name, name))
			return node;
	return NULL;
}

static struct zone_node *make_node(struct zone *zone, const uint8_t *name, bool is_hash)
{
	size_t size = name_size(name);
	size_t table = keyed_buckets(&zone->table) * sizeof(struct keyed_entry *);
	if (zone->arena.total + table > zone->arena.cap)
		return NULL;
	struct zone_node *node = arena_alloc(&zone->arena, sizeof(*node) + size);
	if (!node)
		return NULL;
	memcpy(node->name, name, size);
	node->labels = (uint8_t)name_labels(name);
	node->is_hash = is_hash;
	keyed_add(&zone->table, &node->by_name, name_hash(name, &zone->table.key));
	return node;
}

/* A new node, and those on the way to it that are not there yet. */
static struct zone_node *grow_branch(struct zone *zone, const uint8_t *name)
{
	struct zone_node *first = make_node(zone, name, false), *node = first;
	while (node && !node->parent) {
		const uint8_t *above = name_parent(node->name);
		struct zone_node *parent = find_node(zone, above, false);
		bool is_new = !parent;
		if (is_new)
			parent = make_node(zone, above, false);
		if (!parent)
			return NULL;
		node->parent = parent;
		parent->has_below = true;
		if (!is_new)
			break;
		node = parent;
	}
	return first;
}

/* --- Records into sets. --- */

static bool holds(const struct rdata *records, unsigned count, const struct rdata *record)
{
	for (unsigned i = 0; i < count; i++)
		if (records[i].size == record->size &&
			memcmp(records[i].bytes, record->bytes, record->size) == 0)
			return true;
	return false;
}

/* Adds to the array, which has room for `*room`; when it is full, one twice as large follows. */
static int append(struct arena *arena, struct rdata **records, uint16_t *count, uint16_t *room,
	const struct rdata *record)
{
	if (*count == *room) {
		uint16_t wanted = (uint16_t)(*room ? 2 * *room : 1);
		struct rdata *larger = arena_alloc(arena, wanted * sizeof(*larger));
		if (!larger)
			return RW_ENOMEM;
		if (*count)
			memcpy(larger, *records, *count * sizeof(*larger));
		*records = larger;
		*room = wanted;
	}
	const uint8_t *bytes = arena_dup(arena, record->bytes, record->size);
	if (!bytes)
		return RW_ENOMEM;
	(*records)[(*count)++] = (struct rdata){.bytes = bytes, .size = record->size};
	return 0;
}

/* The node's set of the type, perhaps without records yet, made where there is none. */
static struct zone_set *take_set(struct zone *zone, struct zone_node *node, uint16_t type)
{
	struct zone_set **at = &node->sets;
	while (*at && (*at)->set.type != type)
		at = &(*at)->next;
	if (!*at) {
		*at = arena_alloc(&zone->arena, sizeof(**at));
		if (*at) {
			(*at)->set.owner = node->name;
			(*at)->set.type = type;
			(*at)->set.class = CLASS_IN;
		}
	}
	return *at;
}

static int put_signature(struct zone *zone, struct zone_set *into, const struct rdata *record,
	enum zone_fault *ret_fault)
{
	struct rrset *set = &into->set;
	if (holds(set->sigs, set->sig_count, record))
		return 0;
	if (set->sig_count >= LIMIT_RRSET_SIGS) {
		*ret_fault = ZONE_TOO_LARGE;
		return RW_EINVAL;
	}
	zone->record_count++;
	return append(&zone->arena, &set->sigs, &set->sig_count, &into->sig_room, record);
}

static int put_record(struct zone *zone, struct zone_set *into, const struct rrset *record,
	enum zone_fault *ret_fault)
{
	struct rrset *set = &into->set;
	set->ttl = set->count ? RW_MIN(set->ttl, record->ttl) : record->ttl;
	if (holds(set->records, set->count, &record->records[0]))
		return 0;
	if (set->count >= LIMIT_RRSET_RECORDS) {
		*ret_fault = ZONE_TOO_LARGE;
		return RW_EINVAL;
	}
	zone->record_count++;
	return append(&zone->arena, &set->records, &set->count, &into->room, &record->records[0]);
}

/* --- What a single record can be wrong in. --- */

static bool stands_beside_alias(uint16_t type)
{
	return type == TYPE_CNAME || type == TYPE_NSEC || type == TYPE_RRSIG;
}

/* NSEC3PARAM, NSEC3 (RFC 5155 sections 3.2 and 4.2): the hash, flags, iterations, the salt. */
static bool is_nsec3_whole(const struct rdata *rdata)
{
	return rdata->size >= 5 && rdata->size >= 5 + rdata->bytes[4];
}

static enum zone_fault check_form(const struct zone *zone, const struct rrset *record)
{
	const struct rdata *rdata = &record->records[0];
	const uint8_t *apex = zone->top->name;
	if (record->class != CLASS_IN)
		return ZONE_CLASS;
	if (rr_type_is_meta(record->type) || record->type == 0 ||
		precheck_rdata(record->type, rdata->bytes, rdata->size))
		return ZONE_TYPE;
	if (!name_is_at_or_below(record->owner, apex))
		return ZONE_OUTSIDE;
	if (record->type == TYPE_SOA && !name_equal(record->owner, apex))
		return ZONE_SOA_PLACE;
	if (record->type == TYPE_RRSIG && rdata->size <= RRSIG_FIXED)
		return ZONE_TYPE;
	bool is_hash = record->type == TYPE_NSEC3;
	if ((is_hash || record->type == TYPE_NSEC3PARAM) && !is_nsec3_whole(rdata))
		return ZONE_TYPE;
	if (record->type == TYPE_NSEC3PARAM && rr_get16(rdata->bytes + 2) > LIMIT_NSEC3_ITERATIONS)
		return ZONE_ITERATIONS;
	if (is_hash && !name_equal(name_parent(record->owner), apex))
		return ZONE_TYPE;
	return ZONE_OK;
}

static bool has_other(const struct zone_node *node)
{
	for (const struct zone_set *at = node->sets; at; at = at->next)
		if (at->set.count > 0 && !stands_beside_alias(at->set.type))
			return true;
	return false;
}

static bool is_new_of(const struct zone_node *node, const struct rrset *record)
{
	const struct rrset *set = zone_node_set(node, record->type);
	return set && !holds(set->records, set->count, &record->records[0]);
}

/* What the record does not bear beside it, above it and below it. */
static enum zone_fault check_place(
	const struct zone *zone, const struct zone_node *node, const struct rrset *record)
{
	uint16_t type = record->type;
	if (type == TYPE_SOA && is_new_of(node, record))
		return ZONE_SOA_PLACE;
	if (type == TYPE_CNAME && has_other(node))
		return ZONE_ALIAS_AND_OTHER;
	if (!stands_beside_alias(type) && zone_node_set(node, TYPE_CNAME))
		return ZONE_ALIAS_AND_OTHER;
	if ((type == TYPE_CNAME || type == TYPE_DNAME) && is_new_of(node, record))
		return ZONE_ALIASES;
	if (node != zone->top && ((type == TYPE_DNAME && zone_node_set(node, TYPE_NS)) ||
					 (type == TYPE_NS && zone_node_set(node, TYPE_DNAME))))
		return ZONE_DNAME_AT_CUT;
	if (type == TYPE_DNAME && node->has_below)
		return ZONE_BELOW_DNAME;
	for (const struct zone_node *above = node->parent; above; above = above->parent)
		if (zone_node_set(above, TYPE_DNAME))
			return ZONE_BELOW_DNAME;
	return ZONE_OK;
}

/* --- The door. --- */

int zone_new(const uint8_t *apex, size_t cap, struct zone **ret_zone)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	if (!zone)
		return RW_ENOMEM;
	arena_init(&zone->arena, cap);
	zone->top = make_node(zone, apex, false);
	if (!zone->top) {
		zone_free(zone);
		return RW_ENOMEM;
	}
	*ret_zone = zone;
	return 0;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	keyed_release(&zone->table);
	arena_release(&zone->arena);
	free(zone);
}

/* The node a record goes to; the one of an NSEC3 and its signature is of its own kind. */
static struct zone_node *take_node(struct zone *zone, const struct rrset *record, uint16_t type)
{
	bool is_hash = type == TYPE_NSEC3;
	struct zone_node *node = find_node(zone, record->owner, is_hash);
	if (node)
		return node;
	return is_hash ? make_node(zone, record->owner, true) : grow_branch(zone, record->owner);
}

int zone_add(struct zone *zone, const struct rrset *record, enum zone_fault *ret_fault)
{
	rw_require(!zone->is_finished && record->count == 1);
	enum zone_fault fault = check_form(zone, record);
	if (fault) {
		*ret_fault = fault;
		return RW_EINVAL;
	}
	bool is_signature = record->type == TYPE_RRSIG;
	uint16_t type = is_signature ? rr_get16(record->records[0].bytes) : record->type;
	struct zone_node *node = take_node(zone, record, type);
	if (!node) {
		zone->is_full = true;
		return RW_ENOMEM;
	}
	fault = check_place(zone, node, record);
	if (fault) {
		*ret_fault = fault;
		return RW_EINVAL;
	}
	struct zone_set *set = take_set(zone, node, type);
	int err = RW_ENOMEM;
	if (set)
		err = is_signature ? put_signature(zone, set, &record->records[0], ret_fault)
				   : put_record(zone, set, record, ret_fault);
	zone->is_full |= err == RW_ENOMEM;
	return err;
}

const uint8_t *zone_apex(const struct zone *zone)
{
	return zone->top->name;
}

uint32_t zone_serial(const struct zone *zone)
{
	const struct rrset *soa = zone_node_set(zone->top, TYPE_SOA);
	const struct rdata *rdata = soa ? &soa->records[0] : NULL;
	return rdata && rdata->size >= 20 ? rr_get32(rdata->bytes + rdata->size - 20) : 0;
}

bool zone_is_signed(const struct zone *zone)
{
	return zone_node_set(zone->top, TYPE_DNSKEY) != NULL;
}

size_t zone_records(const struct zone *zone)
{
	return zone->record_count;
}
