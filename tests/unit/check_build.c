/* SPDX-License-Identifier: MIT */
/* The builder: round trips, compression, truncation at a set's border, the OPT record. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "resolver/wire/build.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct builder b;
static uint8_t out[65535];

static void setup(void)
{
	arena_init(&arena, 32 << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct rrset *set_of(const char *line)
{
	struct rrset *set;
	ck_assert_msg(text_to_rrset(&arena, line, NULL, NULL, 300, &set) == 0, "%s", line);
	return set;
}

static struct question question_of(const char *text)
{
	struct name *name = arena_alloc(&arena, sizeof(*name));
	ck_assert_int_eq(name_from_text(text, name), 0);
	return (struct question){name->bytes, TYPE_A, CLASS_IN};
}

/* Several addresses of one owner. */
static struct rrset *addresses(const char *owner, unsigned count)
{
	struct rrset *set = set_of(arena_printf(&arena, "%s A 192.0.2.0", owner));
	set->records = arena_alloc(&arena, count * sizeof(*set->records));
	set->count = (uint16_t)count;
	for (unsigned i = 0; i < count; i++) {
		uint8_t address[4] = {192, 0, (uint8_t)(i >> 8), (uint8_t)i};
		set->records[i] = (struct rdata){arena_dup(&arena, address, 4), 4};
	}
	return set;
}

static void begin(const char *question, size_t cap, size_t reserve)
{
	struct question q = question_of(question);
	build_begin(&b, out, cap, reserve, 0x4321, FLAG_QR | FLAG_RD);
	ck_assert_int_eq(build_question(&b, &q), 0);
}

static int add(enum msg_section section, const struct rrset *set)
{
	return build_rrset(&b, section, set, set->ttl, 0, true);
}

static const struct msg *finish(void)
{
	const struct msg *msg = NULL;
	struct precheck info;
	size_t size = build_finish(&b);
	ck_assert_int_eq(precheck(out, size, &info), 0);
	ck_assert_int_eq(msg_parse(&arena, out, size, &msg), 0);
	return msg;
}

static const char *const lines[] = {
	"www.example.com. 60 CNAME host.example.com.",
	"host.example.com. 300 A 192.0.2.1",
	"example.com. 300 MX 10 mail.example.com.",
	"example.com. SOA ns.example.com. hostmaster.example.com. 1 2 3 4 5",
	"_x._tcp.example.com. SRV 1 2 3 host.example.com.",
	"example.com. TXT \"hello world\" \"\"",
	"d.example.com. DNAME example.org.",
	"example.com. NSEC a.example.com. A NS SOA",
	"example.com. RRSIG A 8 2 300 20300101000000 20200101000000 1 example.com. AAAA",
	"example.com. HTTPS 1 . alpn=h2",
	"example.com. TYPE65280 \\# 3 010203",
	". NS a.root-servers.net.",
};

START_TEST(what_is_built_is_read_back)
{
	begin("www.example.com.", sizeof(out), 0);
	for (size_t i = 0; i < RW_COUNT(lines); i++)
		ck_assert_int_eq(
			add((enum msg_section)(i * 3 / RW_COUNT(lines)), set_of(lines[i])), 0);
	const struct msg *msg = finish();
	ck_assert_uint_eq(msg->id, 0x4321);
	ck_assert_uint_eq(msg->flags, FLAG_QR | FLAG_RD);
	size_t i = 0;
	for (int section = 0; section < SECTION_COUNT; section++) {
		ck_assert_uint_eq(msg->set_count[section], 4);
		for (unsigned j = 0; j < 4; j++, i++) {
			const struct rrset *set = set_of(lines[i]), *got = &msg->sets[section][j];
			ck_assert_msg(rrset_same_data(got, set), "%s", lines[i]);
			ck_assert_uint_eq(got->ttl, set->ttl);
			ck_assert_uint_eq(set->records[0].size, got->records[0].size);
		}
	}
}
END_TEST

START_TEST(names_are_compressed)
{
	begin("www.example.com.", 512, 0);
	size_t size = b.size;
	ck_assert_int_eq(add(SECTION_ANSWER, set_of("WWW.EXAMPLE.COM. A 192.0.2.1")), 0);
	ck_assert_uint_eq(b.size - size, 2 + 10 + 4);
	size = b.size;
	ck_assert_int_eq(add(SECTION_AUTHORITY, set_of("Example.com. NS ns.example.COM.")), 0);
	ck_assert_uint_eq(b.size - size, 2 + 10 + 3 + 2);
	size = b.size;
	ck_assert_int_eq(add(SECTION_ADDITIONAL, set_of("NS.example.com. A 192.0.2.1")), 0);
	ck_assert_uint_eq(b.size - size, 2 + 10 + 4);
	/* Names in rdata of newer types stay whole (RFC 3597 section 4). */
	size = b.size;
	ck_assert_int_eq(add(SECTION_ADDITIONAL, set_of("www.example.com. DNAME example.com.")), 0);
	ck_assert_uint_eq(b.size - size, 2 + 10 + 13);
	/* The owner of a set's further records is a pointer, whatever the first was. */
	size = b.size;
	ck_assert_int_eq(add(SECTION_ADDITIONAL, addresses("other.", 5)), 0);
	ck_assert_uint_eq(b.size - size, 7 + 10 + 4 + 4 * 16);
	finish();
}
END_TEST

START_TEST(compression_is_bounded)
{
	begin("www.example.com.", sizeof(out), 0);
	for (unsigned i = 0; i < 1000; i++) {
		char line[64];
		snprintf(line, sizeof(line), "a%u.b%u.example.com. NS ns%u.x%u.", i, i % 7, i, i);
		ck_assert_int_eq(add(SECTION_ANSWER, set_of(line)), 0);
		ck_assert_uint_le(b.tries, LIMIT_COMPRESS_TRIES);
		ck_assert_uint_le(b.target_count, BUILD_TARGETS);
	}
	ck_assert_uint_eq(b.tries, LIMIT_COMPRESS_TRIES);
	/* The name that was asked for is found even then. */
	size_t size = b.size;
	ck_assert_int_eq(add(SECTION_ANSWER, set_of("www.example.com. A 192.0.2.1")), 0);
	ck_assert_uint_eq(b.size - size, 16);
	ck_assert_uint_eq(finish()->set_count[SECTION_ANSWER], 1001);
}
END_TEST

START_TEST(a_hundred_owners_of_one_zone_are_compressed)
{
	begin("example.com.", sizeof(out), 0);
	size_t size = b.size;
	for (unsigned i = 100; i < 200; i++)
		ck_assert_int_eq(add(SECTION_ANSWER, set_of(arena_printf(&arena,
							     "a%u.example.com. A 192.0.2.1", i))),
			0);
	ck_assert_uint_eq(b.size - size, 100 * (5 + 2 + 14));
	ck_assert_uint_le(b.tries, 100);
	finish();
}
END_TEST

START_TEST(pointers_reach_16_kib_only)
{
	begin("www.example.com.", sizeof(out), 0);
	ck_assert_int_eq(add(SECTION_ANSWER, addresses("first.", 100)), 0);
	for (unsigned i = 0; i < 12; i++)
		ck_assert_int_eq(add(SECTION_ANSWER, addresses("first.", 100)), 0);
	ck_assert_uint_gt(b.size, 0x4000);
	ck_assert_int_eq(add(SECTION_AUTHORITY, addresses("second.far.", 3)), 0);
	ck_assert_int_eq(add(SECTION_AUTHORITY, set_of("third.far. A 192.0.2.1")), 0);
	const struct msg *msg = finish();
	ck_assert_uint_eq(msg->set_count[SECTION_AUTHORITY], 2);
	ck_assert_uint_eq(msg->sets[SECTION_AUTHORITY][0].count, 3);
}
END_TEST

START_TEST(a_set_goes_in_whole_or_not_at_all)
{
	const struct rrset *first = addresses("www.example.com.", 3);
	const struct rrset *second = addresses("b.example.com.", 4);
	begin("www.example.com.", 512, 0);
	size_t question = b.size;
	ck_assert_int_eq(add(SECTION_ANSWER, first), 0);
	size_t one = b.size;
	ck_assert_int_eq(add(SECTION_ANSWER, second), 0);
	size_t both = b.size;
	for (size_t cap = question; cap <= both + 1; cap++) {
		begin("www.example.com.", cap, 0);
		int err = add(SECTION_ANSWER, first);
		ck_assert_int_eq(err, cap >= one ? 0 : RW_ENOSPACE);
		ck_assert_uint_eq(b.size, cap >= one ? one : question);
		err = add(SECTION_ANSWER, second);
		ck_assert_int_eq(err, cap >= both ? 0 : RW_ENOSPACE);
		build_set_flags(&b, err ? FLAG_TC : 0, FLAG_RD);
		const struct msg *msg = finish();
		ck_assert_uint_eq(msg->flags & FLAG_TC, err ? FLAG_TC : 0);
		ck_assert_uint_eq(msg->flags & FLAG_RD, 0);
		for (unsigned i = 0; i < msg->set_count[SECTION_ANSWER]; i++)
			ck_assert_uint_ge(msg->sets[SECTION_ANSWER][i].count, 3);
	}
	struct question q = question_of("www.example.com.");
	for (size_t cap = HEADER_SIZE; cap < question; cap++) {
		build_begin(&b, out, cap, 0, 1, 0);
		ck_assert_int_eq(build_question(&b, &q), RW_ENOSPACE);
		ck_assert_uint_eq(build_finish(&b), HEADER_SIZE);
	}
}
END_TEST

START_TEST(a_set_that_did_not_fit_leaves_no_pointer_behind)
{
	begin("a.", 100, 0);
	ck_assert_int_eq(add(SECTION_ANSWER, addresses("some.where.", 10)), RW_ENOSPACE);
	ck_assert_int_eq(add(SECTION_ANSWER, set_of("x.some.where. A 192.0.2.1")), 0);
	const struct msg *msg = finish();
	struct question q = question_of("x.some.where.");
	ck_assert(name_equal(msg->sets[SECTION_ANSWER][0].owner, q.name));
}
END_TEST

START_TEST(records_rotate_and_signatures_follow)
{
	struct rrset *set = addresses("www.example.com.", 4);
	set->sigs = set_of(lines[8])->records;
	set->sig_count = 1;
	begin("www.example.com.", 512, 0);
	ck_assert_int_eq(build_rrset(&b, SECTION_ANSWER, set, 7, 6, false), 0);
	const struct rrset *got = finish()->sets[SECTION_ANSWER];
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(got->records[i].bytes[3], (i + 2) % 4);
	ck_assert_uint_eq(got->ttl, 7);
	ck_assert_uint_eq(got->sig_count, 0);
	ck_assert_int_eq(build_rrset(&b, SECTION_AUTHORITY, set, 7, 0, true), 0);
	const struct msg *msg = finish();
	ck_assert_uint_eq(msg->set_count[SECTION_AUTHORITY], 1);
	ck_assert_uint_eq(msg->sets[SECTION_AUTHORITY][0].sig_count, 1);
}
END_TEST

START_TEST(the_opt_record_uses_its_reserve)
{
	struct edns_option nsid = {OPTION_NSID, 3, (const uint8_t *)"abc"};
	struct build_opt opt = {.udp_size = 1232,
		.rcode = RCODE_BADVERS,
		.dnssec_ok = true,
		.ede = EDE_NETWORK_ERROR,
		.ede_text = "no way",
		.options = &nsid,
		.option_count = 1};
	size_t reserve = build_opt_size(&opt);
	ck_assert_uint_eq(reserve, 11 + 6 + 6 + 4 + 3);
	begin("a.", 19 + 16 * 2 + reserve, reserve);
	ck_assert_int_eq(add(SECTION_ANSWER, addresses("a.", 3)), RW_ENOSPACE);
	ck_assert_int_eq(add(SECTION_ANSWER, addresses("a.", 2)), 0);
	ck_assert_int_eq(build_edns(&b, &opt), 0);
	build_set_rcode(&b, opt.rcode);
	ck_assert_uint_eq(b.size, 19 + 16 * 2 + reserve);
	const struct msg *msg = finish();
	const uint8_t *text;
	size_t size;
	ck_assert_uint_eq(msg->rcode, RCODE_BADVERS);
	ck_assert(msg->edns.dnssec_ok);
	ck_assert_uint_eq(msg->edns.udp_size, 1232);
	ck_assert_int_eq(edns_ede(&msg->edns, &text, &size), EDE_NETWORK_ERROR);
	ck_assert_uint_eq(size, 6);
	ck_assert_mem_eq(edns_find(&msg->edns, OPTION_NSID)->bytes, "abc", 3);
}
END_TEST

START_TEST(the_opt_record_shrinks_to_fit)
{
	struct edns_option nsid = {OPTION_NSID, 3, (const uint8_t *)"abc"};
	struct build_opt opt = {.udp_size = 1232,
		.ede = EDE_OTHER,
		.ede_text = "text",
		.options = &nsid,
		.option_count = 1};
	/* Room for: nothing; OPT and code; and options; and text. */
	static const size_t rooms[] = {10, 11 + 6, 11 + 6 + 7, 11 + 6 + 7 + 4};
	for (size_t i = 0; i < RW_COUNT(rooms); i++) {
		build_begin(&b, out, HEADER_SIZE + rooms[i], 0, 1, FLAG_QR);
		int err = build_edns(&b, &opt);
		ck_assert_int_eq(err, i == 0 ? RW_ENOSPACE : 0);
		const struct msg *msg = finish();
		const uint8_t *text;
		size_t size = 0;
		ck_assert_int_eq(edns_ede(&msg->edns, &text, &size), i == 0 ? EDE_NONE : EDE_OTHER);
		ck_assert_int_eq(edns_find(&msg->edns, OPTION_NSID) != NULL, i >= 2);
		ck_assert_uint_eq(size, i == 3 ? 4 : 0);
	}
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
	char text[400];
	memset(text, 'x', sizeof(text));
	text[399] = '\0';
	struct build_opt opt = {.ede = EDE_OTHER, .ede_text = text};
	ck_assert_uint_eq(build_opt_size(&opt), 11 + 6 + LIMIT_EDE_TEXT);
	memcpy(text + LIMIT_EDE_TEXT - 2, "\xe2\x82\xac", 3);
	ck_assert_uint_eq(build_opt_size(&opt), 11 + 6 + LIMIT_EDE_TEXT - 2);
	text[LIMIT_EDE_TEXT] = 'x';
	memcpy(text + LIMIT_EDE_TEXT - 3, "\xe2\x82\xac", 3);
	ck_assert_uint_eq(build_opt_size(&opt), 11 + 6 + LIMIT_EDE_TEXT);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("build");
	TCase *tests = tcase_create("build");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_is_built_is_read_back);
	tcase_add_test(tests, names_are_compressed);
	tcase_add_test(tests, compression_is_bounded);
	tcase_add_test(tests, a_hundred_owners_of_one_zone_are_compressed);
	tcase_add_test(tests, pointers_reach_16_kib_only);
	tcase_add_test(tests, a_set_goes_in_whole_or_not_at_all);
	tcase_add_test(tests, a_set_that_did_not_fit_leaves_no_pointer_behind);
	tcase_add_test(tests, records_rotate_and_signatures_follow);
	tcase_add_test(tests, the_opt_record_uses_its_reserve);
	tcase_add_test(tests, the_opt_record_shrinks_to_fit);
	tcase_add_test(tests, long_texts_are_cut_between_characters);
	suite_add_tcase(suite, tests);
	return suite;
}
