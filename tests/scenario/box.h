/* SPDX-License-Identifier: MIT */
/*
 * The world outside: the built daemon in a network namespace of its own, where the loopback device
 * has every address of the text's servers. This process is those servers, the client, and the
 * keeper of the daemon's clocks (libfaketime reads them from a file). box.c plays, box_net.c makes
 * the namespace, box_serve.c serves, box_config.c writes the configuration, box_daemon.c starts and
 * ends the daemon.
 */
#ifndef RW_TEST_BOX_H
#define RW_TEST_BOX_H

#include <sys/types.h>

#include "tests/scenario/world.h"

#define BOX_DAEMON      "127.0.0.200" /* no text has a server there */
#define BOX_PORT        53
#define BOX_FOLDER      128
#define BOX_SERVERS     512 /* addresses of one text */
#define BOX_CONNECTIONS 64  /* TCP, from the daemon; with more the oldest is closed */
#define BOX_TCP_BYTES   (2 + 65535)

/* One address of the text, and what listens there; -1 where the system did not let us. */
struct box_server {
	struct addr addr;
	int udp, tcp;
};

struct box_connection {
	int fd;             /* -1: free */
	struct addr server; /* the address that was asked */
	uint8_t *in;        /* BOX_TCP_BYTES */
	size_t got;
};

struct box {
	struct play_world *world;
	char folder[BOX_FOLDER]; /* configuration, hints, clock, log */
	pid_t daemon;            /* 0: none */
	int64_t offset_s;        /* of the daemon's clocks from the real wall clock */
	uint64_t passed_ms;      /* by TIME_PASSES */
	struct box_server servers[BOX_SERVERS];
	size_t server_count;
	struct box_connection connections[BOX_CONNECTIONS];
	unsigned oldest;   /* of the connections */
	uint64_t heard_ms; /* when a server was last asked, by the real monotonic clock */
};

uint64_t box_now_ms(void); /* the real monotonic clock */

/* ---- box_net.c; all return why it did not work, or NULL ---- */

/* A network namespace in which this process is root, with the loopback device up. */
const char *box_enter(void);
/* The loopback device gets the address. */
const char *box_add_address(const struct addr *addr);

/* ---- box_serve.c ---- */

/* Listens at every address that the text's ranges, hints and routes have. */
void box_open_servers(struct box *box, const struct rpl *rpl, const struct setup *setup);
void box_close_servers(struct box *box);
/* Answers what has come to the servers; returns once `fd` is ready for `events`, or after `wait_ms`
 * at the latest. Returns whether `fd` is ready. */
bool box_serve(struct box *box, int fd, short events, unsigned wait_ms);

/* ---- box_config.c ---- */

/* rootwalk.yaml and root.hints in the box's folder. Returns false with errno. */
bool box_write_config(const struct box *box, const struct setup *setup, bool verbose);

/* ---- box_daemon.c ---- */

/* Sets the clock, starts the daemon and waits until it listens. Returns why not, or NULL. */
const char *box_start(struct box *box);
/* Returns what is wrong with its end, or NULL. */
const char *box_stop(struct box *box);
void box_set_clock(const struct box *box);
/* The daemon's log, each line behind `indent`. */
void box_show_log(const struct box *box, const char *indent);

#endif
