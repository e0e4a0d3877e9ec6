/* SPDX-License-Identifier: MIT */
/*
 * Scenarios of any bytes: no crash, no leak, and a scenario or faults. Zones that have no
 * signatures are built too, unless they lie in a file.
 */
#include <stdlib.h>

#include "resolver/lab/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Signing takes its time, and files are not to be touched. */
static bool is_cheap(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->zone_count; i++)
		if (scenario->zones[i].file || scenario->zones[i].variant != SIGN_NONE)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fault_list faults;
	struct scenario *scenario;
	struct world *world;
	faults.count = faults.errors = 0;
	int err = scenario_parse("fuzz", (const char *)data, size, &faults, &scenario);
	rw_require((err == RW_EINVAL) == (faults.errors > 0) || err == RW_ENOMEM);
	if (err)
		return 0;
	if (is_cheap(scenario)) {
		err = world_new(scenario, 0, &faults, &world);
		rw_require((err == RW_EINVAL) == (faults.errors > 0) || err == RW_ENOMEM);
		if (err == 0)
			world_free(world);
	}
	scenario_free(scenario);
	return 0;
}
