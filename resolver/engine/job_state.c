/* SPDX-License-Identifier: MIT */
/* The states of a job: one table says which event leads where, and nothing else sets a state. */
#include "resolver/engine/job.h"

/* A pair that is left out is not allowed. */
static const enum job_state next_state[JOB_STATES][JOB_EVENTS] = {
	[JOB_NEW][JOB_ON_START] = JOB_RUNS,
	[JOB_NEW][JOB_ON_PLACE_TAKEN] = JOB_GIVES_WAY,
	[JOB_NEW][JOB_ON_END] = JOB_ENDS, /* with the engine */

	[JOB_RUNS][JOB_ON_RENEWAL] = JOB_RENEWS,
	[JOB_RUNS][JOB_ON_PLACE_TAKEN] = JOB_GIVES_WAY,
	[JOB_RUNS][JOB_ON_END] = JOB_ENDS,

	[JOB_RENEWS][JOB_ON_PLACE_TAKEN] = JOB_GIVES_WAY,
	[JOB_RENEWS][JOB_ON_END] = JOB_ENDS,

	[JOB_GIVES_WAY][JOB_ON_END] = JOB_ENDS,
};

bool job_go(struct job *job, enum job_event event)
{
	enum job_state next = next_state[job->state][event];
	bool is_allowed = next != JOB_NEW; /* which stands where the table has no entry */
	if (!rw_check(is_allowed))
		return false;
	job->state = next;
	return true;
}
