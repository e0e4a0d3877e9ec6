/* SPDX-License-Identifier: MIT */
/* Edit distance with neighbouring letters swapped counted as one slip. */
#include "resolver/client/dig/nearest.h"

#include <stddef.h>
#include <string.h>

#include "resolver/base/rw.h"

#define WORD_MAX 32 /* letters; longer words have no neighbours */

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

static unsigned slips_between(const char *a, const char *b)
{
	size_t rows = strlen(a), columns = strlen(b);
	unsigned cost[WORD_MAX + 1][WORD_MAX + 1];
	if (rows > WORD_MAX || columns > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= rows; i++)
		for (size_t j = 0; j <= columns; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = (unsigned)(i + j);
				continue;
			}
			unsigned swap = a[i - 1] != b[j - 1];
			cost[i][j] = smallest(
				cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + swap);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = RW_MIN(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	return cost[rows][columns];
}

const char *nearest_word(const char *text, const char *(*word)(unsigned index))
{
	const char *best = NULL;
	unsigned limit = strlen(text) < 4 ? 1 : 2, least = limit + 1;
	for (unsigned i = 0; word(i); i++) {
		unsigned steps = slips_between(text, word(i));
		if (steps < least) {
			least = steps;
			best = word(i);
		}
	}
	return best;
}
