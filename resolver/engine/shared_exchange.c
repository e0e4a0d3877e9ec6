/* SPDX-License-Identifier: MIT */
/*
 * Exchanges that several jobs share. Names of one zone that are asked for at the same time all need
 * the same referrals first; without sharing, a server would get the same question as often as there
 * are clients, and an attacker would have that many targets for forged responses (RFC 5452 section
 * 5). Queries over TCP are not shared, because the letter case of their responses shows what the
 * server does with it.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/engine/job.h"
#include "resolver/wire/rr.h"

/* The query without its id and with its name in lower case. Returns false when it is too long. */
static bool fill_key(
	struct shared_exchange *shared, const struct exchange_query *query, uint64_t *ret_hash)
{
	if (query->size > sizeof(shared->wire) || query->size <= HEADER_SIZE)
		return false;
	shared->server = query->server;
	shared->match_case = query->match_case;
	shared->size = (uint16_t)query->size;
	memcpy(shared->wire, query->wire, query->size);
	shared->wire[0] = shared->wire[1] = 0;
	(void)name_lower(query->wire + HEADER_SIZE, shared->wire + HEADER_SIZE);
	*ret_hash = siphash(&shared->engine->exchanges.key, shared->wire, query->size);
	return true;
}

static bool same_key(const struct shared_exchange *a, const struct shared_exchange *b)
{
	return a->size == b->size && a->match_case == b->match_case &&
	       addr_equal(&a->server, &b->server) && memcmp(a->wire, b->wire, a->size) == 0;
}

static struct shared_exchange *find_same(const struct shared_exchange *shared, uint64_t hash)
{
	keyed_match(struct shared_exchange, at, &shared->engine->exchanges, hash, entry)
		if (same_key(at, shared))
			return at;
	return NULL;
}

static struct shared_exchange *new_shared(struct engine *engine)
{
	struct shared_exchange *shared = pool_take(&engine->shared_pool);
	if (!shared)
		return NULL;
	memset(shared, 0, offsetof(struct shared_exchange, wire));
	shared->engine = engine;
	return shared;
}

static void free_shared(struct shared_exchange *shared)
{
	keyed_remove(&shared->engine->exchanges, &shared->entry);
	pool_put(&shared->engine->shared_pool, shared);
}

static void join(struct shared_exchange *shared, struct pending_query *pending)
{
	pending->shared = shared;
	list_prepend(&shared->pending, &pending->on_shared);
}

static void ended(void *owner, const struct exchange_done *done)
{
	struct shared_exchange *shared = owner;
	list_each(struct pending_query, pending, &shared->pending, on_shared) {
		list_remove(&pending->on_shared);
		pending->shared = NULL;
		pending_end(pending, done);
	}
	free_shared(shared);
}

int shared_exchange_start(struct pending_query *pending, const struct exchange_query *query)
{
	struct engine *engine = pending->job->engine;
	struct shared_exchange *shared = new_shared(engine);
	if (!shared)
		return RW_ENOMEM;
	uint64_t hash;
	if (query->transport == TRANSPORT_UDP && fill_key(shared, query, &hash)) {
		struct shared_exchange *same = find_same(shared, hash);
		if (same) {
			free_shared(shared);
			join(same, pending);
			return 0;
		}
		keyed_add(&engine->exchanges, &shared->entry, hash);
	}
	int err = exchange_start(engine->upstream, query, ended, shared, &shared->exchange);
	if (err) {
		free_shared(shared);
		return err;
	}
	join(shared, pending);
	return 0;
}

void shared_exchange_leave(struct pending_query *pending)
{
	struct shared_exchange *shared = pending->shared;
	list_remove(&pending->on_shared);
	pending->shared = NULL;
	if (!list_is_empty(&shared->pending))
		return;
	exchange_abandon(shared->exchange);
	free_shared(shared);
}
