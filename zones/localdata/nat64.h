/* SPDX-License-Identifier: MIT */
/*
 * Names of addresses behind a NAT64: a PTR question for an address with the prefix is one for the
 * IPv4 address in it, by an alias from ip6.arpa to in-addr.arpa (RFC 6147 section 5.3.1).
 */
#ifndef RW_LOCALDATA_NAT64_H
#define RW_LOCALDATA_NAT64_H

#include "resolver/base/addr.h"
#include "resolver/wire/rrset.h"

/* The IPv4 address in one with the prefix; false: it has another prefix. */
bool nat64_inside(const struct prefix *prefix, const struct addr *addr, struct addr *ret_inside);

/* A prefix of no family has no such names. */
bool nat64_has(const struct prefix *prefix, const struct question *question);

/* The alias. RW_ENOTFOUND: the question is another one; RW_ENOMEM. */
int nat64_alias(const struct prefix *prefix, const struct question *question, struct arena *arena,
	const struct rrset **ret_cname) RW_MUSTCHECK;

#endif
