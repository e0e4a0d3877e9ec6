/* SPDX-License-Identifier: MIT */
/* Two buffers: what has come and is not taken yet, and what is queued and not written yet. */
#include "resolver/stream/framing.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/wire/rr.h"

#define LENGTH    2           /* bytes of the length before a message */
#define OUT_FIRST 512         /* bytes of an output buffer at the least */
#define OUT_KEPT  (16 * 1024) /* bytes of an empty output buffer that is kept for what follows */

/* The bytes that count are those from `at` up to `end`. */
struct buffer {
	uint8_t *bytes;
	size_t at, end, room;
};

struct framing {
	struct stream stream;
	const struct framing_limits *limits;
	struct buffer in, out;
	size_t overdue;       /* of the bytes queued: those that must go before the deadline */
	uint64_t deadline_ms; /* STREAM_NEVER: everything went when it was tried last */
	bool ended;
};

static struct framing *of(struct stream *stream)
{
	return rw_container_of(stream, struct framing, stream);
}

static size_t held(const struct buffer *buffer)
{
	return buffer->end - buffer->at;
}

static void release(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}

/* Moves what is held to the front and makes the buffer at least that large, by doubling. */
static int reserve(struct buffer *buffer, size_t room)
{
	if (buffer->at > 0)
		memmove(buffer->bytes, buffer->bytes + buffer->at, held(buffer));
	buffer->end -= buffer->at;
	buffer->at = 0;
	if (room <= buffer->room)
		return 0;
	room = RW_MAX(room, buffer->room * 2);
	uint8_t *bytes = realloc(buffer->bytes, room);
	if (!bytes)
		return RW_ENOMEM;
	buffer->bytes = bytes;
	buffer->room = room;
	return 0;
}

/* ---- in ---- */

/* Bytes of the message that has begun, its length included; just those while it is unknown. */
static size_t expected(const struct framing *framing)
{
	const struct buffer *in = &framing->in;
	return held(in) < LENGTH ? LENGTH : LENGTH + (size_t)rr_get16(in->bytes + in->at);
}

static bool is_too_long(const struct framing *framing)
{
	return expected(framing) > LENGTH + framing->limits->in_most;
}

static bool is_whole(const struct framing *framing)
{
	return held(&framing->in) >= expected(framing);
}

static bool wants_bytes(const struct framing *framing)
{
	return !framing->ended && !is_whole(framing) && !is_too_long(framing) &&
	       held(&framing->out) <= framing->limits->out_pause;
}

static int framing_room(struct stream *stream, uint8_t **ret_bytes, size_t *ret_size)
{
	struct framing *framing = of(stream);
	struct buffer *in = &framing->in;
	if (!wants_bytes(framing))
		return RW_EBUSY;
	if (held(in) == 0 && in->room > framing->limits->in_first)
		release(in);
	if (reserve(in, RW_MAX(expected(framing), framing->limits->in_first)))
		return RW_ENOMEM;
	*ret_bytes = in->bytes + in->end;
	*ret_size = in->room - in->end;
	return 0;
}

static void framing_filled(struct stream *stream, size_t size)
{
	struct framing *framing = of(stream);
	rw_debug(size <= framing->in.room - framing->in.end);
	framing->in.end += size;
	framing->ended |= size == 0;
}

static int framing_next(struct stream *stream, struct stream_message *ret_message)
{
	struct framing *framing = of(stream);
	struct buffer *in = &framing->in;
	if (is_too_long(framing))
		return RW_ELIMIT;
	if (!is_whole(framing))
		return RW_ENOTFOUND;
	size_t size = expected(framing);
	*ret_message = (struct stream_message){
		.bytes = in->bytes + in->at + LENGTH, .size = size - LENGTH};
	in->at += size;
	return 0;
}

/* ---- out ---- */

static int framing_send(struct stream *stream, const struct stream_message *message)
{
	struct framing *framing = of(stream);
	struct buffer *out = &framing->out;
	size_t need = held(out) + LENGTH + message->size;
	if (message->size > LIMIT_MESSAGE_BYTES)
		return RW_EINVAL;
	if (need > framing->limits->out_most)
		return RW_ELIMIT;
	if (out->at + need > out->room && reserve(out, RW_MAX(need, (size_t)OUT_FIRST)))
		return RW_ENOMEM;
	rr_put16(out->bytes + out->end, (uint16_t)message->size);
	memcpy(out->bytes + out->end + LENGTH, message->bytes, message->size);
	out->end += LENGTH + message->size;
	return 0;
}

static const uint8_t *framing_out(struct stream *stream, size_t *ret_size)
{
	const struct buffer *out = &of(stream)->out;
	*ret_size = held(out);
	return held(out) > 0 ? out->bytes + out->at : NULL;
}

/*
 * The deadline is for all that was queued when the other side stopped taking it: with a new one for
 * every byte, a client that takes a byte now and then would keep its connection for ever.
 */
static void framing_sent(struct stream *stream, size_t size, uint64_t now_ms)
{
	struct framing *framing = of(stream);
	struct buffer *out = &framing->out;
	rw_debug(size <= held(out));
	out->at += size;
	framing->overdue -= RW_MIN(size, framing->overdue);
	if (framing->overdue == 0) {
		framing->overdue = held(out);
		framing->deadline_ms = held(out) > 0 && framing->limits->write_ms > 0
					       ? now_ms + framing->limits->write_ms
					       : STREAM_NEVER;
	}
	if (held(out) > 0)
		return;
	out->at = out->end = 0;
	if (out->room > OUT_KEPT)
		release(out);
}

static void framing_status(const struct stream *stream, struct stream_status *ret_status)
{
	const struct framing *framing = rw_container_of(stream, struct framing, stream);
	size_t queued = held(&framing->out);
	*ret_status = (struct stream_status){
		.want_read = wants_bytes(framing),
		.want_write = queued > 0,
		.ended = framing->ended,
		.queued = queued,
		.deadline_ms = framing->deadline_ms,
	};
}

/* ---- beginning and end ---- */

static void framing_free(struct stream *stream)
{
	struct framing *framing = of(stream);
	release(&framing->in);
	release(&framing->out);
	free(framing);
}

int framing_new(const struct framing_limits *limits, struct stream **ret_stream)
{
	static const struct stream_kind kind = {
		.room = framing_room,
		.filled = framing_filled,
		.next = framing_next,
		.send = framing_send,
		.out = framing_out,
		.sent = framing_sent,
		.status = framing_status,
		.free = framing_free,
	};
	struct framing *framing = calloc(1, sizeof(*framing));
	if (!framing)
		return RW_ENOMEM;
	framing->stream.kind = &kind;
	framing->limits = limits;
	framing->deadline_ms = STREAM_NEVER;
	*ret_stream = &framing->stream;
	return 0;
}
