/* SPDX-License-Identifier: MIT */
/*
 * A request: walks in a table, internal events in a queue, actions for the driver in another. A
 * sub-walk has askers: the walks that wait for it. Before a walk may wait for another one, the
 * table is searched for a circle of waiting.
 */
#include "resolver/iterate/request.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/iterate/walk_state.h"

#define WALKS (LIMIT_SUBWALKS + 1)

/* Who waits for a walk, and under which number. */
struct asker {
	struct asker *next;
	uint32_t walk;
	uint32_t sub;
};

struct member {
	struct walk *walk;
	const uint8_t *above; /* as its asker wanted it */
	struct asker *askers;
};

struct pending_action {
	struct pending_action *next;
	struct walk_action action;
};

struct internal_event {
	struct internal_event *next;
	uint32_t walk;
	struct walk_event event;
};

struct request {
	struct arena arena;
	struct walk_context context;
	struct budget budget;
	struct member members[WALKS];
	uint32_t count;
	uint32_t main; /* the walk that the others serve: the client's, or the one of request_renew
			*/
	struct pending_action *first_action, **last_action;
	struct pending_action *spare_actions;
	struct pending_action result_action; /* the one action that may never be lost */
	struct internal_event *first_event, **last_event;
	const struct walk_result *result;
	bool out_of_memory;
};

int request_new(const struct walk_context *context, const struct question *question,
	uint64_t now_ms, struct request **ret_request)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		return RW_ENOMEM;
	arena_init(&request->arena, LIMIT_REQUEST_ARENA);
	request->context = *context;
	request->budget = (struct budget){
		.sends = LIMIT_SENDS_PER_REQUEST,
		.subwalks = LIMIT_SUBWALKS,
		.events = LIMIT_REQUEST_EVENTS,
		.deadline_ms = now_ms + context->settings->outgoing.timeout_ms,
	};
	request->last_action = &request->first_action;
	request->last_event = &request->first_event;
	struct walk *walk =
		walk_new(&request->arena, &request->context, &request->budget, question, 0, 0, 0);
	if (!walk) {
		request_free(request);
		return RW_ENOMEM;
	}
	request->members[request->count++].walk = walk;
	*ret_request = request;
	return 0;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	arena_release(&request->arena);
	free(request);
}

int request_begin_with(struct request *request, const struct answer *found)
{
	struct walk *walk = request->members[0].walk;
	struct answer *answer = &walk->result.answer;
	int err = answer_dup(found, &request->arena, answer);
	if (err) {
		answer_begin(answer, &walk->question);
		return err;
	}
	if (answer->set_count == 0)
		answer->name = walk->question.name;
	walk->was_looked_up = true;
	return 0;
}

void request_refresh(struct request *request)
{
	request->members[0].walk->refreshes = true;
}

static void push_action(struct request *request, const struct walk_action *action)
{
	struct pending_action *item = request->spare_actions;
	if (action->type == ACTION_RESULT)
		item = &request->result_action;
	else if (item)
		request->spare_actions = item->next;
	else
		item = arena_alloc(&request->arena, sizeof(*item));
	if (!item) {
		request->out_of_memory = true;
		return;
	}
	*item = (struct pending_action){.action = *action};
	*request->last_action = item;
	request->last_action = &item->next;
}

bool request_next(struct request *request, struct walk_action *ret_action)
{
	struct pending_action *item = request->first_action;
	if (!item)
		return false;
	request->first_action = item->next;
	if (!request->first_action)
		request->last_action = &request->first_action;
	*ret_action = item->action;
	if (item == &request->result_action)
		return true;
	item->next = request->spare_actions;
	request->spare_actions = item;
	return true;
}

static void push_event(struct request *request, uint32_t walk, const struct walk_event *event)
{
	struct internal_event *item = arena_alloc(&request->arena, sizeof(*item));
	if (!item) {
		request->out_of_memory = true;
		return;
	}
	item->walk = walk;
	item->event = *event;
	*request->last_event = item;
	request->last_event = &item->next;
}

static bool is_live(const struct request *request, uint32_t walk)
{
	return request->members[walk].walk->state != WALK_DONE;
}

/* Whether `walk` waits for `other`, directly or through others, or is it. */
static bool waits_for(const struct request *request, uint32_t walk, uint32_t other)
{
	/* Walks whose askers are still to be looked at; each is entered once. */
	uint32_t stack[WALKS];
	bool seen[WALKS] = {false};
	unsigned depth = 0;
	stack[depth++] = other;
	seen[other] = true;
	while (depth > 0) {
		uint32_t at = stack[--depth];
		if (at == walk)
			return true;
		for (const struct asker *a = request->members[at].askers; a; a = a->next) {
			if (!seen[a->walk]) {
				seen[a->walk] = true;
				stack[depth++] = a->walk;
			}
		}
	}
	return false;
}

/*
 * What everybody's cache learns of a zone must not depend on what some call theirs: the addresses
 * of its servers are the public ones. Below a cut of ours it is for us alone.
 */
static const struct localdata *localdata_for(
	const struct request *request, const struct walk *asker, enum subwalk_why why)
{
	bool is_public = why == SUBWALK_ADDRESS && asker->cache == request->context.cache;
	return is_public ? NULL : asker->localdata;
}

static bool same_above(const uint8_t *a, const uint8_t *b)
{
	return a && b ? name_equal(a, b) : a == b;
}

static int find_same_question(const struct request *request, const struct walk_action *action,
	const struct localdata *localdata)
{
	for (uint32_t i = 0; i < request->count; i++)
		if (is_live(request, i) && request->members[i].walk->localdata == localdata &&
			same_above(request->members[i].above, action->above) &&
			question_equal(&request->members[i].walk->question, &action->question))
			return (int)i;
	return -1;
}

static int add_asker(struct request *request, uint32_t walk, uint32_t asker, uint32_t sub)
{
	struct asker *item = arena_alloc(&request->arena, sizeof(*item));
	if (!item)
		return RW_ENOMEM;
	*item = (struct asker){request->members[walk].askers, asker, sub};
	request->members[walk].askers = item;
	return 0;
}

/* Starts a sub-walk, or joins one that runs. RW_ELIMIT: it would wait for its own asker. */
static int start_subwalk(
	struct request *request, uint32_t asker, const struct walk_action *action, uint64_t now_ms)
{
	const struct localdata *localdata =
		localdata_for(request, request->members[asker].walk, action->why);
	int same = find_same_question(request, action, localdata);
	if (same >= 0)
		return waits_for(request, (uint32_t)same, asker)
			       ? RW_ELIMIT
			       : add_asker(request, (uint32_t)same, asker, action->sub);
	if (request->count == WALKS)
		return RW_ELIMIT;
	uint32_t number = request->count;
	struct walk *walk = walk_new(&request->arena, &request->context, &request->budget,
		&action->question, request->members[asker].walk->depth + 1, number, asker);
	if (!walk)
		return RW_ENOMEM;
	walk->localdata = localdata;
	walk->cuts.above = action->above;
	request->members[request->count++] = (struct member){.walk = walk, .above = action->above};
	int err = add_asker(request, number, asker, action->sub);
	const struct walk_event start = {.type = EVENT_START, .now_ms = now_ms};
	push_event(request, number, &start);
	return err;
}

static void tell_askers(struct request *request, uint32_t walk, uint64_t now_ms)
{
	struct walk_event done = {.type = EVENT_SUBDONE, .now_ms = now_ms};
	done.result = &request->members[walk].walk->result;
	for (const struct asker *a = request->members[walk].askers; a; a = a->next) {
		done.sub = a->sub;
		push_event(request, a->walk, &done);
	}
}

static bool has_live_asker(const struct request *request, uint32_t walk)
{
	if (walk == request->main)
		return true;
	for (const struct asker *a = request->members[walk].askers; a; a = a->next)
		if (is_live(request, a->walk))
			return true;
	return false;
}

/* That asker waits no more. */
static void remove_asker(struct request *request, uint32_t asker, uint32_t sub)
{
	for (uint32_t i = 1; i < request->count; i++)
		for (struct asker **link = &request->members[i].askers; *link;
			link = &(*link)->next)
			if ((*link)->walk == asker && (*link)->sub == sub) {
				*link = (*link)->next;
				return;
			}
}

/* Sub-walks that nobody waits for any more end; the outermost first. */
static void cancel_orphans(struct request *request, uint64_t now_ms)
{
	const struct walk_event cancel = {.type = EVENT_CANCEL, .now_ms = now_ms};
	for (uint32_t i = 1; i < request->count; i++)
		if (is_live(request, i) && !has_live_asker(request, i))
			push_event(request, i, &cancel);
}

static void perform(
	struct request *request, uint32_t walk, const struct walk_action *action, uint64_t now_ms)
{
	switch (action->type) {
	case ACTION_SEND:
	case ACTION_ABANDON:
	case ACTION_NOTE:
		push_action(request, action);
		break;
	case ACTION_SUBWALK:
		if (start_subwalk(request, walk, action, now_ms)) {
			const struct walk_event failed = {
				.type = EVENT_SUBDONE, .now_ms = now_ms, .sub = action->sub};
			push_event(request, walk, &failed);
		}
		break;
	case ACTION_DROP:
		remove_asker(request, walk, action->sub);
		cancel_orphans(request, now_ms);
		break;
	case ACTION_RESULT:
		if (walk == 0) {
			request->result = action->result;
			push_action(request, action);
		} else {
			tell_askers(request, walk, now_ms);
		}
		cancel_orphans(request, now_ms);
		break;
	}
}

static void step(struct request *request, uint32_t walk, const struct walk_event *event)
{
	struct walk_actions actions;
	if (!is_live(request, walk))
		return;
	walk_step(request->members[walk].walk, event, &actions);
	for (unsigned i = 0; i < actions.count; i++)
		perform(request, walk, &actions.items[i], event->now_ms);
}

/* When budget or memory end, so does the request. */
static void end_when_spent(struct request *request, uint64_t now_ms)
{
	const struct walk_event end = {.type = EVENT_DEADLINE, .now_ms = now_ms};
	if ((request->budget.events > 0 && !request->out_of_memory) || request_rests(request))
		return;
	request->budget.sends = 0;
	step(request, request->main, &end);
}

/* Works off internal events. */
static void pump(struct request *request, uint64_t now_ms)
{
	while (request->first_event) {
		struct internal_event *item = request->first_event;
		request->first_event = item->next;
		if (!request->first_event)
			request->last_event = &request->first_event;
		/* Meanwhile somebody may have joined it. */
		if (item->event.type != EVENT_CANCEL || !has_live_asker(request, item->walk))
			step(request, item->walk, &item->event);
		if (request->budget.events > 0)
			request->budget.events--;
		end_when_spent(request, now_ms);
	}
}

static void feed(struct request *request, uint32_t walk, const struct walk_event *event)
{
	step(request, walk, event);
	end_when_spent(request, event->now_ms);
	pump(request, event->now_ms);
}

void request_start(struct request *request, uint64_t now_ms)
{
	const struct walk_event start = {.type = EVENT_START, .now_ms = now_ms};
	feed(request, 0, &start);
}

static int find_exchange(const struct request *request, uint32_t xid)
{
	for (uint32_t i = 0; i < request->count; i++)
		if (is_live(request, i) && request->members[i].walk->exchange.xid == xid &&
			xid != 0)
			return (int)i;
	return -1;
}

/*
 * Servers that cut a reply anywhere, or leave the counts as they were, still say by TC that there
 * is more: of such a reply the header is taken, which leads to TCP.
 */
static const struct msg *parse_truncated(struct request *request, uint8_t *wire, size_t size)
{
	const struct msg *msg;
	if (size < HEADER_SIZE || !(rr_get16(wire + 2) & FLAG_TC))
		return NULL;
	memset(wire + 4, 0, HEADER_SIZE - 4);
	return msg_parse(&request->arena, wire, HEADER_SIZE, &msg) ? NULL : msg;
}

void request_reply(struct request *request, uint32_t xid, const uint8_t *wire, size_t size,
	uint32_t rtt_us, uint64_t now_ms)
{
	int walk = find_exchange(request, xid);
	struct walk_event reply = {
		.type = EVENT_REPLY, .now_ms = now_ms, .xid = xid, .rtt_us = rtt_us};
	if (walk < 0)
		return;
	/* The view points into the bytes for EDNS options, and notes outlive them. */
	uint8_t *copy = arena_dup(&request->arena, wire, size);
	if (copy)
		ask_restore_case(request->members[walk].walk, copy, size);
	if (copy && msg_parse(&request->arena, copy, size, &reply.msg))
		reply.msg = parse_truncated(request, copy, size);
	feed(request, (uint32_t)walk, &reply);
}

void request_noreply(struct request *request, uint32_t xid, enum exchange_end why, uint32_t rtt_us,
	uint64_t now_ms)
{
	rw_debug(why != EXCHANGE_REPLY);
	int walk = find_exchange(request, xid);
	const struct walk_event event = {
		.type = EVENT_NOREPLY, .now_ms = now_ms, .xid = xid, .why = why, .rtt_us = rtt_us};
	if (walk >= 0)
		feed(request, (uint32_t)walk, &event);
}

void request_deadline(struct request *request, uint64_t now_ms)
{
	const struct walk_event event = {.type = EVENT_DEADLINE, .now_ms = now_ms};
	feed(request, request->main, &event);
}

uint64_t request_deadline_ms(const struct request *request)
{
	return request->budget.deadline_ms;
}

bool request_done(const struct request *request)
{
	return request->result != NULL;
}

bool request_rests(const struct request *request)
{
	return !is_live(request, request->main);
}

/* The first delegation that a walk began with and that is about to end. */
static const struct delegation *find_ending(const struct request *request, uint64_t now_ms)
{
	for (uint32_t i = 0; i < request->count; i++) {
		const struct delegation *used = request->members[i].walk->cuts.used;
		if (used && cache_claim_refresh(request->context.cache, CACHE_DELEGATION,
				    used->zone, TYPE_NS, now_ms))
			return used;
	}
	return NULL;
}

bool request_renew(struct request *request, uint64_t now_ms)
{
	const struct budget *budget = &request->budget;
	if (!request->result || request->main != 0 || request->count == WALKS ||
		budget->sends == 0 || budget->subwalks == 0 || budget->events == 0 ||
		now_ms >= budget->deadline_ms)
		return false;
	const struct delegation *ending = find_ending(request, now_ms);
	if (!ending)
		return false;
	const struct question question = {ending->zone, TYPE_NS, CLASS_IN};
	struct walk *walk = walk_new(&request->arena, &request->context, &request->budget,
		&question, 1, request->count, 0);
	if (!walk)
		return false;
	walk->was_looked_up = true;         /* what is there is what is to be learnt anew */
	walk->cuts.without_forwards = true; /* they had failed when it was learnt */
	walk->cuts.renewed = ending;
	request->budget.subwalks--;
	request->main = request->count;
	request->members[request->count++].walk = walk;
	const struct walk_event start = {.type = EVENT_START, .now_ms = now_ms};
	feed(request, request->main, &start);
	return true;
}

const struct walk_result *request_result(const struct request *request)
{
	return request->result;
}

const struct budget *request_budget(const struct request *request)
{
	return &request->budget;
}

struct arena *request_arena(struct request *request)
{
	return &request->arena;
}

const uint8_t *request_zone(const struct request *request)
{
	const struct delegation *cut = request->members[request->main].walk->cut;
	return cut && cut->source != DELEGATION_FORWARD ? cut->zone : NULL;
}

const char *request_trouble(struct request *request, uint64_t now_ms)
{
	struct walk *walk = request->members[0].walk;
	const struct failure_counts so_far = walk->failures;
	failure_deadline(walk);
	const char *text = failure_sentence(walk);
	walk->failures = so_far;
	if (finish_had_its_chance(walk, now_ms))
		(void)cache_store_failure(walk->cache, walk->current.name, walk->current.type,
			EDE_NO_REACHABLE_AUTHORITY, text, now_ms);
	return text;
}
