/* SPDX-License-Identifier: MIT */
/* A table of hashes, one to a slot; the lowest bit says that the question was heard. */
#include "resolver/engine/echo.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "resolver/base/siphash.h"
#include "resolver/wire/name.h"

#define ECHO_SLOTS 4096 /* a power of two */
#define HEARD      1u

struct echo_board {
	struct siphash_key key;
	_Atomic uint64_t slots[ECHO_SLOTS];
};

int echo_board_new(const struct env *env, struct echo_board **ret_board)
{
	struct echo_board *board = calloc(1, sizeof(*board));
	if (!board)
		return RW_ENOMEM;
	env->random(env->ctx, &board->key, sizeof(board->key));
	*ret_board = board;
	return 0;
}

void echo_board_free(struct echo_board *board)
{
	free(board);
}

static bool has_random_letters(const uint8_t *name, size_t size, unsigned least)
{
	unsigned small = 0, large = 0;
	for (size_t i = 0; i < size; i++) {
		small += name[i] >= 'a' && name[i] <= 'z';
		large += name[i] >= 'A' && name[i] <= 'Z';
	}
	return small > 0 && large > 0 && small + large >= least;
}

uint64_t echo_of(const struct echo_board *board, const uint8_t *name, unsigned least)
{
	size_t size = name_size(name);
	if (!has_random_letters(name, size, least))
		return 0;
	return siphash(&board->key, name, size) & ~(uint64_t)HEARD;
}

static _Atomic uint64_t *slot_of(struct echo_board *board, uint64_t echo)
{
	return &board->slots[echo >> 1 & (ECHO_SLOTS - 1)];
}

void echo_post(struct echo_board *board, uint64_t echo)
{
	atomic_store(slot_of(board, echo), echo);
}

bool echo_hear(struct echo_board *board, uint64_t echo)
{
	uint64_t posted = echo;
	return echo != 0 &&
	       (atomic_compare_exchange_strong(slot_of(board, echo), &posted, echo | HEARD) ||
		       posted == (echo | HEARD));
}

bool echo_end(struct echo_board *board, uint64_t echo)
{
	uint64_t posted = echo, heard = echo | HEARD;
	if (atomic_compare_exchange_strong(slot_of(board, echo), &posted, 0))
		return false;
	return atomic_compare_exchange_strong(slot_of(board, echo), &heard, 0);
}
