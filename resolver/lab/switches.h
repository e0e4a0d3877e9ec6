/* SPDX-License-Identifier: MIT */
/*
 * Faults of one server of the lab as switches: words such as `silent` or `slow=800ms`, thrown in
 * the scenario or while the lab runs. The table in switches.c says what each of them does, and help
 * and rootwalk-lab(1) repeat it; the code is in answer.h (what a reply holds) and ports.h (when and
 * whence it goes).
 */
#ifndef RW_LAB_SWITCHES_H
#define RW_LAB_SWITCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/limits.h"
#include "resolver/base/rw.h"

#define SWITCH_VALUE   128 /* bytes of a value, with the final NUL */
#define SWITCH_MESSAGE 256

enum switch_id {
	SWITCH_SILENT,
	SWITCH_SLOW,  /* ms */
	SWITCH_LOSSY, /* percent */
	SWITCH_LAME,
	SWITCH_REFUSED,
	SWITCH_SERVFAIL,
	SWITCH_TRUNCATING,
	SWITCH_STALE,
	SWITCH_NOTIFY_LESS,
	SWITCH_WRONG, /* an address */
	SWITCH_SPOOF, /* a record */
	SWITCH_WRONG_PORT,
	SWITCH_COUNT,
};

/* Zeroed: none is thrown. */
struct switches {
	bool on[SWITCH_COUNT];
	uint32_t number[SWITCH_COUNT];          /* of slow and lossy */
	char value[SWITCH_COUNT][SWITCH_VALUE]; /* of wrong and spoof, as text */
};

/* "slow=800ms"; a switch that has a value of its own needs none. RW_EINVAL: `ret_message`. */
int switches_set(
	struct switches *switches, const char *text, char ret_message[SWITCH_MESSAGE]) RW_MUSTCHECK;

/* The switch of that name (a value behind it does not count) goes off. RW_EINVAL as above. */
int switches_clear(
	struct switches *switches, const char *text, char ret_message[SWITCH_MESSAGE]) RW_MUSTCHECK;

/* The thrown ones, as switches_set takes them, with a blank between; "" when there are none. */
void switches_text(const struct switches *switches, char *out, size_t size);

/* Each switch, its value's form and what it does, a line each, for --help. */
void switches_help(void (*line)(void *ctx, const char *word, const char *meaning), void *ctx);

#endif
