/* SPDX-License-Identifier: MIT */
/*
 * +pcap=FILE: queries and replies as packets that any analyser opens (LINKTYPE_RAW). The messages
 * are those of the wire; their IP, UDP and TCP headers are made up: addresses and the server's
 * port are true, our own port is not, and a TCP stream has no handshake.
 */
#ifndef RW_CLIENT_WIRE_CAPTURE_H
#define RW_CLIENT_WIRE_CAPTURE_H

#include "resolver/base/rw.h"
#include "resolver/client/raw_message.h"

#define CAPTURE_ERROR 256 /* bytes of an error message */

struct capture;

/* `more`: goes on behind what the file holds. RW_ESYSTEM, with a sentence in `error`. */
int capture_open(const char *path, bool more, char error[CAPTURE_ERROR],
	struct capture **ret_capture) RW_MUSTCHECK;

/* The query, and the reply where there is one (size > 0). NULL does nothing. */
void capture_exchange(struct capture *capture, const uint8_t *query, size_t query_size,
	const struct raw_message *reply);

/* NULL does nothing. RW_ESYSTEM: something could not be written. */
int capture_close(struct capture *capture) RW_MUSTCHECK;

#endif
