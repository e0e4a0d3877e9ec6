/* SPDX-License-Identifier: MIT */
/* Lines of block lists: taken apart in place, a million of them in less than a second. */
#include "zones/block_read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SHOWN 48 /* bytes of a line shown in a message, with the final NUL */

struct span {
	const char *at, *end;
};

struct block_reader {
	const char *path;
	unsigned line;
	struct fault_list *faults;
	struct block_names *names;
	size_t listed;       /* names added or met again */
	size_t bad, skipped; /* lines */
	unsigned first_skipped;
};

int block_add(struct name_table *table, const uint8_t *name, const struct name_value *value)
{
	struct name_value there;
	int err = name_table_add(table, name, value, &there);
	if (err != RW_EBUSY)
		return err;
	if (value->kind == BLOCK_BELOW && there.kind == BLOCK_EXACT)
		name_table_set(table, name, value);
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

static void skip_line(struct block_reader *r)
{
	if (r->skipped++ == 0)
		r->first_skipped = r->line;
}

/* ---- words ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct span trim(struct span text)
{
	while (text.at < text.end && is_blank(*text.at))
		text.at++;
	while (text.at < text.end && is_blank(text.end[-1]))
		text.end--;
	return text;
}

/* The first word of `*text`, which then begins behind it; empty at the end. */
static struct span next_word(struct span *text)
{
	*text = trim(*text);
	struct span word = {text->at, text->at};
	while (word.end < text->end && !is_blank(*word.end))
		word.end++;
	text->at = word.end;
	return word;
}

static bool starts_with(struct span text, const char *with)
{
	size_t length = strlen(with);
	return (size_t)(text.end - text.at) >= length && memcmp(text.at, with, length) == 0;
}

static bool has_any(struct span text, const char *bytes)
{
	for (const char *at = text.at; at < text.end; at++)
		if (strchr(bytes, *at))
			return true;
	return false;
}

/* Bytes of names in lists, in small letters; 0: not one. Underscores are names of services. */
static uint8_t name_byte(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
		return (uint8_t)c;
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : 0;
}

/* A name of letters, digits, hyphens and underscores into wire form, with or without a last dot. */
static bool read_name(struct span text, uint8_t ret_name[LIMIT_NAME_BYTES])
{
	unsigned label = 0, used = 1;
	if (text.end > text.at + 1 && text.end[-1] == '.')
		text.end--;
	for (const char *at = text.at; at < text.end; at++) {
		uint8_t byte = *at == '.' ? 0 : name_byte(*at);
		unsigned length = used - label - 1;
		if (used >= LIMIT_NAME_BYTES - 1 || (byte == 0 && (*at != '.' || length == 0)) ||
			(byte != 0 && length == LIMIT_LABEL_BYTES))
			return false;
		if (byte == 0) {
			ret_name[label] = (uint8_t)length;
			label = used;
		}
		ret_name[used++] = byte;
	}
	if (used == label + 1)
		return false;
	ret_name[label] = (uint8_t)(used - label - 1);
	ret_name[used] = 0;
	return true;
}

enum address {
	ADDRESS_NONE,
	ADDRESS_SINK, /* where hosts files send what shall not be reached */
	ADDRESS_OTHER,
};

static enum address read_address(struct span word)
{
	static const uint8_t nowhere[16], loopback[16] = {[15] = 1};
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];
	const char *zone = memchr(word.at, '%', (size_t)(word.end - word.at));
	size_t length = (size_t)((zone ? zone : word.end) - word.at);
	if (length >= sizeof(text))
		return ADDRESS_NONE;
	memcpy(text, word.at, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, ip) == 1)
		return ip[0] == 127 || memcmp(ip, nowhere, 4) == 0 ? ADDRESS_SINK : ADDRESS_OTHER;
	if (inet_pton(AF_INET6, text, ip) == 1)
		return memcmp(ip, nowhere, 16) == 0 || memcmp(ip, loopback, 16) == 0
			       ? ADDRESS_SINK
			       : ADDRESS_OTHER;
	return ADDRESS_NONE;
}

/* What hosts files name for the machine itself. */
static bool is_of_every_hosts_file(struct span word)
{
	static const char *const names[] = {"localhost", "localhost.localdomain", "local",
		"broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix",
		"ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0"};
	size_t length = (size_t)(word.end - word.at);
	for (size_t i = 0; i < RW_COUNT(names); i++)
		if (strlen(names[i]) == length && strncasecmp(names[i], word.at, length) == 0)
			return true;
	return false;
}

/* ---- lines ---- */

static int add_name(
	struct block_reader *r, struct name_table *table, struct span text, enum block_kind kind)
{
	uint8_t name[LIMIT_NAME_BYTES];
	if (!read_name(text, name)) {
		bad_line(r, text, "is no domain name");
		return 0;
	}
	struct name_value value = {.kind = (uint8_t)kind, .number = r->line};
	r->listed++;
	return block_add(table, name, &value);
}

/* "address name ...". */
static int hosts_line(struct block_reader *r, struct span names, enum address address)
{
	bool other = false;
	int err = 0;
	struct span word = next_word(&names);
	for (; !err && word.at < word.end; word = next_word(&names)) {
		if (is_of_every_hosts_file(word))
			continue;
		if (address == ADDRESS_SINK)
			err = add_name(r, r->names->block, word, BLOCK_EXACT);
		else
			other = true;
	}
	if (other)
		skip_line(r);
	return err;
}

/* "||name^" or "@@||name^"; whatever else adblock has is left out. */
static int adblock_line(struct block_reader *r, struct span rule)
{
	struct name_table *table = r->names->block;
	uint8_t name[LIMIT_NAME_BYTES];
	if (starts_with(rule, "@@")) {
		table = r->names->allow;
		rule.at += 2;
	}
	if (!starts_with(rule, "||") || rule.end[-1] != '^') {
		skip_line(r);
		return 0;
	}
	rule.at += 2;
	rule.end--;
	if (!read_name(rule, name)) {
		skip_line(r);
		return 0;
	}
	return add_name(r, table, rule, BLOCK_BELOW);
}

/* What only adblock rules have: patterns, paths, options, exceptions, rules for elements. */
static bool looks_like_adblock(struct span line)
{
	return starts_with(line, "@@") || has_any(line, "|^/$*#");
}

static int name_line(struct block_reader *r, struct span line)
{
	struct span rest = line, word = next_word(&rest);
	if (trim(rest).at < trim(rest).end) {
		bad_line(r, line, "has more than a name");
		return 0;
	}
	if (starts_with(word, "*."))
		return add_name(
			r, r->names->block, (struct span){word.at + 2, word.end}, BLOCK_BELOW);
	if (starts_with(word, "."))
		return add_name(
			r, r->names->block, (struct span){word.at + 1, word.end}, BLOCK_BELOW);
	return add_name(r, r->names->block, word, BLOCK_EXACT);
}

/* A comment begins with a # that stands alone or behind white space. */
static struct span without_comment(struct span line)
{
	const char *from = line.at;
	while ((from = memchr(from, '#', (size_t)(line.end - from))) != NULL) {
		if (from == line.at || is_blank(from[-1]))
			return trim((struct span){line.at, from});
		from++;
	}
	return line;
}

static int read_line(struct block_reader *r, struct span line)
{
	line = trim(line);
	if (line.at == line.end || *line.at == '#' || *line.at == '!' || *line.at == '[')
		return 0;
	line = without_comment(line);
	struct span rest = line, word = next_word(&rest);
	bool digits = (*word.at >= '0' && *word.at <= '9') || has_any(word, ":");
	enum address address = digits ? read_address(word) : ADDRESS_NONE;
	if (address != ADDRESS_NONE && trim(rest).at == trim(rest).end) {
		bad_line(r, line, "is an address without a name");
		return 0;
	}
	if (address != ADDRESS_NONE)
		return hosts_line(r, rest, address);
	bool wildcard = starts_with(word, "*.");
	if (looks_like_adblock(wildcard ? (struct span){line.at + 2, line.end} : line))
		return adblock_line(r, line);
	return name_line(r, line);
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
	while (text.at < text.end && (is_blank(*text.at) || *text.at == '\n'))
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
	if (r->listed == 0 && r->bad > 0) {
		fault_error(r->faults, r->path, 0,
			"has not one name in %zu lines: is it a block list?", r->bad);
		return RW_EINVAL;
	}
	if (r->bad > LIMIT_BLOCK_BAD_LINES)
		fault_warning(r->faults, r->path, 0, "%zu more lines are no names",
			r->bad - LIMIT_BLOCK_BAD_LINES);
	if (r->skipped > 0)
		fault_warning(r->faults, r->path, r->first_skipped,
			"%zu rules are left out, this is the first: options, paths, patterns and "
			"addresses cannot be applied to names alone",
			r->skipped);
	return 0;
}

int block_read(const char *path, const char *bytes, size_t size, struct fault_list *faults,
	struct block_names *names)
{
	struct block_reader r = {.path = path, .faults = faults, .names = names};
	struct span text = {bytes, bytes + size};
	if (starts_with(text, "\xef\xbb\xbf"))
		text.at += 3;
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
