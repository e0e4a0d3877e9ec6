/* SPDX-License-Identifier: MIT */
/* The heap behind deadlines, and the one libuv timer that drives it. */
#include "resolver/net/timers.h"

#include <stdlib.h>

#define FIRST_ROOM 64 /* deadlines the heap holds before it grows */

struct timers {
	uv_timer_t handle;
	const struct env *env;
	struct deadline **heap; /* from index 1 */
	size_t count, room;
	uint64_t armed_ms; /* when the handle fires; UINT64_MAX: it does not */
};

static void place(struct timers *timers, size_t at, struct deadline *deadline)
{
	timers->heap[at] = deadline;
	deadline->place = at;
}

static void sift_up(struct timers *timers, size_t at, struct deadline *deadline)
{
	while (at > 1 && timers->heap[at / 2]->at_ms > deadline->at_ms) {
		place(timers, at, timers->heap[at / 2]);
		at /= 2;
	}
	place(timers, at, deadline);
}

static void sift_down(struct timers *timers, size_t at, struct deadline *deadline)
{
	for (;;) {
		size_t child = at * 2;
		if (child > timers->count)
			break;
		if (child < timers->count &&
			timers->heap[child + 1]->at_ms < timers->heap[child]->at_ms)
			child++;
		if (timers->heap[child]->at_ms >= deadline->at_ms)
			break;
		place(timers, at, timers->heap[child]);
		at = child;
	}
	place(timers, at, deadline);
}

static int make_room(struct timers *timers)
{
	if (timers->count + 1 < timers->room)
		return 0;
	size_t room = timers->room ? timers->room * 2 : FIRST_ROOM;
	struct deadline **heap = realloc(timers->heap, room * sizeof(*heap));
	if (!heap)
		return RW_ENOMEM;
	timers->heap = heap;
	timers->room = room;
	return 0;
}

static void fired(uv_timer_t *handle);

/* Arms the handle for the earliest deadline unless it fires before that anyway. */
static void arm(struct timers *timers, uint64_t now_ms)
{
	if (timers->count == 0 || timers->heap[1]->at_ms >= timers->armed_ms)
		return;
	uint64_t at_ms = timers->heap[1]->at_ms;
	timers->armed_ms = at_ms;
	uint64_t wait_ms = at_ms > now_ms ? at_ms - now_ms : 0;
	rw_require(uv_timer_start(&timers->handle, fired, wait_ms, 0) == 0);
}

static void fired(uv_timer_t *handle)
{
	struct timers *timers = handle->data;
	uint64_t now_ms = env_mono_ms(timers->env);
	timers->armed_ms = UINT64_MAX;
	/* As many as stand there now, so that one that restarts itself cannot hold the loop. */
	size_t left = timers->count;
	while (left-- > 0 && timers->count > 0 && timers->heap[1]->at_ms <= now_ms) {
		struct deadline *deadline = timers->heap[1];
		deadline_stop(timers, deadline);
		deadline->passed(deadline);
	}
	arm(timers, now_ms);
}

int timers_new(uv_loop_t *loop, const struct env *env, struct timers **ret_timers)
{
	struct timers *timers = calloc(1, sizeof(*timers));
	if (!timers)
		return RW_ENOMEM;
	timers->env = env;
	timers->armed_ms = UINT64_MAX;
	rw_require(uv_timer_init(loop, &timers->handle) == 0);
	timers->handle.data = timers;
	*ret_timers = timers;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	struct timers *timers = handle->data;
	free(timers->heap);
	free(timers);
}

void timers_close(struct timers *timers)
{
	if (!timers)
		return;
	while (timers->count > 0)
		deadline_stop(timers, timers->heap[timers->count]);
	uv_close((uv_handle_t *)&timers->handle, closed);
}

int deadline_start(struct timers *timers, struct deadline *deadline, uint64_t at_ms)
{
	deadline_stop(timers, deadline);
	if (make_room(timers))
		return RW_ENOMEM;
	deadline->at_ms = at_ms;
	sift_up(timers, ++timers->count, deadline);
	if (deadline->place == 1)
		arm(timers, env_mono_ms(timers->env));
	return 0;
}

void deadline_stop(struct timers *timers, struct deadline *deadline)
{
	size_t at = deadline->place;
	if (at == 0)
		return;
	deadline->place = 0;
	struct deadline *last = timers->heap[timers->count--];
	if (last == deadline)
		return;
	if (at > 1 && timers->heap[at / 2]->at_ms > last->at_ms)
		sift_up(timers, at, last);
	else
		sift_down(timers, at, last);
}
