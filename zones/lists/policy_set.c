/* SPDX-License-Identifier: MIT */
/* Putting the rules of a view together. */
#include "zones/lists/policy_set.h"

#include <stdlib.h>

int policy_set_add(struct policy_set *set, const struct rpz *rpz)
{
	const struct rpz **zones = realloc(set->zones, (set->zone_count + 1) * sizeof(*set->zones));
	if (!zones)
		return RW_ENOMEM;
	zones[set->zone_count++] = rpz;
	set->zones = zones;
	return 0;
}

void policy_set_release(struct policy_set *set)
{
	free(set->zones);
	*set = (struct policy_set){0};
}
