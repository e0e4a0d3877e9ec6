/* SPDX-License-Identifier: MIT */
/* What the tests of the engine share: a loop, an engine, a loopback root, askers who wait. */
#ifndef TESTS_UNIT_ENGINEKIT_H
#define TESTS_UNIT_ENGINEKIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/engine/engine.h"
#include "resolver/engine/job.h"
#include "resolver/views/views.h"
#include "resolver/wire/rr.h"
#include "tests/unit/loopserver.h"

static uv_loop_t loop;
static struct loopserver server;
static struct engine_shared shared;
static struct views *views;
static struct engine *engine;
static bool is_silent, is_mute;         /* to all questions; to those for addresses */
static const struct env *env_of_engine; /* NULL: the real one */
static const struct addr *asking_client;
static unsigned a_questions, ns_questions;

struct asker {
	struct waiter waiter;
	unsigned calls;
	uint16_t rcode;
	unsigned answers;
	uint32_t ttl;
	bool stale, mapped;
	int ede;
	char ede_text[LIMIT_EDE_TEXT];
};

RW_UNUSED static void on_done(struct waiter *waiter, const struct walk_result *result)
{
	struct asker *asker = rw_container_of(waiter, struct asker, waiter);
	asker->calls++;
	asker->rcode = answer_rcode(&result->answer);
	asker->answers = result->answer.set_count;
	asker->stale = result->answer.stale;
	asker->mapped = result->dns64_a != NULL;
	asker->ede = result->answer.ede;
	if (result->answer.ede_text)
		(void)snprintf(
			asker->ede_text, sizeof(asker->ede_text), "%s", result->answer.ede_text);
}

static bool is_asked[1024]; /* n0.example., n1.example., ... */

RW_UNUSED static unsigned names_asked(void)
{
	unsigned count = 0;
	for (unsigned i = 0; i < RW_COUNT(is_asked); i++)
		count += is_asked[i];
	return count;
}

RW_UNUSED static void note_name(const uint8_t *label)
{
	if ((label[1] | 0x20) == 'n')
		is_asked[strtoul((const char *)label + 2, NULL, 10) % RW_COUNT(is_asked)] = true;
}

/* The root that knows every name: NS questions of priming get nothing. */
RW_UNUSED static void root(struct loopserver *at, const struct loopserver_query *query)
{
	uint8_t out[1024];
	(void)at;
	size_t end = HEADER_SIZE;
	while (query->wire[end] != 0)
		end += 1 + (size_t)query->wire[end];
	bool wants_a = rr_get16(query->wire + end + 1) == TYPE_A;
	a_questions += wants_a;
	if (wants_a)
		note_name(query->wire + HEADER_SIZE);
	ns_questions += rr_get16(query->wire + end + 1) == TYPE_NS;
	if (!is_silent && !(is_mute && wants_a))
		loopserver_send(query, out,
			loopserver_reply(
				query, RCODE_NOERROR, wants_a ? "192.0.2.1" : NULL, 300, out));
}

/* Views made by hand, with the loopback server as the only root server. */
RW_UNUSED static struct views *make_views(void)
{
	struct views *made = calloc(1, sizeof(*made));
	struct prefix *loopback = calloc(1, sizeof(*loopback));
	settings_default(&made->settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", loopback), 0);
	made->settings.outgoing.allow_private = (struct prefix_list){loopback, 1};
	made->settings.outgoing.port = server.address.port;
	made->settings.outgoing.ipv6 = false;
	made->settings.outgoing.timeout_ms = 1500;
	made->settings.minimisation = MINIMISE_OFF;
	made->settings.cache.stale_client_timeout_ms = 200;
	static struct delegation hints; /* all views of a test have the same */
	static struct name name;
	hints = (struct delegation){.zone = name_root};
	ck_assert_int_eq(name_from_text("ns.root.", &name), 0);
	hints.source = DELEGATION_HINTS;
	hints.ns_count = 1;
	hints.ns[0].name = name.bytes;
	hints.expires_ms = UINT64_MAX;
	delegation_add_address(&hints.ns[0], &server.address, ADDRESS_HINTS);
	made->hints = &hints;
	made->users = 1;
	return made;
}

RW_UNUSED static void begin(void)
{
	struct cache_params params = {.size_bytes = 4 << 20,
		.max_ttl_s = 86400,
		.max_negative_ttl_s = 3600,
		.stale_max_age_s = 86400};
	is_silent = is_mute = false;
	memset(is_asked, 0, sizeof(is_asked));
	a_questions = ns_questions = 0;
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	loopserver_open(&loop, &server, root);
	views = make_views();
	static struct counters counters;
	shared.counters = &counters;
	shared.env = env_of_engine ? env_of_engine : env_real();
	ck_assert_int_eq(cache_new(&params, shared.env, &shared.cache), 0);
	ck_assert_int_eq(infra_new(shared.env, &shared.infra), 0);
	ck_assert_int_eq(client_quota_new(shared.env, &shared.clients), 0);
	ck_assert_int_eq(engine_new(&loop, &shared, views, &engine), 0);
}

RW_UNUSED static void finish(void)
{
	if (engine)
		engine_close(engine);
	loopserver_close(&server);
	loopserver_end_loop(&loop);
	ck_assert_uint_eq(views->users, 1);
	views_unref(views);
	client_quota_free(shared.clients);
	infra_free(shared.infra);
	cache_free(shared.cache);
}

RW_UNUSED static int ask_with(struct asker *asker, const char *text, const struct answer *found)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	struct question question = {.name = name.bytes, .type = TYPE_A, .class = CLASS_IN};
	*asker = (struct asker){.waiter = {.done = on_done, .client = asking_client}};
	int err = engine_ask(engine, &question, found, &asker->waiter);
	/* The engine has a copy: what the asker had may go. */
	memset(&name, 0xee, sizeof(name));
	ck_assert_uint_eq(asker->calls, 0);
	return err;
}

RW_UNUSED static int ask(struct asker *asker, const char *text)
{
	return ask_with(asker, text, NULL);
}

RW_UNUSED static int ask_nth(struct asker *asker, unsigned n)
{
	char text[64];
	(void)snprintf(text, sizeof(text), "n%u.example.", n);
	return ask(asker, text);
}

RW_UNUSED static void turn_for(unsigned ms, const struct asker *asker)
{
	uint64_t until_ms = env_mono_ms(env_real()) + ms;
	while ((!asker || asker->calls == 0) && env_mono_ms(env_real()) < until_ms) {
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		(void)usleep(100);
	}
}

RW_UNUSED static void wait_for(const struct asker *asker)
{
	turn_for(3000, asker);
	ck_assert_uint_eq(asker->calls, 1);
}

#endif
