/* SPDX-License-Identifier: MIT */
/*
 * What the service finds is where the walk begins: of a question that must be asked, nothing is
 * looked up twice.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/service/query.h"
#include "resolver/wire/build.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/text.h"
#include "tests/unit/fakenet.h"
#include "zones/localdata/hosts_file.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2"

static const struct fake_row rows[] = {
	{ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT},
	{ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST},
	{TEST, "alias.test", TYPE_A, "aa|an alias.test. 300 CNAME www.test."},
	{TEST, "www.test", TYPE_A, "aa|an www.test. 60 A 198.51.100.1"},
	{TEST, "six.test", TYPE_AAAA, "aa|ns test. 300 SOA ns.test. admin.test. 1 2 3 4 300"},
	{TEST, "six.test", TYPE_A, "aa|an six.test. 60 A 198.51.100.6"},
	{TEST, "map.test", TYPE_AAAA, "aa|an map.test. 60 AAAA ::ffff:203.0.113.1"},
	{TEST, "map.test", TYPE_A, "aa|ns test. 300 SOA ns.test. admin.test. 1 2 3 4 300"},
	{TEST, "half.test", TYPE_A, "aa|an half.test. 100 CNAME dead.test."},
	{TEST, "dead.test", TYPE_A, "servfail"},
};

static struct fakenet net;
static struct views views;
static struct prefix loopback;
static struct counters counters;
static struct responder responder;
static struct client_query taken;
static struct cache_stats before, asked;
static bool is_given, is_asked; /* the walk gets what was found; it has asked somebody */

static void give(struct fakenet *at)
{
	is_asked = false;
	if (is_given)
		ck_assert_int_eq(request_begin_with(at->request, query_finding(&responder)), 0);
	/* The walk has a copy: what the service had may go. */
	arena_release(&responder.arena);
	memset(&responder.answer, 0xee, sizeof(responder.answer));
	cache_stats(at->context.cache, &before);
}

static void watch(struct fakenet *at, const struct machine_action *action)
{
	if (action->type == ACTION_SEND && !is_asked)
		cache_stats(at->context.cache, &asked);
	is_asked |= action->type == ACTION_SEND;
}

static void setup(void)
{
	fakenet_init(&net, rows, RW_COUNT(rows));
	net.watch = watch;
	memset(&views, 0, sizeof(views));
	settings_default(&views.settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", &loopback), 0);
	views.settings.access = (struct prefix_list){&loopback, 1};
	views.settings.special_use = false;
	responder_init(&responder, &views, net.context.cache, NULL, &counters);
	is_given = true;
}

static void teardown(void)
{
	responder_release(&responder);
	fakenet_release(&net);
}

static enum query_verdict take(const char *text, uint16_t type)
{
	uint8_t wire[512], out[REPLY_UDP_BYTES];
	struct query_output output = {out, sizeof(out), 0};
	struct query_origin origin = {.tcp = false, .now_ms = net.now_ms};
	struct builder b;
	struct name name;
	ck_assert_int_eq(addr_parse("127.0.0.1@40000", 0, &origin.client), 0);
	ck_assert_int_eq(name_from_text(text, &name), 0);
	const struct question question = {name.bytes, type, CLASS_IN};
	build_begin(&b, wire, sizeof(wire), 0, 1, FLAG_RD);
	ck_assert_int_eq(build_question(&b, &question), 0);
	return query_take(&responder, wire, build_finish(&b), &origin, &taken, &output);
}

/* The walk of the question that the service has just looked up. */
static const struct machine_result *walk(const char *text, uint16_t type)
{
	net.prepare = give;
	const struct machine_result *result = fake_ask(&net, text, type);
	net.prepare = NULL;
	return result;
}

static void learn(const char *text, uint16_t type)
{
	net.prepare = NULL;
	(void)fake_ask(&net, text, type);
}

START_TEST(a_cold_name_is_looked_up_once)
{
	learn("www.test", TYPE_A);
	cache_stats(net.context.cache, &before);
	ck_assert_int_eq(take("cold.test", TYPE_A), QUERY_ASK);
	cache_stats(net.context.cache, &asked);
	ck_assert_uint_eq(asked.misses - before.misses, 1);
	ck_assert_uint_eq(asked.hits - before.hits, 0);
	(void)walk("cold.test", TYPE_A);
	/* No delegation of the name itself; that of test. is there. */
	ck_assert_uint_eq(asked.misses - before.misses, 1);
	ck_assert_uint_eq(asked.hits - before.hits, 1);
	/* Without what was found, the walk would have to look for itself. */
	is_given = false;
	ck_assert_int_eq(take("new.test", TYPE_A), QUERY_ASK);
	(void)walk("new.test", TYPE_A);
	ck_assert_uint_eq(asked.misses - before.misses, 2);
}
END_TEST

START_TEST(the_beginning_of_a_chain_is_looked_up_once)
{
	learn("alias.test", TYPE_A);
	net.now_ms += 100000;
	for (unsigned given = 0; given <= 1; given++) {
		is_given = given;
		cache_remove(
			net.context.cache, CACHE_RRSET, (const uint8_t *)"\3www\4test", TYPE_A);
		ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ASK);
		const struct machine_result *result = walk("alias.test", TYPE_A);
		ck_assert_int_eq(result->answer.outcome, ANSWER_POSITIVE);
		ck_assert_uint_eq(result->answer.set_count, 2);
		ck_assert_uint_eq(result->answer.sets[0]->ttl, 200);
		ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
		ck_assert_uint_eq(net.sends, 1);
		/* The delegation; and the alias where it has to be found again. */
		ck_assert_uint_eq(asked.hits - before.hits, given ? 1 : 2);
		ck_assert_uint_eq(asked.misses - before.misses, given ? 1 : 2);
	}
}
END_TEST

START_TEST(a_denial_is_where_the_search_for_a_records_begins)
{
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &net.settings.names.dns64.prefix), 0);
	views.settings.names.dns64.prefix = net.settings.names.dns64.prefix;
	learn("six.test", TYPE_AAAA);
	cache_remove(net.context.cache, CACHE_RRSET, (const uint8_t *)"\3six\4test", TYPE_A);
	ck_assert_int_eq(take("six.test", TYPE_AAAA), QUERY_ASK);
	const struct machine_result *result = walk("six.test", TYPE_AAAA);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	ck_assert_ptr_nonnull(result->answer.soa);
	ck_assert_ptr_nonnull(result->dns64_a);
	ck_assert_uint_eq(net.sends, 1);
}
END_TEST

/* What is ours, and special-use names, are the service's to find: the walk does not look again. */
START_TEST(what_is_answered_here_is_looked_up_once)
{
	struct localdata *localdata;
	struct hosts *hosts;
	static const char text[] = "10.0.0.20 www.test\n";
	ck_assert_int_eq(localdata_new(&localdata), 0);
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	ck_assert_int_eq(hosts_file_parse("hosts", text, strlen(text), NULL, hosts), 0);
	ck_assert_int_eq(hosts_finish(hosts), 0);
	ck_assert_int_eq(localdata_add_hosts(localdata, hosts, LOCALDATA_FILES), 0);
	hosts_unref(hosts);
	ck_assert_int_eq(take("www.test", TYPE_A), QUERY_ASK);
	net.context.localdata = localdata;
	net.settings.special_use = true;
	ck_assert_str_eq(fake_answer(&net, walk("www.test", TYPE_A)), "198.51.100.1");
	is_given = false;
	ck_assert_str_eq(fake_answer(&net, walk("www.test", TYPE_A)), "10.0.0.20");
	ck_assert_uint_eq(net.sends, 0);
	localdata_unref(localdata);
}
END_TEST

/* ---- what is to be learnt anew ---- */

static bool refreshes(unsigned number, const char *text, uint16_t type)
{
	const struct refresh_list *list = query_refreshes(&responder);
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return number < list->count && name_equal(list->questions[number].name, name.bytes) &&
	       list->questions[number].type == type;
}

/* 60 s for www.test, 300 s for the alias. */
START_TEST(what_is_about_to_expire_is_named_link_by_link)
{
	views.settings.cache.prefetch = true;
	learn("alias.test", TYPE_A);
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 0);
	net.now_ms += 55000;
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 1);
	ck_assert(query_refreshes(&responder)->is_due);
	ck_assert(refreshes(0, "www.test", TYPE_A));
	/* Once in its life. */
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 0);
}
END_TEST

START_TEST(both_links_are_named_when_both_are_due)
{
	views.settings.cache.prefetch = true;
	learn("alias.test", TYPE_A);
	net.now_ms += 225000;
	learn("www.test", TYPE_A); /* anew, with 60 s to live */
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 0);
	net.now_ms += 56000;
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 2);
	ck_assert(refreshes(0, "alias.test", TYPE_A));
	ck_assert(refreshes(1, "www.test", TYPE_A));
}
END_TEST

START_TEST(so_is_a_denial)
{
	views.settings.cache.prefetch = true;
	learn("six.test", TYPE_AAAA);
	ck_assert_int_eq(take("six.test", TYPE_AAAA), QUERY_ANSWERED);
	net.now_ms += 280000;
	ck_assert_int_eq(take("six.test", TYPE_AAAA), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 1);
	ck_assert(refreshes(0, "six.test", TYPE_AAAA));
}
END_TEST

START_TEST(nothing_is_named_where_prefetch_is_off)
{
	views.settings.cache.prefetch = false;
	learn("alias.test", TYPE_A);
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	net.now_ms += 55000;
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 0);
}
END_TEST

/* The job that refreshes an expired answer looks it up again, because a part of it may be fresh. */
START_TEST(an_expired_answer_names_the_question)
{
	views.settings.cache.serve_stale = true;
	views.settings.cache.stale_client_timeout_ms = 0;
	learn("alias.test", TYPE_A);
	net.now_ms += 100000;
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 1);
	ck_assert(!query_refreshes(&responder)->is_due);
	ck_assert(refreshes(0, "alias.test", TYPE_A));
}
END_TEST

/* All that was cached is excluded, and nothing is there to say whose servers it came from. */
START_TEST(an_answer_that_is_excluded_whole_has_no_referral)
{
	struct prefix mapped;
	ck_assert_int_eq(prefix_parse("::ffff:0:0/96", &mapped), 0);
	ck_assert_int_eq(prefix_parse("2001:db8:64::/96", &net.settings.names.dns64.prefix), 0);
	net.settings.names.dns64.exclude = (struct prefix_list){&mapped, 1};
	views.settings.names.dns64 = net.settings.names.dns64;
	views.settings.minimal_responses = false;
	learn("map.test", TYPE_AAAA);
	ck_assert_int_eq(take("map.test", TYPE_AAAA), QUERY_ANSWERED);
	ck_assert_uint_eq(responder.answer.set_count, 0);
	ck_assert_int_eq(answer_rcode(&responder.answer), RCODE_NOERROR);
	net.settings.names.dns64.exclude = (struct prefix_list){0};
}
END_TEST

static void remember_failure(const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	ck_assert_int_eq(cache_store_failure(net.context.cache, name.bytes, TYPE_A,
				 EDE_NO_REACHABLE_AUTHORITY, "no luck", net.now_ms),
		0);
}

/* The alias is due; what it leads to has failed, and is left alone for as long as that holds. */
START_TEST(of_a_chain_that_fails_only_what_is_due_is_named)
{
	views.settings.cache.prefetch = true;
	views.settings.cache.serve_stale = false;
	learn("half.test", TYPE_A);
	(void)take("half.test", TYPE_A);
	net.now_ms += 95000;
	remember_failure("dead.test");
	ck_assert_int_eq(take("half.test", TYPE_A), QUERY_ANSWERED);
	ck_assert_uint_eq(query_refreshes(&responder)->count, 1);
	ck_assert(refreshes(0, "half.test", TYPE_A));
}
END_TEST

/* The alias has expired and its servers fail; those of the target are to be asked. */
START_TEST(a_failing_name_that_was_an_alias_is_asked_further)
{
	views.settings.cache.serve_stale = true;
	learn("alias.test", TYPE_A);
	cache_remove(net.context.cache, CACHE_RRSET, (const uint8_t *)"\3www\4test", TYPE_A);
	net.now_ms += 400000;
	remember_failure("alias.test");
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ASK);
	ck_assert_str_eq(fake_answer(&net, walk("alias.test", TYPE_A)), "198.51.100.1");
	remember_failure("www.test");
	cache_remove(net.context.cache, CACHE_RRSET, (const uint8_t *)"\3www\4test", TYPE_A);
	ck_assert_int_eq(take("alias.test", TYPE_A), QUERY_ANSWERED);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("finding");
	TCase *tests = tcase_create("finding");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_cold_name_is_looked_up_once);
	tcase_add_test(tests, the_beginning_of_a_chain_is_looked_up_once);
	tcase_add_test(tests, a_denial_is_where_the_search_for_a_records_begins);
	tcase_add_test(tests, what_is_answered_here_is_looked_up_once);
	tcase_add_test(tests, what_is_about_to_expire_is_named_link_by_link);
	tcase_add_test(tests, both_links_are_named_when_both_are_due);
	tcase_add_test(tests, so_is_a_denial);
	tcase_add_test(tests, nothing_is_named_where_prefetch_is_off);
	tcase_add_test(tests, an_expired_answer_names_the_question);
	tcase_add_test(tests, an_answer_that_is_excluded_whole_has_no_referral);
	tcase_add_test(tests, of_a_chain_that_fails_only_what_is_due_is_named);
	tcase_add_test(tests, a_failing_name_that_was_an_alias_is_asked_further);
	suite_add_tcase(suite, tests);
	return suite;
}
