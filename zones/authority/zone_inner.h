/* SPDX-License-Identifier: MIT */
/*
 * What the files of a zone share: the tree of its names. Every name between the apex and a name
 * with data is a node too (an empty non-terminal), so the closest encloser of any name is found by
 * climbing from the last node that is not behind it in canonical order. NSEC3 records are kept
 * apart: their names are hashes, and no names of the zone (RFC 5155 section 7.2.8).
 */
#ifndef RW_AUTHORITY_ZONE_INNER_H
#define RW_AUTHORITY_ZONE_INNER_H

#include "resolver/base/keyed_table.h"
#include "zones/authority/zone.h"

struct zone_set {
	struct zone_set *next;
	struct rrset set;
	uint16_t room, sig_room; /* of its arrays, while the zone is built */
};

struct zone_node {
	struct keyed_entry by_name;
	struct zone_node *parent;  /* NULL: the apex, or the name of an NSEC3 */
	struct zone_node *barrier; /* the highest delegation or DNAME at or above it, or NULL */
	struct zone_node *wild;    /* its child `*`, or NULL */
	struct zone_set *sets;     /* in the order they came */
	uint8_t labels;
	bool is_hash;   /* the name of an NSEC3 */
	bool has_below; /* there are names below it */
	bool exists;    /* has data, or a name below it has */
	uint8_t name[];
};

struct zone_nodes {
	struct zone_node **items; /* in canonical order */
	size_t count;
};

struct zone {
	struct arena arena;
	struct zone_node *top;
	struct keyed_table table; /* of nodes; empty from zone_finish on */
	size_t record_count;
	bool is_full; /* memory ran out: the tree has holes */
	bool is_finished;
	struct zone_nodes names;  /* all but hashes */
	struct zone_nodes hashes; /* all NSEC3 */
	struct zone_nodes chain;  /* of signed zones: the nodes with the NSEC or NSEC3 in force */
	const struct rrset *negative_soa; /* with the TTL of a denial */
	const struct rdata *nsec3;        /* the NSEC3PARAM in force, or NULL */
};

/* The node's set of that type, or NULL. */
const struct rrset *zone_node_set(const struct zone_node *node, uint16_t type);

/* The last node at or before the name in canonical order; NULL where there is none. */
const struct zone_node *zone_nodes_at(const struct zone_nodes *nodes, const uint8_t *name);

/* The deepest node at or above a name that is in the zone. */
const struct zone_node *zone_encloser(const struct zone *zone, const uint8_t *name);

/*
 * Proofs beside an answer, nothing where the zone is not signed; `above` is the closest encloser of
 * the name. RW_ENOMEM.
 */

/* `node` has not the type that was asked for, or is a delegation without DS. */
int zone_prove_type(const struct zone *zone, const struct zone_node *node,
	struct zone_beside *beside) RW_MUSTCHECK;

/* There is no such name, and no wildcard that makes it. */
int zone_prove_name(const struct zone *zone, const uint8_t *name, const struct zone_node *above,
	struct zone_beside *beside) RW_MUSTCHECK;

/* The wildcard below `above` is what the name is made from. */
int zone_prove_expansion(const struct zone *zone, const uint8_t *name,
	const struct zone_node *above, struct zone_beside *beside) RW_MUSTCHECK;

/* The same, and the wildcard has not the type that was asked for. */
int zone_prove_wild_type(const struct zone *zone, const uint8_t *name,
	const struct zone_node *above, struct zone_beside *beside) RW_MUSTCHECK;

#endif
