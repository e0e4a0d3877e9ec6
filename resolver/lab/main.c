/* SPDX-License-Identifier: MIT */
/* rootwalk-lab: the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/lab/control.h"
#include "resolver/lab/folder.h"
#include "resolver/lab/run.h"

#define EXIT_USAGE  2
#define LISTEN_PORT 5301 /* of the resolver whose configuration is written; 5353 is mDNS's */

static const char usage[] =
	"usage: rootwalk-lab [--dir DIR] VERB ...\n"
	"\n"
	"A mini internet in one process: root servers, top-level domains and zones on\n"
	"loopback addresses, with faults that can be switched on and off.\n"
	"\n"
	"  run [SCENARIO.yaml]        the servers of the scenario (the built-in one), until\n"
	"                             TERM, INT or `stop`\n"
	"      -d, --detach           come back when they answer, and leave them running\n"
	"      --log                  a line for each question that a server gets\n"
	"      -p, --port PORT        of all servers, instead of the scenario's (5300)\n"
	"      -l, --listen PORT      of the resolver in DIR/rootwalk.yaml (5301)\n"
	"  status [SERVER]            servers, questions they had, switches, old versions\n"
	"  set SERVER SWITCH...       throw switches; `all` is every server\n"
	"  clear SERVER [SWITCH...]   take them back; none named: all of them\n"
	"  change ZONE RECORD...      these records instead of what the name and type had, as in\n"
	"                             change good.test 'www 60 A 192.0.2.11'\n"
	"  remove ZONE 'NAME TYPE'    away with them\n"
	"  sync SERVER                it takes the newest version of its zones\n"
	"  stop                       the lab ends\n"
	"  check [SCENARIO.yaml]      what is wrong with it\n"
	"  zones DIR [SCENARIO.yaml]  its zones as master files, signed where they are\n"
	"  scenario                   print the built-in scenario\n"
	"\n"
	"  -D, --dir DIR              the run folder: $XDG_RUNTIME_DIR/rootwalk-lab, or\n"
	"                             /tmp/rootwalk-lab-UID. Holds hints, anchors, rootwalk.yaml.\n"
	"      --version, -h, --help\n"
	"\n"
	"Switches:\n";

static void print_switch(void *ctx, const char *word, const char *meaning)
{
	fprintf(ctx, "  %-16s %s\n", word, meaning);
}

static int print_usage(FILE *out)
{
	fputs(usage, out);
	switches_help(print_switch, out);
	return out == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

static int complain_of_usage(const char *what, const char *word)
{
	char shown[YAML_SHOWN];
	fprintf(stderr, "rootwalk-lab: %s%s%s; rootwalk-lab --help says how\n", what,
		word ? " " : "", word ? yaml_shown(word, shown) : "");
	return EXIT_USAGE;
}

/* The verb and what belongs to it are sent to the lab that runs. */
static int send_command(const struct run_options *options, char *const *words, size_t count)
{
	char usual[FOLDER_PATH], path[FOLDER_PATH];
	const char *folder = options->folder ? options->folder : folder_default(usual);
	int err = control_send(folder_file(folder, "control", path), (const char *const *)words,
		count, stdout, stderr);
	if (err == RW_ESYSTEM && (errno == ENOENT || errno == ECONNREFUSED))
		fprintf(stderr,
			"rootwalk-lab: no lab runs in %s: start one with `rootwalk-lab run`, or "
			"name its folder with --dir\n",
			folder);
	else if (err == RW_ESYSTEM && errno == EILSEQ)
		fprintf(stderr, "rootwalk-lab: a word of an order must not hold a line break: give "
				"each record a word of its own\n");
	else if (err == RW_ESYSTEM)
		fprintf(stderr, "rootwalk-lab: %s: %s\n", path, strerror(errno));
	if (err == 0 && fflush(stdout)) {
		fprintf(stderr, "rootwalk-lab: the answer cannot be written: %s\n",
			strerror(errno));
		return EXIT_FAILURE;
	}
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool is_order(const char *verb)
{
	static const char *const verbs[] = {
		"status", "set", "clear", "change", "remove", "sync", "stop"};
	for (size_t i = 0; i < RW_COUNT(verbs); i++)
		if (strcmp(verb, verbs[i]) == 0)
			return true;
	return false;
}

static int dispatch(struct run_options *options, char **words, size_t count)
{
	const char *verb = words[0];
	if (is_order(verb))
		return send_command(options, words, count);
	if (strcmp(verb, "run") == 0 && count <= 2) {
		if (options->log && options->detach)
			return complain_of_usage(
				"--log needs a terminal, and --detach leaves it", NULL);
		options->scenario = words[1];
		return lab_run(options);
	}
	if (strcmp(verb, "check") == 0 && count <= 2)
		return lab_check(words[1]);
	if (strcmp(verb, "zones") == 0 && (count == 2 || count == 3))
		return lab_zones(words[1], words[2]);
	if (strcmp(verb, "scenario") == 0 && count == 1)
		return fputs(scenario_builtin(), stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	return complain_of_usage("cannot do", verb);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"dir", required_argument, NULL, 'D'},
		{"port", required_argument, NULL, 'p'},
		{"listen", required_argument, NULL, 'l'},
		{"detach", no_argument, NULL, 'd'},
		{"log", no_argument, NULL, 'L'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct run_options run = {.listen = LISTEN_PORT};
	int option;
	while ((option = getopt_long(argc, argv, "D:p:l:dh", options, NULL)) != -1) {
		switch (option) {
		case 'D':
			run.folder = optarg;
			break;
		case 'p':
		case 'l':
			if (!scenario_port(optarg, option == 'p' ? &run.port : &run.listen))
				return complain_of_usage("this is no port:", optarg);
			break;
		case 'd':
			run.detach = true;
			break;
		case 'L':
			run.log = true;
			break;
		case 'V':
			return printf("rootwalk-lab %s\n", RW_VERSION) < 0;
		case 'h':
			return print_usage(stdout);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return print_usage(stderr);
	return dispatch(&run, argv + optind, (size_t)(argc - optind));
}
