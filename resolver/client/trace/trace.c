/* SPDX-License-Identifier: MIT */
/* The trace: one walk, its notes shown as they come, then the verdict. */
#include "resolver/client/trace/trace.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/client/dig/servers.h"
#include "resolver/client/exit_code.h"
#include "resolver/client/trace/json.h"
#include "resolver/client/trace/levels.h"
#include "resolver/client/trace/print.h"
#include "resolver/client/trace/walker.h"

struct trace {
	const struct query *query;
	const struct query_options *options;
	const struct out *out;
	struct walker *walker;
	struct arena *arena;     /* the walker's */
	struct servers resolver; /* +cache */
	struct trace_levels levels;
	struct history history;
	struct trace_printer printer;
};

static bool is_tree(const struct trace *t)
{
	return !t->options->short_form && !t->options->json;
}

static void print_event(struct trace *t, const struct note *note)
{
	size_t size = 0;
	const uint8_t *wire = note->kind == NOTE_REPLY ? walker_raw(t->walker, note, &size) : NULL;
	trace_json_note(t->out, &t->history, t->arena, note, wire, size);
}

static void on_note(void *ctx, const struct note *note)
{
	struct trace *t = ctx;
	history_note(&t->history, note);
	trace_levels_note(&t->levels, note);
	t->printer.more = t->levels.due;
	if (is_tree(t))
		trace_print_note(&t->printer, note);
	else if (!t->options->short_form)
		print_event(t, note);
}

static void on_send(void *ctx, const struct addr *server)
{
	struct trace *t = ctx;
	if (is_tree(t))
		trace_print_send(&t->printer, server);
}

/* The hop must be told to its end before more is said beside it: of a referral, its glue. */
static bool on_hold(void *ctx, const struct note *note, const struct addr *server)
{
	struct trace *t = ctx;
	if (!t->levels.due || (note && note->kind == NOTE_CUT && note->walk == 0 &&
				      t->levels.level.hop->reply == REPLY_REFERRAL))
		return false;
	on_send(t, note ? NULL : server);
	return true;
}

static void on_meanwhile(void *ctx)
{
	struct trace *t = ctx;
	trace_levels_ask(&t->levels);
	if (is_tree(t))
		trace_levels_print(&t->levels, &t->printer);
	else if (!t->options->short_form)
		trace_levels_json(&t->levels, t->out);
	t->printer.more = false;
}

/* +short: the data alone. */
static void print_data(
	struct trace *t, const struct machine_result *result, const struct diagnosis *e)
{
	for (unsigned i = 0; e->verdict == VERDICT_ANSWER && i < result->answer.set_count; i++)
		for (unsigned r = 0; r < result->answer.sets[i]->count; r++) {
			const char *text = trace_rdata(t->arena, result->answer.sets[i], r);
			fprintf(t->out->file, "%s\n", text ? text : "?");
		}
}

static void show_end(
	struct trace *t, const struct machine_result *result, const struct diagnosis *ending)
{
	if (!t->options->short_form) {
		t->printer.warning = t->levels.warning;
		t->printer.beyond = t->levels.queries;
		t->printer.stopped = t->levels.stopped;
		if (t->options->json)
			trace_json_end(t->out, &t->history, t->arena, result, ending);
		else
			trace_print_end(&t->printer, result, ending);
		return;
	}
	/* With +allns the answer stands among those of all servers. */
	if (!t->options->all_servers)
		print_data(t, result, ending);
	trace_levels_short(&t->levels, t->out);
}

static int walk(struct trace *t)
{
	struct diagnosis ending;
	struct question question = {t->query->name.bytes, t->query->type, t->query->class};
	struct walker_view view = {.note = on_note,
		.send = on_send,
		.hold = on_hold,
		.meanwhile = on_meanwhile,
		.ctx = t};
	if (is_tree(t))
		trace_print_begin(&t->printer, &question);
	const struct machine_result *result = walker_walk(t->walker, &question, &view);
	diagnose(&t->history, result, &ending);
	if (t->levels.disagree && ending.exit_code == EXIT_REPLY)
		ending.exit_code = EXIT_DISAGREE;
	show_end(t, result, &ending);
	return ending.exit_code;
}

/* The cache to be inspected, resolved before the walk, so that a wrong name is reported at once. */
static int find_resolver(struct trace *t, const struct args *args)
{
	char shown[96];
	struct query resolver = *t->query;
	const char *text = t->options->cache;
	if (!text)
		return 0;
	resolver.server = text + (text[0] == '@');
	if (servers_find(args, &resolver, &t->resolver)) {
		fprintf(stderr, "rootwalk: +cache=%s: no such resolver\n",
			out_escape(text, strlen(text), shown, sizeof(shown)));
		return EXIT_USAGE;
	}
	t->levels.resolver = &t->resolver;
	t->printer.cache = t->resolver.name;
	return 0;
}

static void connect_parts(struct trace *t)
{
	t->arena = walker_arena(t->walker);
	walker_live(t->walker, t->out);
	t->printer.out = t->out;
	t->printer.history = &t->history;
	t->printer.origin = walker_origin(t->walker);
	t->printer.arena = t->arena;
	t->levels.walker = t->walker;
	t->levels.history = &t->history;
	t->levels.all_servers = t->options->all_servers;
}

int trace_run(const struct args *args, const struct query *query, const struct out *out)
{
	struct trace *t = calloc(1, sizeof(*t));
	if (!t)
		return EXIT_INTERNAL;
	t->query = query;
	t->options = &query->options;
	t->out = out;
	int code = find_resolver(t, args);
	if (!code)
		code = walker_new(args, query, &t->walker);
	if (!code) {
		connect_parts(t);
		code = walk(t);
		walker_free(t->walker);
	}
	free(t);
	return code;
}
