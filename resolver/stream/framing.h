/* SPDX-License-Identifier: MIT */
/*
 * Messages with their length in two bytes before them: DNS over TCP and TLS (RFC 1035 section
 * 4.2.2, RFC 7766 section 8). An idle stream keeps one small input buffer; a message that is longer
 * gets a buffer of its size once its length is known, which goes with it.
 */
#ifndef RW_STREAM_FRAMING_H
#define RW_STREAM_FRAMING_H

#include "resolver/stream/stream.h"

struct framing_limits {
	size_t in_first;   /* bytes of the input buffer, until a longer message comes; at least 2 */
	size_t in_most;    /* bytes of a message; a longer one breaks the stream */
	size_t out_pause;  /* bytes queued, above which nothing more is read */
	size_t out_most;   /* bytes queued, above which nothing is added */
	uint32_t write_ms; /* ms in which the other side must take what is queued; 0: for ever */
};

/* `limits` outlives it. RW_ENOMEM. */
int framing_new(const struct framing_limits *limits, struct stream **ret_stream) RW_MUSTCHECK;

#endif
