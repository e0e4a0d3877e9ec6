/* SPDX-License-Identifier: MIT */
/* Names of the error codes, and what a failed assertion does. */
#include "resolver/base/rw.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_ulong check_failures;
static const char *_Atomic last_failure = "";

const char *rw_strerror(int err)
{
	switch ((enum rw_err)err) {
	case RW_OK:
		return "success";
	case RW_ENOMEM:
		return "out of memory";
	case RW_EMALFORMED:
		return "malformed";
	case RW_ELIMIT:
		return "limit reached";
	case RW_ENOTFOUND:
		return "not found";
	case RW_ENOSPACE:
		return "no space left in the output";
	case RW_ESYSTEM:
		return "system error";
	case RW_EINVAL:
		return "invalid value";
	case RW_EBUSY:
		return "busy";
	}
	return "unknown error";
}

_Noreturn void rw_assert_fail(const char *cond, const char *file, int line)
{
	fprintf(stderr, "rootwalk: bug: requirement \"%s\" failed at %s:%d\n", cond, file, line);
	abort();
}

int rw_check_fail(const char *what)
{
	atomic_store(&last_failure, what);
	/* One line for the first failure only: a packet must not be able to fill the log. */
	if (atomic_fetch_add(&check_failures, 1) == 0)
		fprintf(stderr, "rootwalk: check failed: %s\n", what);
	return 0;
}

unsigned long rw_check_failures(const char **ret_last)
{
	unsigned long count = atomic_load(&check_failures);
	*ret_last = atomic_load(&last_failure);
	return count;
}
