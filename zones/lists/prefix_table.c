/* SPDX-License-Identifier: MIT */
/* Prefixes sorted by length, then by address: one binary search for each length that occurs. */
#include "zones/lists/prefix_table.h"

#include <stdlib.h>
#include <string.h>

#define V4_BITS 96 /* in front of an IPv4 address in IPv6 form */

static void widen(const struct addr *addr, uint8_t ret_ip[16])
{
	if (addr->family == ADDR_V6) {
		memcpy(ret_ip, addr->ip, 16);
		return;
	}
	memset(ret_ip, 0, 10);
	ret_ip[10] = ret_ip[11] = 0xff;
	memcpy(ret_ip + 12, addr->ip, 4);
}

int prefix_table_add(
	struct prefix_table *table, const struct prefix *prefix, uint8_t kind, uint32_t number)
{
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 16;
		struct prefix_entry *items = realloc(table->items, room * sizeof(*items));
		if (!items)
			return RW_ENOMEM;
		table->items = items;
		table->room = room;
	}
	struct prefix_entry *entry = &table->items[table->count++];
	*entry = (struct prefix_entry){.kind = kind, .number = number};
	entry->bits = (uint8_t)(prefix->bits + (prefix->base.family == ADDR_V6 ? 0 : V4_BITS));
	widen(&prefix->base, entry->ip);
	return 0;
}

static int by_length(const void *left, const void *right)
{
	const struct prefix_entry *a = left, *b = right;
	if (a->bits != b->bits)
		return (int)b->bits - (int)a->bits;
	int order = memcmp(a->ip, b->ip, 16);
	if (order != 0)
		return order;
	return a->number < b->number ? -1 : a->number > b->number;
}

void prefix_table_finish(struct prefix_table *table)
{
	size_t kept = 0;
	if (table->count == 0)
		return;
	qsort(table->items, table->count, sizeof(*table->items), by_length);
	for (size_t i = 0; i < table->count; i++) {
		const struct prefix_entry *entry = &table->items[i];
		bool longer = kept == 0 || table->items[kept - 1].bits != entry->bits;
		if (!longer && memcmp(table->items[kept - 1].ip, entry->ip, 16) == 0)
			continue;
		if (longer) {
			table->lengths[table->length_count].bits = entry->bits;
			table->lengths[table->length_count++].first = kept;
		}
		table->items[kept++] = *entry;
		table->lengths[table->length_count - 1].end = kept;
	}
	table->count = kept;
}

void prefix_table_release(struct prefix_table *table)
{
	free(table->items);
	memset(table, 0, sizeof(*table));
}

static void mask(uint8_t ip[16], unsigned bits)
{
	for (unsigned i = bits / 8; i < 16; i++)
		ip[i] = i == bits / 8 && bits % 8 ? (uint8_t)(ip[i] & 0xff << (8 - bits % 8)) : 0;
}

static const struct prefix_entry *search(
	const struct prefix_table *table, size_t first, size_t end, const uint8_t ip[16])
{
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		int order = memcmp(ip, table->items[middle].ip, 16);
		if (order == 0)
			return &table->items[middle];
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	return NULL;
}

const struct prefix_entry *prefix_table_find(
	const struct prefix_table *table, const struct addr *addr)
{
	uint8_t ip[16];
	widen(addr, ip);
	/* Prefixes get shorter, so that bits once cleared stay so. */
	for (size_t i = 0; i < table->length_count; i++) {
		if (addr->family != ADDR_V6 && table->lengths[i].bits < V4_BITS)
			break;
		mask(ip, table->lengths[i].bits);
		const struct prefix_entry *found =
			search(table, table->lengths[i].first, table->lengths[i].end, ip);
		if (found)
			return found;
	}
	return NULL;
}
