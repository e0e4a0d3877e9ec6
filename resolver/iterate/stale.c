/* SPDX-License-Identifier: MIT */
/* Which expired data is worth telling. */
#include "resolver/iterate/stale.h"

#include "resolver/wire/edns.h"

static bool is_worth_telling(const struct answer *answer)
{
	return answer->outcome == ANSWER_POSITIVE || answer->outcome == ANSWER_NODATA ||
	       answer->outcome == ANSWER_NXDOMAIN || answer->outcome == ANSWER_TOO_LONG;
}

int stale_answer(
	const struct localdata_query *query, const struct question *question, struct answer *answer)
{
	struct localdata_query of_stale = *query;
	answer_begin(answer, question);
	if (!query->settings->cache.serve_stale)
		return RW_ENOTFOUND;
	of_stale.mode = CACHE_STALE_TOO;
	int err = localdata_answer(&of_stale, answer);
	if (err)
		return err;
	if (!is_worth_telling(answer))
		return RW_ENOTFOUND;
	if (answer->stale)
		answer->ede =
			answer->outcome == ANSWER_NXDOMAIN ? EDE_STALE_NXDOMAIN : EDE_STALE_ANSWER;
	return 0;
}
