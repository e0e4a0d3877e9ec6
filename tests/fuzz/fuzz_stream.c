/* SPDX-License-Identifier: MIT */
/*
 * Bytes in any slices, in both directions: they are fed to a server's stream, which sends every
 * message back, and what it writes is fed to a client's stream. The first byte chooses the limits,
 * the second says how many bytes follow that choose the slices, and the rest is what is fed.
 *
 * The same messages come out of both however the bytes were sliced, each limit holds, a stream
 * that wants to be read has room, and a slow reader's deadline runs just while there are bytes that
 * it has not taken.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/stream/framing.h"
#include "resolver/wire/rr.h"

#define WRITE_MS 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	const uint8_t *slices;
	size_t slice_count, slice;
	struct framing_limits limits;
	struct stream *server, *client;
	uint64_t now_ms;
	bool refused;         /* the client has just taken nothing, and takes something now */
	const uint8_t *bytes; /* that are fed */
	size_t size, fed;
	bool ended;
	size_t taken,
		returned; /* places in `bytes`: what has come out of the server, of the client */
	const uint8_t *pending; /* a message that the server could not send back yet, in `bytes` */
	size_t pending_size;
};

static uint8_t decide(struct world *world)
{
	return world->slice_count ? world->slices[world->slice++ % world->slice_count] : 0xff;
}

/* The next message as the bytes have it, beginning at `at`. False: none is whole, or allowed. */
static bool model_next(const struct world *world, size_t *at, struct stream_message *ret_message)
{
	if (world->fed - *at < 2)
		return false;
	size_t size = rr_get16(world->bytes + *at);
	if (size > world->limits.in_most || world->fed - *at < 2 + size)
		return false;
	*ret_message = (struct stream_message){.bytes = world->bytes + *at + 2, .size = size};
	*at += 2 + size;
	return true;
}

static bool is_too_long(const struct world *world, size_t at)
{
	return world->fed - at >= 2 && rr_get16(world->bytes + at) > world->limits.in_most;
}

static bool is_same(const struct stream_message *one, const struct stream_message *other)
{
	return one->size == other->size &&
	       (one->size == 0 || memcmp(one->bytes, other->bytes, one->size) == 0);
}

/* Up to `most` bytes into a stream that wants them; returns how many. */
static size_t put(const struct world *world, struct stream *to, const uint8_t *bytes, size_t size,
	size_t most)
{
	uint8_t *place;
	size_t room, largest = RW_MAX(world->limits.in_first, 2 + world->limits.in_most);
	int err = stream_room(to, &place, &room);
	rw_require(err == (stream_status(to).want_read ? 0 : RW_EBUSY));
	if (err)
		return 0;
	rw_require(room > 0 && room <= 2 * largest);
	size_t part = RW_MIN(RW_MIN(size, room), most);
	if (part > 0) {
		memcpy(place, bytes, part);
		stream_filled(to, part);
	}
	return part;
}

static bool feed(struct world *world)
{
	size_t part = put(world, world->server, world->bytes + world->fed, world->size - world->fed,
		1 + decide(world) % 64);
	world->fed += part;
	if (world->fed < world->size || world->ended || !stream_status(world->server).want_read)
		return part > 0;
	stream_filled(world->server, 0);
	world->ended = true;
	return true;
}

/* Sends what pends; what fits no queue at all is given up. */
static bool send_back(struct world *world)
{
	struct stream_message message = {.bytes = world->pending, .size = world->pending_size};
	size_t queued = stream_status(world->server).queued;
	if (!world->pending)
		return false;
	int err = stream_send(world->server, &message);
	rw_require(err == (queued + 2 + message.size > world->limits.out_most ? RW_ELIMIT : 0));
	if (!err || 2 + message.size > world->limits.out_most)
		world->pending = NULL;
	return !world->pending;
}

static bool take(struct world *world)
{
	struct stream_message message, wanted;
	bool moved = send_back(world);
	for (unsigned left = 1 + decide(world) % 4; left > 0 && !world->pending; left--) {
		size_t at = world->taken;
		int err = stream_next(world->server, &message);
		if (err) {
			rw_require(!model_next(world, &at, &wanted));
			rw_require(err == (is_too_long(world, at) ? RW_ELIMIT : RW_ENOTFOUND));
			return moved;
		}
		rw_require(model_next(world, &world->taken, &wanted) && is_same(&message, &wanted));
		world->pending = wanted.bytes;
		world->pending_size = wanted.size;
		(void)send_back(world);
		moved = true;
	}
	return moved;
}

static void check_server(const struct world *world)
{
	struct stream_status status = stream_status(world->server);
	rw_require(status.queued <= world->limits.out_most);
	rw_require(status.want_write == (status.queued > 0));
	rw_require(status.queued <= world->limits.out_pause || !status.want_read);
	rw_require(!status.ended || !status.want_read);
}

/* The next message that was not given up, as the bytes have it. */
static bool model_returned(struct world *world, struct stream_message *ret_message)
{
	while (model_next(world, &world->returned, ret_message))
		if (2 + ret_message->size <= world->limits.out_most)
			return true;
	return false;
}

static bool carry(struct world *world)
{
	struct stream_message message, wanted;
	size_t size;
	const uint8_t *bytes = stream_out(world->server, &size);
	uint8_t choice = decide(world);
	size_t most = RW_MAX((size_t)choice % 64, (size_t)world->refused);
	size_t part = size > 0 ? put(world, world->client, bytes, size, most) : 0;
	world->refused = most == 0;
	world->now_ms += choice;
	stream_sent(world->server, part, world->now_ms);
	uint64_t deadline_ms = stream_status(world->server).deadline_ms;
	rw_require((deadline_ms == STREAM_NEVER) == (part == size));
	rw_require(part == size || deadline_ms <= world->now_ms + WRITE_MS);
	while (stream_next(world->client, &message) == 0)
		rw_require(model_returned(world, &wanted) && is_same(&message, &wanted));
	return part > 0;
}

static void choose_limits(struct framing_limits *limits, uint8_t bits)
{
	static const size_t most[] = {0, 11, 200, 65535};
	limits->in_first = bits & 1 ? 2 : 64;
	limits->in_most = most[bits >> 1 & 3];
	limits->out_pause = bits & 8 ? 0 : 100;
	limits->out_most = bits & 16 ? 150 : 70000;
	limits->write_ms = WRITE_MS;
}

/* Every step that could move something does so sooner or later, so a still round is the end. */
static void run(struct world *world)
{
	for (size_t still = 0; still <= world->slice_count;) {
		bool moved = feed(world);
		moved |= take(world);
		check_server(world);
		moved |= carry(world);
		still = moved ? 0 : still + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = {.now_ms = 1};
	struct stream_message rest;
	if (size < 2)
		return 0;
	choose_limits(&world.limits, data[0]);
	world.slices = data + 2;
	world.slice_count = RW_MIN((size_t)data[1] % 32, size - 2);
	world.bytes = world.slices + world.slice_count;
	world.size = size - 2 - world.slice_count;
	if (framing_new(&world.limits, &world.server) == 0 &&
		framing_new(&world.limits, &world.client) == 0) {
		run(&world);
		rw_require(world.ended || is_too_long(&world, world.taken));
		rw_require(!model_next(&world, &world.taken, &rest));
		rw_require(!model_returned(&world, &rest));
	}
	stream_free(world.client);
	stream_free(world.server);
	return 0;
}
