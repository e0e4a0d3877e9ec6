/* SPDX-License-Identifier: MIT */
/* The parsed view: grouping, signatures, limits, and what it costs in the worst case. */
#include <check.h>

#include "resolver/wire/msg.h"
#include "tests/unit/bytes.h"
#include "tests/unit/suite.h"

static struct bytes m;
static struct arena arena;

static void setup(void)
{
	arena_init(&arena, 16 << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct msg *parse(void)
{
	const struct msg *msg = NULL;
	ck_assert_int_eq(msg_parse(&arena, m.at, m.size, &msg), 0);
	ck_assert_ptr_nonnull(msg);
	return msg;
}

/* An RRSIG of the question's name; `tag` tells one from another. */
static void put_rrsig(unsigned covered, unsigned tag, unsigned ttl)
{
	uint8_t rdata[22] = {[16] = (uint8_t)(tag >> 8), [17] = (uint8_t)tag, [19] = 's'};
	rr_put16(rdata, (uint16_t)covered);
	put_record(&m, TYPE_RRSIG, ttl, rdata, sizeof(rdata));
}

START_TEST(header_question_and_edns_are_there)
{
	put_start(&m, 0, 0, 1);
	rr_put16(m.at + 2, FLAG_QR | FLAG_AA | OPCODE_NOTIFY << 11 | 7);
	put_opt(&m, "\0\17\0\4\0\26hi", 8);
	m.at[m.size - 8 - 6] = 1; /* upper bits of the rcode */
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->id, 0x1234);
	ck_assert_uint_eq(msg->opcode, OPCODE_NOTIFY);
	ck_assert_uint_eq(msg->rcode, 16 + 7);
	ck_assert_uint_eq(msg->size, m.size);
	ck_assert(msg->has_question && (msg->flags & FLAG_AA));
	struct name www;
	ck_assert_int_eq(name_from_text("WWW.example.com", &www), 0);
	ck_assert(question_equal(&msg->question, &(struct question){www.bytes, TYPE_A, CLASS_IN}));
	const uint8_t *text;
	size_t size;
	ck_assert_int_eq(edns_ede(&msg->edns, &text, &size), EDE_NO_REACHABLE_AUTHORITY);
	ck_assert_mem_eq(text, "hi", 2);
	for (int i = 0; i < SECTION_COUNT; i++)
		ck_assert_uint_eq(msg->set_count[i], 0);
	ck_assert(!msg->more);
}
END_TEST

START_TEST(records_are_grouped_in_order_of_first_appearance)
{
	put_start(&m, 5, 0, 1);
	put_record(&m, TYPE_A, 300, "\1\1\1\1", 4);
	put_record(&m, TYPE_TXT, 60, "\1x", 2);
	put_record(&m, TYPE_A, 100, "\2\2\2\2", 4);
	put_record(&m, TYPE_A, 200, "\1\1\1\1", 4); /* a duplicate */
	put_name(&m, "WWW.EXAMPLE.COM.");
	put_fixed(&m, TYPE_A, 400, 4);
	put(&m, "\3\3\3\3", 4);
	put_record(&m, TYPE_A, 5, "\1\1\1\1", 4); /* another section */
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 2);
	const struct rrset *set = &msg->sets[SECTION_ANSWER][0];
	ck_assert_uint_eq(set->type, TYPE_A);
	ck_assert_uint_eq(set->count, 3);
	ck_assert_uint_eq(set->ttl, 100);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(set->records[i].bytes[0], i + 1);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][1].type, TYPE_TXT);
	ck_assert_uint_eq(msg->set_count[SECTION_ADDITIONAL], 1);
	ck_assert_uint_eq(msg->sets[SECTION_ADDITIONAL][0].ttl, 5);
	const uint8_t *owner = msg->question.name;
	ck_assert_ptr_eq(msg_find(msg, SECTION_ANSWER, owner, TYPE_A), set);
	ck_assert_ptr_null(msg_find(msg, SECTION_ANSWER, owner, TYPE_AAAA));
	ck_assert_ptr_null(msg_find(msg, SECTION_AUTHORITY, owner, TYPE_A));
	ck_assert_ptr_null(msg_find(msg, SECTION_ANSWER, name_parent(owner), TYPE_A));
}
END_TEST

START_TEST(signatures_join_what_they_cover)
{
	put_start(&m, 5, 1, 0);
	put_rrsig(TYPE_A, 1, 30); /* before its set */
	put_record(&m, TYPE_A, 300, "\1\1\1\1", 4);
	put_rrsig(TYPE_MX, 2, 300);
	put_rrsig(TYPE_TXT, 3, 200);
	put_rrsig(TYPE_A, 4, 300);
	put_rrsig(TYPE_A, 5, 300); /* another section */
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 2);
	const struct rrset *set = &msg->sets[SECTION_ANSWER][0];
	ck_assert_uint_eq(set->type, TYPE_A);
	ck_assert_uint_eq(set->count, 1);
	ck_assert_uint_eq(set->sig_count, 3);
	ck_assert_uint_eq(set->ttl, 30);
	ck_assert_uint_eq(set->sigs[1].bytes[17], 4);
	ck_assert_uint_eq(set->sigs[2].bytes[17], 5);
	set++;
	ck_assert_uint_eq(set->type, TYPE_RRSIG);
	ck_assert_uint_eq(set->count, 2);
	ck_assert_uint_eq(set->sig_count, 0);
	ck_assert_uint_eq(set->ttl, 200);
	ck_assert_uint_eq(msg->set_count[SECTION_AUTHORITY], 0);
}
END_TEST

/* A query for signatures is answered with them, whatever stands in the other sections. */
START_TEST(signatures_that_were_asked_for_stay)
{
	put_start(&m, 1, 1, 0);
	rr_put16(m.at + m.size - 4, TYPE_RRSIG);
	put_rrsig(TYPE_A, 1, 300);
	put_record(&m, TYPE_A, 300, "\1\1\1\1", 4);
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].type, TYPE_RRSIG);
	ck_assert_uint_eq(msg->sets[SECTION_AUTHORITY][0].sig_count, 0);
}
END_TEST

START_TEST(a_ttl_with_the_top_bit_is_zero)
{
	put_start(&m, 1, 1, 0);
	put_record(&m, TYPE_A, 0x80000000, "\1\1\1\1", 4);
	put_record(&m, TYPE_A, 0x7fffffff, "\1\1\1\1", 4);
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].ttl, 0);
	ck_assert_uint_eq(msg->sets[SECTION_AUTHORITY][0].ttl, 0x7fffffff);
}
END_TEST

START_TEST(names_in_rdata_are_expanded)
{
	static const uint8_t www[] = "\3www\7example\3com";
	put_start(&m, 3, 0, 0);
	put_record(&m, TYPE_MX, 60, "\0\12\300\14", 4);
	put_record(&m, TYPE_SRV, 60, "\0\1\0\2\0\3\1s\300\20", 10);
	put_record(&m, TYPE_SOA, 60,
		"\300\14\1x\300\14"
		"\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		26);
	const struct msg *msg = parse();
	const struct rdata *mx = &msg->sets[SECTION_ANSWER][0].records[0];
	ck_assert_uint_eq(mx->size, 2 + sizeof(www));
	ck_assert_mem_eq(mx->bytes + 2, www, sizeof(www));
	const struct rdata *srv = &msg->sets[SECTION_ANSWER][1].records[0];
	ck_assert_uint_eq(srv->size, 6 + 15);
	ck_assert_mem_eq(srv->bytes, "\0\1\0\2\0\3\1s\7example\3com", 21);
	const struct rrset *soa = &msg->sets[SECTION_ANSWER][2];
	ck_assert_uint_eq(soa->records[0].size, 17 + 19 + 20);
	ck_assert_uint_eq(rrset_soa_negative_ttl(soa), 5);
}
END_TEST

START_TEST(opt_and_signature_are_no_records)
{
	uint8_t sig0[20] = {0};
	put_start(&m, 0, 0, 2);
	put_opt(&m, "", 0);
	put_record(&m, TYPE_SIG, 0, sig0, sizeof(sig0));
	const struct msg *msg = parse();
	ck_assert(msg->edns.present);
	ck_assert_uint_eq(msg->set_count[SECTION_ADDITIONAL], 0);
	m.at[m.size - 20 - 9] = TYPE_TXT; /* its type, low byte */
	m.at[m.size - 20] = 19;
	ck_assert_uint_eq(parse()->set_count[SECTION_ADDITIONAL], 1);
}
END_TEST

START_TEST(what_is_malformed_gives_no_view)
{
	const struct msg *msg = NULL;
	put_header(&m, 2, 0, 0, 0);
	for (int i = 0; i < 2; i++) {
		put_name(&m, "a.");
		put16(&m, TYPE_A);
		put16(&m, CLASS_IN);
	}
	ck_assert_int_eq(msg_parse(&arena, m.at, m.size, &msg), RW_EMALFORMED);
	put_start(&m, 0, 0, 1);
	put_opt(&m, "\0\17\0\4\0\26h", 7); /* the option is longer than the record */
	ck_assert_int_eq(msg_parse(&arena, m.at, m.size, &msg), RW_EMALFORMED);
	ck_assert_int_eq(msg_parse(&arena, m.at, m.size - 1, &msg), RW_EMALFORMED);
	ck_assert_ptr_null(msg);
}
END_TEST

START_TEST(sets_and_signatures_have_their_caps)
{
	put_start(&m, LIMIT_RRSET_RECORDS + 1, 0, 0);
	for (unsigned i = 0; i <= LIMIT_RRSET_RECORDS; i++)
		put_record(&m, TYPE_A, 60, &(uint32_t){i}, 4);
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].count, LIMIT_RRSET_RECORDS);
	ck_assert(msg->more);
	put_start(&m, LIMIT_RRSET_SIGS + 2, 0, 0);
	put_record(&m, TYPE_A, 60, "\1\1\1\1", 4);
	for (unsigned i = 0; i <= LIMIT_RRSET_SIGS; i++)
		put_rrsig(TYPE_A, i, 60);
	msg = parse();
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].sig_count, LIMIT_RRSET_SIGS);
	ck_assert(msg->more);
}
END_TEST

/* `count` records without rdata, of as many owners: two letters below the root. */
static void many_owners(unsigned count, unsigned type)
{
	put_header(&m, 0, count, 0, 0);
	for (unsigned i = 0; i < count; i++) {
		put8(&m, 2);
		put8(&m, 128 + i % 128);
		put8(&m, 128 + i / 128);
		put8(&m, 0);
		put_fixed(&m, type, 60, 0);
	}
}

START_TEST(thousands_of_owners_stay_apart)
{
	many_owners(4600, 65280);
	const struct msg *msg = parse();
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], LIMIT_RECORDS);
	ck_assert(msg->more);
	for (unsigned i = 0; i < LIMIT_RECORDS; i++) {
		const uint8_t *owner = msg->sets[SECTION_ANSWER][i].owner;
		ck_assert_uint_eq(owner[1], 128 + i % 128);
		ck_assert_uint_eq(owner[2], 128 + i / 128);
	}
}
END_TEST

START_TEST(a_full_arena_is_an_error_at_every_size)
{
	put_start(&m, 4, 1, 1);
	put_record(&m, TYPE_A, 60, "\1\1\1\1", 4);
	put_record(&m, TYPE_MX, 60, "\0\12\300\14", 4);
	put_rrsig(TYPE_A, 1, 60);
	put_rrsig(TYPE_TXT, 1, 60);
	put_record(&m, TYPE_NS, 60, "\300\14", 2);
	put_opt(&m, "", 0);
	int failures = 0, err = 0;
	for (size_t cap = 0; cap <= 65536; cap += 16) {
		struct arena small;
		const struct msg *msg;
		arena_init(&small, cap);
		err = msg_parse(&small, m.at, m.size, &msg);
		arena_release(&small);
		ck_assert(err == 0 || err == RW_ENOMEM);
		failures += err != 0;
	}
	ck_assert_int_eq(err, 0);
	ck_assert_int_gt(failures, 10);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("msg");
	TCase *tests = tcase_create("msg");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, header_question_and_edns_are_there);
	tcase_add_test(tests, records_are_grouped_in_order_of_first_appearance);
	tcase_add_test(tests, signatures_join_what_they_cover);
	tcase_add_test(tests, signatures_that_were_asked_for_stay);
	tcase_add_test(tests, a_ttl_with_the_top_bit_is_zero);
	tcase_add_test(tests, names_in_rdata_are_expanded);
	tcase_add_test(tests, opt_and_signature_are_no_records);
	tcase_add_test(tests, what_is_malformed_gives_no_view);
	tcase_add_test(tests, sets_and_signatures_have_their_caps);
	tcase_add_test(tests, thousands_of_owners_stay_apart);
	tcase_add_test(tests, a_full_arena_is_an_error_at_every_size);
	suite_add_tcase(suite, tests);
	return suite;
}
