/* SPDX-License-Identifier: MIT */
/* Which clients may ask: addresses against lists of prefixes. */
#ifndef RW_SERVICE_ACCESS_H
#define RW_SERVICE_ACCESS_H

#include "resolver/base/settings.h"

/* Whether one of the prefixes contains the address. An empty list contains nobody. */
bool access_contains(const struct prefix_list *list, const struct addr *client);

/*
 * Which clients may ask at all, and which may ask with RD=0, that is, see what others have asked.
 */
bool access_may_ask(const struct settings *settings, const struct addr *client);
bool access_may_snoop(const struct settings *settings, const struct addr *client);

#endif
