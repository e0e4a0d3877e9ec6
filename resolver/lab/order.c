/* SPDX-License-Identifier: MIT */
/* What orders do, and the side that gives them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "resolver/lab/control.h"
#include "resolver/wire/text.h"

#define SWITCHES_TEXT (SWITCH_COUNT * (SWITCH_VALUE + 16)) /* bytes of all of one server */

struct obeying {
	struct world *world;
	const struct env *env;
	const char *const *words;
	size_t count;
	FILE *out;
};

static int fail(const struct obeying *order, const char *message)
{
	fprintf(order->out, "error\n%s\n", message);
	return RW_EINVAL;
}

/* ---- each order ---- */

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
static int obey_status(const struct obeying *order)
{
	const struct lab_server *only = NULL;
	if (order->count > 1 && !(only = world_server(order->world, order->words[1])))
		return fail(order, "there is no such server in this lab; `status` lists them");
	fprintf(order->out, "ok\n");
	for (size_t i = 0; i < order->world->scenario->server_count; i++)
		if (!only || only == &order->world->servers[i])
			show_server(order->out, &order->world->servers[i]);
	return 0;
}

/* Calls `each` for the server that the second word names, or for every one (`all`). */
static int for_servers(const struct obeying *order,
	int (*each)(const struct obeying *order, struct lab_server *server, char *message))
{
	char message[WORLD_MESSAGE] = "";
	struct world *world = order->world;
	bool all = order->count > 1 && strcmp(order->words[1], "all") == 0;
	struct lab_server *one =
		order->count > 1 && !all ? world_server(world, order->words[1]) : NULL;
	if (!all && !one)
		return fail(order, "say which server: its name, its address, or `all`; `status` "
				   "lists them");
	for (size_t i = 0; i < world->scenario->server_count; i++) {
		if (!all && one != &world->servers[i])
			continue;
		int err = each(order, &world->servers[i], message);
		if (err)
			return fail(order, err == RW_EINVAL ? message : rw_strerror(err));
	}
	fprintf(order->out, "ok\n");
	for (size_t i = 0; one && i == 0; i++)
		show_server(order->out, one);
	return 0;
}

static int set_each(const struct obeying *order, struct lab_server *server, char *message)
{
	int err = 0;
	for (size_t i = 2; i < order->count && err == 0; i++)
		err = world_set(server, order->words[i], env_wall_s(order->env), message);
	return err;
}

static int clear_each(const struct obeying *order, struct lab_server *server, char *message)
{
	int err = 0;
	if (order->count == 2)
		return world_clear(server, NULL, message);
	for (size_t i = 2; i < order->count && err == 0; i++)
		err = world_clear(server, order->words[i], message);
	return err;
}

static int sync_each(const struct obeying *order, struct lab_server *server, char *message)
{
	(void)order;
	(void)message;
	world_sync(server);
	return 0;
}

/* All of them or none are thrown: the whole order is looked at before any server is touched. */
static int check_switches(const struct obeying *order)
{
	struct switches scratch = {.on = {false}};
	char message[SWITCH_MESSAGE];
	for (size_t i = 2; i < order->count; i++)
		if (switches_set(&scratch, order->words[i], message))
			return fail(order, message);
	return 0;
}

static int obey_set(const struct obeying *order)
{
	if (order->count < 3)
		return fail(order, "set needs a server and a switch, as in: set ns1.good.test "
				   "slow=800ms");
	int err = check_switches(order);
	return err ? err : for_servers(order, set_each);
}

static int obey_clear(const struct obeying *order)
{
	return for_servers(order, clear_each);
}

static int obey_sync(const struct obeying *order)
{
	return for_servers(order, sync_each);
}

static int obey_change(const struct obeying *order)
{
	char message[WORLD_MESSAGE] = "";
	if (order->count < 3)
		return fail(order, "change needs a zone and a record, as in: change good.test "
				   "'www 60 A 192.0.2.11'");
	int err = world_change(order->world, order->words[1], order->words + 2, order->count - 2,
		env_wall_s(order->env), message);
	if (err)
		return fail(order, err == RW_EINVAL ? message : rw_strerror(err));
	fprintf(order->out, "ok\n%s\n", message);
	return 0;
}

static int obey_remove(const struct obeying *order)
{
	char message[WORLD_MESSAGE] = "";
	if (order->count != 3)
		return fail(order, "remove needs a zone and a name with a type, as in: remove "
				   "good.test 'www A'");
	int err = world_remove(
		order->world, order->words[1], order->words[2], env_wall_s(order->env), message);
	if (err)
		return fail(order, err == RW_EINVAL ? message : rw_strerror(err));
	fprintf(order->out, "ok\n%s\n", message);
	return 0;
}

static int obey_stop(const struct obeying *order)
{
	fprintf(order->out, "ok\n");
	return 0;
}

static const struct {
	const char *word;
	size_t most; /* words, itself included */
	int (*obey)(const struct obeying *order);
} orders[] = {
	{"status", 2, obey_status},
	{"set", SIZE_MAX, obey_set},
	{"clear", SIZE_MAX, obey_clear},
	{"sync", 2, obey_sync},
	{"change", SIZE_MAX, obey_change},
	{"remove", SIZE_MAX, obey_remove},
	{"stop", 1, obey_stop},
};

bool control_obey(struct world *world, const struct env *env, const char *const *words,
	size_t count, FILE *out)
{
	const struct obeying order = {world, env, words, count, out};
	for (size_t i = 0; count > 0 && i < RW_COUNT(orders); i++) {
		if (strcmp(orders[i].word, words[0]) != 0)
			continue;
		if (count > orders[i].most) {
			(void)fail(&order,
				"this order takes fewer words; rootwalk-lab --help shows "
				"how many");
			return false;
		}
		return orders[i].obey(&order) == 0 && orders[i].obey == obey_stop;
	}
	(void)fail(&order, "a lab knows no such order");
	return false;
}

/* ---- the side that gives them ---- */

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

int control_order(const char *path, const char *const *words, size_t count, FILE *out, FILE *errors)
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
