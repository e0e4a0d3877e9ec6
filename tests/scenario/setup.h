/* SPDX-License-Identifier: MIT */
/*
 * How a text wants the resolver set up: its head's keys as settings, root hints and start time.
 */
#ifndef RW_TEST_SETUP_H
#define RW_TEST_SETUP_H

#include "resolver/base/settings.h"
#include "tests/scenario/rpl.h"
#include "zones/cuts/delegation.h"

#define SETUP_PORT 53 /* where scripted servers listen */

struct setup {
	struct settings settings;
	struct delegation hints; /* no servers when the text forwards everything */
	int64_t wall_s;          /* wall clock at the start */
	bool loopback_servers;   /* loopback addresses may be servers */
	bool needs_validator;    /* there are trust anchors */
	bool expect_fail;        /* of our own texts that prove the comparison */
	bool expect_unsupported; /* the same for the parser */
	const char
		*unsupported; /* a key that the settings cannot express, with its line; or NULL */
};

/* Memory for hints and messages comes out of the text's arena. */
void setup_make(struct rpl *rpl, struct setup *ret_setup);
void setup_release(struct setup *setup);

#endif
