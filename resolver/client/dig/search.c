/* SPDX-License-Identifier: MIT */
/* Reads the search list, bounded, and puts its domains behind a name. */
#include "resolver/client/dig/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/client/dig/servers.h"

#define LIST_LINE 1024 /* bytes of one line of resolv.conf */

struct search_list {
	struct name domains[SEARCH_DOMAINS];
	unsigned count;
	uint32_t ndots;
};

static void add_domain(struct search_list *list, const char *text)
{
	if (list->count < SEARCH_DOMAINS && !name_from_text(text, &list->domains[list->count]))
		list->count++;
}

/* The last `search` or `domain` line counts; of `options` only ndots is ours. */
static void read_conf_line(struct search_list *list, char *line)
{
	char *save = NULL, *key = strtok_r(line, " \t\r\n", &save);
	bool domains = key && (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0);
	bool options = key && strcmp(key, "options") == 0;
	if (domains)
		list->count = 0;
	for (char *word = key; word; word = strtok_r(NULL, " \t\r\n", &save)) {
		if (domains && word != key)
			add_domain(list, word);
		if (options && strncmp(word, "ndots:", 6) == 0)
			list->ndots = RW_MIN((uint32_t)strtoul(word + 6, NULL, 10), NDOTS_MAX);
	}
}

static void read_list(const char *path, struct search_list *list)
{
	char line[LIST_LINE];
	size_t total = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	while (total < RESOLV_CONF_BYTES && fgets(line, sizeof(line), file)) {
		total += strlen(line);
		read_conf_line(list, line);
	}
	(void)fclose(file);
}

static bool is_whole(const struct query *query, uint32_t ndots)
{
	uint32_t dots = 0;
	size_t length = query->text ? strlen(query->text) : 0;
	for (size_t i = 0; i < length; i++)
		dots += query->text[i] == '.';
	return query->absolute || length == 0 || query->text[length - 1] == '.' || dots >= ndots;
}

void search_names(const char *path, const struct query *query, struct name_candidates *search)
{
	const struct query_options *o = &query->options;
	struct search_list list = {.ndots = 1};
	search->count = 0;
	if (o->search) {
		read_list(path, &list);
		if (o->domain) {
			list.count = 0;
			add_domain(&list, o->domain);
		}
		if (o->ndots != NDOTS_SYSTEM)
			list.ndots = o->ndots;
	}
	for (unsigned i = 0; o->search && !is_whole(query, list.ndots) && i < list.count; i++) {
		struct name *name = &search->names[search->count];
		if (!name_replace_suffix(query->name.bytes, name_root, list.domains[i].bytes, name))
			search->count++; /* one that would be too long is left out */
	}
	search->names[search->count++] = query->name;
}
