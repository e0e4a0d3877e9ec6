/* SPDX-License-Identifier: MIT */
/*
 * What a request has learnt and not yet stored: its own look-ups see it, it is not lost when the
 * request ends early, and it does not take the place of anything newer.
 */
#include <check.h>
#include <string.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/text.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */
#define DEAD "192.0.2.9" /* dead.test. */

#define PRIMING                                                                                    \
	{                                                                                          \
		ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT          \
	}
#define TO_TEST                                                                                    \
	{                                                                                          \
		ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST        \
	}
#define TO_DEAD                                                                                    \
	{                                                                                          \
		TEST, "*.dead.test", 0,                                                            \
			"ns dead.test. 172800 NS ns.dead.test.|ar ns.dead.test. 172800 A " DEAD    \
	}
#define SILENCE                                                                                    \
	{                                                                                          \
		DEAD, "*.", 0, "silent"                                                            \
	}
#define NO_SUCH_TYPE "aa|ns test. 60 SOA ns. a. 1 2 3 4 60"

#define AGO_MS 100000 /* what is stored then with a short TTL has expired */

static struct fakenet net;
static struct arena arena;

static void begin(const struct fake_row *rows, size_t count)
{
	fakenet_init(&net, rows, count);
	net.now_ms += AGO_MS;
	net.settings.cache.serve_stale = true;
	arena_init(&arena, 1 << 16);
}
#define START(rows) begin(rows, RW_COUNT(rows))

static void finish(void)
{
	arena_release(&arena);
	fakenet_release(&net);
}

static void store_expired(const char *line)
{
	struct rrset *set;
	const struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = net.now_ms - AGO_MS};
	ck_assert_int_eq(text_to_rrset(&arena, line, NULL, NULL, 10, &set), 0);
	ck_assert_int_eq(cache_store_rrset(net.context.cache, set, &from, from.when_ms), 0);
}

static bool is_known(enum cache_kind kind, const char *text, uint16_t type)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return cache_has(net.context.cache, kind, name.bytes, type, net.now_ms);
}

static void use_dns64(void)
{
	ck_assert_int_eq(prefix_parse("2001:db8:64::/96", &net.settings.names.dns64.prefix), 0);
}

static bool has_owner(const struct answer *answer, const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	for (unsigned i = 0; i < answer->set_count; i++)
		if (name_equal(answer->sets[i]->owner, name.bytes))
			return true;
	return false;
}

static const struct fake_row through_an_alias[] = {PRIMING, TO_TEST, TO_DEAD,
	{TEST, "www.test", TYPE_A, "aa|an www.test. 300 CNAME new.dead.test."}, SILENCE};

/* ---- look-ups of the same request ---- */

START_TEST(expired_a_records_stand_beside_a_denial_just_learnt)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_AAAA, NO_SUCH_TYPE}, {TEST, "www.test", TYPE_A, "silent"}};
	START(rows);
	use_dns64();
	store_expired("www.test. 10 A 198.51.100.1");
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_AAAA);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	ck_assert_ptr_nonnull(result->dns64_a);
	ck_assert(result->answer.stale);
	finish();
}
END_TEST

START_TEST(an_expired_aaaa_is_not_told_once_it_is_denied)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_AAAA, NO_SUCH_TYPE}, {TEST, "www.test", TYPE_A, "silent"}};
	START(rows);
	use_dns64();
	store_expired("www.test. 10 AAAA 2001:db8::1");
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_AAAA);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	ck_assert_uint_eq(result->answer.set_count, 0);
	ck_assert_ptr_nonnull(result->answer.soa);
	ck_assert_uint_eq(result->answer.soa->ttl, 60);
	finish();
}
END_TEST

START_TEST(an_alias_just_learnt_goes_before_an_expired_one)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_DEAD,
		{TEST, "www.test", TYPE_A, "aa|an www.test. 300 CNAME new.dead.test."}, SILENCE};
	START(rows);
	store_expired("www.test. 10 CNAME old.test.");
	store_expired("old.test. 10 A 198.51.100.1");
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert(!has_owner(&result->answer, "old.test"));
	/* The new alias with expired data behind it is better than no answer. */
	cache_flush(net.context.cache);
	store_expired("new.dead.test. 10 A 198.51.100.2");
	result = fake_ask(&net, "www.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.2");
	ck_assert(result->answer.stale);
	finish();
}
END_TEST

static bool sees_old_before, sees_old_after; /* the new alias was learnt */

/* What the engine looks up when a client has waited long enough. */
static void look_while_it_runs(struct fakenet *at, const struct machine_action *action)
{
	static const uint8_t www[] = "\3www\4test";
	const struct question question = {www, TYPE_A, CLASS_IN};
	const struct localdata_query query = {.settings = &at->settings,
		.cache = at->context.cache,
		.learnt = request_learnt(at->request),
		.mode = CACHE_STALE_TOO,
		.now_ms = at->now_ms,
		.arena = &arena};
	struct answer answer;
	if (action->type != ACTION_SEND)
		return;
	answer_begin(&answer, &question);
	ck_assert_int_eq(localdata_answer(&query, &answer), 0);
	if (strstr(at->log, TEST " www.test. A"))
		sees_old_after |= has_owner(&answer, "old.test");
	else
		sees_old_before |= has_owner(&answer, "old.test");
}

START_TEST(a_look_from_outside_sees_it_too)
{
	START(through_an_alias);
	store_expired("www.test. 10 CNAME old.test.");
	store_expired("old.test. 10 A 198.51.100.1");
	sees_old_before = sees_old_after = false;
	net.watch = look_while_it_runs;
	(void)fake_ask(&net, "www.test", TYPE_A);
	ck_assert(sees_old_before);
	ck_assert(!sees_old_after);
	finish();
}
END_TEST

/* The alias leads to a name that was shown on the way to the one that was asked for. */
START_TEST(nothing_is_asked_twice)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "b.test", TYPE_A, "aa|an b.test. 300 A 198.51.100.1"},
		{TEST, "a.b.test", TYPE_A, "aa|an a.b.test. 300 CNAME b.test."}};
	START(rows);
	net.settings.minimisation = MINIMISE_STRICT;
	const struct machine_result *result = fake_ask(&net, "a.b.test", TYPE_A);
	ck_assert_str_eq(fake_answer(&net, result), "198.51.100.1");
	const char *first = strstr(net.log, TEST " b.test. A");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, TEST " b.test. A"));
	finish();
}
END_TEST

START_TEST(a_denial_just_learnt_is_found_with_its_ttl)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "b.test", TYPE_A, "aa|ns test. 600 SOA ns. a. 1 2 3 4 60"},
		{TEST, "a.b.test", TYPE_A, "aa|an a.b.test. 300 CNAME b.test."}};
	START(rows);
	net.settings.minimisation = MINIMISE_STRICT;
	const struct machine_result *result = fake_ask(&net, "a.b.test", TYPE_A);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	ck_assert_uint_eq(result->answer.soa->ttl, 60);
	const char *first = strstr(net.log, TEST " b.test. A");
	ck_assert_ptr_null(strstr(first + 1, TEST " b.test. A"));
	finish();
}
END_TEST

/* ---- requests that end early ---- */

static void cancel_at_the_target(struct fakenet *at, const struct machine_action *action)
{
	if (action->type == ACTION_SEND && strstr(at->log, TEST " new.dead.test. A"))
		request_cancel(at->request, at->now_ms);
}

START_TEST(it_is_kept_when_a_request_is_cancelled)
{
	START(through_an_alias);
	net.watch = cancel_at_the_target;
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert(is_known(CACHE_RRSET, "www.test", TYPE_CNAME));
	ck_assert(!is_known(CACHE_FAILURE, "www.test", TYPE_A));
	ck_assert(!is_known(CACHE_FAILURE, "new.dead.test", TYPE_A));
	request_cancel(net.request, net.now_ms); /* it is done: nothing happens */
	finish();
}
END_TEST

/* Cancelled while dns64 waits: neither the name nor its A records have failed. */
static void cancel_at_dns64(struct fakenet *at, const struct machine_action *action)
{
	if (action->type == ACTION_SEND && strstr(at->log, TEST " www.test. AAAA"))
		request_cancel(at->request, at->now_ms);
}

START_TEST(dns64_remembers_no_failure_when_it_is_cancelled)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_AAAA, NO_SUCH_TYPE}, {TEST, "www.test", TYPE_A, "silent"}};
	START(rows);
	use_dns64();
	net.watch = cancel_at_dns64;
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_AAAA);
	ck_assert_int_eq(result->answer.outcome, ANSWER_NODATA);
	ck_assert(is_known(CACHE_NODATA, "www.test", TYPE_AAAA));
	ck_assert(!is_known(CACHE_FAILURE, "www.test", TYPE_A));
	finish();
}
END_TEST

/* A driver that gives a request less time than it has may not have another machine begin. */
static void end_early(struct fakenet *at, const struct machine_action *action)
{
	if (action->type != ACTION_SEND || !strstr(at->log, " . NS"))
		return;
	request_deadline(at->request, at->now_ms);
	ck_assert(request_done(at->request));
}

START_TEST(the_deadline_ends_a_request_also_before_its_time)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, {TEST, "www.test", 0, "silent"}};
	START(rows);
	use_dns64();
	net.watch = end_early;
	const struct machine_result *result = fake_ask(&net, "www.test", TYPE_AAAA);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert(!fake_was_asked(&net, TEST " www.test. A"));
	finish();
}
END_TEST

/* ---- clients that cannot wait ---- */

static bool was_remembered;

static void tell_trouble(struct fakenet *at, const struct machine_action *action)
{
	if (action->type != ACTION_SEND || !strstr(at->log, TEST " new.dead.test. A"))
		return;
	ck_assert_ptr_nonnull(request_trouble(at->request, at->now_ms));
	was_remembered |= is_known(CACHE_FAILURE, "www.test", TYPE_A);
	/* Its servers have not had their time. */
	ck_assert(!is_known(CACHE_FAILURE, "new.dead.test", TYPE_A));
	at->watch = NULL;
}

START_TEST(trouble_behind_an_alias_is_remembered_of_the_clients_name)
{
	START(through_an_alias);
	net.watch = tell_trouble;
	was_remembered = false;
	(void)fake_ask(&net, "www.test", TYPE_A);
	ck_assert(was_remembered);
	finish();
}
END_TEST

static void tell_trouble_of_dns64(struct fakenet *at, const struct machine_action *action)
{
	if (action->type != ACTION_SEND || !strstr(at->log, TEST " www.test. AAAA"))
		return;
	ck_assert_ptr_nonnull(request_trouble(at->request, at->now_ms));
	was_remembered = is_known(CACHE_FAILURE, "www.test", TYPE_AAAA);
}

START_TEST(so_is_the_trouble_of_dns64)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_AAAA, NO_SUCH_TYPE},
		{TEST, "www.test", TYPE_A, "aa|an www.test. 300 A 198.51.100.1"}};
	START(rows);
	use_dns64();
	net.watch = tell_trouble_of_dns64;
	was_remembered = false;
	ck_assert_ptr_nonnull(fake_ask(&net, "www.test", TYPE_AAAA)->dns64_a);
	ck_assert(was_remembered);
	/* The success has displaced it. */
	ck_assert(!is_known(CACHE_FAILURE, "www.test", TYPE_AAAA));
	finish();
}
END_TEST

/* ---- what is older, and what is newer ---- */

static void store_at(struct fakenet *at, const char *line)
{
	struct rrset *set;
	const struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = at->now_ms};
	ck_assert_int_eq(text_to_rrset(&arena, line, NULL, NULL, 10, &set), 0);
	ck_assert_int_eq(cache_store_rrset(at->context.cache, set, &from, at->now_ms), 0);
}

/* Another request has learnt the same later, and has stored it already. */
static void store_newer(struct fakenet *at, const struct machine_action *action)
{
	if (action->type == ACTION_SEND && strstr(at->log, TEST " new.dead.test. A"))
		store_at(at, "www.test. 300 CNAME newest.test.");
}

static bool is_alias_to(const uint8_t *target)
{
	static const uint8_t www[] = "\3www\4test";
	const struct cache_query query = {
		.cache = net.context.cache, .now_ms = net.now_ms, .arena = &arena};
	struct cache_hit hit;
	return cache_lookup(&query, CACHE_RRSET, www, TYPE_CNAME, &hit) == 0 &&
	       name_equal(rrset_target(hit.set, 0), target);
}

START_TEST(newer_data_of_the_same_rank_stays)
{
	START(through_an_alias);
	net.watch = store_newer;
	(void)fake_ask(&net, "www.test", TYPE_A);
	ck_assert(is_alias_to((const uint8_t[]){"\6newest\4test"}));
	finish();
}
END_TEST

/* Another request has learnt meanwhile that the name exists. */
START_TEST(an_older_nxdomain_is_not_kept_beside_newer_data)
{
	static const uint8_t gone[] = "\4gone\4test";
	const struct question question = {gone, TYPE_A, CLASS_IN};
	struct learnt_list list = {0};
	struct learnt denial = {.kind = CACHE_NXDOMAIN, .name = gone, .type = TYPE_AAAA};
	START(through_an_alias);
	denial.cache = net.context.cache;
	denial.from = (struct provenance){.rank = RANK_AUTHORITY_AA, .when_ms = net.now_ms};
	learnt_add(&list, &arena, &denial);
	net.now_ms += 1000;
	store_at(&net, "gone.test. 5 A 198.51.100.9");
	net.now_ms += 1000;
	learnt_store(&list, net.now_ms);
	ck_assert(!is_known(CACHE_NXDOMAIN, "gone.test", 0));
	/* When the address has expired, it is still what was learnt last. */
	net.now_ms += 10000;
	const struct localdata_query query = {.settings = &net.settings,
		.cache = net.context.cache,
		.mode = CACHE_STALE_TOO,
		.now_ms = net.now_ms,
		.arena = &arena};
	struct answer answer;
	answer_begin(&answer, &question);
	ck_assert_int_eq(localdata_answer(&query, &answer), 0);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	finish();
}
END_TEST

/* It lives for a second, from just before the reply of lower rank comes. */
static void store_short(struct fakenet *at, const struct machine_action *action)
{
	if (action->type != ACTION_SEND || !fake_was_asked(at, ROOT " www.test. A") ||
		fake_was_asked(at, TEST " www.test. A"))
		return;
	store_at(at, "www.test. 1 CNAME newest.test.");
}

START_TEST(what_has_expired_since_does_not_outrank_it)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_DEAD,
		{TEST, "www.test", TYPE_A, "an www.test. 300 CNAME new.dead.test."}, SILENCE};
	START(rows);
	net.watch = store_short;
	(void)fake_ask(&net, "www.test", TYPE_A);
	ck_assert(is_alias_to((const uint8_t[]){"\3new\4dead\4test"}));
	finish();
}
END_TEST

/*
 * The reply's alias is not remembered, since what stands behind it could not be had from the
 * target's servers. Nor may an older one that it replaces be told any more.
 */
START_TEST(what_replaces_an_old_alias_removes_it_even_where_it_is_not_kept)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_A,
			"aa|an www.test. 300 CNAME new.test.|an new.test. 300 A 198.51.100.2"},
		{TEST, "new.test", TYPE_A, "servfail"}};
	static const uint8_t www[] = "\3www\4test";
	struct cache_hit hit;
	START(rows);
	store_expired("www.test. 10 CNAME old.test.");
	ck_assert_str_eq(fake_answer(&net, fake_ask(&net, "www.test", TYPE_A)), "198.51.100.2");
	const struct cache_query query = {.cache = net.context.cache,
		.mode = CACHE_STALE_TOO,
		.now_ms = net.now_ms,
		.arena = &arena};
	ck_assert_int_eq(cache_lookup(&query, CACHE_RRSET, www, TYPE_CNAME, &hit), RW_ENOTFOUND);
	finish();
}
END_TEST

START_TEST(what_is_older_does_not_replace_what_has_expired)
{
	START(through_an_alias);
	store_at(&net, "a.test. 1 A 198.51.100.1");
	store_at(&net, "b.test. 1 A 198.51.100.1");
	struct rrset *set;
	const struct provenance older = {.rank = RANK_ANSWER_AA, .when_ms = net.now_ms - 5000};
	const struct question denied = {(const uint8_t[]){"\1b\4test"}, TYPE_A, CLASS_IN};
	net.now_ms += 2000;
	ck_assert_int_eq(
		text_to_rrset(&arena, "a.test. 300 A 198.51.100.2", NULL, NULL, 10, &set), 0);
	ck_assert_int_eq(cache_store_rrset(net.context.cache, set, &older, net.now_ms), RW_EBUSY);
	ck_assert_int_eq(cache_store_negative(net.context.cache, CACHE_NODATA, &denied, NULL,
				 &older, net.now_ms),
		RW_EBUSY);
	finish();
}
END_TEST

/* ---- failures and what displaces them ---- */

#define LIVE "192.0.2.3" /* live.test. */

/* Its own servers fail; those of its target are asked, also when the failure is cached. */
START_TEST(a_stale_alias_is_followed_behind_a_cached_failure)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST, TO_DEAD,
		{TEST, "*.live.test", 0,
			"ns live.test. 172800 NS ns.live.test.|ar ns.live.test. 172800 A " LIVE},
		{LIVE, "t.live.test", TYPE_A, "aa|an t.live.test. 0 A 198.51.100.77"},
		{TEST, "x.test", TYPE_A, "aa|an x.test. 0 CNAME a.dead.test."},
		{DEAD, "*.", 0, "servfail"}};
	static const char *const names[] = {"a.dead.test", "a.dead.test", "x.test", "x.test"};
	START(rows);
	store_expired("a.dead.test. 10 CNAME t.live.test.");
	for (unsigned i = 0; i < RW_COUNT(names); i++) {
		const struct machine_result *result = fake_ask(&net, names[i], TYPE_A);
		ck_assert_str_eq(fake_answer(&net, result), "198.51.100.77");
		ck_assert(result->answer.stale);
		ck_assert(is_known(CACHE_FAILURE, "a.dead.test", TYPE_A));
	}
	finish();
}
END_TEST

static void tell_trouble_before_the_target(struct fakenet *at, const struct machine_action *action)
{
	if (action->type != ACTION_SEND || !strstr(at->log, TEST " www.test. A") ||
		strstr(at->log, TEST " short.test. A"))
		return;
	ck_assert_ptr_nonnull(request_trouble(at->request, at->now_ms));
	was_remembered |= is_known(CACHE_FAILURE, "www.test", TYPE_A);
}

/* The alias is kept and its target is not: nothing of a success stands under the client's name. */
START_TEST(a_success_displaces_the_failure_of_the_clients_name)
{
	static const struct fake_row rows[] = {PRIMING, TO_TEST,
		{TEST, "www.test", TYPE_A, "aa|an www.test. 300 CNAME short.test."},
		{TEST, "short.test", TYPE_A, "aa|an short.test. 0 A 198.51.100.5"}};
	START(rows);
	net.watch = tell_trouble_before_the_target;
	was_remembered = false;
	for (unsigned i = 0; i < 2; i++) {
		const struct machine_result *result = fake_ask(&net, "www.test", TYPE_A);
		ck_assert_str_eq(fake_answer(&net, result), "198.51.100.5");
		ck_assert(was_remembered);
		ck_assert(!is_known(CACHE_FAILURE, "www.test", TYPE_A));
	}
	finish();
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("learnt");
	TCase *tests = tcase_create("learnt");
	tcase_add_test(tests, expired_a_records_stand_beside_a_denial_just_learnt);
	tcase_add_test(tests, an_expired_aaaa_is_not_told_once_it_is_denied);
	tcase_add_test(tests, an_alias_just_learnt_goes_before_an_expired_one);
	tcase_add_test(tests, a_look_from_outside_sees_it_too);
	tcase_add_test(tests, nothing_is_asked_twice);
	tcase_add_test(tests, a_denial_just_learnt_is_found_with_its_ttl);
	tcase_add_test(tests, it_is_kept_when_a_request_is_cancelled);
	tcase_add_test(tests, dns64_remembers_no_failure_when_it_is_cancelled);
	tcase_add_test(tests, the_deadline_ends_a_request_also_before_its_time);
	tcase_add_test(tests, trouble_behind_an_alias_is_remembered_of_the_clients_name);
	tcase_add_test(tests, so_is_the_trouble_of_dns64);
	tcase_add_test(tests, newer_data_of_the_same_rank_stays);
	tcase_add_test(tests, what_has_expired_since_does_not_outrank_it);
	tcase_add_test(tests, an_older_nxdomain_is_not_kept_beside_newer_data);
	tcase_add_test(tests, what_is_older_does_not_replace_what_has_expired);
	tcase_add_test(tests, a_stale_alias_is_followed_behind_a_cached_failure);
	tcase_add_test(tests, a_success_displaces_the_failure_of_the_clients_name);
	tcase_add_test(tests, what_replaces_an_old_alias_removes_it_even_where_it_is_not_kept);
	suite_add_tcase(suite, tests);
	return suite;
}
