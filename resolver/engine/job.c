/* SPDX-License-Identifier: MIT */
/* The table of jobs in flight, their waiters and their flights. */
#include "resolver/engine/job.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

static uint64_t hash_question(const struct engine *engine, const struct localdata *localdata,
	const struct question *question)
{
	uint64_t parts[3] = {name_hash(question->name, &engine->key),
		(uint64_t)question->type << 16 | question->class, (uint64_t)(uintptr_t)localdata};
	return siphash(&engine->key, parts, sizeof(parts));
}

static struct job **bucket_of(struct engine *engine, uint64_t hash)
{
	return &engine->table[hash & (JOB_BUCKETS - 1)];
}

struct job *job_find(
	struct engine *engine, const struct localdata *localdata, const struct question *question)
{
	uint64_t hash = hash_question(engine, localdata, question);
	struct job *job = *bucket_of(engine, hash);
	while (job && (job->hash != hash || job->localdata != localdata ||
			      !question_equal(&job->question, question)))
		job = job->hash_next;
	return job;
}

static void push_job(struct job *job)
{
	struct engine *engine = job->engine;
	job->prev = NULL;
	job->next = engine->jobs;
	*(job->next ? &job->next->prev : &engine->oldest_job) = job;
	engine->jobs = job;
}

static void unlink_job(struct job *job)
{
	struct engine *engine = job->engine;
	*(job->prev ? &job->prev->next : &engine->jobs) = job->next;
	*(job->next ? &job->next->prev : &engine->oldest_job) = job->prev;
}

static void link_job(struct job *job)
{
	struct engine *engine = job->engine;
	struct job **bucket = bucket_of(engine, job->hash);
	job->hash_next = *bucket;
	*bucket = job;
	job->in_table = true;
	push_job(job);
	engine->job_count++;
}

static int make_request(struct job *job, uint64_t now_ms)
{
	const struct engine *engine = job->engine;
	job->context = (struct walk_context){
		.env = engine->shared.env,
		.cache = engine->shared.cache,
		.infra = engine->shared.infra,
		.settings = &job->views->settings,
		.hints = job->views->hints,
		.localdata = job->localdata,
	};
	return request_new(&job->context, &job->question, now_ms, &job->request);
}

/*
 * Whether one more may be had. When all places are taken the oldest job gives its own up: those of
 * healthy servers are done long before they are the oldest. It ends in its own turn, for who asks
 * here may be told of its end.
 */
static bool has_room(struct engine *engine, bool refresh, uint64_t now_ms)
{
	/* Refreshing is a courtesy; it may not take the room that clients need. */
	if (refresh)
		return engine->job_count < LIMIT_JOBS / 2;
	if (engine->job_count - engine->giving_way < LIMIT_JOBS)
		return true;
	struct job *oldest = engine->oldest_job;
	if (oldest->gives_way || now_ms < oldest->begun_ms + LIMIT_JOSTLE_MS)
		return false;
	oldest->gives_way = true;
	engine->giving_way++;
	unlink_job(oldest);
	push_job(oldest);
	job_leave_table(oldest);
	job_wake(oldest);
	return true;
}

int job_new(struct engine *engine, const struct localdata *localdata,
	const struct question *question, bool refresh, struct job **ret_job)
{
	uint64_t now_ms = env_mono_ms(engine->shared.env);
	if (engine->closing || !has_room(engine, refresh, now_ms))
		return RW_EBUSY;
	struct job *job = calloc(1, sizeof(*job));
	if (!job)
		return RW_ENOMEM;
	job->engine = engine;
	job->hash = hash_question(engine, localdata, question);
	job->localdata = localdata;
	(void)name_copy(question->name, &job->name);
	job->question = *question;
	job->question.name = job->name.bytes;
	job->refresh = refresh;
	job->begun_ms = now_ms;
	job->views = views_ref(engine->views);
	job->deadline.passed = driver_deadline_passed;
	job->stale_deadline.passed = driver_stale_deadline_passed;
	job->client_deadline.passed = driver_client_deadline_passed;
	int err = make_request(job, now_ms);
	if (!err)
		err = deadline_start(
			engine->timers, &job->deadline, request_deadline_ms(job->request));
	if (err) {
		request_free(job->request);
		views_unref(job->views);
		free(job);
		return err;
	}
	if (refresh)
		request_refresh(job->request);
	link_job(job);
	job_wake(job);
	*ret_job = job;
	return 0;
}

void job_leave_table(struct job *job)
{
	if (!job->in_table)
		return;
	struct job **link = bucket_of(job->engine, job->hash);
	while (*link != job)
		link = &(*link)->hash_next;
	*link = job->hash_next;
	job->in_table = false;
}

static void leave_run_queue(struct job *job)
{
	struct engine *engine = job->engine;
	struct job *before = NULL, *at = engine->run_first;
	for (; at && at != job; at = at->run_next)
		before = at;
	if (!at)
		return;
	if (before)
		before->run_next = job->run_next;
	else
		engine->run_first = job->run_next;
	if (engine->run_last == job)
		engine->run_last = before;
}

void flights_free(struct engine *engine, struct flight *list)
{
	while (list) {
		struct flight *flight = list;
		list = flight->next;
		if (flight->trip)
			trip_leave(flight);
		if (flight->echo)
			(void)echo_end(engine->shared.echoes, flight->echo);
		free(flight->wire);
		flight->next = engine->spare_flights;
		engine->spare_flights = flight;
	}
}

void job_leave_seat(struct job *job)
{
	struct seat *heir = admission_leave(&job->engine->admission, &job->seat);
	if (heir)
		job_wake(rw_container_of(heir, struct job, seat));
}

void job_free(struct job *job)
{
	struct engine *engine = job->engine;
	rw_debug(job->waiters == NULL);
	job_leave_table(job);
	if (job->queued)
		leave_run_queue(job);
	deadline_stop(engine->timers, &job->deadline);
	deadline_stop(engine->timers, &job->stale_deadline);
	deadline_stop(engine->timers, &job->client_deadline);
	job_leave_seat(job);
	flights_free(engine, job->flights);
	flights_free(engine, job->events);
	unlink_job(job);
	engine->job_count--;
	engine->giving_way -= job->gives_way;
	engine->job_bytes -= job->bytes;
	request_free(job->request);
	views_unref(job->views);
	free(job);
}

void job_add_waiter(struct job *job, struct waiter *waiter)
{
	waiter->job = job;
	waiter->next = NULL;
	waiter->prev = job->last_waiter;
	if (job->last_waiter)
		job->last_waiter->next = waiter;
	else
		job->waiters = waiter;
	job->last_waiter = waiter;
	job->waiter_count++;
}

void job_remove_waiter(struct waiter *waiter)
{
	struct job *job = waiter->job;
	if (waiter->prev)
		waiter->prev->next = waiter->next;
	else
		job->waiters = waiter->next;
	if (waiter->next)
		waiter->next->prev = waiter->prev;
	else
		job->last_waiter = waiter->prev;
	client_quota_leave(job->engine->shared.clients, waiter->share);
	waiter->share = NULL;
	waiter->job = NULL;
	waiter->next = waiter->prev = NULL;
	job->waiter_count--;
}

void job_tell(struct job *job, const struct walk_result *result)
{
	/* One who is told may ask again, and others may leave; the list is taken from its head. */
	for (uint32_t left = job->waiter_count; left > 0 && job->waiters; left--) {
		struct waiter *waiter = job->waiters;
		job_remove_waiter(waiter);
		waiter->done(waiter, result);
	}
}

void job_tell_old(struct job *job, const struct walk_result *result, uint64_t until_ms)
{
	/* Who is told may take others away: the list is searched from its head each time. */
	for (uint32_t left = job->waiter_count; left > 0; left--) {
		struct waiter *waiter = job->waiters;
		while (waiter && waiter->patient)
			waiter = waiter->next;
		if (!waiter || waiter->since_ms > until_ms)
			return;
		job_remove_waiter(waiter);
		waiter->done(waiter, result);
	}
}

struct flight *flight_new(struct job *job, uint32_t xid)
{
	struct engine *engine = job->engine;
	struct flight *flight = engine->spare_flights;
	if (flight)
		engine->spare_flights = flight->next;
	else
		flight = malloc(sizeof(*flight));
	if (!flight)
		return NULL;
	*flight = (struct flight){.next = job->flights, .job = job, .xid = xid};
	job->flights = flight;
	return flight;
}

struct flight *flight_find(struct job *job, uint32_t xid)
{
	struct flight *flight = job->flights;
	while (flight && flight->xid != xid)
		flight = flight->next;
	return flight;
}

static void unlink_flight(struct flight *flight)
{
	struct flight **link = &flight->job->flights;
	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
	flight->next = NULL;
}

void flight_free(struct flight *flight)
{
	unlink_flight(flight);
	flights_free(flight->job->engine, flight);
}

void flight_to_event(struct flight *flight)
{
	struct job *job = flight->job;
	unlink_flight(flight);
	if (job->last_event)
		job->last_event->next = flight;
	else
		job->events = flight;
	job->last_event = flight;
	job_wake(job);
}

void job_wake(struct job *job)
{
	struct engine *engine = job->engine;
	if (job->queued)
		return;
	job->queued = true;
	job->run_next = NULL;
	if (engine->run_last)
		engine->run_last->run_next = job;
	else
		engine->run_first = job;
	engine->run_last = job;
}
