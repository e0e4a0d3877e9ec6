/* SPDX-License-Identifier: MIT */
/* Block lists and policy zones of a text: lines of its head, gathered into files. */
#ifndef RW_TEST_SETUP_POLICY_H
#define RW_TEST_SETUP_POLICY_H

#include "tests/scenario/setup.h"

/* Each takes the value of a key and returns what is wrong with it, or NULL. */
const char *setup_block_line(struct setup *setup, const char *line);
const char *setup_block_allow(struct setup *setup, const char *name);
const char *setup_block_answer(struct setup *setup, const char *word);
/* "ZONE RECORD": a line of that zone's master file; SOA and NS are made. */
const char *setup_rpz(struct setup *setup, const char *value);

/* Removes the files. */
void setup_policy_release(struct setup *setup);

#endif
