/* SPDX-License-Identifier: MIT */
/*
 * The common ground: error codes, attributes and the three grades of assertion. Every function
 * that can fail returns 0 or a negative `enum rw_err`, and leaves its `ret_*` outputs untouched
 * when it fails.
 */
#ifndef RW_BASE_RW_H
#define RW_BASE_RW_H

#include <stddef.h>
#include <stdint.h>

enum rw_err {
	RW_OK = 0,
	RW_ENOMEM = -1,     /* memory, or an arena's cap, is used up */
	RW_EMALFORMED = -2, /* bytes or text that break their format */
	RW_ELIMIT = -3,     /* a bound of limits.h was reached */
	RW_ENOTFOUND = -4,  /* nothing there; not a fault */
	RW_ENOSPACE = -5,   /* the output does not fit */
	RW_ESYSTEM = -6,    /* the system refused; errno tells why */
	RW_EINVAL = -7,     /* the caller's or the user's value makes no sense */
	RW_EBUSY = -8,      /* refused now, may work later */
};

/* A short English phrase for an error code; never NULL. */
const char *rw_strerror(int err);

#define RW_MUSTCHECK    __attribute__((warn_unused_result))
#define RW_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define RW_UNUSED       __attribute__((unused))

#define RW_TEXT_OF(word) #word
#define RW_TEXT(macro)   RW_TEXT_OF(macro) /* what the macro stands for, as a literal */

#define RW_COUNT(array)                    (sizeof(array) / sizeof((array)[0]))
#define RW_MIN(a, b)                       ((a) < (b) ? (a) : (b))
#define RW_MAX(a, b)                       ((a) > (b) ? (a) : (b))
#define rw_container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/*
 * require: the program itself is broken; stops it in every build. Never reached by a packet.
 * check:   something that should not happen did; counted, and the caller recovers:
 *          `if (!rw_check(cond)) return RW_EINVAL;`
 * debug:   as require, but only in debug and sanitizer builds (RW_DEBUG).
 */
#define rw_require(cond) ((cond) ? (void)0 : rw_assert_fail(#cond, __FILE__, __LINE__))
#define rw_check(cond)   ((cond) ? 1 : rw_check_fail(#cond " at " __FILE__ ":" RW_TEXT(__LINE__)))
#ifdef RW_DEBUG
#define rw_debug(cond) rw_require(cond)
#else
#define rw_debug(cond) ((void)sizeof(cond))
#endif

_Noreturn void rw_assert_fail(const char *cond, const char *file, int line);

/* Counts the failure and returns 0. `what` is the condition and its place, a string literal. */
int rw_check_fail(const char *what);

/* How many checks have failed in this process so far, and the latest of them; "" while there is
 * none. Safe for several threads. */
unsigned long rw_check_failures(const char **ret_last);

#endif
