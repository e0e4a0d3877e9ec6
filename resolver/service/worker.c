/* SPDX-License-Identifier: MIT */
/* The life of a worker: its loop, the mail of other threads, draining, the end. */
#include "resolver/service/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "resolver/service/listen_tcp.h"
#include "resolver/service/listen_udp.h"
#include "resolver/service/uplink.h"

/* ---- end ---- */

/* Closes everything that is still open; the loop ends when the last close callback has run. */
static void close_all(struct worker *worker)
{
	if (worker->closed)
		return;
	worker->closed = true;
	engine_close(worker->engine); /* tells everybody who still waits */
	udp_flush_all(worker);
	udp_close_all(worker);
	tcp_close_listeners(worker);
	tcp_close_clients(worker);
	readiness_close(worker->readiness, NULL, NULL);
	uplink_close(worker->uplink);
	timers_close(worker->timers);
	uv_close((uv_handle_t *)&worker->prepare, NULL);
	uv_close((uv_handle_t *)&worker->check, NULL);
	uv_close((uv_handle_t *)&worker->wake, NULL);
}

static void drain_passed(struct deadline *deadline)
{
	close_all(rw_container_of(deadline, struct worker, drain));
}

/* The worker ends in a later turn of the loop: the caller still uses what would be closed. */
static void end_soon(struct worker *worker, uint64_t wait_ms)
{
	if (deadline_start(worker->timers, &worker->drain, env_mono_ms(worker->env) + wait_ms))
		close_all(worker);
}

void worker_waiting_done(struct worker *worker)
{
	worker->waiting--;
	if (worker->stopping && !worker->closed && worker->waiting == 0)
		end_soon(worker, 0);
}

void worker_refresh(struct worker *worker)
{
	const struct refresh_list *list = query_refreshes(&worker->responder);
	for (unsigned i = 0; i < list->count; i++) {
		struct answer nothing;
		answer_begin(&nothing, &list->questions[i]);
		engine_refresh(worker->engine, list->localdata, &list->questions[i],
			list->is_due ? &nothing : NULL);
	}
}

static void drain(struct worker *worker)
{
	if (worker->stopping)
		return;
	worker->stopping = true;
	udp_close_all(worker);
	tcp_close_listeners(worker);
	tcp_close_idle_clients(worker);
	end_soon(worker, worker->waiting > 0 ? LIMIT_DRAIN_MS : 0);
}

/* ---- mail from other threads ---- */

enum worker_mail {
	MAIL_VIEWS,   /* from now on these settings and tables */
	MAIL_SOCKETS, /* an array of `count` listen_sockets, to be served too */
	MAIL_STOP,
};

static void add_sockets(struct worker *worker, const struct listen_sockets *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int err = udp_listener_new(worker, sockets[i].udp, &sockets[i].address);
		err |= tcp_listener_new(worker, sockets[i].tcp, &sockets[i].address);
		if (err)
			log_error(LOG_LISTEN, "worker %u: cannot serve a listen address: %s",
				worker->number, rw_strerror(err));
	}
}

static void take_views(struct worker *worker, struct views *views)
{
	struct views *old = worker->views;
	worker->views = views;
	worker->responder.views = views;
	engine_set_views(worker->engine, views);
	udp_close_others(worker, &views->settings.listen);
	tcp_close_other_listeners(worker, &views->settings.listen);
	views_unref(old);
}

static void close_sockets(const struct listen_sockets *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (sockets[i].udp >= 0)
			(void)close(sockets[i].udp);
		if (sockets[i].tcp >= 0)
			(void)close(sockets[i].tcp);
	}
}

static void take_mail(struct worker *worker, const struct mail *mail)
{
	switch ((enum worker_mail)mail->kind) {
	case MAIL_VIEWS:
		take_views(worker, mail->body);
		break;
	case MAIL_SOCKETS:
		add_sockets(worker, mail->body, mail->count);
		free(mail->body);
		break;
	case MAIL_STOP:
		drain(worker);
		break;
	}
}

static void woken(uv_async_t *handle)
{
	struct worker *worker = handle->data;
	struct mail mail;
	while (mailbox_take(&worker->mail, &mail))
		take_mail(worker, &mail);
}

/* What came after the loop has ended. */
static void discard_mail(struct worker *worker)
{
	struct mail mail;
	while (mailbox_take(&worker->mail, &mail)) {
		if (mail.kind == MAIL_VIEWS)
			views_unref(mail.body);
		if (mail.kind == MAIL_SOCKETS) {
			close_sockets(mail.body, mail.count);
			free(mail.body);
		}
	}
}

static void post(struct worker *worker, enum worker_mail kind, void *body, size_t count)
{
	mailbox_post(&worker->mail, (struct mail){.kind = (int)kind, .body = body, .count = count});
	(void)uv_async_send(&worker->wake);
}

void worker_reload(struct worker *worker, struct views *views, const struct listen_sockets *added,
	size_t added_count)
{
	struct listen_sockets *sockets =
		added_count > 0 ? malloc(added_count * sizeof(*sockets)) : NULL;
	post(worker, MAIL_VIEWS, views_ref(views), 0);
	if (!sockets) {
		close_sockets(added, added_count);
		return;
	}
	memcpy(sockets, added, added_count * sizeof(*sockets));
	post(worker, MAIL_SOCKETS, sockets, added_count);
}

void worker_stop(struct worker *worker)
{
	post(worker, MAIL_STOP, NULL, 0);
}

/* ---- beginning ---- */

static void prepared(uv_prepare_t *handle)
{
	udp_flush_all(handle->data);
}

static void checked(uv_check_t *handle)
{
	udp_flush_all(handle->data);
}

/*
 * libuv runs the handles of a phase in the reverse order of their start: these are started before
 * the engine's, so that what the engine answers in a phase is sent in the same one.
 */
static void start_handles(struct worker *worker)
{
	rw_require(uv_prepare_init(&worker->loop, &worker->prepare) == 0);
	rw_require(uv_check_init(&worker->loop, &worker->check) == 0);
	worker->prepare.data = worker->check.data = worker->wake.data = worker;
	rw_require(uv_prepare_start(&worker->prepare, prepared) == 0);
	rw_require(uv_check_start(&worker->check, checked) == 0);
}

static void network_changed(void *owner)
{
	struct worker *worker = owner;
	log_info(LOG_RESOLVE, "the network has changed: servers that failed are asked again");
	infra_wipe_penalties(worker->infra);
	cache_drop_failures(worker->cache);
}

/* One worker does it for all; without it, penalties end in their own time. */
static void watch_uplink(struct worker *worker)
{
	if (worker->number > 0)
		return;
	int err = uplink_new(&worker->loop, worker->timers, worker->env, network_changed, worker,
		&worker->uplink);
	if (err)
		log_info(LOG_START, "changes of the network will not be noticed: netlink: %s",
			err == RW_ESYSTEM ? strerror(errno) : rw_strerror(err));
}

static int open_loop(struct worker *worker, const struct engine_shared *shared, struct views *views)
{
	int failed = uv_loop_init(&worker->loop);
	if (failed) {
		errno = -failed;
		return RW_ESYSTEM;
	}
	failed = uv_async_init(&worker->loop, &worker->wake, woken);
	if (failed) {
		(void)uv_loop_close(&worker->loop);
		errno = -failed;
		return RW_ESYSTEM;
	}
	start_handles(worker);
	int err = timers_new(&worker->loop, shared->env, &worker->timers);
	if (!err)
		err = readiness_new(&worker->loop, &worker->readiness);
	if (!err)
		err = engine_new(&worker->loop, shared, views, &worker->engine);
	if (err) {
		timers_close(worker->timers);
		readiness_close(worker->readiness, NULL, NULL);
		uv_close((uv_handle_t *)&worker->prepare, NULL);
		uv_close((uv_handle_t *)&worker->check, NULL);
		uv_close((uv_handle_t *)&worker->wake, NULL);
		(void)uv_run(&worker->loop, UV_RUN_DEFAULT);
		(void)uv_loop_close(&worker->loop);
	}
	return err;
}

int worker_new(unsigned number, const struct engine_shared *shared, struct views *views,
	const struct listen_sockets *sockets, size_t socket_count, struct worker **ret_worker)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int err = worker ? open_loop(worker, shared, views) : RW_ENOMEM;
	if (err) {
		close_sockets(sockets, socket_count);
		free(worker);
		return err;
	}
	worker->number = number;
	worker->env = shared->env;
	worker->cache = shared->cache;
	worker->infra = shared->infra;
	worker->counters = shared->counters;
	worker->views = views_ref(views);
	worker->drain.passed = drain_passed;
	mailbox_init(&worker->mail);
	responder_init(&worker->responder, views, shared->cache, worker->engine, shared->counters);
	add_sockets(worker, sockets, socket_count);
	watch_uplink(worker);
	*ret_worker = worker;
	return 0;
}

void worker_run(struct worker *worker)
{
	(void)uv_run(&worker->loop, UV_RUN_DEFAULT);
}

static void *run_thread(void *arg)
{
	worker_run(arg);
	return NULL;
}

/* Signals are the main thread's. */
int worker_start(struct worker *worker)
{
	sigset_t all, old;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	int err = pthread_create(&worker->thread, NULL, run_thread, worker);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = err;
	return err ? RW_ESYSTEM : 0;
}

void worker_join(struct worker *worker)
{
	(void)pthread_join(worker->thread, NULL);
}

void worker_free(struct worker *worker)
{
	if (!worker->closed) {
		close_all(worker);
		worker_run(worker);
	}
	rw_require(uv_loop_close(&worker->loop) == 0);
	discard_mail(worker);
	mailbox_release(&worker->mail);
	responder_release(&worker->responder);
	udp_release(worker);
	views_unref(worker->views);
	free(worker);
}
