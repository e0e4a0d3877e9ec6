/* SPDX-License-Identifier: MIT */
/*
 * Master files of any bytes. Records that come out have rdata in order and can be printed. Under
 * the address sanitizer this also finds text that makes ldns leak (see master.c).
 */
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int examine(void *ctx, const struct rrset *set)
{
	rw_require(set->count == 1 && set->ttl <= INT32_MAX);
	rw_require(precheck_rdata(set->type, set->records[0].bytes, set->records[0].size) == 0);
	const char *text = text_rdata(ctx, set->type, &set->records[0]);
	for (; text && *text; text++)
		rw_require(*text >= 0x20 && *text < 0x7f);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	int line = 0;
	arena_init(&arena, 8 << 20);
	if (text_read(&arena, (const char *)data, size, NULL, examine, &arena, &line))
		rw_require(line > 0);
	arena_release(&arena);
	return 0;
}
