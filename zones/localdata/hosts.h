/* SPDX-License-Identifier: MIT */
/*
 * A table of names with their addresses, and the PTR records that follow from them: what `hosts`,
 * a file of hosts or a file of leases says. A name in it owns all its types, so that nothing of a
 * public twin shines through. Entries go in one by one, hosts_finish ends that, and from then on
 * the table is immutable.
 *
 * An entry may have an end (a lease): from then on it is not there, whether or not the file has
 * changed. Times are monotonic milliseconds.
 */
#ifndef RW_LOCALDATA_HOSTS_H
#define RW_LOCALDATA_HOSTS_H

#include "resolver/base/addr.h"
#include "resolver/base/settings.h"
#include "resolver/wire/rrset.h"
#include "zones/table.h"

struct hosts; /* begins with its struct table */

#define HOSTS_FOREVER UINT64_MAX

/* An empty table that will take at most `cap` bytes. `source` as for table_init. RW_ENOMEM. */
int hosts_new(size_t cap, const struct table_source *source, struct hosts **ret_hosts) RW_MUSTCHECK;

/* As table_ref and table_unref. */
struct hosts *hosts_ref(struct hosts *hosts);
void hosts_unref(struct hosts *hosts);
struct table *hosts_table(struct hosts *hosts);
struct hosts *hosts_of_table(struct table *table);

struct host_entry {
	const uint8_t *name;
	const struct addr *addr;
	uint64_t until_ms; /* HOSTS_FOREVER */
	uint32_t ttl;      /* s; never more than what is left */
	unsigned line;     /* of the file, for faults; 0: none */
	bool leads_back;   /* the address gets a PTR record to this name */
	bool only_back;    /* that alone: the name itself is answered elsewhere */
};

/* An entry that is there already counts as added. RW_ENOMEM, RW_ELIMIT: LIMIT_RRSET_RECORDS. */
int hosts_add(struct hosts *hosts, const struct host_entry *entry) RW_MUSTCHECK;
int hosts_finish(struct hosts *hosts) RW_MUSTCHECK; /* RW_ENOMEM */

/* All of `hosts` as the configuration has it, each with LIMIT_HOSTS_TTL. RW_ENOMEM. */
int hosts_from_settings(const struct host_list *list, const struct table_source *source,
	struct hosts **ret_hosts) RW_MUSTCHECK;

size_t hosts_count(const struct hosts *hosts); /* names, those of PTR records included */

/*
 * Whether the question's name is in the table. `ret_set` gets the set that answers, which lives as
 * long as the table (or is in the arena where its TTL or its records are not what they were), or
 * NULL: the name has none of that type. To ANY it is one of the name's sets (RFC 8482 section 4.1).
 * RW_ENOTFOUND, RW_ENOMEM.
 */
int hosts_lookup(const struct hosts *hosts, const struct question *question, uint64_t now_ms,
	struct arena *arena, const struct rrset **ret_set) RW_MUSTCHECK;

/* Whether this name, or one below it, is in the table: it is no NXDOMAIN then. */
bool hosts_name_exists(const struct hosts *hosts, const uint8_t *name, uint64_t now_ms);

/* The name's line, where it is there. */
bool hosts_line_of(const struct hosts *hosts, const uint8_t *name, unsigned *ret_line);

/* Whether all addresses that `some` gives the name are among those that `all` gives it. */
bool hosts_agree(const struct hosts *some, const struct hosts *all, const uint8_t *name);

/* Calls `see` with each name that has addresses, and its line. */
void hosts_each(const struct hosts *hosts,
	void (*see)(void *ctx, const uint8_t *name, unsigned line), void *ctx);

/* The name below in-addr.arpa or ip6.arpa (RFC 1035 section 3.5, RFC 3596 section 2.5). */
void hosts_reverse_name(const struct addr *addr, struct name *ret_name);

#endif
