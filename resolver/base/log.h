/* SPDX-License-Identifier: MIT */
/*
 * The log: one printable line per event to stderr, rate-limited by kind. Whatever arguments hold,
 * control bytes and bytes above ASCII come out as \DDD, so no name from the network can forge a
 * line or reach a terminal. Used by the engine and above; lower floors return codes and notes.
 * Safe for several threads.
 */
#ifndef RW_BASE_LOG_H
#define RW_BASE_LOG_H

#include "resolver/base/rw.h"
#include "resolver/base/settings.h"

enum log_kind {
	LOG_START,    /* start, stop, reload */
	LOG_CONFIG,   /* faults of files */
	LOG_LISTEN,   /* sockets */
	LOG_QUERY,    /* faults of clients */
	LOG_RESOLVE,  /* faults of servers */
	LOG_RESOURCE, /* memory, descriptors */
	LOG_CHECK,    /* faults of this program */
	LOG_KIND_MAX,
};

void log_set_level(enum log_level level);

/* Lines past LIMIT_LOG_PER_SECOND of a kind are counted, and the count is logged later. */
void log_write(enum log_level level, enum log_kind kind, const char *format, ...) RW_PRINTF(3, 4);

/* Tells how many checks (rw_check) have failed, and which was the last, if any has failed since it
 * was called last. */
void log_check_failures(void);

#define log_error(kind, ...)   log_write(LOG_ERROR, kind, __VA_ARGS__)
#define log_warning(kind, ...) log_write(LOG_WARNING, kind, __VA_ARGS__)
#define log_info(kind, ...)    log_write(LOG_INFO, kind, __VA_ARGS__)
#define log_debug(kind, ...)   log_write(LOG_DEBUG, kind, __VA_ARGS__)

#endif
