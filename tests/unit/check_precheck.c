/* SPDX-License-Identifier: MIT */
/* The guard: what passes, and every class of malformed message that must not. */
#include <check.h>
#include <stdlib.h>

#include "resolver/wire/precheck.h"
#include "tests/unit/bytes.h"
#include "tests/unit/suite.h"

static struct bytes m;

static int run(void)
{
	/* An exact heap copy, so that the address sanitizer sees a read past the end. */
	uint8_t *copy = malloc(m.size ? m.size : 1);
	memcpy(copy, m.at, m.size);
	struct precheck info;
	int err = precheck(copy, m.size, &info);
	free(copy);
	return err;
}

static void rejects_every_prefix(void)
{
	ck_assert_int_eq(run(), 0);
	size_t whole = m.size;
	for (m.size = 0; m.size < whole; m.size++)
		ck_assert_int_eq(run(), RW_EMALFORMED);
	put8(&m, 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
}

START_TEST(a_query_with_opt_passes)
{
	put_start(&m, 0, 0, 1);
	size_t opt = m.size;
	put_opt(&m, "\0\12\0\10abcdefgh", 12);
	struct precheck info;
	ck_assert_int_eq(precheck(m.at, m.size, &info), 0);
	ck_assert_uint_eq(info.id, 0x1234);
	ck_assert_uint_eq(info.flags, FLAG_QR);
	ck_assert_uint_eq(info.counts[0], 1);
	ck_assert_uint_eq(info.counts[3], 1);
	ck_assert_uint_eq(info.qtype, TYPE_A);
	ck_assert_uint_eq(info.qclass, CLASS_IN);
	ck_assert_uint_eq(info.question_end, opt);
	ck_assert_uint_eq(info.opt, opt);
	ck_assert_uint_eq(info.signature, 0);
	rejects_every_prefix();
}
END_TEST

START_TEST(a_bare_header_passes_and_outputs_stay_on_failure)
{
	struct precheck info = {.id = 7};
	put_header(&m, 0, 0, 0, 0);
	ck_assert_int_eq(precheck_header(m.at, 11, &info), RW_EMALFORMED);
	ck_assert_int_eq(precheck(m.at, 11, &info), RW_EMALFORMED);
	ck_assert_uint_eq(info.id, 7);
	ck_assert_int_eq(precheck_header(m.at, 12, &info), 0);
	ck_assert_uint_eq(info.id, 0x1234);
	ck_assert_int_eq(precheck(m.at, 12, &info), 0);
	ck_assert_uint_eq(info.question_end, 12);
}
END_TEST

START_TEST(counts_must_tell_the_truth)
{
	for (unsigned i = 0; i < 4; i++) {
		put_start(&m, 1, 1, 1);
		for (unsigned j = 0; j < 3; j++)
			put_record(&m, TYPE_A, 60, "\300\0\2\1", 4);
		ck_assert_int_eq(run(), 0);
		m.at[5 + 2 * i] ^= 3;
		ck_assert_int_eq(run(), RW_EMALFORMED);
		m.at[4 + 2 * i] = 0xff;
		ck_assert_int_eq(run(), RW_EMALFORMED);
	}
}
END_TEST

START_TEST(pointers_go_strictly_backwards)
{
	/* Itself, forward, and into the middle of the name that is being read. */
	static const int targets[] = {0, 1, 2, 20, 1000};
	for (size_t i = 0; i < RW_COUNT(targets); i++) {
		put_start(&m, 1, 0, 0);
		put_pointer(&m, m.size + (size_t)targets[i]);
		put_fixed(&m, TYPE_A, 60, 4);
		put(&m, "\300\0\2\1", 4);
		ck_assert_int_eq(run(), RW_EMALFORMED);
	}
	/* a.<pointer to itself>: a loop that adds labels. */
	put_start(&m, 1, 0, 0);
	size_t start = m.size;
	put(&m, "\1a", 2);
	put_pointer(&m, start);
	put_fixed(&m, TYPE_A, 60, 4);
	put(&m, "\300\0\2\1", 4);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	m.at[start + 3] = HEADER_SIZE;
	ck_assert_int_eq(run(), 0);
}
END_TEST

START_TEST(a_name_never_depends_on_the_header)
{
	put_start(&m, 1, 0, 0);
	m.at[0] = 0;
	size_t owner = m.size;
	put_record(&m, TYPE_A, 60, "\300\0\2\1", 4);
	for (unsigned target = 0; target < HEADER_SIZE; target++) {
		m.at[owner + 1] = (uint8_t)target;
		ck_assert_int_eq(run(), RW_EMALFORMED);
	}
}
END_TEST

/* A message whose last owner takes `hops` pointers to read. */
static void chain(unsigned hops)
{
	put_header(&m, 0, 2, 0, 0);
	put8(&m, 0);
	put_fixed(&m, 65280, 0, 1 + 2 * (hops - 1));
	size_t last = m.size;
	put8(&m, 0);
	for (unsigned i = 1; i < hops; i++) {
		size_t here = m.size;
		put_pointer(&m, last);
		last = here;
	}
	put_pointer(&m, last);
	put_fixed(&m, TYPE_A, 60, 4);
	put(&m, "\300\0\2\1", 4);
}

START_TEST(sixteen_hops_pass_and_seventeen_do_not)
{
	chain(1);
	ck_assert_int_eq(run(), 0);
	chain(LIMIT_POINTER_HOPS);
	ck_assert_int_eq(run(), 0);
	chain(LIMIT_POINTER_HOPS + 1);
	ck_assert_int_eq(run(), RW_EMALFORMED);
}
END_TEST

/* The question is a name of `size` bytes in all. */
static void long_name(unsigned size)
{
	put_header(&m, 1, 0, 0, 0);
	for (unsigned left = size - 1; left > 0;) {
		unsigned label = RW_MIN(left, 64u) - 1;
		if (left - label - 1 == 1)
			label--;
		put8(&m, label);
		for (unsigned i = 0; i < label; i++)
			put8(&m, 'x');
		left -= label + 1;
	}
	put8(&m, 0);
	put16(&m, TYPE_A);
	put16(&m, CLASS_IN);
}

/* reaches LIMIT_LABEL_BYTES */
START_TEST(names_and_labels_have_their_sizes)
{
	long_name(255);
	ck_assert_int_eq(run(), 0);
	long_name(256);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	long_name(100);
	ck_assert_int_eq(run(), 0);
	for (unsigned bits = 0x40; bits < 0xc0; bits++) {
		long_name(100);
		m.at[HEADER_SIZE] = (uint8_t)bits;
		ck_assert_int_eq(run(), RW_EMALFORMED);
	}
	/* 254 bytes in place and one label more through a pointer. */
	long_name(254);
	put(&m, "\1a", 2);
	put_pointer(&m, HEADER_SIZE);
	put_fixed(&m, 65280, 0, 0);
	m.at[7] = 1;
	ck_assert_int_eq(run(), RW_EMALFORMED);
}
END_TEST

START_TEST(opt_stands_once_in_additional_at_the_root)
{
	put_start(&m, 0, 0, 2);
	put_opt(&m, "", 0);
	put_record(&m, TYPE_A, 60, "\300\0\2\1", 4);
	ck_assert_int_eq(run(), 0);
	put_start(&m, 0, 0, 2);
	put_opt(&m, "", 0);
	put_opt(&m, "", 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	put_start(&m, 1, 0, 0);
	put_opt(&m, "", 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	put_start(&m, 0, 1, 0);
	put_opt(&m, "", 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	put_start(&m, 0, 0, 1);
	put_record(&m, TYPE_OPT, 0, "", 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
}
END_TEST

START_TEST(a_signature_stands_once_and_last)
{
	struct precheck info;
	put_start(&m, 0, 0, 2);
	put_opt(&m, "", 0);
	size_t at = m.size;
	put_record(&m, TYPE_TSIG, 0, "anything", 8);
	ck_assert_int_eq(precheck(m.at, m.size, &info), 0);
	ck_assert_uint_eq(info.signature, at);
	put_start(&m, 0, 0, 2);
	put_record(&m, TYPE_TSIG, 0, "anything", 8);
	put_opt(&m, "", 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	put_start(&m, 0, 0, 42);
	for (int i = 0; i < 42; i++)
		put_record(&m, TYPE_TSIG, 0, "anything", 8);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	put_start(&m, 1, 0, 0);
	put_record(&m, TYPE_TSIG, 0, "anything", 8);
	ck_assert_int_eq(run(), RW_EMALFORMED);
}
END_TEST

START_TEST(sig0_is_a_signature_and_sig_is_not)
{
	uint8_t sig[20] = {0};
	put_start(&m, 0, 0, 2);
	put_record(&m, TYPE_SIG, 0, sig, sizeof(sig));
	put_opt(&m, "", 0);
	ck_assert_int_eq(run(), RW_EMALFORMED);
	sig[1] = TYPE_A;
	put_start(&m, 0, 0, 2);
	put_record(&m, TYPE_SIG, 0, sig, sizeof(sig));
	put_opt(&m, "", 0);
	ck_assert_int_eq(run(), 0);
}
END_TEST

struct shape {
	unsigned type;
	size_t size;
	const char *rdata;
	bool good;
};

#define FIXED5  "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
#define FIXED18 "\0\1\5\2\0\0\0\1\0\0\0\2\0\0\0\3\0\4"
static const struct shape shapes[] = {
	{TYPE_A, 4, "\1\2\3\4", true},
	{TYPE_A, 3, "\1\2\3", false},
	{TYPE_A, 5, "\1\2\3\4\5", false},
	{TYPE_A, 0, "", false},
	{TYPE_AAAA, 16, "0123456789abcdef", true},
	{TYPE_AAAA, 15, "0123456789abcde", false},
	{TYPE_NS, 3, "\1a\0", true},
	{TYPE_NS, 2, "\300\14", true},
	{TYPE_NS, 4, "\1a\0x", false},
	{TYPE_NS, 2, "\1a", false},
	{TYPE_NS, 1, "\300", false},
	{TYPE_NS, 0, "", false},
	{TYPE_NS, 3, "\77ab", false},
	{TYPE_MX, 5, "\0\1\1a\0", true},
	{TYPE_MX, 1, "\0", false},
	{TYPE_MX, 2, "\0\1", false},
	{TYPE_SRV, 8, "\0\1\0\2\0\3\300\14", true},
	{TYPE_SRV, 5, "\0\1\0\2\0", false},
	{TYPE_SOA, 22, "\0\0" FIXED5, true},
	{TYPE_SOA, 24, "\300\14\300\14" FIXED5, true},
	{TYPE_SOA, 21, "\0\0" FIXED5, false},
	{TYPE_SOA, 23, "\0\0" FIXED5 "x", false},
	{TYPE_SOA, 21, "\0" FIXED5, false},
	{TYPE_RRSIG, 20, FIXED18 "\0s", true},
	{TYPE_RRSIG, 19, FIXED18 "\0", false},
	{TYPE_RRSIG, 18, FIXED18, false},
	{TYPE_RRSIG, 10, FIXED18, false},
	{TYPE_NSEC, 6, "\1a\0\0\1\100", true},
	{TYPE_NSEC, 5, "\300\14\0\1\100", false},
	{TYPE_NSEC, 2, "\1a", false},
	{TYPE_DNAME, 2, "\300\14", true},
	{TYPE_TXT, 2, "\377x", true},
	{65280, 0, "", true},
};

START_TEST(rdata_has_its_shape)
{
	for (size_t i = 0; i < RW_COUNT(shapes); i++) {
		put_start(&m, 1, 0, 0);
		put_record(&m, shapes[i].type, 60, shapes[i].rdata, shapes[i].size);
		ck_assert_msg((run() == 0) == shapes[i].good, "shape %zu", i);
		/* More bytes behind it make no difference. */
		m.at[7] = 2;
		put_record(&m, TYPE_A, 60, "\1\2\3\4", 4);
		ck_assert_msg((run() == 0) == shapes[i].good, "shape %zu", i);
	}
}
END_TEST

START_TEST(rdata_alone_holds_no_pointer)
{
	ck_assert_int_eq(precheck_rdata(TYPE_NS, (const uint8_t *)"\1a\0", 3), 0);
	ck_assert_int_lt(precheck_rdata(TYPE_NS, (const uint8_t *)"\1a\300\0", 4), 0);
	ck_assert_int_lt(precheck_rdata(TYPE_NS, (const uint8_t *)"\0x", 2), 0);
	ck_assert_int_lt(precheck_rdata(TYPE_A, (const uint8_t *)"\1\2\3", 3), 0);
	ck_assert_int_eq(precheck_rdata(65280, (const uint8_t *)"", 0), 0);
}
END_TEST

START_TEST(rdlength_ends_with_the_message)
{
	put_start(&m, 1, 0, 0);
	put_record(&m, 65280, 60, "abcd", 4);
	ck_assert_int_eq(run(), 0);
	m.at[m.size - 5] = 5;
	ck_assert_int_eq(run(), RW_EMALFORMED);
	m.at[m.size - 6] = 0xff;
	ck_assert_int_eq(run(), RW_EMALFORMED);
	put_start(&m, 1, 0, 0);
	put_record(&m, TYPE_MX, 60, "\0\1\1a\0", 5);
	rejects_every_prefix();
}
END_TEST

/* 4097 names over one chain of 8177 pointers in 65,532 bytes: 67 ms in ldns 1.8.3. This
 * reaches LIMIT_MESSAGE_WORK. */
START_TEST(work_is_bounded)
{
	enum {
		HOPS = 8177,
		NAMES = 4097
	};
	struct precheck info;
	put_header(&m, 0, 1, 0, 0);
	put8(&m, 0);
	put_fixed(&m, 65280, 0, 2 * HOPS);
	size_t last = 0;
	for (unsigned i = 0; i < HOPS; i++) {
		size_t here = m.size;
		if (last)
			put_pointer(&m, last);
		else
			put16(&m, 0);
		last = here;
	}
	rr_put16(m.at + 6, NAMES);
	for (unsigned i = 1; i < NAMES && m.size + 12 <= 65535; i++) {
		put_pointer(&m, last);
		put_fixed(&m, 65280, 0, 0);
	}
	ck_assert_uint_gt(m.size, 65500);
	ck_assert_int_eq(precheck(m.at, m.size, &info), RW_EMALFORMED);

	/* Legal names, each of 127 labels: the count of labels stops it. */
	put_header(&m, 1, 4000, 0, 0);
	for (int i = 0; i < 127; i++)
		put(&m, "\1a", 2);
	put8(&m, 0);
	put16(&m, TYPE_A);
	put16(&m, CLASS_IN);
	for (int i = 0; i < 4000; i++)
		put_record(&m, 65280, 0, "", 0);
	ck_assert_int_eq(precheck(m.at, m.size, &info), RW_ELIMIT);
	/* As many with a short name pass. */
	put_start(&m, 4000, 0, 0);
	for (int i = 0; i < 3000; i++)
		put_record(&m, TYPE_A, 0, "\1\2\3\4", 4);
	rr_put16(m.at + 6, 3000);
	ck_assert_int_eq(precheck(m.at, m.size, &info), 0);
	ck_assert_int_eq(precheck(m.at, 65536, &info), RW_ELIMIT);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("precheck");
	TCase *tests = tcase_create("precheck");
	tcase_add_test(tests, a_query_with_opt_passes);
	tcase_add_test(tests, a_bare_header_passes_and_outputs_stay_on_failure);
	tcase_add_test(tests, counts_must_tell_the_truth);
	tcase_add_test(tests, pointers_go_strictly_backwards);
	tcase_add_test(tests, a_name_never_depends_on_the_header);
	tcase_add_test(tests, sixteen_hops_pass_and_seventeen_do_not);
	tcase_add_test(tests, names_and_labels_have_their_sizes);
	tcase_add_test(tests, opt_stands_once_in_additional_at_the_root);
	tcase_add_test(tests, a_signature_stands_once_and_last);
	tcase_add_test(tests, sig0_is_a_signature_and_sig_is_not);
	tcase_add_test(tests, rdata_has_its_shape);
	tcase_add_test(tests, rdata_alone_holds_no_pointer);
	tcase_add_test(tests, rdlength_ends_with_the_message);
	tcase_add_test(tests, work_is_bounded);
	suite_add_tcase(suite, tests);
	return suite;
}
