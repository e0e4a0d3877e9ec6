/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a file of names (zone, hosts, leases, block list), as values: the file, the
 * line, and a sentence with the remedy. The reader of a file collects them; the daemon logs them,
 * `rootwalkd --check` prints them. The first LIMIT_FILE_FAULTS are kept, all are counted.
 */
#ifndef RW_ZONES_FAULT_H
#define RW_ZONES_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "resolver/base/limits.h"
#include "resolver/base/rw.h"

#define FAULT_MESSAGE 256 /* bytes of one message, with the final NUL */
#define FAULT_FILE    256 /* bytes kept of a file's name, its end where it is longer */

struct fault {
	char file[FAULT_FILE];
	unsigned line; /* from 1; 0: the file as a whole */
	bool warning;  /* tolerated: the file is used all the same */
	char message[FAULT_MESSAGE];
};

/* Zeroed at first; owns nothing. */
struct fault_list {
	size_t count, errors; /* all; of these, how many are no warnings */
	struct fault items[LIMIT_FILE_FAULTS];
};

/* `list` may be NULL. Text from files is escaped by the caller (name_text). */
void fault_error(struct fault_list *list, const char *file, unsigned line, const char *format, ...)
	RW_PRINTF(4, 5);
void fault_warning(struct fault_list *list, const char *file, unsigned line, const char *format,
	...) RW_PRINTF(4, 5);

/*
 * Reads what the descriptor of a file has, and closes it; without the mark that some editors put
 * before UTF-8 text. The rest is as for fault_read_file. RW_ESYSTEM with errno, RW_ELIMIT,
 * RW_ENOMEM.
 */
int fault_read_open(int fd, size_t limit, char **ret_bytes, size_t *ret_size) RW_MUSTCHECK;

/* Reads a whole file of at most `limit` bytes into fresh memory, with a NUL behind it, free() it.
 * RW_EINVAL with a fault (cannot be read, or its size and the limit), RW_ENOMEM. */
int fault_read_file(const char *path, size_t limit, struct fault_list *faults, char **ret_bytes,
	size_t *ret_size) RW_MUSTCHECK;

#endif
