/* SPDX-License-Identifier: MIT */
/*
 * The rebinding guard: a public name must not lead a browser to a machine of the home network (DNS
 * rebinding). Addresses of `private-addresses` are taken out of answers, unless the name lies in
 * one of `private-domains`, in a zone that a route was configured for, or is ours. For a chain of
 * aliases this must hold for every name of it: a name that must not have a private address must not
 * lead to one by another name either. IPv4 addresses inside of IPv6 ones count as what they are.
 * The client is told so by an extended error. Records stay in the cache as they came, so that a
 * reload takes effect at once.
 */
#ifndef RW_POLICY_REBINDING_H
#define RW_POLICY_REBINDING_H

#include "resolver/base/settings.h"
#include "zones/localdata/localdata.h"

/*
 * Replaces sets of the answer by shorter ones out of the arena, or takes them out. Does nothing
 * where no private addresses are configured. RW_ENOMEM: the answer is not fit to be told.
 */
int rebinding_filter(const struct settings *settings, const struct localdata *localdata,
	struct arena *arena, struct answer *answer) RW_MUSTCHECK;

#endif
