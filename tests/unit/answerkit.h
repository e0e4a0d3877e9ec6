/* SPDX-License-Identifier: MIT */
/* Answers by hand. */
#ifndef TESTS_UNIT_ANSWERKIT_H
#define TESTS_UNIT_ANSWERKIT_H

#include "resolver/iterate/walk.h"

/* The result of a walk that has found just this set. The set is borrowed. */
struct machine_result kit_positive(const struct rrset *set);

#endif
