/* SPDX-License-Identifier: MIT */
/*
 * Proofs of what is not there: NSEC (RFC 4035 section 3.1.3) and NSEC3 (RFC 5155 section 7.2). Both
 * are a circle of names in canonical order; with NSEC3 a name is looked for by its hash.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "zones/authority/zone_inner.h"

#define HASH_LABEL 33 /* bytes of a label of 32 digits, what SHA-1 comes to in base32 */

/* Where a name is on the circle: the node that is it or covers it. */
struct place {
	const struct zone_node *node;
	bool exact;
};

static void put_proof(struct zone_beside *beside, const struct zone_node *node, uint16_t type)
{
	const struct rrset *set = zone_node_set(node, type);
	for (unsigned i = 0; i < beside->proof_count; i++)
		if (beside->proofs[i] == set)
			return;
	if (set && beside->proof_count < ZONE_PROOFS)
		beside->proofs[beside->proof_count++] = set;
}

/* The hash of the name as a label in front of the apex (RFC 5155 section 5). */
static int hash_name(const struct zone *zone, const uint8_t *name, struct name *ret_hashed)
{
	const struct rdata *nsec3 = zone->nsec3;
	const uint8_t *apex = zone->top->name;
	uint8_t folded[LIMIT_NAME_BYTES];
	size_t size = name_lower(name, folded);
	ldns_rdf *plain = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, size, folded);
	if (!plain)
		return RW_ENOMEM;
	ldns_rdf *hashed = ldns_nsec3_hash_name(plain, nsec3->bytes[0], rr_get16(nsec3->bytes + 2),
		nsec3->bytes[4], nsec3->bytes + 5);
	int err = RW_ENOMEM;
	if (hashed && ldns_rdf_size(hashed) >= HASH_LABEL &&
		HASH_LABEL + name_size(apex) <= LIMIT_NAME_BYTES) {
		memcpy(ret_hashed->bytes, ldns_rdf_data(hashed), HASH_LABEL);
		memcpy(ret_hashed->bytes + HASH_LABEL, apex, name_size(apex));
		err = 0;
	}
	ldns_rdf_deep_free(hashed);
	ldns_rdf_deep_free(plain);
	return err;
}

static int find_place(const struct zone *zone, const uint8_t *name, struct place *ret_place)
{
	struct name hashed;
	if (zone->nsec3) {
		int err = hash_name(zone, name, &hashed);
		if (err)
			return err;
		name = hashed.bytes;
	}
	const struct zone_node *node = zone_nodes_at(&zone->chain, name);
	ret_place->exact = node && name_equal(node->name, name);
	ret_place->node = node ? node : zone->chain.items[zone->chain.count - 1];
	return 0;
}

/* The record that is at the name or covers it. */
static int prove(const struct zone *zone, const uint8_t *name, struct zone_beside *beside)
{
	struct place place;
	int err = find_place(zone, name, &place);
	if (!err)
		put_proof(beside, place.node, zone->nsec3 ? TYPE_NSEC3 : TYPE_NSEC);
	return err;
}

/* That the wildcard below `above` is not there. */
static int prove_no_wildcard(
	const struct zone *zone, const struct zone_node *above, struct zone_beside *beside)
{
	struct name wildcard = {.bytes = {1, '*'}};
	size_t size = name_size(above->name);
	/* A longer name is in no zone, and needs no proof. */
	if (size + 2 > LIMIT_NAME_BYTES)
		return 0;
	memcpy(wildcard.bytes + 2, above->name, size);
	return prove(zone, wildcard.bytes, beside);
}

/*
 * The closest encloser that can be proved, RFC 5155 section 7.2.1: the one that matches, and what
 * covers the next closer name. `*above` or, where an opt-out has left it out, a name above it,
 * which
 * `*above` then is; NULL in a chain without the apex.
 */
static int nsec3_encloser(const struct zone *zone, const uint8_t *name,
	const struct zone_node **above, struct zone_beside *beside)
{
	struct place place = {0};
	for (; *above; *above = (*above)->parent) {
		int err = find_place(zone, (*above)->name, &place);
		if (err)
			return err;
		if (place.exact)
			break;
	}
	if (!*above)
		return 0;
	put_proof(beside, place.node, TYPE_NSEC3);
	if (name_labels(name) == (*above)->labels)
		return 0;
	return prove(zone, name_suffix(name, (*above)->labels + 1u), beside);
}

/* --- The door. --- */

int zone_prove_type(
	const struct zone *zone, const struct zone_node *node, struct zone_beside *beside)
{
	if (zone->chain.count == 0)
		return 0;
	const uint8_t *name = node->name;
	return zone->nsec3 ? nsec3_encloser(zone, name, &node, beside) : prove(zone, name, beside);
}

int zone_prove_name(const struct zone *zone, const uint8_t *name, const struct zone_node *above,
	struct zone_beside *beside)
{
	if (zone->chain.count == 0)
		return 0;
	int err = zone->nsec3 ? nsec3_encloser(zone, name, &above, beside)
			      : prove(zone, name, beside);
	return err || !above ? err : prove_no_wildcard(zone, above, beside);
}

int zone_prove_expansion(const struct zone *zone, const uint8_t *name,
	const struct zone_node *above, struct zone_beside *beside)
{
	if (zone->chain.count == 0)
		return 0;
	return prove(zone, zone->nsec3 ? name_suffix(name, above->labels + 1u) : name, beside);
}

int zone_prove_wild_type(const struct zone *zone, const uint8_t *name,
	const struct zone_node *above, struct zone_beside *beside)
{
	if (zone->chain.count == 0)
		return 0;
	const struct zone_node *wild = above->wild;
	int err = zone->nsec3 ? nsec3_encloser(zone, name, &above, beside)
			      : prove(zone, name, beside);
	return err ? err : prove(zone, wild->name, beside);
}
