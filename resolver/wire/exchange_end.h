/* SPDX-License-Identifier: MIT */
/* How an exchange with a server ended: one list for those who exchange and those who ask. */
#ifndef RW_WIRE_EXCHANGE_END_H
#define RW_WIRE_EXCHANGE_END_H

enum exchange_end {
	EXCHANGE_REPLY,
	EXCHANGE_TIMEOUT,     /* nothing came in time */
	EXCHANGE_UNREACHABLE, /* the network or the host said so */
	EXCHANGE_REFUSED,     /* no such port, TCP reset */
	EXCHANGE_CLOSED,      /* TCP closed before the reply */
	EXCHANGE_SUSPECT,     /* wrong replies came in its name: ask again over TCP */
	EXCHANGE_CASE,        /* only replies that did not repeat the question's letters came */
	EXCHANGE_LOOP,        /* the forwarder has asked us the very question back */
	EXCHANGE_RESOURCE,    /* we could not open or use a socket */
};

#endif
