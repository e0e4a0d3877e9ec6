/* SPDX-License-Identifier: MIT */
/* Sets and denials between a reply and the cache. */
#include "resolver/machine/learnt.h"

static void append(struct learnt_list *list, struct arena *arena, const struct learnt *what)
{
	struct learnt *item = arena_dup(arena, what, sizeof(*what));
	if (!item)
		return;
	if (list->last)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
}

void learnt_add_set(struct learnt_list *list, struct arena *arena, struct cache *cache,
	const struct rrset *set, const struct provenance *from)
{
	const struct learnt item = {.cache = cache,
		.kind = CACHE_RRSET,
		.name = set->owner,
		.type = set->type,
		.set = set,
		.from = *from};
	append(list, arena, &item);
}

void learnt_add_denial(struct learnt_list *list, struct arena *arena, struct cache *cache,
	enum cache_kind kind, const struct question *question, const struct rrset *soa,
	const struct provenance *from)
{
	const struct learnt item = {.cache = cache,
		.kind = kind,
		.name = name_dup(question->name, arena),
		.type = question->type,
		.set = soa,
		.from = *from};
	if (item.name)
		append(list, arena, &item);
}

bool learnt_has(
	const struct learnt_list *list, enum cache_kind kind, const uint8_t *name, uint16_t type)
{
	for (const struct learnt *item = list->first; item; item = item->next)
		if (!item->is_dropped && item->kind == kind && item->type == type &&
			name_equal(item->name, name))
			return true;
	return false;
}

void learnt_drop_set(struct learnt_list *list, const uint8_t *name, uint16_t type)
{
	for (struct learnt *item = list->first; item; item = item->next)
		item->is_dropped |= item->kind == CACHE_RRSET && item->type == type &&
				    name_equal(item->name, name);
}

void learnt_store(struct learnt_list *list)
{
	for (const struct learnt *item = list->first; item; item = item->next) {
		if (item->is_dropped)
			continue;
		if (item->kind == CACHE_RRSET)
			(void)cache_store_rrset(
				item->cache, item->set, &item->from, item->from.when_ms);
		else
			(void)cache_store_negative(item->cache, item->kind, item->name, item->type,
				item->set, &item->from, item->from.when_ms);
	}
	*list = (struct learnt_list){0};
}
