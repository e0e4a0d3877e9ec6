/* SPDX-License-Identifier: MIT */
/* What commands do, and the side that sends them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "resolver/lab/control.h"
#include "resolver/wire/text.h"

#define SWITCHES_TEXT (SWITCH_COUNT * (SWITCH_VALUE + 16)) /* bytes of all of one server */

struct command {
	struct world *world;
	const struct env *env;
	const char *const *words;
	size_t count;
	FILE *out;
};

static int refuse_command(const struct command *command, const char *message)
{
	fprintf(command->out, "error\n%s\n", message);
	return RW_EINVAL;
}

/* ---- each command ---- */

static void show_server(FILE *out, const struct lab_server *server)
{
	char switches[SWITCHES_TEXT], address[ADDR_TEXT];
	switches_text(&server->switches, switches, sizeof(switches));
	fprintf(out, "%-20s %-14s %6llu questions", server->plan->name,
		addr_text(&server->plan->addresses[0], address),
		(unsigned long long)server->questions);
	fprintf(out, "%s%s\n", switches[0] ? "  " : "", switches);
	for (size_t i = 0; i < server->zone_count; i++) {
		const struct serving *serving = &server->zones[i];
		uint32_t newest = serving->zone->newest->serial;
		if (serving->version->serial != newest)
			fprintf(out, "  %s: serial %u, the newest is %u\n", serving->zone->plan->id,
				serving->version->serial, newest);
	}
}

/* All servers, or the one that is named. */
static int run_status(const struct command *command)
{
	const struct lab_server *only = NULL;
	if (command->count > 1 && !(only = world_server(command->world, command->words[1])))
		return refuse_command(
			command, "there is no such server in this lab; `status` lists them");
	fprintf(command->out, "ok\n");
	for (size_t i = 0; i < command->world->scenario->server_count; i++)
		if (!only || only == &command->world->servers[i])
			show_server(command->out, &command->world->servers[i]);
	return 0;
}

/* Calls `each` for the server that the second word names, or for every one (`all`). */
static int for_servers(const struct command *command,
	int (*each)(const struct command *command, struct lab_server *server, char *message))
{
	char message[WORLD_MESSAGE] = "";
	struct world *world = command->world;
	bool all = command->count > 1 && strcmp(command->words[1], "all") == 0;
	struct lab_server *one =
		command->count > 1 && !all ? world_server(world, command->words[1]) : NULL;
	if (!all && !one)
		return refuse_command(command,
			"say which server: its name, its address, or `all`; `status` "
			"lists them");
	for (size_t i = 0; i < world->scenario->server_count; i++) {
		if (!all && one != &world->servers[i])
			continue;
		int err = each(command, &world->servers[i], message);
		if (err)
			return refuse_command(
				command, err == RW_EINVAL ? message : rw_strerror(err));
	}
	fprintf(command->out, "ok\n");
	for (size_t i = 0; one && i == 0; i++)
		show_server(command->out, one);
	return 0;
}

static int set_each(const struct command *command, struct lab_server *server, char *message)
{
	int err = 0;
	for (size_t i = 2; i < command->count && err == 0; i++)
		err = world_set(server, command->words[i], env_wall_s(command->env), message);
	return err;
}

static int clear_each(const struct command *command, struct lab_server *server, char *message)
{
	int err = 0;
	if (command->count == 2)
		return world_clear(server, NULL, message);
	for (size_t i = 2; i < command->count && err == 0; i++)
		err = world_clear(server, command->words[i], message);
	return err;
}

static int sync_each(const struct command *command, struct lab_server *server, char *message)
{
	(void)command;
	(void)message;
	world_sync(server);
	return 0;
}

/* All of them or none are thrown: the whole command is looked at before any server is touched. */
static int check_switches(const struct command *command)
{
	struct switches scratch = {.on = {false}};
	char message[SWITCH_MESSAGE];
	for (size_t i = 2; i < command->count; i++)
		if (switches_set(&scratch, command->words[i], message))
			return refuse_command(command, message);
	return 0;
}

static int run_set(const struct command *command)
{
	if (command->count < 3)
		return refuse_command(command,
			"set needs a server and a switch, as in: set ns1.good.test "
			"slow=800ms");
	int err = check_switches(command);
	return err ? err : for_servers(command, set_each);
}

static int run_clear(const struct command *command)
{
	return for_servers(command, clear_each);
}

static int run_sync(const struct command *command)
{
	return for_servers(command, sync_each);
}

static int run_change(const struct command *command)
{
	char message[WORLD_MESSAGE] = "";
	if (command->count < 3)
		return refuse_command(command,
			"change needs a zone and a record, as in: change good.test "
			"'www 60 A 192.0.2.11'");
	int err = world_change(command->world, command->words[1], command->words + 2,
		command->count - 2, env_wall_s(command->env), message);
	if (err)
		return refuse_command(command, err == RW_EINVAL ? message : rw_strerror(err));
	fprintf(command->out, "ok\n%s\n", message);
	return 0;
}

static int run_remove(const struct command *command)
{
	char message[WORLD_MESSAGE] = "";
	if (command->count != 3)
		return refuse_command(command,
			"remove needs a zone and a name with a type, as in: remove "
			"good.test 'www A'");
	int err = world_remove(command->world, command->words[1], command->words[2],
		env_wall_s(command->env), message);
	if (err)
		return refuse_command(command, err == RW_EINVAL ? message : rw_strerror(err));
	fprintf(command->out, "ok\n%s\n", message);
	return 0;
}

static int run_stop(const struct command *command)
{
	fprintf(command->out, "ok\n");
	return 0;
}

static const struct {
	const char *word;
	size_t most; /* words, itself included */
	int (*run)(const struct command *command);
} commands[] = {
	{"status", 2, run_status},
	{"set", SIZE_MAX, run_set},
	{"clear", SIZE_MAX, run_clear},
	{"sync", 2, run_sync},
	{"change", SIZE_MAX, run_change},
	{"remove", SIZE_MAX, run_remove},
	{"stop", 1, run_stop},
};

bool control_run(struct world *world, const struct env *env, const char *const *words, size_t count,
	FILE *out)
{
	const struct command command = {world, env, words, count, out};
	for (size_t i = 0; count > 0 && i < RW_COUNT(commands); i++) {
		if (strcmp(commands[i].word, words[0]) != 0)
			continue;
		if (count > commands[i].most) {
			(void)refuse_command(&command,
				"this order takes fewer words; rootwalk-lab --help shows "
				"how many");
			return false;
		}
		return commands[i].run(&command) == 0 && commands[i].run == run_stop;
	}
	(void)refuse_command(&command, "a lab knows no such order");
	return false;
}

/* ---- the side that sends them ---- */

/* A socket connected to the lab, or -1 with errno. */
static int reach(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&sa, sizeof(sa))) {
		int saved = errno;
		(void)close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

bool control_is_there(const char *path)
{
	int fd = reach(path);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static int send_words(int fd, const char *const *words, size_t count)
{
	char text[LIMIT_LAB_COMMAND];
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(words[i]);
		if (strchr(words[i], '\n') || used + size + 2 >= sizeof(text)) {
			errno = strchr(words[i], '\n') ? EILSEQ : E2BIG;
			return RW_ESYSTEM;
		}
		memcpy(text + used, words[i], size);
		text[used + size] = '\n';
		used += size + 1;
	}
	text[used++] = '\0';
	for (size_t sent = 0; sent < used;) {
		ssize_t got = send(fd, text + sent, used - sent, MSG_NOSIGNAL);
		if (got <= 0)
			return RW_ESYSTEM;
		sent += (size_t)got;
	}
	return 0;
}

int control_send(const char *path, const char *const *words, size_t count, FILE *out, FILE *errors)
{
	char line[WORLD_MESSAGE];
	int fd = reach(path);
	if (fd < 0)
		return RW_ESYSTEM;
	int err = send_words(fd, words, count);
	FILE *in = err ? NULL : fdopen(fd, "r");
	if (!in) {
		int saved = errno;
		(void)close(fd);
		errno = saved;
		return RW_ESYSTEM;
	}
	bool ok = fgets(line, sizeof(line), in) && strcmp(line, "ok\n") == 0;
	while (fgets(line, sizeof(line), in))
		fputs(line, ok ? out : errors);
	(void)fclose(in);
	return ok ? 0 : RW_EINVAL;
}
