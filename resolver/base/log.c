/* SPDX-License-Identifier: MIT */
/* Formatting, escaping and rate limit of log lines. */
#include "resolver/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/env.h"
#include "resolver/base/limits.h"

static atomic_int threshold = LOG_INFO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	uint64_t second;
	unsigned lines, dropped;
} kinds[LOG_KIND_MAX];

void log_set_level(enum log_level level)
{
	atomic_store(&threshold, (int)level);
}

static void escape(const char *in, char *out, size_t size)
{
	size_t used = 0;
	for (; *in && used + 5 < size; in++) {
		unsigned char byte = (unsigned char)*in;
		if (byte >= 0x20 && byte < 0x7f)
			out[used++] = (char)byte;
		else
			used += (size_t)snprintf(out + used, size - used, "\\%03u", byte);
	}
	out[used] = '\0';
}

/* Whether this line may be written; `ret_dropped` says how many before it were not. */
static int admit(enum log_kind kind, unsigned *ret_dropped)
{
	uint64_t second = env_mono_ms(env_real()) / 1000;
	if (kinds[kind].second != second) {
		*ret_dropped = kinds[kind].dropped;
		kinds[kind].second = second;
		kinds[kind].lines = kinds[kind].dropped = 0;
	}
	if (kinds[kind].lines < LIMIT_LOG_PER_SECOND) {
		kinds[kind].lines++;
		return 1;
	}
	kinds[kind].dropped++;
	return 0;
}

static void emit(const char *level, const char *text)
{
	char line[LIMIT_LOG_LINE + 32];
	int length = snprintf(line, sizeof(line), "rootwalkd: %s: %s\n", level, text);
	/* A log that cannot be written has nowhere to complain to. */
	ssize_t written = write(STDERR_FILENO, line, (size_t)length);
	(void)written;
}

void log_write(enum log_level level, enum log_kind kind, const char *format, ...)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	if ((int)level > atomic_load(&threshold))
		return;
	char raw[LIMIT_LOG_LINE], text[LIMIT_LOG_LINE];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	escape(raw, text, sizeof(text));
	unsigned dropped = 0;
	(void)pthread_mutex_lock(&lock);
	if (admit(kind, &dropped)) {
		if (dropped > 0) {
			(void)snprintf(
				raw, sizeof(raw), "%u lines like the next were left out", dropped);
			emit("warning", raw);
		}
		emit(names[level], text);
	}
	(void)pthread_mutex_unlock(&lock);
}

void log_check_failures(void)
{
	static atomic_ulong told;
	const char *last;
	unsigned long count = rw_check_failures(&last);
	if (atomic_exchange(&told, count) != count)
		log_error(LOG_CHECK,
			"%lu internal check%s failed so far, the last one: %s; rootwalkd has "
			"recovered, but this is a bug: please report it",
			count, count == 1 ? " has" : "s have", last);
}
