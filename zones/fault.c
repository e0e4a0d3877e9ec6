/* SPDX-License-Identifier: MIT */
/* Collecting faults, and reading files within a bound. */
#include "zones/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static RW_PRINTF(5, 0) void add(struct fault_list *list, bool warning, const char *file,
	unsigned line, const char *format, va_list arguments)
{
	if (!list)
		return;
	if (!warning)
		list->errors++;
	if (list->count++ >= LIMIT_FILE_FAULTS)
		return;
	struct fault *fault = &list->items[list->count - 1];
	size_t length = strlen(file);
	if (length < FAULT_FILE)
		memcpy(fault->file, file, length + 1);
	else
		(void)snprintf(fault->file, FAULT_FILE, "...%s", file + length - (FAULT_FILE - 4));
	fault->line = line;
	fault->warning = warning;
	(void)vsnprintf(fault->message, FAULT_MESSAGE, format, arguments);
}

void fault_error(struct fault_list *list, const char *file, unsigned line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(list, false, file, line, format, arguments);
	va_end(arguments);
}

void fault_warning(
	struct fault_list *list, const char *file, unsigned line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(list, true, file, line, format, arguments);
	va_end(arguments);
}

/* Room doubles as the file turns out to be longer: a size asked for first may be another's soon. */
static int read_all(FILE *file, size_t limit, char **ret_bytes, size_t *ret_size)
{
	size_t room = RW_MIN(limit + 2, (size_t)65536), used = 0;
	char *bytes = malloc(room);
	if (!bytes)
		return RW_ENOMEM;
	for (size_t got; (got = fread(bytes + used, 1, room - used - 1, file)) > 0;) {
		used += got;
		if (used > limit) {
			free(bytes);
			return RW_ELIMIT;
		}
		if (used + 1 < room)
			continue;
		room = RW_MIN(limit + 2, 2 * room);
		char *larger = realloc(bytes, room);
		if (!larger) {
			free(bytes);
			return RW_ENOMEM;
		}
		bytes = larger;
	}
	if (ferror(file)) {
		free(bytes);
		return RW_ESYSTEM;
	}
	bytes[used] = '\0';
	*ret_bytes = bytes;
	*ret_size = used;
	return 0;
}

static void drop_mark(char *bytes, size_t *size)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t length = sizeof(mark) - 1;
	if (*size < length || memcmp(bytes, mark, length) != 0)
		return;
	*size -= length;
	memmove(bytes, bytes + length, *size + 1);
}

int fault_read_open(int fd, size_t limit, char **ret_bytes, size_t *ret_size)
{
	struct stat status;
	int err = RW_ESYSTEM;
	bool known = fstat(fd, &status) == 0, regular = known && S_ISREG(status.st_mode);
	FILE *file = regular ? fdopen(fd, "r") : NULL;
	if (file) {
		err = read_all(file, limit, ret_bytes, ret_size);
		int saved = errno;
		(void)fclose(file);
		errno = saved;
	} else {
		(void)close(fd);
		if (known && !regular)
			errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
	}
	if (!err)
		drop_mark(*ret_bytes, ret_size);
	return err;
}

int fault_read_file(const char *path, size_t limit, struct fault_list *faults, char **ret_bytes,
	size_t *ret_size)
{
	/* Nobody may make us wait at the other end of a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int err = fd < 0 ? RW_ESYSTEM : fault_read_open(fd, limit, ret_bytes, ret_size);
	if (err == RW_ESYSTEM) {
		fault_error(faults, path, 0, "cannot be read: %s", strerror(errno));
		return RW_EINVAL;
	}
	if (err == RW_ELIMIT) {
		fault_error(faults, path, 0, "is larger than %zu bytes, which is the limit", limit);
		return RW_EINVAL;
	}
	return err;
}
