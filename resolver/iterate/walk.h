/* SPDX-License-Identifier: MIT */
/*
 * The walk: from the deepest zone cut we know down to the answer, as a state machine with no I/O in
 * it. Events go in, actions come out; clocks and dice are parameters.
 *
 * One question, in prose. START: the walk looks up what is known of the name here (LOOKUP), unless
 * the caller has just done so and passes on what it found. If the rest must be asked for, it finds
 * the deepest delegation that encloses the name, or the root hints, in which case the root is
 * primed first (CUT). Out of the delegation's servers it chooses one by round-trip time; where none
 * has an address, sub-walks find some (TARGET). It asks that server for the name, or for a
 * shortened one (ASK), and waits (AWAIT). A REPLY is scrubbed of everything the asked zone may not
 * speak about and classified (CLASSIFY): a referral becomes the new delegation and leads back to
 * TARGET; an alias leads back to LOOKUP with its target; an answer or a negative answer ends the
 * walk (DONE); a useless reply or NOREPLY leads to the next server. Delegations are stored with
 * their provenance before the walk goes on; whatever else is learnt waits in its result until the
 * last machine of the chain has spoken.
 *
 * Drivers do not step walks themselves: resolver/request/request.h runs a walk with its sub-walks.
 */
#ifndef RW_ITERATE_WALK_H
#define RW_ITERATE_WALK_H

#include "resolver/machine/machine.h"

struct walk;

/* Where a walk stands in its request, as notes tell it: all zero for the client's own question. */
struct walk_place {
	unsigned depth;
	uint32_t number, parent;
};

/* A new walk in the arena; NULL when that is full. */
struct walk *walk_new(struct arena *arena, const struct machine_context *context,
	struct budget *budget, const struct question *question, const struct walk_place *place);

struct machine *walk_machine(struct walk *walk);

/* Before it starts. */

/* What is ours for this question, or NULL; and `above` as in struct machine_action. */
void walk_narrow(struct walk *walk, const struct localdata *localdata, const uint8_t *above);

/* Begins with what was found of the question a moment ago. RW_ENOMEM: as if not called. */
int walk_begin_with(struct walk *walk, const struct answer *found) RW_MUSTCHECK;

/* Learns this delegation, whose zone is the walk's question, anew. Copied. RW_ENOMEM. */
int walk_renew(struct walk *walk, const struct delegation *ending) RW_MUSTCHECK;

/* At any time. */

const struct question *walk_question(const struct walk *walk);

/* Whose servers are asked now; NULL: none yet. */
const struct delegation *walk_delegation(const struct walk *walk);

/* The delegation that the cache had for it to begin with, or NULL. */
const struct delegation *walk_used(const struct walk *walk);

/*
 * Writes the question's name in lower case over its random letters in a reply, so that names
 * compressed against it come out clean. Notes whether the reply had repeated the letters.
 */
void walk_restore_case(struct walk *walk, uint8_t *wire, size_t size);

/* What it has made so far. */
const struct machine_result *walk_result(const struct walk *walk);

#endif
