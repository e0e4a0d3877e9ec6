/* SPDX-License-Identifier: MIT */
/*
 * Master files of any bytes. Records that come out have rdata in order and can be printed. Under
 * the address sanitizer this also finds text that makes ldns leak (see master_types.c). The text is
 * read once more with $INCLUDE, which finds the end of the same text; files never go deeper than
 * they may.
 */
#include <string.h>

#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

#define FILES   16  /* opened for one input */
#define RECORDS 512 /* taken of one input with its files */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct files {
	struct arena arena;
	const char *text;
	size_t size;
	unsigned depth, opened, records;
};

static int examine(void *ctx, const struct rrset *set)
{
	struct files *files = ctx;
	rw_require(set->count == 1 && set->ttl <= INT32_MAX);
	rw_require(precheck_rdata(set->type, set->records[0].bytes, set->records[0].size) == 0);
	const char *text = text_rdata(&files->arena, set->type, &set->records[0]);
	for (; text && *text; text++)
		rw_require(*text >= 0x20 && *text < 0x7f);
	return ++files->records > RECORDS ? RW_ELIMIT : 0;
}

static int take(void *ctx, int line, const struct rrset *set)
{
	struct files *files = ctx;
	rw_require(line > 0);
	int err = examine(files, set);
	arena_clear(&files->arena);
	return err;
}

static int pass_over(void *ctx, const struct text_fault *fault)
{
	(void)ctx;
	rw_require(fault->line > 0 && fault->err < 0 && fault->why && *fault->why);
	if (fault->word)
		(void)strlen(fault->word);
	return 0;
}

static int include(void *ctx, int line, const char *file, const char **ret_bytes, size_t *ret_size,
	const char **ret_why)
{
	struct files *files = ctx;
	rw_require(line > 0 && *file);
	*ret_why = "is refused";
	if (files->opened++ == FILES)
		return RW_EINVAL;
	rw_require(++files->depth <= LIMIT_INCLUDE_DEPTH);
	size_t skip = (uint8_t)*file % (files->size + 1);
	*ret_bytes = files->text + skip;
	*ret_size = files->size - skip;
	return 0;
}

static void included(void *ctx)
{
	struct files *files = ctx;
	rw_require(files->depth-- > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct files files = {.text = (const char *)data, .size = size};
	const struct text_reader reader = {.add = take,
		.fault = pass_over,
		.include = include,
		.included = included,
		.ctx = &files};
	int line = 0;
	arena_init(&files.arena, 8 << 20);
	if (text_read(&files.arena, files.text, size, NULL, examine, &files, &line))
		rw_require(line > 0);
	arena_clear(&files.arena);
	files.records = 0;
	int err = text_read_lines(&files.arena, files.text, size, NULL, &reader);
	rw_require(err == 0 || err == RW_ELIMIT || err == RW_ENOMEM);
	rw_require(files.depth == 0);
	arena_release(&files.arena);
	return 0;
}
