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
	for (size_t i = 0; i < table->file_count; i++)
		free(table->files[i]);
	free(table->files);
	table_included_release(&table->included);
}

static size_t count_files(const struct table_source *source)
{
	size_t count = 0;
	while (count < TABLE_FILES && source->files[count])
		count++;
	return source->list ? source->list_count : count;
}

static const char *file_of(const struct table_source *source, size_t i)
{
	return source->list ? source->list[i] : source->files[i];
}

static int remember(struct table *table, const struct table_source *source)
{
	size_t count = count_files(source);
	table->key = strdup(source->key);
	table->files = calloc(count + 1, sizeof(*table->files));
	bool good = table->key && table->files;
	for (size_t i = 0; i < count && good; i++) {
		table->files[i] = strdup(file_of(source, i));
		good = table->files[i] != NULL;
		table->file_count += good;
	}
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

/* The state of one more file. */
static uint64_t add_stamp(uint64_t stamp, size_t i, const char *file)
{
	/* Nobody gains by a collision but who may write the file anyway. */
	static const struct siphash_key key = {{0x7461626c65000001, 0x7461626c65000002}};
	struct stat status;
	if (stat(file, &status))
		return stamp;
	const uint64_t parts[] = {stamp, i, (uint64_t)status.st_dev, (uint64_t)status.st_ino,
		(uint64_t)status.st_size, (uint64_t)status.st_mtim.tv_sec,
		(uint64_t)status.st_mtim.tv_nsec, (uint64_t)status.st_ctim.tv_sec,
		(uint64_t)status.st_ctim.tv_nsec};
	return siphash(&key, parts, sizeof(parts)) | 1;
}

uint64_t table_stamp(const struct table_source *source)
{
	uint64_t stamp = 0;
	size_t count = count_files(source);
	for (size_t i = 0; i < count; i++)
		stamp = add_stamp(stamp, i, file_of(source, i));
	return stamp;
}

int table_include(struct table_included *included, const char *file)
{
	size_t count = included->count;
	for (size_t i = 0; i < count; i++)
		if (strcmp(included->files[i], file) == 0)
			return 0;
	char **files = realloc(included->files, (count + 1) * sizeof(*files));
	if (!files)
		return RW_ENOMEM;
	included->files = files;
	files[count] = strdup(file);
	if (!files[count])
		return RW_ENOMEM;
	included->stamp = add_stamp(included->stamp, count, file);
	included->count++;
	return 0;
}

void table_included_release(struct table_included *included)
{
	for (size_t i = 0; i < included->count; i++)
		free(included->files[i]);
	free(included->files);
	*included = (struct table_included){0};
}

void table_set_included(struct table *table, struct table_included *included)
{
	table_included_release(&table->included);
	table->included = *included;
	*included = (struct table_included){0};
}

bool table_is_outdated(const struct table *table)
{
	const struct table_source source = {.list = table->files, .list_count = table->file_count};
	const struct table_source included = {
		.list = table->included.files, .list_count = table->included.count};
	return (table->file_count > 0 && table_stamp(&source) != table->stamp) ||
	       (table->included.count > 0 && table_stamp(&included) != table->included.stamp);
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
