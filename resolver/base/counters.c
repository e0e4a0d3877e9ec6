/* SPDX-License-Identifier: MIT */
/* Memory for counters, a cache line at a time. */
#include "resolver/base/counters.h"

#include <stdlib.h>
#include <string.h>

struct counters *counters_new(size_t count)
{
	struct counters *blocks = aligned_alloc(COUNTERS_LINE, count * sizeof(*blocks));
	if (blocks)
		memset(blocks, 0, count * sizeof(*blocks));
	return blocks;
}
