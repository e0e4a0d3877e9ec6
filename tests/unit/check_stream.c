/* SPDX-License-Identifier: MIT */
/* Lengths and messages: any slices, limits, back-pressure and deadlines; and two layers stacked. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/stream/framing.h"
#include "resolver/wire/rr.h"
#include "tests/unit/suite.h"

static const struct framing_limits limits = {
	.in_first = 16, .in_most = 1000, .out_pause = 100, .out_most = 300, .write_ms = 5000};

static struct stream *stream;
static struct stream_message message;

static void begin(void)
{
	ck_assert_int_eq(framing_new(&limits, &stream), 0);
}

static void finish(void)
{
	stream_free(stream);
}

static struct stream_status status(void)
{
	return stream_status(stream);
}

/* As much as there is room for; returns how much that was. */
static size_t put(struct stream *to, const uint8_t *bytes, size_t size)
{
	uint8_t *place;
	size_t room;
	ck_assert_int_eq(stream_room(to, &place, &room), 0);
	ck_assert_uint_gt(room, 0);
	size_t part = RW_MIN(size, room);
	memcpy(place, bytes, part);
	stream_filled(to, part);
	return part;
}

static void put_all(const uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size;)
		at += put(stream, bytes + at, size - at);
}

static void put_length(uint16_t size)
{
	uint8_t length[2];
	rr_put16(length, size);
	put_all(length, 2);
}

static int send_bytes(const uint8_t *bytes, size_t size)
{
	return stream_send(stream, &(struct stream_message){.bytes = bytes, .size = size});
}

static void expect(const uint8_t *bytes, size_t size)
{
	ck_assert_int_eq(stream_next(stream, &message), 0);
	ck_assert_uint_eq(message.size, size);
	ck_assert_int_eq(memcmp(message.bytes, bytes, size), 0);
}

static void expect_nothing(void)
{
	ck_assert_int_eq(stream_next(stream, &message), RW_ENOTFOUND);
}

/* ---- in ---- */

START_TEST(single_bytes_make_a_message)
{
	static const uint8_t frame[] = {0, 3, 'a', 'b', 'c'};
	begin();
	for (unsigned i = 0; i < sizeof(frame); i++) {
		expect_nothing();
		ck_assert(status().want_read);
		put_all(frame + i, 1);
	}
	expect(frame + 2, 3);
	expect_nothing();
	finish();
}
END_TEST

START_TEST(one_slice_has_many_messages_and_the_start_of_another)
{
	static const uint8_t frames[] = {0, 1, 'a', 0, 2, 'b', 'c', 0, 1, 'd', 0, 2, 'e'};
	begin();
	ck_assert_uint_eq(put(stream, frames, sizeof(frames)), sizeof(frames));
	expect(frames + 2, 1);
	expect(frames + 5, 2);
	expect(frames + 9, 1);
	expect_nothing();
	put_all((const uint8_t *)"f", 1);
	expect((const uint8_t *)"ef", 2);
	finish();
}
END_TEST

START_TEST(a_message_may_be_empty)
{
	begin();
	ck_assert_uint_eq(put(stream, (const uint8_t[]){0, 0, 0, 0}, 4), 4);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(stream_next(stream, &message), 0);
		ck_assert_uint_eq(message.size, 0);
	}
	expect_nothing();
	finish();
}
END_TEST

START_TEST(the_longest_message_fits_and_its_memory_goes)
{
	static uint8_t bytes[1000];
	uint8_t *place;
	size_t room;
	begin();
	memset(bytes, 'x', sizeof(bytes));
	put_length(sizeof(bytes));
	put_all(bytes, sizeof(bytes));
	expect(bytes, sizeof(bytes));
	ck_assert_int_eq(stream_room(stream, &place, &room), 0);
	ck_assert_uint_eq(room, limits.in_first);
	finish();
}
END_TEST

START_TEST(a_longer_one_breaks_the_stream)
{
	static const uint8_t frames[] = {0, 1, 'a', 1001 >> 8, 1001 & 255, 'x'};
	uint8_t *place;
	size_t room;
	begin();
	put_all(frames, sizeof(frames));
	expect(frames + 2, 1); /* what came before counts */
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(stream_next(stream, &message), RW_ELIMIT);
	ck_assert(!status().want_read);
	ck_assert_int_eq(stream_room(stream, &place, &room), RW_EBUSY);
	finish();
}
END_TEST

START_TEST(half_a_message_at_the_end_is_lost)
{
	static const uint8_t frames[] = {0, 1, 'a', 0, 2, 'b'};
	begin();
	put_all(frames, sizeof(frames));
	ck_assert(!status().ended);
	expect(frames + 2, 1);
	stream_filled(stream, 0);
	ck_assert(status().ended && !status().want_read);
	expect_nothing();
	/* The other direction goes on: a client may half-close and wait. */
	ck_assert_int_eq(send_bytes(frames, 3), 0);
	ck_assert(status().want_write);
	finish();
}
END_TEST

START_TEST(whole_messages_before_the_end_are_taken_after_it)
{
	static const uint8_t first[] = {0, 1, 'a', 0}, rest[] = {1, 'b'};
	begin();
	put_all(first, sizeof(first));
	expect(first + 2, 1);
	put_all(rest, sizeof(rest));
	uint8_t *place;
	size_t room;
	ck_assert_int_eq(stream_room(stream, &place, &room), RW_EBUSY); /* one is whole */
	stream_filled(stream, 0);
	expect(rest + 1, 1);
	ck_assert(status().ended);
	finish();
}
END_TEST

/* ---- back-pressure ---- */

START_TEST(nothing_is_read_while_a_message_waits)
{
	static const uint8_t frame[] = {0, 1, 'a'};
	begin();
	ck_assert(status().want_read);
	put_all(frame, sizeof(frame));
	ck_assert(!status().want_read);
	expect(frame + 2, 1);
	ck_assert(status().want_read);
	finish();
}
END_TEST

START_TEST(unwritten_bytes_stop_the_reading)
{
	static const uint8_t bytes[50];
	begin();
	ck_assert(!status().want_write);
	ck_assert_int_eq(send_bytes(bytes, 50), 0);
	ck_assert(status().want_read && status().want_write);
	ck_assert_int_eq(send_bytes(bytes, 50), 0);
	ck_assert_uint_eq(status().queued, 104);
	ck_assert(!status().want_read);
	stream_sent(stream, 3, 0);
	ck_assert(!status().want_read);
	stream_sent(stream, 1, 0);
	ck_assert(status().want_read);
	finish();
}
END_TEST

START_TEST(the_queue_is_bounded)
{
	static const uint8_t bytes[LIMIT_MESSAGE_BYTES + 1];
	size_t size;
	begin();
	ck_assert_int_eq(send_bytes(bytes, 299), RW_ELIMIT);
	ck_assert_int_eq(send_bytes(bytes, 298), 0);
	ck_assert_int_eq(send_bytes(bytes, 0), RW_ELIMIT);
	ck_assert_int_eq(send_bytes(bytes, sizeof(bytes)), RW_EINVAL);
	ck_assert_uint_eq(status().queued, 300);
	stream_sent(stream, 2, 0);
	ck_assert_int_eq(send_bytes(bytes, 0), 0);
	(void)stream_out(stream, &size);
	ck_assert_uint_eq(size, 300);
	finish();
}
END_TEST

/* ---- out ---- */

START_TEST(messages_go_out_with_their_lengths_in_any_parts)
{
	static const uint8_t wanted[] = {0, 2, 'a', 'b', 0, 0, 0, 1, 'c'};
	uint8_t got[sizeof(wanted)];
	size_t size, have = 0;
	begin();
	ck_assert_ptr_null(stream_out(stream, &size));
	ck_assert_uint_eq(size, 0);
	ck_assert_int_eq(send_bytes(wanted + 2, 2), 0);
	ck_assert_int_eq(send_bytes(wanted, 0), 0);
	memcpy(got, stream_out(stream, &size), 3);
	ck_assert_uint_eq(size, 6);
	stream_sent(stream, 3, 0);
	have = 3;
	ck_assert_int_eq(send_bytes(wanted + 8, 1), 0); /* behind what is half written */
	for (const uint8_t *out; (out = stream_out(stream, &size)); have++) {
		got[have] = out[0];
		stream_sent(stream, 1, 0);
	}
	ck_assert_uint_eq(have, sizeof(wanted));
	ck_assert_int_eq(memcmp(got, wanted, sizeof(wanted)), 0);
	finish();
}
END_TEST

START_TEST(the_queue_is_a_queue_however_often_it_turns)
{
	uint8_t in = 0, out = 0;
	size_t size;
	begin();
	for (unsigned i = 0; i < 2000; i++) {
		while (send_bytes(&in, 1) == 0)
			in++;
		for (unsigned j = 0; j < 1 + i % 7; j++) {
			const uint8_t *bytes = stream_out(stream, &size);
			ck_assert_uint_ge(size, 3);
			ck_assert_uint_eq(rr_get16(bytes), 1);
			ck_assert_uint_eq(bytes[2], out++);
			stream_sent(stream, 3, 0);
		}
	}
	finish();
}
END_TEST

/* ---- deadlines ---- */

START_TEST(a_slow_reader_has_its_time)
{
	static const uint8_t bytes[8];
	begin();
	ck_assert(status().deadline_ms == STREAM_NEVER);
	ck_assert_int_eq(send_bytes(bytes, 8), 0);
	ck_assert(status().deadline_ms == STREAM_NEVER); /* nobody has tried yet */
	stream_sent(stream, 0, 1000);
	ck_assert_uint_eq(status().deadline_ms, 6000);
	ck_assert_int_eq(send_bytes(bytes, 8), 0);
	stream_sent(stream, 9, 3000); /* a drop now and then is no reason to wait for ever */
	ck_assert_uint_eq(status().deadline_ms, 6000);
	stream_sent(
		stream, 1, 4000); /* what was there at 1000 has gone: now it is the next one's */
	ck_assert_uint_eq(status().deadline_ms, 9000);
	stream_sent(stream, 10, 5000);
	ck_assert(status().deadline_ms == STREAM_NEVER);
	finish();
}
END_TEST

START_TEST(without_a_limit_there_is_no_deadline)
{
	struct framing_limits patient = limits;
	patient.write_ms = 0;
	ck_assert_int_eq(framing_new(&patient, &stream), 0);
	ck_assert_int_eq(send_bytes((const uint8_t *)"x", 1), 0);
	stream_sent(stream, 0, 1000);
	ck_assert(status().deadline_ms == STREAM_NEVER);
	finish();
}
END_TEST

/* ---- two layers ---- */

/*
 * A layer that stands where TLS will: each side greets with one byte before it takes anything, and
 * then sends records of a length and up to RECORD veiled bytes.
 */
#define RECORD      7
#define GREETING    'H'
#define GREETING_MS 500

struct veil {
	struct stream stream;
	bool greeted, was_greeted;
	uint8_t in[1 + RECORD], plain[RECORD], out[64];
	size_t in_have, out_have;
};

static int veil_room(struct stream *at, uint8_t **ret_bytes, size_t *ret_size)
{
	struct veil *veil = (struct veil *)(void *)at;
	*ret_bytes = veil->in + veil->in_have;
	*ret_size = veil->was_greeted ? sizeof(veil->in) - veil->in_have : 1;
	return *ret_size > 0 ? 0 : RW_EBUSY;
}

static void veil_filled(struct stream *at, size_t size)
{
	struct veil *veil = (struct veil *)(void *)at;
	veil->in_have += size;
	if (veil->was_greeted || size == 0)
		return;
	ck_assert_uint_eq(veil->in[0], GREETING);
	veil->was_greeted = true;
	veil->in_have = 0;
}

static int veil_next(struct stream *at, struct stream_message *ret_message)
{
	struct veil *veil = (struct veil *)(void *)at;
	size_t size = veil->in[0];
	if (veil->in_have == 0 || veil->in_have < 1 + size)
		return RW_ENOTFOUND;
	for (size_t i = 0; i < size; i++)
		veil->plain[i] = veil->in[1 + i] ^ 0x5a;
	veil->in_have -= 1 + size;
	memmove(veil->in, veil->in + 1 + size, veil->in_have);
	*ret_message = (struct stream_message){.bytes = veil->plain, .size = size};
	return 0;
}

static int veil_send(struct stream *at, const struct stream_message *plain)
{
	struct veil *veil = (struct veil *)(void *)at;
	if (!veil->was_greeted)
		return RW_EBUSY;
	if (veil->out_have + 1 + plain->size > sizeof(veil->out))
		return RW_ELIMIT;
	veil->out[veil->out_have++] = (uint8_t)plain->size;
	for (size_t i = 0; i < plain->size; i++)
		veil->out[veil->out_have++] = plain->bytes[i] ^ 0x5a;
	return 0;
}

static const uint8_t *veil_out(struct stream *at, size_t *ret_size)
{
	static const uint8_t greeting = GREETING;
	struct veil *veil = (struct veil *)(void *)at;
	*ret_size = veil->greeted ? veil->out_have : 1;
	return veil->greeted ? veil->out : &greeting;
}

static void veil_sent(struct stream *at, size_t size, uint64_t now_ms)
{
	struct veil *veil = (struct veil *)(void *)at;
	(void)now_ms;
	if (!veil->greeted) {
		veil->greeted = size > 0;
		return;
	}
	veil->out_have -= size;
	memmove(veil->out, veil->out + size, veil->out_have);
}

static void veil_status(const struct stream *at, struct stream_status *ret_status)
{
	const struct veil *veil = (const struct veil *)(const void *)at;
	*ret_status = (struct stream_status){.want_read = true,
		.want_write = !veil->greeted || veil->out_have > 0,
		.queued = veil->out_have,
		.deadline_ms = veil->was_greeted ? STREAM_NEVER : GREETING_MS};
}

static void veil_free(struct stream *at)
{
	free(at);
}

/* One end of a connection: framing on a veil. */
struct end {
	struct stream *lower, *upper;
};

static struct end end_new(void)
{
	static const struct stream_kind kind = {veil_room, veil_filled, veil_next, veil_send,
		veil_out, veil_sent, veil_status, veil_free};
	struct veil *veil = calloc(1, sizeof(*veil));
	struct end end = {.lower = &veil->stream};
	veil->stream.kind = &kind;
	ck_assert_int_eq(framing_new(&limits, &end.upper), 0);
	return end;
}

static void end_free(struct end *end)
{
	stream_free(end->lower);
	stream_free(end->upper);
}

/* What is queued above goes down as far as there is room. */
static void sink(struct end *end)
{
	size_t size;
	const uint8_t *bytes;
	while ((bytes = stream_out(end->upper, &size))) {
		struct stream_message plain = {.bytes = bytes, .size = RW_MIN(size, RECORD)};
		if (stream_send(end->lower, &plain))
			return;
		stream_sent(end->upper, plain.size, 0);
	}
}

/* What has come below goes up, as long as no whole message waits there. */
static void rise(struct end *end)
{
	struct stream_message plain;
	while (stream_status(end->upper).want_read && stream_next(end->lower, &plain) == 0)
		for (size_t at = 0; at < plain.size;)
			at += put(end->upper, plain.bytes + at, plain.size - at);
}

/* Up to `most` bytes over the wire; false: there were none. */
static bool carry(struct end *from, struct end *to, size_t most)
{
	size_t size, room;
	uint8_t *place;
	sink(from);
	const uint8_t *bytes = stream_out(from->lower, &size);
	if (size == 0)
		return false;
	ck_assert_int_eq(stream_room(to->lower, &place, &room), 0);
	size = RW_MIN(RW_MIN(size, room), most);
	memcpy(place, bytes, size);
	stream_filled(to->lower, size);
	stream_sent(from->lower, size, 0);
	rise(to);
	return true;
}

START_TEST(layers_stack)
{
	static const char question[] = "a question that takes several records";
	size_t most = (size_t)_i;
	struct end client = end_new(), server = end_new();
	ck_assert_int_eq(stream_send(client.upper,
				 &(struct stream_message){.bytes = (const uint8_t *)question,
					 .size = sizeof(question)}),
		0);
	sink(&client);
	ck_assert_uint_eq(stream_status(client.upper).queued, 2 + sizeof(question));
	ck_assert(stream_status(client.lower).want_write);
	ck_assert_uint_eq(stream_status(client.lower).deadline_ms, GREETING_MS);
	bool has_moved;
	do {
		has_moved = carry(&client, &server, most);
		has_moved |= carry(&server, &client, most);
	} while (has_moved);
	ck_assert(stream_status(client.lower).deadline_ms == STREAM_NEVER);
	stream = server.upper;
	expect((const uint8_t *)question, sizeof(question));
	expect_nothing();
	end_free(&client);
	end_free(&server);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *framing = tcase_create("framing");
	tcase_add_test(framing, single_bytes_make_a_message);
	tcase_add_test(framing, one_slice_has_many_messages_and_the_start_of_another);
	tcase_add_test(framing, a_message_may_be_empty);
	tcase_add_test(framing, the_longest_message_fits_and_its_memory_goes);
	tcase_add_test(framing, a_longer_one_breaks_the_stream);
	tcase_add_test(framing, half_a_message_at_the_end_is_lost);
	tcase_add_test(framing, whole_messages_before_the_end_are_taken_after_it);
	tcase_add_test(framing, nothing_is_read_while_a_message_waits);
	tcase_add_test(framing, unwritten_bytes_stop_the_reading);
	tcase_add_test(framing, the_queue_is_bounded);
	tcase_add_test(framing, messages_go_out_with_their_lengths_in_any_parts);
	tcase_add_test(framing, the_queue_is_a_queue_however_often_it_turns);
	tcase_add_test(framing, a_slow_reader_has_its_time);
	tcase_add_test(framing, without_a_limit_there_is_no_deadline);
	suite_add_tcase(suite, framing);
	TCase *layers = tcase_create("layers");
	tcase_add_loop_test(layers, layers_stack, 1, 9);
	suite_add_tcase(suite, layers);
	return suite;
}
