/* SPDX-License-Identifier: MIT */
/* An engine with a root server of the test's own, and those who ask it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/engine/client_quota.h"
#include "tests/unit/enginekit.h"

#define PATIENCE_MS 3000

static void on_done(struct waiter *waiter, const struct machine_result *result)
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

static void note_name(struct enginekit *kit, const uint8_t *label)
{
	if ((label[1] | 0x20) == 'n')
		kit->is_asked[strtoul((const char *)label + 2, NULL, 10) %
			      RW_COUNT(kit->is_asked)] = true;
}

/* The root that knows every name: NS questions of priming get nothing. */
static void root(struct loopserver *at, const struct loopserver_query *query)
{
	struct enginekit *kit = at->ctx;
	uint8_t out[1024];
	size_t end = HEADER_SIZE;
	while (query->wire[end] != 0)
		end += 1 + (size_t)query->wire[end];
	bool wants_a = rr_get16(query->wire + end + 1) == TYPE_A;
	kit->a_questions += wants_a;
	if (wants_a)
		note_name(kit, query->wire + HEADER_SIZE);
	kit->ns_questions += rr_get16(query->wire + end + 1) == TYPE_NS;
	if (!kit->is_silent && !(kit->is_mute && wants_a))
		loopserver_send(query, out,
			loopserver_reply(
				query, RCODE_NOERROR, wants_a ? "192.0.2.1" : NULL, 300, out));
}

static void make_hints(struct enginekit *kit)
{
	ck_assert_int_eq(name_from_text("ns.root.", &kit->hints_server), 0);
	kit->hints = (struct delegation){.zone = name_root,
		.source = DELEGATION_HINTS,
		.ns_count = 1,
		.expires_ms = UINT64_MAX};
	kit->hints.ns[0].name = kit->hints_server.bytes;
	delegation_add_address(&kit->hints.ns[0], &kit->server.address, ADDRESS_HINTS);
}

struct views *enginekit_views(struct enginekit *kit)
{
	struct views *made = calloc(1, sizeof(*made));
	struct prefix *loopback = calloc(1, sizeof(*loopback));
	settings_default(&made->settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", loopback), 0);
	made->settings.outgoing.allow_private = (struct prefix_list){loopback, 1};
	made->settings.outgoing.port = kit->server.address.port;
	made->settings.outgoing.ipv6 = false;
	made->settings.outgoing.timeout_ms = 1500;
	made->settings.minimisation = MINIMISE_OFF;
	made->settings.cache.stale_client_timeout_ms = 200;
	made->hints = &kit->hints;
	made->users = 1;
	return made;
}

void enginekit_begin(struct enginekit *kit, const struct env *env)
{
	const struct cache_params params = {.size_bytes = 4 << 20,
		.max_ttl_s = 86400,
		.max_negative_ttl_s = 3600,
		.stale_max_age_s = 86400};
	memset(kit, 0, sizeof(*kit));
	ck_assert_int_eq(uv_loop_init(&kit->loop), 0);
	loopserver_open(&kit->loop, &kit->server, root);
	kit->server.ctx = kit;
	make_hints(kit);
	kit->views = enginekit_views(kit);
	kit->shared.env = env;
	kit->shared.counters = &kit->counters;
	ck_assert_int_eq(cache_new(&params, env, &kit->shared.cache), 0);
	ck_assert_int_eq(infra_new(env, &kit->shared.infra), 0);
	ck_assert_int_eq(client_quota_new(env, &kit->shared.clients), 0);
	ck_assert_int_eq(engine_new(&kit->loop, &kit->shared, kit->views, &kit->engine), 0);
}

void enginekit_finish(struct enginekit *kit)
{
	if (kit->engine)
		engine_close(kit->engine);
	loopserver_close(&kit->server);
	loopserver_end_loop(&kit->loop);
	ck_assert_uint_eq(kit->views->users, 1);
	views_unref(kit->views);
	client_quota_free(kit->shared.clients);
	infra_free(kit->shared.infra);
	cache_free(kit->shared.cache);
}

int enginekit_ask_for(struct enginekit *kit, struct asker *asker, const struct question *question,
	const struct answer *found)
{
	*asker = (struct asker){.waiter = {.done = on_done, .client = kit->client}};
	int err = engine_ask(kit->engine, question, found, &asker->waiter);
	ck_assert_uint_eq(asker->calls, 0);
	return err;
}

int enginekit_ask(struct enginekit *kit, struct asker *asker, const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	int err = enginekit_ask_for(
		kit, asker, &(struct question){name.bytes, TYPE_A, CLASS_IN}, NULL);
	/* The engine has a copy: what the asker had may go. */
	memset(&name, 0xee, sizeof(name));
	return err;
}

int enginekit_ask_nth(struct enginekit *kit, struct asker *asker, unsigned n)
{
	char text[64];
	(void)snprintf(text, sizeof(text), "n%u.example.", n);
	return enginekit_ask(kit, asker, text);
}

unsigned enginekit_names_asked(const struct enginekit *kit)
{
	unsigned count = 0;
	for (unsigned i = 0; i < RW_COUNT(kit->is_asked); i++)
		count += kit->is_asked[i];
	return count;
}

void enginekit_turn(struct enginekit *kit, unsigned ms, const struct asker *asker)
{
	uint64_t until_ms = env_mono_ms(env_real()) + ms;
	while ((!asker || asker->calls == 0) && env_mono_ms(env_real()) < until_ms) {
		(void)uv_run(&kit->loop, UV_RUN_NOWAIT);
		(void)usleep(100);
	}
}

void enginekit_wait(struct enginekit *kit, const struct asker *asker)
{
	enginekit_turn(kit, PATIENCE_MS, asker);
	ck_assert_uint_eq(asker->calls, 1);
}
