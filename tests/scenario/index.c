/* SPDX-License-Identifier: MIT */
/* Reading INDEX.tsv: small, and read anew for each text. */
#include "tests/scenario/index.h"

#include <stdio.h>
#include <string.h>

#define INDEX_PATH 4096

static const char *field(char **cursor)
{
	char *text = strsep(cursor, "\t\n");
	return text ? text : "";
}

static bool read_row(char *line, const char *name, struct index_row *ret_row)
{
	char *cursor = line;
	if (strcmp(field(&cursor), name) != 0)
		return false;
	field(&cursor);
	const char *modes = field(&cursor);
	field(&cursor);
	const char *validator = field(&cursor);
	*ret_row = (struct index_row){
		.found = true,
		.on = strstr(modes, "on") != NULL,
		.off = strstr(modes, "off") != NULL,
		.needs_validator = strncmp(validator, "yes", 3) == 0,
	};
	return ret_row->on || ret_row->off;
}

static bool search(const char *folder, int length, const char *name, struct index_row *ret_row)
{
	char path[INDEX_PATH], line[1024];
	if (snprintf(path, sizeof(path), "%.*sINDEX.tsv", length, folder) >= (int)sizeof(path))
		return false;
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	bool found = false;
	while (!found && fgets(line, sizeof(line), file))
		found = read_row(line, name, ret_row);
	fclose(file);
	return found;
}

void index_find(const char *text_path, struct index_row *ret_row)
{
	*ret_row = (struct index_row){0};
	const char *name = strrchr(text_path, '/');
	name = name ? name + 1 : text_path;
	int folder = (int)(name - text_path);
	if (search(text_path, folder, name, ret_row) || folder < 2)
		return;
	int above = folder - 1;
	while (above > 0 && text_path[above - 1] != '/')
		above--;
	search(text_path, above, text_path + above, ret_row);
}
