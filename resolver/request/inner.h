/* SPDX-License-Identifier: MIT */
/*
 * The inside of a request: its questions in a table, each with the machine that is at work on it;
 * internal events in a queue, actions for the driver in another (queue.c).
 */
#ifndef RW_REQUEST_INNER_H
#define RW_REQUEST_INNER_H

#include "resolver/iterate/walk.h"
#include "resolver/request/request.h"

#define MEMBERS (LIMIT_SUBWALKS + 1)

/* A machine that waits for the answer to a question, and under which number. */
struct asker {
	struct asker *next;
	uint32_t member;
	uint32_t sub;
};

/* A question of the request, and the chain of machines that it goes through. */
struct member {
	struct question question;
	const uint8_t *above; /* as its asker wanted it */
	const struct localdata *localdata;
	unsigned depth;
	struct walk *walk;             /* the first of the chain */
	struct machine *machine;       /* the one at work, or the last that was */
	struct machine_result *result; /* NULL until the last one has answered */
	struct asker *askers;
};

struct open_exchange {
	struct open_exchange *next;
	uint32_t xid, member;
};

struct pending_action {
	struct pending_action *next;
	struct machine_action action;
};

struct internal_event {
	struct internal_event *next;
	uint32_t member;
	bool is_void; /* nobody waits for it any more */
	struct machine_event event;
};

struct request {
	struct arena arena;
	struct machine_context context;
	struct budget budget;
	struct member members[MEMBERS]; /* the first one has the request's own question */
	uint32_t count;
	struct open_exchange *exchanges, *spare_exchanges;
	struct pending_action *first_action, **last_action;
	struct pending_action *spare_actions;
	struct pending_action result_action; /* the one action that may never be lost */
	struct internal_event *first_event, **last_event;
	bool out_of_memory;
};

/* If there is no room in the arena, the request ends (`out_of_memory`). */

void queue_action(struct request *request, const struct machine_action *action);
void queue_event(struct request *request, uint32_t member, const struct machine_event *event);

/* Exchanges under way, and whose they are. */
void queue_open(struct request *request, uint32_t member, uint32_t xid);

/* False: none that is open. */
bool queue_close(struct request *request, uint32_t xid, uint32_t *ret_member);

#endif
