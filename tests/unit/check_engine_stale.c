/* SPDX-License-Identifier: MIT */
/* The engine and expired data: which clients get it, when, and what takes precedence. */
#include <check.h>
#include <stdlib.h>

#include "tests/unit/enginekit.h"
#include "tests/unit/suite.h"

static struct enginekit kit;

static void store_expired(const char *text)
{
	static const uint8_t ip[4] = {192, 0, 2, 9};
	struct arena arena;
	struct name name;
	struct provenance from = {
		.rank = RANK_ANSWER_AA, .when_ms = env_mono_ms(env_real()) - 70000};
	arena_init(&arena, 4096);
	ck_assert_int_eq(name_from_text(text, &name), 0);
	struct rrset *set = rrset_single(&arena, name.bytes, TYPE_A, 10, ip, 4);
	ck_assert_uint_gt(env_mono_ms(env_real()), 70000);
	ck_assert_int_eq(cache_store_rrset(kit.shared.cache, set, &from, from.when_ms), 0);
	arena_release(&arena);
}

START_TEST(waiting_clients_get_expired_data_in_time)
{
	struct asker first, second;
	enginekit_begin(&kit, env_real());
	store_expired("www.example.");
	kit.is_silent = true;
	uint64_t before_ms = env_mono_ms(env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &first, "www.example."), 0);
	enginekit_wait(&kit, &first);
	uint64_t took_ms = env_mono_ms(env_real()) - before_ms;
	ck_assert_uint_ge(took_ms, 190);
	ck_assert_uint_lt(took_ms, 1400); /* before the request ends at 1500 */
	ck_assert(first.stale);
	ck_assert_int_eq(first.ede, EDE_STALE_ANSWER);
	ck_assert_uint_eq(engine_jobs(kit.engine), 1); /* goes on for the cache */
	before_ms = env_mono_ms(env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &second, "www.example."), 0);
	enginekit_wait(&kit, &second);
	ck_assert(second.stale);
	ck_assert_uint_lt(env_mono_ms(env_real()) - before_ms, 190); /* the timer's time */
	enginekit_finish(&kit);
}
END_TEST

START_TEST(fresh_data_comes_before_expired_data)
{
	struct asker asker;
	enginekit_begin(&kit, env_real());
	store_expired("www.example.");
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert(!asker.stale);
	ck_assert_int_eq(asker.rcode, RCODE_NOERROR);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(who_has_looked_into_the_cache_is_believed)
{
	static const uint8_t name[] = "\3www\7example";
	struct asker asker;
	struct answer nothing;
	const struct question question = {name, TYPE_A, CLASS_IN};
	answer_begin(&nothing, &question);
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_uint_eq(kit.a_questions, 1);
	ck_assert_int_eq(enginekit_ask_for(&kit, &asker, &question, &nothing), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_uint_eq(kit.a_questions, 2);
	enginekit_finish(&kit);
}
END_TEST

/*
 * A client that joins a question in flight gets the result of its walk, whatever it has found
 * itself.
 */
START_TEST(what_is_found_of_a_question_under_way_has_no_effect)
{
	static const uint8_t name[] = "\3www\7example";
	struct asker first, second;
	struct answer denial;
	const struct question question = {name, TYPE_A, CLASS_IN};
	answer_begin(&denial, &question);
	answer_deny(&denial, ANSWER_NXDOMAIN, NULL, &provenance_local);
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &first, "www.example."), 0);
	ck_assert_int_eq(enginekit_ask_for(&kit, &second, &question, &denial), 0);
	enginekit_wait(&kit, &first);
	enginekit_wait(&kit, &second);
	ck_assert_uint_eq(kit.a_questions, 1);
	ck_assert_uint_eq(second.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(second.answers, 1);
	enginekit_finish(&kit);
}
END_TEST

/* The public tree denies `example.`; a route of ours leads to a zone below it. */
static void route_below_a_denied_name(void)
{
	struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = env_mono_ms(env_real())};
	struct route_settings *route = calloc(1, sizeof(*route));
	struct name name;
	ck_assert_int_eq(name_from_text("example.", &name), 0);
	ck_assert_int_eq(
		cache_store_negative(kit.shared.cache, CACHE_NXDOMAIN,
			&(struct question){name.bytes, 0, CLASS_IN}, NULL, &from, from.when_ms),
		0);
	ck_assert_int_eq(name_from_text("ours.example.", &name), 0);
	route->zone = calloc(1, name_size(name.bytes));
	(void)name_lower(name.bytes, route->zone);
	route->to.items = calloc(1, sizeof(*route->to.items));
	route->to.items[0] = kit.server.address;
	route->to.count = 1;
	kit.views->settings.stub = (struct route_list){route, 1};
}

START_TEST(the_public_tree_does_not_deny_a_routed_name)
{
	struct asker asker;
	enginekit_begin(&kit, env_real());
	route_below_a_denied_name();
	kit.is_silent = true;
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.ours.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_int_eq(asker.rcode, RCODE_SERVFAIL);
	enginekit_finish(&kit);
}
END_TEST

/* DNS64, and a fresh answer that `www.example.` has no AAAA. */
static void begin_dns64(struct asker *asker)
{
	struct provenance from = {.rank = RANK_ANSWER_AA, .when_ms = env_mono_ms(env_real())};
	struct question question = {.type = TYPE_AAAA, .class = CLASS_IN};
	struct name name;
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &kit.views->settings.names.dns64.prefix), 0);
	ck_assert_int_eq(name_from_text("www.example.", &name), 0);
	question.name = name.bytes;
	ck_assert_int_eq(cache_store_negative(kit.shared.cache, CACHE_NODATA, &question, NULL,
				 &from, from.when_ms),
		0);
	ck_assert_int_eq(enginekit_ask_for(&kit, asker, &question, NULL), 0);
}

START_TEST(a_denial_is_no_answer_while_a_records_are_looked_up)
{
	struct asker asker;
	begin_dns64(&asker);
	kit.is_silent = true;
	enginekit_turn(&kit, 2 * kit.views->settings.cache.stale_client_timeout_ms, &asker);
	ck_assert_uint_eq(asker.calls, 0);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(expired_a_records_are_given_in_time)
{
	struct asker asker;
	begin_dns64(&asker);
	store_expired("www.example.");
	kit.is_silent = true;
	uint64_t before_ms = env_mono_ms(env_real());
	enginekit_wait(&kit, &asker);
	ck_assert_uint_lt(env_mono_ms(env_real()) - before_ms, 1400);
	ck_assert(asker.stale && asker.mapped);
	enginekit_finish(&kit);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("engine stale");
	TCase *tcase = tcase_create("engine");
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, waiting_clients_get_expired_data_in_time);
	tcase_add_test(tcase, fresh_data_comes_before_expired_data);
	tcase_add_test(tcase, the_public_tree_does_not_deny_a_routed_name);
	tcase_add_test(tcase, a_denial_is_no_answer_while_a_records_are_looked_up);
	tcase_add_test(tcase, expired_a_records_are_given_in_time);
	tcase_add_test(tcase, who_has_looked_into_the_cache_is_believed);
	tcase_add_test(tcase, what_is_found_of_a_question_under_way_has_no_effect);
	suite_add_tcase(suite, tcase);
	return suite;
}
