/* SPDX-License-Identifier: MIT */
/* Who may ask: addresses against lists of prefixes. */
#ifndef RW_SERVICE_ACCESS_H
#define RW_SERVICE_ACCESS_H

#include "resolver/base/settings.h"

/* Whether one of the prefixes contains the address. An empty list contains nobody. */
bool access_contains(const struct prefix_list *list, const struct addr *client);

/* Who may ask at all, and who may ask with RD=0, that is, look at what others have asked. */
bool access_may_ask(const struct settings *settings, const struct addr *client);
bool access_may_snoop(const struct settings *settings, const struct addr *client);

#endif
