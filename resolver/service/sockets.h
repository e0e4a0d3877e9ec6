/* SPDX-License-Identifier: MIT */
/* Opening the sockets queries come in by, before any thread runs. */
#ifndef RW_SERVICE_SOCKETS_H
#define RW_SERVICE_SOCKETS_H

#include "resolver/service/worker.h"

/*
 * Binds a UDP and a TCP socket to the address, shared with other workers' sockets (SO_REUSEPORT).
 * A port of 0 is replaced in `address` by the one the kernel gave. RW_ESYSTEM: errno tells why;
 * nothing stays open then.
 */
int sockets_open(struct addr *address, struct listen_sockets *ret_sockets) RW_MUSTCHECK;

/* Whether a socket without SO_REUSEPORT could be bound there, which tells whether another program
 * (or another rootwalkd) has the address. RW_ESYSTEM with errno. */
int sockets_probe(const struct addr *address) RW_MUSTCHECK;

/* 0.0.0.0 or ::, where every datagram tells which of our addresses was asked. */
bool sockets_is_wildcard(const struct addr *address);

/* What to do about an errno of these: one sentence. */
const char *sockets_remedy(int error);

#endif
