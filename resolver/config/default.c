/* SPDX-License-Identifier: MIT */
/* Defaults: the fallback text of every absent key, typed by the parsers the file itself meets. */
#include "resolver/config/inner.h"

#include <stdlib.h>
#include <string.h>

/* The next quoted word of a list; NULL at its end. */
static const char *next_word(const char *text, char word[YAML_SHOWN])
{
	const char *start = strchr(text, '"');
	if (!start)
		return NULL;
	const char *end = strchr(start + 1, '"');
	rw_require(end && end - start < YAML_SHOWN);
	memcpy(word, start + 1, (size_t)(end - start - 1));
	word[end - start - 1] = '\0';
	return end + 1;
}

static int fallback_list(const struct config_option *option, struct config_list *ret_list)
{
	char word[YAML_SHOWN];
	struct config_value value = {.option = option, .text = word};
	size_t count = 0, size = config_type_size(option->type);
	for (const char *at = option->fallback; (at = next_word(at, word));)
		count++;
	char *items = calloc(RW_MAX(count, (size_t)1), size);
	if (!items)
		return RW_ENOMEM;
	const char *at = option->fallback;
	for (size_t i = 0; i < count; i++) {
		at = next_word(at, word);
		/* The table is ours; a default that does not parse is a bug. */
		rw_require(config_value_parse(&value, items + i * size) == 0);
	}
	*ret_list = (struct config_list){items, count};
	return 0;
}

static int fallback_one(const struct config_option *option, void *base)
{
	char *slot = (char *)base + option->offset;
	if (option->fallback[0] == '(')
		return 0;
	if (option->list) {
		struct config_list list;
		int err = fallback_list(option, &list);
		if (err == 0)
			memcpy(slot, &list, sizeof(list));
		return err;
	}
	struct config_value value = {.option = option, .text = option->fallback};
	rw_require(config_value_parse(&value, slot) == 0);
	return 0;
}

int config_fallbacks(
	const char *prefix, void *base, const struct yaml_node *const at[CONFIG_TABLE_MAX])
{
	size_t length = strlen(prefix);
	for (size_t i = 0; i < config_table_size; i++) {
		const char *path = config_table[i].path;
		bool ours = strncmp(path, prefix, length) == 0 && !strchr(path + length, '[');
		if (!ours || at[i])
			continue;
		int err = fallback_one(&config_table[i], base);
		if (err)
			return err;
	}
	return 0;
}

int config_default(struct settings *ret_settings)
{
	const struct yaml_node *const nothing[CONFIG_TABLE_MAX] = {NULL};
	struct settings settings;
	settings_default(&settings);
	int err = config_fallbacks("", &settings, nothing);
	if (err) {
		settings_release(&settings);
		return err;
	}
	*ret_settings = settings;
	return 0;
}
