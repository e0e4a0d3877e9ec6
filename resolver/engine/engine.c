/* SPDX-License-Identifier: MIT */
/* The engine's door: asking, forgetting, refreshing, and its beginning and end. */
#include "resolver/engine/engine.h"

#include <stdlib.h>

#include "resolver/base/limits.h"
#include "resolver/engine/job.h"

#define SCRATCH_BYTES (1 << 19)

static void prepared(uv_prepare_t *handle)
{
	driver_run(handle->data);
}

static void checked(uv_check_t *handle)
{
	driver_run(handle->data);
}

/*
 * What the poll phase wakes runs in the check phase right after it; what timers wake runs in the
 * prepare phase, before the loop may block.
 */
static void start_handles(struct engine *engine)
{
	rw_require(uv_prepare_init(engine->loop, &engine->prepare) == 0);
	rw_require(uv_check_init(engine->loop, &engine->check) == 0);
	engine->prepare.data = engine->check.data = engine;
	rw_require(uv_prepare_start(&engine->prepare, prepared) == 0);
	rw_require(uv_check_start(&engine->check, checked) == 0);
	engine->handles = 2;
}

int engine_new(uv_loop_t *loop, const struct engine_shared *shared, struct views *views,
	struct engine **ret_engine)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	if (!engine)
		return RW_ENOMEM;
	engine->loop = loop;
	engine->shared = *shared;
	engine->pending_pool.size = sizeof(struct pending_query);
	engine->shared_pool.size = sizeof(struct shared_exchange);
	struct siphash_key key;
	shared->env->random(shared->env->ctx, &key, sizeof(key));
	engine->table.key = engine->exchanges.key = engine->admission.zones.key = key;
	engine->admission.zone_jobs =
		admission_part(LIMIT_ZONE_JOBS, LIMIT_ZONE_JOBS_LEAST, views->settings.workers);
	arena_init(&engine->scratch, SCRATCH_BYTES);
	int err = timers_new(loop, shared->env, &engine->timers);
	if (!err)
		err = upstream_new(loop, shared->env, &views->settings.outgoing, shared->counters,
			&engine->upstream);
	if (err) {
		timers_close(engine->timers);
		free(engine);
		return err;
	}
	engine->views = views_ref(views);
	start_handles(engine);
	*ret_engine = engine;
	return 0;
}

void engine_set_views(struct engine *engine, struct views *views)
{
	struct views *old = engine->views;
	engine->views = views_ref(views);
	upstream_set_outgoing(engine->upstream, &views->settings.outgoing);
	views_unref(old);
}

static void closed(uv_handle_t *handle)
{
	struct engine *engine = handle->data;
	if (--engine->handles > 0)
		return;
	pool_release(&engine->pending_pool);
	pool_release(&engine->shared_pool);
	keyed_release(&engine->table);
	keyed_release(&engine->exchanges);
	keyed_release(&engine->admission.zones);
	arena_release(&engine->scratch);
	views_unref(engine->views);
	free(engine);
}

void engine_close(struct engine *engine)
{
	static const struct machine_result stopped = {
		.answer = {.outcome = ANSWER_FAILURE,
			.ede = EDE_NOT_READY,
			.ede_text = "the resolver is stopping"},
	};
	engine->closing = true;
	struct job *job;
	while ((job = list_first(&engine->jobs, struct job, link))) {
		job_leave_table(job);
		request_cancel(job->request, env_mono_ms(engine->shared.env));
		job_tell(job, &stopped);
		job_end(job);
		job_free(job);
	}
	upstream_close(engine->upstream);
	timers_close(engine->timers);
	uv_close((uv_handle_t *)&engine->prepare, closed);
	uv_close((uv_handle_t *)&engine->check, closed);
}

/* The client's own time, after which expired data is better than none (RFC 8767 section 5). */
static void start_stale_timer(struct job *job)
{
	const struct cache_settings *settings = &job->views->settings.cache;
	if (!settings->serve_stale || job->stale_deadline.place)
		return;
	uint64_t now_ms = env_mono_ms(job->engine->shared.env);
	/* Without memory for the timer the client just waits for fresh data. */
	int err = deadline_start(
		job->engine->timers, &job->stale_deadline, now_ms + job->stale_wait_ms);
	(void)err;
}

static const struct localdata *localdata_of(
	const struct engine *engine, const struct waiter *waiter)
{
	static const struct addr nobody; /* of no family: in the view of everybody */
	return views_find(engine->views, waiter->client ? waiter->client : &nobody)->localdata;
}

/* Without memory for what was found, the walk looks for it itself. */
static void begin_with(struct job *job, const struct answer *found)
{
	int err = found ? request_begin_with(job->request, found) : 0;
	(void)err;
}

int engine_ask(struct engine *engine, const struct question *question, const struct answer *found,
	struct waiter *waiter)
{
	const struct localdata *localdata = localdata_of(engine, waiter);
	struct job *job = job_find(engine, localdata, question);
	waiter->job = NULL;
	waiter->share = NULL;
	if (job && job->waiter_count >= LIMIT_WAITERS)
		return RW_EBUSY;
	if (waiter->client && engine->shared.clients) {
		waiter->share = client_quota_enter(engine->shared.clients, waiter->client);
		if (!waiter->share)
			return RW_ELIMIT;
	}
	if (!job) {
		int err = job_new(engine, localdata, question, JOB_FOR_CLIENTS, &job);
		if (err) {
			client_quota_leave(engine->shared.clients, waiter->share);
			return err;
		}
		begin_with(job, found);
	}
	waiter->since_ms = env_mono_ms(engine->shared.env);
	job_add_waiter(job, waiter);
	start_stale_timer(job);
	driver_start_client_timer(job);
	return 0;
}

static bool is_forwarder(const struct settings *settings, const struct addr *asker)
{
	for (size_t i = 0; i < settings->forward.count; i++)
		for (size_t k = 0; k < settings->forward.items[i].to.count; k++)
			if (addr_ip_equal(&settings->forward.items[i].to.items[k], asker))
				return true;
	return false;
}

bool engine_hears_echo(
	struct engine *engine, const struct question *question, const struct addr *asker)
{
	struct echo_board *board = engine->shared.echoes;
	const struct settings *settings = &engine->views->settings;
	if (!board || settings->forward.count == 0)
		return false;
	unsigned least = is_forwarder(settings, asker) ? ECHO_LETTERS : ECHO_LETTERS_STRANGER;
	uint64_t echo = echo_of(board, question->name, least);
	if (echo == 0 || !echo_hear(board, echo))
		return false;
	/* Another worker learns it when its exchange ends. */
	const struct localdata *localdata = views_find(engine->views, asker)->localdata;
	struct job *job = job_find(engine, localdata, question);
	if (!job)
		return true;
	list_each(struct pending_query, pending, &job->pending, link)
		if (pending->echo == echo) {
			job->echo_xid = pending->xid;
			job_wake(job);
		}
	return true;
}

void engine_forget(struct engine *engine, struct waiter *waiter)
{
	(void)engine;
	if (waiter->job)
		job_remove_waiter(waiter);
}

void engine_refresh(struct engine *engine, const struct localdata *localdata,
	const struct question *question, const struct answer *found)
{
	struct job *job;
	if (job_find(engine, localdata, question))
		return;
	/* Best effort: without room the entry is refreshed when it has expired. */
	if (job_new(engine, localdata, question, JOB_FOR_REFRESH, &job) == 0)
		begin_with(job, found);
}

uint32_t engine_jobs(const struct engine *engine)
{
	return engine->job_count;
}
