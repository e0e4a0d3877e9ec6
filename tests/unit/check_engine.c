/* SPDX-License-Identifier: MIT */
/* The engine with real requests, against a root server of the test's own on the loopback. */
#include "tests/unit/enginekit.h"

START_TEST(equal_questions_share_one_walk)
{
	struct asker first, second, other;
	begin();
	ck_assert_int_eq(ask(&first, "www.example."), 0);
	ck_assert_int_eq(ask(&second, "WWW.Example."), 0);
	ck_assert_int_eq(ask(&other, "other.example."), 0);
	ck_assert_uint_eq(engine_jobs(engine), 2);
	wait_for(&first);
	wait_for(&second);
	wait_for(&other);
	ck_assert_uint_eq(first.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(first.answers, 1);
	ck_assert_uint_eq(second.answers, 1);
	ck_assert_uint_eq(a_questions, 2);
	turn_for(50, NULL);
	ck_assert_uint_eq(engine_jobs(engine), 0);
	ck_assert_uint_eq(first.calls + second.calls + other.calls, 3);
	finish();
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
	begin();
	ck_assert_int_eq(prefix_parse("10.0.0.0/8", &prefix), 0);
	ck_assert_int_eq(addr_parse("10.0.0.1", 0, &client[0]), 0);
	ck_assert_int_eq(addr_parse("192.0.2.1", 0, &client[1]), 0);
	views->settings.views = (struct view_list){&view, 1};
	ck_assert_int_eq(views_build(views, NULL), 0);
	views->settings.views = (struct view_list){0};
	asking_client = &client[0];
	ck_assert_int_eq(ask(&inside, "www.example."), 0);
	asking_client = &client[1];
	ck_assert_int_eq(ask(&outside, "www.example."), 0);
	asking_client = NULL; /* nobody is in no view */
	ck_assert_int_eq(ask(&again, "www.example."), 0);
	ck_assert_uint_eq(engine_jobs(engine), 2);
	ck_assert_ptr_ne(inside.waiter.job, outside.waiter.job);
	ck_assert_ptr_eq(outside.waiter.job, again.waiter.job);
	wait_for(&inside);
	wait_for(&outside);
	wait_for(&again);
	finish();
	free(host.name);
}
END_TEST

START_TEST(walks_share_what_they_ask_at_the_same_time)
{
	struct asker askers[8];
	begin();
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	for (unsigned i = 0; i < RW_COUNT(askers); i++) {
		wait_for(&askers[i]);
		ck_assert_uint_eq(askers[i].answers, 1);
	}
	ck_assert_uint_eq(ns_questions, 1);
	ck_assert_uint_eq(a_questions, RW_COUNT(askers));
	finish();
}
END_TEST

START_TEST(one_lost_packet_is_one_timeout_for_all_who_share_it)
{
	struct asker askers[4];
	struct infra_server known = {0};
	begin();
	is_silent = true;
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	for (unsigned tries = 0; tries < 3000 && known.timeouts == 0; tries++) {
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		(void)usleep(1000);
		infra_get(shared.infra, &server.address, env_mono_ms(env_real()), &known);
	}
	ck_assert_uint_eq(known.timeouts, 1);
	finish();
}
END_TEST

START_TEST(a_shared_question_outlives_who_asked_first)
{
	struct asker first, second;
	begin();
	is_silent = true;
	ck_assert_int_eq(ask(&first, "a.example."), 0);
	turn_for(1000, NULL);
	is_silent = false;
	/* The first walk's budget ends long before the second's, in the midst of what they share.
	 */
	ck_assert_int_eq(ask(&second, "b.example."), 0);
	wait_for(&first);
	wait_for(&second);
	ck_assert_uint_eq(second.rcode, RCODE_NOERROR);
	finish();
}
END_TEST

START_TEST(the_forgotten_are_not_told_but_the_walk_goes_on)
{
	struct asker gone, kept;
	begin();
	ck_assert_int_eq(ask(&gone, "www.example."), 0);
	engine_forget(engine, &gone.waiter);
	engine_forget(engine, &gone.waiter);
	ck_assert_uint_eq(engine_jobs(engine), 1);
	ck_assert_int_eq(ask(&kept, "www.example."), 0);
	wait_for(&kept);
	ck_assert_uint_eq(gone.calls, 0);
	finish();
}
END_TEST

START_TEST(waiters_are_capped)
{
	static struct asker askers[LIMIT_WAITERS + 1];
	begin();
	for (unsigned i = 0; i < LIMIT_WAITERS; i++)
		ck_assert_int_eq(ask(&askers[i], "www.example."), 0);
	ck_assert_int_eq(ask(&askers[LIMIT_WAITERS], "www.example."), RW_EBUSY);
	for (unsigned i = 0; i < LIMIT_WAITERS; i++)
		wait_for(&askers[i]);
	finish();
}
END_TEST

START_TEST(jobs_are_capped)
{
	static struct asker askers[LIMIT_JOBS + 2];
	begin();
	uint64_t before_ms = env_mono_ms(env_real());
	for (unsigned i = 0; i < LIMIT_JOBS; i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	int err = ask_nth(&askers[LIMIT_JOBS], LIMIT_JOBS);
	if (env_mono_ms(env_real()) - before_ms < LIMIT_JOSTLE_MS)
		ck_assert_int_eq(err, RW_EBUSY);
	ck_assert_uint_le(engine_jobs(engine), LIMIT_JOBS + 1);
	engine_close(engine);
	engine = NULL;
	for (unsigned i = 0; i < LIMIT_JOBS; i++)
		ck_assert_uint_eq(askers[i].calls, 1);
	finish();
}
END_TEST

START_TEST(the_oldest_job_gives_way)
{
	static struct asker askers[LIMIT_JOBS + 2];
	begin();
	views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	for (unsigned i = 0; i < LIMIT_JOBS; i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	(void)usleep((LIMIT_JOSTLE_MS + 50) * 1000);
	ck_assert_int_eq(ask_nth(&askers[LIMIT_JOBS], LIMIT_JOBS), 0);
	ck_assert_int_eq(ask_nth(&askers[LIMIT_JOBS + 1], LIMIT_JOBS + 1), 0);
	for (unsigned i = 0; i < 2; i++) {
		wait_for(&askers[i]);
		ck_assert_uint_eq(askers[i].rcode, RCODE_SERVFAIL);
		ck_assert_int_eq(askers[i].ede, EDE_NO_REACHABLE_AUTHORITY);
	}
	ck_assert_uint_eq(askers[2].calls, 0);
	ck_assert_uint_le(engine_jobs(engine), LIMIT_JOBS);
	finish();
}
END_TEST

START_TEST(memory_of_all_jobs_is_capped)
{
	struct asker large, small;
	begin();
	ck_assert_int_eq(ask(&large, "large.example."), 0);
	ck_assert_ptr_nonnull(arena_alloc_raw(
		request_arena(list_first(&engine->jobs, struct job, link)->request), 200000));
	ck_assert_int_eq(ask(&small, "small.example."), 0);
	engine->job_bytes = LIMIT_JOBS_BYTES; /* as if others had it */
	wait_for(&large);
	ck_assert_uint_eq(large.rcode, RCODE_SERVFAIL);
	wait_for(&small);
	ck_assert_uint_eq(small.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(engine->job_bytes, LIMIT_JOBS_BYTES);
	finish();
}
END_TEST

START_TEST(one_zone_does_not_take_all_places)
{
	static struct asker askers[LIMIT_ZONE_JOBS + LIMIT_ZONE_LINE + 1];
	unsigned count = RW_COUNT(askers);
	begin();
	views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	is_mute = true;
	for (unsigned i = 0; i < count; i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	for (unsigned tries = 0; tries < 10 && names_asked() < LIMIT_ZONE_JOBS; tries++)
		turn_for(100, NULL);
	unsigned refused = 0;
	for (unsigned i = 0; i < count; i++)
		refused += askers[i].calls == 1 && askers[i].rcode == RCODE_SERVFAIL &&
			   askers[i].ede == EDE_OTHER;
	ck_assert_uint_eq(refused, 1);
	ck_assert_uint_eq(engine_jobs(engine), count - 1);
	ck_assert_uint_eq(names_asked(), LIMIT_ZONE_JOBS);
	finish();
}
END_TEST

/* A refreshment gives way where a zone is asked much; not so when a client has joined it. */
START_TEST(who_joins_a_refreshment_stands_in_line)
{
	static struct asker askers[LIMIT_ZONE_JOBS], late;
	struct name name;
	begin();
	views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	is_mute = true;
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	for (unsigned tries = 0; tries < 20 && names_asked() < LIMIT_ZONE_JOBS; tries++)
		turn_for(100, NULL);
	ck_assert_int_eq(name_from_text("late.example.", &name), 0);
	struct question question = {name.bytes, TYPE_A, CLASS_IN};
	engine_refresh(engine, NULL, &question);
	ck_assert_int_eq(ask(&late, "late.example."), 0);
	ck_assert_uint_eq(engine_jobs(engine), RW_COUNT(askers) + 1);
	turn_for(50, &late);
	ck_assert_uint_eq(late.calls, 0);
	finish();
}
END_TEST

START_TEST(who_stands_in_line_gets_a_seat)
{
	static struct asker askers[LIMIT_ZONE_JOBS + 50];
	begin();
	views->settings.outgoing.timeout_ms = LIMIT_REQUEST_MS;
	for (unsigned i = 0; i < RW_COUNT(askers); i++)
		ck_assert_int_eq(ask_nth(&askers[i], i), 0);
	for (unsigned i = 0; i < RW_COUNT(askers); i++) {
		wait_for(&askers[i]);
		ck_assert_uint_eq(askers[i].rcode, RCODE_NOERROR);
	}
	finish();
}
END_TEST

START_TEST(one_client_does_not_take_all_places)
{
	static const uint8_t ip[] = {192, 0, 2, 1};
	static struct asker askers[LIMIT_CLIENT_WAITING + 1];
	struct addr client = addr_from_bytes(ip, 4, 53);
	begin();
	asking_client = &client;
	for (unsigned i = 0; i <= LIMIT_CLIENT_WAITING; i++)
		ck_assert_int_eq(ask(&askers[i], i % 2 ? "a.example." : "b.example."),
			i < LIMIT_CLIENT_WAITING ? 0 : RW_ELIMIT);
	engine_forget(engine, &askers[0].waiter);
	ck_assert_int_eq(ask(&askers[0], "c.example."), 0);
	ck_assert_int_eq(ask(&askers[LIMIT_CLIENT_WAITING], "d.example."), RW_ELIMIT);
	ck_assert_uint_eq(engine_jobs(engine), 3);
	asking_client = NULL;
	for (unsigned i = 0; i < LIMIT_CLIENT_WAITING; i++)
		wait_for(&askers[i]);
	finish();
}
END_TEST

/* Who cannot wait is told in time; the walk goes on and its answer is kept. */
START_TEST(the_impatient_are_told_in_time)
{
	struct asker first, again, patient;
	begin();
	ck_assert_uint_eq(views->settings.discard_timeout_ms, LIMIT_DISCARD_MS);
	views->settings.discard_timeout_ms = 500;
	is_silent = true;
	uint64_t before_ms = env_mono_ms(env_real());
	ck_assert_int_eq(ask(&first, "www.example."), 0);
	ck_assert_int_eq(ask(&patient, "www.example."), 0);
	patient.waiter.patient = true;
	/* What is planned, not when it came: the machine may be loaded. */
	uint64_t after_ms = env_mono_ms(env_real()),
		 told_ms = list_first(&engine->jobs, struct job, link)->client_deadline.at_ms;
	ck_assert_uint_ge(told_ms, before_ms + 480);
	ck_assert_uint_lt(told_ms, after_ms + 500);
	wait_for(&first);
	ck_assert_uint_ge(env_mono_ms(env_real()) - before_ms, 480);
	ck_assert_uint_eq(first.rcode, RCODE_SERVFAIL);
	ck_assert_int_eq(first.ede, EDE_NO_REACHABLE_AUTHORITY);
	ck_assert_uint_eq(patient.calls, 0);
	is_silent = false;
	wait_for(&patient);
	ck_assert_uint_eq(patient.rcode, RCODE_NOERROR);
	ck_assert_int_eq(ask(&again, "www.example."), 0);
	wait_for(&again);
	ck_assert_uint_eq(again.rcode, RCODE_NOERROR);
	finish();
}
END_TEST

START_TEST(silence_ends_in_servfail_within_the_budget)
{
	struct asker asker;
	begin();
	is_silent = true;
	ck_assert_int_eq(ask(&asker, "www.example."), 0);
	wait_for(&asker);
	ck_assert_uint_eq(asker.rcode, RCODE_SERVFAIL);
	ck_assert_int_ne(asker.ede, EDE_NONE);
	finish();
}
END_TEST

/* An entry that ran out a minute ago. */
START_TEST(refresh_asks_although_the_cache_knows)
{
	struct asker asker;
	struct name name;
	begin();
	ck_assert_int_eq(ask(&asker, "www.example."), 0);
	wait_for(&asker);
	unsigned before = a_questions;
	ck_assert_int_eq(name_from_text("www.example.", &name), 0);
	struct question question = {.name = name.bytes, .type = TYPE_A, .class = CLASS_IN};
	engine_refresh(engine, NULL, &question);
	engine_refresh(engine, NULL, &question);
	ck_assert_uint_eq(engine_jobs(engine), 1);
	turn_for(200, NULL);
	ck_assert_uint_eq(engine_jobs(engine), 0);
	ck_assert_uint_eq(a_questions, before + 1);
	finish();
}
END_TEST

START_TEST(close_tells_everybody)
{
	struct asker asker;
	begin();
	is_silent = true;
	ck_assert_int_eq(ask(&asker, "www.example."), 0);
	turn_for(50, &asker);
	engine_close(engine);
	engine = NULL;
	ck_assert_uint_eq(asker.calls, 1);
	ck_assert_uint_eq(asker.rcode, RCODE_SERVFAIL);
	finish();
}
END_TEST

START_TEST(new_views_serve_the_jobs_to_come)
{
	struct asker old, new;
	begin();
	struct views *next = make_views();
	ck_assert_int_eq(ask(&old, "old.example."), 0);
	engine_set_views(engine, next);
	ck_assert_uint_eq(views->users, 2); /* the test and the job */
	ck_assert_int_eq(ask(&new, "new.example."), 0);
	wait_for(&old);
	wait_for(&new);
	turn_for(20, NULL);
	ck_assert_uint_eq(views->users, 1);
	ck_assert_uint_eq(next->users, 2);
	views_unref(next);
	finish();
}
END_TEST

static Suite *make_suite(void)
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

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
