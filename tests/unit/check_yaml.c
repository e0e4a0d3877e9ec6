/* SPDX-License-Identifier: MIT */
/*
 * The tree of a file of settings where it is not the configuration: blocks of text, and that faults
 * are reported to the caller. The subset itself is tried by check_config.
 */
#include <check.h>
#include <string.h>

#include "resolver/base/yaml.h"
#include "tests/unit/suite.h"

static struct {
	unsigned count, line;
	char message[YAML_MESSAGE];
} faults;

static void take_fault(void *ctx, unsigned line, unsigned column, const char *message)
{
	(void)ctx;
	(void)column;
	faults.count++;
	faults.line = line;
	memcpy(faults.message, message, strlen(message) + 1);
}

static struct yaml_node *read_tree(const char *text, bool blocks, struct arena *arena)
{
	struct yaml_source source = {
		.bytes = text, .size = strlen(text), .blocks = blocks, .fault = take_fault};
	struct yaml_node *root = NULL;
	memset(&faults, 0, sizeof(faults));
	arena_init(arena, YAML_TREE_BYTES);
	ck_assert(yaml_bytes_fit(&source));
	ck_assert_int_eq(yaml_tree(&source, arena, &root), 0);
	return root;
}

START_TEST(a_block_comes_without_its_indentation_and_with_its_line)
{
	struct arena arena;
	struct yaml_node *root = read_tree(
		"a: 1\nrecords: |\n  @ A 192.0.2.1\n\n  www  A 192.0.2.2\nb: 2\n", true, &arena);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_uint_eq(root->count, 3);
	const struct yaml_node *block = root->first->next;
	ck_assert_str_eq(block->text, "@ A 192.0.2.1\n\nwww  A 192.0.2.2\n");
	ck_assert_uint_eq(block->line, 3);
	ck_assert_uint_eq(block->next->line, 6);
	arena_release(&arena);
}
END_TEST

START_TEST(a_block_of_one_line_and_an_empty_one)
{
	struct arena arena;
	struct yaml_node *root = read_tree("a: |\n  one\nb: |\nc: x\n", true, &arena);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_str_eq(root->first->text, "one\n");
	ck_assert_str_eq(root->first->next->text, "");
	arena_release(&arena);
}
END_TEST

START_TEST(who_wants_no_blocks_gets_none)
{
	struct arena arena;
	struct yaml_node *root = read_tree("a: |\n  one\n", false, &arena);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_ptr_nonnull(strstr(faults.message, "write it on one line"));
	ck_assert_int_eq(root->first->kind, YAML_REFUSED);
	arena_release(&arena);
}
END_TEST

START_TEST(a_folded_block_is_refused_everywhere)
{
	struct arena arena;
	(void)read_tree("x: 1\na: >\n  one\n  two\n", true, &arena);
	ck_assert_uint_eq(faults.count, 1);
	arena_release(&arena);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("yaml");
	TCase *tcase = tcase_create("yaml");
	tcase_add_test(tcase, a_block_comes_without_its_indentation_and_with_its_line);
	tcase_add_test(tcase, a_block_of_one_line_and_an_empty_one);
	tcase_add_test(tcase, who_wants_no_blocks_gets_none);
	tcase_add_test(tcase, a_folded_block_is_refused_everywhere);
	suite_add_tcase(suite, tcase);
	return suite;
}
