/* SPDX-License-Identifier: MIT */
/*
 * +pcap=FILE: queries and replies as packets that any analyser opens (LINKTYPE_RAW). The messages
 * are those of the wire; their IP, UDP and TCP headers are made up: addresses and the server's
 * port are true, our own port is not, and a TCP stream has no handshake.
 */
#ifndef RW_CLIENT_CAPTURE_H
#define RW_CLIENT_CAPTURE_H

#include "resolver/client/print.h"

struct capture;

/* `more`: goes on behind what the file holds. RW_ESYSTEM, with a sentence in `error`. */
int capture_open(const char *path, bool more, char error[OPTIONS_ERROR],
	struct capture **ret_capture) RW_MUSTCHECK;

/* The query, and the reply where there is one (size > 0). NULL does nothing. */
void capture_exchange(struct capture *capture, const uint8_t *query, size_t query_size,
	const struct reply *reply);

/* NULL does nothing. RW_ESYSTEM: something could not be written. */
int capture_close(struct capture *capture) RW_MUSTCHECK;

#endif
