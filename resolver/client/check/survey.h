/* SPDX-License-Identifier: MIT */
/*
 * A zone as all its servers see it: the servers that the parent names, the servers that the zone
 * itself names, every address of them, and what each address answers to SOA, NS and the question
 * asked.
 */
#ifndef RW_CLIENT_CHECK_SURVEY_H
#define RW_CLIENT_CHECK_SURVEY_H

#include "resolver/client/poll.h"
#include "resolver/client/trace/diagnosis.h"
#include "resolver/client/trace/history.h"
#include "resolver/client/trace/walker.h"

#define SURVEY_NAMES   26    /* server names: two full NS sets */
#define SURVEY_SERVERS 64    /* addresses */
#define SURVEY_POLL_MS 2000  /* for one reply */
#define SURVEY_MS      30000 /* after this no more walks for addresses */

struct survey_name {
	const uint8_t *name;
	bool at_parent, at_zone;
	bool has_glue;
	bool is_alias;
	bool resolved;   /* an address was found outside the glue */
	bool glue_wrong; /* the glue is not what the name's own zone says */
};

struct survey_server {
	const struct survey_name *name;
	struct addr addr;
	bool glue_only; /* the zone itself does not know this address */
	struct poll soa, ns, data;
};

struct survey {
	struct question question;
	const uint8_t *zone;          /* that the name is in; NULL: not found */
	const struct delegation *cut; /* as the parent says */
	const uint8_t *parent;        /* zone whose server said so */
	struct addr parent_server;    /* family ADDR_NONE: unknown */
	bool shared; /* the parent's servers serve the zone too: no referral seen */
	struct survey_name names[SURVEY_NAMES];
	unsigned name_count;
	struct survey_server servers[SURVEY_SERVERS];
	unsigned server_count;
	const struct rrset *zone_ns; /* as the zone says; NULL: no server told */
	bool out_of_time;            /* not all names were looked up */
	unsigned left_out;           /* addresses of a family that may not be used (-4, -6) */
	struct history history;      /* of the first walk */
	struct diagnosis end;
	struct poll ds; /* at the parent */
};

/* Finds the zone and its servers, and asks them. `ret_survey` is filled as far as it went. */
void survey_zone(struct walker *walker, const struct question *question, struct survey *ret_survey);

/* Asks the same servers again. */
void survey_again(struct walker *walker, struct survey *survey);

/*
 * No address of this one's family could be sent to from here: that says something of this host, and
 * nothing of the server.
 */
bool survey_is_out_of_reach(const struct survey *survey, const struct survey_server *server);

#endif
