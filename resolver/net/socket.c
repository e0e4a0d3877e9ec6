/* SPDX-License-Identifier: MIT */
/* System calls with addresses of ours, and nothing else. */
#include "resolver/net/socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int socket_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : RW_ESYSTEM;
}

int socket_open(enum addr_family family, int type, int *ret_fd)
{
	int domain = family == ADDR_V6 ? AF_INET6 : AF_INET;
	int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return RW_ESYSTEM;
	if (family == ADDR_V6 && socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
		int saved = errno;
		(void)close(fd);
		errno = saved;
		return RW_ESYSTEM;
	}
	*ret_fd = fd;
	return 0;
}

int socket_bind(int fd, const struct addr *address)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(address, &sa);
	return bind(fd, (const struct sockaddr *)&sa, size) == 0 ? 0 : RW_ESYSTEM;
}

int socket_connect(int fd, const struct addr *to)
{
	struct sockaddr_storage sa;
	unsigned size = addr_to_sockaddr(to, &sa);
	int result = connect(fd, (const struct sockaddr *)&sa, size);
	return result == 0 || errno == EINPROGRESS ? 0 : RW_ESYSTEM;
}

int socket_accept(int listening, int *ret_fd, struct addr *ret_peer)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	int fd = accept4(listening, (struct sockaddr *)&sa, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return RW_ESYSTEM;
	if (addr_from_sockaddr((const struct sockaddr *)&sa, ret_peer)) {
		(void)close(fd);
		errno = ECONNABORTED;
		return RW_ESYSTEM;
	}
	*ret_fd = fd;
	return 0;
}

int socket_port(int fd, uint16_t *ret_port)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	struct addr bound;
	if (getsockname(fd, (struct sockaddr *)&sa, &size) != 0)
		return RW_ESYSTEM;
	if (addr_from_sockaddr((const struct sockaddr *)&sa, &bound)) {
		errno = EAFNOSUPPORT;
		return RW_ESYSTEM;
	}
	*ret_port = bound.port;
	return 0;
}

int socket_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool socket_has_unsent(int fd)
{
	int unsent = 0;
	return ioctl(fd, SIOCOUTQ, &unsent) == 0 && unsent > 0;
}

void socket_close(int fd, bool reset)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	if (reset)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)close(fd);
}
