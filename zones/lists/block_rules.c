/* SPDX-License-Identifier: MIT */
/*
 * Rules of adblockers and of dnsmasq in block lists: those that can be decided by the name alone.
 *
 * An adblock rule is a pattern with anchors, where | is the beginning or the end of the name, ||
 * the beginning of a label, and ^ behind a name its end. A pattern that is anchored at both ends is
 * a name, alone or with all below. One that is not stands for names that cannot be listed: it is
 * left out. As an exception it spares the name that it shows and all below, which is the least that
 * it means, for an exception that is left out keeps wanted names blocked.
 */
#include <string.h>

#include "zones/lists/block_inner.h"

/* ---- adblock ---- */

/* Options behind the $: `important`, and `all`, with which a rule is for all that has the name. */
static bool read_options(struct span options, bool is_exception, unsigned *kind)
{
	if (span_is_empty(options))
		return false;
	while (options.at < options.end) {
		const char *comma = memchr(options.at, ',', (size_t)(options.end - options.at));
		const struct span word = {options.at, comma ? comma : options.end};
		if (span_equals(word, "important"))
			*kind |= (*kind & BLOCK_BELOW) * BLOCK_SELF_IMPORTANT;
		else if (is_exception || !span_equals(word, "all"))
			return false;
		options.at = comma ? comma + 1 : options.end;
	}
	return true;
}

/* Cuts the pattern down to its name; 0: its names cannot be listed. */
static unsigned read_pattern(struct span *pattern, bool is_exception)
{
	bool any_label = span_cut_start(pattern, "||");
	bool begins = !any_label && span_cut_start(pattern, "|");
	bool below = !begins && (span_cut_start(pattern, "*.") ||
					(!any_label && span_cut_start(pattern, ".")));
	bool bar = span_cut_end(pattern, "|"), ends = span_cut_end(pattern, "^") || bar;
	if (!is_exception && !(ends && (any_label || begins || below)))
		return 0;
	/* "ads." goes on with any other label. */
	if (span_ends(*pattern, ".") || block_address(*pattern) != BLOCK_NO_ADDRESS)
		return 0;
	return begins ? BLOCK_SELF : below ? BLOCK_UNDER : BLOCK_BELOW;
}

bool block_is_adblock(struct span line)
{
	(void)span_cut_start(&line, "*.");
	return span_starts(line, "@@") || span_has_any(line, "|^/$*#");
}

int block_read_adblock(struct block_reader *r, struct span line)
{
	bool is_exception = span_cut_start(&line, "@@");
	struct block_left_out *left_out = is_exception ? &r->exceptions : &r->rules;
	uint8_t name[LIMIT_NAME_BYTES];
	const char *dollar = memchr(line.at, '$', (size_t)(line.end - line.at));
	struct span pattern = {line.at, dollar ? dollar : line.end};
	unsigned kind = read_pattern(&pattern, is_exception);
	bool is_known =
		!dollar || read_options((struct span){dollar + 1, line.end}, is_exception, &kind);
	if (kind == 0 || !is_known || !block_name(pattern, name)) {
		block_leave_out(r, left_out);
		return 0;
	}
	return block_add_text(r, is_exception ? r->names->allow : r->names->block, pattern, kind);
}

/* ---- dnsmasq ---- */

enum target {
	TARGET_NOWHERE,  /* the names do not exist, or have no real addresses */
	TARGET_ORDINARY, /* they are asked like any others */
	TARGET_OTHER,
};

/* Cuts the line down to what is behind the key; false: it is another key, or none. */
static bool read_key(struct span *line, bool *ret_is_address)
{
	static const char *const keys[] = {"address", "server", "local"};
	const char *equals = memchr(line->at, '=', (size_t)(line->end - line->at));
	if (!equals)
		return false;
	const struct span key = span_trim((struct span){line->at, equals});
	const struct span value = span_trim((struct span){equals + 1, line->end});
	for (size_t i = 0; i < RW_COUNT(keys); i++) {
		if (!span_equals(key, keys[i]) || !span_starts(value, "/"))
			continue;
		*ret_is_address = i == 0;
		line->at = value.at + 1;
		return true;
	}
	return false;
}

/* "#" is any address that leads nowhere, or the servers that ordinary names are asked of. */
static enum target read_target(struct span target, bool is_address)
{
	if (span_is_empty(target))
		return TARGET_NOWHERE;
	if (span_equals(target, "#"))
		return is_address ? TARGET_NOWHERE : TARGET_ORDINARY;
	return is_address && block_address(target) == BLOCK_SINK ? TARGET_NOWHERE : TARGET_OTHER;
}

bool block_is_dnsmasq(struct span line)
{
	bool is_address;
	return read_key(&line, &is_address);
}

/* "address=/name/.../target". */
int block_read_dnsmasq(struct block_reader *r, struct span line)
{
	bool is_address = false;
	int err = 0;
	(void)read_key(&line, &is_address);
	const char *last = memrchr(line.at, '/', (size_t)(line.end - line.at));
	enum target target =
		last ? read_target((struct span){last + 1, line.end}, is_address) : TARGET_OTHER;
	if (target == TARGET_OTHER) {
		block_leave_out(r, &r->rules);
		return 0;
	}
	bool is_exception = target == TARGET_ORDINARY;
	struct name_table *table = is_exception ? r->names->allow : r->names->block;
	while (!err && line.at <= last) {
		struct span name = {line.at, memchr(line.at, '/', (size_t)(line.end - line.at))};
		line.at = name.end + 1;
		while (span_cut_start(&name, "."))
			;
		/* No name: those of one label; "#" and "*": patterns. */
		if (span_is_empty(name) || span_has_any(name, "#*"))
			block_leave_out(r, is_exception ? &r->exceptions : &r->rules);
		else
			err = block_add_text(r, table, name, BLOCK_BELOW);
	}
	return err;
}
