/* SPDX-License-Identifier: MIT */
/* Options and binding of listening sockets. */
#include "resolver/service/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (4 << 20) /* of a UDP socket; bursts are lost in the kernel's 208 KiB */
#define BACKLOG      256

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int family_of(const struct addr *address)
{
	return address->family == ADDR_V6 ? AF_INET6 : AF_INET;
}

bool sockets_is_wildcard(const struct addr *address)
{
	static const uint8_t zeroes[16];
	return memcmp(address->ip, zeroes, addr_ip_size(address)) == 0;
}

/* Answers are never fragmented, and what ICMP says about the path is not believed (RFC 9715). */
static int set_udp_options(int fd, const struct addr *address)
{
	bool wildcard = sockets_is_wildcard(address);
	(void)set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
	(void)set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
	if (address->family == ADDR_V6) {
		(void)set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
		return wildcard ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : 0;
	}
	(void)set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	return wildcard ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) : 0;
}

static int bind_to(int fd, const struct addr *address)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(address, &sa);
	return bind(fd, (const struct sockaddr *)&sa, size);
}

/* Returns the socket, or -1 with errno. */
static int open_one(const struct addr *address, int type)
{
	int family = family_of(address);
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int err = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!err && type == SOCK_STREAM)
		err = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!err && family == AF_INET6)
		err = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err && type == SOCK_DGRAM)
		err = set_udp_options(fd, address);
	if (!err)
		err = bind_to(fd, address);
	if (!err && type == SOCK_STREAM)
		err = listen(fd, BACKLOG);
	if (!err)
		return fd;
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

static void learn_port(int fd, struct addr *address)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	struct addr bound;
	if (address->port == 0 && getsockname(fd, (struct sockaddr *)&sa, &size) == 0 &&
		addr_from_sockaddr((const struct sockaddr *)&sa, &bound) == 0)
		address->port = bound.port;
}

int sockets_open(struct addr *address, struct listen_sockets *ret_sockets)
{
	struct listen_sockets sockets = {.udp = open_one(address, SOCK_DGRAM)};
	if (sockets.udp < 0)
		return RW_ESYSTEM;
	learn_port(sockets.udp, address);
	sockets.address = *address;
	sockets.tcp = open_one(address, SOCK_STREAM);
	if (sockets.tcp < 0) {
		int saved = errno;
		(void)close(sockets.udp);
		errno = saved;
		return RW_ESYSTEM;
	}
	*ret_sockets = sockets;
	return 0;
}

int sockets_probe(const struct addr *address)
{
	int fd = socket(family_of(address), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return RW_ESYSTEM;
	int err = 0;
	if (address->family == ADDR_V6)
		err = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err)
		err = bind_to(fd, address);
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return err ? RW_ESYSTEM : 0;
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
