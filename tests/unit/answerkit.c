/* SPDX-License-Identifier: MIT */
/* Results that a walk may have. */
#include "tests/unit/answerkit.h"

struct machine_result kit_positive(const struct rrset *set)
{
	const struct question question = {set->owner, set->type, set->class};
	struct machine_result result = {.dns64_a = NULL};
	answer_begin(&result.answer, &question);
	answer_end(&result.answer, set, &provenance_local);
	return result;
}
