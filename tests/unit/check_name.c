/* SPDX-License-Identifier: MIT */
/* Names: text form, order, suffixes, and reading from a message. */
#include <check.h>

#include "tests/unit/bytes.h"
#include "tests/unit/suite.h"

static struct bytes m;

static const uint8_t *of(const char *text)
{
	static struct name names[64];
	static unsigned next;
	struct name *name = &names[next++ % RW_COUNT(names)];
	ck_assert_msg(name_from_text(text, name) == 0, "%s", text);
	return name->bytes;
}

START_TEST(text_goes_there_and_back)
{
	static const char *const same[] = {".", "com.", "www.Example.com.", "a\\.b.c.",
		"\\000\\255.x.", "\\\\.", "\\\"\\(\\)\\;\\@\\$.", "*.x.", "\\032.", "_a-b."};
	char text[LIMIT_NAME_TEXT];
	for (size_t i = 0; i < RW_COUNT(same); i++)
		ck_assert_str_eq(name_text(of(same[i]), text), same[i]);
	ck_assert_str_eq(name_text(of("a.b"), text), "a.b.");
	ck_assert_str_eq(name_text(of("\\097\\b."), text), "ab.");
}
END_TEST

START_TEST(bad_text_is_refused)
{
	static const char *const bad[] = {
		"", "..", ".a", "a..b", "a..", "\\", "a\\", "\\25", "\\256", "\\999", "\\2x5"};
	struct name name = {{42}};
	for (size_t i = 0; i < RW_COUNT(bad); i++)
		ck_assert_msg(name_from_text(bad[i], &name) == RW_EMALFORMED, "%s", bad[i]);
	char label[70];
	memset(label, 'x', sizeof(label));
	label[64] = '\0';
	ck_assert_int_eq(name_from_text(label, &name), RW_EMALFORMED);
	ck_assert_uint_eq(name.bytes[0], 42);
	label[63] = '\0';
	ck_assert_int_eq(name_from_text(label, &name), 0);
	ck_assert_uint_eq(name_size(name.bytes), 65);
}
END_TEST

/* Text of a name with `size` bytes in wire form, in labels of one letter; `size` is odd. */
static const char *text_of_size(size_t size)
{
	static char text[600];
	char *out = text;
	for (size_t used = 1; used < size; used += 2) {
		*out++ = 'a';
		*out++ = '.';
	}
	*out = '\0';
	return text;
}

START_TEST(a_name_has_at_most_255_bytes)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text_of_size(255), &name), 0);
	ck_assert_uint_eq(name_size(name.bytes), 255);
	ck_assert_uint_eq(name_labels(name.bytes), LIMIT_LABELS - 1);
	ck_assert_int_eq(name_compare(name.bytes, name.bytes), 0);
	ck_assert_int_eq(name_from_text(text_of_size(257), &name), RW_EMALFORMED);
	ck_assert_int_eq(name_replace_suffix(name.bytes, name_root, of("b."), &name), RW_ELIMIT);
	ck_assert_uint_eq(name_size(name.bytes), 255);
}
END_TEST

/* The example of RFC 4034 section 6.1, in its order. */
START_TEST(canonical_order_is_that_of_rfc_4034)
{
	static const char *const order[] = {"example.", "a.example.", "yljkjljk.a.example.",
		"Z.a.example.", "zABC.a.EXAMPLE.", "z.example.", "\\001.z.example.", "*.z.example.",
		"\\200.z.example."};
	for (size_t i = 0; i < RW_COUNT(order); i++)
		for (size_t j = 0; j < RW_COUNT(order); j++) {
			int got = name_compare(of(order[i]), of(order[j]));
			ck_assert_int_eq((got > 0) - (got < 0), (i > j) - (i < j));
		}
	ck_assert_int_lt(name_compare(name_root, of("a.")), 0);
	ck_assert_int_eq(name_compare(of("A.b."), of("a.B.")), 0);
}
END_TEST

START_TEST(equality_ignores_the_case_of_letters_only)
{
	ck_assert(name_equal(of("WwW.ExAmPlE."), of("wWw.eXaMpLe.")));
	ck_assert(!name_equal(of("a."), of("b.")));
	ck_assert(!name_equal(of("a.b."), of("a.")));
	ck_assert(!name_equal(of("ab."), of("a.b.")));
	ck_assert(!name_equal(of("[."), of("{.")));
	ck_assert(!name_equal(of("@."), of("`.")));
	struct siphash_key key = {{1, 2}}, other = {{1, 3}};
	ck_assert_uint_eq(name_hash(of("A.Z."), &key), name_hash(of("a.z."), &key));
	ck_assert_uint_ne(name_hash(of("a.z."), &key), name_hash(of("a.y."), &key));
	ck_assert_uint_ne(name_hash(of("a.z."), &key), name_hash(of("a.z."), &other));
	uint8_t lower[LIMIT_NAME_BYTES];
	ck_assert_uint_eq(name_lower(of("A[Z."), lower), 5);
	ck_assert_mem_eq(lower, "\3a[z", 5);
}
END_TEST

START_TEST(ancestors_and_suffixes)
{
	const uint8_t *name = of("a.b.Example.com.");
	ck_assert(name_is_at_or_below(name, of("example.COM.")));
	ck_assert(name_is_at_or_below(name, name_root));
	ck_assert(name_is_at_or_below(name, name));
	ck_assert(!name_is_below(name, name));
	ck_assert(name_is_below(name, of("b.example.com.")));
	ck_assert(!name_is_at_or_below(name, of("ample.com.")));
	ck_assert(!name_is_at_or_below(of("com."), name));
	/* A label's bytes that look like another name's end. */
	ck_assert(!name_is_at_or_below(of("x\\003com."), of("com.")));
	ck_assert(name_equal(name_suffix(name, 2), of("example.com.")));
	ck_assert_ptr_eq(name_suffix(name, 9), name);
	ck_assert(name_is_root(name_skip(name, 9)));
	ck_assert_uint_eq(name_labels(name_root), 0);
	ck_assert_uint_eq(name_common_labels(name, of("x.b.example.com.")), 3);
	ck_assert_uint_eq(name_common_labels(name, of("a.b.example.net.")), 0);
	ck_assert_uint_eq(name_common_labels(name, of("a.x.example.com.")), 2);
	ck_assert_uint_eq(name_common_labels(name, name), 4);
	ck_assert(name_is_wildcard(of("*.a.")));
	ck_assert(!name_is_wildcard(of("**.a.")) && !name_is_wildcard(of("x.*.")));
}
END_TEST

START_TEST(a_suffix_is_replaced)
{
	struct name name;
	ck_assert_int_eq(name_replace_suffix(of("a.b.old."), of("OLD."), of("new.org."), &name), 0);
	ck_assert(name_equal(name.bytes, of("a.b.new.org.")));
	ck_assert_int_eq(name_replace_suffix(of("old."), of("old."), name_root, &name), 0);
	ck_assert(name_is_root(name.bytes));
	ck_assert_int_eq(name_replace_suffix(of("a.b."), of("c."), name_root, &name), RW_EINVAL);
}
END_TEST

START_TEST(reading_follows_pointers)
{
	struct name name;
	size_t next;
	m.size = 0;
	put_name(&m, "Example.com.");
	size_t at = m.size;
	put(&m, "\3www", 4);
	put_pointer(&m, 0);
	put8(&m, 'x');
	ck_assert_int_eq(name_read(m.at, m.size, at, &name, &next), 0);
	ck_assert_uint_eq(next, at + 6);
	ck_assert_mem_eq(name.bytes, "\3www\7Example\3com", 17);
	ck_assert_int_eq(name_read(m.at, m.size, 0, NULL, &next), 0);
	ck_assert_uint_eq(next, at);
	ck_assert_int_eq(name_read(m.at, m.size, at, NULL, NULL), 0);
	for (size_t size = at; size < at + 6; size++)
		ck_assert_int_eq(name_read(m.at, size, at, &name, &next), RW_EMALFORMED);
	ck_assert_int_eq(name_read(m.at, m.size, m.size, &name, &next), RW_EMALFORMED);
	ck_assert_uint_eq(next, at);
}
END_TEST

START_TEST(reading_refuses_loops_and_long_chains)
{
	struct name name;
	m.size = 0;
	put8(&m, 0);
	size_t last = 0;
	for (unsigned hops = 1; hops <= LIMIT_POINTER_HOPS + 1; hops++) {
		size_t here = m.size;
		put_pointer(&m, last);
		last = here;
		ck_assert_int_eq(name_read(m.at, m.size, here, &name, NULL),
			hops <= LIMIT_POINTER_HOPS ? 0 : RW_EMALFORMED);
	}
	for (unsigned target = 2; target < 8; target++) {
		m.size = 0;
		put(&m, "\0\0\1a", 4);
		put_pointer(&m, target);
		put(&m, "\0\0", 2);
		ck_assert_int_eq(name_read(m.at, m.size, 2, &name, NULL), RW_EMALFORMED);
	}
	ck_assert_int_eq(name_read((const uint8_t *)"\100aaaa", 6, 0, &name, NULL), RW_EMALFORMED);
	ck_assert_int_eq(name_read((const uint8_t *)"\200aaaa", 6, 0, &name, NULL), RW_EMALFORMED);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("name");
	TCase *tests = tcase_create("name");
	tcase_add_test(tests, text_goes_there_and_back);
	tcase_add_test(tests, bad_text_is_refused);
	tcase_add_test(tests, a_name_has_at_most_255_bytes);
	tcase_add_test(tests, canonical_order_is_that_of_rfc_4034);
	tcase_add_test(tests, equality_ignores_the_case_of_letters_only);
	tcase_add_test(tests, ancestors_and_suffixes);
	tcase_add_test(tests, a_suffix_is_replaced);
	tcase_add_test(tests, reading_follows_pointers);
	tcase_add_test(tests, reading_refuses_loops_and_long_chains);
	suite_add_tcase(suite, tests);
	return suite;
}
