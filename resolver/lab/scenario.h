/* SPDX-License-Identifier: MIT */
/*
 * A scenario: the mini internet as one YAML file describes it (rootwalk-lab(1) lists the keys).
 * This is what was written, checked for what one place shows by itself; world.h makes zones and
 * servers of it.
 *
 *	port: 5300
 *	servers:
 *	  - {name: ns1.good.test, address: 127.10.2.1, zones: [good.test]}
 *	zones:
 *	  - name: good.test
 *	    sign: nsec
 *	    records: |
 *	      $TTL 300
 *	      @  SOA ns1 hostmaster 1 3600 600 604800 60
 *	      @  NS  ns1
 */
#ifndef RW_LAB_SCENARIO_H
#define RW_LAB_SCENARIO_H

#include "resolver/base/addr.h"
#include "resolver/base/yaml.h"
#include "resolver/lab/sign.h"
#include "resolver/lab/switches.h"
#include "zones/fault.h"

enum scenario_ds {
	SCENARIO_DS_RIGHT,
	SCENARIO_DS_WRONG, /* of a key that the zone does not have */
	SCENARIO_DS_NONE,  /* an island: signed, and the parent says nothing of it */
};

struct scenario_zone {
	unsigned line;
	const char *id; /* `as`, or the name without its final dot ("root"); no two are equal */
	bool is_named;  /* no `as` */
	const uint8_t *apex;
	const char *file; /* NULL: `records` */
	const char *records;
	unsigned records_line; /* where the first of them stands */
	enum sign_variant variant;
	bool nsec3;
	const uint8_t *altered; /* with SIGN_ALTERED */
	enum scenario_ds ds;
};

#define SCENARIO_ADDRESSES 4 /* of one server */

struct scenario_server {
	unsigned line;
	const char *name; /* presentation form without the final dot */
	struct addr addresses[SCENARIO_ADDRESSES];
	size_t address_count;
	size_t *zones; /* indices into the scenario's zones, `zone_count` */
	size_t zone_count;
	struct switches switches; /* thrown from the start */
};

struct scenario {
	const char *file; /* as given, or a word for the one that is built in */
	uint16_t port;
	struct scenario_server *servers;
	struct scenario_zone *zones;
	size_t server_count, zone_count;
	struct arena arena; /* holds all of it */
};

#define SCENARIO_PORT 5300

/* The file; NULL is the scenario that is built in. RW_EINVAL with faults, RW_ENOMEM. */
int scenario_read(
	const char *path, struct fault_list *faults, struct scenario **ret_scenario) RW_MUSTCHECK;

/* The same from memory; `name` stands in faults, and files are relative to its folder. */
int scenario_parse(const char *name, const char *bytes, size_t size, struct fault_list *faults,
	struct scenario **ret_scenario) RW_MUSTCHECK;

void scenario_free(struct scenario *scenario); /* NULL does nothing */

/* The built-in scenario as text. */
const char *scenario_builtin(void);

/* A port as people write it, from 1 to 65535; false for all else. */
bool scenario_port(const char *text, uint16_t *ret_port);

#endif
