/* SPDX-License-Identifier: MIT */
/* A trace for programs: one object per note, then one with the verdict; schema JSON_TRACE. */
#ifndef RW_CLIENT_TRACE_JSON_H
#define RW_CLIENT_TRACE_JSON_H

#include "resolver/client/json.h"
#include "resolver/client/trace/diagnosis.h"
#include "resolver/client/trace/history.h"

#define JSON_TRACE "rootwalk.trace/1"

/* A note that the history has already taken in; `wire` is the reply it tells of, or NULL. */
void trace_json_note(const struct out *out, const struct history *history, struct arena *arena,
	const struct note *note, const uint8_t *wire, size_t size);

/* `result` may be NULL. */
void trace_json_end(const struct out *out, const struct history *history, struct arena *arena,
	const struct machine_result *result, const struct diagnosis *end);

#endif
