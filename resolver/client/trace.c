/* SPDX-License-Identifier: MIT */
/* The trace: one walk, its notes shown as they come, then the verdict. */
#include "resolver/client/trace.h"

#include <stdlib.h>

#include "resolver/client/servers.h"
#include "resolver/client/trace_json.h"
#include "resolver/client/trace_levels.h"
#include "resolver/client/trace_print.h"
#include "resolver/client/walker.h"

struct trace {
	const struct query *query;
	const struct out *out;
	struct walker *walker;
	struct arena *arena; /* the walker's */
	const struct args *args;
	struct trace_levels levels;
	struct story story;
	struct trace_printer printer;
};

static void on_note(void *ctx, const struct note *note)
{
	struct trace *t = ctx;
	story_note(&t->story, note);
	trace_levels_note(&t->levels, note);
	if (t->query->options.short_form)
		return;
	if (t->query->options.json)
		trace_json_note(t->out, &t->story, t->arena, note);
	else
		trace_print_note(&t->printer, note);
}

static void on_send(void *ctx, const struct addr *server)
{
	struct trace *t = ctx;
	trace_print_send(&t->printer, server);
}

/* +short: the data alone. */
static void print_data(struct trace *t, const struct walk_result *result, const struct story_end *e)
{
	for (unsigned i = 0; e->verdict == VERDICT_ANSWER && i < result->answer_count; i++)
		for (unsigned r = 0; r < result->answer[i]->count; r++) {
			const char *text = trace_rdata(t->arena, result->answer[i], r);
			fprintf(t->out->file, "%s\n", text ? text : "?");
		}
}

/* What +allns and +cache ask beyond the walk; the verdict comes behind that. */
static void ask_more(struct trace *t, struct story_end *ending)
{
	const struct query_options *o = &t->query->options;
	struct servers found;
	struct query resolver = *t->query;
	if (o->all_servers && trace_levels_all_servers(&t->levels, t->walker, t->out) &&
		ending->exit_code == EXIT_REPLY)
		ending->exit_code = EXIT_DISAGREE;
	if (!o->cache)
		return;
	resolver.server = o->cache + (o->cache[0] == '@');
	if (servers_find(t->args, &resolver, &found))
		fprintf(stderr, "rootwalk: +cache: no such resolver\n");
	else
		trace_levels_cache(&t->levels, t->walker, t->out, &found.items[0], found.name);
}

static int walk(struct trace *t)
{
	struct story_end ending;
	const struct query_options *o = &t->query->options;
	struct question question = {t->query->name.bytes, t->query->type, t->query->class};
	struct walker_view view = {.note = on_note, .ctx = t};
	if (!o->json && !o->short_form) {
		view.send = on_send;
		trace_print_begin(&t->printer, &question);
	}
	const struct walk_result *result = walker_walk(t->walker, &question, &view);
	story_judge(&t->story, result, &ending);
	if (o->short_form)
		print_data(t, result, &ending);
	else if (o->json)
		trace_json_end(t->out, &t->story, t->arena, result, &ending);
	else {
		trace_print_send(&t->printer, NULL);
		ask_more(t, &ending);
		trace_print_end(&t->printer, result, &ending);
	}
	return ending.exit_code;
}

int trace_run(const struct args *args, const struct query *query, const struct out *out)
{
	struct trace *t = calloc(1, sizeof(*t));
	if (!t)
		return EXIT_INTERNAL;
	t->query = query;
	t->out = out;
	t->args = args;
	int code = walker_new(args, query, &t->walker);
	if (!code) {
		t->arena = walker_arena(t->walker);
		t->printer = (struct trace_printer){.out = out,
			.story = &t->story,
			.origin = walker_origin(t->walker),
			.arena = t->arena};
		code = walk(t);
		walker_free(t->walker);
	}
	free(t);
	return code;
}
