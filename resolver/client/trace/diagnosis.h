/* SPDX-License-Identifier: MIT */
/* How a trace ended and who is to blame, from its history: for all renderings. */
#ifndef RW_CLIENT_TRACE_DIAGNOSIS_H
#define RW_CLIENT_TRACE_DIAGNOSIS_H

#include "resolver/client/trace/history.h"

enum verdict {
	VERDICT_ANSWER,
	VERDICT_NODATA,
	VERDICT_NXDOMAIN,
	VERDICT_LAME,     /* the servers of the zone do not serve it */
	VERDICT_BROKEN,   /* the servers of the zone cannot be reached or found */
	VERDICT_ERROR,    /* the servers of the zone fail by themselves */
	VERDICT_SILENCE,  /* nobody answered at all */
	VERDICT_GIVEN_UP, /* a limit, a circle of aliases, ... */
};

struct diagnosis {
	enum verdict verdict;
	int exit_code;                    /* enum exit_code */
	uint32_t ttl;                     /* s; how long a cache may keep it */
	const struct delegation *cut;     /* whose servers failed */
	const struct history_walk *cause; /* the lookup that failed first, NULL: none is to blame */
	const struct history_walk *circle; /* a lookup that needs the very zone it is to help */
	unsigned unresolved;               /* servers of `cut` whose names have no address */
};

/* `result` NULL: the trace was cut short. */
void diagnose(const struct history *history, const struct machine_result *result,
	struct diagnosis *ret_diagnosis);

#endif
