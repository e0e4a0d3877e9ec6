/* SPDX-License-Identifier: MIT */
/*
 * Walks on one loop; what they have learnt stays in the cache for the next. One walk runs at a
 * time, but a view may hold it and run another meanwhile: time stands still for the one that is
 * held, so that it ends as it would have without.
 */
#include "resolver/client/trace/walker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache/infra.h"
#include "resolver/base/list.h"
#include "resolver/client/dig/args.h"
#include "resolver/client/exit_code.h"
#include "resolver/client/trace/spinner.h"
#include "zones/cuts/hints.h"

#define WALKER_ARENA (32u << 20) /* bytes; hints, texts, messages of polls */
#define WALKER_WALKS 256         /* walks of one walker */

/* A walk under way. */
struct walker_run {
	struct walker *walker;
	const struct walker_view *view;
	struct request *request;
	struct list exchanges; /* newest first */
	uv_timer_t *deadline;
	uint64_t held_ms;           /* how long it was held in all */
	struct machine_action held; /* what it is held at */
	bool holding, ended;
};

/* An exchange under way. */
struct walker_exchange {
	struct list_link link; /* in the run's exchanges */
	struct walker_run *run;
	struct exchange *exchange;
	uint32_t xid;
	struct addr server;
	uint8_t transport; /* enum transport */
	uint64_t sent_ms;  /* by the loop's clock */
};

#define WALKER_RAWS 8 /* replies that wait to be shown; a walk seldom has more than three open */

/* A reply as it came, until its note is shown. */
struct raw {
	struct addr server;
	const uint8_t *wire;
	size_t size;
};

struct walker {
	const struct args *args;
	const struct query *query;
	struct settings settings;
	struct prefix everywhere[2]; /* 0.0.0.0/0 and ::/0: a lab's servers may be anywhere */
	struct arena arena;
	struct arena round;  /* of polls since walker_renew */
	struct arena *polls; /* where messages of polls go: `arena` at first, then `round` */
	struct cache *cache;
	struct infra *infra;
	struct machine_context context;
	struct net net;
	uv_timer_t deadline; /* of the walk that runs */
	struct spinner spinner;
	struct raw raws[WALKER_RAWS];
	unsigned raw_count; /* of all so far: the newest WALKER_RAWS are kept */
	struct request *requests[WALKER_WALKS];
	unsigned count;
	unsigned sent; /* questions of all walks */
	bool net_open;
};

static uint64_t now_ms(void)
{
	return env_mono_ms(env_real());
}

/* The time of a walk: without that while it was held. */
static uint64_t run_ms(const struct walker_run *run)
{
	return now_ms() - run->held_ms;
}

static void drop_exchange(struct walker_exchange *pending)
{
	list_remove(&pending->link);
	free(pending);
}

static void run_actions(struct walker_run *run);

static void keep_raw(struct walker *w, const struct addr *server, const struct exchange_done *done)
{
	const uint8_t *wire = arena_dup(&w->arena, done->wire, done->size);
	if (wire)
		w->raws[w->raw_count++ % WALKER_RAWS] = (struct raw){*server, wire, done->size};
}

const uint8_t *walker_raw(const struct walker *w, const struct note *note, size_t *ret_size)
{
	for (unsigned i = w->raw_count; i > 0 && i + WALKER_RAWS > w->raw_count; i--) {
		const struct raw *raw = &w->raws[(i - 1) % WALKER_RAWS];
		bool same_id =
			!note->msg || (raw->size >= 2 && rr_get16(raw->wire) == note->msg->id);
		if (!same_id || raw->size != note->size || !addr_equal(&raw->server, &note->server))
			continue;
		*ret_size = raw->size;
		return raw->wire;
	}
	return NULL;
}

static void on_exchange(void *owner, const struct exchange_done *done)
{
	struct walker_exchange *pending = owner;
	struct walker_run *run = pending->run;
	uint32_t xid = pending->xid;
	if (done->end == EXCHANGE_REPLY && run->walker->query->options.json)
		keep_raw(run->walker, &pending->server, done);
	drop_exchange(pending);
	if (done->end == EXCHANGE_REPLY)
		request_reply(run->request, xid, done->wire, done->size, done->rtt_us, run_ms(run));
	else
		request_noreply(run->request, xid, done->end, done->rtt_us, run_ms(run));
	run_actions(run);
}

static int open_exchange(struct walker_run *run, const struct machine_action *action)
{
	struct walker_exchange *pending = calloc(1, sizeof(*pending));
	if (!pending)
		return RW_ENOMEM;
	struct exchange_query asked = {.server = action->server,
		.transport = action->transport,
		.wire = action->wire,
		.size = action->wire_size,
		.match_case = action->match_case,
		.timeout_ms = action->timeout_ms};
	uv_update_time(&run->walker->net.loop);
	*pending = (struct walker_exchange){.run = run,
		.xid = action->xid,
		.server = action->server,
		.transport = (uint8_t)action->transport,
		.sent_ms = uv_now(&run->walker->net.loop)};
	int err = exchange_start(
		run->walker->net.upstream, &asked, on_exchange, pending, &pending->exchange);
	if (err)
		free(pending);
	else
		list_prepend(&run->exchanges, &pending->link);
	run->walker->sent += !err;
	return err;
}

/* Of several that are waited for, the one that was asked last. */
static void show_waiting(struct walker_run *run)
{
	char addr[ADDR_TEXT];
	struct spinner *spinner = &run->walker->spinner;
	const struct walker_exchange *pending =
		list_first(&run->exchanges, struct walker_exchange, link);
	if (pending && !spinner->waiting)
		spinner_wait(spinner, pending->sent_ms, "waiting for %s (%s)",
			addr_ip_text(&pending->server, addr),
			note_transport_text(pending->transport));
}

static void send_question(struct walker_run *run, const struct machine_action *action)
{
	spinner_wipe(&run->walker->spinner);
	if (run->view && run->view->send)
		run->view->send(run->view->ctx, &action->server);
	if (open_exchange(run, action))
		request_noreply(run->request, action->xid, EXCHANGE_RESOURCE, 0, run_ms(run));
}

static void abandon(struct walker_exchange *pending)
{
	exchange_abandon(pending->exchange);
	drop_exchange(pending);
}

/* Nothing is waited for any more. */
static void end_run(struct walker_run *run)
{
	if (run->ended)
		return;
	run->ended = true;
	list_each(struct walker_exchange, pending, &run->exchanges, link)
		abandon(pending);
	uv_timer_stop(run->deadline);
	uv_stop(&run->walker->net.loop);
}

static void carry_out(struct walker_run *run, const struct machine_action *action)
{
	if (action->type == ACTION_SEND) {
		send_question(run, action);
	} else if (action->type == ACTION_ABANDON) {
		list_each(struct walker_exchange, pending, &run->exchanges, link)
			if (pending->xid == action->xid)
				abandon(pending);
	} else if (action->type == ACTION_NOTE && run->view) {
		spinner_wipe(&run->walker->spinner);
		run->view->note(run->view->ctx, action->note);
	}
}

/* The view has something to do before this: walker_walk lets it, outside of the loop. */
static bool hold(struct walker_run *run, const struct machine_action *action)
{
	const struct walker_view *view = run->view;
	if (!view || !view->hold || (action->type != ACTION_SEND && action->type != ACTION_NOTE))
		return false;
	if (!view->hold(view->ctx, action->note, &action->server))
		return false;
	run->held = *action;
	run->holding = true;
	uv_stop(&run->walker->net.loop);
	return true;
}

static void run_actions(struct walker_run *run)
{
	struct machine_action action;
	while (!run->ended && !run->holding && request_next(run->request, &action))
		if (!hold(run, &action))
			carry_out(run, &action);
	if (run->holding)
		return;
	if (run->view && run->view->send)
		run->view->send(run->view->ctx, NULL);
	if (request_done(run->request))
		end_run(run);
	else
		show_waiting(run);
}

static void on_deadline(uv_timer_t *timer)
{
	struct walker_run *run = timer->data;
	request_deadline(run->request, run_ms(run));
	run_actions(run);
}

static void arm_deadline(struct walker_run *run)
{
	uint64_t deadline = request_deadline_ms(run->request), now = run_ms(run);
	run->deadline->data = run;
	uv_update_time(&run->walker->net.loop);
	uv_timer_start(run->deadline, on_deadline, deadline > now ? deadline - now : 0, 0);
}

/* Time stands still while the view does what it has to; its walks have the deadline's timer. */
static void let_view(struct walker_run *run)
{
	uint64_t began = now_ms();
	uv_timer_stop(run->deadline);
	spinner_wipe(&run->walker->spinner);
	run->view->meanwhile(run->view->ctx);
	run->held_ms += now_ms() - began;
	run->holding = false;
	arm_deadline(run);
	carry_out(run, &run->held);
	run_actions(run);
}

/* As the daemon's; a root of one's own may be anywhere, and serve names that are special here. */
static void choose_settings(struct walker *w)
{
	const struct query_options *o = &w->query->options;
	struct settings *s = &w->settings;
	settings_default(s);
	args_outgoing(w->args, &s->outgoing);
	s->outgoing.port = (uint16_t)o->trace_port;
	if (o->timeout_s)
		s->outgoing.timeout_ms = o->timeout_s * 1000;
	if (!o->minimise)
		s->minimisation = MINIMISE_OFF;
	s->cache.serve_stale = false;
	if (!w->args->hints && o->trace_port == 53)
		return;
	w->everywhere[0].base.family = ADDR_V4;
	w->everywhere[1].base.family = ADDR_V6;
	s->outgoing.allow_private = (struct prefix_list){w->everywhere, 2};
	s->special_use = false;
}

static int load_root_hints(struct walker *w)
{
	char shown[256];
	int line = 0;
	const char *path = w->args->hints;
	errno = 0;
	int err = hints_load(&w->arena, path, w->settings.outgoing.port, &w->context.hints, &line);
	if (!err)
		return 0;
	(void)out_escape(path ? path : "", path ? strlen(path) : 0, shown, sizeof(shown));
	if (line > 0)
		fprintf(stderr, "rootwalk: %s:%d: not a record of root hints\n", shown, line);
	else
		fprintf(stderr, "rootwalk: cannot use the root hints %s: %s\n", shown,
			errno ? strerror(errno) : "no root server with an address in it");
	return EXIT_USAGE;
}

static int open_stores(struct walker *w)
{
	const struct cache_settings *c = &w->settings.cache;
	struct cache_params params = {.size_bytes = c->size_bytes,
		.max_ttl_s = c->max_ttl_s,
		.min_ttl_s = c->min_ttl_s,
		.max_negative_ttl_s = c->max_negative_ttl_s,
		.min_negative_ttl_s = c->min_negative_ttl_s};
	if (cache_new(&params, env_real(), &w->cache) || infra_new(env_real(), &w->infra))
		return EXIT_INTERNAL;
	w->context.env = env_real();
	w->context.cache = w->cache;
	w->context.infra = w->infra;
	w->context.settings = &w->settings;
	w->context.notes = true;
	return 0;
}

static int open_net(struct walker *w)
{
	if (net_open(&w->net, &w->settings.outgoing))
		return EXIT_INTERNAL;
	w->net_open = true;
	return uv_timer_init(&w->net.loop, &w->deadline) ? EXIT_INTERNAL : 0;
}

int walker_new(const struct args *args, const struct query *query, struct walker **ret_walker)
{
	struct walker *w = calloc(1, sizeof(*w));
	if (!w)
		return EXIT_INTERNAL;
	w->args = args;
	w->query = query;
	arena_init(&w->arena, WALKER_ARENA);
	arena_init(&w->round, WALKER_ARENA);
	w->polls = &w->arena;
	choose_settings(w);
	int code = load_root_hints(w);
	if (!code)
		code = open_stores(w);
	if (!code)
		code = open_net(w);
	if (code)
		walker_free(w);
	else
		*ret_walker = w;
	return code;
}

void walker_free(struct walker *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < w->count; i++)
		request_free(w->requests[i]);
	if (w->net_open) {
		spinner_close(&w->spinner);
		uv_close((uv_handle_t *)&w->deadline, NULL);
		net_close(&w->net);
	}
	cache_free(w->cache);
	infra_free(w->infra);
	/* The lists of these settings are not theirs to free. */
	arena_release(&w->round);
	arena_release(&w->arena);
	free(w);
}

const struct machine_result *walker_walk(
	struct walker *w, const struct question *question, const struct walker_view *view)
{
	struct walker_run run = {.walker = w, .view = view, .deadline = &w->deadline};
	const struct budget purse = purse_of_client(w->context.settings, now_ms());
	if (w->count == WALKER_WALKS ||
		request_new(&w->context, question, &purse, &w->requests[w->count]))
		return NULL;
	run.request = w->requests[w->count++];
	request_start(run.request, now_ms());
	arm_deadline(&run);
	run_actions(&run);
	while (!run.ended) {
		if (run.holding)
			let_view(&run);
		else
			uv_run(&w->net.loop, UV_RUN_DEFAULT);
	}
	spinner_wipe(&w->spinner);
	return request_result(run.request);
}

void walker_poll(struct walker *w, struct poll *polls, unsigned count, uint32_t timeout_ms)
{
	uv_update_time(&w->net.loop);
	if (count > 0)
		spinner_wait(&w->spinner, uv_now(&w->net.loop),
			"waiting for replies to %u question%s", count, count == 1 ? "" : "s");
	net_poll(&w->net, w->polls, polls, count, timeout_ms);
	spinner_wipe(&w->spinner);
}

unsigned walker_sent(const struct walker *w)
{
	return w->sent;
}

struct arena *walker_renew(struct walker *w)
{
	arena_clear(&w->round);
	w->polls = &w->round;
	return w->polls;
}

void walker_live(struct walker *w, const struct out *out)
{
	spinner_open(&w->spinner, &w->net.loop, out);
}

struct arena *walker_arena(struct walker *w)
{
	return &w->arena;
}

struct net *walker_net(struct walker *w)
{
	return &w->net;
}

const struct query_options *walker_options(const struct walker *w)
{
	return &w->query->options;
}

const char *walker_origin(struct walker *w)
{
	char shown[26]; /* so that the first line of a trace stays within OUT_COLUMNS */
	const char *path = w->args->hints;
	uint32_t port = w->query->options.trace_port;
	const char *origin = "root hints";
	if (path)
		origin = arena_printf(&w->arena, "hints file %s",
			out_escape(path, strlen(path), shown, sizeof(shown)));
	if (origin && port != 53)
		origin = arena_printf(&w->arena, "%s, port %u", origin, port);
	return origin ? origin : "root hints";
}
