/* SPDX-License-Identifier: MIT */
/*
 * A doubly linked list whose links are members of its items: nothing is allocated, and an item is
 * taken out in one step, without a search and without naming the list. The items belong to the code
 * that made them. Zeroes are an empty list, and a link that is in none. A list that is not empty
 * must not be copied or moved, because its first and last items point to it. Not safe for several
 * threads.
 */
#ifndef RW_BASE_LIST_H
#define RW_BASE_LIST_H

#include <stdbool.h>

#include "resolver/base/rw.h"

struct list_link {
	struct list_link *next, *prev; /* NULL: in no list */
};

struct list {
	struct list_link ends; /* `next` is the first and `prev` the last link, or both are this */
};

static inline bool list_is_linked(const struct list_link *link)
{
	return link->next != NULL;
}

static inline bool list_is_empty(const struct list *list)
{
	return !list->ends.next || list->ends.next == &list->ends;
}

static inline void list_put_between(
	struct list_link *link, struct list_link *prev, struct list_link *next)
{
	rw_debug(!list_is_linked(link));
	link->prev = prev;
	link->next = next;
	prev->next = next->prev = link;
}

static inline void list_begin(struct list *list)
{
	if (!list->ends.next)
		list->ends.next = list->ends.prev = &list->ends;
}

/* Puts an item that is in no list at the beginning. */
static inline void list_prepend(struct list *list, struct list_link *link)
{
	list_begin(list);
	list_put_between(link, &list->ends, list->ends.next);
}

/* Puts an item that is in no list at the end. */
static inline void list_append(struct list *list, struct list_link *link)
{
	list_begin(list);
	list_put_between(link, list->ends.prev, &list->ends);
}

/* Takes the item out of the list that it is in; does nothing when it is in none. */
static inline void list_remove(struct list_link *link)
{
	if (!list_is_linked(link))
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = link->prev = NULL;
}

/* What the macros below are made of: the object around a link, or NULL at the end of the list. */
static inline void *list_object(const struct list *list, struct list_link *link, size_t offset)
{
	return link && link != &list->ends ? (char *)link - offset : NULL;
}

/* The first, the last and the next item as a pointer to its type, or NULL. */
#define list_first(list, type, member)                                                             \
	((type *)list_object((list), (list)->ends.next, offsetof(type, member)))
#define list_last(list, type, member)                                                              \
	((type *)list_object((list), (list)->ends.prev, offsetof(type, member)))
#define list_next(list, item, type, member)                                                        \
	((type *)list_object((list), (item)->member.next, offsetof(type, member)))

/* Runs over all items, from the first to the last. The body may take out the item at hand. */
#define list_each(type, item, list, member)                                                        \
	for (type *item = list_first(list, type, member), *item##_next;                            \
		item && (item##_next = list_next(list, item, type, member), true);                 \
		item = item##_next)

#endif
