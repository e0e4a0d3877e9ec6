/* SPDX-License-Identifier: MIT */
/*
 * The configuration: defaults, every type of value, and for each way to get a file wrong the exact
 * place and words of the error. Run from the root of the tree (the manual page is compared).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/config/config.h"
#include "resolver/wire/name.h"
#include "tests/unit/config_faults.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

static struct config_report report;

static int load(const char *text, struct settings *ret_settings)
{
	return config_load_bytes("test.yaml", text, strlen(text), ret_settings, &report);
}

START_TEST(faults_have_their_place)
{
	struct settings settings;
	memset(&settings, 0x5a, sizeof(settings));
	struct settings untouched = settings;
	ck_assert_int_eq(load(faults[_i].text, &settings), RW_EINVAL);
	ck_assert_mem_eq(&settings, &untouched, sizeof(settings));
	const struct config_error *error = &report.errors[0];
	ck_assert_msg(strncmp(error->message, faults[_i].message, strlen(faults[_i].message)) == 0,
		"%s\ngot:  %s\nwant: %s", faults[_i].text, error->message, faults[_i].message);
	ck_assert_msg(error->line == faults[_i].line && error->column == faults[_i].column,
		"%s\ngot %u:%u", faults[_i].text, error->line, error->column);
	ck_assert_msg(report.count == 1, "%s\n%zu errors", faults[_i].text, report.count);
}
END_TEST

/* Files that are fine, however bare they are. */
static const char *const fine[] = {
	"",
	"# nothing but words\n",
	"---\n",
	"{}\n",
	"cache:\n#  size: 1MiB\nworkers: 2\n",
	"workers: cores\n",
	"\"workers\": '2'\n",
	"workers: 2\r\ncache: {size: 1GiB}\r\n",
	"listen: [::1@5300, 127.0.0.1]\n",
	"access: []\n",
	"dnssec: {validate: false, trust-anchors: []}\n",
	"root-hints: ROOT_HINTS\n",
	"dns64: {prefix: \"fe80::21b:aabb:0:0/96\"}\n", /* against RFC 6052, but in use */
	"# \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n",
};

START_TEST(fine_files_load)
{
	struct settings settings;
	int err = load(fine[_i], &settings);
	ck_assert_msg(err == 0, "%s\n%s", fine[_i], report.errors[0].message);
	ck_assert_uint_eq(report.count, 0);
	ck_assert_uint_ge(settings.listen.count, 1);
	settings_release(&settings);
}
END_TEST

START_TEST(every_type_is_read)
{
	static const char text[] =
		"listen: [\"127.0.0.1@5300\", ::1@5301]\naccess: [192.0.2.0/24]\n"
		"allow-snoop: [192.0.2.1]\nworkers: 3\nspecial-use: false\nmax-udp-size: "
		"4096\ndiscard-timeout: 1900ms\n"
		"qname-minimisation: off\nminimal-responses: false\n"
		"outgoing:\n  ipv6: false\n  port: 5353\n  addresses: [127.0.0.9]\n"
		"  allow-private: [127.0.0.0/8]\n  case-randomisation: false\n  timeout: 900ms\n"
		"  edns-buffer-size: 512\n"
		"cache: {size: 2GiB, max-ttl: 7d, min-ttl: 5s, max-negative-ttl: 10m,\n"
		"  serve-stale: false, prefetch: false, stale-max-age: 2h, stale-ttl: 1s,\n"
		"  stale-client-timeout: 0ms}\n"
		"log: {level: debug}\n";
	struct settings s;
	ck_assert_msg(load(text, &s) == 0, "%s", report.errors[0].message);
	ck_assert_uint_eq(s.listen.count, 2);
	ck_assert_uint_eq(s.listen.items[1].port, 5301);
	ck_assert_int_eq(s.listen.items[1].family, ADDR_V6);
	ck_assert_uint_eq(s.access.count, 1);
	ck_assert_uint_eq(s.access.items[0].bits, 24);
	ck_assert(s.allow_snoop_given && s.allow_snoop.items[0].bits == 32);
	ck_assert_uint_eq(s.workers, 3);
	ck_assert(!s.special_use && !s.minimal_responses);
	ck_assert_uint_eq(s.max_udp_size, 4096);
	ck_assert_uint_eq(s.discard_timeout_ms, 1900);
	ck_assert_int_eq(s.minimisation, MINIMISE_OFF);
	ck_assert(s.outgoing.ipv4 && !s.outgoing.ipv6 && !s.outgoing.case_randomisation);
	ck_assert_uint_eq(s.outgoing.port, 5353);
	ck_assert_uint_eq(s.outgoing.addresses.items[0].port, 0);
	ck_assert_uint_eq(s.outgoing.allow_private.items[0].bits, 8);
	ck_assert_uint_eq(s.outgoing.timeout_ms, 900);
	ck_assert_uint_eq(s.outgoing.edns_buffer_size, 512);
	ck_assert_uint_eq(s.cache.size_bytes, UINT64_C(2) << 30);
	ck_assert_uint_eq(s.cache.max_ttl_s, 604800);
	ck_assert_uint_eq(s.cache.min_ttl_s, 5);
	ck_assert_uint_eq(s.cache.max_negative_ttl_s, 600);
	ck_assert(!s.cache.serve_stale && !s.cache.prefetch);
	ck_assert_uint_eq(s.cache.stale_max_age_s, 7200);
	ck_assert_uint_eq(s.cache.stale_ttl_s, 1);
	ck_assert_uint_eq(s.cache.stale_client_timeout_ms, 0);
	ck_assert_int_eq(s.log_level, LOG_DEBUG);
	settings_release(&s);
}
END_TEST

START_TEST(forward_and_stub_are_read)
{
	struct settings s;
	ck_assert_int_eq(
		load("forward: [{zone: \".\", to: [\"192.0.2.1@5300\", \"::9\"], first: true}]\n"
		     "stub:\n  - zone: corp.example\n    to: [\"127.0.0.1@5300\"]\n",
			&s),
		0);
	ck_assert_uint_eq(s.forward.count, 1);
	ck_assert(s.forward.items[0].first && name_is_root(s.forward.items[0].zone));
	ck_assert_uint_eq(s.forward.items[0].to.count, 2);
	ck_assert_uint_eq(s.forward.items[0].to.items[1].port, 53);
	ck_assert_uint_eq(s.stub.count, 1);
	ck_assert(!s.stub.items[0].first);
	struct name zone;
	ck_assert_int_eq(name_from_text("corp.example.", &zone), 0);
	ck_assert(name_equal(s.stub.items[0].zone, zone.bytes));
	settings_release(&s);
}
END_TEST

START_TEST(withhold_is_read)
{
	struct settings s;
	int err = load("withhold: [{zone: example.com, types: [AAAA, TYPE65]}]\n", &s);
	ck_assert_msg(err == 0, "%s", report.errors[0].message);
	ck_assert_uint_eq(s.withhold.count, 1);
	ck_assert_uint_eq(s.withhold.items[0].zone[0], 7);
	ck_assert_uint_eq(s.withhold.items[0].types.count, 2);
	ck_assert_uint_eq(s.withhold.items[0].types.items[0], 28);
	ck_assert_uint_eq(s.withhold.items[0].types.items[1], 65);
	settings_release(&s);
}
END_TEST

START_TEST(defaults_of_table_and_code_agree)
{
	struct settings table, code;
	ck_assert_int_eq(config_default(&table), 0);
	settings_default(&code);
	ck_assert_mem_eq(&table.cache, &code.cache, sizeof(table.cache));
	ck_assert_int_eq(table.outgoing.ipv4, code.outgoing.ipv4);
	ck_assert_int_eq(table.outgoing.ipv6, code.outgoing.ipv6);
	ck_assert_int_eq(table.outgoing.case_randomisation, code.outgoing.case_randomisation);
	ck_assert_uint_eq(table.outgoing.port, code.outgoing.port);
	ck_assert_uint_eq(table.outgoing.timeout_ms, code.outgoing.timeout_ms);
	ck_assert_uint_eq(table.discard_timeout_ms, code.discard_timeout_ms);
	ck_assert_uint_eq(code.discard_timeout_ms, LIMIT_DISCARD_MS);
	ck_assert_uint_eq(table.outgoing.edns_buffer_size, code.outgoing.edns_buffer_size);
	ck_assert_int_eq(table.minimisation, code.minimisation);
	ck_assert_int_eq(table.minimal_responses, code.minimal_responses);
	ck_assert_int_eq(table.special_use, code.special_use);
	ck_assert_uint_eq(table.max_udp_size, code.max_udp_size);
	ck_assert_int_eq(table.log_level, code.log_level);
	ck_assert_int_eq(table.dnssec.validate, code.dnssec.validate);
	ck_assert_uint_ge(table.workers, 1);
	settings_release(&table);
	settings_release(&code);
}
END_TEST

START_TEST(default_lists_are_there)
{
	static const char *const inside[] = {"127.8.9.1", "::1", "10.1.2.3", "172.31.0.1",
		"192.168.7.7", "100.127.0.1", "169.254.3.4", "fd00::1", "fe80::1"};
	static const char *const outside[] = {
		"192.0.2.1", "::2", "172.32.0.1", "100.128.0.1", "2001:db8::1"};
	struct settings s;
	struct addr addr;
	ck_assert_int_eq(config_default(&s), 0);
	ck_assert_uint_eq(s.listen.count, 2);
	ck_assert_uint_eq(s.listen.items[0].port, 53);
	ck_assert_uint_eq(s.access.count, RW_COUNT(inside));
	for (size_t i = 0; i < RW_COUNT(inside); i++) {
		ck_assert_int_eq(addr_parse(inside[i], 0, &addr), 0);
		ck_assert_msg(prefix_contains(&s.access.items[i], &addr), "%s", inside[i]);
	}
	for (size_t i = 0; i < RW_COUNT(outside); i++) {
		ck_assert_int_eq(addr_parse(outside[i], 0, &addr), 0);
		for (size_t j = 0; j < s.access.count; j++)
			ck_assert_msg(
				!prefix_contains(&s.access.items[j], &addr), "%s", outside[i]);
	}
	ck_assert(!s.allow_snoop_given && !s.root_hints);
	settings_release(&s);
}
END_TEST

START_TEST(all_errors_are_reported_in_order)
{
	struct settings s;
	ck_assert_int_eq(load("log: {level: loud}\nworkers: 0\nlisten: [x, y]\nworkers: 1\nb: *c\n"
			      "log: {}\n",
				 &s),
		RW_EINVAL);
	static const unsigned lines[] = {1, 2, 3, 3, 4, 5, 5, 6};
	ck_assert_uint_eq(report.count, RW_COUNT(lines));
	for (size_t i = 0; i < report.count; i++)
		ck_assert_uint_eq(report.errors[i].line, lines[i]);
}
END_TEST

static char *printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(out);
	config_report_print(&report, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(errors_print_line_and_caret)
{
	struct settings s;
	ck_assert_int_eq(load("workers: 2\ncache:\n  size: \xc3\xa4 # \xc3\xa4\n", &s), RW_EINVAL);
	char *text = printed();
	ck_assert_str_eq(text, "test.yaml:3:9: \"\xc3\xa4\" is not a size: write a whole number "
			       "with B, KiB, MiB, GiB "
			       "or TiB, such as 64MiB\n"
			       "      size: \xc3\xa4 # \xc3\xa4\n"
			       "            ^\n");
	free(text);
}
END_TEST

START_TEST(errors_never_print_control_characters)
{
	struct settings s;
	ck_assert_int_eq(load("c: \x1b[1m\xff\n\xc2\x9b: \x7f\n", &s), RW_EINVAL);
	char *text = printed();
	for (const char *at = text; *at; at++)
		ck_assert(*at == '\n' || ((unsigned char)*at >= 0x20 && *at != 0x7f));
	free(text);
}
END_TEST

START_TEST(long_lines_are_cut_around_the_caret)
{
	char line[600];
	struct settings s;
	memset(line, ' ', sizeof(line));
	memcpy(line + 300, "wrk: 2", 6);
	memset(line + 310, 'x', 200);
	line[308] = '#';
	line[599] = '\0';
	ck_assert_int_eq(load(line, &s), RW_EINVAL);
	ck_assert_uint_eq(report.errors[0].column, 301);
	ck_assert_uint_le(strlen(report.errors[0].excerpt), 100);
	ck_assert_int_eq(
		strncmp(report.errors[0].excerpt + report.errors[0].caret, "wrk: 2", 6), 0);
}
END_TEST

/* A list of `count` different addresses for `outgoing.addresses`. */
static char *long_list(int count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(out);
	fprintf(out, "outgoing:\n  addresses:\n");
	for (int i = 0; i < count; i++)
		fprintf(out, "  - 127.0.%d.%d\n", i / 200, i % 200 + 1);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(lists_are_bounded)
{
	struct settings s;
	char *text = long_list(LIMIT_CONFIG_LIST);
	ck_assert_int_eq(load(text, &s), 0);
	ck_assert_uint_eq(s.outgoing.addresses.count, LIMIT_CONFIG_LIST);
	settings_release(&s);
	free(text);
	text = long_list(LIMIT_CONFIG_LIST + 50);
	ck_assert_int_eq(load(text, &s), RW_EINVAL);
	ck_assert_uint_eq(report.count, 1);
	ck_assert_uint_eq(report.errors[0].line, 3 + LIMIT_CONFIG_LIST);
	ck_assert_ptr_nonnull(strstr(report.errors[0].message, "at most 256"));
	free(text);
}
END_TEST

static int load_filled(const char *unit, size_t size)
{
	struct settings s;
	char *bytes = malloc(size);
	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = unit[i % strlen(unit)];
	int err = config_load_bytes("big.yaml", bytes, size, &s, &report);
	if (err == 0)
		settings_release(&s);
	free(bytes);
	return err;
}

START_TEST(size_is_bounded)
{
	ck_assert_int_eq(load_filled("#\n", LIMIT_CONFIG_BYTES), 0);
	ck_assert_int_eq(load_filled("#\n", LIMIT_CONFIG_BYTES + 1), RW_EINVAL);
	ck_assert_uint_eq(report.errors[0].line, 0);
	ck_assert_ptr_nonnull(strstr(report.errors[0].message, "larger than 1048576 bytes"));
}
END_TEST

/* reaches LIMIT_CONFIG_NODES */
START_TEST(nodes_are_bounded)
{
	ck_assert_int_eq(load_filled("- a\n", LIMIT_CONFIG_BYTES), RW_EINVAL);
	bool found = false;
	for (size_t i = 0; i < report.count; i++)
		found |= strstr(report.errors[i].message, "at most 16384") != NULL;
	ck_assert(found);
}
END_TEST

static const char *const hostile[] = {"[", "{", "- ", "[{", "? ", "a: ", "!a ", "&a ", "*a ", "\"",
	"'", "{a: ", "[a,", "|", "\n-", ": ", "{? ", "---\n", "%A\n", ",", "a\n: ", "#\n \n"};

START_TEST(hostile_bytes_end_quickly)
{
	(void)load_filled(hostile[_i], LIMIT_CONFIG_BYTES);
	ck_assert(report.count > 0 || _i == (int)RW_COUNT(hostile) - 1);
}
END_TEST

/* reaches LIMIT_CONFIG_ERRORS */
START_TEST(more_errors_than_kept_are_counted)
{
	char text[2000] = "";
	struct settings s;
	for (int i = 0; i < 100; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "k%d: 1\n", i);
	ck_assert_int_eq(load(text, &s), RW_EINVAL);
	ck_assert_uint_eq(report.count, 100);
	char *out = printed();
	ck_assert_ptr_nonnull(strstr(out, "test.yaml: and 36 more errors\n"));
	free(out);
}
END_TEST

START_TEST(a_byte_order_mark_is_no_text)
{
	struct settings s;
	ck_assert_int_eq(config_load_bytes("n", "\xef\xbb\xbfworkers: 2\n", 14, &s, &report), 0);
	ck_assert_uint_eq(s.workers, 2);
	settings_release(&s);
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
	struct settings s;
	ck_assert_int_eq(config_load_bytes("n", "workers: 2\0\n", 12, &s, &report), RW_EINVAL);
	ck_assert_uint_eq(report.errors[0].column, 11);
	ck_assert_ptr_nonnull(strstr(report.errors[0].message, "NUL"));
}
END_TEST

START_TEST(files_that_cannot_be_read_say_why)
{
	static const struct {
		const char *path, *message;
	} cases[] = {
		{"/nonexistent/rootwalk.yaml",
			"cannot be read: No such file or directory: check the"},
		{"/", "cannot be read: Is a directory: name a file in it"},
		{"/dev/zero", "larger than 1048576 bytes"},
	};
	struct settings s;
	for (size_t i = 0; i < RW_COUNT(cases); i++) {
		ck_assert_int_lt(config_load(cases[i].path, &s, &report), 0);
		ck_assert_uint_eq(report.count, 1);
		ck_assert_str_eq(report.name, cases[i].path);
		ck_assert_int_eq(strncmp(report.errors[0].message, cases[i].message,
					 strlen(cases[i].message)),
			0);
	}
	ck_assert_int_eq(config_load("/dev/null", &s, &report), 0);
	settings_release(&s);
}
END_TEST

START_TEST(file_names_are_relative_to_the_file)
{
	char folder[] = "/tmp/check_config.XXXXXX", path[64], hints[64];
	struct settings s;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/rootwalk.yaml", folder);
	(void)snprintf(hints, sizeof(hints), "%s/my hints", folder);
	filekit_write(hints, "");
	filekit_write(path, "root-hints: my hints\ndnssec: {trust-anchors: [my hints]}\n");
	int err = config_load(path, &s, &report);
	ck_assert_msg(err == 0, "%s", report.errors[0].message);
	ck_assert_str_eq(s.root_hints, hints);
	ck_assert_uint_eq(s.dnssec.trust_anchors.count, 1);
	ck_assert_str_eq(s.dnssec.trust_anchors.items[0], hints);
	settings_release(&s);
	ck_assert_int_eq(chmod(path, 0), 0);
	if (geteuid() != 0) { /* root may read anything */
		ck_assert_int_eq(config_load(path, &s, &report), RW_ESYSTEM);
		ck_assert_ptr_nonnull(
			strstr(report.errors[0].message, "let the user that runs this"));
	}
	ck_assert_int_eq(unlink(path) | unlink(hints) | rmdir(folder), 0);
}
END_TEST

START_TEST(check_prints_and_counts)
{
	char path[FILEKIT_PATH], want[200], *text = NULL;
	size_t size;
	filekit_new(path, "workers: two\nminimal-responses: 1\n");
	FILE *out = open_memstream(&text, &size);
	ck_assert_uint_eq(config_check(path, out), 2);
	ck_assert_int_eq(fclose(out), 0);
	(void)snprintf(want, sizeof(want),
		"%s:1:10: \"two\" is not a whole number: write decimal digits\n    workers: two\n  "
		"           "
		"^\n%s:2:20: ",
		path, path);
	ck_assert_int_eq(strncmp(text, want, strlen(want)), 0);
	free(text);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static char *options(enum config_form form)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(out);
	config_options(form, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(option_list_names_the_contract)
{
	static const char *const keys[] = {"listen", "access", "workers", "root-hints",
		"outgoing.ipv4", "outgoing.ipv6", "outgoing.port", "outgoing.addresses",
		"outgoing.allow-private", "outgoing.case-randomisation", "outgoing.cookies",
		"outgoing.timeout", "outgoing.edns-buffer-size", "qname-minimisation",
		"minimal-responses", "cache.size", "cache.max-ttl", "cache.min-ttl",
		"cache.max-negative-ttl", "cache.min-negative-ttl", "cache.serve-stale",
		"cache.prefetch", "cache.stale-max-age", "cache.stale-ttl",
		"cache.stale-client-timeout", "dnssec.validate", "dnssec.trust-anchors",
		"log.level", "special-use", "allow-snoop", "max-udp-size", "discard-timeout",
		"forward[].zone", "forward[].to", "forward[].first", "stub[].zone", "stub[].to",
		"private-addresses", "private-domains", "hosts", "zones[].file", "leases[].domain",
		"views[].zones[].name", "transparent", "withhold[].zone", "withhold[].types",
		"dns64.prefix", "dns64.exclude", "views[].dns64.prefix"};
	char *text = options(CONFIG_PLAIN), line[64];
	for (size_t i = 0; i < RW_COUNT(keys); i++) {
		(void)snprintf(line, sizeof(line), "%s\n    ", keys[i]);
		ck_assert_msg(strstr(text, line) != NULL, "%s", keys[i]);
	}
	free(text);
}
END_TEST

/* The manual page holds exactly what the table says, between two marks. */
START_TEST(manual_page_lists_the_table)
{
	static char page[1 << 16];
	FILE *file = fopen("docs/man/rootwalk.yaml.5", "r");
	ck_assert_msg(file != NULL, "run this from the root of the tree");
	page[fread(page, 1, sizeof(page) - 1, file)] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	char *start = strstr(page, ".\\\" options: begin\n"),
	     *end = strstr(page, ".\\\" options: end\n");
	ck_assert(start && end && start < end);
	start = strchr(start, '\n') + 1;
	*end = '\0';
	char *list = options(CONFIG_MDOC);
	ck_assert_str_eq(start, list);
	free(list);
}
END_TEST

static TCase *all_tests(void)
{
	TCase *tests = tcase_create("config");
	tcase_set_timeout(tests, 20);
	tcase_add_loop_test(tests, faults_have_their_place, 0, RW_COUNT(faults));
	tcase_add_loop_test(tests, fine_files_load, 0, RW_COUNT(fine));
	tcase_add_loop_test(tests, hostile_bytes_end_quickly, 0, RW_COUNT(hostile));
	tcase_add_test(tests, every_type_is_read);
	tcase_add_test(tests, forward_and_stub_are_read);
	tcase_add_test(tests, withhold_is_read);
	tcase_add_test(tests, defaults_of_table_and_code_agree);
	tcase_add_test(tests, default_lists_are_there);
	tcase_add_test(tests, all_errors_are_reported_in_order);
	tcase_add_test(tests, errors_print_line_and_caret);
	tcase_add_test(tests, errors_never_print_control_characters);
	tcase_add_test(tests, long_lines_are_cut_around_the_caret);
	tcase_add_test(tests, lists_are_bounded);
	tcase_add_test(tests, size_is_bounded);
	tcase_add_test(tests, nodes_are_bounded);
	tcase_add_test(tests, more_errors_than_kept_are_counted);
	tcase_add_test(tests, a_byte_order_mark_is_no_text);
	tcase_add_test(tests, nul_bytes_are_refused);
	tcase_add_test(tests, files_that_cannot_be_read_say_why);
	tcase_add_test(tests, file_names_are_relative_to_the_file);
	tcase_add_test(tests, check_prints_and_counts);
	tcase_add_test(tests, option_list_names_the_contract);
	tcase_add_test(tests, manual_page_lists_the_table);
	return tests;
}

Suite *make_suite(void)
{
	Suite *suite = suite_create("config");
	suite_add_tcase(suite, all_tests());
	return suite;
}
