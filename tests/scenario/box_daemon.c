/* SPDX-License-Identifier: MIT */
/*
 * The daemon under test: its start under libfaketime, its clocks, its end. The library reads the
 * clocks' offset from a file at every reading, so writing the file moves wall and monotonic clock
 * at once.
 */
#include "tests/scenario/box.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MS 10000 /* until it listens; a build with sanitizers is slow */
#define STOP_MS  5000  /* from SIGTERM to its end */
#define TICK_MS  2
#define LOG_TAIL 8192 /* bytes of the log that are looked at */

static void path_of(const struct box *box, const char *name, char path[BOX_FOLDER + 32])
{
	snprintf(path, BOX_FOLDER + 32, "%s/%s", box->folder, name);
}

static void nap(unsigned ms)
{
	const struct timespec time = {.tv_nsec = (long)ms * 1000000};
	(void)nanosleep(&time, NULL);
}

/* Replaced whole: the daemon may read it at any moment. */
void box_set_clock(const struct box *box)
{
	char path[BOX_FOLDER + 32], next[BOX_FOLDER + 32];
	path_of(box, "clock", path);
	path_of(box, "clock.new", next);
	FILE *file = fopen(next, "we");
	rw_require(file);
	fprintf(file, "%+lld\n", (long long)(box->offset_s + (int64_t)(box->passed_ms / 1000)));
	rw_require(fclose(file) == 0 && rename(next, path) == 0);
}

/* The last bytes of the log as a string. */
static void read_log(const struct box *box, char ret_text[LOG_TAIL])
{
	char path[BOX_FOLDER + 32];
	path_of(box, "log", path);
	ret_text[0] = '\0';
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	(void)fseek(file, -(LOG_TAIL - 1), SEEK_END); /* a shorter one stays at its beginning */
	ret_text[fread(ret_text, 1, LOG_TAIL - 1, file)] = '\0';
	fclose(file);
}

void box_show_log(const struct box *box, const char *indent)
{
	char text[LOG_TAIL];
	read_log(box, text);
	for (char *cursor = text, *line; (line = strsep(&cursor, "\n"));)
		if (*line)
			printf("%s%s\n", indent, line);
}

/* What the log says last, in the world's arena. */
static const char *last_words(const struct box *box, const char *what)
{
	char text[LOG_TAIL], *last = text;
	read_log(box, text);
	for (char *cursor = text, *line; (line = strsep(&cursor, "\n"));)
		if (*line)
			last = line;
	const char *words =
		arena_printf(&box->world->arena, "the daemon %s; its log ends: %.600s", what, last);
	return words ? words : "the daemon failed";
}

static bool find_faketime(char path[BOX_FOLDER])
{
	glob_t found;
	bool good = glob("/usr/lib/*/faketime/libfaketimeMT.so.1", 0, NULL, &found) == 0 &&
		    found.gl_pathc > 0 && strlen(found.gl_pathv[0]) < BOX_FOLDER;
	if (good)
		strcpy(path, found.gl_pathv[0]);
	globfree(&found);
	return good;
}

/* Sanitizers want to be loaded first; behind the clocks they work as well. */
static void set_environment(const char *faketime, const char *clock)
{
	const char *asan = getenv("ASAN_OPTIONS");
	char options[512];
	snprintf(options, sizeof(options), "%s%sverify_asan_link_order=0", asan ? asan : "",
		asan ? ":" : "");
	setenv("ASAN_OPTIONS", options, 1);
	setenv("LD_PRELOAD", faketime, 1);
	setenv("FAKETIME_TIMESTAMP_FILE", clock, 1);
	setenv("FAKETIME_NO_CACHE", "1", 1);
	setenv("NO_FAKE_STAT", "1", 1); /* files do not change when the clock moves */
	unsetenv("FAKETIME");
	unsetenv("FAKETIME_DONT_FAKE_MONOTONIC");
	unsetenv("DONT_FAKE_MONOTONIC");
}

/* The child's way into the daemon. */
static void become_daemon(const struct box *box, const char *program, const char *faketime)
{
	char log[BOX_FOLDER + 32], clock[BOX_FOLDER + 32], config[BOX_FOLDER + 32];
	path_of(box, "log", log);
	path_of(box, "clock", clock);
	path_of(box, "rootwalk.yaml", config);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(126);
	alarm(0);
	set_environment(faketime, clock);
	execl(program, program, "--config", config, (char *)NULL);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

static bool listens(const struct box *box)
{
	char text[LOG_TAIL];
	read_log(box, text);
	return strstr(text, " listens on ") != NULL;
}

/* Waits at most `ms` for the daemon's end; true with its status when it came. */
static bool has_ended(struct box *box, unsigned ms, int *ret_status)
{
	uint64_t until_ms = box_now_ms() + ms;
	do {
		if (waitpid(box->daemon, ret_status, WNOHANG) == box->daemon) {
			box->daemon = 0;
			return true;
		}
		nap(TICK_MS);
	} while (box_now_ms() < until_ms);
	return false;
}

const char *box_start(struct box *box)
{
	char faketime[BOX_FOLDER];
	const char *program = getenv("ROOTWALKD");
	int status;
	if (!program)
		return "ROOTWALKD does not say which daemon to start";
	if (!find_faketime(faketime))
		return "libfaketime is missing (Debian's package faketime)";
	box_set_clock(box);
	box->daemon = fork();
	rw_require(box->daemon >= 0);
	if (box->daemon == 0)
		become_daemon(box, program, faketime);
	for (uint64_t until_ms = box_now_ms() + START_MS; box_now_ms() < until_ms;) {
		if (has_ended(box, 1, &status))
			return last_words(box, "did not start");
		if (listens(box))
			return NULL;
	}
	return last_words(box, "does not listen");
}

const char *box_stop(struct box *box)
{
	int status;
	if (box->daemon == 0)
		return NULL;
	/* SIGTERM must reach its threads; then it says nothing and ends with 0. */
	if (has_ended(box, 0, &status))
		return last_words(box, "died");
	(void)kill(box->daemon, SIGTERM);
	if (!has_ended(box, STOP_MS, &status)) {
		(void)kill(box->daemon, SIGKILL);
		(void)waitpid(box->daemon, &status, 0);
		box->daemon = 0;
		return last_words(box, "did not stop");
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	return last_words(box, "ended badly");
}
