/* SPDX-License-Identifier: MIT */
/*
 * Domain names in wire form (RFC 1035 section 3.1): length-prefixed labels up to and including the
 * root's empty label, never compressed. A `const uint8_t *` name is valid by construction: it came
 * out of precheck and msg_parse, out of name_from_text, or was built here. Comparison ignores the
 * case of ASCII letters (RFC 4343); the bytes keep the case they came with.
 */
#ifndef RW_WIRE_NAME_H
#define RW_WIRE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/arena.h"
#include "resolver/base/limits.h"
#include "resolver/base/rw.h"
#include "resolver/base/siphash.h"

/* Room for one name; `bytes` is the name. */
struct name {
	uint8_t bytes[LIMIT_NAME_BYTES];
};

extern const uint8_t name_root[1];

/* Bytes of the name, the root label included: 1..255. */
size_t name_size(const uint8_t *name);

/* Labels without the root's: 0 for ".", 2 for "example.com.". */
unsigned name_labels(const uint8_t *name);

static inline bool name_is_root(const uint8_t *name)
{
	return name[0] == 0;
}

/* The name without its first label; the root stays the root. Points into `name`. */
static inline const uint8_t *name_parent(const uint8_t *name)
{
	return name[0] ? name + 1 + name[0] : name;
}

/* The name without its first `count` labels. */
const uint8_t *name_skip(const uint8_t *name, unsigned count);

/* The ancestor (or the name itself) that has `labels` labels; the name when it has fewer. */
const uint8_t *name_suffix(const uint8_t *name, unsigned labels);

bool name_equal(const uint8_t *a, const uint8_t *b);

/* Whether `name` is `ancestor` or below it. */
bool name_is_at_or_below(const uint8_t *name, const uint8_t *ancestor);
bool name_is_below(const uint8_t *name, const uint8_t *ancestor);

/* How many labels, counted from the root, both share. */
unsigned name_common_labels(const uint8_t *a, const uint8_t *b);

/* Canonical order, RFC 4034 section 6.1: negative, 0 or positive. */
int name_compare(const uint8_t *a, const uint8_t *b);

bool name_is_wildcard(const uint8_t *name);

/* Copies with letters in lower case; returns the size. `out` holds LIMIT_NAME_BYTES. */
size_t name_lower(const uint8_t *name, uint8_t *out);

/* Keyed hash of the lower-cased name. */
uint64_t name_hash(const uint8_t *name, const struct siphash_key *key);

/* Copies; returns the size. */
size_t name_copy(const uint8_t *name, struct name *ret_copy);

/* NULL when the arena is full. */
const uint8_t *name_dup(const uint8_t *name, struct arena *arena);

/*
 * Replaces the suffix `from` of `name` (which lies below it) by `to`, as a DNAME does (RFC 6672
 * section 2.2). RW_ELIMIT when the result would be longer than LIMIT_NAME_BYTES.
 */
int name_replace_suffix(const uint8_t *name, const uint8_t *from, const uint8_t *to,
	struct name *ret_name) RW_MUSTCHECK;

/*
 * Reads one name from untrusted bytes at `offset` of a message, following compression pointers
 * strictly backwards, at most LIMIT_POINTER_HOPS. `ret_next` (may be NULL) gets the offset behind
 * it. Pass `ret_name` NULL to check only.
 */
int name_read(const uint8_t *wire, size_t size, size_t offset, struct name *ret_name,
	size_t *ret_next) RW_MUSTCHECK;

/* Master-file form (RFC 1035 section 5.1), with or without the final dot; \DDD and \X escapes. */
int name_from_text(const char *text, struct name *ret_name) RW_MUSTCHECK;

/*
 * Escaped presentation form with the final dot: printable ASCII only, so that it may be shown on a
 * terminal and in a log. Returns `buf`.
 */
const char *name_text(const uint8_t *name, char buf[LIMIT_NAME_TEXT]);

#endif
