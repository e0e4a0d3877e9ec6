/* SPDX-License-Identifier: MIT */
/*
 * One request in virtual time: its exchanges wait in slots until the clock has come to them. Every
 * scripted server takes WORLD_RTT_MS over UDP and twice as long over TCP.
 */
#include <string.h>

#include "resolver/iterate/stale.h"
#include "resolver/upstream/match.h"
#include "tests/scenario/server.h"
#include "tests/scenario/world.h"

#define RUN_SLOTS  256
#define RUN_EVENTS 20000 /* a request that takes more of them is broken */

struct play_run {
	struct play_world *world;
	struct machine_context context;
	const struct question *question;
	struct client_query *client; /* waits; NULL when it has been told, or there is none */
	size_t answer_size;          /* 0: nothing is said */
	bool ask_more;               /* a rule of policy has led on */
	struct request *request;
	struct exchange_slot *slots;
	uint64_t stale_at_ms; /* when the client is given expired data; UINT64_MAX: never */
	bool renews;          /* the client has been told; a delegation is learnt anew */
};

struct exchange_slot {
	bool open;
	uint32_t xid;
	uint64_t sent_ms, due_ms;
	enum exchange_end end;
	struct server_reply bytes;
};

static struct exchange_slot *free_slot(struct play_run *run)
{
	for (unsigned i = 0; i < RUN_SLOTS; i++)
		if (!run->slots[i].open)
			return &run->slots[i];
	rw_require(!"more exchanges at once than any request may have");
	return NULL;
}

static struct server_query *keep_query(struct play_world *world, const struct machine_action *send)
{
	struct server_query *query = arena_alloc(&world->arena, sizeof(*query));
	struct sent *sent = arena_alloc(&world->arena, sizeof(*sent));
	struct addr *server = arena_dup(&world->arena, &send->server, sizeof(send->server));
	uint8_t *wire = arena_dup(&world->arena, send->wire, send->wire_size);
	rw_require(query && sent && server && wire);
	world->env.random(world->env.ctx, wire, 2);
	*query = (struct server_query){.server = server,
		.transport = send->transport,
		.wire = wire,
		.size = send->wire_size};
	rw_require(msg_parse(&world->arena, wire, query->size, &query->msg) == 0);
	*sent = (struct sent){query, world->last_sent};
	world->last_sent = sent;
	world->sends++;
	return query;
}

/* What an exchange makes of the reply: its own checks decide, as in the daemon. */
static void match_bytes(const struct server_query *query, const struct machine_action *send,
	struct exchange_slot *slot)
{
	bool match_case = send->match_case && send->transport == TRANSPORT_UDP;
	enum match match = match_reply(
		query->wire, query->size, slot->bytes.wire, slot->bytes.size, match_case);
	if (match != MATCH_REPLY)
		slot->end = match == MATCH_CASE ? EXCHANGE_CASE : EXCHANGE_TIMEOUT;
}

static void open_exchange(struct play_run *run, const struct machine_action *send)
{
	struct play_world *world = run->world;
	struct server_query *query = keep_query(world, send);
	struct exchange_slot *slot = free_slot(run);
	*slot = (struct exchange_slot){.open = true, .xid = send->xid, .sent_ms = world->now_ms};
	slot->end = EXCHANGE_REPLY;
	if (server_serve(world->rpl, world->step, query, &world->arena, &slot->bytes) ==
		SERVED_REPLY)
		match_bytes(query, send, slot);
	else
		slot->end = EXCHANGE_TIMEOUT;
	uint32_t rtt = send->transport == TRANSPORT_UDP ? WORLD_RTT_MS : 2 * WORLD_RTT_MS;
	slot->due_ms = world->now_ms + (slot->end == EXCHANGE_REPLY ? rtt : send->timeout_ms);
}

static void abandon_exchange(struct play_run *run, uint32_t xid)
{
	for (unsigned i = 0; i < RUN_SLOTS; i++)
		if (run->slots[i].open && run->slots[i].xid == xid)
			run->slots[i].open = false;
}

static void tell_client(struct play_run *run, const struct machine_result *result)
{
	if (!run->client)
		return;
	struct play_world *world = run->world;
	struct query_output out = {
		world->answer, run->client->tcp ? LIMIT_MESSAGE_BYTES : REPLY_UDP_BYTES, 0};
	run->ask_more = query_answer(&world->responder, run->client, result, world->now_ms, &out) ==
			QUERY_ASK;
	run->answer_size = out.size;
	run->client = NULL;
}

/* Expired data as a result; false when there is none. */
static bool stale_result(struct play_run *run, struct machine_result *ret_result)
{
	struct play_world *world = run->world;
	const struct localdata_query query = {.localdata = run->context.localdata,
		.settings = &world->views.settings,
		.cache = world->cache,
		.learnt = request_learnt(run->request),
		.mode = CACHE_STALE_TOO,
		.now_ms = world->now_ms,
		.arena = &world->arena};
	ret_result->dns64_a = NULL;
	ret_result->from_cache = true;
	return run->client && stale_answer(&query, run->question, &ret_result->answer) == 0;
}

static void serve_result(struct play_run *run, const struct machine_result *result)
{
	struct machine_result stale;
	if (answer_rcode(&result->answer) == RCODE_SERVFAIL && !result->dns64_a &&
		stale_result(run, &stale))
		result = &stale;
	tell_client(run, result);
}

static void take_actions(struct play_run *run)
{
	struct machine_action action;
	while (request_next(run->request, &action)) {
		switch (action.type) {
		case ACTION_SEND:
			open_exchange(run, &action);
			break;
		case ACTION_ABANDON:
			abandon_exchange(run, action.xid);
			break;
		case ACTION_NOTE:
			world_tell_note(run->world, action.note);
			break;
		case ACTION_ANSWER:
			if (!run->renews)
				serve_result(run, action.result);
			break;
		case ACTION_ASK:
		case ACTION_DROP:
			rw_require(!"sub-walks run inside the request");
		}
	}
}

static struct exchange_slot *next_due(struct play_run *run)
{
	struct exchange_slot *first = NULL;
	for (unsigned i = 0; i < RUN_SLOTS; i++)
		if (run->slots[i].open && (!first || run->slots[i].due_ms < first->due_ms))
			first = &run->slots[i];
	return first;
}

static void move_clock(struct play_world *world, uint64_t to_ms)
{
	if (to_ms > world->now_ms)
		world->now_ms = to_ms;
}

static void end_exchange(struct play_run *run, struct exchange_slot *slot)
{
	struct play_world *world = run->world;
	uint32_t rtt_us = (uint32_t)(world->now_ms - slot->sent_ms) * 1000;
	slot->open = false;
	if (slot->end != EXCHANGE_REPLY) {
		request_noreply(run->request, slot->xid, slot->end, rtt_us, world->now_ms);
		return;
	}
	world_tell(world, "reply by %s, %zu bytes", slot->bytes.by, slot->bytes.size);
	request_reply(
		run->request, slot->xid, slot->bytes.wire, slot->bytes.size, rtt_us, world->now_ms);
}

/* The next thing that happens: expired data for the client, the deadline, or a reply. */
static void one_event(struct play_run *run)
{
	struct play_world *world = run->world;
	uint64_t deadline = request_deadline_ms(run->request);
	struct exchange_slot *slot = next_due(run);
	uint64_t next = slot ? RW_MIN(slot->due_ms, deadline) : deadline;
	if (run->client && run->stale_at_ms <= next) {
		struct machine_result stale;
		move_clock(world, run->stale_at_ms);
		run->stale_at_ms = UINT64_MAX;
		if (stale_result(run, &stale))
			tell_client(run, &stale);
	} else if (slot && slot->due_ms <= deadline) {
		move_clock(world, slot->due_ms);
		end_exchange(run, slot);
	} else {
		move_clock(world, deadline);
		request_deadline(run->request, world->now_ms);
	}
}

static void begin(struct play_run *run, const struct answer *found)
{
	struct play_world *world = run->world;
	const struct cache_settings *cache = &world->views.settings.cache;
	run->context = (struct machine_context){
		.env = &world->env,
		.cache = world->cache,
		.infra = world->infra,
		.settings = &world->views.settings,
		.hints = world->views.hints,
		.localdata = views_find(&world->views, &world_client)->localdata,
		.notes = world->verbose,
	};
	run->slots = arena_alloc(&world->arena, RUN_SLOTS * sizeof(*run->slots));
	rw_require(run->slots);
	run->stale_at_ms =
		cache->serve_stale ? world->now_ms + cache->stale_client_timeout_ms : UINT64_MAX;
	const struct settings *settings = &world->views.settings;
	const struct budget purse = run->client ? purse_of_client(settings, world->now_ms)
						: purse_of_refresh(settings, world->now_ms);
	rw_require(request_new(&run->context, run->question, &purse, &run->request) == 0);
	rw_require(!found || request_begin_with(run->request, found) == 0);
	request_start(run->request, world->now_ms);
}

/* As the daemon does: what ends soon is learnt anew, when the client has been told. */
static bool begin_renewal(struct play_run *run)
{
	struct request *renewal;
	if (run->renews || request_new_renewal(run->request, run->world->now_ms, &renewal))
		return false;
	request_free(run->request);
	run->request = renewal;
	run->renews = true;
	request_start(renewal, run->world->now_ms);
	return true;
}

size_t run_request(struct play_world *world, const struct question *question,
	const struct answer *found, struct client_query *client)
{
	struct play_run run = {.world = world, .question = question, .client = client};
	bool prefetch = world->views.settings.cache.prefetch;
	unsigned events = 0;
	begin(&run, found);
	do {
		take_actions(&run);
		while (!request_done(run.request)) {
			rw_require(++events < RUN_EVENTS);
			one_event(&run);
			take_actions(&run);
		}
	} while (prefetch && begin_renewal(&run));
	request_free(run.request);
	if (run.ask_more) {
		const struct question asked = query_asked(client);
		return run_request(world, &asked, query_finding(&world->responder), client);
	}
	return run.answer_size;
}
