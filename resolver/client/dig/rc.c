/* SPDX-License-Identifier: MIT */
/* Reads the rc file into words and gives them to the reader of command lines. */
#include "resolver/client/dig/rc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RC_PATH 4096 /* bytes of its path */

static int find_path(char path[RC_PATH])
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int size = -1;
	if (config && config[0] == '/')
		size = snprintf(path, RC_PATH, "%s/rootwalk/rootwalkrc", config);
	else if (home && home[0] == '/')
		size = snprintf(path, RC_PATH, "%s/.config/rootwalk/rootwalkrc", home);
	return size > 0 && size < RC_PATH ? 0 : RW_ENOTFOUND;
}

static int append_words(struct arena *arena, char *line, char **words, int *count)
{
	char *save = NULL;
	line[strcspn(line, "#\n")] = '\0';
	for (char *word = strtok_r(line, " \t\r", &save); word;
		word = strtok_r(NULL, " \t\r", &save)) {
		if (*count == ARGS_WORDS)
			return RW_ELIMIT;
		words[*count] = arena_dup(arena, word, strlen(word) + 1);
		if (!words[(*count)++])
			return RW_ENOMEM;
	}
	return 0;
}

int rc_read_file(
	struct arena *arena, const char *path, struct args *ret_args, char error[ARGS_ERROR])
{
	char line[ARGS_LINE], *words[ARGS_WORDS];
	struct args args;
	int count = 0, err = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		return RW_ENOTFOUND;
	while (!err && fgets(line, sizeof(line), file))
		err = append_words(arena, line, words, &count);
	(void)fclose(file);
	if (err) {
		(void)snprintf(error, ARGS_ERROR, "the rc file is too long");
		return err;
	}
	err = args_parse(arena, count, words, NULL, &args, error);
	/* Without a name there is one query, the root's. */
	if (!err && (args.count != 1 || strcmp(args.queries[0].text, ".") != 0 || args.batch ||
			    args.input || args.mode != ARGS_RUN)) {
		(void)snprintf(error, ARGS_ERROR, "the rc file may hold options only");
		err = RW_EINVAL;
	}
	if (!err) {
		*ret_args = args;
		ret_args->defaults = args.queries[0];
		ret_args->defaults.text = NULL;
		ret_args->defaults.type = args.defaults.type_given ? args.defaults.type : TYPE_A;
	}
	return err;
}

int rc_read(struct arena *arena, struct args *ret_args, char error[ARGS_ERROR])
{
	char path[RC_PATH];
	int err = find_path(path);
	return err ? err : rc_read_file(arena, path, ret_args, error);
}
