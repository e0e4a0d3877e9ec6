/* SPDX-License-Identifier: MIT */
/*
 * Addresses that no public name server can have. A delegation that names one of them would make
 * the resolver ask itself or its neighbours (CVE-2026-50251), so they are refused unless
 * `outgoing.allow-private` says otherwise. Ranges: the IANA special-purpose registries, RFC 6890.
 */
#ifndef RW_ITERATE_ADDRESS_FILTER_H
#define RW_ITERATE_ADDRESS_FILTER_H

#include "resolver/base/settings.h"

bool address_is_forbidden(const struct outgoing_settings *outgoing, const struct addr *addr);

/* Whether an address is meant for the whole Internet (RFC 6890), and for one host in it. */
bool address_is_global(const struct addr *addr);

#endif
