/* SPDX-License-Identifier: MIT */
/* rootwalkd: its command line, its signals, and its exit code. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "resolver/base/env.h"
#include "resolver/base/log.h"
#include "resolver/config/config.h"
#include "resolver/service/server.h"
#include "resolver/views/loading.h"
#include "resolver/views/watch.h"

#define EXIT_USAGE 2
#define CHECKS_MS  10000 /* from one look at failed internal checks to the next */

static const char usage[] =
	"usage: rootwalkd [--config FILE]\n"
	"       rootwalkd --check FILE | --options | --version | --help\n"
	"\n"
	"A recursive DNS resolver that walks from the root.\n"
	"\n"
	"  -c, --config FILE  run with this configuration; without it, with the defaults:\n"
	"                     127.0.0.1 and ::1, port 53, asked by local and private networks\n"
	"      --check FILE   say what is wrong with a configuration; exit code 1 if anything\n"
	"      --options      list every key with its type, default and meaning\n"
	"      --version      print the version\n"
	"  -h, --help         print this\n"
	"\n"
	"Signals: TERM and INT finish what is running and stop; HUP reads the configuration\n"
	"again and keeps the cache.\n";

struct daemon {
	const char *config; /* file, or NULL */
	struct server *server;
	struct views *views;
	struct watch *watch;
	struct loading_told told;
	uv_loop_t loop;
	uv_signal_t term, interrupt, hangup;
	uv_timer_t checks;
};

/* ---- configuration ---- */

static void reload(struct daemon *daemon)
{
	char message[SERVER_MESSAGE];
	struct views *views;
	if (loading_read(daemon->config, daemon->views, &daemon->told, &views)) {
		log_error(LOG_CONFIG, "reload failed: the old configuration stays in force");
		log_set_level(daemon->views->settings.log_level);
		return;
	}
	if (server_reload(daemon->server, views, message)) {
		log_error(LOG_CONFIG, "reload failed: %s; the old configuration stays in force",
			message);
		log_set_level(daemon->views->settings.log_level);
		views_unref(views);
		return;
	}
	views_unref(daemon->views);
	daemon->views = views;
	watch_files(daemon->watch, views);
	log_info(LOG_START, "configuration read again; listening on %s",
		server_addresses(daemon->server));
}

/*
 * A file of names may have changed: the workers go on with the old tables until the new ones are
 * ready.
 */
static void refresh(void *ctx)
{
	struct daemon *daemon = ctx;
	struct views *views;
	int err = loading_refresh(daemon->views, &daemon->told, &views);
	if (err == RW_ENOTFOUND)
		return;
	if (err) {
		log_error(LOG_RESOURCE, "files of names have changed, but there is no memory to "
					"read them again");
		return;
	}
	server_refresh(daemon->server, views);
	views_unref(daemon->views);
	daemon->views = views;
	watch_files(daemon->watch, views);
	log_info(LOG_CONFIG, "files of names have changed and were read again");
}

/* Workers only count failed checks; they are logged here. */
static void look_at_checks(uv_timer_t *timer)
{
	(void)timer;
	log_check_failures();
}

/* ---- signals ---- */

static void close_handles(struct daemon *daemon)
{
	uv_close((uv_handle_t *)&daemon->term, NULL);
	uv_close((uv_handle_t *)&daemon->interrupt, NULL);
	uv_close((uv_handle_t *)&daemon->hangup, NULL);
	uv_close((uv_handle_t *)&daemon->checks, NULL);
	watch_close(daemon->watch);
	daemon->watch = NULL;
}

static void on_stop(uv_signal_t *handle, int number)
{
	log_info(LOG_START, "%s: stopping", number == SIGTERM ? "TERM" : "INT");
	close_handles(handle->data);
}

static void on_hangup(uv_signal_t *handle, int number)
{
	(void)number;
	reload(handle->data);
}

static void watch_signal(struct daemon *daemon, uv_signal_t *handle, int number, uv_signal_cb cb)
{
	rw_require(uv_signal_init(&daemon->loop, handle) == 0);
	handle->data = daemon;
	rw_require(uv_signal_start(handle, cb, number) == 0);
}

/* ---- running ---- */

/* Each cold question has a socket of its own. */
static void raise_file_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int run(const char *config)
{
	struct daemon daemon = {.config = config};
	char message[SERVER_MESSAGE];
	(void)signal(SIGPIPE, SIG_IGN);
	raise_file_limit();
	if (loading_read(config, NULL, &daemon.told, &daemon.views))
		return EXIT_FAILURE;
	int failed = uv_loop_init(&daemon.loop);
	if (failed) {
		log_error(LOG_RESOURCE,
			"cannot start: %s: raise the limit of open files (ulimit -n)",
			uv_strerror(failed));
		views_unref(daemon.views);
		return EXIT_FAILURE;
	}
	rw_require(watch_new(&daemon.loop, refresh, &daemon, &daemon.watch) == 0);
	/* Before the threads, so that no signal is lost while they start. */
	watch_signal(&daemon, &daemon.term, SIGTERM, on_stop);
	watch_signal(&daemon, &daemon.interrupt, SIGINT, on_stop);
	watch_signal(&daemon, &daemon.hangup, SIGHUP, on_hangup);
	rw_require(uv_timer_init(&daemon.loop, &daemon.checks) == 0);
	rw_require(uv_timer_start(&daemon.checks, look_at_checks, CHECKS_MS, CHECKS_MS) == 0);
	int code = EXIT_SUCCESS;
	if (server_start(env_real(), daemon.views, &daemon.server, message)) {
		log_error(LOG_LISTEN, "%s", message);
		close_handles(&daemon);
		code = EXIT_FAILURE;
	} else {
		log_info(LOG_START, "rootwalkd " RW_VERSION " listens on %s, %u worker%s",
			server_addresses(daemon.server), daemon.views->settings.workers,
			daemon.views->settings.workers == 1 ? "" : "s");
		watch_files(daemon.watch, daemon.views);
	}
	(void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
	if (daemon.server)
		server_stop(daemon.server);
	log_check_failures();
	views_unref(daemon.views);
	rw_require(uv_loop_close(&daemon.loop) == 0);
	uv_library_shutdown();
	return code;
}

static int check(const char *path)
{
	if (!loading_check(path, stdout))
		return EXIT_FAILURE;
	printf("%s: no errors\n", path);
	return EXIT_SUCCESS;
}

enum option_code {
	OPTION_CHECK = 256,
	OPTION_OPTIONS,
	OPTION_VERSION,
};

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"check", required_argument, NULL, OPTION_CHECK},
		{"options", no_argument, NULL, OPTION_OPTIONS},
		{"version", no_argument, NULL, OPTION_VERSION},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *config = NULL;
	int code;
	while ((code = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (code) {
		case 'c':
			config = optarg;
			break;
		case OPTION_CHECK:
			return check(optarg);
		case OPTION_OPTIONS:
			config_options(CONFIG_PLAIN, stdout);
			return EXIT_SUCCESS;
		case OPTION_VERSION:
			printf("rootwalkd " RW_VERSION "\n");
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs("Try: rootwalkd --help\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "rootwalkd: unexpected argument \"%s\"\nTry: rootwalkd --help\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	return run(config);
}
