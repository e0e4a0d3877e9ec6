/* SPDX-License-Identifier: MIT */
/*
 * Loading a configuration: from a file, or from bytes in memory, through the tree to settings.
 * These leave this file only when there is no error.
 */
#include "resolver/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/config/inner.h"

/* The part of a file name before its last slash. */
static void folder_of(const char *name, char ret_folder[CONFIG_FILE])
{
	(void)snprintf(ret_folder, CONFIG_FILE, "%s", name);
	char *slash = strrchr(ret_folder, '/');
	if (!slash)
		(void)snprintf(ret_folder, CONFIG_FILE, ".");
	else
		slash[slash == ret_folder] = '\0';
}

static void take_fault(void *ctx, unsigned line, unsigned column, const char *message)
{
	config_error(ctx, line, column, "%s", message);
}

static int load_source(struct config_source *source, struct settings *settings)
{
	char folder[CONFIG_FILE];
	struct yaml_node *root = NULL;
	struct arena arena;
	const struct yaml_source yaml = {
		.bytes = source->bytes, .size = source->size, .fault = take_fault, .ctx = source};
	if (!yaml_bytes_fit(&yaml))
		return RW_EINVAL;
	folder_of(source->report->name, folder);
	arena_init(&arena, YAML_TREE_BYTES);
	int err = yaml_tree(&yaml, &arena, &root);
	if (err == 0)
		err = config_apply(source, folder, root, settings);
	arena_release(&arena);
	if (err)
		config_error(source, 0, 0, "cannot be loaded: %s", rw_strerror(err));
	config_report_sort(source->report);
	return err ? err : source->report->count ? RW_EINVAL : 0;
}

int config_load_bytes(const char *name, const char *bytes, size_t size,
	struct settings *ret_settings, struct config_report *ret_report)
{
	/* Some editors put this mark before UTF-8. */
	size_t mark = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct config_source source = {
		.bytes = bytes + mark, .size = size - mark, .report = ret_report};
	struct settings settings;
	config_report_start(ret_report, name);
	settings_default(&settings);
	int err = load_source(&source, &settings);
	if (err)
		settings_release(&settings);
	else
		*ret_settings = settings;
	return err;
}

/* Reads at most one byte more than allowed, so that the caller sees that it is too much. */
static int read_all(int fd, char *buffer, size_t *ret_size)
{
	size_t size = 0;
	while (size <= LIMIT_CONFIG_BYTES) {
		ssize_t got = read(fd, buffer + size, LIMIT_CONFIG_BYTES + 1 - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return RW_ESYSTEM;
		if (got == 0)
			break;
		size += (size_t)got;
	}
	*ret_size = size;
	return 0;
}

static const char *open_remedy(int error)
{
	switch (error) {
	case ENOENT:
		return ": check the name, or create it; an empty file means all defaults";
	case EISDIR:
		return ": name a file in it";
	case EACCES:
	case EPERM:
		return ": let the user that runs this read it";
	default:
		return "";
	}
}

/* Opens a file that is no folder; sets errno. */
static int open_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &status) || !S_ISDIR(status.st_mode))
		return fd;
	(void)close(fd);
	errno = EISDIR;
	return -1;
}

int config_load(const char *path, struct settings *ret_settings, struct config_report *ret_report)
{
	struct config_source nothing = {.report = ret_report};
	size_t size = 0;
	config_report_start(ret_report, path);
	char *buffer = malloc(LIMIT_CONFIG_BYTES + 1);
	if (!buffer) {
		config_error(&nothing, 0, 0, "cannot be loaded: %s", rw_strerror(RW_ENOMEM));
		return RW_ENOMEM;
	}
	int fd = open_file(path);
	int err = fd < 0 ? RW_ESYSTEM : read_all(fd, buffer, &size);
	if (err)
		config_error(&nothing, 0, 0, "cannot be read: %s%s", strerror(errno),
			open_remedy(errno));
	else
		err = config_load_bytes(path, buffer, size, ret_settings, ret_report);
	if (fd >= 0)
		(void)close(fd);
	free(buffer);
	return err;
}

size_t config_check(const char *path, FILE *out)
{
	struct config_report *report = malloc(sizeof(*report));
	struct settings settings;
	if (!report) {
		fprintf(out, "%s: cannot be checked: %s\n", path, rw_strerror(RW_ENOMEM));
		return 1;
	}
	if (config_load(path, &settings, report) == 0)
		settings_release(&settings);
	config_report_print(report, out);
	size_t count = report->count;
	free(report);
	return count;
}
