/* SPDX-License-Identifier: MIT */
/* What waits in a request: actions for the driver, events for machines, open exchanges. */
#include "resolver/request/inner.h"

void queue_action(struct request *request, const struct machine_action *action)
{
	struct pending_action *item = request->spare_actions;
	if (action->type == ACTION_ANSWER)
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

bool request_next(struct request *request, struct machine_action *ret_action)
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

void queue_event(struct request *request, uint32_t member, const struct machine_event *event)
{
	struct internal_event *item = arena_alloc(&request->arena, sizeof(*item));
	if (!item) {
		request->out_of_memory = true;
		return;
	}
	item->member = member;
	item->event = *event;
	*request->last_event = item;
	request->last_event = &item->next;
}

void queue_open(struct request *request, uint32_t member, uint32_t xid)
{
	struct open_exchange *item = request->spare_exchanges;
	if (item)
		request->spare_exchanges = item->next;
	else
		item = arena_alloc(&request->arena, sizeof(*item));
	if (!item) {
		request->out_of_memory = true;
		return;
	}
	*item = (struct open_exchange){request->exchanges, xid, member};
	request->exchanges = item;
}

/* Whose exchange it was; false: none that is open. */
bool queue_close(struct request *request, uint32_t xid, uint32_t *ret_member)
{
	struct open_exchange **link = &request->exchanges;
	while (*link && (*link)->xid != xid)
		link = &(*link)->next;
	struct open_exchange *item = *link;
	if (!item)
		return false;
	*ret_member = item->member;
	*link = item->next;
	item->next = request->spare_exchanges;
	request->spare_exchanges = item;
	return true;
}
