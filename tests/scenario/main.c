/* SPDX-License-Identifier: MIT */
/*
 * The scenario player: plays texts and folders of texts, one line each, and the count last. Each
 * text is played in a process of its own, so that a crash or a hang costs one text and not the
 * count.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resolver/base/rw.h"
#include "tests/scenario/play.h"
#include "tests/scenario/world.h"

#define MAX_TEXTS  4096
#define CHILD_CODE 40 /* exit code of a child, verdict added; no sanitizer uses it */

/* A text that is being played. */
struct child {
	pid_t pid;
	int out; /* why it did not pass comes out of here; it fits into a pipe */
};

struct texts {
	char *paths[MAX_TEXTS];
	struct child children[MAX_TEXTS];
	size_t count;
};

static struct texts texts; /* nftw has no argument of the caller's */

static int add_text(const char *path)
{
	if (texts.count == MAX_TEXTS || !(texts.paths[texts.count] = strdup(path)))
		return -1;
	texts.count++;
	return 0;
}

static int visit(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info;
	(void)where;
	const char *end = strrchr(path, '.');
	return type == FTW_F && end && strcmp(end, ".rpl") == 0 ? add_text(path) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_argument(const char *path)
{
	struct stat info;
	if (stat(path, &info)) {
		fprintf(stderr, "%s: %s: %s\n", world_kind.program, path, strerror(errno));
		return -1;
	}
	size_t before = texts.count;
	int err = S_ISDIR(info.st_mode) ? nftw(path, visit, 16, 0) : add_text(path);
	qsort(texts.paths + before, texts.count - before, sizeof(*texts.paths), by_name);
	if (err == 0 && texts.count == before) {
		fprintf(stderr, "%s: %s: no texts there\n", world_kind.program, path);
		return -1;
	}
	return err;
}

static int usage(void)
{
	fprintf(stderr, "usage: %s [-v] [--mode on|off|head|listed] [--no-validate] DIR|FILE...\n",
		world_kind.program);
	return 2;
}

static int parse_mode(const char *text, enum play_mode *ret_mode)
{
	static const struct {
		const char *text;
		enum play_mode mode;
	} modes[] = {
		{"on", PLAY_ON}, {"off", PLAY_OFF}, {"head", PLAY_HEAD}, {"listed", PLAY_LISTED}};
	for (size_t i = 0; i < RW_COUNT(modes); i++)
		if (text && strcmp(text, modes[i].text) == 0) {
			*ret_mode = modes[i].mode;
			return 0;
		}
	return RW_EINVAL;
}

static int parse_arguments(char **arg, struct play_options *ret_options)
{
	for (; *arg; arg++) {
		if (strcmp(*arg, "-v") == 0)
			ret_options->verbose = true;
		else if (strcmp(*arg, "--no-validate") == 0)
			ret_options->no_validate = true;
		else if (strcmp(*arg, "--mode") == 0) {
			if (parse_mode(*++arg, &ret_options->mode))
				return usage();
		} else if (**arg == '-')
			return usage();
		else if (add_argument(*arg))
			return 2;
	}
	return texts.count ? 0 : usage();
}

/* The child's whole life: the verdict is its exit code, the reason goes through the pipe. */
static void play_child(const char *path, const struct play_options *options, int out)
{
	char why[PLAY_WHY];
	alarm(world_kind.text_seconds);
	enum verdict verdict = play_text(path, options, why);
	size_t length = strlen(why);
	if (write(out, why, length) != (ssize_t)length)
		verdict = VERDICT_FAIL;
	close(out);
	for (size_t i = 0; i < texts.count; i++)
		free(texts.paths[i]);
	exit(CHILD_CODE + (int)verdict);
}

static void read_why(int in, char ret_why[PLAY_WHY])
{
	size_t size = 0;
	ssize_t got;
	while (size < PLAY_WHY - 1 && (got = read(in, ret_why + size, PLAY_WHY - 1 - size)) > 0)
		size += (size_t)got;
	ret_why[size] = '\0';
}

static void start_child(size_t number, const struct play_options *options)
{
	struct child *child = &texts.children[number];
	int pipes[2];
	fflush(stdout);
	rw_require(pipe2(pipes, O_CLOEXEC) == 0);
	child->pid = fork();
	rw_require(child->pid >= 0);
	if (child->pid == 0) {
		close(pipes[0]);
		play_child(texts.paths[number], options, pipes[1]);
	}
	close(pipes[1]);
	child->out = pipes[0];
}

static enum verdict end_child(const struct child *child, char ret_why[PLAY_WHY])
{
	int status;
	read_why(child->out, ret_why);
	close(child->out);
	rw_require(waitpid(child->pid, &status, 0) == child->pid);
	int verdict = WIFEXITED(status) ? WEXITSTATUS(status) - CHILD_CODE : -1;
	if (verdict >= VERDICT_PASS && verdict <= VERDICT_UNSUPPORTED)
		return (enum verdict)verdict;
	snprintf(ret_why, PLAY_WHY, "the player crashed: %s %d",
		WIFSIGNALED(status) ? "signal" : "exit code",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return VERDICT_FAIL;
}

static void play_all(const struct play_options *options, unsigned counts[3])
{
	static const char *const words[] = {"PASS", "FAIL", "UNSUPPORTED"};
	size_t started = 0, at_once = options->verbose ? 1 : world_kind.at_once;
	for (size_t i = 0; i < texts.count; i++) {
		char why[PLAY_WHY];
		while (started < texts.count && started < i + at_once)
			start_child(started++, options);
		enum verdict verdict = end_child(&texts.children[i], why);
		counts[verdict]++;
		printf("%s %s%s%s\n", words[verdict], texts.paths[i], why[0] ? ": " : "", why);
	}
	for (size_t i = 0; i < texts.count; i++)
		free(texts.paths[i]);
}

int main(int argc, char **argv)
{
	(void)argc;
	struct play_options options = {.mode = PLAY_LISTED};
	int err = parse_arguments(argv + 1, &options);
	if (err) {
		for (size_t i = 0; i < texts.count; i++)
			free(texts.paths[i]);
		return err;
	}
	unsigned counts[3] = {0};
	play_all(&options, counts);
	printf("%u passed, %u failed, %u unsupported\n", counts[VERDICT_PASS], counts[VERDICT_FAIL],
		counts[VERDICT_UNSUPPORTED]);
	return counts[VERDICT_FAIL] ? 1 : 0;
}
