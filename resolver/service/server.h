/* SPDX-License-Identifier: MIT */
/*
 * The server: all workers and what they share. Started once with settings, reloaded with others,
 * stopped. Everything here runs in the main thread.
 */
#ifndef RW_SERVICE_SERVER_H
#define RW_SERVICE_SERVER_H

#include "resolver/base/counters.h"
#include "resolver/base/env.h"
#include "resolver/views/views.h"

struct server;

#define SERVER_MESSAGE 512

/*
 * Binds every address, then starts the threads. The server becomes a user of the views. On
 * failure `message` says what is wrong and what to do.
 */
int server_start(const struct env *env, struct views *views, struct server **ret_server,
	char message[SERVER_MESSAGE]) RW_MUSTCHECK;

/* New settings for the workers; the cache stays. On failure nothing has changed. */
int server_reload(
	struct server *server, struct views *views, char message[SERVER_MESSAGE]) RW_MUSTCHECK;

/*
 * The same settings with other tables (views_refresh). Views that are in use share the lists
 * of their settings with them, which are only read here.
 */
void server_refresh(struct server *server, struct views *views);

/* Drains, waits for the workers, and frees everything. */
void server_stop(struct server *server);

/* The addresses it listens on, for the log: "127.0.0.1@53, ::1@53". */
const char *server_addresses(const struct server *server);

/* What all workers together have counted since the start. For any thread, at any time until
 * server_stop. */
uint64_t server_count(const struct server *server, enum counter which);

#endif
