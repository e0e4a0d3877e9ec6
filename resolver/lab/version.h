/* SPDX-License-Identifier: MIT */
/*
 * One content of a zone: the records as their owner wrote them, and the zone that is served, which
 * is signed where the scenario says so. A version does not change once it is made; a change of the
 * zone is a new version. Servers share versions by count.
 */
#ifndef RW_LAB_VERSION_H
#define RW_LAB_VERSION_H

#include "resolver/lab/scenario.h"
#include "zones/authority/zone.h"

struct version {
	unsigned refs;
	struct arena arena;        /* of `sets` */
	const struct rrset **sets; /* without signatures; `set_count` */
	size_t set_count;
	struct zone *zone;
	uint32_t serial;
};

/*
 * Reads the zone's file or text, adds the DS records of the scenario's signed zones that this one
 * delegates, and makes its first version. RW_EINVAL with faults, RW_ENOMEM.
 */
int version_read(const struct scenario *scenario, const struct scenario_zone *plan, int64_t now,
	struct fault_list *faults, struct version **ret_version) RW_MUSTCHECK;

/*
 * From `sets`, which are copied, with the serial changed by `step`. RW_EINVAL: these sets make no
 * zone, and `ret_why` (from static storage) says why; RW_ENOMEM.
 */
int version_make(const struct scenario_zone *plan, const struct rrset *const *sets, size_t count,
	int32_t step, int64_t now, struct version **ret_version, const char **ret_why) RW_MUSTCHECK;

struct version *version_ref(struct version *version);
void version_unref(struct version *version); /* NULL does nothing */

#endif
