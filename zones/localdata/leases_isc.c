/* SPDX-License-Identifier: MIT */
/*
 * ISC's dhcpd.leases(5): statements that end with a semicolon, and blocks in braces. Only blocks
 * "lease ADDRESS { ... }" are of interest, and of these the end, the binding state, the client's
 * name and its identity. The file is a log: the last block of an address counts. A block without
 * its closing brace is one that is being written.
 */
#include "zones/localdata/leases.h"

#include <string.h>
#include <time.h>

#define WORDS 8 /* of a statement; the rest is not needed */

struct token {
	const char *text;
	size_t size;
	bool quoted;
	char mark; /* '{', '}', ';', or 0 for a word */
};

struct scanner {
	const char *at, *end;
	unsigned line;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct scanner *s)
{
	bool comment = false;
	for (; s->at < s->end; s->at++) {
		if (*s->at == '\n') {
			s->line++;
			comment = false;
		} else if (*s->at == '#') {
			comment = true;
		} else if (!comment && !is_space(*s->at)) {
			return;
		}
	}
}

/* Up to the closing quote, with what is escaped in it as it stands. */
static bool next_quoted(struct scanner *s, struct token *ret_token)
{
	const char *start = ++s->at;
	for (; s->at < s->end && *s->at != '"'; s->at++) {
		s->line += *s->at == '\n';
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
	}
	if (s->at >= s->end)
		return false;
	*ret_token = (struct token){start, (size_t)(s->at++ - start), true, 0};
	return true;
}

static bool next_token(struct scanner *s, struct token *ret_token)
{
	skip_space(s);
	if (s->at == s->end)
		return false;
	if (*s->at == '"')
		return next_quoted(s, ret_token);
	if (strchr("{};", *s->at) && *s->at) {
		*ret_token = (struct token){s->at, 1, false, *s->at};
		s->at++;
		return true;
	}
	const char *start = s->at;
	while (s->at < s->end && !is_space(*s->at) && !(*s->at && strchr("{};\"#", *s->at)))
		s->at++;
	*ret_token = (struct token){start, (size_t)(s->at - start), false, 0};
	return true;
}

struct statement {
	struct token words[WORDS];
	unsigned count;
	char mark; /* what ended it */
};

/* False: the file ends first. */
static bool next_statement(struct scanner *s, struct statement *ret_statement)
{
	struct token token;
	ret_statement->count = 0;
	while (next_token(s, &token)) {
		if (token.mark) {
			ret_statement->mark = token.mark;
			return true;
		}
		if (ret_statement->count < WORDS)
			ret_statement->words[ret_statement->count++] = token;
	}
	return false;
}

static bool is_word(const struct statement *st, unsigned index, const char *word)
{
	return index < st->count && !st->words[index].quoted &&
	       st->words[index].size == strlen(word) &&
	       memcmp(st->words[index].text, word, strlen(word)) == 0;
}

/* The parts of "2026/11/27" or "12:30:05". */
static bool read_parts(const struct token *token, char between, int ret_parts[3])
{
	const char *at = token->text, *end = token->text + token->size;
	for (unsigned i = 0; i < 3; i++) {
		const char *stop = i < 2 ? memchr(at, between, (size_t)(end - at)) : end;
		int64_t number;
		if (!stop || !lease_number(at, (size_t)(stop - at), &number) || number > 9999)
			return false;
		ret_parts[i] = (int)number;
		at = stop + 1;
	}
	return true;
}

/* "ends never", "ends epoch SECONDS", "ends WEEKDAY YYYY/MM/DD HH:MM:SS", in UTC. */
static bool read_end(const struct statement *st, int64_t *ret_until_s)
{
	int day[3], clock[3];
	if (is_word(st, 1, "never")) {
		*ret_until_s = LEASE_FOREVER;
		return true;
	}
	if (is_word(st, 1, "epoch") && st->count > 2)
		return lease_number(st->words[2].text, st->words[2].size, ret_until_s);
	if (st->count < 4 || !read_parts(&st->words[2], '/', day) ||
		!read_parts(&st->words[3], ':', clock))
		return false;
	struct tm tm = {.tm_year = day[0] - 1900,
		.tm_mon = day[1] - 1,
		.tm_mday = day[2],
		.tm_hour = clock[0],
		.tm_min = clock[1],
		.tm_sec = clock[2]};
	*ret_until_s = timegm(&tm);
	return true;
}

/* Skips a block inside another, as "on expiry { ... }". False: the file ends first. */
static bool skip_block(struct scanner *s)
{
	struct token token;
	for (unsigned depth = 1; depth > 0;) {
		if (!next_token(s, &token))
			return false;
		depth += token.mark == '{';
		depth -= token.mark == '}';
	}
	return true;
}

struct block {
	struct lease lease;
	struct token name;
	bool active;
};

static bool take_statement(struct block *block, const struct statement *st)
{
	struct lease *lease = &block->lease;
	if (is_word(st, 0, "ends"))
		return read_end(st, &lease->until_s);
	if (is_word(st, 0, "binding") && is_word(st, 1, "state"))
		block->active = is_word(st, 2, "active");
	else if (is_word(st, 0, "client-hostname") && st->count > 1)
		block->name = st->words[1];
	else if (is_word(st, 0, "uid") && st->count > 1)
		lease->client = lease_client(st->words[1].text, st->words[1].size);
	else if (is_word(st, 0, "hardware") && st->count > 2 && lease->client == 0)
		lease->client = lease_client(st->words[2].text, st->words[2].size);
	return true;
}

/* What stands between the braces. RW_ENOTFOUND: the file ends first. */
static int read_block(struct scanner *s, struct block *block, bool *ret_good)
{
	struct statement st;
	*ret_good = true;
	while (next_statement(s, &st)) {
		if (st.mark == '}')
			return 0;
		if (st.mark == '{' && !skip_block(s))
			return RW_ENOTFOUND;
		if (st.mark == ';' && !take_statement(block, &st))
			*ret_good = false;
	}
	return RW_ENOTFOUND;
}

static int take_block(
	struct lease_reading *reading, struct scanner *s, const struct statement *head)
{
	struct block block = {.active = true};
	bool good;
	block.lease.line = s->line;
	block.lease.until_s = LEASE_FOREVER;
	if (read_block(s, &block, &good))
		return 0; /* it is being written */
	reading->seen++;
	if (!good || head->count < 2 ||
		!lease_addr(head->words[1].text, head->words[1].size, ADDR_V4, &block.lease.addr)) {
		fault_warning(reading->faults, reading->path, block.lease.line,
			"no lease of dhcpd: it is left out; it has an IPv4 address and a date that "
			"it ends");
		return 0;
	}
	if (block.active && block.name.size)
		lease_name(reading, block.lease.line, block.name.text, block.name.size,
			block.lease.host);
	return lease_put(reading, &block.lease);
}

int leases_read_isc(struct lease_reading *reading, const char *bytes, size_t size)
{
	struct scanner s = {.at = bytes, .end = bytes + size, .line = 1};
	struct statement st;
	int err = 0;
	while (!err && next_statement(&s, &st)) {
		if (st.mark == '{' && is_word(&st, 0, "lease"))
			err = take_block(reading, &s, &st);
		else if (st.mark == '{' && !skip_block(&s))
			break;
		else if (st.mark == ';')
			reading->seen += st.count > 0 && !is_word(&st, 0, "authoring-byte-order") &&
					 !is_word(&st, 0, "server-duid");
	}
	return err;
}
