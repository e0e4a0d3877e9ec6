/* SPDX-License-Identifier: MIT */
/* Reads resolv.conf, bounded, and asks the system for the addresses of a named server. */
#include "resolver/client/dig/servers.h"

#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "resolver/client/out.h"

static bool family_allowed(const struct addr *addr, bool ipv4, bool ipv6)
{
	return addr->family == ADDR_V6 ? ipv6 : ipv4;
}

/* An address, with "%interface" behind a link-local one. */
static int parse_scoped(const char *text, uint16_t port, struct addr *ret_addr)
{
	char ip[ADDR_TEXT];
	const char *percent = strchr(text, '%');
	size_t length = percent ? (size_t)(percent - text) : strlen(text);
	if (length >= sizeof(ip) || memchr(text, '@', length))
		return RW_EMALFORMED;
	memcpy(ip, text, length);
	ip[length] = '\0';
	int err = addr_parse(ip, port, ret_addr);
	if (!err && percent)
		ret_addr->scope = if_nametoindex(percent + 1);
	return err;
}

int servers_from_resolv_conf(
	const char *path, uint16_t port, bool ipv4, bool ipv6, struct addr *ret_addr)
{
	char line[512], word[128];
	size_t total = 0;
	int err = RW_ENOTFOUND;
	FILE *file = fopen(path, "re");
	if (!file)
		return RW_ENOTFOUND;
	while (err && total < RESOLV_CONF_BYTES && fgets(line, sizeof(line), file)) {
		struct addr addr;
		total += strlen(line);
		if (sscanf(line, " nameserver %127s", word) == 1 &&
			!parse_scoped(word, port, &addr) && family_allowed(&addr, ipv4, ipv6)) {
			*ret_addr = addr;
			err = 0;
		}
	}
	(void)fclose(file);
	return err;
}

static int ask_system(const struct args *args, const struct query *query, struct servers *found)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
	hints.ai_family = args->ipv4 && args->ipv6 ? AF_UNSPEC : args->ipv4 ? AF_INET : AF_INET6;
	if (getaddrinfo(query->server, NULL, &hints, &list) != 0)
		return RW_ENOTFOUND;
	for (struct addrinfo *at = list; at && found->count < SERVERS_MAX; at = at->ai_next) {
		struct addr *addr = &found->items[found->count];
		if (addr_from_sockaddr(at->ai_addr, addr))
			continue;
		addr->port = query->port;
		found->count++;
	}
	freeaddrinfo(list);
	return found->count ? 0 : RW_ENOTFOUND;
}

static int system_server(const struct args *args, const struct query *query, struct servers *found)
{
	struct addr *addr = &found->items[0];
	if (servers_from_resolv_conf(RESOLV_CONF, query->port, args->ipv4, args->ipv6, addr) &&
		addr_parse(args->ipv4 ? "127.0.0.1" : "::1", query->port, addr))
		return RW_EINVAL;
	found->count = 1;
	(void)addr_ip_text(addr, found->name);
	return 0;
}

int servers_find(const struct args *args, const struct query *query, struct servers *ret_servers)
{
	struct servers found = {.given = query->server != NULL};
	int err = 0;
	if (!query->server) {
		err = system_server(args, query, &found);
	} else {
		(void)out_escape(
			query->server, strlen(query->server), found.name, sizeof(found.name));
		if (parse_scoped(query->server, query->port, &found.items[0]))
			err = ask_system(args, query, &found);
		else
			found.count = family_allowed(&found.items[0], args->ipv4, args->ipv6);
	}
	if (!err && found.count == 0)
		err = RW_ENOTFOUND;
	if (!err)
		*ret_servers = found;
	return err;
}
