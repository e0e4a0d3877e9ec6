/* SPDX-License-Identifier: MIT */
/*
 * Names of addresses behind a NAT64: a PTR question for an address with the prefix is one for the
 * IPv4 address in it, by an alias from ip6.arpa to in-addr.arpa (RFC 6147 section 5.3.1).
 */
#ifndef RW_LOCALDATA_NAT64_H
#define RW_LOCALDATA_NAT64_H

#include "resolver/base/settings.h"
#include "resolver/wire/rrset.h"

/* The IPv4 address in one with the prefix; false: it has another prefix. */
bool nat64_inside(const struct prefix *prefix, const struct addr *addr, struct addr *ret_inside);

/* Whether a client that is given AAAA made of A records can use one of these (section 5.1.4). */
bool nat64_leaves_some(const struct dns64_settings *dns64, const struct rrset *aaaa);

/* Whether this record is one that it cannot use. */
bool nat64_excludes(const struct dns64_settings *dns64, const struct rdata *aaaa);

/* A prefix of no family has no such names. */
bool nat64_has(const struct prefix *prefix, const struct question *question);

/* The alias. RW_ENOTFOUND: the question is another one; RW_ENOMEM. */
int nat64_alias(const struct prefix *prefix, const struct question *question, struct arena *arena,
	const struct rrset **ret_cname) RW_MUSTCHECK;

#endif
