/* SPDX-License-Identifier: MIT */
/*
 * +prop: has a change arrived everywhere? Authorities first, then the caches of the resolvers named
 * after @, then a bound on when everyone sees it. Observed and computed are kept apart.
 *
 * Words of ours: the *newest* data are those of the server with the highest serial (RFC 1982); a
 * server or cache that says something else is *old*.
 */
#ifndef RW_CLIENT_CHECK_PROP_H
#define RW_CLIENT_CHECK_PROP_H

#include "resolver/client/check/survey.h"
#include "resolver/client/dig/args.h"
#include "resolver/client/out.h"

#define PROP_RESOLVERS  ARGS_SERVERS
#define PROP_ROUNDS     3     /* looks at each cache: a farm of resolvers holds many */
#define PROP_WATCHES    17280 /* redraws of +watch: a day of PROP_WATCH_MS */
#define PROP_WATCH_MS   5000
#define PROP_RESOLVE_MS 2000 /* for one reply of a resolver */

#define JSON_PROP "rootwalk.prop/1"

enum cache_state {
	CACHE_NEW,
	CACHE_OLD,
	CACHE_MIXED,  /* its rounds disagree */
	CACHE_EMPTY,  /* holds nothing: the next question fetches it anew */
	CACHE_FAILED, /* no reply, or an error */
};

struct prop_resolver {
	const char *text; /* as named; printable */
	struct addr addr; /* family ADDR_NONE: not found */
	bool asked_rd;    /* it refuses RD=0, so looking may have filled it */
	const char *answer;
	uint32_t left_min, left_max; /* s */
	uint32_t full;               /* s; the TTL at the authority, 0: unknown */
	bool negative;
	uint32_t serial; /* of the SOA a negative answer was cached with */
	enum cache_state state;
};

struct prop {
	const struct args *args;
	const struct query *query;
	const struct out *out;
	struct walker *walker;
	struct arena *arena;
	struct survey survey;
	/* Of the authorities. */
	const char *answers[SURVEY_SERVERS];
	uint32_t ttls[SURVEY_SERVERS];
	bool old[SURVEY_SERVERS];
	unsigned speaking, old_servers; /* servers that are authoritative; those that are old */
	int newest;                     /* index; -1: none speaks */
	uint32_t newest_serial, ttl;    /* s; the highest at any authority */
	const struct rrset *newest_soa, *oldest_soa;
	/* Of the caches. */
	struct prop_resolver resolvers[PROP_RESOLVERS];
	unsigned resolver_count, old_resolvers;
	const char *wanted; /* +watch=VALUE */
};

int prop_run(const struct args *args, const struct query *query, const struct out *out);

/* The exit code of what was seen. */
int prop_code(const struct prop *prop);

/* "NEW", "OLD", "LAME", "DOWN" or, out of reach from here, "-": server `i`. */
const char *prop_state(const struct prop *prop, unsigned i);

void prop_print(const struct prop *prop);
void prop_json(const struct prop *prop);

#endif
