/* SPDX-License-Identifier: MIT */
/*
 * A sign of life while a server is slow: one line on a terminal that says who is waited for and how
 * long by now, and that is wiped before anything else is written. It shows nothing before
 * SPINNER_AFTER_MS, and nothing at all where the output is no terminal (struct out, `live`).
 */
#ifndef RW_CLIENT_TRACE_SPINNER_H
#define RW_CLIENT_TRACE_SPINNER_H

#include <uv.h>

#include "resolver/base/rw.h"
#include "resolver/client/out.h"

#define SPINNER_AFTER_MS 300 /* a server that answers sooner is not waited for by eye */
#define SPINNER_TURN_MS  120 /* from one picture to the next */

struct spinner {
	const struct out *out; /* NULL: switched off */
	uv_timer_t timer;
	uint64_t since_ms;
	unsigned turn;
	bool waiting, shown;
	char text[OUT_COLUMNS];
};

/* Nothing else of a spinner may be called before. `out` outlives it. Without `out->live` it is off.
 */
void spinner_open(struct spinner *spinner, uv_loop_t *loop, const struct out *out);

/* The handle is gone when the loop has run once more. Does nothing for one that is off. */
void spinner_close(struct spinner *spinner);

/*
 * Somebody is waited for since then (uv_now of the loop); what stood there before is wiped.
 * Printable text.
 */
void spinner_wait(struct spinner *spinner, uint64_t since_ms, const char *format, ...)
	RW_PRINTF(3, 4);

/* Nobody is waited for, and the line is free for other output. */
void spinner_wipe(struct spinner *spinner);

#endif
