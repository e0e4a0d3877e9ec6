/* SPDX-License-Identifier: MIT */
/*
 * What is answered here for the clients of one view, and not by the public DNS: the one door for
 * names of `hosts`, of files of hosts and of leases, for zones, and for what goes with them. A
 * `struct localdata` is made of tables that are shared and immutable.
 *
 * localdata_lookup knows what is ours of a single name. Names of the tables come first, and the
 * table of the lowest *tier* that has a name owns it: what is configured before a file of hosts,
 * and that before a lease, which in turn gives way to records that a zone has at just its name.
 * Then the deepest zone that the name lies in, and last the PTR records that zones imply. What a
 * zone delegates is no longer ours; the walk goes on at its servers (localdata_cut).
 *
 * localdata_answer is the door for service and walk. At each name of the chain it asks: is it ours;
 * is its type withheld; is it the name of an address behind a NAT64, and so an alias; is it a
 * special-use name that neither a route nor a zone of ours has given away; what does the cache say?
 * So an alias of ours may lead out into the DNS, and one of the DNS to us. What is ours never goes
 * into the cache. What is learnt below a delegation of one of our zones goes into a cache that
 * belongs to that zone, for clients of another view may have another idea of these names.
 */
#ifndef RW_LOCALDATA_LOCALDATA_H
#define RW_LOCALDATA_LOCALDATA_H

#include "cache/cache.h"
#include "resolver/base/settings.h"
#include "zones/fault.h"
#include "zones/cuts/delegation.h"
#include "zones/localdata/hosts.h"
#include "zones/localdata/localdata_zone.h"

struct localdata; /* counted by its users */

enum localdata_tier {
	LOCALDATA_CONFIGURED, /* `hosts` */
	LOCALDATA_FILES,      /* `hosts-files` */
	LOCALDATA_LEASES,     /* `leases` */
	LOCALDATA_TIERS,
};

/* Nothing is ours yet. RW_ENOMEM. */
int localdata_new(struct localdata **ret_localdata) RW_MUSTCHECK;
struct localdata *localdata_ref(struct localdata *localdata);
void localdata_unref(struct localdata *localdata); /* NULL does nothing */

/* Adds a table, of which it becomes a user. Tables of one tier complete each other. RW_ENOMEM. */
int localdata_add_hosts(
	struct localdata *localdata, struct hosts *hosts, enum localdata_tier tier) RW_MUSTCHECK;

int localdata_add_zone(struct localdata *localdata, struct localdata_zone *zone) RW_MUSTCHECK;

/* Borrowed. */
void localdata_set_dns64(struct localdata *localdata, const struct dns64_settings *dns64);

/* What holds for its clients: what was set, or else what holds for everybody. */
const struct dns64_settings *localdata_dns64(
	const struct localdata *localdata, const struct settings *settings);

/* Below these names, what is not here is asked of the public DNS. The names are borrowed. */
void localdata_set_transparent(struct localdata *localdata, const struct name_list *names);

/* Warns of leases whose names have been taken already. */
void localdata_tell_clashes(const struct localdata *localdata, struct fault_list *faults);

/*
 * Continues the chain of `answer` with what is ours of the name at its end. RW_ENOTFOUND: the name
 * is not ours, or is one that may be asked of others; also where `localdata` is NULL, for nothing
 * is ours then. RW_ENOMEM.
 */
int localdata_lookup(const struct localdata *localdata, uint64_t now_ms, struct arena *arena,
	struct answer *answer) RW_MUSTCHECK;

/* The deepest zone of ours that the name lies in, or NULL; for DS the zone above an apex. */
const struct localdata_zone *localdata_zone_of(
	const struct localdata *localdata, const struct question *question);

/* A place where a zone of ours ends. */
struct localdata_cut {
	const struct rrset *ns, *ds; /* `ds` may be NULL */
	const struct rrset *glue[ZONE_GLUE];
	unsigned glue_count;
	struct cache *cache; /* for what is learnt below it */
};

/* RW_ENOTFOUND: the question's name is not below a cut of ours. RW_ENOMEM. */
int localdata_cut(const struct localdata *localdata, const struct question *question,
	struct arena *arena, struct localdata_cut *ret_cut) RW_MUSTCHECK;

/*
 * The cut as a delegation for a walk: its servers with their glue, and with the addresses that are
 * ours where these servers' names are. RW_ENOMEM.
 */
int localdata_delegation(const struct localdata *localdata, const struct localdata_cut *cut,
	uint16_t port, uint64_t now_ms, struct arena *arena,
	struct delegation **ret_delegation) RW_MUSTCHECK;

/*
 * Whether this name, or one below it, exists here, so that it is no NXDOMAIN whatever types it has
 * (RFC 8020 section 2).
 */
bool localdata_name_exists(const struct localdata *localdata, const uint8_t *name, uint64_t now_ms);

/* Whether the name is in a table of ours, or in a zone of ours or what that delegates. */
bool localdata_has(const struct localdata *localdata, const uint8_t *name);

/*
 * Whether an answer is all of one piece of ours: a name of ours, or a chain of aliases that never
 * leaves the zone of ours in which it begins.
 */
bool localdata_is_whole(const struct localdata *localdata, const struct answer *answer);

struct localdata_query {
	const struct localdata *localdata;
	const struct settings *settings;
	struct cache *cache;
	const struct learnt_list *learnt; /* of the request that asks (cache/learnt.h), or NULL */
	enum cache_mode mode;
	bool withhold; /* it is a client's own question: types that are withheld are not looked for
			*/
	bool outside;  /* the name at the end of the chain is known not to be answered here */
	uint64_t now_ms;
	struct arena *arena;
};

/*
 * Continues the chain of `answer` as far as it is known here: through what is ours, withheld types,
 * names of addresses behind a NAT64, special-use names, and the cache. What has expired gets
 * `cache.stale-ttl` as its TTL. ANSWER_MISS: the name at its end must be asked of servers.
 * RW_ENOMEM only.
 */
int localdata_answer(const struct localdata_query *query, struct answer *answer) RW_MUSTCHECK;

/*
 * A name of ours, and each name above one, exists whatever others say: its NXDOMAIN becomes a
 * NODATA.
 */
void localdata_amend(const struct localdata *localdata, uint64_t now_ms, struct answer *answer);

/* Takes out what is withheld of sets that an alias has led to, or a question for any type. */
void localdata_withhold(
	const struct localdata *localdata, const struct settings *settings, struct answer *answer);

#endif
