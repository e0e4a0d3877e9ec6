/* SPDX-License-Identifier: MIT */
/* EDNS(0): the OPT record's fields, and options that are long, many, repeated or broken. */
#include <check.h>
#include <stdlib.h>

#include "resolver/wire/edns.h"
#include "tests/unit/bytes.h"
#include "tests/unit/suite.h"

static struct bytes m;
static struct edns edns;

static int read_opt(const void *options, size_t size)
{
	m.size = 0;
	put8(&m, 0xee); /* so that the offset is not 0 */
	put_opt(&m, options, size);
	return edns_read(m.at, m.size, 1, &edns);
}

START_TEST(the_fixed_fields_are_read)
{
	ck_assert_int_eq(read_opt("", 0), 0);
	ck_assert(edns.present && edns.dnssec_ok);
	ck_assert_uint_eq(edns.udp_size, 512); /* 1 was announced */
	ck_assert_uint_eq(edns.option_count, 0);
	m.at[4] = 4096 >> 8;
	m.at[6] = 0x12;
	m.at[7] = 3;
	m.at[8] = 0x7f;
	ck_assert_int_eq(edns_read(m.at, m.size, 1, &edns), 0);
	ck_assert_uint_eq(edns.udp_size, 4097);
	ck_assert_uint_eq(edns.extended_rcode, 0x12);
	ck_assert_uint_eq(edns.version, 3);
	ck_assert(!edns.dnssec_ok);
}
END_TEST

START_TEST(the_first_of_each_kind_counts)
{
	ck_assert_int_eq(read_opt("\0\12\0\1a\0\3\0\0\0\12\0\1b", 14), 0);
	ck_assert_uint_eq(edns.option_count, 2);
	const struct edns_option *cookie = edns_find(&edns, OPTION_COOKIE);
	ck_assert_uint_eq(cookie->size, 1);
	ck_assert_uint_eq(cookie->bytes[0], 'a');
	ck_assert_uint_eq(edns_find(&edns, OPTION_NSID)->size, 0);
	ck_assert_ptr_null(edns_find(&edns, OPTION_EDE));
}
END_TEST

START_TEST(reading_stops_at_the_limit)
{
	struct bytes *options = calloc(1, sizeof(*options));
	for (unsigned i = 0; i < LIMIT_EDNS_OPTIONS + 4; i++) {
		put16(options, 100 + i);
		put16(options, 0);
	}
	ck_assert_int_eq(read_opt(options->at, options->size), 0);
	ck_assert_uint_eq(edns.option_count, LIMIT_EDNS_OPTIONS);
	ck_assert_ptr_nonnull(edns_find(&edns, 100));
	ck_assert_ptr_null(edns_find(&edns, 100 + LIMIT_EDNS_OPTIONS));
	free(options);
}
END_TEST

START_TEST(broken_options_are_refused)
{
	static const struct {
		const char *bytes;
		size_t size;
	} bad[] = {{"\0", 1}, {"\0\12\0", 3}, {"\0\12\0\1", 4}, {"\0\12\0\1ab", 6},
		{"\0\12\377\377a", 5}};
	for (size_t i = 0; i < RW_COUNT(bad); i++) {
		edns.version = 77;
		ck_assert_int_eq(read_opt(bad[i].bytes, bad[i].size), RW_EMALFORMED);
		ck_assert_uint_eq(edns.version, 77);
	}
	ck_assert_int_eq(read_opt("\0\12\0\1a", 5), 0);
	for (size_t size = 0; size < m.size; size++)
		ck_assert_int_eq(edns_read(m.at, size, 1, &edns), RW_EMALFORMED);
	ck_assert_int_eq(edns_read(m.at, m.size, 0, &edns), RW_EMALFORMED);
	ck_assert_int_eq(edns_read(m.at, m.size, m.size + 5, &edns), RW_EMALFORMED);
}
END_TEST

START_TEST(extended_errors_are_read)
{
	const uint8_t *text = NULL;
	size_t size = 99;
	ck_assert_int_eq(read_opt("\0\17\0\5\0\26abc", 9), 0);
	ck_assert_int_eq(edns_ede(&edns, &text, &size), 22);
	ck_assert_uint_eq(size, 3);
	ck_assert_mem_eq(text, "abc", 3);
	ck_assert_int_eq(read_opt("\0\17\0\2\0\0", 6), 0);
	ck_assert_int_eq(edns_ede(&edns, &text, &size), EDE_OTHER);
	ck_assert_uint_eq(size, 0);
	size = 99;
	ck_assert_int_eq(read_opt("\0\17\0\1\0", 5), 0);
	ck_assert_int_eq(edns_ede(&edns, &text, &size), EDE_NONE);
	ck_assert_int_eq(read_opt("", 0), 0);
	ck_assert_int_eq(edns_ede(&edns, &text, &size), EDE_NONE);
	ck_assert_uint_eq(size, 99);
}
END_TEST

START_TEST(codes_have_phrases)
{
	ck_assert_str_eq(ede_text(EDE_OTHER), "Other");
	ck_assert_str_eq(ede_text(EDE_DNSSEC_BOGUS), "DNSSEC Bogus");
	ck_assert_str_eq(ede_text(EDE_CACHED_ERROR), "Cached Error");
	ck_assert_str_eq(ede_text(EDE_STALE_NXDOMAIN), "Stale NXDOMAIN Answer");
	ck_assert_str_eq(ede_text(EDE_NO_REACHABLE_AUTHORITY), "No Reachable Authority");
	ck_assert_str_eq(ede_text(EDE_INVALID_DATA), "Invalid Data");
	ck_assert_str_eq(ede_text(EDE_UNABLE_TO_CONFORM), "Unable to conform to policy");
	ck_assert_str_eq(ede_text(31), "Unassigned");
	ck_assert_str_eq(ede_text(EDE_NONE), "Unassigned");
	ck_assert_str_eq(ede_text(65535), "Unassigned");
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("edns");
	TCase *tests = tcase_create("edns");
	tcase_add_test(tests, the_fixed_fields_are_read);
	tcase_add_test(tests, the_first_of_each_kind_counts);
	tcase_add_test(tests, reading_stops_at_the_limit);
	tcase_add_test(tests, broken_options_are_refused);
	tcase_add_test(tests, extended_errors_are_read);
	tcase_add_test(tests, codes_have_phrases);
	suite_add_tcase(suite, tests);
	return suite;
}
