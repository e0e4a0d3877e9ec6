/* SPDX-License-Identifier: MIT */
/* $INCLUDE of master files: what is read, from where, and how much of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/wire/text.h"
#include "zones/lists/rpz.h"
#include "zones/authority/zone_file.h"
#include "tests/unit/suite.h"

#define HEAD "$TTL 60\n@ SOA ns h 7 2 3 4 5\n@ NS ns\n"

static const uint8_t apex[] = "\7example";
static char folder[] = "/tmp/rootwalk-include-XXXXXX";
static struct fault_list faults;
static struct table_included included;
static struct zone *zone;
static char got[4096];

static const char *path_of(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];
	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(mkdir(path_of("zones"), 0700), 0);
	ck_assert_int_eq(mkdir(path_of("zones/sub"), 0700), 0);
	put("secret", "secret A 192.0.2.99\n");
}

static void forget(void)
{
	zone_free(zone);
	zone = NULL;
	table_included_release(&included);
	memset(&faults, 0, sizeof(faults));
}

static void teardown(void)
{
	char command[64];
	forget();
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static int print(void *ctx, const struct rrset *set)
{
	struct arena arena;
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	(void)ctx;
	if (set->type == TYPE_SOA || set->type == TYPE_NS)
		return 0;
	arena_init(&arena, 1 << 16);
	for (unsigned i = 0; i < set->count; i++)
		(void)snprintf(got + strlen(got), 128, "%s %u %s %s\n", name_text(set->owner, name),
			set->ttl, text_type(set->type, type),
			text_rdata(&arena, set->type, &set->records[i]));
	arena_release(&arena);
	return 0;
}

static int read_zone(const char *text)
{
	forget();
	put("zones/main", text);
	return zone_file_read(path_of("zones/main"), apex, &included, &faults, &zone);
}

static void assert_zone(const char *text, const char *want)
{
	int err = read_zone(text);
	ck_assert_msg(err == 0, "%s:%u: %s", faults.items[0].file, faults.items[0].line,
		faults.items[0].message);
	got[0] = '\0';
	ck_assert_int_eq(zone_walk(zone, print, NULL), 0);
	ck_assert_str_eq(got, want);
}

/* The only fault, at that line of that file. */
static void assert_fault(const char *text, const char *file, unsigned line, const char *why)
{
	ck_assert_int_eq(read_zone(text), RW_EINVAL);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_str_eq(faults.items[0].file, path_of(file));
	ck_assert_msg(strstr(faults.items[0].message, why) != NULL, "%s", faults.items[0].message);
	ck_assert_uint_eq(faults.items[0].line, line);
}

/* As named has it: behind the file, origin and owner are what they were, and $TTL is not. */
START_TEST(a_file_is_read_where_it_is_named)
{
	put("zones/sub/one", "\tTXT \"of main\"\n\n$ORIGIN deep\n$TTL 30\na A 192.0.2.1\n"
			     "$INCLUDE two\n");
	put("zones/sub/two", "\xef\xbb\xbf"
			     "b A 192.0.2.2\n");
	put("zones/sub/in quotes", "c A 192.0.2.3\n");
	assert_zone(HEAD "x A 192.0.2.9\n"
			 "$INCLUDE sub/one ; a comment\n"
			 "\tAAAA ::9\n"
			 "y A 192.0.2.8\n"
			 "$include \"sub/in quotes\" other\n",
		"a.deep.example. 30 A 192.0.2.1\n"
		"b.deep.example. 30 A 192.0.2.2\n"
		"c.other.example. 30 A 192.0.2.3\n"
		"x.example. 60 A 192.0.2.9\n"
		"x.example. 60 TXT \"of main\"\n"
		"x.example. 30 AAAA ::9\n"
		"y.example. 30 A 192.0.2.8\n");
	ck_assert_uint_eq(included.count, 3);
	ck_assert_str_eq(included.files[0], path_of("zones/sub/one"));
	ck_assert_str_eq(included.files[1], path_of("zones/sub/two"));
}
END_TEST

START_TEST(faults_are_told_with_their_own_file)
{
	put("zones/sub/one", "a A 192.0.2.1\nb A nothing\n");
	assert_fault(HEAD "$INCLUDE sub/one\n", "zones/sub/one", 2, "is no data for this type");
	put("zones/sub/one", "www.example.net. A 192.0.2.1\n");
	assert_fault(HEAD "$INCLUDE sub/one\n", "zones/sub/one", 1, "outside the zone");
	assert_fault(HEAD "$INCLUDE\n", "zones/main", 4, "takes the name of a file");
	assert_fault(HEAD "$INCLUDE a b c\n", "zones/main", 4, "takes the name of a file");
	assert_fault(HEAD "$INCLUDE a b..c\n", "zones/main", 4, "is no domain name");
	assert_fault(HEAD "$INCLUDE sub\n", "zones/main", 4, "Is a directory");
}
END_TEST

START_TEST(only_files_below_the_folder_are_read)
{
	char text[256];
	ck_assert_int_eq(symlink("../secret", path_of("zones/link")), 0);
	ck_assert_int_eq(symlink("..", path_of("zones/up")), 0);
	ck_assert_int_eq(symlink(path_of("secret"), path_of("zones/sub/absolute")), 0);
	ck_assert_int_eq(symlink("sub/near", path_of("zones/inside")), 0);
	put("zones/sub/near", "a A 192.0.2.1\n");
	put("zones/upwards", "b A 192.0.2.2\n");
	assert_fault(HEAD "$INCLUDE ../secret\n", "zones/main", 4, "has `..` in it");
	assert_fault(HEAD "$INCLUDE sub/../../secret\n", "zones/main", 4, "has `..` in it");
	assert_fault(HEAD "$INCLUDE sub/..\n", "zones/main", 4, "has `..` in it");
	(void)snprintf(text, sizeof(text), HEAD "$INCLUDE %s\n", path_of("zones/sub/near"));
	assert_fault(text, "zones/main", 4, "write it relative");
	assert_fault(HEAD "$INCLUDE link\n", "zones/main", 4, "leads out of the folder");
	assert_fault(HEAD "$INCLUDE up/secret\n", "zones/main", 4, "leads out of the folder");
	assert_fault(HEAD "$INCLUDE sub/absolute\n", "zones/main", 4, "leads out of the folder");
	/* the folder is that of the file that includes, not that of the zone */
	put("zones/sub/one", "$INCLUDE ../upwards\n");
	assert_fault(HEAD "$INCLUDE sub/one\n", "zones/sub/one", 1, "has `..` in it");
	assert_zone(HEAD "$INCLUDE inside\n", "a.example. 60 A 192.0.2.1\n");
	/* a name with dots is one like any other */
	put("zones/..b", "b A 192.0.2.2\n");
	assert_zone(HEAD "$INCLUDE ..b\n", "b.example. 60 A 192.0.2.2\n");
}
END_TEST

START_TEST(circles_are_told)
{
	put("zones/one", "$INCLUDE sub/two\n");
	put("zones/sub/two", "a A 192.0.2.1\n$INCLUDE three\n");
	ck_assert_int_eq(link(path_of("zones/one"), path_of("zones/sub/three")), 0);
	assert_fault(HEAD "$INCLUDE one\n", "zones/sub/two", 2, "includes itself");
	assert_fault(HEAD "$INCLUDE main\n", "zones/main", 4, "includes itself");
	/* twice in a row is no circle */
	put("zones/sub/two", "a A 192.0.2.1\n");
	assert_zone(HEAD "$INCLUDE one\n$INCLUDE one\n", "a.example. 60 A 192.0.2.1\n");
	ck_assert_uint_eq(included.count, 2);
}
END_TEST

/* reaches LIMIT_INCLUDE_DEPTH */
START_TEST(files_in_files_have_a_bound)
{
	char name[32], text[64], last[32];
	for (unsigned i = 1; i <= LIMIT_INCLUDE_DEPTH; i++) {
		(void)snprintf(name, sizeof(name), "zones/f%u", i);
		(void)snprintf(text, sizeof(text), "$INCLUDE f%u\n", i + 1);
		put(name, i < LIMIT_INCLUDE_DEPTH ? text : "a A 192.0.2.1\n");
	}
	assert_zone(HEAD "$INCLUDE f1\n", "a.example. 60 A 192.0.2.1\n");
	(void)snprintf(last, sizeof(last), "zones/f%u", LIMIT_INCLUDE_DEPTH);
	put(last, "$INCLUDE other\n");
	put("zones/other", "a A 192.0.2.1\n");
	assert_fault(HEAD "$INCLUDE f1\n", last, 1, "by too many files, one in another");
}
END_TEST

START_TEST(files_have_a_bound)
{
	static char text[LIMIT_INCLUDES * 16 + sizeof(HEAD) + 16] = HEAD;
	put("zones/a", "a A 192.0.2.1\n");
	for (unsigned i = 0; i < LIMIT_INCLUDES; i++)
		strcat(text, "$INCLUDE a\n");
	assert_zone(text, "a.example. 60 A 192.0.2.1\n");
	strcat(text, "$INCLUDE a\n");
	assert_fault(text, "zones/main", 4 + LIMIT_INCLUDES, "one file more");
}
END_TEST

/* Together they may not be larger than LIMIT_ZONE_BYTES. Both files are sparse. */
START_TEST(bytes_have_a_bound)
{
	put("zones/large", "");
	ck_assert_int_eq(truncate(path_of("zones/large"), LIMIT_ZONE_BYTES), 0);
	assert_fault(HEAD "$INCLUDE large\n", "zones/main", 4, "larger together");
}
END_TEST

/* A missing file is watched, too, because it may be created later. */
START_TEST(what_is_drawn_in_is_known)
{
	assert_fault(HEAD "$INCLUDE sub/none\n", "zones/main", 4, "No such file");
	ck_assert_uint_eq(included.count, 1);
	ck_assert_str_eq(included.files[0], path_of("zones/sub/none"));
	struct table table = {0};
	table_set_included(&table, &included);
	ck_assert(!table_is_outdated(&table));
	put("zones/sub/none", "a A 192.0.2.1\n");
	ck_assert(table_is_outdated(&table));
	table_included_release(&table.included);
}
END_TEST

/* A rule of another file is told with the line that has drawn it in: that of the zone's file. */
START_TEST(policy_zones_draw_in_too)
{
	static const uint8_t bad[] = "\3bad\7example", worse[] = "\5worse\7example";
	const struct table_source from = {.key = "k", .included = &included};
	const struct rpz_source source = {
		.path = path_of("zones/main"), .apex = apex, .max_bytes = 1 << 20, .source = &from};
	struct rpz_match match;
	struct rpz *rpz;
	put("zones/main", HEAD "bad.example CNAME .\n$INCLUDE sub/more\n");
	put("zones/sub/more", ";\n;\nworse.example CNAME .\nodd.example CNAME rpz-odd.\n");
	ck_assert_int_eq(rpz_read(&source, &faults, &rpz), 0);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_str_eq(faults.items[0].file, path_of("zones/sub/more"));
	ck_assert_uint_eq(faults.items[0].line, 4);
	ck_assert(rpz_match_name(rpz, RPZ_QNAME, bad, &match));
	ck_assert_uint_eq(match.line, 4);
	ck_assert(rpz_match_name(rpz, RPZ_QNAME, worse, &match));
	ck_assert_uint_eq(match.line, 5);
	ck_assert_uint_eq(included.count, 1);
	rpz_unref(rpz);
}
END_TEST

/* Text that came with something else has no folder. */
START_TEST(nothing_is_drawn_in_from_memory)
{
	static const char text[] = HEAD "$INCLUDE secret\n";
	forget();
	ck_assert_int_eq(
		zone_file_parse(path_of("main"), text, sizeof(text) - 1, apex, &faults, &zone),
		RW_EINVAL);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "is not supported here"));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("include");
	TCase *tests = tcase_create("all");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_file_is_read_where_it_is_named);
	tcase_add_test(tests, faults_are_told_with_their_own_file);
	tcase_add_test(tests, only_files_below_the_folder_are_read);
	tcase_add_test(tests, circles_are_told);
	tcase_add_test(tests, files_in_files_have_a_bound);
	tcase_add_test(tests, files_have_a_bound);
	tcase_add_test(tests, bytes_have_a_bound);
	tcase_add_test(tests, what_is_drawn_in_is_known);
	tcase_add_test(tests, policy_zones_draw_in_too);
	tcase_add_test(tests, nothing_is_drawn_in_from_memory);
	suite_add_tcase(suite, tests);
	return suite;
}
