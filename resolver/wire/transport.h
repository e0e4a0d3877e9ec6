/* SPDX-License-Identifier: MIT */
/* How a message travels. */
#ifndef RW_WIRE_TRANSPORT_H
#define RW_WIRE_TRANSPORT_H

enum transport {
	TRANSPORT_NONE,
	TRANSPORT_UDP,
	TRANSPORT_TCP,
	TRANSPORT_TLS,
};

#endif
