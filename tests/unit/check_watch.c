/* SPDX-License-Identifier: MIT */
/* Files of names: views that follow them, warnings told once, and folders under watch. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/config/config.h"
#include "resolver/views/loading.h"
#include "resolver/views/watch.h"
#include "tests/unit/suite.h"

static char folder[] = "/tmp/rootwalk-watch-XXXXXX";
static char config[64];
static struct views *views;
static struct loading_told told;
static struct arena arena;

static const char *in_folder(const char *name)
{
	static char path[4][96];
	static unsigned next;
	char *made = path[next++ % 4];
	(void)snprintf(made, sizeof(path[0]), "%s/%s", folder, name);
	return made;
}

/* As an editor does: a new file in the old one's place. */
static void put(const char *name, const char *text)
{
	char path[96];
	(void)snprintf(path, sizeof(path), "%s", in_folder(name));
	FILE *file = fopen(in_folder("new"), "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(rename(in_folder("new"), path), 0);
}

#define ZONE "$TTL 300\n@ SOA ns h 1 2 3 4 60\n NS ns\nns A 10.0.0.1\n"

static void setup(void)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(config, sizeof(config), "%s/c.yaml", folder);
	memset(&told, 0, sizeof(told));
	arena_init(&arena, 1 << 20);
	put("c.yaml", "zones: [{name: a.test, file: a.zone}, {name: b.test, file: b.zone}]\n"
		      "hosts: {tv.test: [10.0.0.7]}\n"
		      "hosts-files: [hosts]\n"
		      "leases: [{format: dnsmasq, file: leases, domain: lan}]\n"
		      "views:\n  - {clients: [10.9.0.0/16], zones: []}\n");
	put("a.zone", ZONE);
	put("b.zone", ZONE);
	put("hosts", "10.0.0.2 nas.test\n");
	put("leases", "0 aa 10.0.0.9 phone *\n");
}

static void teardown(void)
{
	static const char *const names[] = {
		"c.yaml", "a.zone", "b.zone", "hosts", "leases", "more", "new"};
	views_unref(views);
	views = NULL;
	for (size_t i = 0; i < RW_COUNT(names); i++)
		(void)unlink(in_folder(names[i]));
	(void)rmdir(folder);
	arena_release(&arena);
}

static void read_config(void)
{
	struct views *made;
	ck_assert_int_eq(loading_read(config, views, &told, &made), 0);
	views_unref(views);
	views = made;
}

static int refresh(void)
{
	struct views *made;
	int err = loading_refresh(views, &told, &made);
	if (err)
		return err;
	views_unref(views);
	views = made;
	return 0;
}

/* The rcode and the last byte of the answer, as who asks from there sees it; -1: not ours. */
static int seen_by(const char *client, const char *text)
{
	struct name name;
	struct addr addr;
	struct answer found;
	ck_assert_int_eq(addr_parse(client, 0, &addr), 0);
	ck_assert_int_eq(name_from_text(text, &name), 0);
	const struct question question = {name.bytes, TYPE_A, CLASS_IN};
	const struct client_view *view = views_find(views, &addr);
	answer_begin(&found, &question);
	if (localdata_lookup(view->localdata, env_mono_ms(env_real()), &arena, &found))
		return -1;
	return answer_rcode(&found) * 1000 +
	       (found.set_count ? found.sets[0]->records[0].bytes[3] : 0);
}

static int seen(const char *text)
{
	return seen_by("127.0.0.1", text);
}

START_TEST(files_are_followed)
{
	read_config();
	ck_assert_int_eq(seen("nas.test"), 2);
	ck_assert_int_eq(seen("tv.test"), 7);
	ck_assert_int_eq(seen("ns.a.test"), 1);
	ck_assert_int_eq(seen("phone.lan"), 9);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	put("hosts", "10.0.0.3 nas.test\n");
	const struct views *before = views_ref(views);
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("nas.test"), 3);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	/* The others are the same tables. */
	unsigned shared = 0;
	for (size_t i = 0; i < views->tables.count; i++)
		for (size_t k = 0; k < before->tables.count; k++)
			shared += views->tables.items[i] == before->tables.items[k];
	ck_assert_uint_eq(views->tables.count, 5);
	ck_assert_uint_eq(shared, 4);
	views_unref((struct views *)before);
	ck_assert_int_eq(seen("tv.test"), 7);
	/* They stay so through a reading of the configuration. */
	struct views *old = views_ref(views);
	read_config();
	shared = 0;
	for (size_t i = 0; i < views->tables.count; i++)
		for (size_t k = 0; k < old->tables.count; k++)
			shared += views->tables.items[i] == old->tables.items[k];
	ck_assert_uint_eq(shared, 4); /* all but `hosts` of the configuration itself */
	views_unref(old);
}
END_TEST

START_TEST(a_bad_file_keeps_the_old_data)
{
	read_config();
	put("a.zone", "$TTL 300\n@ SOA ns h 1 2 3 4 60\n NS ns\nns A 10.0.0.2\nns A nonsense\n");
	put("leases", "what is this\n");
	ck_assert_int_eq(unlink(in_folder("hosts")), 0);
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("ns.a.test"), 1);
	ck_assert_int_eq(seen("phone.lan"), 9);
	ck_assert_int_eq(seen("nas.test"), 2);
	/* Not tried again until something changes. */
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	put("a.zone", ZONE "www A 10.0.0.4\n");
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("www.a.test"), 4);
}
END_TEST

/* Files that a zone draws in are followed like its own, also those that are not there yet. */
START_TEST(included_files_are_followed)
{
	put("a.zone", ZONE "$INCLUDE more\n");
	put("more", "www A 10.0.0.4\n");
	read_config();
	ck_assert_int_eq(seen("www.a.test"), 4);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	put("more", "www A 10.0.0.5\n");
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("www.a.test"), 5);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	/* a fault, and the file gone: what was read before stays, and nobody tries again in vain */
	put("more", "www A nonsense\n");
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	ck_assert_int_eq(unlink(in_folder("more")), 0);
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	ck_assert_int_eq(seen("www.a.test"), 5);
	put("more", "www A 10.0.0.6\n");
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("www.a.test"), 6);
	/* through a reading of the configuration, too */
	put("more", "www A 10.0.0.7\n");
	read_config();
	ck_assert_int_eq(seen("www.a.test"), 7);
	/* what is included no more is no matter */
	put("a.zone", ZONE);
	ck_assert_int_eq(refresh(), 0);
	put("more", "www A 10.0.0.8\n");
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
}
END_TEST

/* So it is where nothing could ever be read. */
START_TEST(a_file_that_is_included_may_come_later)
{
	put("a.zone", ZONE "$INCLUDE more\n");
	read_config();
	ck_assert_int_eq(seen("ns.a.test"), 1000 * RCODE_SERVFAIL);
	ck_assert_int_eq(refresh(), RW_ENOTFOUND);
	put("more", "www A 10.0.0.4\n");
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("www.a.test"), 4);
}
END_TEST

static int64_t later(void *ctx)
{
	(void)ctx;
	return env_wall_s(env_real()) + 3600;
}

/* A clock that is set changes when leases end; a file that cannot be read then is let be. */
START_TEST(a_clock_that_is_set_is_seen_once)
{
	struct env env = *env_real();
	struct views *made;
	struct fault_list faults = {0};
	env.wall_s = later;
	for (unsigned bad = 0; bad < 2; bad++) {
		read_config();
		if (bad)
			put("leases", "what is this\n");
		ck_assert(views_are_outdated(views, &env));
		const struct views_from from = {.env = &env, .old = views, .faults = &faults};
		ck_assert_int_eq(views_refresh(&from, &made), 0);
		ck_assert_uint_eq(faults.errors, bad);
		ck_assert(!views_are_outdated(made, &env));
		views_unref(views);
		views = made;
		ck_assert_int_eq(seen("phone.lan"), 9);
	}
}
END_TEST

START_TEST(what_could_never_be_read_leaks_nothing)
{
	put("a.zone", "nothing\n");
	ck_assert_int_eq(unlink(in_folder("leases")), 0);
	read_config();
	ck_assert_int_eq(seen("ns.a.test"), 1000 * RCODE_SERVFAIL);
	ck_assert_int_eq(seen("phone.lan"), -1);
	ck_assert_int_eq(seen("ns.b.test"), 1);
	put("leases", "0 aa 10.0.0.9 phone *\n");
	put("a.zone", ZONE);
	ck_assert_int_eq(refresh(), 0);
	ck_assert_int_eq(seen("ns.a.test"), 1);
	ck_assert_int_eq(seen("phone.lan"), 9);
}
END_TEST

START_TEST(views_inherit_what_they_do_not_say)
{
	read_config();
	ck_assert_int_eq(seen_by("10.9.1.1", "ns.a.test"), -1);
	ck_assert_int_eq(seen_by("10.9.1.1", "nas.test"), 2);
	ck_assert_int_eq(seen_by("10.8.1.1", "ns.a.test"), 1);
}
END_TEST

static const struct dns64_settings *dns64_of(const char *client)
{
	struct addr addr;
	ck_assert_int_eq(addr_parse(client, 0, &addr), 0);
	return localdata_dns64(views_find(views, &addr)->localdata, &views->settings);
}

START_TEST(views_may_have_a_nat64_of_their_own)
{
	put("c.yaml", "dns64: {prefix: \"2001:db8:1::/96\", exclude: []}\n"
		      "views:\n"
		      "  - clients: [10.9.0.0/16]\n    dns64: {prefix: \"2001:db8:2::/96\"}\n"
		      "  - clients: [10.8.0.0/16]\n    hosts: {a.test: [10.0.0.8]}\n"
		      "  - clients: [10.7.0.0/16]\n    dns64: {exclude: [\"2001:db8::/32\"]}\n");
	read_config();
	ck_assert_uint_eq(dns64_of("127.0.0.1")->prefix.base.ip[5], 1);
	ck_assert_uint_eq(dns64_of("127.0.0.1")->exclude.count, 0);
	ck_assert_uint_eq(dns64_of("10.9.0.1")->prefix.base.ip[5], 2);
	ck_assert_uint_eq(dns64_of("10.9.0.1")->exclude.count, 1);
	ck_assert_uint_eq(dns64_of("10.8.0.1")->prefix.base.ip[5], 1);
	/* One key of dns64 in a view takes the place of all of it outside. */
	ck_assert_int_eq(dns64_of("10.7.0.1")->prefix.base.family, ADDR_NONE);
}
END_TEST

static const struct cache *cache_of(const char *client)
{
	struct name name;
	struct addr addr;
	struct localdata_cut cut;
	ck_assert_int_eq(addr_parse(client, 0, &addr), 0);
	ck_assert_int_eq(name_from_text("www.sub.a.test", &name), 0);
	const struct question question = {name.bytes, TYPE_A, CLASS_IN};
	ck_assert_int_eq(
		localdata_cut(views_find(views, &addr)->localdata, &question, &arena, &cut), 0);
	return cut.cache;
}

/* The server's name leads elsewhere in another view, and so does what it is asked. */
START_TEST(views_share_what_is_below_a_cut_if_they_have_the_same_names)
{
	put("c.yaml", "zones: [{name: a.test, file: a.zone}]\n"
		      "hosts: {ns.near.test: [10.0.0.7]}\n"
		      "views:\n"
		      "  - clients: [10.9.0.0/16]\n    hosts: {ns.near.test: [10.0.0.8]}\n"
		      "  - clients: [10.8.0.0/16]\n");
	put("a.zone", ZONE "sub NS ns.near.test.\n");
	read_config();
	ck_assert_ptr_ne(cache_of("10.9.0.1"), cache_of("127.0.0.1"));
	ck_assert_ptr_eq(cache_of("10.8.0.1"), cache_of("127.0.0.1"));
	const struct cache *before = cache_of("127.0.0.1");
	read_config();
	ck_assert_ptr_eq(cache_of("127.0.0.1"), before);
	put("a.zone", ZONE);
	ck_assert_int_eq(refresh(), 0);
	put("a.zone", ZONE "sub NS ns.near.test.\n");
	ck_assert_int_eq(refresh(), 0);
	ck_assert_ptr_ne(cache_of("10.9.0.1"), cache_of("127.0.0.1"));
}
END_TEST

START_TEST(warnings_are_told_once)
{
	struct views *made;
	char lines[4096];
	put("hosts", "10.0.0.2 nas.test\n10.0.0.3\n");
	read_config();
	size_t count = told.count;
	ck_assert_uint_eq(count, 1);
	put("hosts", "10.0.0.4 nas.test\n10.0.0.5\n");
	ck_assert_int_eq(loading_refresh(views, &told, &made), 0);
	ck_assert_uint_eq(told.count, count);
	views_unref(made);
	/* More than are remembered, each of its own: reaches LIMIT_TOLD. */
	for (unsigned round = 0; round < LIMIT_TOLD / 16 + 2; round++) {
		int used = 0;
		for (unsigned i = 0; i < 16; i++)
			used += snprintf(lines + used, sizeof(lines) - (size_t)used,
				"x%u-%u name\n", round, i);
		put("hosts", lines);
		ck_assert_int_eq(loading_refresh(views, &told, &made), 0);
		views_unref(made);
	}
	ck_assert_uint_gt(told.count, LIMIT_TOLD);
}
END_TEST

START_TEST(the_check_tells_all)
{
	char text[4096];
	put("b.zone", ZONE "www CNAME x\nwww A 10.0.0.1\n");
	put("hosts", "10.0.0.2\n");
	FILE *out = tmpfile();
	ck_assert_ptr_nonnull(out);
	ck_assert(!loading_check(config, out));
	rewind(out);
	text[fread(text, 1, sizeof(text) - 1, out)] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "b.zone:6: "));
	ck_assert_ptr_nonnull(strstr(text, "hosts:1: warning: an address without a name"));
	ck_assert_int_eq(fclose(out), 0);
	put("c.yaml", "zones: [{name: a.test, file: a.zone}, {name: home.arpa, file: a.zone},"
		      " {name: a.internal, file: a.zone}, {name: 1.168.192.in-addr.arpa, file: "
		      "a.zone}, {name: example.com, file: a.zone}]\n");
	out = tmpfile();
	ck_assert(loading_check(config, out));
	rewind(out);
	text[fread(text, 1, sizeof(text) - 1, out)] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "warning: the zone example.com. shadows"));
	ck_assert_ptr_eq(strstr(strstr(text, "shadows") + 1, "shadows"), NULL);
	ck_assert_int_eq(fclose(out), 0);
}
END_TEST

static struct watch *watch;
static unsigned looks;
static uv_timer_t limit;

static void looked(void *ctx)
{
	(void)ctx;
	if (++looks >= 2) {
		watch_close(watch);
		uv_close((uv_handle_t *)&limit, NULL);
	}
}

static void too_long(uv_timer_t *timer)
{
	(void)timer;
	ck_abort_msg("nobody looked");
}

/* One look by the event, within LIMIT_WATCH_GATHER_MS of it, or by the clock; the next one by the
 * clock at the latest, after LIMIT_WATCH_POLL_MS. */
START_TEST(changes_are_told)
{
	uv_loop_t loop;
	read_config();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(watch_new(&loop, looked, NULL, &watch), 0);
	watch_files(watch, views);
	watch_files(watch, views); /* the folders of before are let go */
	ck_assert_int_eq(uv_timer_init(&loop, &limit), 0);
	ck_assert_int_eq(uv_timer_start(&limit, too_long,
				 60000 + LIMIT_WATCH_GATHER_MS + LIMIT_WATCH_POLL_MS, 0),
		0);
	looks = 0;
	put("hosts", "10.0.0.3 nas.test\n");
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_uint_eq(looks, 2);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	watch_close(NULL);
}
END_TEST

/* More folders than LIMIT_WATCH_FOLDERS: the rest is looked at by the clock. */
START_TEST(folders_have_a_bound)
{
	char text[LIMIT_WATCH_FOLDERS * 64 + 256];
	uv_loop_t loop;
	int used = snprintf(text, sizeof(text), "hosts-files: [");
	for (unsigned i = 0; i < LIMIT_WATCH_FOLDERS + 4; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%s/nonexistent/%u/h",
			i ? ", " : "", i);
	(void)snprintf(text + used, sizeof(text) - (size_t)used, "]\n");
	put("c.yaml", text);
	read_config();
	ck_assert_uint_eq(views->tables.count, LIMIT_WATCH_FOLDERS + 4);
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(watch_new(&loop, looked, NULL, &watch), 0);
	watch_files(watch, views);
	watch_close(watch);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("watch");
	TCase *tests = tcase_create("watch");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, files_are_followed);
	tcase_add_test(tests, a_bad_file_keeps_the_old_data);
	tcase_add_test(tests, included_files_are_followed);
	tcase_add_test(tests, a_file_that_is_included_may_come_later);
	tcase_add_test(tests, a_clock_that_is_set_is_seen_once);
	tcase_add_test(tests, what_could_never_be_read_leaks_nothing);
	tcase_add_test(tests, views_inherit_what_they_do_not_say);
	tcase_add_test(tests, views_may_have_a_nat64_of_their_own);
	tcase_add_test(tests, views_share_what_is_below_a_cut_if_they_have_the_same_names);
	tcase_add_test(tests, warnings_are_told_once);
	tcase_add_test(tests, the_check_tells_all);
	tcase_add_test(tests, changes_are_told);
	tcase_add_test(tests, folders_have_a_bound);
	suite_add_tcase(suite, tests);
	return suite;
}
