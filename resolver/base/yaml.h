/* SPDX-License-Identifier: MIT */
/*
 * A strict subset of YAML as a small bounded tree in which every value is text with its place:
 * what the configuration and the lab's scenarios are read from. Anchors, aliases, tags, merge keys
 * and several documents are refused, each with a remedy. The reader goes on where it can, so that
 * one run shows all faults.
 */
#ifndef RW_BASE_YAML_H
#define RW_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "resolver/base/arena.h"
#include "resolver/base/limits.h"
#include "resolver/base/rw.h"

#define YAML_MESSAGE 320 /* bytes of one message, with the final NUL */

/* The bytes being read, and who is told of faults. */
struct yaml_source {
	const char *bytes;
	size_t size;
	bool blocks; /* text over several lines (|) is taken, with its own indentation removed */
	/* Line and column from 1; line 0: the file as a whole. */
	void (*fault)(void *ctx, unsigned line, unsigned column, const char *message);
	void *ctx;
};

void yaml_fault(const struct yaml_source *source, unsigned line, unsigned column,
	const char *format, ...) RW_PRINTF(4, 5);

enum yaml_kind {
	YAML_TEXT,
	YAML_LIST,
	YAML_MAP,
	YAML_EMPTY,   /* a key without a value */
	YAML_REFUSED, /* reported already; say nothing more about it */
};

struct yaml_node {
	enum yaml_kind kind;
	unsigned line, column;
	const char *text;            /* YAML_TEXT; holds no NUL but the last */
	const struct yaml_node *key; /* of a member of a map */
	struct yaml_node *first, *last, *next;
	size_t count; /* members of a list or map, at most LIMIT_CONFIG_LIST */
};

#define YAML_TREE_BYTES (8u << 20) /* LIMIT_CONFIG_NODES and LIMIT_CONFIG_BYTES of text fit */

/*
 * Reads the whole source into a tree that lives in the arena. `ret_root` gets NULL for an empty
 * file. What could be read is returned beside the faults. RW_ENOMEM only.
 */
int yaml_tree(const struct yaml_source *source, struct arena *arena,
	struct yaml_node **ret_root) RW_MUSTCHECK;

/* Size, encoding, control characters; false, with faults, when yaml_tree should not see this. */
bool yaml_bytes_fit(const struct yaml_source *source);

/*
 * Untrusted text for a message: control characters and broken UTF-8 as '?', cut with "..." where
 * it is longer than the buffer. Returns `buf`.
 */
#define YAML_SHOWN 64
const char *yaml_shown(const char *text, char buf[YAML_SHOWN]);

/* Bytes of the well-formed UTF-8 character at `text`, 0 when it is none. */
size_t yaml_utf8(const char *text, size_t size);

/*
 * Appends the character at `text` to `out`, at most 4 bytes, so that a terminal may see it; adds
 * to `used` and returns the bytes taken.
 */
size_t yaml_show_character(const char *text, size_t size, char *out, size_t *used);

#endif
