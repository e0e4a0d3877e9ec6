/* SPDX-License-Identifier: MIT */
/* A message as it went over the wire, and the two ends between which it went. */
#ifndef RW_CLIENT_RAW_MESSAGE_H
#define RW_CLIENT_RAW_MESSAGE_H

#include "resolver/base/addr.h"

struct raw_message {
	const uint8_t *wire; /* somebody else's */
	size_t size;
	uint32_t rtt_us;         /* of a reply; 0: not known */
	struct addr server;      /* family ADDR_NONE: not known */
	const char *server_name; /* as asked for; printable */
	bool tcp;
};

#endif
