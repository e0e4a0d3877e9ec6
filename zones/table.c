/* SPDX-License-Identifier: MIT */
/* Counting the users of tables, and finding tables again. */
#include "zones/table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "resolver/base/siphash.h"

static void forget(struct table *table)
{
	free(table->key);
	for (size_t i = 0; i < TABLE_FILES; i++)
		free(table->files[i]);
}

static int remember(struct table *table, const struct table_source *source)
{
	table->key = strdup(source->key);
	bool good = table->key;
	for (size_t i = 0; i < TABLE_FILES && source->files[i] && good; i++)
		good = (table->files[i] = strdup(source->files[i])) != NULL;
	if (!good)
		forget(table);
	return good ? 0 : RW_ENOMEM;
}

int table_init(struct table *table, void (*free_table)(struct table *table),
	const struct table_source *source)
{
	*table = (struct table){.free = free_table, .stamp = source ? source->stamp : 0};
	atomic_init(&table->users, 1);
	return source ? remember(table, source) : 0;
}

struct table *table_ref(struct table *table)
{
	if (table)
		atomic_fetch_add_explicit(&table->users, 1, memory_order_relaxed);
	return table;
}

void table_unref(struct table *table)
{
	if (!table || atomic_fetch_sub_explicit(&table->users, 1, memory_order_acq_rel) != 1)
		return;
	forget(table);
	table->free(table);
}

uint64_t table_stamp(const char *const files[TABLE_FILES])
{
	/* Nobody gains by a collision but who may write the file anyway. */
	static const struct siphash_key key = {{0x7461626c65000001, 0x7461626c65000002}};
	uint64_t stamp = 0;
	for (size_t i = 0; i < TABLE_FILES && files[i]; i++) {
		struct stat status;
		if (stat(files[i], &status))
			continue;
		const uint64_t parts[] = {stamp, i, (uint64_t)status.st_dev,
			(uint64_t)status.st_ino, (uint64_t)status.st_size,
			(uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec,
			(uint64_t)status.st_ctim.tv_sec, (uint64_t)status.st_ctim.tv_nsec};
		stamp = siphash(&key, parts, sizeof(parts)) | 1;
	}
	return stamp;
}

bool table_is_outdated(const struct table *table)
{
	return table->files[0] && table_stamp((const char *const *)table->files) != table->stamp;
}

int table_list_add(struct table_list *list, struct table *table)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		struct table **items = realloc(list->items, room * sizeof(struct table *));
		if (!items) {
			table_unref(table);
			return RW_ENOMEM;
		}
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = table;
	return 0;
}

void table_list_release(struct table_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		table_unref(list->items[i]);
	free(list->items);
	*list = (struct table_list){0};
}

struct table *table_list_find(const struct table_list *list, const char *key)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i]->key && strcmp(list->items[i]->key, key) == 0)
			return list->items[i];
	return NULL;
}
