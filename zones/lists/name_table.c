/* SPDX-License-Identifier: MIT */
/*
 * Entries stand behind each other in one block of memory, each a value and a name; an open hash
 * table of 32-bit slots leads to them. A slot holds the place of its entry and four bits of the
 * hash, so that most strangers in a chain are passed without a look at their entry.
 */
#include "zones/lists/name_table.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES   6 /* in front of each name */
#define UNIT          4 /* bytes; entries begin at multiples of it, so that 28 bits reach 1 GiB */
#define PLACE_BITS    28
#define FIRST_SLOTS   64
#define FILTER_BITS   12 /* at least so many for each name */
#define FILTER_PROBES 3  /* bits of one word */

struct name_table {
	struct siphash_key key;
	size_t cap;
	uint8_t *entries;
	size_t used, room; /* bytes of entries */
	uint32_t *slots;   /* 0: free */
	size_t mask, count;
	uint64_t *filter; /* words; NULL until it is finished */
	size_t filter_mask;
	bool has_tops, has_root; /* names of one label; the root */
};

static inline uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

/* Length bytes are below 64, so folding case over them changes nothing. */
void name_fold(const uint8_t *name, const struct siphash_key *key, struct name_folded *ret_folded)
{
	unsigned labels = 0, size = 0;
	while (name[size]) {
		unsigned next = size + 1 + name[size];
		ret_folded->at[labels++] = (uint8_t)size;
		for (; size < next; size++)
			ret_folded->bytes[size] = lower(name[size]);
	}
	ret_folded->at[labels] = (uint8_t)size;
	ret_folded->bytes[size++] = 0;
	ret_folded->labels = labels;
	ret_folded->size = size;
	ret_folded->top_hash = 0;
	if (labels >= 2) {
		unsigned top = ret_folded->at[labels - 2];
		ret_folded->top_hash = siphash(key, ret_folded->bytes + top, size - top);
	}
}

int name_table_new(const struct siphash_key *key, size_t cap, struct name_table **ret_table)
{
	struct name_table *table = calloc(1, sizeof(*table));
	uint32_t *slots = calloc(FIRST_SLOTS, sizeof(*slots));
	if (!table || !slots) {
		free(table);
		free(slots);
		return RW_ENOMEM;
	}
	table->key = *key;
	table->cap = RW_MIN(cap, (size_t)UNIT << PLACE_BITS);
	table->slots = slots;
	table->mask = FIRST_SLOTS - 1;
	*ret_table = table;
	return 0;
}

void name_table_free(struct name_table *table)
{
	if (!table)
		return;
	free(table->entries);
	free(table->slots);
	free(table->filter);
	free(table);
}

size_t name_table_cap(const struct name_table *table)
{
	return table->cap;
}

size_t name_table_count(const struct name_table *table)
{
	return table->count;
}

static size_t filter_words(size_t count)
{
	size_t words = 1;
	while (words * 64 < count * FILTER_BITS)
		words *= 2;
	return words;
}

size_t name_table_bytes(const struct name_table *table)
{
	return sizeof(*table) + table->used + (table->mask + 1) * sizeof(*table->slots) +
	       filter_words(table->count) * sizeof(*table->filter);
}

/* ---- slots ---- */

static uint32_t slot_of(size_t offset, uint64_t hash)
{
	return (uint32_t)(hash >> 60 << PLACE_BITS) | (uint32_t)(offset / UNIT + 1);
}

static size_t offset_of(uint32_t slot)
{
	return ((size_t)(slot & ((1u << PLACE_BITS) - 1)) - 1) * UNIT;
}

static const uint8_t *name_at(const struct name_table *table, uint32_t slot)
{
	return table->entries + offset_of(slot) + VALUE_BYTES;
}

/* Where the name is, or the free slot where it would be. */
static uint32_t *find_slot(
	const struct name_table *table, const uint8_t *name, size_t size, uint64_t hash)
{
	for (size_t at = hash & table->mask;; at = (at + 1) & table->mask) {
		uint32_t slot = table->slots[at];
		if (slot == 0 || (slot >> PLACE_BITS == hash >> 60 &&
					 memcmp(name_at(table, slot), name, size) == 0))
			return &table->slots[at];
	}
}

static size_t entry_size(size_t name_bytes)
{
	return (VALUE_BYTES + name_bytes + UNIT - 1) / UNIT * UNIT;
}

/* Twice as many slots, filled anew from the entries. */
static int grow_slots(struct name_table *table)
{
	size_t count = 2 * (table->mask + 1);
	uint32_t *slots = calloc(count, sizeof(*slots));
	if (!slots)
		return RW_ENOMEM;
	for (size_t offset = 0; offset < table->used;) {
		const uint8_t *name = table->entries + offset + VALUE_BYTES;
		size_t size = name_size(name);
		uint64_t hash = siphash(&table->key, name, size);
		size_t at = hash & (count - 1);
		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = slot_of(offset, hash);
		offset += entry_size(size);
	}
	free(table->slots);
	table->slots = slots;
	table->mask = count - 1;
	return 0;
}

/* ---- building ---- */

/* A name may read past its own end while it is compared: that many bytes stand behind the last. */
static int make_room(struct name_table *table, size_t more)
{
	size_t wanted = table->used + more + LIMIT_NAME_BYTES;
	if (wanted <= table->room)
		return 0;
	size_t room = RW_MAX(2 * table->room, (size_t)4096);
	room = RW_MAX(RW_MIN(room, table->cap), wanted);
	uint8_t *entries = realloc(table->entries, room);
	if (!entries)
		return RW_ENOMEM;
	memset(entries + table->used, 0, room - table->used);
	table->entries = entries;
	table->room = room;
	return 0;
}

static void put_value(uint8_t *entry, const struct name_value *value)
{
	entry[0] = value->tag;
	entry[1] = value->kind;
	memcpy(entry + 2, &value->number, sizeof(value->number));
}

static void get_value(const uint8_t *entry, struct name_value *ret_value)
{
	ret_value->tag = entry[0];
	ret_value->kind = entry[1];
	memcpy(&ret_value->number, entry + 2, sizeof(ret_value->number));
}

int name_table_add(struct name_table *table, const uint8_t *name, const struct name_value *value,
	struct name_value *ret_there)
{
	size_t size = name_size(name), bytes = entry_size(size);
	uint64_t hash = siphash(&table->key, name, size);
	uint32_t *slot = find_slot(table, name, size, hash);
	if (*slot) {
		get_value(table->entries + offset_of(*slot), ret_there);
		return RW_EBUSY;
	}
	bool full = 4 * (table->count + 1) > 3 * (table->mask + 1);
	size_t slots = full ? (table->mask + 1) * sizeof(*table->slots) : 0;
	if (name_table_bytes(table) + bytes + slots > table->cap)
		return RW_ELIMIT;
	int err = make_room(table, bytes);
	if (!err && full)
		err = grow_slots(table);
	if (err)
		return err;
	put_value(table->entries + table->used, value);
	memcpy(table->entries + table->used + VALUE_BYTES, name, size);
	*find_slot(table, name, size, hash) = slot_of(table->used, hash);
	table->used += bytes;
	table->count++;
	return 0;
}

void name_table_set(struct name_table *table, const uint8_t *name, const struct name_value *value)
{
	size_t size = name_size(name);
	uint32_t slot = *find_slot(table, name, size, siphash(&table->key, name, size));
	if (rw_check(slot != 0))
		put_value(table->entries + offset_of(slot), value);
}

/* ---- the filter ---- */

static uint64_t filter_bits(uint64_t hash)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < FILTER_PROBES; i++)
		bits |= UINT64_C(1) << (hash >> (6 * i) & 63);
	return bits;
}

/* Other bits of the hash than those that choose bits within the word. */
static uint64_t *filter_word(const struct name_table *table, uint64_t hash)
{
	return &table->filter[hash >> 24 & table->filter_mask];
}

static bool filter_has(const struct name_table *table, uint64_t hash)
{
	uint64_t bits = filter_bits(hash);
	return (*filter_word(table, hash) & bits) == bits;
}

static void filter_put(struct name_table *table, const uint8_t *name)
{
	uint64_t hash = siphash(&table->key, name, name_size(name));
	*filter_word(table, hash) |= filter_bits(hash);
}

int name_table_finish(struct name_table *table)
{
	size_t words = filter_words(table->count);
	table->filter = calloc(words, sizeof(*table->filter));
	if (!table->filter)
		return RW_ENOMEM;
	table->filter_mask = words - 1;
	for (size_t offset = 0; offset < table->used;) {
		const uint8_t *name = table->entries + offset + VALUE_BYTES;
		unsigned labels = name_labels(name);
		filter_put(table, name);
		if (labels > 2)
			filter_put(table, name_skip(name, labels - 2));
		table->has_tops |= labels == 1;
		table->has_root |= labels == 0;
		offset += entry_size(name_size(name));
	}
	uint8_t *fitting = realloc(table->entries, table->used + LIMIT_NAME_BYTES);
	if (fitting) {
		table->entries = fitting;
		table->room = table->used + LIMIT_NAME_BYTES;
	}
	return 0;
}

/* ---- reading ---- */

int name_table_each(const struct name_table *table,
	int (*see)(void *ctx, const uint8_t *name, const struct name_value *value), void *ctx)
{
	int stop = 0;
	for (size_t offset = 0; offset < table->used && !stop;) {
		const uint8_t *name = table->entries + offset + VALUE_BYTES;
		struct name_value value;
		get_value(table->entries + offset, &value);
		stop = see(ctx, name, &value);
		offset += entry_size(name_size(name));
	}
	return stop;
}

void name_table_prefetch(const struct name_table *table, const struct name_folded *name)
{
	if (table && table->filter)
		__builtin_prefetch(filter_word(table, name->top_hash));
}

bool name_table_may_hold(const struct name_table *table, const struct name_folded *name)
{
	if (!table || table->count == 0)
		return false;
	if (table->has_root || (name->labels >= 2 && filter_has(table, name->top_hash)))
		return true;
	if (!table->has_tops || name->labels == 0)
		return false;
	unsigned top = name->at[name->labels - 1];
	return filter_has(table, siphash(&table->key, name->bytes + top, name->size - top));
}

bool name_table_find(const struct name_table *table, const struct name_folded *name, unsigned skip,
	struct name_value *ret_value)
{
	const uint8_t *suffix = name->bytes + name->at[skip];
	size_t size = name->size - name->at[skip];
	uint64_t hash =
		name->labels - skip == 2 ? name->top_hash : siphash(&table->key, suffix, size);
	if (!filter_has(table, hash))
		return false;
	uint32_t slot = *find_slot(table, suffix, size, hash);
	if (slot)
		get_value(table->entries + offset_of(slot), ret_value);
	return slot != 0;
}
