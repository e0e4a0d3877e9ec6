/* SPDX-License-Identifier: MIT */
/* Starting, running and ending a lab. */
#include "resolver/lab/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "resolver/lab/control.h"
#include "resolver/lab/folder.h"
#include "resolver/lab/ports.h"

struct lab {
	uv_loop_t loop;
	uv_signal_t term, interrupt, hangup;
	struct scenario *scenario;
	struct world *world;
	struct ports *ports;
	struct control *control;
	char folder[FOLDER_PATH], socket[FOLDER_PATH];
	uint16_t port;
	int ready; /* end of the pipe on which who waits is told; -1: nobody waits */
};

static void say(const char *message)
{
	fprintf(stderr, "rootwalk-lab: %s\n", message);
}

/* ---- the scenario ---- */

static void say_faults(const struct fault_list *faults)
{
	size_t kept = RW_MIN(faults->count, (size_t)LIMIT_FILE_FAULTS);
	for (size_t i = 0; i < kept; i++) {
		const struct fault *fault = &faults->items[i];
		if (fault->line)
			fprintf(stderr, "%s:%u: %s%s\n", fault->file, fault->line,
				fault->warning ? "warning: " : "", fault->message);
		else
			fprintf(stderr, "%s: %s%s\n", fault->file,
				fault->warning ? "warning: " : "", fault->message);
	}
	if (faults->count > kept)
		fprintf(stderr, "rootwalk-lab: and %zu more faults\n", faults->count - kept);
}

static int read_world(const char *path, struct scenario **ret_scenario, struct world **ret_world)
{
	struct fault_list *faults = calloc(1, sizeof(*faults));
	struct scenario *scenario = NULL;
	if (!faults)
		return RW_ENOMEM;
	int err = scenario_read(path, faults, &scenario);
	if (err == 0)
		err = world_new(scenario, env_wall_s(env_real()), faults, ret_world);
	say_faults(faults);
	if (err == RW_ENOMEM)
		say("out of memory");
	free(faults);
	if (err)
		scenario_free(scenario);
	else
		*ret_scenario = scenario;
	return err;
}

int lab_check(const char *path)
{
	struct scenario *scenario;
	struct world *world;
	if (read_world(path, &scenario, &world))
		return EXIT_FAILURE;
	printf("%s: %zu servers, %zu zones, no faults\n", scenario->file, scenario->server_count,
		scenario->zone_count);
	world_free(world);
	scenario_free(scenario);
	return EXIT_SUCCESS;
}

int lab_zones(const char *folder, const char *path)
{
	struct scenario *scenario;
	struct world *world;
	char message[FOLDER_MESSAGE];
	int err = folder_make(folder, message);
	if (err) {
		say(message);
		return EXIT_FAILURE;
	}
	if (read_world(path, &scenario, &world))
		return EXIT_FAILURE;
	err = folder_zones(folder, world, message);
	if (err)
		say(message);
	world_free(world);
	scenario_free(scenario);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- its end ---- */

static void end_lab(void *ctx)
{
	struct lab *lab = ctx;
	ports_close(lab->ports);
	control_close(lab->control);
	lab->ports = NULL;
	lab->control = NULL;
	uv_signal_t *const signals[] = {&lab->term, &lab->interrupt, &lab->hangup};
	for (size_t i = 0; i < RW_COUNT(signals); i++)
		if (!uv_is_closing((uv_handle_t *)signals[i]))
			uv_close((uv_handle_t *)signals[i], NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	end_lab(handle->data);
}

static void watch_signals(struct lab *lab)
{
	const struct {
		uv_signal_t *handle;
		int number;
	} signals[] = {{&lab->term, SIGTERM}, {&lab->interrupt, SIGINT}, {&lab->hangup, SIGHUP}};
	for (size_t i = 0; i < RW_COUNT(signals); i++) {
		rw_require(uv_signal_init(&lab->loop, signals[i].handle) == 0);
		signals[i].handle->data = lab;
		rw_require(uv_signal_start(signals[i].handle, on_signal, signals[i].number) == 0);
	}
}

/* ---- its start ---- */

/* The sockets first: until they are open, the folder may be another lab's. */
static int open_lab(struct lab *lab, uint16_t listen)
{
	char message[FOLDER_MESSAGE];
	if (control_is_there(lab->socket)) {
		(void)snprintf(message, sizeof(message),
			"a lab runs in %.300s already: end it with `rootwalk-lab stop`, or name "
			"another folder with --dir",
			lab->folder);
		say(message);
		return RW_EBUSY;
	}
	int err = ports_open(&lab->loop, lab->world, lab->port, env_real(), &lab->ports, message);
	if (err == 0)
		err = folder_fill(lab->folder, lab->world, lab->port, listen, message);
	if (err) {
		say(message);
		return err;
	}
	(void)unlink(lab->socket);
	err = control_open(
		&lab->loop, lab->socket, lab->world, env_real(), end_lab, lab, &lab->control);
	if (err) {
		fprintf(stderr, "rootwalk-lab: %s: %s\n", lab->socket, strerror(errno));
		return err;
	}
	return 0;
}

/* Tells the command that started a detached lab, and closes its output. */
static void tell_ready(struct lab *lab)
{
	printf("%zu servers and %zu zones on port %u, folder %s\n", lab->scenario->server_count,
		lab->scenario->zone_count, lab->port, lab->folder);
	(void)fflush(stdout);
	if (lab->ready < 0)
		return;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		(void)dup2(null, fd);
	if (null > 2)
		(void)close(null);
	(void)!write(lab->ready, "", 1);
	(void)close(lab->ready);
}

static int run_lab(struct lab *lab, const struct run_options *options)
{
	rw_require(uv_loop_init(&lab->loop) == 0);
	watch_signals(lab);
	int err = open_lab(lab, options->listen);
	if (err)
		end_lab(lab);
	else
		tell_ready(lab);
	if (err == 0 && options->log)
		ports_log(lab->ports, stdout);
	(void)uv_run(&lab->loop, UV_RUN_DEFAULT);
	rw_require(uv_loop_close(&lab->loop) == 0);
	if (err == 0)
		(void)unlink(lab->socket);
	return err;
}

/*
 * Leaves a child that runs the lab, in a session of its own. The parent waits for one byte and
 * exits with it; returns in the child only, or with an error.
 */
static int leave(struct lab *lab)
{
	int ends[2];
	char byte;
	if (pipe2(ends, O_CLOEXEC))
		return RW_ESYSTEM;
	(void)fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		return RW_ESYSTEM;
	if (child > 0) {
		(void)close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	(void)close(ends[0]);
	(void)setsid();
	lab->ready = ends[1];
	return 0;
}

static int name_folder(struct lab *lab, const char *folder)
{
	char usual[FOLDER_PATH], message[FOLDER_MESSAGE];
	const char *name = folder ? folder : folder_default(usual);
	int err = folder_make(name, message);
	if (err) {
		say(message);
		return err;
	}
	/* Whole, because a resolver that reads rootwalk.yaml may stand elsewhere. */
	if (!realpath(name, lab->folder) ||
		folder_file(lab->folder, "control", lab->socket)[0] == '\0') {
		say("the run folder has no usable name; choose another with --dir");
		return RW_EINVAL;
	}
	/* libuv would cut it, and make the socket elsewhere. */
	if (strlen(lab->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		say("the run folder's name is too long for a socket in it, which has at most 107 "
		    "bytes; name another folder with --dir");
		return RW_EINVAL;
	}
	if (strchr(lab->folder, '"') || strchr(lab->folder, '\\')) {
		say("the run folder's name must not hold quotes or backslashes");
		return RW_EINVAL;
	}
	return 0;
}

int lab_run(const struct run_options *options)
{
	static struct lab lab;
	(void)signal(SIGPIPE, SIG_IGN); /* who hangs up early ends nothing but the connection */
	lab.ready = -1;
	if (name_folder(&lab, options->folder) ||
		read_world(options->scenario, &lab.scenario, &lab.world))
		return EXIT_FAILURE;
	lab.port = options->port ? options->port : lab.scenario->port;
	int err = options->detach ? leave(&lab) : 0;
	if (err)
		say(strerror(errno));
	else
		err = run_lab(&lab, options);
	world_free(lab.world);
	scenario_free(lab.scenario);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
