/* SPDX-License-Identifier: MIT */
/* Opening what $INCLUDE names: below the folder of the file, of a bounded size, in no circle. */
#include "zones/include.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static struct include_file *top(struct include *include)
{
	return &include->files[include->depth - 1];
}

const char *include_path(const struct include *include)
{
	return include->files[include->depth - 1].path;
}

static int fail(struct include *include, const char **ret_why, const char *why)
{
	(void)snprintf(include->why, sizeof(include->why), "%s", why);
	*ret_why = include->why;
	return RW_EINVAL;
}

static int fail_system(struct include *include, const char **ret_why)
{
	const char *why = strerror(errno);
	if (errno == EXDEV || errno == ELOOP)
		return fail(include, ret_why,
			"leads out of the folder of the file that includes it; put the file below "
			"that folder");
	(void)snprintf(include->why, sizeof(include->why), "cannot be included: %s", why);
	*ret_why = include->why;
	return RW_EINVAL;
}

/* ---- paths ---- */

static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* NULL, or why the name cannot be one of a file below. */
static const char *judge_name(const char *name)
{
	if (*name == '/')
		return "is not below the folder of the file that includes it; write it relative to "
		       "that folder";
	for (const char *at = name; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
			return "has `..` in it; only files below the folder of the file that "
			       "includes them are read";
	}
	return NULL;
}

/* The name beside the file that is being read. NULL: out of memory. */
static char *join(const struct include *include, const char *name)
{
	const char *from = include_path(include);
	size_t folder = folder_length(from), size = strlen(name) + 1;
	char *path = malloc(folder + size);
	if (!path)
		return NULL;
	memcpy(path, from, folder);
	memcpy(path + folder, name, size);
	return path;
}

/* The kernel follows links, but none that leads out of the folder. -1 with errno. */
static int open_below(const struct include *include, const char *name)
{
	const struct open_how how = {.flags = FLAGS, .resolve = RESOLVE_BENEATH};
	const char *from = include_path(include);
	size_t length = folder_length(from);
	char *folder = length > 0 ? strndup(from, length) : strdup(".");
	int above = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	free(folder);
	if (above < 0)
		return -1;
	int fd = (int)syscall(SYS_openat2, above, name, &how, sizeof(how));
	int saved = errno;
	(void)close(above);
	errno = saved;
	return fd;
}

/* ---- files ---- */

/* One of those that are being read draws itself in. */
static bool is_circle(const struct include *include, const struct stat *status)
{
	for (unsigned i = 0; i < include->depth; i++)
		if (include->files[i].device == status->st_dev &&
			include->files[i].inode == status->st_ino)
			return true;
	return false;
}

/* Reads the descriptor, which it closes, into the next place. */
static int read_next(
	struct include *include, int fd, char *path, size_t *ret_size, const char **ret_why)
{
	struct include_file *file = &include->files[include->depth];
	struct stat status;
	bool known = fstat(fd, &status) == 0;
	if (known && is_circle(include, &status)) {
		(void)close(fd);
		return fail(include, ret_why,
			"includes itself; break the circle where one of its files includes "
			"another");
	}
	int err = fault_read_open(fd, include->limit - include->bytes, &file->bytes, ret_size);
	if (err == RW_ESYSTEM)
		return fail_system(include, ret_why);
	if (err == RW_ELIMIT)
		return fail(include, ret_why,
			"makes the zone's files larger together than a zone may be");
	if (err)
		return err;
	file->path = path;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	include->bytes += *ret_size;
	include->depth++;
	return 0;
}

int include_open(struct include *include, const char *name, const char **ret_bytes,
	size_t *ret_size, const char **ret_why)
{
	const char *why = judge_name(name);
	if (!why && include->count++ == LIMIT_INCLUDES)
		why = "is one file more than a zone may include; put some of them together";
	if (why || include->depth == 0 || !rw_check(include->depth < RW_COUNT(include->files)))
		return fail(include, ret_why, why ? why : "cannot be included here");
	char *path = join(include, name);
	int err = !path               ? RW_ENOMEM
		  : include->included ? table_include(include->included, path)
				      : 0;
	int fd = err ? -1 : open_below(include, name);
	if (!err)
		err = fd < 0 ? fail_system(include, ret_why)
			     : read_next(include, fd, path, ret_size, ret_why);
	if (err)
		free(path);
	else
		*ret_bytes = top(include)->bytes;
	return err;
}

void include_close(struct include *include)
{
	struct include_file *file = top(include);
	free(file->path);
	free(file->bytes);
	*file = (struct include_file){0};
	include->depth--;
}

int include_begin(struct include *include, const char *path, size_t limit,
	struct table_included *included, struct fault_list *faults, const char **ret_bytes,
	size_t *ret_size)
{
	struct stat status = {0};
	*include = (struct include){.included = included, .limit = limit};
	int err = fault_read_file(path, limit, faults, &include->files[0].bytes, ret_size);
	if (err)
		return err;
	include->files[0].path = strdup(path);
	include->depth = 1;
	if (!include->files[0].path)
		return RW_ENOMEM;
	(void)stat(path, &status);
	include->files[0].device = status.st_dev;
	include->files[0].inode = status.st_ino;
	include->bytes = *ret_size;
	*ret_bytes = include->files[0].bytes;
	return 0;
}

void include_end(struct include *include)
{
	while (include->depth > 0)
		include_close(include);
}
