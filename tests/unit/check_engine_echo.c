/* SPDX-License-Identifier: MIT */
/* Forwarding in a circle, told by the letters of our own questions: the board, and the engine. */
#include <check.h>
#include <string.h>

#include "resolver/engine/echo.h"
#include "resolver/engine/job.h"
#include "tests/unit/enginekit.h"
#include "tests/unit/suite.h"

static struct enginekit kit;

static struct echo_board *board;
static struct name heard_name; /* in the letters that the forwarder was asked in */
static bool comes_back, is_told_failure;
static const struct addr stranger = {.family = ADDR_V4, .ip = {192, 0, 2, 99}};

static struct name named(const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return name;
}

START_TEST(letters_tell_a_question)
{
	ck_assert_int_eq(echo_board_new(env_real(), &board), 0);
	uint64_t echo = echo_of(board, named("wWw.ExaMPle.cOm").bytes, ECHO_LETTERS);
	ck_assert_uint_ne(echo, 0);
	ck_assert_uint_ne(echo_of(board, named("wWw.ExaMPle.com").bytes, ECHO_LETTERS), echo);
	/* Too few letters, or none at random. */
	ck_assert_uint_eq(echo_of(board, named("aB.cOm").bytes, ECHO_LETTERS), 0);
	ck_assert_uint_eq(echo_of(board, named("www.example.com").bytes, ECHO_LETTERS), 0);
	ck_assert_uint_eq(echo_of(board, named("WWW.EXAMPLE.COM").bytes, ECHO_LETTERS), 0);
	ck_assert(!echo_hear(board, 0));
	struct name longer = named("wWw.some-LaRge-corPoration.exaMple");
	ck_assert_uint_ne(echo_of(board, longer.bytes, ECHO_LETTERS_STRANGER), 0);
	ck_assert_uint_eq(echo_of(board, named("wWw.ExaMPle.cOm").bytes, ECHO_LETTERS_STRANGER), 0);
	echo_board_free(board);
}
END_TEST

START_TEST(a_question_is_heard_while_it_is_under_way)
{
	ck_assert_int_eq(echo_board_new(env_real(), &board), 0);
	uint64_t echo = echo_of(board, named("wWw.ExaMPle.cOm").bytes, ECHO_LETTERS);
	ck_assert(!echo_hear(board, echo));
	echo_post(board, echo);
	ck_assert(!echo_hear(board, echo + 2));
	ck_assert(!echo_end(board, echo));
	ck_assert(!echo_hear(board, echo));
	echo_post(board, echo);
	ck_assert(echo_hear(board, echo));
	ck_assert(echo_hear(board, echo));
	ck_assert(echo_end(board, echo));
	ck_assert(!echo_end(board, echo));
	/* A question that has lost its slot hears nothing, and leaves the slot to its new owner. */
	uint64_t other = echo ^ (uint64_t)1 << 63;
	echo_post(board, echo);
	echo_post(board, other);
	ck_assert(!echo_hear(board, echo));
	ck_assert(!echo_end(board, echo));
	ck_assert(echo_hear(board, other));
	echo_board_free(board);
}
END_TEST

/* Asks us back, or lets another worker be asked; then it fails, or says nothing. */
static void forwarder(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	ck_assert_int_eq(name_read(query->wire, query->size, HEADER_SIZE, &heard_name, NULL), 0);
	struct question question = {heard_name.bytes, TYPE_A, CLASS_IN};
	if (comes_back) {
		/* Too few letters for a stranger's question to be no chance. */
		ck_assert(!engine_hears_echo(kit.engine, &question, &stranger));
		ck_assert(engine_hears_echo(kit.engine, &question, &kit.server.address));
	} else {
		ck_assert(echo_hear(board, echo_of(board, heard_name.bytes, ECHO_LETTERS)));
	}
	if (is_told_failure)
		loopserver_send(query, out, loopserver_reply(query, RCODE_SERVFAIL, NULL, 0, out));
}

static void begin_forwarding(void)
{
	static struct route_settings route;
	static struct name everything = {.bytes = {0}};
	enginekit_begin(&kit, env_real());
	kit.server.answer = forwarder;
	ck_assert_int_eq(echo_board_new(env_real(), &board), 0);
	kit.engine->shared.echoes = board;
	route = (struct route_settings){.zone = everything.bytes, .to = {&kit.server.address, 1}};
	kit.views->settings.forward.items = &route;
	kit.views->settings.forward.count = 1;
}

static void finish_forwarding(void)
{
	kit.views->settings.forward.items = NULL;
	kit.views->settings.forward.count = 0;
	enginekit_finish(&kit);
	echo_board_free(board);
}

static void expect_circle(void)
{
	struct asker asker;
	begin_forwarding();
	kit.views->settings.cache.serve_stale = false;
	ck_assert_int_eq(enginekit_ask(&kit, &asker, "www.corporation.example."), 0);
	enginekit_wait(&kit, &asker);
	ck_assert_uint_eq(asker.rcode, RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(asker.ede_text, "in a loop"));
	ck_assert_uint_eq(kit.server.udp_queries, 1);
	finish_forwarding();
}

START_TEST(the_worker_that_waits_is_asked)
{
	comes_back = true;
	is_told_failure = false;
	expect_circle();
}
END_TEST

START_TEST(another_worker_is_asked)
{
	comes_back = false;
	is_told_failure = true;
	expect_circle();
}
END_TEST

START_TEST(the_forwarder_says_nothing_more)
{
	comes_back = is_told_failure = false;
	expect_circle();
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("engine echo");
	TCase *tcase = tcase_create("engine");
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, letters_tell_a_question);
	tcase_add_test(tcase, a_question_is_heard_while_it_is_under_way);
	tcase_add_test(tcase, the_worker_that_waits_is_asked);
	tcase_add_test(tcase, another_worker_is_asked);
	tcase_add_test(tcase, the_forwarder_says_nothing_more);
	suite_add_tcase(suite, tcase);
	return suite;
}
