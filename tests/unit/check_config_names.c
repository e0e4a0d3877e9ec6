/* SPDX-License-Identifier: MIT */
/*
 * The configuration of names of one's own, and the examples of its document. Run from the root of
 * the tree (the document is read).
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "resolver/config/config.h"
#include "resolver/wire/name.h"
#include "tests/unit/suite.h"

static struct config_report report;

static int load(const char *text, struct settings *ret_settings)
{
	return config_load_bytes("test.yaml", text, strlen(text), ret_settings, &report);
}

START_TEST(hosts_are_read)
{
	struct settings s;
	int err = load(
		"hosts:\n  nas.home.arpa: [192.168.1.10, \"fd00::10\"]\n  tv: [10.0.0.2]\n", &s);
	ck_assert_msg(err == 0, "%s", report.errors[0].message);
	ck_assert_uint_eq(s.names.hosts.count, 2);
	ck_assert_uint_eq(s.names.hosts.items[0].name[0], 3);
	ck_assert_uint_eq(s.names.hosts.items[0].addresses.count, 2);
	ck_assert_int_eq(s.names.hosts.items[0].addresses.items[1].family, ADDR_V6);
	ck_assert_uint_eq(s.names.hosts.items[1].addresses.items[0].ip[3], 2);
	settings_release(&s);
}
END_TEST

START_TEST(names_and_views_are_read)
{
	struct settings s;
	int err = load("zones: [{name: home.arpa, file: home.zone}]\n"
		       "hosts-files: [/etc/hosts, more]\n"
		       "leases: [{format: kea, file: /var/k, domain: lan}]\n"
		       "transparent: [example.com]\n"
		       "views:\n"
		       "  - clients: [10.0.0.0/8, \"fd00::/8\"]\n"
		       "    zones: []\n"
		       "    hosts: {tv: [10.0.0.2]}\n"
		       "  - clients: [10.1.0.0/16]\n"
		       "    zones:\n"
		       "      - {name: a.test, file: /a}\n"
		       "      - {name: b.test, file: /b}\n"
		       "    leases: [{format: isc, file: d, domain: .}]\n",
		&s);
	ck_assert_msg(err == 0, "%s", report.errors[0].message);
	ck_assert_uint_eq(s.names.zones.count, 1);
	/* Beside the configuration file; whether it is there is seen later. */
	ck_assert_ptr_nonnull(strstr(s.names.zones.items[0].file, "/home.zone"));
	ck_assert_uint_eq(s.names.hosts_files.count, 2);
	ck_assert_str_eq(s.names.hosts_files.items[0], "/etc/hosts");
	ck_assert_uint_eq(s.names.leases.count, 1);
	ck_assert_int_eq(s.names.leases.items[0].format, LEASES_KEA);
	ck_assert_uint_eq(s.names.leases.items[0].domain[0], 3);
	ck_assert_uint_eq(s.names.transparent.count, 1);
	ck_assert_uint_eq(s.views.count, 2);
	const struct view_settings *view = s.views.items;
	ck_assert_uint_eq(view->clients.count, 2);
	ck_assert(view->names.zones_given && view->names.zones.count == 0);
	ck_assert(view->names.hosts_given && view->names.hosts.count == 1);
	ck_assert(!view->names.leases_given && !view->names.hosts_files_given);
	view++;
	ck_assert_uint_eq(view->names.zones.count, 2);
	ck_assert_str_eq(view->names.zones.items[1].file, "/b");
	ck_assert_int_eq(view->names.leases.items[0].format, LEASES_ISC);
	ck_assert(!view->names.hosts_given && !view->names.transparent_given);
	settings_release(&s);
}
END_TEST

/* Every block of YAML in the document is a configuration. */
START_TEST(documents_have_good_examples)
{
	static char page[1 << 16];
	unsigned blocks = 0;
	FILE *file = fopen("docs/HOMELAB.md", "r");
	ck_assert_msg(file != NULL, "run this from the root of the tree");
	page[fread(page, 1, sizeof(page) - 1, file)] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	for (char *at = page; (at = strstr(at, "```yaml\n"));) {
		struct settings s;
		char *end = strstr(at += strlen("```yaml\n"), "```");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		int err = load(at, &s);
		ck_assert_msg(err == 0, "%s: %s", at, report.errors[0].message);
		settings_release(&s);
		at = end + 1;
		blocks++;
	}
	ck_assert_uint_ge(blocks, 3);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("config names");
	TCase *tests = tcase_create("config names");
	tcase_add_test(tests, hosts_are_read);
	tcase_add_test(tests, names_and_views_are_read);
	tcase_add_test(tests, documents_have_good_examples);
	suite_add_tcase(suite, tests);
	return suite;
}
