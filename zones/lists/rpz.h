/* SPDX-License-Identifier: MIT */
/*
 * A response policy zone (draft-vixie-dnsop-dns-rpz): a master file whose owners are triggers and
 * whose records are actions. Read once, then immutable; the order among zones and triggers, and
 * what becomes of an answer, is the service's (resolver/policy/policy.h).
 *
 *   www.bad.example.rpz.              the name asked for, or one that an alias led to
 *   *.bad.example.rpz.                every name below, but for those below another name of the
 * zone 24.0.2.0.192.rpz-ip.rpz.          an address in the answer 32.1.2.0.192.rpz-client-ip.rpz.
 * the asker's address ns.bad.example.rpz-nsdname.rpz.   a server of a zone the name lies in;
 * wildcards as above 48.zz.db8.2001.rpz-nsip.rpz.      the address of such a server
 *
 *   CNAME .  NXDOMAIN; CNAME *.  NODATA; CNAME rpz-passthru. rpz-drop. rpz-tcp-only.; anything else
 *   is data to answer with, where *.target takes the name in front.
 */
#ifndef RW_LISTS_RPZ_H
#define RW_LISTS_RPZ_H

#include "resolver/base/addr.h"
#include "resolver/wire/rrset.h"
#include "zones/fault.h"
#include "zones/lists/name_table.h"
#include "zones/table.h"

enum rpz_action {
	RPZ_NXDOMAIN,
	RPZ_NODATA,
	RPZ_PASSTHRU,
	RPZ_DROP,
	RPZ_TCP_ONLY,
	RPZ_DATA,
};

/* By precedence within a zone (section 5.4 of the draft). */
enum rpz_trigger {
	RPZ_CLIENT_IP,
	RPZ_QNAME,
	RPZ_RESPONSE_IP,
	RPZ_NSDNAME,
	RPZ_NSIP,
	RPZ_TRIGGERS,
};

struct rpz; /* begins with its struct table */

/* A rule that applies. */
struct rpz_match {
	enum rpz_action action;
	unsigned line;
	unsigned bits;     /* of an address's trigger: the longer prefix goes before; IPv4 + 96 */
	const uint8_t *ip; /* of the prefix, 16 bytes; then the lower goes before */
	const void *data;  /* for rpz_data */
};

/* What to make one of. */
struct rpz_source {
	const char *path;
	const uint8_t *apex;
	size_t max_bytes; /* of the file, and of memory */
	struct siphash_key hash_key;
	const struct table_source *source; /* of the table; see table.h */
};

/*
 * Reads the file. RW_EINVAL with a fault, RW_ENOMEM. Records that are no rules are warnings and
 * left out. The caller is the first user.
 */
int rpz_read(const struct rpz_source *source, struct fault_list *faults,
	struct rpz **ret_rpz) RW_MUSTCHECK;

/* The same from memory. */
int rpz_parse(const struct rpz_source *source, const char *bytes, size_t size,
	struct fault_list *faults, struct rpz **ret_rpz) RW_MUSTCHECK;

/* One without rules, in place of a file that cannot be read. RW_ENOMEM. */
int rpz_empty(const struct rpz_source *source, struct rpz **ret_rpz) RW_MUSTCHECK;

void rpz_unref(struct rpz *rpz); /* NULL does nothing */
struct table *rpz_as_table(struct rpz *rpz);
struct rpz *rpz_of_table(struct table *table); /* which is one */

const char *rpz_file(const struct rpz *rpz);
const uint8_t *rpz_apex(const struct rpz *rpz);
const struct rrset *rpz_soa(const struct rpz *rpz); /* NULL: of an empty one */
size_t rpz_rules(const struct rpz *rpz);

/* Whether the zone has any rule of that kind. */
bool rpz_has(const struct rpz *rpz, enum rpz_trigger trigger);

/*
 * RPZ_QNAME, RPZ_NSDNAME: the name's own rule, else that of the wildcard at its closest encloser,
 * names without a record included (RFC 4592).
 */
bool rpz_match_name(const struct rpz *rpz, enum rpz_trigger trigger, const uint8_t *name,
	struct rpz_match *ret_match) RW_MUSTCHECK;

/* The others: the longest prefix. */
bool rpz_match_address(const struct rpz *rpz, enum rpz_trigger trigger, const struct addr *addr,
	struct rpz_match *ret_match) RW_MUSTCHECK;

/*
 * RPZ_DATA: what is answered to a question of the type for `name`: the set of that type, or the
 * CNAME (its target made up where that is a wildcard); any set for ANY. NULL in `ret_set`: nothing
 * of the type. RW_ENOMEM, RW_ELIMIT: the target would be too long.
 */
int rpz_data(const struct rpz_match *match, const uint8_t *name, uint16_t type, struct arena *arena,
	const struct rrset **ret_set) RW_MUSTCHECK;

#endif
