/* SPDX-License-Identifier: MIT */
/* Lines of block lists: taken apart in place, a million of them in less than a second. */
#include <stdio.h>
#include <string.h>

#include "zones/lists/block_inner.h"

#define SHOWN           48 /* bytes of a line shown in a message, with the final NUL */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

int block_add(struct name_table *table, const uint8_t *name, const struct name_value *value)
{
	struct name_value there, both = *value;
	int err = name_table_add(table, name, value, &there);
	if (err != RW_EBUSY)
		return err;
	both.kind |= there.kind;
	if (both.kind != there.kind)
		name_table_set(table, name, &both);
	return 0;
}

/* ---- messages ---- */

static const char *shown(struct span text, char buf[SHOWN])
{
	size_t used = 0;
	for (const char *at = text.at; at < text.end && used < SHOWN - 4; at++)
		buf[used++] = *at >= 0x20 && *at < 0x7f ? *at : '?';
	(void)snprintf(
		buf + used, SHOWN - used, "%s", (size_t)(text.end - text.at) > used ? "..." : "");
	return buf;
}

static void bad_line(struct block_reader *r, struct span text, const char *why)
{
	char buf[SHOWN];
	if (r->bad++ < LIMIT_BLOCK_BAD_LINES)
		fault_warning(r->faults, r->path, r->line, "\"%s\" %s: the line is left out",
			shown(text, buf), why);
}

void block_leave_out(struct block_reader *r, struct block_left_out *what)
{
	if (what->count++ == 0)
		what->first = r->line;
}

/* ---- lines ---- */

int block_add_text(
	struct block_reader *r, struct name_table *table, struct span text, unsigned kind)
{
	uint8_t name[LIMIT_NAME_BYTES];
	/* Lists that were made of hosts files have these in any form. */
	if (block_is_own_name(text))
		return 0;
	if (!block_name(text, name)) {
		bad_line(r, text, "is no domain name");
		return 0;
	}
	const struct name_value value = {.kind = (uint8_t)kind, .number = r->line};
	r->listed++;
	return block_add(table, name, &value);
}

/* "address name ...". */
static int hosts_line(struct block_reader *r, struct span names, enum block_address address)
{
	bool other = false;
	int err = 0;
	struct span word = span_word(&names);
	for (; !err && word.at < word.end; word = span_word(&names)) {
		if (block_is_own_name(word))
			continue;
		if (address == BLOCK_SINK)
			err = block_add_text(r, r->names->block, word, BLOCK_SELF);
		else
			other = true;
	}
	if (other)
		block_leave_out(r, &r->rules);
	return err;
}

static int name_line(struct block_reader *r, struct span line)
{
	struct span rest = line, word = span_word(&rest);
	if (!span_is_empty(span_trim(rest))) {
		bad_line(r, line, "has more than a name");
		return 0;
	}
	bool below = span_cut_start(&word, "*.") || span_cut_start(&word, ".");
	return block_add_text(r, r->names->block, word, below ? BLOCK_BELOW : BLOCK_SELF);
}

/* A comment begins with a # that stands alone or behind white space. */
static struct span without_comment(struct span line)
{
	const char *from = line.at;
	while ((from = memchr(from, '#', (size_t)(line.end - from))) != NULL) {
		if (from == line.at || span_is_blank(from[-1]))
			return span_trim((struct span){line.at, from});
		from++;
	}
	return line;
}

static int read_line(struct block_reader *r, struct span line)
{
	/* Lists are put together of others, so that this mark may stand in the middle, too. */
	(void)span_cut_start(&line, BYTE_ORDER_MARK);
	line = span_trim(line);
	if (span_is_empty(line) || strchr("#![", *line.at))
		return 0;
	line = without_comment(line);
	struct span rest = line, word = span_word(&rest);
	bool digits = (*word.at >= '0' && *word.at <= '9') || span_has_any(word, ":");
	enum block_address address = digits ? block_address(word) : BLOCK_NO_ADDRESS;
	if (address != BLOCK_NO_ADDRESS && span_is_empty(span_trim(rest))) {
		bad_line(r, line, "is an address without a name");
		return 0;
	}
	if (address != BLOCK_NO_ADDRESS)
		return hosts_line(r, rest, address);
	if (block_is_dnsmasq(line))
		return block_read_dnsmasq(r, line);
	return block_is_adblock(line) ? block_read_adblock(r, line) : name_line(r, line);
}

/* ---- the whole ---- */

/* What cannot be a list, or 0. */
static int refuse_foreign(struct block_reader *r, struct span text)
{
	const char *nul = memchr(text.at, '\0', (size_t)(text.end - text.at));
	if (nul) {
		unsigned line = 1;
		for (const char *at = text.at; at < nul; at++)
			line += *at == '\n';
		fault_error(r->faults, r->path, line,
			"holds a zero byte, so it is no text: fetch the list again");
		return RW_EINVAL;
	}
	while (text.at < text.end && (span_is_blank(*text.at) || *text.at == '\n'))
		text.at++;
	if (text.at < text.end && *text.at == '<') {
		fault_error(r->faults, r->path, 0,
			"begins as a web page does, not as a list: look at what was fetched");
		return RW_EINVAL;
	}
	return 0;
}

static int report_end(struct block_reader *r)
{
	if (r->bad > LIMIT_BLOCK_BAD_LINES)
		fault_warning(r->faults, r->path, 0, "%zu more lines are no names",
			r->bad - LIMIT_BLOCK_BAD_LINES);
	if (r->rules.count > 0)
		fault_warning(r->faults, r->path, r->rules.first,
			"%zu rules are left out, this is the first: options, paths, patterns and "
			"addresses cannot be applied to names alone",
			r->rules.count);
	if (r->exceptions.count > 0)
		fault_warning(r->faults, r->path, r->exceptions.first,
			"%zu exceptions are left out, this is the first: they cannot be applied to "
			"names alone, and what they spare stays blocked; list what you need of it "
			"in "
			"block.allow",
			r->exceptions.count);
	if (r->listed > 0)
		return 0;
	fault_error(r->faults, r->path, 0,
		"has not one name in %u lines: is it a block list, and was all of it fetched?",
		r->line);
	return RW_EINVAL;
}

int block_read(const char *path, const char *bytes, size_t size, struct fault_list *faults,
	struct block_names *names)
{
	struct block_reader r = {.path = path, .faults = faults, .names = names};
	struct span text = {bytes, bytes + size};
	(void)span_cut_start(&text, BYTE_ORDER_MARK);
	int err = refuse_foreign(&r, text);
	while (!err && text.at < text.end) {
		const char *end = memchr(text.at, '\n', (size_t)(text.end - text.at));
		struct span line = {text.at, end ? end : text.end};
		r.line++;
		err = read_line(&r, line);
		text.at = end ? end + 1 : text.end;
	}
	if (err == RW_ELIMIT) {
		fault_error(faults, path, r.line,
			"from here on its names take more than %zu bytes of memory, which is "
			"block.max-bytes: raise that, or take a shorter list",
			name_table_cap(names->block));
		return RW_EINVAL;
	}
	return err ? err : report_end(&r);
}
