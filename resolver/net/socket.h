/* SPDX-License-Identifier: MIT */
/*
 * Sockets by their descriptors, none of them blocking and none inherited by other programs. The
 * caller decides which options a socket gets and how long it lives. Functions that can fail return
 * RW_ESYSTEM, and errno tells why.
 */
#ifndef RW_NET_SOCKET_H
#define RW_NET_SOCKET_H

#include <stdbool.h>

#include "resolver/base/addr.h"
#include "resolver/base/rw.h"

/* A socket for addresses of that family; one of IPv6 takes no IPv4. `type`: SOCK_STREAM, ... */
int socket_open(enum addr_family family, int type, int *ret_fd) RW_MUSTCHECK;

/* An option whose value is a number. */
int socket_set(int fd, int level, int option, int value);

int socket_bind(int fd, const struct addr *address) RW_MUSTCHECK;

/* Over TCP the connection may still be under way when it returns; the first event tells. */
int socket_connect(int fd, const struct addr *to) RW_MUSTCHECK;
int socket_accept(int listening, int *ret_fd, struct addr *ret_peer) RW_MUSTCHECK;

/* The port that the kernel gave. */
int socket_port(int fd, uint16_t *ret_port) RW_MUSTCHECK;

/* What has gone wrong with a connection under way: an errno, 0 for nothing. */
int socket_error(int fd);

/* Whether bytes lie in the kernel that the other side has not acknowledged. */
bool socket_has_unsent(int fd);

/* Closes; `reset`: what lies in the kernel is thrown away, and the other side is told so. */
void socket_close(int fd, bool reset);

#endif
