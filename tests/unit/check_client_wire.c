/* SPDX-License-Identifier: MIT */
/* Messages byte by byte: the meaning of each, whatever the bytes are; captures there and back. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/client/wire/capture.h"
#include "resolver/client/wire/dissect.h"
#include "resolver/client/wire/input.h"
#include "resolver/wire/text.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

#define ROWS 512

static struct arena arena;
static uint8_t wire[LIMIT_MESSAGE_BYTES];
static size_t size;

/* What the dissection said, as "label|text" lines; and whether it left no byte out. */
static char said[1 << 20];
static size_t used, covered;
static struct dissect_summary sum;

static void take(void *ctx, const struct dissect_field *field)
{
	(void)ctx;
	ck_assert_uint_eq(field->offset, covered);
	covered += field->size;
	for (const char *at = field->text; *at; at++)
		ck_assert(*at >= 0x20 && *at < 0x7f);
	if (used + strlen(field->text) + 64 < sizeof(said))
		used += (size_t)sprintf(said + used, "%s|%s\n", field->label, field->text);
}

static void read_all(void)
{
	used = covered = 0;
	said[0] = '\0';
	dissect(wire, size, take, NULL, &sum);
	ck_assert_uint_eq(covered, size);
}

static void assert_said(const char *text)
{
	ck_assert_msg(strstr(said, text), "'%s' is not in:\n%s", text, said);
}

static void put(const void *bytes, size_t count)
{
	memcpy(wire + size, bytes, count);
	size += count;
}

static void begin(void)
{
	static const uint8_t header[HEADER_SIZE] = {0x12, 0x34, 0x84, 0x03};
	arena_release(&arena);
	arena_init(&arena, 1u << 20);
	size = 0;
	put(header, sizeof(header));
}

/* A record "type rdata" of a.test., as a server would send it. */
static void add(const char *text)
{
	struct rrset *set;
	uint8_t fixed[10] = {0, 0, 0, 1, 0, 0, 0x0e, 0x10};
	const char *line = arena_printf(&arena, "a.test. 3600 IN %s", text);
	ck_assert_int_eq(text_to_rrset(&arena, line, NULL, NULL, 0, &set), 0);
	put(set->owner, name_size(set->owner));
	rr_put16(fixed, set->type);
	rr_put16(fixed + 8, set->records[0].size);
	put(fixed, sizeof(fixed));
	put(set->records[0].bytes, set->records[0].size);
	wire[7]++;
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *record, *said;
} kinds[] = {
	{"A 192.0.2.1", "address|192.0.2.1\n"},
	{"AAAA 2001:db8::1", "address|2001:db8::1\n"},
	{"NS ns.b.", "server|[2]ns\n|[1]b [0]  = ns.b.\n"},
	{"CNAME b.", "target|[1]b [0]  = b.\n"},
	{"SOA m. h. 7 3600 600 86400 60", "serial|7\nrefresh|3600 = 1h\nretry|600 = "
					  "10m\nexpire|86400 = 1d\nminimum|60 = 1m\n"},
	{"MX 10 .", "preference|10\nexchange|[0]  = .\n"},
	{"TXT \"one\" \"t\\000o\"", "string|[3]one\n|[3]t\\000o\n"},
	{"SRV 1 2 53 b.", "priority|1\nweight|2\nport|53\ntarget|[1]b"},
	{"DS 7 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		"key tag|7\nalgorithm|13 ECDSAP256SHA256\ndigest type|2 SHA-256\ndigest|32 "
		"bytes\n"},
	{"DNSKEY 257 3 15 AAAA",
		"flags|257 zone-key SEP (KSK)\nprotocol|3\nalgorithm|15 ED25519\npublic key|3 "
		"bytes\n"},
	{"RRSIG A 8 2 300 20270101000000 20260101000000 7 b. AAAA",
		"covers|A\nalgorithm|8 RSASHA256\nlabels|2\noriginal ttl|300 = 5m\n"
		"expires|2027-01-01 00:00:00Z\nfrom|2026-01-01 00:00:00Z\nkey tag|7\nsigner|[1]b "
		"[0] "
		" = b.\nsignature|3 bytes\n"},
	{"NSEC b. A MX TYPE1234", "types|window 0: A MX\n|window 4: TYPE1234\n"},
	{"NSEC3 1 0 5 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A",
		"iterations|5\nsalt|[2]\nnext hash|[20]2t7b4g4vsa5smi47k61mv5bv1a22bojr\n"
		"types|window 0: A\n"},
	{"CAA 0 issue \"ca.b\"", "flags|0\ntag|[5]issue\nvalue|\"ca.b\"\n"},
	{"HTTPS 1 . alpn=h3 port=8443 ipv4hint=192.0.2.1 mandatory=alpn",
		"param|0 mandatory, 2 bytes\nkey|1 alpn\n|1 alpn, 3 bytes\nprotocol|[2]h3\n"
		"|3 port, 2 bytes\nport|8443\n|4 ipv4hint, 4 bytes\naddress|192.0.2.1\n"},
	{"TYPE65280 \\# 2 abcd",
		"type class|TYPE65280 IN\nttl|3600 = 1h\nrdlength|2\ndata|2 bytes\n"},
};

START_TEST(every_type_has_its_fields)
{
	begin();
	for (size_t i = 0; i < RW_COUNT(kinds); i++)
		add(kinds[i].record);
	read_all();
	ck_assert(!sum.broken);
	ck_assert_uint_eq(sum.left_over, 0);
	for (size_t i = 0; i < RW_COUNT(kinds); i++)
		assert_said(kinds[i].said);
	assert_said("id|4660\nflags|1000 0100 0000 0011\n");
	assert_said("rcode=3 NXDOMAIN");
}
END_TEST

START_TEST(pointers_are_resolved_and_counted)
{
	static const uint8_t rest[] = {3, 'w', 'w', 'w', 1, 'b', 0, 0, 1, 0, 1, 0xc0, 16, 0, 5, 0,
		1, 0, 0, 0, 0, 0, 4, 1, 'x', 0xc0, 12};
	begin();
	put(rest, sizeof(rest));
	wire[5] = wire[7] = 1;
	read_all();
	assert_said("answer 1|pointer 0010 = b.\n");
	assert_said("target|[1]x\n|pointer 000c = www.b.\n|= x.www.b.\n");
	ck_assert_uint_eq(sum.pointers, 2);
	ck_assert_uint_eq(sum.saved, 1 + 5);
	ck_assert(!sum.broken);
}
END_TEST

START_TEST(edns_options_are_named)
{
	static const uint8_t opt[] = {0, 0, 41, 4, 208, 1, 0, 0x80, 0, 0, 33, 0, 3, 0, 2, 'n', 1, 0,
		15, 0, 3, 0, 22, '!', 0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2, 0, 12, 0, 1, 0, 0xff,
		0xfe, 0, 0};
	begin();
	put(opt, sizeof(opt));
	wire[11] = 1;
	read_all();
	assert_said("udp size|1232\nrcode high|1\nversion|0\nflags|do=1\nrdlength|33\n");
	assert_said("option|3 NSID, 2 bytes\nserver id|\"n\\001\"\n");
	assert_said("code|22 No Reachable Authority\ntext|\"!\"\n");
	assert_said("family|1 IPv4\nsource bits|24\nscope bits|0\naddress|192.0.2.0\n");
	assert_said("option|12 PADDING, 1 byte\npadding|1 byte\noption|65534 (unknown), 0 bytes\n");
	ck_assert(!sum.broken);
}
END_TEST

START_TEST(faults_are_named_and_nothing_is_left_out)
{
	static const uint8_t loop[] = {0xc0, 12, 0, 1, 0, 1}, odd[] = {0x41, 0, 0};
	begin();
	put(loop, sizeof(loop));
	wire[5] = 1;
	read_all();
	ck_assert(sum.broken);
	assert_said("question|pointer 000c = (broken)\nnot read|4 bytes behind the fault\n");
	begin();
	put(odd, sizeof(odd));
	wire[5] = 1;
	read_all();
	assert_said("question|a label type that does not exist\n");
	begin();
	add("A 192.0.2.1");
	size -= 2;
	read_all();
	ck_assert(sum.broken);
	assert_said("rdata|cut short: 4 bytes wanted, 2 there\n");
	begin();
	put("junk", 4);
	read_all();
	ck_assert_uint_eq(sum.left_over, 4);
	size = 5;
	read_all();
	assert_said("header|cut short: 12 bytes wanted, 5 there\n");
}
END_TEST

/* Mutations of a rich message: every byte stays in one field, and all text is printable. */
START_TEST(any_bytes_are_read_in_bounds)
{
	uint8_t whole[4096];
	begin();
	for (size_t i = 0; i < RW_COUNT(kinds); i++)
		add(kinds[i].record);
	size_t length = size;
	memcpy(whole, wire, length);
	srandom(1);
	for (int round = 0; round < 5000; round++) {
		memcpy(wire, whole, length);
		size = length - (round % 3 == 0 ? (size_t)random() % length : 0);
		for (int flips = 1 + round % 8; flips > 0; flips--)
			wire[(size_t)random() % length] = (uint8_t)random();
		read_all();
	}
	memset(wire, 0xc0, sizeof(wire));
	size = sizeof(wire);
	read_all();
}
END_TEST

/* ---- captures ---- */

static uint8_t held[8][8192];
static struct input_message messages[8];
static unsigned count;

static void hold(void *ctx, const struct input_message *message)
{
	(void)ctx;
	ck_assert_uint_lt(count, RW_COUNT(messages));
	memcpy(held[count], message->wire, RW_MIN(message->size, sizeof(held[0])));
	messages[count] = *message;
	messages[count].wire = held[count];
	count++;
}

START_TEST(what_a_capture_holds_is_read_again)
{
	char path[FILEKIT_PATH], error[CAPTURE_ERROR];
	struct capture *capture;
	struct raw_message reply = {.size = 40};
	filekit_new(path, "");
	begin();
	for (int i = 0; i < 100; i++)
		put("0123456789", 10);
	reply.wire = wire;
	for (int round = 0; round < 4; round++) {
		ck_assert_int_eq(addr_parse(round % 2 ? "::1" : "127.0.0.1", 53, &reply.server), 0);
		reply.tcp = round > 1;
		reply.size = round == 3 ? HEADER_SIZE : 40;
		ck_assert_int_eq(capture_open(path, round > 0, error, &capture), 0);
		capture_exchange(capture, wire, 30, &reply);
		ck_assert_int_eq(capture_close(capture), 0);
	}
	count = 0;
	ck_assert_int_eq(input_read(path, 53, hold, NULL, error), 0);
	unlink(path);
	ck_assert_uint_eq(count, 8);
	for (unsigned i = 0; i < count; i++) {
		ck_assert_uint_eq(messages[i].number, i + 1);
		ck_assert_uint_eq(messages[i].size, i == 7 ? HEADER_SIZE : i % 2 ? 40 : 30);
		ck_assert_int_eq(messages[i].tcp, i > 3);
		ck_assert_int_eq(messages[i].from.family, i / 2 % 2 ? ADDR_V6 : ADDR_V4);
		ck_assert_uint_eq((i % 2 ? messages[i].from : messages[i].to).port, 53);
		ck_assert_mem_eq(messages[i].wire, wire, messages[i].size);
	}
}
END_TEST

/* It is read as far as it goes, and then it is said that it ends there. */
START_TEST(a_damaged_capture_is_told)
{
	char path[FILEKIT_PATH], error[INPUT_ERROR];
	struct capture *capture;
	struct raw_message reply = {.size = 40, .wire = wire};
	filekit_new(path, "");
	begin();
	ck_assert_int_eq(addr_parse("127.0.0.1", 53, &reply.server), 0);
	ck_assert_int_eq(capture_open(path, false, error, &capture), 0);
	for (int round = 0; round < 2; round++)
		capture_exchange(capture, wire, 30, &reply);
	ck_assert_int_eq(capture_close(capture), 0);
	ck_assert_int_eq(truncate(path, 24 + (16 + 28 + 30) + (16 + 28 + 40) + 20), 0);
	count = 0;
	ck_assert_int_eq(input_read(path, 53, hold, NULL, error), RW_EMALFORMED);
	unlink(path);
	ck_assert_uint_eq(count, 2);
	ck_assert_ptr_nonnull(strstr(error, "damaged behind packet 2: "));
}
END_TEST

START_TEST(hex_and_bytes_are_messages_too)
{
	static const char *const texts[] = {
		"1234 0100:0001\n0000 0000 0000\n", "\x12\x34\x01", "", "123"};
	static const unsigned sizes[] = {12, 3, 0, 3};
	char path[FILEKIT_PATH], error[INPUT_ERROR];
	filekit_new(path, "");
	for (size_t i = 0; i < RW_COUNT(texts); i++) {
		filekit_write(path, texts[i]);
		count = 0;
		int err = input_read(path, 53, hold, NULL, error);
		ck_assert_int_eq(err, sizes[i] ? 0 : RW_EMALFORMED);
		ck_assert_uint_eq(count, sizes[i] ? 1 : 0);
		if (count)
			ck_assert_uint_eq(messages[0].size, sizes[i]);
	}
	unlink(path);
	ck_assert_int_eq(input_read("/nonexistent", 53, hold, NULL, error), RW_ESYSTEM);
}
END_TEST

START_TEST(any_packet_is_read_in_bounds)
{
	uint8_t packet[128];
	srandom(2);
	for (int round = 0; round < 20000; round++) {
		count = 0;
		for (size_t i = 0; i < sizeof(packet); i++)
			packet[i] = (uint8_t)random();
		packet[0] = round % 2 ? 0x45 : 0x60;
		packet[2] = 0;
		packet[6] = round % 2 ? 0 : 17;
		packet[9] = round % 3 ? 17 : 6;
		packet[20] = packet[40] = 0;
		packet[21] = packet[41] = 53;
		size_t length = (size_t)random() % sizeof(packet);
		uint8_t *exact = malloc(length + 1);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, packet, length);
		(void)input_packet(exact, length, 53, 1, hold, NULL);
		free(exact);
	}
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client wire");
	TCase *tests = tcase_create("core");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, teardown);
	tcase_add_test(tests, every_type_has_its_fields);
	tcase_add_test(tests, pointers_are_resolved_and_counted);
	tcase_add_test(tests, edns_options_are_named);
	tcase_add_test(tests, faults_are_named_and_nothing_is_left_out);
	tcase_add_test(tests, any_bytes_are_read_in_bounds);
	tcase_add_test(tests, what_a_capture_holds_is_read_again);
	tcase_add_test(tests, a_damaged_capture_is_told);
	tcase_add_test(tests, hex_and_bytes_are_messages_too);
	tcase_add_test(tests, any_packet_is_read_in_bounds);
	suite_add_tcase(suite, tests);
	return suite;
}
