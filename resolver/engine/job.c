/* SPDX-License-Identifier: MIT */
/* The table of jobs in flight, their waiters and their pending queries. */
#include "resolver/engine/job.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

static uint64_t hash_question(const struct engine *engine, const struct localdata *localdata,
	const struct question *question)
{
	const struct siphash_key *key = &engine->table.key;
	uint64_t parts[3] = {name_hash(question->name, key),
		(uint64_t)question->type << 16 | question->class, (uint64_t)(uintptr_t)localdata};
	return siphash(key, parts, sizeof(parts));
}

struct job *job_find(
	struct engine *engine, const struct localdata *localdata, const struct question *question)
{
	uint64_t hash = hash_question(engine, localdata, question);
	keyed_match(struct job, job, &engine->table, hash, entry)
		if (job->localdata == localdata && question_equal(&job->question, question))
			return job;
	return NULL;
}

static int make_request(struct job *job, uint64_t now_ms)
{
	const struct engine *engine = job->engine;
	job->context = (struct machine_context){
		.env = engine->shared.env,
		.cache = engine->shared.cache,
		.infra = engine->shared.infra,
		.settings = &job->views->settings,
		.hints = job->views->hints,
		.localdata = job->localdata,
	};
	const struct budget purse = job->purpose == JOB_FOR_REFRESH
					    ? purse_of_refresh(&job->views->settings, now_ms)
					    : purse_of_client(&job->views->settings, now_ms);
	return request_new(&job->context, &job->question, &purse, &job->request);
}

/* It ends in a turn of its own: its waiters must not be called back from inside engine_ask. */
static bool give_way(struct job *job)
{
	struct engine *engine = job->engine;
	if (!job_go(job, JOB_ON_PLACE_TAKEN))
		return false;
	engine->giving_way++;
	list_remove(&job->link);
	list_prepend(&engine->jobs, &job->link);
	job_leave_table(job);
	job_wake(job);
	return true;
}

void job_end(struct job *job)
{
	job->engine->giving_way -= job->state == JOB_GIVES_WAY;
	(void)job_go(job, JOB_ON_END);
}

/*
 * Whether one more may be had. When all places are taken the oldest job gives its own up: jobs
 * whose servers are healthy are done long before they are the oldest.
 */
static bool has_room(struct engine *engine, enum job_purpose purpose, uint64_t now_ms)
{
	/* Refreshing is a courtesy; it may not take the room that clients need. */
	if (purpose == JOB_FOR_REFRESH)
		return engine->job_count < LIMIT_JOBS / 2;
	if (engine->job_count - engine->giving_way < LIMIT_JOBS)
		return true;
	struct job *oldest = list_last(&engine->jobs, struct job, link);
	if (oldest->state == JOB_GIVES_WAY || now_ms < oldest->begun_ms + LIMIT_JOSTLE_MS)
		return false;
	return give_way(oldest);
}

int job_new(struct engine *engine, const struct localdata *localdata,
	const struct question *question, enum job_purpose purpose, struct job **ret_job)
{
	uint64_t now_ms = env_mono_ms(engine->shared.env);
	if (engine->closing || !has_room(engine, purpose, now_ms))
		return RW_EBUSY;
	struct job *job = calloc(1, sizeof(*job));
	if (!job)
		return RW_ENOMEM;
	job->engine = engine;
	job->localdata = localdata;
	(void)name_copy(question->name, &job->name);
	job->question = *question;
	job->question.name = job->name.bytes;
	job->purpose = purpose;
	job->begun_ms = now_ms;
	job->views = views_ref(engine->views);
	job->stale_wait_ms = job->views->settings.cache.stale_client_timeout_ms;
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
	keyed_add(&engine->table, &job->entry, hash_question(engine, localdata, question));
	list_prepend(&engine->jobs, &job->link);
	engine->job_count++;
	job_wake(job);
	*ret_job = job;
	return 0;
}

void job_leave_table(struct job *job)
{
	keyed_remove(&job->engine->table, &job->entry);
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
	rw_debug(list_is_empty(&job->waiters));
	job_leave_table(job);
	list_remove(&job->run);
	deadline_stop(engine->timers, &job->deadline);
	deadline_stop(engine->timers, &job->stale_deadline);
	deadline_stop(engine->timers, &job->client_deadline);
	job_leave_seat(job);
	list_each(struct pending_query, pending, &job->pending, link)
		pending_free(pending);
	list_each(struct pending_query, event, &job->events, link)
		pending_free(event);
	list_remove(&job->link);
	engine->job_count--;
	engine->job_bytes -= job->bytes;
	request_free(job->request);
	views_unref(job->views);
	free(job);
}

void job_add_waiter(struct job *job, struct waiter *waiter)
{
	waiter->job = job;
	list_append(&job->waiters, &waiter->link);
	job->waiter_count++;
}

void job_remove_waiter(struct waiter *waiter)
{
	struct job *job = waiter->job;
	list_remove(&waiter->link);
	client_quota_leave(job->engine->shared.clients, waiter->share);
	waiter->share = NULL;
	waiter->job = NULL;
	job->waiter_count--;
}

void job_tell(struct job *job, const struct machine_result *result)
{
	/* A callback may ask again or remove other waiters, so the list is taken from its head. */
	for (uint32_t left = job->waiter_count; left > 0; left--) {
		struct waiter *waiter = list_first(&job->waiters, struct waiter, link);
		if (!waiter)
			return;
		job_remove_waiter(waiter);
		waiter->done(waiter, result);
	}
}

struct waiter *job_first_impatient(const struct job *job)
{
	list_each(struct waiter, waiter, &job->waiters, link)
		if (!waiter->patient)
			return waiter;
	return NULL;
}

void job_tell_old(struct job *job, const struct machine_result *result, uint64_t until_ms)
{
	/* A callback may remove other waiters, so the list is searched from its head each time. */
	for (uint32_t left = job->waiter_count; left > 0; left--) {
		struct waiter *waiter = job_first_impatient(job);
		if (!waiter || waiter->since_ms > until_ms)
			return;
		job_remove_waiter(waiter);
		waiter->done(waiter, result);
	}
}

struct pending_query *pending_new(struct job *job, uint32_t xid)
{
	struct pending_query *pending = pool_take(&job->engine->pending_pool);
	if (!pending)
		return NULL;
	*pending = (struct pending_query){.job = job, .xid = xid};
	list_prepend(&job->pending, &pending->link);
	return pending;
}

struct pending_query *pending_find(struct job *job, uint32_t xid)
{
	list_each(struct pending_query, pending, &job->pending, link)
		if (pending->xid == xid)
			return pending;
	return NULL;
}

void pending_free(struct pending_query *pending)
{
	struct engine *engine = pending->job->engine;
	list_remove(&pending->link);
	if (pending->shared)
		shared_exchange_leave(pending);
	if (pending->echo)
		(void)echo_end(engine->shared.echoes, pending->echo);
	free(pending->wire);
	pool_put(&engine->pending_pool, pending);
}

void pending_to_event(struct pending_query *pending)
{
	struct job *job = pending->job;
	list_remove(&pending->link);
	list_append(&job->events, &pending->link);
	job_wake(job);
}

void job_wake(struct job *job)
{
	if (!list_is_linked(&job->run))
		list_append(&job->engine->run_queue, &job->run);
}
