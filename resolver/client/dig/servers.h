/* SPDX-License-Identifier: MIT */
/* Which server a query goes to: the one named after the @, or the system's first. */
#ifndef RW_CLIENT_DIG_SERVERS_H
#define RW_CLIENT_DIG_SERVERS_H

#include "resolver/client/dig/args.h"

#define SERVERS_MAX       8 /* addresses of one server that are tried */
#define RESOLV_CONF       "/etc/resolv.conf"
#define RESOLV_CONF_BYTES (1 << 16) /* bytes read of it */

struct servers {
	struct addr items[SERVERS_MAX];
	unsigned count;
	char name[256]; /* as asked for, for the SERVER line; printable ASCII */
	bool given;     /* named after the @ */
};

/*
 * The addresses of `text` (an address, "address@port" aside, or a name for the system to look up),
 * or the system's first name server, 127.0.0.1 where it has none. RW_ENOTFOUND: no such host, or
 * none in an allowed family.
 */
int servers_find(const struct args *args, const struct query *query,
	struct servers *ret_servers) RW_MUSTCHECK;

/* The first usable `nameserver` line of a resolv.conf; RW_ENOTFOUND. */
int servers_from_resolv_conf(
	const char *path, uint16_t port, bool ipv4, bool ipv6, struct addr *ret_addr) RW_MUSTCHECK;

#endif
