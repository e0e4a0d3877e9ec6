/* SPDX-License-Identifier: MIT */
/*
 * The trace's driver: a libuv loop that carries the actions of one request to exchanges and their
 * ends back, like the daemon's, but with a cache of its own and all notes shown.
 */
#include "resolver/client/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache/infra.h"
#include "resolver/client/trace_json.h"
#include "resolver/client/trace_print.h"
#include "resolver/upstream/exchange.h"
#include "zones/hints.h"

#define TRACE_ARENA (16u << 20) /* bytes; hints and the texts of one trace */

struct trace;

/* An exchange under way. */
struct flight {
	struct flight *next;
	struct trace *trace;
	struct exchange *exchange;
	uint32_t xid;
};

struct trace {
	const struct args *args;
	const struct query *query;
	const struct out *out;
	struct settings settings;
	struct prefix everywhere[2]; /* 0.0.0.0/0 and ::/0: a lab's servers may be anywhere */
	struct arena arena;
	struct cache *cache;
	struct infra *infra;
	struct walk_context context;
	struct request *request;
	struct story story;
	struct trace_printer printer;
	uv_loop_t loop;
	uv_timer_t deadline;
	struct upstream *upstream;
	struct flight *flights;
	bool loop_open, ended;
	bool is_tree; /* not +json, not +short */
};

static uint64_t now_ms(void)
{
	return env_mono_ms(env_real());
}

static struct flight **find_flight(struct trace *t, uint32_t xid)
{
	struct flight **at = &t->flights;
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

static void drain(struct trace *t);

static void on_exchange(void *owner, const struct exchange_done *done)
{
	struct flight *flight = owner;
	struct trace *t = flight->trace;
	uint32_t xid = flight->xid;
	drop_flight(find_flight(t, xid));
	if (done->end == EXCHANGE_REPLY)
		request_reply(t->request, xid, done->wire, done->size, done->rtt_us, now_ms());
	else
		request_noreply(t->request, xid, noreply_of(done->end), done->rtt_us, now_ms());
	drain(t);
}

static int open_exchange(struct trace *t, const struct walk_action *action)
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
	*flight = (struct flight){.next = t->flights, .trace = t, .xid = action->xid};
	int err = exchange_start(t->upstream, &asked, on_exchange, flight, &flight->exchange);
	if (err)
		free(flight);
	else
		t->flights = flight;
	return err;
}

static void send_question(struct trace *t, const struct walk_action *action)
{
	if (t->is_tree)
		trace_print_send(&t->printer, &action->server);
	if (open_exchange(t, action))
		request_noreply(t->request, action->xid, NOREPLY_RESOURCE, 0, now_ms());
}

static void abandon(struct trace *t, uint32_t xid)
{
	struct flight **at = find_flight(t, xid);
	if (!*at)
		return;
	exchange_abandon((*at)->exchange);
	drop_flight(at);
}

static void show(struct trace *t, const struct note *note)
{
	story_note(&t->story, note);
	if (t->query->options.short_form)
		return;
	if (t->query->options.json)
		trace_json_note(t->out, &t->story, &t->arena, note);
	else
		trace_print_note(&t->printer, note);
}

/* Nothing is waited for any more: the loop runs out. */
static void end(struct trace *t)
{
	if (t->ended)
		return;
	t->ended = true;
	while (t->flights)
		abandon(t, t->flights->xid);
	upstream_close(t->upstream);
	uv_close((uv_handle_t *)&t->deadline, NULL);
}

static void drain(struct trace *t)
{
	struct walk_action action;
	while (!t->ended && request_next(t->request, &action)) {
		if (action.type == ACTION_SEND)
			send_question(t, &action);
		else if (action.type == ACTION_ABANDON)
			abandon(t, action.xid);
		else if (action.type == ACTION_NOTE)
			show(t, action.note);
	}
	if (t->is_tree)
		trace_print_send(&t->printer, NULL);
	if (request_done(t->request))
		end(t);
}

static void on_deadline(uv_timer_t *timer)
{
	struct trace *t = timer->data;
	request_deadline(t->request, now_ms());
	drain(t);
}

/* As the daemon's; a root of one's own may be anywhere, and serve names that are special here. */
static void choose_settings(struct trace *t)
{
	const struct query_options *o = &t->query->options;
	struct settings *s = &t->settings;
	settings_default(s);
	s->outgoing.ipv4 = t->args->ipv4;
	s->outgoing.ipv6 = t->args->ipv6;
	s->outgoing.port = (uint16_t)o->trace_port;
	if (o->timeout_s)
		s->outgoing.timeout_ms = o->timeout_s * 1000;
	if (t->args->source.family)
		s->outgoing.addresses = (struct addr_list){(struct addr *)&t->args->source, 1};
	if (!o->minimise)
		s->minimisation = MINIMISE_OFF;
	s->cache.serve_stale = false;
	if (!t->args->hints && o->trace_port == 53)
		return;
	t->everywhere[0].base.family = ADDR_V4;
	t->everywhere[1].base.family = ADDR_V6;
	s->outgoing.allow_private = (struct prefix_list){t->everywhere, 2};
	s->special_use = false;
}

static int load_hints(struct trace *t)
{
	char shown[256];
	int line = 0;
	const char *path = t->args->hints;
	errno = 0;
	int err = hints_load(&t->arena, path, t->settings.outgoing.port, &t->context.hints, &line);
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

static int open_stores(struct trace *t)
{
	const struct cache_settings *c = &t->settings.cache;
	struct cache_params params = {.size_bytes = c->size_bytes,
		.max_ttl_s = c->max_ttl_s,
		.min_ttl_s = c->min_ttl_s,
		.max_negative_ttl_s = c->max_negative_ttl_s,
		.min_negative_ttl_s = c->min_negative_ttl_s};
	if (cache_new(&params, env_real(), &t->cache) || infra_new(env_real(), &t->infra))
		return EXIT_INTERNAL;
	t->context.env = env_real();
	t->context.cache = t->cache;
	t->context.infra = t->infra;
	t->context.settings = &t->settings;
	t->context.notes = true;
	return 0;
}

static int open_request(struct trace *t)
{
	const struct query *query = t->query;
	struct question question = {query->name.bytes, query->type, query->class};
	if (request_new(&t->context, &question, now_ms(), &t->request))
		return EXIT_INTERNAL;
	if (uv_loop_init(&t->loop))
		return EXIT_INTERNAL;
	t->loop_open = true;
	if (upstream_new(&t->loop, env_real(), &t->settings.outgoing, &t->upstream))
		return EXIT_INTERNAL;
	uv_timer_init(&t->loop, &t->deadline);
	t->deadline.data = t;
	return 0;
}

/* +short: the data alone. */
static void print_data(struct trace *t, const struct walk_result *result, const struct story_end *e)
{
	for (unsigned i = 0; e->verdict == VERDICT_ANSWER && i < result->answer_count; i++)
		for (unsigned r = 0; r < result->answer[i]->count; r++) {
			const char *text = trace_rdata(&t->arena, result->answer[i], r);
			fprintf(t->out->file, "%s\n", text ? text : "?");
		}
}

static int walk(struct trace *t)
{
	struct story_end ending;
	struct question question = {t->query->name.bytes, t->query->type, t->query->class};
	t->is_tree = !t->query->options.json && !t->query->options.short_form;
	if (t->is_tree)
		trace_print_begin(&t->printer, &question);
	request_start(t->request, now_ms());
	uint64_t deadline = request_deadline_ms(t->request), now = now_ms();
	uv_update_time(&t->loop);
	uv_timer_start(&t->deadline, on_deadline, deadline > now ? deadline - now : 0, 0);
	drain(t);
	uv_run(&t->loop, UV_RUN_DEFAULT);
	const struct walk_result *result = request_result(t->request);
	story_judge(&t->story, result, &ending);
	if (t->query->options.short_form)
		print_data(t, result, &ending);
	else if (t->query->options.json)
		trace_json_end(t->out, &t->story, &t->arena, result, &ending);
	else
		trace_print_end(&t->printer, result, &ending);
	return ending.exit_code;
}

static void choose_origin(struct trace *t)
{
	char shown[26]; /* so that the first line stays within OUT_COLUMNS */
	const char *path = t->args->hints;
	uint32_t port = t->query->options.trace_port;
	const char *origin = "root hints";
	if (path)
		origin = arena_printf(&t->arena, "hints file %s",
			out_escape(path, strlen(path), shown, sizeof(shown)));
	if (origin && port != 53)
		origin = arena_printf(&t->arena, "%s, port %u", origin, port);
	t->printer = (struct trace_printer){.out = t->out,
		.story = &t->story,
		.origin = origin ? origin : "root hints",
		.arena = &t->arena};
}

static void release(struct trace *t)
{
	request_free(t->request);
	if (t->loop_open)
		rw_require(uv_loop_close(&t->loop) == 0);
	cache_free(t->cache);
	infra_free(t->infra);
	/* The lists of these settings are not theirs to free. */
	arena_release(&t->arena);
	free(t);
}

int trace_run(const struct args *args, const struct query *query, const struct out *out)
{
	struct trace *t = calloc(1, sizeof(*t));
	if (!t)
		return EXIT_INTERNAL;
	t->args = args;
	t->query = query;
	t->out = out;
	arena_init(&t->arena, TRACE_ARENA);
	choose_settings(t);
	choose_origin(t);
	int code = load_hints(t);
	if (!code)
		code = open_stores(t);
	if (!code)
		code = open_request(t);
	if (!code)
		code = walk(t);
	release(t);
	return code;
}
