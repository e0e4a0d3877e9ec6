/* SPDX-License-Identifier: MIT */
/* What the writer of an unknown key may have meant. */
#include "resolver/config/inner.h"

#include <string.h>

/* Insertions, deletions and replacements between two short words (Wagner and Fischer). */
static size_t edits_between(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t row[CONFIG_PATH + 1];
	for (size_t j = 0; j <= b_size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			size_t replaced = corner + (a[i - 1] != b[j - 1]);
			corner = row[j];
			row[j] = RW_MIN(replaced, RW_MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[b_size];
}

/* The part of the path behind `prefix` that a key at that level has; 0 bytes when it has none. */
static size_t key_at(const char *path, const char *prefix, const char **ret_key)
{
	size_t length = strlen(prefix);
	if (strncmp(path, prefix, length) != 0)
		return 0;
	*ret_key = path + length;
	return strcspn(*ret_key, ".[");
}

static const char *last_key(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot ? dot + 1 : path;
}

/* A key of another section: how to get there. */
static void elsewhere(const char *prefix, const char *key, char buf[CONFIG_MESSAGE])
{
	for (size_t i = 0; i < config_table_size; i++) {
		const char *path = config_table[i].path;
		size_t section = (size_t)(last_key(path) - path);
		if (strcmp(path, key) == 0 && section > 0 && !strchr(path, '['))
			(void)snprintf(buf, CONFIG_MESSAGE, ": write \"%s:\" inside \"%.*s:\"",
				last_key(path), (int)section - 1, path);
		else if (strcmp(last_key(path), key) == 0 && section > 0 && !strchr(path, '['))
			(void)snprintf(buf, CONFIG_MESSAGE, ": it belongs inside \"%.*s:\"",
				(int)section - 1, path);
		else if (strcmp(path, key) == 0 && prefix[0] != '\0')
			(void)snprintf(buf, CONFIG_MESSAGE, ": it belongs to the top level");
		else
			continue;
		return;
	}
}

const char *config_suggest(const char *prefix, const char *key, char buf[CONFIG_MESSAGE])
{
	size_t size = strlen(key);
	size_t best = RW_MAX(size / 3, (size_t)2) + 1;
	buf[0] = '\0';
	if (size >= CONFIG_PATH)
		return buf;
	elsewhere(prefix, key, buf);
	for (size_t i = 0; i < config_table_size && buf[0] != ':'; i++) {
		const char *candidate;
		size_t length = key_at(config_table[i].path, prefix, &candidate);
		if (length == 0)
			continue;
		size_t found = edits_between(key, size, candidate, length);
		if (found >= best || found >= length)
			continue;
		best = found;
		(void)snprintf(
			buf, CONFIG_MESSAGE, " (did you mean \"%.*s\"?)", (int)length, candidate);
	}
	return buf;
}
