/* SPDX-License-Identifier: MIT */
/*
 * The questions of a request and the chains that they go through. A question has askers: the
 * machines that wait for its answer. Before one may wait for another, the table is searched for a
 * circle of waiting.
 */
#include "resolver/request/request.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/request/dns64.h"
#include "resolver/request/inner.h"

/* ---- beginning and end ---- */

int request_new(const struct machine_context *context, const struct question *question,
	const struct budget *purse, struct request **ret_request)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		return RW_ENOMEM;
	arena_init(&request->arena, LIMIT_REQUEST_ARENA);
	request->context = *context;
	request->budget = *purse;
	request->last_action = &request->first_action;
	request->last_event = &request->first_event;
	const struct walk_place first = {0};
	struct walk *walk =
		walk_new(&request->arena, &request->context, &request->budget, question, &first);
	if (!walk) {
		request_free(request);
		return RW_ENOMEM;
	}
	request->members[request->count++] = (struct member){.question = *walk_question(walk),
		.localdata = context->localdata,
		.walk = walk,
		.machine = walk_machine(walk)};
	*ret_request = request;
	return 0;
}

struct budget purse_of_client(const struct settings *settings, uint64_t now_ms)
{
	return (struct budget){
		.sends = LIMIT_SENDS_PER_REQUEST,
		.subwalks = LIMIT_SUBWALKS,
		.events = LIMIT_REQUEST_EVENTS,
		.deadline_ms = now_ms + settings->outgoing.timeout_ms,
	};
}

struct budget purse_of_refresh(const struct settings *settings, uint64_t now_ms)
{
	struct budget purse = purse_of_client(settings, now_ms);
	purse.sends = LIMIT_SENDS_PER_REFRESH;
	return purse;
}

/* The first delegation that a walk began with and that is about to end. */
static const struct delegation *find_ending(const struct request *request, uint64_t now_ms)
{
	for (uint32_t i = 0; i < request->count; i++) {
		const struct delegation *used = walk_used(request->members[i].walk);
		if (used && cache_claim_refresh(request->context.cache, CACHE_DELEGATION,
				    used->zone, TYPE_NS, now_ms))
			return used;
	}
	return NULL;
}

int request_new_renewal(const struct request *done, uint64_t now_ms, struct request **ret_request)
{
	const struct budget *purse = &done->budget;
	if (!request_done(done) || purse->sends == 0 || purse->subwalks == 0 ||
		purse->events == 0 || now_ms >= purse->deadline_ms)
		return RW_ENOTFOUND;
	const struct delegation *ending = find_ending(done, now_ms);
	if (!ending)
		return RW_ENOTFOUND;
	const struct question question = {ending->zone, TYPE_NS, CLASS_IN};
	int err = request_new(&done->context, &question, purse, ret_request);
	if (!err && walk_renew((*ret_request)->members[0].walk, ending)) {
		request_free(*ret_request);
		err = RW_ENOMEM;
	}
	return err;
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
	return walk_begin_with(request->members[0].walk, found);
}

/* ---- who waits for whom ---- */

static bool is_live(const struct request *request, uint32_t member)
{
	return request->members[member].result == NULL;
}

/* Whether `member` waits for `other`, directly or through others, or is it. */
static bool waits_for(const struct request *request, uint32_t member, uint32_t other)
{
	/* Members whose askers are still to be looked at; each is entered once. */
	uint32_t stack[MEMBERS];
	bool seen[MEMBERS] = {false};
	unsigned depth = 0;
	stack[depth++] = other;
	seen[other] = true;
	while (depth > 0) {
		uint32_t at = stack[--depth];
		if (at == member)
			return true;
		for (const struct asker *a = request->members[at].askers; a; a = a->next) {
			if (!seen[a->member]) {
				seen[a->member] = true;
				stack[depth++] = a->member;
			}
		}
	}
	return false;
}

static bool same_above(const uint8_t *a, const uint8_t *b)
{
	return a && b ? name_equal(a, b) : a == b;
}

static int find_same_question(const struct request *request, const struct machine_action *action,
	const struct localdata *localdata)
{
	for (uint32_t i = 0; i < request->count; i++) {
		const struct member *member = &request->members[i];
		if (is_live(request, i) && member->localdata == localdata &&
			same_above(member->above, action->above) &&
			question_equal(&member->question, &action->question))
			return (int)i;
	}
	return -1;
}

static int add_asker(struct request *request, uint32_t member, uint32_t asker, uint32_t sub)
{
	struct asker *item = arena_alloc(&request->arena, sizeof(*item));
	if (!item)
		return RW_ENOMEM;
	*item = (struct asker){request->members[member].askers, asker, sub};
	request->members[member].askers = item;
	return 0;
}

/* A question of a machine: it begins, or joins one that runs. RW_ELIMIT: it would wait for itself.
 */
static int ask(struct request *request, uint32_t asker, const struct machine_action *action,
	uint64_t now_ms)
{
	/* The shared cache must not depend on the local data of some clients. */
	const struct localdata *localdata =
		action->is_public ? NULL : request->members[asker].localdata;
	int same = find_same_question(request, action, localdata);
	if (same >= 0)
		return waits_for(request, (uint32_t)same, asker)
			       ? RW_ELIMIT
			       : add_asker(request, (uint32_t)same, asker, action->sub);
	if (request->count == MEMBERS)
		return RW_ELIMIT;
	uint32_t number = request->count;
	const struct walk_place place = {request->members[asker].depth + 1, number, asker};
	struct walk *walk = walk_new(
		&request->arena, &request->context, &request->budget, &action->question, &place);
	if (!walk)
		return RW_ENOMEM;
	walk_narrow(walk, localdata, action->above);
	request->members[request->count++] = (struct member){.question = *walk_question(walk),
		.above = action->above,
		.localdata = localdata,
		.depth = place.depth,
		.walk = walk,
		.machine = walk_machine(walk)};
	int err = add_asker(request, number, asker, action->sub);
	const struct machine_event start = {.type = EVENT_START, .now_ms = now_ms};
	queue_event(request, number, &start);
	return err;
}

static bool has_live_asker(const struct request *request, uint32_t member)
{
	if (member == 0)
		return true;
	for (const struct asker *a = request->members[member].askers; a; a = a->next)
		if (is_live(request, a->member))
			return true;
	return false;
}

/* Voids an answer that is queued for a machine which no longer waits for it. */
static void void_event(struct request *request, uint32_t asker, uint32_t sub)
{
	for (struct internal_event *item = request->first_event; item; item = item->next)
		item->is_void |= item->member == asker && item->event.type == EVENT_ANSWER &&
				 item->event.sub == sub;
}

/* That asker waits no more. */
static void remove_asker(struct request *request, uint32_t asker, uint32_t sub)
{
	void_event(request, asker, sub);
	for (uint32_t i = 1; i < request->count; i++)
		for (struct asker **link = &request->members[i].askers; *link;
			link = &(*link)->next)
			if ((*link)->member == asker && (*link)->sub == sub) {
				*link = (*link)->next;
				return;
			}
}

/* Questions that nobody waits for any more end; the outermost first. */
static void cancel_orphans(struct request *request, uint64_t now_ms)
{
	const struct machine_event cancel = {.type = EVENT_CANCEL, .now_ms = now_ms};
	for (uint32_t i = 1; i < request->count; i++)
		if (is_live(request, i) && !has_live_asker(request, i))
			queue_event(request, i, &cancel);
}

/* ---- the chain ---- */

/* The machine behind the one that has answered, or NULL: that was the last one. */
static struct machine *next_machine(
	struct request *request, struct member *member, struct machine_result *result)
{
	bool is_first = member->machine == walk_machine(member->walk);
	if (!is_first || member->depth > 0 || !dns64_concerns(&request->context, &member->question))
		return NULL;
	return dns64_new(
		&request->arena, &request->context, &request->budget, &member->question, result);
}

/* The chain that led to a failure is no part of an answer. */
static void drop_chain(struct answer *answer, const struct question *question)
{
	const int ede = answer->ede;
	const char *text = answer->ede_text;
	answer_cut(answer, 0, question->name);
	answer_fail(answer, ede, text);
}

/*
 * Of the client's own name, which may be an alias, so that storing the answer has not displaced it.
 */
static void forget_failure(struct request *request, const struct answer *answer)
{
	const struct question *question = &request->members[0].question;
	if (answer_rcode(answer) != RCODE_SERVFAIL && !answer->stale)
		cache_remove(request->context.cache, CACHE_FAILURE, question->name, question->type);
}

/* The last machine has answered: now the result may be stored, and told. */
static void conclude(
	struct request *request, uint32_t number, struct machine_result *result, uint64_t now_ms)
{
	struct member *member = &request->members[number];
	struct machine_event answer = {.type = EVENT_ANSWER, .now_ms = now_ms, .result = result};
	member->result = result;
	learnt_store(&result->learnt, now_ms);
	if (number == 0)
		forget_failure(request, &result->answer);
	if (result->answer.outcome == ANSWER_FAILURE && !result->dns64_a)
		drop_chain(&result->answer, &member->question);
	if (number == 0) {
		const struct machine_action told = {.type = ACTION_ANSWER, .result = result};
		queue_action(request, &told);
	}
	for (const struct asker *a = member->askers; a; a = a->next) {
		answer.sub = a->sub;
		queue_event(request, a->member, &answer);
	}
	cancel_orphans(request, now_ms);
}

/* Questions of a machine that has answered are of no use to the next one. */
static void forget_questions(struct request *request, uint32_t asker)
{
	for (struct internal_event *item = request->first_event; item; item = item->next)
		item->is_void |= item->member == asker && item->event.type == EVENT_ANSWER;
	for (uint32_t i = 1; i < request->count; i++)
		for (struct asker **link = &request->members[i].askers; *link;)
			if ((*link)->member == asker)
				*link = (*link)->next;
			else
				link = &(*link)->next;
}

static void hand_on(
	struct request *request, uint32_t number, struct machine_result *result, uint64_t now_ms)
{
	struct member *member = &request->members[number];
	const struct machine_event start = {.type = EVENT_START, .now_ms = now_ms};
	struct machine *next = next_machine(request, member, result);
	forget_questions(request, number);
	if (!next) {
		conclude(request, number, result, now_ms);
		return;
	}
	member->machine = next;
	cancel_orphans(request, now_ms);
	queue_event(request, number, &start);
}

static void perform(struct request *request, uint32_t member, const struct machine_action *action,
	uint64_t now_ms)
{
	uint32_t owner;
	switch (action->type) {
	case ACTION_SEND:
		queue_open(request, member, action->xid);
		queue_action(request, action);
		break;
	case ACTION_ABANDON:
		(void)queue_close(request, action->xid, &owner);
		queue_action(request, action);
		break;
	case ACTION_NOTE:
		queue_action(request, action);
		break;
	case ACTION_ASK:
		if (ask(request, member, action, now_ms)) {
			const struct machine_event failed = {
				.type = EVENT_ANSWER, .now_ms = now_ms, .sub = action->sub};
			queue_event(request, member, &failed);
		}
		break;
	case ACTION_DROP:
		remove_asker(request, member, action->sub);
		cancel_orphans(request, now_ms);
		break;
	case ACTION_ANSWER:
		hand_on(request, member, action->result, now_ms);
		break;
	}
}

static void step(struct request *request, uint32_t number, const struct machine_event *event)
{
	struct machine_actions actions;
	struct machine *machine = request->members[number].machine;
	if (!is_live(request, number) || !rw_check(!machine->answered))
		return;
	actions.count = 0;
	machine->kind->step(machine, event, &actions);
	machine_check(machine, event, &actions);
	for (unsigned i = 0; i < actions.count; i++)
		perform(request, number, &actions.items[i], event->now_ms);
}

/* When budget or memory end, so does the request, at each machine of its chain. */
static void end_when_spent(struct request *request, uint64_t now_ms)
{
	const struct machine_event end = {.type = EVENT_DEADLINE, .now_ms = now_ms};
	if (request->budget.events > 0 && !request->out_of_memory)
		return;
	request->budget.sends = 0;
	while (!request_done(request))
		step(request, 0, &end);
}

/*
 * Whether the event still matters. Another machine may have joined a question that was to be
 * cancelled.
 */
static bool is_wanted(const struct request *request, const struct internal_event *item)
{
	bool cancels = item->event.type == EVENT_CANCEL;
	return !item->is_void && !(cancels && has_live_asker(request, item->member));
}

/* Works off internal events. */
static void pump(struct request *request, uint64_t now_ms)
{
	while (request->first_event) {
		struct internal_event *item = request->first_event;
		request->first_event = item->next;
		if (!request->first_event)
			request->last_event = &request->first_event;
		if (is_wanted(request, item))
			step(request, item->member, &item->event);
		if (request->budget.events > 0)
			request->budget.events--;
		end_when_spent(request, now_ms);
	}
}

static void feed(struct request *request, uint32_t member, const struct machine_event *event)
{
	step(request, member, event);
	end_when_spent(request, event->now_ms);
	pump(request, event->now_ms);
}

/* ---- events of the driver ---- */

void request_start(struct request *request, uint64_t now_ms)
{
	const struct machine_event start = {.type = EVENT_START, .now_ms = now_ms};
	feed(request, 0, &start);
}

/*
 * Some servers truncate a response at any byte, or leave its counts unchanged. With TC set, the
 * header of such a response is enough, since it leads to TCP.
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
	uint32_t member;
	struct machine_event reply = {
		.type = EVENT_REPLY, .now_ms = now_ms, .xid = xid, .rtt_us = rtt_us};
	if (!queue_close(request, xid, &member))
		return;
	/* The view points into the bytes for EDNS options, and notes outlive them. */
	uint8_t *copy = arena_dup(&request->arena, wire, size);
	if (copy)
		walk_restore_case(request->members[member].walk, copy, size);
	if (copy && msg_parse(&request->arena, copy, size, &reply.msg))
		reply.msg = parse_truncated(request, copy, size);
	feed(request, member, &reply);
}

void request_noreply(struct request *request, uint32_t xid, enum exchange_end why, uint32_t rtt_us,
	uint64_t now_ms)
{
	uint32_t member;
	const struct machine_event event = {
		.type = EVENT_NOREPLY, .now_ms = now_ms, .xid = xid, .why = why, .rtt_us = rtt_us};
	rw_debug(why != EXCHANGE_REPLY);
	if (queue_close(request, xid, &member))
		feed(request, member, &event);
}

/* A machine that is at work gives up, and none that follows it begins anything. */
static void end(struct request *request, enum machine_event_type why, uint64_t now_ms)
{
	const struct machine_event event = {.type = why, .now_ms = now_ms};
	if (request_done(request))
		return;
	request->budget.sends = 0;
	feed(request, 0, &event);
	rw_debug(request_done(request));
}

void request_deadline(struct request *request, uint64_t now_ms)
{
	end(request, EVENT_DEADLINE, now_ms);
}

void request_cancel(struct request *request, uint64_t now_ms)
{
	end(request, EVENT_CANCEL, now_ms);
}

/* ---- what it is like ---- */

uint64_t request_deadline_ms(const struct request *request)
{
	return request->budget.deadline_ms;
}

bool request_done(const struct request *request)
{
	return request->members[0].result != NULL;
}

const struct machine_result *request_result(const struct request *request)
{
	return request->members[0].result;
}

const struct learnt_list *request_learnt(const struct request *request)
{
	return &walk_result(request->members[0].walk)->learnt;
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
	const struct delegation *cut = walk_delegation(request->members[0].walk);
	return cut && cut->source != DELEGATION_FORWARD ? cut->zone : NULL;
}

const char *request_trouble(struct request *request, uint64_t now_ms)
{
	struct machine *machine = request->members[0].machine;
	return machine->kind->trouble(machine, now_ms);
}
