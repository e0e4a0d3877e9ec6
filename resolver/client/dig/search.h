/* SPDX-License-Identifier: MIT */
/*
 * +search: the names a short name may stand for, by the search list of resolv.conf or by +domain.
 * A name with enough dots in it (ndots), or with a final one, stands for itself only, as in dig.
 */
#ifndef RW_CLIENT_DIG_SEARCH_H
#define RW_CLIENT_DIG_SEARCH_H

#include "resolver/client/dig/args.h"

#define SEARCH_DOMAINS 8 /* of a search list; the system's own library took 6 for decades */

struct name_candidates {
	struct name names[SEARCH_DOMAINS + 1]; /* in the order in which they are asked for */
	unsigned count;                        /* at least 1 */
};

/* `path` is that of resolv.conf; one that cannot be read has no list. */
void search_names(const char *path, const struct query *query, struct name_candidates *ret_search);

#endif
