/* SPDX-License-Identifier: MIT */
/* The client's output: a message in dig's layout, JSON, the small words, records one by one. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/client/dig/ask.h"
#include "resolver/client/dig/lookup_json.h"
#include "resolver/client/dig/print.h"
#include "resolver/client/json.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/records.h"
#include "tests/unit/suite.h"

/* A reply as it comes from a server: two A records, one NS, an OPT with EDE 22 and a hostile text.
 */
static const uint8_t reply_wire[] = {0x12, 0x34, 0x85, 0x80, 0, 1, 0, 2, 0, 1, 0, 1,
	/* www.test. A IN */
	3, 'w', 'w', 'w', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1,
	/* answer: two records with TTLs of their own */
	0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0x2c, 0, 4, 192, 0, 2, 10, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60,
	0, 4, 192, 0, 2, 11,
	/* authority: test. NS ns.test. */
	0xc0, 16, 0, 2, 0, 1, 0, 0, 0x0e, 0x10, 0, 5, 2, 'n', 's', 0xc0, 16,
	/* OPT: 1232, EDE 22 "a<ESC>b" */
	0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 9, 0, 15, 0, 5, 0, 22, 'a', 27, 'b'};

static struct query query;
static char *text;
static size_t text_size;
static struct out out;

static void setup(void)
{
	memset(&query, 0, sizeof(query));
	options_default(&query.options);
	ck_assert_int_eq(name_from_text("www.test", &query.name), 0);
	query.type = TYPE_A;
	query.class = CLASS_IN;
	query.options.stats = false;
	out = (struct out){.file = open_memstream(&text, &text_size)};
}

static void teardown(void)
{
	fclose(out.file);
	free(text);
	text = NULL;
}

static struct raw_message reply_of(const uint8_t *wire, size_t size)
{
	struct raw_message reply = {
		.wire = wire, .size = size, .rtt_us = 1234, .server_name = "192.0.2.1"};
	ck_assert_int_eq(addr_parse("192.0.2.1", 53, &reply.server), 0);
	return reply;
}

static const char *printed(void)
{
	struct raw_message reply = reply_of(reply_wire, sizeof(reply_wire));
	print_message(&out, &query, &reply, false);
	fflush(out.file);
	return text;
}

START_TEST(a_message_looks_like_digs)
{
	ck_assert_str_eq(printed(),
		";; Got answer:\n"
		";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4660\n"
		";; flags: qr aa rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 1\n"
		"\n"
		";; OPT PSEUDOSECTION:\n"
		"; EDNS: version: 0, flags:; udp: 1232\n"
		"; EDE: 22 (No Reachable Authority): (a\\027b)\n"
		";; QUESTION SECTION:\n"
		";www.test.\t\t\tIN\tA\n"
		"\n"
		";; ANSWER SECTION:\n"
		"www.test.\t\t300\tIN\tA\t192.0.2.10\n"
		"www.test.\t\t60\tIN\tA\t192.0.2.11\n"
		"\n"
		";; AUTHORITY SECTION:\n"
		"test.\t\t\t3600\tIN\tNS\tns.test.\n"
		"\n");
}
END_TEST

START_TEST(sections_and_columns_follow_the_options)
{
	char error[OPTIONS_ERROR];
	ck_assert_int_eq(options_set(&query.options, "noall", error), 0);
	ck_assert_int_eq(options_set(&query.options, "answer", error), 0);
	ck_assert_int_eq(options_set(&query.options, "nottlid", error), 0);
	ck_assert_str_eq(
		printed(), "www.test.\t\tIN\tA\t192.0.2.10\nwww.test.\t\tIN\tA\t192.0.2.11\n");
}
END_TEST

START_TEST(units_and_multiline)
{
	char error[OPTIONS_ERROR];
	ck_assert_int_eq(options_set(&query.options, "noall", error), 0);
	ck_assert_int_eq(options_set(&query.options, "authority", error), 0);
	ck_assert_int_eq(options_set(&query.options, "ttlunits", error), 0);
	ck_assert_int_eq(options_set(&query.options, "multiline", error), 0);
	ck_assert_str_eq(printed(), "test.\t\t\t1h IN NS ns.test.\n");
}
END_TEST

START_TEST(short_form_is_the_data)
{
	query.options.short_form = true;
	ck_assert_str_eq(printed(), "192.0.2.10\n192.0.2.11\n");
}
END_TEST

START_TEST(bad_packets_are_said_to_be_bad)
{
	for (size_t size = 0; size < sizeof(reply_wire); size++) {
		struct raw_message reply = reply_of(reply_wire, size);
		rewind(out.file);
		print_message(&out, &query, &reply, false);
		fflush(out.file);
		ck_assert_msg(strncmp(text, ";; Got bad packet", 17) == 0, "size %zu", size);
	}
}
END_TEST

START_TEST(records_keep_order_and_ttl)
{
	static const uint32_t ttls[] = {300, 60, 3600, 0};
	static const uint8_t sections[] = {
		SECTION_ANSWER, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL};
	struct arena arena;
	struct records records;
	struct record record;
	char name[LIMIT_NAME_TEXT];
	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(records_begin(reply_wire, sizeof(reply_wire), &records), 0);
	for (size_t i = 0; i < RW_COUNT(ttls); i++) {
		ck_assert_int_eq(records_next(&records, &arena, &record), 0);
		ck_assert_uint_eq(record.ttl, ttls[i]);
		ck_assert_uint_eq(record.section, sections[i]);
		if (record.type == TYPE_NS)
			ck_assert_str_eq(name_text(record.rdata.bytes, name), "ns.test.");
	}
	ck_assert_int_eq(records_next(&records, &arena, &record), RW_ENOTFOUND);
	arena_release(&arena);
}
END_TEST

START_TEST(json_has_rfc_8427_names)
{
	struct raw_message reply = reply_of(reply_wire, sizeof(reply_wire));
	lookup_json(&out, &query, &reply);
	fflush(out.file);
	ck_assert_ptr_eq(strchr(text, '\n'), text + text_size - 1);
	json_t *object = json_loads(text, 0, NULL), *msg = json_object_get(object, "msg");
	ck_assert_str_eq(json_string_value(json_object_get(object, "schema")), JSON_LOOKUP);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "rtt_us")), 1234);
	ck_assert_int_eq(json_integer_value(json_object_get(msg, "ID")), 0x1234);
	ck_assert_str_eq(json_string_value(json_object_get(msg, "QNAME")), "www.test.");
	json_t *answer = json_object_get(msg, "answerRRs");
	ck_assert_uint_eq(json_array_size(answer), 2);
	json_t *first = json_array_get(answer, 0);
	ck_assert_str_eq(json_string_value(json_object_get(first, "rdataA")), "192.0.2.10");
	ck_assert_int_eq(json_integer_value(json_object_get(first, "TTL")), 300);
	ck_assert_uint_eq(json_array_size(json_object_get(msg, "additionalRRs")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(object, "ede")), 1);
	json_decref(object);
}
END_TEST

START_TEST(queries_carry_what_the_options_say)
{
	char error[OPTIONS_ERROR];
	struct ask ask;
	struct precheck info;
	struct edns edns;
	static const char *const set[] = {"norecurse", "cdflag", "dnssec", "nsid", "bufsize=4096",
		"padding=64", "edns=3", "subnet=2001:db8::/56", "ednsopt=65001:ff"};
	for (size_t i = 0; i < RW_COUNT(set); i++)
		ck_assert_msg(options_set(&query.options, set[i], error) == 0, "%s", error);
	ck_assert_int_eq(ask_build(&query, query.options.edns_version, &ask), 0);
	ck_assert_int_eq(precheck(ask.wire, ask.size, &info), 0);
	ck_assert_uint_eq(info.flags, FLAG_AD | FLAG_CD);
	ck_assert_uint_eq(ask.size % 64, 0);
	ck_assert_int_eq(edns_read(ask.wire, ask.size, info.opt, &edns), 0);
	ck_assert_uint_eq(edns.version, 3);
	ck_assert_uint_eq(edns.udp_size, 4096);
	ck_assert(edns.dnssec_ok);
	ck_assert_ptr_nonnull(edns_find(&edns, OPTION_NSID));
	ck_assert_uint_eq(edns_find(&edns, OPTION_SUBNET)->size, 4 + 7);
	ck_assert_uint_eq(edns_find(&edns, 65001)->bytes[0], 0xff);
	ck_assert_int_eq(options_set(&query.options, "noedns", error), 0);
	ck_assert_int_eq(ask_build(&query, 0, &ask), 0);
	ck_assert_uint_eq(ask.size, HEADER_SIZE + 10 + 4);
}
END_TEST

START_TEST(small_words)
{
	char buf[OUT_TTL], small[8], name[LIMIT_NAME_TEXT];
	struct name wire;
	ck_assert_str_eq(out_ttl(0, buf), "0s");
	ck_assert_str_eq(out_ttl(90061, buf), "1d1h1m1s");
	ck_assert_str_eq(out_ttl(604800, buf), "1w");
	ck_assert_uint_lt(strlen(out_ttl(UINT32_MAX, buf)), OUT_TTL - 1);
	ck_assert_str_eq(out_duration(420, buf), "0.42ms");
	ck_assert_str_eq(out_duration(1500000, buf), "1.5s");
	ck_assert_str_eq(out_escape("a\x1b\xff", 3, name, sizeof(name)), "a\\027\\255");
	ck_assert_str_eq(out_escape("abcdefgh", 8, small, sizeof(small)), "abcd...");
	ck_assert_int_eq(name_from_text("WWW.a-rather-long-label.example.COM", &wire), 0);
	ck_assert_str_eq(out_name(wire.bytes, false, 80, name, sizeof(name)),
		"www.a-rather-long-label.example.com");
	ck_assert_uint_eq(strlen(out_name(wire.bytes, true, 20, name, sizeof(name))), 20);
}
END_TEST

/* The lines that `all` becomes at that width, each with its end marked. */
static const char *wrapped(const char *all, size_t width, char buf[256])
{
	char *end = buf;
	for (const char *at = all; *at;) {
		const char *line = at;
		int size = out_wrap(&at, width);
		end += sprintf(end, "%.*s|", size, line);
	}
	return buf;
}

START_TEST(text_is_wrapped_at_blanks)
{
	char buf[256];
	ck_assert_str_eq(wrapped("short", 10, buf), "short|");
	ck_assert_str_eq(wrapped("exactly10.", 10, buf), "exactly10.|");
	ck_assert_str_eq(wrapped("ten bytes. and more", 10, buf), "ten bytes.|and more|");
	ck_assert_str_eq(wrapped("eight by  nine", 10, buf), "eight by|nine|");
	/* no blank in the second half of a line: it is cut where it is full */
	ck_assert_str_eq(wrapped("a bcdefghijkl", 10, buf), "a bcdefghi|jkl|");
	/* a change of colour takes no column */
	ck_assert_str_eq(
		wrapped("\033[31m12345\033[0m 7890 x", 10, buf), "\033[31m12345\033[0m 7890|x|");
}
END_TEST

START_TEST(text_is_cut_with_dots)
{
	char buf[16];
	ck_assert_str_eq(out_cut("192.0.2.1", 9, buf, sizeof(buf)), "192.0.2.1");
	ck_assert_str_eq(out_cut("192.0.2.10", 9, buf, sizeof(buf)), "192.0....");
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client print");
	TCase *tests = tcase_create("print");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_message_looks_like_digs);
	tcase_add_test(tests, sections_and_columns_follow_the_options);
	tcase_add_test(tests, units_and_multiline);
	tcase_add_test(tests, short_form_is_the_data);
	tcase_add_test(tests, bad_packets_are_said_to_be_bad);
	tcase_add_test(tests, records_keep_order_and_ttl);
	tcase_add_test(tests, json_has_rfc_8427_names);
	tcase_add_test(tests, queries_carry_what_the_options_say);
	tcase_add_test(tests, small_words);
	tcase_add_test(tests, text_is_wrapped_at_blanks);
	tcase_add_test(tests, text_is_cut_with_dots);
	suite_add_tcase(suite, tests);
	return suite;
}
