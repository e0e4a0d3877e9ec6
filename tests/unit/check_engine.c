/* SPDX-License-Identifier: MIT */
/* The engine with real requests, against a root server of the test's own on the loopback. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/engine/job.h"
#include "tests/unit/enginekit.h"
#include "tests/unit/suite.h"

static struct enginekit kit;

START_TEST(equal_questions_share_one_walk)
{
	struct asker first, second, other;
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &first, "www.example."), 0);
	ck_assert_int_eq(enginekit_ask(&kit, &second, "WWW.Example."), 0);
	ck_assert_int_eq(enginekit_ask(&kit, &other, "other.example."), 0);
	ck_assert_uint_eq(engine_jobs(kit.engine), 2);
	enginekit_wait(&kit, &first);
	enginekit_wait(&kit, &second);
	enginekit_wait(&kit, &other);
	ck_assert_uint_eq(first.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(first.answers, 1);
	ck_assert_uint_eq(second.answers, 1);
	ck_assert_uint_eq(kit.a_questions, 2);
	enginekit_turn(&kit, 50, NULL);
	ck_assert_uint_eq(engine_jobs(kit.engine), 0);
	ck_assert_uint_eq(first.calls + second.calls + other.calls, 3);
	enginekit_finish(&kit);
}
END_TEST

/* Each walk primes the root before all else; on the wire that is one question. */
static struct host_settings make_host(const char *text, struct addr *addr)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	uint8_t *copy = malloc(name_size(name.bytes));
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, name.bytes, name_size(name.bytes));
	ck_assert_int_eq(addr_parse("10.1.2.3", 0, addr), 0);
	return (struct host_settings){copy, {addr, 1}};
}

/* The same question of clients who do not have the same names as ours. */
START_TEST(views_do_not_share_a_walk)
{
	struct asker inside, outside, again;
	struct addr addr, client[2];
	struct prefix prefix;
	struct host_settings host = make_host("nas.example.", &addr);
	struct view_settings view = {
		.clients = {&prefix, 1}, .names = {.hosts = {&host, 1}, .hosts_given = true}};
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(prefix_parse("10.0.0.0/8", &prefix), 0);
	ck_assert_int_eq(addr_parse("10.0.0.1", 0, &client[0]), 0);
	ck_assert_int_eq(addr_parse("192.0.2.1", 0, &client[1]), 0);
	kit.views->settings.views = (struct view_list){&view, 1};
	ck_assert_int_eq(views_build(kit.views, NULL), 0);
	kit.views->settings.views = (struct view_list){0};
	kit.client = &client[0];
	ck_assert_int_eq(enginekit_ask(&kit, &inside, "www.example."), 0);
	kit.client = &client[1];
	ck_assert_int_eq(enginekit_ask(&kit, &outside, "www.example."), 0);
	kit.client = NULL; /* nobody is in no view */
	ck_assert_int_eq(enginekit_ask(&kit, &again, "www.example."), 0);
	ck_assert_uint_eq(engine_jobs(kit.engine), 2);
	ck_assert_ptr_ne(inside.waiter.job, outside.waiter.job);
	ck_assert_ptr_eq(outside.waiter.job, again.waiter.job);
	enginekit_wait(&kit, &inside);
	enginekit_wait(&kit, &outside);
	enginekit_wait(&kit, &again);
	enginekit_finish(&kit);
	free(host.name);
}
END_TEST

START_TEST(walks_share_what_they_ask_at_the_same_time)
{
	struct asker askers[8];
	enginekit_begin(&kit, env_real());
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	for (unsigned i = 0; i < RW_COUNT(askers); i++) {
		enginekit_wait(&kit, &askers[i]);
		ck_assert_uint_eq(askers[i].answers, 1);
	}
	ck_assert_uint_eq(kit.ns_questions, 1);
	ck_assert_uint_eq(kit.a_questions, RW_COUNT(askers));
	enginekit_finish(&kit);
}
END_TEST

START_TEST(one_lost_packet_is_one_timeout_for_all_who_share_it)
{
	struct asker askers[4];
	struct infra_server known = {0};
	enginekit_begin(&kit, env_real());
	kit.is_silent = true;
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	for (unsigned tries = 0; tries < 3000 && known.timeouts == 0; tries++) {
		(void)uv_run(&kit.loop, UV_RUN_NOWAIT);
		(void)usleep(1000);
		infra_get(kit.shared.infra, &kit.server.address, env_mono_ms(env_real()), &known);
	}
	ck_assert_uint_eq(known.timeouts, 1);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(a_shared_question_outlives_who_asked_first)
{
	struct asker first, second;
	enginekit_begin(&kit, env_real());
	kit.is_silent = true;
	ck_assert_int_eq(enginekit_ask(&kit, &first, "a.example."), 0);
	enginekit_turn(&kit, 1000, NULL);
	kit.is_silent = false;
	/* The first walk's budget ends long before the second's, in the midst of what they share.
	 */
	ck_assert_int_eq(enginekit_ask(&kit, &second, "b.example."), 0);
	enginekit_wait(&kit, &first);
	enginekit_wait(&kit, &second);
	ck_assert_uint_eq(second.rcode, RCODE_NOERROR);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(the_forgotten_are_not_told_but_the_walk_goes_on)
{
	struct asker gone, kept;
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &gone, "www.example."), 0);
	engine_forget(kit.engine, &gone.waiter);
	engine_forget(kit.engine, &gone.waiter);
	ck_assert_uint_eq(engine_jobs(kit.engine), 1);
	ck_assert_int_eq(enginekit_ask(&kit, &kept, "www.example."), 0);
	enginekit_wait(&kit, &kept);
	ck_assert_uint_eq(gone.calls, 0);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(waiters_are_capped)
{
	static struct asker askers[LIMIT_WAITERS + 1];
	enginekit_begin(&kit, env_real());
	for (unsigned i = 0; i < LIMIT_WAITERS; i++)
		ck_assert_int_eq(enginekit_ask(&kit, &askers[i], "www.example."), 0);
	ck_assert_int_eq(enginekit_ask(&kit, &askers[LIMIT_WAITERS], "www.example."), RW_EBUSY);
	for (unsigned i = 0; i < LIMIT_WAITERS; i++)
		enginekit_wait(&kit, &askers[i]);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(jobs_are_capped)
{
	static struct asker askers[LIMIT_JOBS + 2];
	enginekit_begin(&kit, env_real());
	uint64_t before_ms = env_mono_ms(env_real());
	for (unsigned i = 0; i < LIMIT_JOBS; i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	int err = enginekit_ask_nth(&kit, &askers[LIMIT_JOBS], LIMIT_JOBS);
	if (env_mono_ms(env_real()) - before_ms < LIMIT_JOSTLE_MS)
		ck_assert_int_eq(err, RW_EBUSY);
	ck_assert_uint_le(engine_jobs(kit.engine), LIMIT_JOBS + 1);
	engine_close(kit.engine);
	kit.engine = NULL;
	for (unsigned i = 0; i < LIMIT_JOBS; i++)
		ck_assert_uint_eq(askers[i].calls, 1);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(the_oldest_job_gives_way)
{
	static struct asker askers[LIMIT_JOBS + 2];
	enginekit_begin(&kit, env_real());
	kit.views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	for (unsigned i = 0; i < LIMIT_JOBS; i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	(void)usleep((LIMIT_JOSTLE_MS + 50) * 1000);
	ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[LIMIT_JOBS], LIMIT_JOBS), 0);
	ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[LIMIT_JOBS + 1], LIMIT_JOBS + 1), 0);
	for (unsigned i = 0; i < 2; i++) {
		enginekit_wait(&kit, &askers[i]);
		ck_assert_uint_eq(askers[i].rcode, RCODE_SERVFAIL);
		ck_assert_int_eq(askers[i].ede, EDE_NO_REACHABLE_AUTHORITY);
	}
	ck_assert_uint_eq(askers[2].calls, 0);
	ck_assert_uint_le(engine_jobs(kit.engine), LIMIT_JOBS);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(memory_of_all_jobs_is_capped)
{
	struct asker large, small;
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &large, "large.example."), 0);
	ck_assert_ptr_nonnull(arena_alloc_raw(
		request_arena(list_first(&kit.engine->jobs, struct job, link)->request), 200000));
	ck_assert_int_eq(enginekit_ask(&kit, &small, "small.example."), 0);
	kit.engine->job_bytes = LIMIT_JOBS_BYTES; /* as if others had it */
	enginekit_wait(&kit, &large);
	ck_assert_uint_eq(large.rcode, RCODE_SERVFAIL);
	enginekit_wait(&kit, &small);
	ck_assert_uint_eq(small.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(kit.engine->job_bytes, LIMIT_JOBS_BYTES);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(one_zone_does_not_take_all_places)
{
	static struct asker askers[LIMIT_ZONE_JOBS + LIMIT_ZONE_LINE + 1];
	unsigned count = RW_COUNT(askers);
	enginekit_begin(&kit, env_real());
	kit.views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	kit.is_mute = true;
	for (unsigned i = 0; i < count; i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	for (unsigned tries = 0; tries < 10 && enginekit_names_asked(&kit) < LIMIT_ZONE_JOBS;
		tries++)
		enginekit_turn(&kit, 100, NULL);
	unsigned refused = 0;
	for (unsigned i = 0; i < count; i++)
		refused += askers[i].calls == 1 && askers[i].rcode == RCODE_SERVFAIL &&
			   askers[i].ede == EDE_OTHER;
	ck_assert_uint_eq(refused, 1);
	ck_assert_uint_eq(engine_jobs(kit.engine), count - 1);
	ck_assert_uint_eq(enginekit_names_asked(&kit), LIMIT_ZONE_JOBS);
	enginekit_finish(&kit);
}
END_TEST

/* A refresh gives way if the zone is busy, unless a client has joined it. */
START_TEST(who_joins_a_refreshment_stands_in_line)
{
	static struct asker askers[LIMIT_ZONE_JOBS], late;
	struct name name;
	enginekit_begin(&kit, env_real());
	kit.views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	kit.is_mute = true;
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	for (unsigned tries = 0; tries < 20 && enginekit_names_asked(&kit) < LIMIT_ZONE_JOBS;
		tries++)
		enginekit_turn(&kit, 100, NULL);
	ck_assert_int_eq(name_from_text("late.example.", &name), 0);
	struct question question = {name.bytes, TYPE_A, CLASS_IN};
	struct answer nothing;
	answer_begin(&nothing, &question);
	engine_refresh(kit.engine, NULL, &question, &nothing);
	ck_assert_int_eq(enginekit_ask(&kit, &late, "late.example."), 0);
	ck_assert_uint_eq(engine_jobs(kit.engine), RW_COUNT(askers) + 1);
	enginekit_turn(&kit, 50, &late);
	ck_assert_uint_eq(late.calls, 0);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(who_stands_in_line_gets_a_seat)
{
	static struct asker askers[LIMIT_ZONE_JOBS + 50];
	enginekit_begin(&kit, env_real());
	kit.views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(enginekit_ask_nth(&kit, &askers[i], i), 0);
	for (unsigned i = 0; i < RW_COUNT(askers); i++) {
		enginekit_wait(&kit, &askers[i]);
		ck_assert_uint_eq(askers[i].rcode, RCODE_NOERROR);
	}
	enginekit_finish(&kit);
}
END_TEST

START_TEST(one_client_does_not_take_all_places)
{
	static const uint8_t ip[] = {192, 0, 2, 1};
	static struct asker askers[LIMIT_CLIENT_WAITING + 1];
	struct addr client = addr_from_bytes(ip, 4, 53);
	enginekit_begin(&kit, env_real());
	kit.client = &client;
	for (unsigned i = 0; i <= LIMIT_CLIENT_WAITING; i++)
		ck_assert_int_eq(
			enginekit_ask(&kit, &askers[i], i % 2 ? "a.example." : "b.example."),
			i < LIMIT_CLIENT_WAITING ? 0 : RW_ELIMIT);
	engine_forget(kit.engine, &askers[0].waiter);
	ck_assert_int_eq(enginekit_ask(&kit, &askers[0], "c.example."), 0);
	ck_assert_int_eq(
		enginekit_ask(&kit, &askers[LIMIT_CLIENT_WAITING], "d.example."), RW_ELIMIT);
	ck_assert_uint_eq(engine_jobs(kit.engine), 3);
	kit.client = NULL;
	for (unsigned i = 0; i < LIMIT_CLIENT_WAITING; i++)
		enginekit_wait(&kit, &askers[i]);
	enginekit_finish(&kit);
}
END_TEST

/* A client that cannot wait is answered in time; the walk goes on and its answer is kept. */
START_TEST(the_impatient_are_told_in_time)
{
	struct asker first, again, patient;
	enginekit_begin(&kit, env_real());
	ck_assert_uint_eq(kit.views->settings.discard_timeout_ms, LIMIT_DISCARD_MS);
	kit.views->settings.discard_timeout_ms = 500;
	kit.is_silent = true;
	uint64_t before_ms = env_mono_ms(env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &first, "www.example."), 0);
	ck_assert_int_eq(enginekit_ask(&kit, &patient, "www.example."), 0);
	patient.waiter.patient = true;
	/* What is planned, not when it came: the machine may be loaded. */
	uint64_t after_ms = env_mono_ms(env_real()),
		 told_ms = list_first(&kit.engine->jobs, struct job, link)->client_deadline.at_ms;
	ck_assert_uint_ge(told_ms, before_ms + 480);
	ck_assert_uint_lt(told_ms, after_ms + 500);
	enginekit_wait(&kit, &first);
	ck_assert_uint_ge(env_mono_ms(env_real()) - before_ms, 480);
	ck_assert_uint_eq(first.rcode, RCODE_SERVFAIL);
	ck_assert_int_eq(first.ede, EDE_NO_REACHABLE_AUTHORITY);
	ck_assert_uint_eq(patient.calls, 0);
	kit.is_silent = false;
	enginekit_wait(&kit, &patient);
	ck_assert_uint_eq(patient.rcode, RCODE_NOERROR);
	ck_assert_int_eq(enginekit_ask(&kit, &again, "www.example."), 0);
	enginekit_wait(&kit, &again);
	ck_assert_uint_eq(again.rcode, RCODE_NOERROR);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(silence_ends_in_servfail_within_the_budget)
{
	struct asker asker;
	enginekit_begin(&kit, env_real());
	kit.is_silent = true;
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_uint_eq(asker.rcode, RCODE_SERVFAIL);
	ck_assert_int_ne(asker.ede, EDE_NONE);
	enginekit_finish(&kit);
}
END_TEST

/* An entry that ran out a minute ago. */
START_TEST(refresh_asks_although_the_cache_knows)
{
	struct asker asker;
	struct name name;
	enginekit_begin(&kit, env_real());
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	unsigned before = kit.a_questions;
	ck_assert_int_eq(name_from_text("www.example.", &name), 0);
	struct question question = {.name = name.bytes, .type = TYPE_A, .class = CLASS_IN};
	struct answer nothing;
	answer_begin(&nothing, &question);
	engine_refresh(kit.engine, NULL, &question, &nothing);
	engine_refresh(kit.engine, NULL, &question, &nothing);
	ck_assert_uint_eq(engine_jobs(kit.engine), 1);
	enginekit_turn(&kit, 200, NULL);
	ck_assert_uint_eq(engine_jobs(kit.engine), 0);
	ck_assert_uint_eq(kit.a_questions, before + 1);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(close_tells_everybody)
{
	struct asker asker;
	enginekit_begin(&kit, env_real());
	kit.is_silent = true;
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_turn(&kit, 50, &asker);
	engine_close(kit.engine);
	kit.engine = NULL;
	ck_assert_uint_eq(asker.calls, 1);
	ck_assert_uint_eq(asker.rcode, RCODE_SERVFAIL);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(new_views_serve_the_jobs_to_come)
{
	struct asker old, new;
	enginekit_begin(&kit, env_real());
	struct views *next = enginekit_views(&kit);
	ck_assert_int_eq(enginekit_ask(&kit, &old, "old.example."), 0);
	engine_set_views(kit.engine, next);
	ck_assert_uint_eq(kit.views->users, 2); /* the test and the job */
	ck_assert_int_eq(enginekit_ask(&kit, &new, "new.example."), 0);
	enginekit_wait(&kit, &old);
	enginekit_wait(&kit, &new);
	enginekit_turn(&kit, 20, NULL);
	ck_assert_uint_eq(kit.views->users, 1);
	ck_assert_uint_eq(next->users, 2);
	views_unref(next);
	enginekit_finish(&kit);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("engine");
	TCase *tcase = tcase_create("engine");
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, equal_questions_share_one_walk);
	tcase_add_test(tcase, views_do_not_share_a_walk);
	tcase_add_test(tcase, walks_share_what_they_ask_at_the_same_time);
	tcase_add_test(tcase, one_lost_packet_is_one_timeout_for_all_who_share_it);
	tcase_add_test(tcase, a_shared_question_outlives_who_asked_first);
	tcase_add_test(tcase, the_forgotten_are_not_told_but_the_walk_goes_on);
	tcase_add_test(tcase, waiters_are_capped);
	tcase_add_test(tcase, jobs_are_capped);
	tcase_add_test(tcase, the_oldest_job_gives_way);
	tcase_add_test(tcase, memory_of_all_jobs_is_capped);
	tcase_add_test(tcase, one_zone_does_not_take_all_places);
	tcase_add_test(tcase, who_joins_a_refreshment_stands_in_line);
	tcase_add_test(tcase, who_stands_in_line_gets_a_seat);
	tcase_add_test(tcase, one_client_does_not_take_all_places);
	tcase_add_test(tcase, the_impatient_are_told_in_time);
	tcase_add_test(tcase, silence_ends_in_servfail_within_the_budget);
	tcase_add_test(tcase, refresh_asks_although_the_cache_knows);
	tcase_add_test(tcase, close_tells_everybody);
	tcase_add_test(tcase, new_views_serve_the_jobs_to_come);
	suite_add_tcase(suite, tcase);
	return suite;
}
