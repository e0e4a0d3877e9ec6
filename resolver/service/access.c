/* SPDX-License-Identifier: MIT */
/* Prefix lists, tried in order: they are short, and the first entry matches most clients. */
#include "resolver/service/access.h"

bool access_contains(const struct prefix_list *list, const struct addr *client)
{
	for (size_t i = 0; i < list->count; i++)
		if (prefix_contains(&list->items[i], client))
			return true;
	return false;
}

bool access_may_ask(const struct settings *settings, const struct addr *client)
{
	return access_contains(&settings->access, client);
}

bool access_may_snoop(const struct settings *settings, const struct addr *client)
{
	return !settings->allow_snoop_given || access_contains(&settings->allow_snoop, client);
}
