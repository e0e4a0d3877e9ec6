/* SPDX-License-Identifier: MIT */
/* One request at a time on one loop; what walks have learnt stays in the cache for the next. */
#include "resolver/client/walker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache/infra.h"
#include "resolver/client/lookup.h"
#include "zones/hints.h"

#define WALKER_ARENA (32u << 20) /* bytes; hints, texts, messages of polls */
#define WALKER_WALKS 256         /* walks of one walker */

/* An exchange under way. */
struct flight {
	struct flight *next;
	struct walker *walker;
	struct exchange *exchange;
	uint32_t xid;
};

struct walker {
	const struct args *args;
	const struct query *query;
	struct settings settings;
	struct prefix everywhere[2]; /* 0.0.0.0/0 and ::/0: a lab's servers may be anywhere */
	struct arena arena;
	struct cache *cache;
	struct infra *infra;
	struct walk_context context;
	struct net net;
	uv_timer_t deadline;
	struct flight *flights;
	const struct walker_view *view; /* of the walk under way */
	struct request *request;        /* the walk under way */
	struct request *requests[WALKER_WALKS];
	unsigned count;
	bool net_open, ended;
};

static uint64_t now_ms(void)
{
	return env_mono_ms(env_real());
}

static struct flight **find_flight(struct walker *w, uint32_t xid)
{
	struct flight **at = &w->flights;
	while (*at && (*at)->xid != xid)
		at = &(*at)->next;
	return at;
}

static void drop_flight(struct flight **at)
{
	struct flight *flight = *at;
	*at = flight->next;
	free(flight);
}

static enum noreply noreply_of(enum exchange_end end)
{
	switch (end) {
	case EXCHANGE_UNREACHABLE:
		return NOREPLY_UNREACHABLE;
	case EXCHANGE_REFUSED:
		return NOREPLY_REFUSED;
	case EXCHANGE_CLOSED:
		return NOREPLY_CLOSED;
	case EXCHANGE_SUSPECT:
		return NOREPLY_SUSPECT;
	case EXCHANGE_CASE:
		return NOREPLY_CASE;
	case EXCHANGE_RESOURCE:
		return NOREPLY_RESOURCE;
	case EXCHANGE_REPLY:
	case EXCHANGE_TIMEOUT:
		break;
	}
	return NOREPLY_TIMEOUT;
}

static void drain(struct walker *w);

static void on_exchange(void *owner, const struct exchange_done *done)
{
	struct flight *flight = owner;
	struct walker *w = flight->walker;
	uint32_t xid = flight->xid;
	drop_flight(find_flight(w, xid));
	if (done->end == EXCHANGE_REPLY)
		request_reply(w->request, xid, done->wire, done->size, done->rtt_us, now_ms());
	else
		request_noreply(w->request, xid, noreply_of(done->end), done->rtt_us, now_ms());
	drain(w);
}

static int open_exchange(struct walker *w, const struct walk_action *action)
{
	struct flight *flight = calloc(1, sizeof(*flight));
	if (!flight)
		return RW_ENOMEM;
	struct exchange_query asked = {.server = action->server,
		.transport = action->transport,
		.wire = action->wire,
		.size = action->wire_size,
		.match_case = action->match_case,
		.timeout_ms = action->timeout_ms};
	*flight = (struct flight){.next = w->flights, .walker = w, .xid = action->xid};
	int err = exchange_start(w->net.upstream, &asked, on_exchange, flight, &flight->exchange);
	if (err)
		free(flight);
	else
		w->flights = flight;
	return err;
}

static void send_question(struct walker *w, const struct walk_action *action)
{
	if (w->view && w->view->send)
		w->view->send(w->view->ctx, &action->server);
	if (open_exchange(w, action))
		request_noreply(w->request, action->xid, NOREPLY_RESOURCE, 0, now_ms());
}

static void abandon(struct walker *w, uint32_t xid)
{
	struct flight **at = find_flight(w, xid);
	if (!*at)
		return;
	exchange_abandon((*at)->exchange);
	drop_flight(at);
}

/* Nothing is waited for any more. */
static void end(struct walker *w)
{
	if (w->ended)
		return;
	w->ended = true;
	while (w->flights)
		abandon(w, w->flights->xid);
	uv_timer_stop(&w->deadline);
	uv_stop(&w->net.loop);
}

static void drain(struct walker *w)
{
	struct walk_action action;
	while (!w->ended && request_next(w->request, &action)) {
		if (action.type == ACTION_SEND)
			send_question(w, &action);
		else if (action.type == ACTION_ABANDON)
			abandon(w, action.xid);
		else if (action.type == ACTION_NOTE && w->view)
			w->view->note(w->view->ctx, action.note);
	}
	if (w->view && w->view->send)
		w->view->send(w->view->ctx, NULL);
	if (request_done(w->request))
		end(w);
}

static void on_deadline(uv_timer_t *timer)
{
	struct walker *w = timer->data;
	request_deadline(w->request, now_ms());
	drain(w);
}

/* As the daemon's; a root of one's own may be anywhere, and serve names that are special here. */
static void choose_settings(struct walker *w)
{
	const struct query_options *o = &w->query->options;
	struct settings *s = &w->settings;
	settings_default(s);
	net_outgoing(w->args, &s->outgoing);
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

static int load_hints(struct walker *w)
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
	uv_timer_init(&w->net.loop, &w->deadline);
	w->deadline.data = w;
	return 0;
}

int walker_new(const struct args *args, const struct query *query, struct walker **ret_walker)
{
	struct walker *w = calloc(1, sizeof(*w));
	if (!w)
		return EXIT_INTERNAL;
	w->args = args;
	w->query = query;
	arena_init(&w->arena, WALKER_ARENA);
	choose_settings(w);
	int code = load_hints(w);
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
		uv_close((uv_handle_t *)&w->deadline, NULL);
		net_close(&w->net);
	}
	cache_free(w->cache);
	infra_free(w->infra);
	/* The lists of these settings are not theirs to free. */
	arena_release(&w->arena);
	free(w);
}

const struct walk_result *walker_walk(
	struct walker *w, const struct question *question, const struct walker_view *view)
{
	if (w->count == WALKER_WALKS ||
		request_new(&w->context, question, now_ms(), &w->requests[w->count]))
		return NULL;
	w->request = w->requests[w->count++];
	w->view = view;
	w->ended = false;
	request_start(w->request, now_ms());
	uint64_t deadline = request_deadline_ms(w->request), now = now_ms();
	uv_update_time(&w->net.loop);
	uv_timer_start(&w->deadline, on_deadline, deadline > now ? deadline - now : 0, 0);
	drain(w);
	while (!w->ended)
		uv_run(&w->net.loop, UV_RUN_DEFAULT);
	return request_result(w->request);
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
