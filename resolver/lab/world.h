/* SPDX-License-Identifier: MIT */
/*
 * The mini internet while it runs: its zones, each in the versions that somebody still serves, and
 * its servers, each with the version of every zone it has and its switches.
 *
 * A change makes a new version of a zone, with the serial one higher and signed anew. The first
 * server of the scenario that has the zone is its primary and takes it at once. So does every
 * secondary, as though NOTIFY (RFC 1996) had reached it, unless its switches say that it takes no
 * changes; then it goes on with what it has until `world_sync`.
 */
#ifndef RW_LAB_WORLD_H
#define RW_LAB_WORLD_H

#include "resolver/lab/version.h"

#define WORLD_MESSAGE 512

struct lab_zone {
	const struct scenario_zone *plan;
	struct version *newest;
};

struct serving {
	struct lab_zone *zone;
	struct version *version;
	struct version *before; /* with `stale`: what was served until then; else NULL */
};

struct lab_server {
	const struct scenario_server *plan;
	struct switches switches;
	struct serving *zones; /* `zone_count` */
	size_t zone_count;
	uint64_t questions; /* that reached it */
};

struct world {
	const struct scenario *scenario; /* outlives the world */
	struct lab_zone *zones;          /* as many as in the scenario, and in its order */
	struct lab_server *servers;      /* the same */
};

/* Builds and signs every zone. RW_EINVAL with faults, RW_ENOMEM. */
int world_new(const struct scenario *scenario, int64_t now, struct fault_list *faults,
	struct world **ret_world) RW_MUSTCHECK;
void world_free(struct world *world); /* NULL does nothing */

/* By name, with or without the final dot, or by address; NULL when there is none. */
struct lab_server *world_server(struct world *world, const char *text);

/* The deepest zone of the server that may answer the question, or NULL. A DS record is the
 * parent's to answer (RFC 4035 section 3.1.4.1). */
const struct zone *world_zone_for(const struct lab_server *server, const struct question *question);

/*
 * The records, one master-file line each and all of one name and type, take the place of what the
 * zone (its id or its name) had there. Every failure puts a sentence into `ret_message`; so does
 * success, which says what the serial is now and who has it.
 */
int world_change(struct world *world, const char *zone, const char *const *records, size_t count,
	int64_t now, char ret_message[WORLD_MESSAGE]) RW_MUSTCHECK;

/* Removes the set "name type". */
int world_remove(struct world *world, const char *zone, const char *what, int64_t now,
	char ret_message[WORLD_MESSAGE]) RW_MUSTCHECK;

/* Throws or clears a switch, with what follows for the versions: a server that takes changes again
 * looks for the newest at once. `text` NULL clears all. */
int world_set(struct lab_server *server, const char *text, int64_t now,
	char ret_message[WORLD_MESSAGE]) RW_MUSTCHECK;
int world_clear(
	struct lab_server *server, const char *text, char ret_message[WORLD_MESSAGE]) RW_MUSTCHECK;

/* The server takes the newest version of all its zones; one that is stale stays so. */
void world_sync(struct lab_server *server);

#endif
