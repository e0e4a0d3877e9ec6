/* SPDX-License-Identifier: MIT */
/* Options and binding of listening sockets. */
#include "resolver/service/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "resolver/net/socket.h"

#define BUFFER_BYTES (4 << 20) /* of a UDP socket; bursts are lost in the kernel's 208 KiB */
#define BACKLOG      256

bool sockets_is_wildcard(const struct addr *address)
{
	static const uint8_t zeroes[16];
	return memcmp(address->ip, zeroes, addr_ip_size(address)) == 0;
}

/* Answers are never fragmented, and what ICMP says about the path is not believed (RFC 9715). */
static int set_udp_options(int fd, const struct addr *address)
{
	bool wildcard = sockets_is_wildcard(address);
	(void)socket_set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
	(void)socket_set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
	if (address->family == ADDR_V6) {
		(void)socket_set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
		return wildcard ? socket_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : 0;
	}
	(void)socket_set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	return wildcard ? socket_set(fd, IPPROTO_IP, IP_PKTINFO, 1) : 0;
}

static int prepare(int fd, const struct addr *address, int type)
{
	int err = socket_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!err)
		err = type == SOCK_STREAM ? socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1)
					  : set_udp_options(fd, address);
	if (!err)
		err = socket_bind(fd, address);
	if (!err && type == SOCK_STREAM && listen(fd, BACKLOG) != 0)
		err = RW_ESYSTEM;
	return err;
}

static void close_quietly(int fd)
{
	int saved = errno;
	socket_close(fd, false);
	errno = saved;
}

static int open_one(const struct addr *address, int type, int *ret_fd)
{
	int fd;
	if (socket_open(address->family, type, &fd))
		return RW_ESYSTEM;
	int err = prepare(fd, address, type);
	if (err)
		close_quietly(fd);
	else
		*ret_fd = fd;
	return err;
}

int sockets_open(struct addr *address, struct listen_sockets *ret_sockets)
{
	struct listen_sockets sockets;
	if (open_one(address, SOCK_DGRAM, &sockets.udp))
		return RW_ESYSTEM;
	int err = address->port == 0 ? socket_port(sockets.udp, &address->port) : 0;
	sockets.address = *address;
	if (!err)
		err = open_one(address, SOCK_STREAM, &sockets.tcp);
	if (err)
		close_quietly(sockets.udp);
	else
		*ret_sockets = sockets;
	return err;
}

int sockets_probe(const struct addr *address)
{
	int fd;
	if (socket_open(address->family, SOCK_DGRAM, &fd))
		return RW_ESYSTEM;
	int err = socket_bind(fd, address);
	close_quietly(fd);
	return err;
}

const char *sockets_remedy(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "another program has this port: stop it, or choose another under `listen:`";
	case EACCES:
	case EPERM:
		return "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose a higher one "
		       "under `listen:`, or start with that right";
	case EADDRNOTAVAIL:
		return "this machine has no such address: correct `listen:`";
	case EAFNOSUPPORT:
		return "this machine has no IPv6: remove the IPv6 addresses from `listen:`";
	case EMFILE:
	case ENFILE:
		return "raise the limit of open files (ulimit -n)";
	default:
		return "correct `listen:`";
	}
}
