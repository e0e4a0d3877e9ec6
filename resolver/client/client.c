/* SPDX-License-Identifier: MIT */
/* From arguments to queries: the command line, the batch file, help. */
#include "resolver/client/client.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/client/check/check.h"
#include "resolver/client/check/nssearch.h"
#include "resolver/client/check/prop.h"
#include "resolver/client/dig/lookup.h"
#include "resolver/client/dig/lookup_json.h"
#include "resolver/client/dig/print.h"
#include "resolver/client/dig/rc.h"
#include "resolver/client/exit_code.h"
#include "resolver/client/help.h"
#include "resolver/client/json.h"
#include "resolver/client/trace/trace.h"
#include "resolver/client/wire/input.h"
#include "resolver/client/wire/print.h"

#define ARGS_ARENA  (16u << 20) /* bytes; ARGS_QUERIES queries fit, copies included */
#define BATCH_LINES 1000000     /* lines of a batch file */

struct client {
	struct out out;
	bool greet; /* the first lines are still to be printed */
	bool continued;
	struct query defaults; /* for messages of a file */
};

/* dig's codes: 10 for a name that is none, 1 for all else. */
static int usage(int err, const char *error)
{
	fprintf(stderr, "rootwalk: %s\nrootwalk --help shows what can be asked.\n", error);
	return err == RW_EMALFORMED ? EXIT_INTERNAL : EXIT_USAGE;
}

/* The code that tells most: a failure stays, whatever comes after it. */
static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int run_queries(struct client *client, const struct args *args)
{
	int code = 0;
	for (unsigned i = 0; i < args->count; i++) {
		const struct query *query = &args->queries[i];
		int one = query->options.check       ? check_run(args, query, &client->out)
			  : query->options.prop      ? prop_run(args, query, &client->out)
			  : query->options.ns_search ? nssearch_run(args, query, &client->out)
			  : query->options.trace
				  ? trace_run(args, query, &client->out)
				  : lookup_run(args, query, &client->out, &client->greet);
		code = worse(code, one);
		(void)fflush(client->out.file);
	}
	return code;
}

/* -i: messages of a file. */
static void show_message(void *ctx, const struct input_message *message)
{
	struct client *client = ctx;
	const struct query *query = &client->defaults;
	char title[48] = "message", addr[ADDR_TEXT];
	struct raw_message reply = {.wire = message->wire,
		.size = message->size,
		.server = message->from,
		.server_name = addr_ip_text(&message->from, addr),
		.tcp = message->tcp};
	if (message->number)
		(void)snprintf(title, sizeof(title), "packet %u", message->number);
	if (query->options.wire)
		wire_print(&client->out, query->options.json, &reply, title);
	else if (query->options.json)
		lookup_json(&client->out, query, &reply);
	else
		print_message(&client->out, query, &reply, false);
}

static int run_input(struct client *client, const struct args *args)
{
	char error[INPUT_ERROR], shown[96];
	client->defaults = args->defaults;
	if (!input_read(args->input, args->defaults.port, show_message, client, error))
		return EXIT_REPLY;
	fprintf(stderr, "rootwalk: %s: %s\n",
		out_escape(args->input, strlen(args->input), shown, sizeof(shown)), error);
	return EXIT_BATCH;
}

static int split_words(char *line, char *words[ARGS_WORDS])
{
	int count = 0;
	char *save = NULL;
	for (char *word = strtok_r(line, " \t\r\n", &save); word && count < ARGS_WORDS;
		word = strtok_r(NULL, " \t\r\n", &save))
		words[count++] = word;
	return count;
}

/* One line of a batch file: a command line of its own. */
static int batch_line(struct client *client, const struct args *base, char *line)
{
	char *words[ARGS_WORDS], error[ARGS_ERROR];
	int count = split_words(line, words);
	if (count == 0 || words[0][0] == '#' || words[0][0] == ';')
		return 0;
	struct arena arena;
	struct args args;
	arena_init(&arena, ARGS_ARENA);
	client->greet = true;
	int err = args_parse(&arena, count, words, base, &args, error);
	args.continued = client->continued;
	client->continued = true;
	int code = err ? usage(err, error) : run_queries(client, &args);
	arena_release(&arena);
	return code;
}

static int no_batch(const char *path)
{
	char shown[96];
	const char *why = strerror(errno);
	fprintf(stderr, "rootwalk: cannot read the batch file %s: %s\n",
		out_escape(path, strlen(path), shown, sizeof(shown)), why);
	return EXIT_BATCH;
}

static int run_batch(struct client *client, const struct args *base)
{
	char line[ARGS_LINE];
	bool standard = strcmp(base->batch, "-") == 0;
	FILE *file = standard ? stdin : fopen(base->batch, "re");
	if (!file)
		return no_batch(base->batch);
	int code = 0;
	for (long i = 0; i < BATCH_LINES && fgets(line, sizeof(line), file); i++) {
		if (!strchr(line, '\n') && !feof(file)) {
			fprintf(stderr, "rootwalk: line %ld of the batch file is too long\n",
				i + 1);
			code = EXIT_BATCH;
			break;
		}
		code = worse(code, batch_line(client, base, line));
	}
	if (ferror(file)) /* a folder opens, and cannot be read */
		code = no_batch(base->batch);
	if (!standard)
		(void)fclose(file);
	return code;
}

/* The command line on top of the rc file; -r anywhere in it leaves that out. */
static int parse(struct arena *arena, int argc, char *const *argv, struct args *ret_args,
	char error[ARGS_ERROR])
{
	struct args rc;
	int err = args_parse(arena, argc, argv, NULL, ret_args, error);
	if (err || ret_args->no_rc || ret_args->mode != ARGS_RUN)
		return err;
	err = rc_read(arena, &rc, error);
	if (err == RW_ENOTFOUND)
		return 0;
	return err ? err : args_parse(arena, argc, argv, &rc, ret_args, error);
}

int client_run(int argc, char *const *argv)
{
	char error[ARGS_ERROR];
	struct arena arena;
	struct args args;
	int code;
	(void)setlocale(LC_CTYPE, "");
	(void)signal(SIGPIPE, SIG_IGN);
	struct client client = {.out = out_terminal(stdout), .greet = true};
	arena_init(&arena, ARGS_ARENA);
	int err = parse(&arena, argc - 1, argv + 1, &args, error);
	if (err)
		code = usage(err, error);
	else if (args.mode == ARGS_HELP)
		code = help_print(stdout);
	else if (args.mode == ARGS_VERSION)
		code = printf("rootwalk %s\n", RW_VERSION) < 0;
	else if (args.mode == ARGS_OPTIONS)
		options_print(stdout), code = 0;
	else if (args.input)
		code = run_input(&client, &args);
	else if (args.batch)
		code = worse(run_batch(&client, &args), run_queries(&client, &args));
	else
		code = run_queries(&client, &args);
	arena_release(&arena);
	if (fflush(stdout) || ferror(stdout))
		code = worse(code, EXIT_INTERNAL);
	return code;
}
