/* SPDX-License-Identifier: MIT */
/*
 * The only place where requests meet libuv. Callbacks of exchanges and timers leave an event at
 * the job and wake it; woken jobs run here, one after the other, from a queue.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "resolver/engine/job.h"
#include "resolver/request/dns64.h"
#include "resolver/iterate/stale.h"
#include "resolver/wire/text.h"
#include "zones/cuts/zonecut.h"

#define FAIR_BYTES     (LIMIT_JOBS_BYTES / LIMIT_JOBS) /* of memory that every job may use */
#define DISCARD_MARGIN 50 /* a waiter is answered this fraction of its time early */

void pending_end(struct pending_query *pending, const struct exchange_done *done)
{
	pending->rtt_us = done->rtt_us;
	pending->end = done->end;
	if (done->end == EXCHANGE_REPLY) {
		pending->size = done->size;
		pending->wire = malloc(done->size);
		if (pending->wire)
			memcpy(pending->wire, done->wire, done->size);
		else
			pending->end = EXCHANGE_RESOURCE;
	}
	pending_to_event(pending);
}

/* Only a query to a forwarder, which recurses, can come back to us. */
static void post_echo(struct pending_query *pending, const struct exchange_query *query)
{
	struct echo_board *board = pending->job->engine->shared.echoes;
	if (!board || !(rr_get16(query->wire + 2) & FLAG_RD))
		return;
	pending->echo = echo_of(board, query->wire + HEADER_SIZE, ECHO_LETTERS);
	if (pending->echo)
		echo_post(board, pending->echo);
}

static bool has_come_back(struct pending_query *pending)
{
	uint64_t echo = pending->echo;
	pending->echo = 0;
	return echo != 0 && echo_end(pending->job->engine->shared.echoes, echo);
}

static void send_query(struct job *job, const struct machine_action *action)
{
	struct pending_query *pending = pending_new(job, action->xid);
	if (!pending) {
		request_noreply(job->request, action->xid, EXCHANGE_RESOURCE, 0,
			env_mono_ms(job->engine->shared.env));
		return;
	}
	struct exchange_query query = {
		.server = action->server,
		.transport = action->transport,
		.wire = action->wire,
		.size = action->wire_size,
		.match_case = action->match_case,
		.timeout_ms = action->timeout_ms,
	};
	post_echo(pending, &query);
	if (shared_exchange_start(pending, &query)) {
		pending->end = EXCHANGE_RESOURCE;
		pending_to_event(pending);
	}
}

static void take_actions(struct job *job)
{
	struct machine_action action;
	while (request_next(job->request, &action)) {
		if (action.type == ACTION_SEND) {
			send_query(job, &action);
		} else if (action.type == ACTION_ABANDON) {
			struct pending_query *pending = pending_find(job, action.xid);
			if (pending)
				pending_free(pending);
		}
	}
}

static void take_event(struct job *job, uint64_t now_ms)
{
	struct pending_query *pending = list_first(&job->events, struct pending_query, link);
	if (has_come_back(pending))
		request_noreply(job->request, pending->xid, EXCHANGE_LOOP, pending->rtt_us, now_ms);
	else if (pending->end == EXCHANGE_REPLY)
		request_reply(job->request, pending->xid, pending->wire, pending->size,
			pending->rtt_us, now_ms);
	else
		request_noreply(job->request, pending->xid, pending->end, pending->rtt_us, now_ms);
	pending_free(pending);
}

static void log_failure(const struct job *job, const struct answer *answer)
{
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE], rcode[TEXT_TYPE];
	(void)name_text(job->question.name, name);
	log_write(job->purpose == JOB_FOR_REFRESH ? LOG_DEBUG : LOG_INFO, LOG_RESOLVE,
		"%s %s: %s: %s", name, text_type(job->question.type, type),
		text_rcode(answer_rcode(answer), rcode),
		answer->ede_text ? answer->ede_text : ede_text(answer->ede));
}

/* Expired data for the job's question as a result, in the engine's scratch; false: there is none.
 */
static bool stale_result(struct job *job, struct machine_result *ret_result)
{
	struct engine *engine = job->engine;
	const struct localdata_query query = {.localdata = job->localdata,
		.settings = &job->views->settings,
		.cache = engine->shared.cache,
		.learnt = request_learnt(job->request),
		.mode = CACHE_STALE_TOO,
		.now_ms = env_mono_ms(engine->shared.env),
		.arena = &engine->scratch};
	arena_clear(&engine->scratch);
	ret_result->from_cache = true;
	return stale_answer(&query, &job->question, &ret_result->answer) == 0 &&
	       dns64_remembered(&query, &ret_result->answer, &ret_result->dns64_a) == 0;
}

static void fail(struct machine_result *result, const struct job *job, int ede, const char *text)
{
	answer_begin(&result->answer, &job->question);
	answer_fail(&result->answer, ede, text);
	result->dns64_a = NULL;
	result->from_cache = false;
}

static void tell_end(struct job *job, const struct machine_result *result)
{
	struct machine_result stale;
	job_leave_table(job);
	if (answer_rcode(&result->answer) == RCODE_SERVFAIL && !result->dns64_a) {
		log_failure(job, &result->answer);
		if (job->waiter_count > 0 && stale_result(job, &stale))
			result = &stale;
	}
	job_tell(job, result);
}

/* A forwarder that has sent our own question back to us will not answer. */
static void time_is_up(struct job *job, uint64_t now_ms)
{
	list_each(struct pending_query, pending, &job->pending, link)
		if (has_come_back(pending))
			request_noreply(job->request, pending->xid, EXCHANGE_LOOP, 0, now_ms);
	if (!request_done(job->request))
		request_deadline(job->request, now_ms);
}

/* ---- admission ---- */

static void refuse(struct job *job, int ede, const char *text)
{
	struct machine_result refused;
	request_cancel(job->request, env_mono_ms(job->engine->shared.env));
	fail(&refused, job, ede, text);
	/* A renewal, for one, has nobody to tell. */
	if (job->waiter_count > 0)
		tell_end(job, &refused);
	job_end(job);
}

static const char *too_many_text(const uint8_t *zone, char text[LIMIT_EDE_TEXT])
{
	char name[LIMIT_NAME_TEXT];
	(void)snprintf(text, LIMIT_EDE_TEXT,
		"too many questions to the servers of %.80s are in flight", name_text(zone, name));
	return text;
}

/* Takes the seat at the zone that the request has come to. */
static enum admission_verdict take_seat(struct job *job)
{
	const uint8_t *zone = request_zone(job->request), *old = admission_zone(&job->seat);
	if (old && zone && name_equal(old, zone))
		return admission_in_line(&job->seat) ? ADMISSION_IN_LINE : ADMISSION_SEATED;
	job_leave_seat(job);
	/* A refresh does not wait in line unless a client has joined it; a renewal never does. */
	bool may_wait = (job->purpose == JOB_FOR_CLIENTS || job->waiter_count > 0) &&
			job->state != JOB_RENEWS;
	return zone ? admission_enter(&job->engine->admission, &job->seat, zone, may_wait)
		    : ADMISSION_SEATED;
}

/* Performs the actions of the request if it is admitted. */
static void go_on(struct job *job)
{
	char text[LIMIT_EDE_TEXT];
	switch (take_seat(job)) {
	case ADMISSION_SEATED:
		take_actions(job);
		break;
	case ADMISSION_IN_LINE:
		break;
	case ADMISSION_FULL:
		refuse(job, EDE_OTHER, too_many_text(request_zone(job->request), text));
		break;
	}
}

/*
 * Hostile zones make requests large. When all requests together use more memory than they may,
 * those above their fair share end.
 */
static bool is_too_large(struct job *job)
{
	struct engine *engine = job->engine;
	size_t bytes = request_arena(job->request)->total;
	engine->job_bytes += bytes - job->bytes;
	job->bytes = bytes;
	return engine->job_bytes > LIMIT_JOBS_BYTES && bytes > FAIR_BYTES;
}

/*
 * Once the waiters have their result, a delegation that the request used and that is about to
 * expire is learnt anew, so that no client has to wait for that later. The job goes on with another
 * request. A waiter may have asked the same question again meanwhile, so the job has left the
 * table.
 */
static bool begin_renewal(struct job *job, uint64_t now_ms)
{
	struct request *renewal;
	if (job->state != JOB_RUNS || !job->views->settings.cache.prefetch ||
		job->engine->job_count >= LIMIT_JOBS / 2 ||
		request_new_renewal(job->request, now_ms, &renewal))
		return false;
	take_actions(job); /* what was under way is abandoned */
	request_free(job->request);
	job->request = renewal;
	request_start(renewal, now_ms);
	return job_go(job, JOB_ON_RENEWAL);
}

/* The request is done: it has its result, or has renewed what it could. */
static void conclude(struct job *job, uint64_t now_ms)
{
	bool renews = false;
	if (job->state == JOB_RUNS) {
		tell_end(job, request_result(job->request));
		renews = begin_renewal(job, now_ms);
	}
	if (renews && !request_done(job->request))
		go_on(job);
	else
		job_end(job);
}

/* The request takes in what has happened, and does what comes next. */
static void proceed(struct job *job, uint64_t now_ms)
{
	while (!list_is_empty(&job->events))
		take_event(job, now_ms);
	if (job->echo_xid)
		request_noreply(job->request, job->echo_xid, EXCHANGE_LOOP, 0, now_ms);
	job->echo_xid = 0;
	if (now_ms >= request_deadline_ms(job->request))
		time_is_up(job, now_ms);
	if (request_done(job->request))
		conclude(job, now_ms);
	else if (is_too_large(job))
		refuse(job, EDE_OTHER, "the questions in flight need too much memory");
	else
		go_on(job);
}

static void run(struct job *job)
{
	uint64_t now_ms = env_mono_ms(job->engine->shared.env);
	switch (job->state) {
	case JOB_NEW:
		(void)job_go(job, JOB_ON_START);
		request_start(job->request, now_ms);
		proceed(job, now_ms);
		break;
	case JOB_RUNS:
	case JOB_RENEWS:
		proceed(job, now_ms);
		break;
	case JOB_GIVES_WAY:
		/* Its servers are slow or silent, and their responses are not waited for. */
		refuse(job, EDE_NO_REACHABLE_AUTHORITY,
			"too many questions are in flight, and this one took long");
		break;
	case JOB_ENDS:
		break;
	}
	if (job->state == JOB_ENDS)
		job_free(job);
}

void driver_run(struct engine *engine)
{
	struct job *job;
	while ((job = list_first(&engine->run_queue, struct job, run))) {
		list_remove(&job->run);
		run(job);
	}
}

void driver_deadline_passed(struct deadline *deadline)
{
	job_wake(rw_container_of(deadline, struct job, deadline));
}

void driver_stale_deadline_passed(struct deadline *deadline)
{
	struct job *job = rw_container_of(deadline, struct job, stale_deadline);
	struct machine_result result;
	if (job->waiter_count == 0 || !stale_result(job, &result))
		return;
	job->stale_wait_ms = 0;
	job_tell(job, &result);
}

/* ---- clients that cannot wait ---- */

/* How long a waiter may wait before it is told something, in ms; UINT64_MAX: any time. */
static uint64_t patience_ms(const struct job *job)
{
	uint64_t discard_ms = job->views->settings.discard_timeout_ms;
	return discard_ms > 0 ? discard_ms - discard_ms / DISCARD_MARGIN : UINT64_MAX;
}

void driver_start_client_timer(struct job *job)
{
	const struct waiter *first = job_first_impatient(job);
	uint64_t wait_ms = patience_ms(job);
	if (!first || job->client_deadline.place || wait_ms == UINT64_MAX)
		return;
	/* Without memory for the timer the client gets nothing if it takes too long. */
	int err = deadline_start(
		job->engine->timers, &job->client_deadline, first->since_ms + wait_ms);
	(void)err;
}

void driver_client_deadline_passed(struct deadline *deadline)
{
	struct job *job = rw_container_of(deadline, struct job, client_deadline);
	uint64_t now_ms = env_mono_ms(job->engine->shared.env);
	char text[LIMIT_EDE_TEXT];
	struct machine_result result;
	if (job->waiter_count == 0 || request_done(job->request))
		return;
	if (!stale_result(job, &result))
		fail(&result, job, EDE_NO_REACHABLE_AUTHORITY,
			admission_in_line(&job->seat)
				? too_many_text(admission_zone(&job->seat), text)
				: request_trouble(job->request, now_ms));
	job_tell_old(job, &result, now_ms - patience_ms(job));
	driver_start_client_timer(job);
}
