/* SPDX-License-Identifier: MIT */
/*
 * A layer between bytes and messages, without input and output. The owner of the socket moves the
 * bytes and asks the layer for everything else:
 *
 *     stream_room(stream, &bytes, &size)     read up to that many bytes to that place, and then
 *     stream_filled(stream, count)           say how many came;
 *     stream_next(stream, &message)          take what the other side has said, until there is no
 *                                            whole message left;
 *     stream_send(stream, &message)          queue what it is to be told;
 *     stream_out(stream, &size)              write these bytes, and then
 *     stream_sent(stream, count, now_ms)     say how many went.
 *
 * stream_status tells what to wait for: bytes that come, room for bytes that go, a moment at which
 * the other side has been too slow. A layer knows only what it is told: it calls nobody back, keeps
 * no clock, and what it may use of memory is a limit given when it is made.
 *
 * Layers stack. What stream_next yields in one (plaintext of TLS) goes to stream_room of the one
 * above; what stream_out yields there goes to stream_send below. Whoever stacks them reads the
 * status of both: the earlier deadline counts, and the lower one may want to write although nobody
 * has sent anything (a handshake), or yield nothing from many bytes.
 */
#ifndef RW_STREAM_STREAM_H
#define RW_STREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

#define STREAM_NEVER UINT64_MAX

struct stream_message {
	const uint8_t *bytes;
	size_t size;
	uint32_t channel; /* in layers that carry several conversations at once: which; else 0 */
};

struct stream_status {
	bool want_read;       /* more bytes would be of use; false: leave them in the kernel */
	bool want_write;      /* stream_out has bytes */
	bool ended;           /* the other side sends no more; what it left unfinished is lost */
	size_t queued;        /* bytes that were sent and are not written yet */
	uint64_t deadline_ms; /* monotonic; STREAM_NEVER. Then the connection is to be given up */
};

struct stream;

/* What a layer can do; the functions below say what each means. */
struct stream_kind {
	int (*room)(struct stream *stream, uint8_t **ret_bytes, size_t *ret_size);
	void (*filled)(struct stream *stream, size_t size);
	int (*next)(struct stream *stream, struct stream_message *ret_message);
	int (*send)(struct stream *stream, const struct stream_message *message);
	const uint8_t *(*out)(struct stream *stream, size_t *ret_size);
	void (*sent)(struct stream *stream, size_t size, uint64_t now_ms);
	void (*status)(const struct stream *stream, struct stream_status *ret_status);
	void (*free)(struct stream *stream);
};

/* The first member of every layer. */
struct stream {
	const struct stream_kind *kind;
};

/* At least one byte of room, when the status says want_read. RW_EBUSY: it does not; RW_ENOMEM. */
static inline RW_MUSTCHECK int stream_room(
	struct stream *stream, uint8_t **ret_bytes, size_t *ret_size)
{
	return stream->kind->room(stream, ret_bytes, ret_size);
}

/* So many bytes are in the room that was given last. 0: the other side has ended. */
static inline void stream_filled(struct stream *stream, size_t size)
{
	stream->kind->filled(stream, size);
}

/*
 * The next whole message; its bytes are the layer's, until the next call of stream_next or
 * stream_room. RW_ENOTFOUND: none is whole yet. RW_ELIMIT, RW_EMALFORMED: what has come breaks the
 * rules, and so will every further call; the connection is of no use.
 */
static inline RW_MUSTCHECK int stream_next(
	struct stream *stream, struct stream_message *ret_message)
{
	return stream->kind->next(stream, ret_message);
}

/*
 * Queues a copy, whole or not at all. RW_ELIMIT: too much is queued; RW_EBUSY: the layer is not
 * that far yet, try again when bytes have come; RW_EINVAL: no message is that long; RW_ENOMEM.
 */
static inline RW_MUSTCHECK int stream_send(
	struct stream *stream, const struct stream_message *message)
{
	return stream->kind->send(stream, message);
}

/* The bytes to be written next, until the next call that changes the layer; `*ret_size` 0: none. */
static inline const uint8_t *stream_out(struct stream *stream, size_t *ret_size)
{
	return stream->kind->out(stream, ret_size);
}

/* So many of them are written; 0: the other side takes none for now. */
static inline void stream_sent(struct stream *stream, size_t size, uint64_t now_ms)
{
	stream->kind->sent(stream, size, now_ms);
}

static inline struct stream_status stream_status(const struct stream *stream)
{
	struct stream_status status;
	stream->kind->status(stream, &status);
	return status;
}

/* NULL does nothing. */
static inline void stream_free(struct stream *stream)
{
	if (stream)
		stream->kind->free(stream);
}

#endif
