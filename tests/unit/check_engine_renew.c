/* SPDX-License-Identifier: MIT */
/* The engine after an answer: a delegation that is about to end is learnt anew, and nobody waits.
 */
#include <check.h>

#include "tests/unit/enginekit.h"
#include "tests/unit/suite.h"
#include "zones/cuts/delegation.h"

static struct enginekit kit;

/* A machine that has been up for long enough to have learnt something a while ago. */
static uint64_t later_ms(void *ctx)
{
	(void)ctx;
	return env_mono_ms(env_real()) + 1000000;
}

/* example., served by the loopback server, has 60 s left of 1000. */
static void begin_with_delegation(bool prefetch)
{
	static struct env env;
	env = *env_real();
	env.mono_ms = later_ms;
	enginekit_begin(&kit, &env);
	kit.views->settings.cache.prefetch = prefetch;
	struct delegation made = {.source = DELEGATION_REFERRAL, .ns_count = 1, .ttl = 1000};
	struct name zone, server_name;
	ck_assert_int_eq(name_from_text("example.", &zone), 0);
	ck_assert_int_eq(name_from_text("ns.example.", &server_name), 0);
	made.zone = zone.bytes;
	made.ns[0].name = server_name.bytes;
	delegation_add_address(&made.ns[0], &kit.server.address, ADDRESS_GLUE);
	uint64_t learnt_ms = env_mono_ms(&env) - 940000;
	made.expires_ms = learnt_ms + 1000000;
	delegation_store(kit.shared.cache, &made, learnt_ms);
}

static void turn_until_idle(void)
{
	for (unsigned i = 0; i < 300 && engine_jobs(kit.engine) > 0; i++)
		enginekit_turn(&kit, 10, NULL);
	ck_assert_uint_eq(engine_jobs(kit.engine), 0);
}

START_TEST(a_delegation_about_to_end_is_asked_for)
{
	struct asker asker;
	begin_with_delegation(true);
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_uint_eq(asker.rcode, RCODE_NOERROR);
	turn_until_idle();
	ck_assert_uint_eq(asker.calls, 1);
	ck_assert_uint_gt(kit.ns_questions, 0);
	unsigned before = kit.ns_questions;
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "other.example."), 0);
	enginekit_wait(&kit, &asker);
	turn_until_idle();
	ck_assert_uint_eq(kit.ns_questions, before);
	enginekit_finish(&kit);
}
END_TEST

START_TEST(it_is_not_where_prefetch_is_off)
{
	struct asker asker;
	begin_with_delegation(false);
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	turn_until_idle();
	ck_assert_uint_eq(kit.ns_questions, 0);
	enginekit_finish(&kit);
}
END_TEST

/* Neither the end of the engine nor the same question again minds what goes on behind an answer. */
START_TEST(it_is_in_nobodys_way)
{
	struct asker asker;
	begin_with_delegation(true);
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_turn(&kit, 3000, &asker);
	kit.is_silent = true;
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.example."), 0);
	enginekit_wait(&kit, &asker);
	engine_close(kit.engine);
	kit.engine = NULL;
	ck_assert_uint_eq(asker.calls, 1);
	enginekit_finish(&kit);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("engine renew");
	TCase *tcase = tcase_create("engine");
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_delegation_about_to_end_is_asked_for);
	tcase_add_test(tcase, it_is_not_where_prefetch_is_off);
	tcase_add_test(tcase, it_is_in_nobodys_way);
	suite_add_tcase(suite, tcase);
	return suite;
}
