/* SPDX-License-Identifier: MIT */
/* Shards, chains and segments. One malloc per entry; what malloc really took is what is counted. */
#include "cache/store.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define PROTECTED_PERCENT 80
#define SHARD_BYTES_MIN   (1 << 18) /* a shard must have room for sets of LIMIT_RRSET_BYTES */
#define BYTES_PER_BUCKET  256       /* about one entry */
#define MALLOC_OVERHEAD   8         /* bytes malloc keeps beside each block */

static uint64_t bucket_count(uint64_t budget)
{
	uint64_t count = 16;
	while (count * BYTES_PER_BUCKET < budget)
		count *= 2;
	return count;
}

static int shard_init(struct shard *shard, uint64_t bytes)
{
	uint64_t buckets = bucket_count(bytes);
	memset(shard, 0, sizeof(*shard));
	if (keyed_fix(&shard->table, buckets))
		return RW_ENOMEM;
	shard->budget = bytes - buckets * sizeof(struct keyed_entry *);
	if (pthread_mutex_init(&shard->lock, NULL)) {
		keyed_release(&shard->table);
		return RW_ENOMEM;
	}
	return 0;
}

static void shard_release(struct shard *shard)
{
	keyed_each(struct entry, entry, &shard->table, by_name)
		free(entry);
	keyed_release(&shard->table);
	(void)pthread_mutex_destroy(&shard->lock);
}

int store_init(struct store *store, uint64_t size_bytes, const struct env *env)
{
	env->random(env->ctx, &store->key, sizeof(store->key));
	store->budget = size_bytes;
	store->shard_count = STORE_SHARDS;
	while (store->shard_count > 1 && size_bytes / store->shard_count < SHARD_BYTES_MIN)
		store->shard_count /= 2;
	for (unsigned i = 0; i < store->shard_count; i++) {
		if (shard_init(&store->shards[i], size_bytes / store->shard_count) == 0)
			continue;
		while (i-- > 0)
			shard_release(&store->shards[i]);
		return RW_ENOMEM;
	}
	return 0;
}

void store_release(struct store *store)
{
	for (unsigned i = 0; i < store->shard_count; i++)
		shard_release(&store->shards[i]);
}

uint64_t store_hash(const struct store *store, const uint8_t *name)
{
	return name_hash(name, &store->key);
}

struct shard *store_shard(struct store *store, uint64_t hash)
{
	/* The low bits choose the bucket, the high bits the shard. */
	return &store->shards[hash >> 60 & (store->shard_count - 1)];
}

struct entry *entry_new(enum cache_kind kind, const uint8_t *name, uint16_t type, const void *value,
	size_t value_size)
{
	size_t named = name_size(name);
	struct entry *entry = malloc(sizeof(*entry) + named + value_size);
	if (!entry)
		return NULL;
	memset(entry, 0, sizeof(*entry));
	entry->kind = (uint8_t)kind;
	entry->type = type;
	entry->name_size = (uint8_t)named;
	entry->value_size = (uint32_t)value_size;
	memcpy(entry->bytes, name, named);
	if (value && value_size > 0)
		memcpy(entry->bytes + named, value, value_size);
	entry->charged = (uint32_t)(malloc_usable_size(entry) + MALLOC_OVERHEAD);
	return entry;
}

static struct segment *segment_of(struct shard *shard, const struct entry *entry)
{
	return entry->is_protected ? &shard->protected : &shard->probation;
}

static void segment_take(struct shard *shard, struct entry *entry)
{
	struct segment *segment = segment_of(shard, entry);
	list_remove(&entry->warmth);
	segment->bytes -= entry->charged;
}

static void segment_put(struct shard *shard, struct entry *entry)
{
	struct segment *segment = segment_of(shard, entry);
	list_prepend(&segment->entries, &entry->warmth);
	segment->bytes += entry->charged;
}

static struct entry *coldest_of(const struct segment *segment)
{
	return list_last(&segment->entries, struct entry, warmth);
}

static struct entry *first_match(struct entry *entry, const uint8_t *name)
{
	while (entry && !name_equal(entry->bytes, name))
		entry = keyed_next(entry, struct entry, by_name);
	return entry;
}

struct entry *store_first(struct shard *shard, uint64_t hash, const uint8_t *name)
{
	return first_match(keyed_first(&shard->table, hash, struct entry, by_name), name);
}

struct entry *store_next(struct entry *entry, const uint8_t *name)
{
	return first_match(keyed_next(entry, struct entry, by_name), name);
}

struct entry *store_find(struct shard *shard, uint64_t hash, enum cache_kind kind,
	const uint8_t *name, uint16_t type)
{
	keyed_match(struct entry, entry, &shard->table, hash, by_name)
		if (entry->kind == kind && entry->type == type && name_equal(entry->bytes, name))
			return entry;
	return NULL;
}

void store_remove(struct shard *shard, struct entry *entry)
{
	keyed_remove(&shard->table, &entry->by_name);
	segment_take(shard, entry);
	shard->stats.entries--;
	free(entry);
}

static void make_room(struct shard *shard, uint64_t need)
{
	while (shard->probation.bytes + shard->protected.bytes + need > shard->budget) {
		struct entry *coldest = coldest_of(&shard->probation);
		if (!coldest && !(coldest = coldest_of(&shard->protected)))
			return;
		store_remove(shard, coldest);
		shard->stats.evictions++;
	}
}

int store_insert(struct shard *shard, struct entry *entry)
{
	if (entry->charged > shard->budget / 2) {
		free(entry);
		return RW_ELIMIT;
	}
	make_room(shard, entry->charged);
	keyed_add(&shard->table, &entry->by_name, entry->by_name.hash);
	segment_put(shard, entry);
	shard->stats.entries++;
	shard->stats.inserts++;
	return 0;
}

void store_touch(struct shard *shard, struct entry *entry)
{
	entry->asked = true;
	if (entry == list_first(&shard->protected.entries, struct entry, warmth))
		return;
	segment_take(shard, entry);
	entry->is_protected = true;
	segment_put(shard, entry);
	uint64_t most = shard->budget / 100 * PROTECTED_PERCENT;
	struct entry *coldest;
	while (shard->protected.bytes > most &&
		(coldest = coldest_of(&shard->protected)) != entry) {
		segment_take(shard, coldest);
		coldest->is_protected = false;
		segment_put(shard, coldest);
	}
}
