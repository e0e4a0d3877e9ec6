/* SPDX-License-Identifier: MIT */
/* Sets and negative answers between a reply and the cache. */
#include "cache/learnt.h"

void learnt_add(struct learnt_list *list, struct arena *arena, const struct learnt *what)
{
	struct learnt *item = arena_dup(arena, what, sizeof(*what));
	const uint8_t *name = name_dup(what->name, arena);
	if (!item || !name)
		return;
	item->name = name;
	if (list->last)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
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
	for (struct learnt *item = list->first; item; item = item->next) {
		if (item->kind != CACHE_RRSET || item->type != type ||
			!name_equal(item->name, name))
			continue;
		item->is_dropped = true;
		cache_remove(item->cache, CACHE_RRSET, name, type);
	}
}

/* ---- as an answer ---- */

static bool speaks_of(const struct learnt *item, const struct answer *answer)
{
	if (item->is_dropped || item->from.rank < RANK_ANSWER)
		return false;
	if (item->kind == CACHE_NXDOMAIN)
		return name_is_at_or_below(answer->name, item->name);
	bool fits = item->type == answer->type ||
		    (item->kind == CACHE_RRSET && item->type == TYPE_CNAME &&
			    answer_type_follows(answer->type));
	return fits && name_equal(item->name, answer->name);
}

static const struct learnt *find(
	const struct learnt_list *list, const struct cache *cache, const struct answer *answer)
{
	const struct learnt *newest = NULL;
	for (const struct learnt *item = list->first; item; item = item->next)
		if (item->cache == cache && speaks_of(item, answer))
			newest = item;
	return newest;
}

static bool implies(const struct learnt *dname, const struct learnt *cname, struct arena *arena)
{
	const struct rrset *implied;
	return !dname->is_dropped && dname->kind == CACHE_RRSET && dname->type == TYPE_DNAME &&
	       dname->cache == cname->cache && name_is_below(cname->name, dname->name) &&
	       answer_synthesise(dname->set, cname->name, arena, &implied) == 0 &&
	       rrset_same_data(implied, cname->set);
}

/* The DNAME that the CNAME was made from stands before it. */
static void show_dname(const struct learnt_list *list, const struct learnt *cname,
	struct arena *arena, struct answer *answer)
{
	for (const struct learnt *item = list->first; item; item = item->next)
		if (implies(item, cname, arena)) {
			(void)rw_check(answer_add(answer, item->set, &item->from));
			return;
		}
}

static int deny(const struct learnt *item, const struct cache_query *query, struct answer *answer)
{
	struct rrset *soa = NULL;
	if (item->set) {
		soa = arena_dup(query->arena, item->set, sizeof(*soa));
		if (!soa)
			return RW_ENOMEM;
		soa->ttl = cache_negative_ttl(query->cache, soa);
	}
	if (item->kind == CACHE_NODATA) {
		answer_deny(answer, ANSWER_NODATA, soa, &item->from);
		return 0;
	}
	answer_deny(answer, ANSWER_NXDOMAIN, soa, &item->from);
	answer->denied = item->name;
	return 0;
}

int learnt_answer(
	const struct learnt_list *list, const struct cache_query *query, struct answer *answer)
{
	const struct learnt *item =
		answer->type == TYPE_ANY ? NULL : find(list, query->cache, answer);
	if (!item)
		return RW_ENOTFOUND;
	if (item->kind != CACHE_RRSET)
		return deny(item, query, answer);
	if (item->from.synthesised)
		show_dname(list, item, query->arena, answer);
	if (item->type == answer->type)
		answer_end(answer, item->set, &item->from);
	else
		answer_follow(answer, item->set, &item->from);
	return 0;
}

/* ---- into the cache ---- */

void learnt_store(struct learnt_list *list, uint64_t now_ms)
{
	for (const struct learnt *item = list->first; item; item = item->next) {
		if (item->is_dropped)
			continue;
		if (item->kind == CACHE_RRSET)
			(void)cache_store_rrset(item->cache, item->set, &item->from, now_ms);
		else
			(void)cache_store_negative(item->cache, item->kind,
				&(struct question){item->name, item->type, CLASS_IN}, item->set,
				&item->from, now_ms);
	}
	*list = (struct learnt_list){0};
}
