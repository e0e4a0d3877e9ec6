/* SPDX-License-Identifier: MIT */
/*
 * Many deadlines on one libuv timer: a binary heap ordered by time. Starting and stopping cost
 * O(log n) and allocate only when the heap grows; a deadline lives inside its owner's object. The
 * timer is left armed when the earliest deadline is stopped, which at worst wakes the loop once
 * for nothing.
 */
#ifndef RW_NET_TIMERS_H
#define RW_NET_TIMERS_H

#include <uv.h>

#include "resolver/base/env.h"
#include "resolver/base/rw.h"

struct timers;

struct deadline {
	uint64_t at_ms;                            /* monotonic */
	size_t place;                              /* in the heap, from 1; 0: not running */
	void (*passed)(struct deadline *deadline); /* from the loop; the deadline is stopped then */
};

/* `env` outlives it. RW_ENOMEM. */
int timers_new(uv_loop_t *loop, const struct env *env, struct timers **ret_timers) RW_MUSTCHECK;

/* Stops everything; memory goes with the handle. NULL does nothing. */
void timers_close(struct timers *timers);

/* Restarts it when it runs. A time in the past passes in the next turn of the loop, never at once.
 * RW_ENOMEM: the deadline does not run. */
int deadline_start(struct timers *timers, struct deadline *deadline, uint64_t at_ms) RW_MUSTCHECK;

/* Stopping what does not run does nothing. */
void deadline_stop(struct timers *timers, struct deadline *deadline);

#endif
