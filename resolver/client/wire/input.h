/* SPDX-License-Identifier: MIT */
/*
 * Messages out of a file: a capture (libpcap: raw IP, Ethernet, Linux cooked, loopback), a file of
 * hex digits, or the bytes of one message. Of a capture every UDP packet and every TCP segment
 * from or to the DNS port is read that holds whole messages; streams are not put together.
 */
#ifndef RW_CLIENT_WIRE_INPUT_H
#define RW_CLIENT_WIRE_INPUT_H

#include "resolver/base/addr.h"

#define INPUT_ERROR    256    /* bytes of an error message */
#define INPUT_MESSAGES 100000 /* messages read of one capture */

struct input_message {
	const uint8_t *wire; /* valid during the call only */
	size_t size;
	unsigned number;      /* of the packet in the capture, from 1; 0: no capture */
	struct addr from, to; /* family ADDR_NONE: no capture */
	bool tcp;
};

typedef void (*input_take)(void *ctx, const struct input_message *message);

/* `port` beside 53. RW_ESYSTEM, RW_EMALFORMED, with a sentence of printable ASCII in `error`. */
int input_read(const char *path, uint16_t port, input_take take, void *ctx,
	char error[INPUT_ERROR]) RW_MUSTCHECK;

/* One packet from its IP header on; returns how many messages were in it. */
unsigned input_packet(const uint8_t *bytes, size_t size, uint16_t port, unsigned number,
	input_take take, void *ctx);

#endif
