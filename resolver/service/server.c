/* SPDX-License-Identifier: MIT */
/* Starting, reloading and stopping workers together. */
#include "resolver/service/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/base/log.h"
#include "resolver/engine/client_quota.h"
#include "resolver/engine/echo.h"
#include "resolver/service/sockets.h"

#define ADDRESSES_TEXT 512

struct server {
	struct engine_shared shared;
	struct views *views;
	struct worker **workers;
	struct counters *counters; /* a block for each worker */
	size_t worker_count, started;
	char addresses[ADDRESSES_TEXT];
};

/* Sockets of all workers: those of worker w for address a are at [w * address_count + a]. */
struct socket_plan {
	struct listen_sockets *items;
	size_t count, opened;
};

static void plan_release(struct socket_plan *plan)
{
	for (size_t i = 0; i < plan->opened; i++) {
		if (plan->items[i].udp >= 0)
			(void)close(plan->items[i].udp);
		if (plan->items[i].tcp >= 0)
			(void)close(plan->items[i].tcp);
	}
	free(plan->items);
}

static int explain(const struct addr *address, int error, char message[SERVER_MESSAGE])
{
	char text[ADDR_TEXT];
	(void)snprintf(message, SERVER_MESSAGE, "cannot listen on %s: %s: %s",
		addr_text(address, text), strerror(error), sockets_remedy(error));
	return RW_ESYSTEM;
}

/*
 * Whether somebody else has one of the addresses: SO_REUSEPORT would let two daemons of one user
 * share a port without a word. Not asked on reload, when it may be our own socket that still waits
 * for its last answers.
 */
static int plan_probe(const struct addr_list *list, char message[SERVER_MESSAGE])
{
	for (size_t a = 0; a < list->count; a++)
		if (list->items[a].port != 0 && sockets_probe(&list->items[a]))
			return explain(&list->items[a], errno, message);
	return 0;
}

static bool is_missing(const struct addr *address)
{
	static const uint8_t loopback[16] = {[15] = 1};
	return address->family == ADDR_V6 && memcmp(address->ip, loopback, 16) == 0 &&
	       sockets_probe(address) && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT);
}

/* A machine without IPv6 has no ::1, which is no reason not to serve at the other addresses. */
static void leave_out_missing(struct addr_list *list)
{
	size_t kept = 0, missing = 0;
	for (size_t i = 0; i < list->count; i++)
		missing += is_missing(&list->items[i]);
	if (missing == list->count)
		return;
	for (size_t i = 0; i < list->count; i++) {
		char text[ADDR_TEXT];
		if (missing == 0 || !is_missing(&list->items[i]))
			list->items[kept++] = list->items[i];
		else
			log_warning(LOG_LISTEN, "not listening on %s: this machine has no IPv6",
				addr_text(&list->items[i], text));
	}
	list->count = kept;
}

/* Opens the sockets of every worker for each address of the list. */
static int plan_open(struct socket_plan *plan, const struct addr_list *list, size_t workers,
	char message[SERVER_MESSAGE])
{
	*plan = (struct socket_plan){.count = workers * list->count};
	plan->items = calloc(plan->count ? plan->count : 1, sizeof(*plan->items));
	if (!plan->items)
		return RW_ENOMEM;
	for (size_t w = 0; w < workers; w++)
		for (size_t a = 0; a < list->count; a++) {
			if (sockets_open(&list->items[a], &plan->items[plan->opened]))
				return explain(&list->items[a], errno, message);
			plan->opened++;
		}
	return 0;
}

static void describe(struct server *server, const struct addr_list *list)
{
	size_t used = 0;
	server->addresses[0] = '\0';
	for (size_t i = 0; i < list->count && used + ADDR_TEXT + 4 < ADDRESSES_TEXT; i++) {
		char text[ADDR_TEXT];
		used += (size_t)snprintf(server->addresses + used, ADDRESSES_TEXT - used, "%s%s",
			i > 0 ? ", " : "", addr_text(&list->items[i], text));
	}
}

static struct cache_params cache_params_of(const struct settings *settings)
{
	const struct cache_settings *cache = &settings->cache;
	return (struct cache_params){
		.size_bytes = cache->size_bytes,
		.max_ttl_s = cache->max_ttl_s,
		.min_ttl_s = cache->min_ttl_s,
		.max_negative_ttl_s = cache->max_negative_ttl_s,
		.min_negative_ttl_s = cache->min_negative_ttl_s,
		.stale_max_age_s = cache->serve_stale ? cache->stale_max_age_s : 0,
	};
}

static int make_shared(struct server *server, const struct env *env)
{
	struct cache_params params = cache_params_of(&server->views->settings);
	server->shared.env = env;
	int err = cache_new(&params, env, &server->shared.cache);
	if (!err)
		err = infra_new(env, &server->shared.infra);
	if (!err)
		err = client_quota_new(env, &server->shared.clients);
	return err ? err : echo_board_new(env, &server->shared.echoes);
}

static void release(struct server *server)
{
	for (size_t i = 0; i < server->worker_count; i++)
		worker_free(server->workers[i]);
	free(server->workers);
	free(server->counters);
	echo_board_free(server->shared.echoes);
	client_quota_free(server->shared.clients);
	if (server->shared.infra)
		infra_free(server->shared.infra);
	if (server->shared.cache)
		cache_free(server->shared.cache);
	views_unref(server->views);
	free(server);
}

static int make_workers(struct server *server, struct socket_plan *plan, size_t count)
{
	rw_require(count > 0);
	size_t each = plan->count / count;
	server->workers = calloc(count, sizeof(struct worker *));
	server->counters = counters_new(count);
	if (!server->workers || !server->counters)
		return RW_ENOMEM;
	for (size_t w = 0; w < count; w++) {
		struct listen_sockets mine[LIMIT_CONFIG_LIST];
		/* The worker owns its sockets from here on. */
		memcpy(mine, plan->items + w * each, each * sizeof(*mine));
		for (size_t i = 0; i < each; i++)
			plan->items[w * each + i].udp = plan->items[w * each + i].tcp = -1;
		struct engine_shared shared = server->shared;
		shared.counters = &server->counters[w];
		int err = worker_new(
			(unsigned)w, &shared, server->views, mine, each, &server->workers[w]);
		if (err)
			return err;
		server->worker_count++;
	}
	return 0;
}

static int start_workers(struct server *server)
{
	for (; server->started < server->worker_count; server->started++) {
		int err = worker_start(server->workers[server->started]);
		if (err)
			return err;
	}
	return 0;
}

static void stop_workers(struct server *server)
{
	for (size_t i = 0; i < server->started; i++)
		worker_stop(server->workers[i]);
	for (size_t i = 0; i < server->started; i++)
		worker_join(server->workers[i]);
	server->started = 0;
}

/* Workers are threads with a few descriptors each; their sockets were there already. */
static int explain_workers(int err, char message[SERVER_MESSAGE])
{
	int error = errno;
	if (err == RW_ESYSTEM)
		(void)snprintf(message, SERVER_MESSAGE, "cannot start the workers: %s: %s",
			strerror(error),
			error == EMFILE || error == ENFILE
				? "raise the limit of open files (ulimit -n), or lower `workers:`"
				: "lower `workers:`");
	return err;
}

int server_start(const struct env *env, struct views *views, struct server **ret_server,
	char message[SERVER_MESSAGE])
{
	struct settings *settings = &views->settings;
	struct socket_plan plan = {0};
	struct server *server = calloc(1, sizeof(*server));
	(void)snprintf(message, SERVER_MESSAGE, "out of memory");
	if (!server)
		return RW_ENOMEM;
	server->views = views_ref(views);
	leave_out_missing(&settings->listen);
	int err = plan_probe(&settings->listen, message);
	if (!err)
		err = plan_open(&plan, &settings->listen, settings->workers, message);
	if (!err)
		err = make_shared(server, env);
	if (!err)
		err = explain_workers(make_workers(server, &plan, settings->workers), message);
	if (!err)
		err = explain_workers(start_workers(server), message);
	plan_release(&plan);
	if (err) {
		stop_workers(server);
		release(server);
		return err;
	}
	describe(server, &settings->listen);
	*ret_server = server;
	return 0;
}

static bool lists(const struct addr_list *list, const struct addr *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (addr_equal(&list->items[i], address))
			return true;
	return false;
}

/* Port 0 is any port: on reload the one that was given at the start. */
static void keep_ports(struct addr_list *list, const struct addr_list *old)
{
	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; list->items[i].port == 0 && k < old->count; k++)
			if (addr_ip_equal(&list->items[i], &old->items[k]) &&
				!lists(list, &old->items[k]))
				list->items[i].port = old->items[k].port;
}

/* The addresses of `list` that are not in `old`; the items are the caller's to free. */
static int addresses_added(
	const struct addr_list *list, const struct addr_list *old, struct addr_list *ret_added)
{
	struct addr_list added = {calloc(list->count ? list->count : 1, sizeof(struct addr)), 0};
	if (!added.items)
		return RW_ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		if (!lists(old, &list->items[i]))
			added.items[added.count++] = list->items[i];
	*ret_added = added;
	return 0;
}

static void say_needs_restart(const struct settings *old, const struct settings *new)
{
	if (old->workers != new->workers)
		log_warning(LOG_CONFIG, "`workers` changes with a restart only");
	if (old->cache.size_bytes != new->cache.size_bytes)
		log_warning(LOG_CONFIG, "`cache.size` changes with a restart only");
}

int server_reload(struct server *server, struct views *views, char message[SERVER_MESSAGE])
{
	const struct settings *old = &server->views->settings;
	struct settings *new = &views->settings;
	struct addr_list added;
	struct socket_plan plan = {0};
	(void)snprintf(message, SERVER_MESSAGE, "out of memory");
	leave_out_missing(&new->listen);
	keep_ports(&new->listen, &old->listen);
	int err = addresses_added(&new->listen, &old->listen, &added);
	if (err)
		return err;
	err = plan_open(&plan, &added, server->worker_count, message);
	free(added.items);
	if (err) {
		plan_release(&plan);
		return err;
	}
	say_needs_restart(old, new);
	struct cache_params params = cache_params_of(new);
	cache_set_params(server->shared.cache, &params);
	size_t each = plan.count / server->worker_count;
	for (size_t w = 0; w < server->worker_count; w++)
		worker_reload(server->workers[w], views, plan.items + w * each, each);
	plan.opened = 0; /* they are the workers' now */
	plan_release(&plan);
	views_unref(server->views);
	server->views = views_ref(views);
	describe(server, &new->listen);
	return 0;
}

void server_refresh(struct server *server, struct views *views)
{
	for (size_t w = 0; w < server->worker_count; w++)
		worker_reload(server->workers[w], views, NULL, 0);
	views_unref(server->views);
	server->views = views_ref(views);
}

void server_stop(struct server *server)
{
	stop_workers(server);
	release(server);
}

const char *server_addresses(const struct server *server)
{
	return server->addresses;
}

uint64_t server_count(const struct server *server, enum counter which)
{
	uint64_t sum = 0;
	for (size_t w = 0; w < server->worker_count; w++)
		sum += counters_get(&server->counters[w], which);
	return sum;
}
