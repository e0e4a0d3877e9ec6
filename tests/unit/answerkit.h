/* SPDX-License-Identifier: MIT */
/* Answers by hand. */
#ifndef TESTS_UNIT_ANSWERKIT_H
#define TESTS_UNIT_ANSWERKIT_H

#include "resolver/iterate/walk.h"

/* The walk of a question for the set has found just that. The set is borrowed. */
struct machine_result kit_positive(const struct rrset *set);

#endif
