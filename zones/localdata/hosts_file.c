/* SPDX-License-Identifier: MIT */
/* The reader of /etc/hosts: one line at a time, each for itself. */
#include "zones/localdata/hosts_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/base/limits.h"

#define SHOWN 64 /* bytes of a word in a message */

struct hosts_reader {
	const char *path;
	struct fault_list *faults;
	struct hosts *into;
	unsigned line;
	struct addr addr;
	bool is_loopback, warned;
	unsigned names;           /* of the line so far */
	bool has_lines, has_junk; /* of the file: such that begin with an address, and others */
};

/* A word of the file, fit for a message. */
static const char *shown(const char *word, size_t length, char buf[SHOWN])
{
	size_t count = RW_MIN(length, (size_t)SHOWN - 4);
	for (size_t i = 0; i < count; i++)
		buf[i] = word[i] > ' ' && word[i] < 0x7f && word[i] != '"' ? word[i] : '?';
	memcpy(buf + count, count < length ? "..." : "", count < length ? 4 : 1);
	return buf;
}

static bool read_address(struct hosts_reader *r, const char *word, size_t length)
{
	char text[ADDR_TEXT], buf[SHOWN];
	static const struct prefix loopback[] = {
		{.base = {.family = ADDR_V4, .ip = {127}}, .bits = 8},
		{.base = {.family = ADDR_V6, .ip = {[15] = 1}}, .bits = 128},
	};
	if (memchr(word, '%', length)) {
		fault_warning(r->faults, r->path, r->line,
			"\"%s\": an address with an interface means nothing to other machines: "
			"this "
			"line is left out",
			shown(word, length, buf));
		return false;
	}
	bool fits = length < sizeof(text) && !memchr(word, '@', length);
	if (fits) {
		memcpy(text, word, length);
		text[length] = '\0';
	}
	if (!fits || strlen(text) != length || addr_parse(text, 0, &r->addr)) {
		r->has_junk = true;
		fault_warning(r->faults, r->path, r->line,
			"\"%s\" is no address: this line is left out; write an address, then its "
			"names",
			shown(word, length, buf));
		return false;
	}
	r->has_lines = true;
	r->is_loopback =
		prefix_contains(&loopback[0], &r->addr) || prefix_contains(&loopback[1], &r->addr);
	return true;
}

/* Letters, digits, hyphens and underscores in labels: what is no such name is no host. */
static bool read_name(const char *word, size_t length, struct name *ret_name)
{
	char text[LIMIT_NAME_BYTES + 2];
	if (length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	if (strlen(text) != length ||
		text[strspn(
			text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")])
		return false;
	return name_from_text(text, ret_name) == 0 && !name_is_root(ret_name->bytes);
}

/* The machine's own names for itself. */
static bool is_own_name(const char *word, size_t length)
{
	static const char *const names[] = {"localhost", "localhost.localdomain", "localhost4",
		"localhost6", "localhost4.localdomain4", "localhost6.localdomain6", "ip6-localhost",
		"ip6-loopback"};
	for (size_t i = 0; i < RW_COUNT(names); i++)
		if (strlen(names[i]) == length && strncasecmp(names[i], word, length) == 0)
			return true;
	return false;
}

static bool leads_back(const struct hosts_reader *r)
{
	static const struct addr unspecified4 = {.family = ADDR_V4};
	static const struct addr unspecified6 = {.family = ADDR_V6};
	return r->names == 1 && !r->is_loopback && !addr_ip_equal(&r->addr, &unspecified4) &&
	       !addr_ip_equal(&r->addr, &unspecified6);
}

static void warn_of_loopback(struct hosts_reader *r)
{
	char text[ADDR_TEXT];
	if (!r->warned)
		fault_warning(r->faults, r->path, r->line,
			"%s is a loopback address: by this name every client reaches itself; give "
			"the name the address of its machine",
			addr_ip_text(&r->addr, text));
	r->warned = true;
}

static int take_name(struct hosts_reader *r, const char *word, size_t length)
{
	struct name name;
	char buf[SHOWN];
	r->names++;
	if (r->is_loopback && is_own_name(word, length))
		return 0;
	if (!read_name(word, length, &name)) {
		fault_warning(r->faults, r->path, r->line,
			"\"%s\" is no name of a host: it is left out; names have letters, digits "
			"and hyphens",
			shown(word, length, buf));
		return 0;
	}
	if (r->is_loopback)
		warn_of_loopback(r);
	const struct host_entry entry = {.name = name.bytes,
		.addr = &r->addr,
		.until_ms = HOSTS_FOREVER,
		.ttl = LIMIT_NAMES_TTL,
		.line = r->line,
		.leads_back = leads_back(r)};
	int err = hosts_add(r->into, &entry);
	if (err != RW_ELIMIT)
		return err;
	fault_warning(r->faults, r->path, r->line,
		"more than %d addresses of one name, or names of one address: this one is left out",
		LIMIT_RRSET_RECORDS);
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static int take_line(struct hosts_reader *r, const char *line, size_t length)
{
	const char *comment = memchr(line, '#', length), *end = comment ? comment : line + length;
	unsigned words = 0;
	r->names = 0;
	r->warned = false;
	while (line < end) {
		while (line < end && is_blank(*line))
			line++;
		const char *word = line;
		while (line < end && !is_blank(*line))
			line++;
		if (word == line)
			break;
		if (words++ == 0 && !read_address(r, word, (size_t)(line - word)))
			return 0;
		int err = words > 1 ? take_name(r, word, (size_t)(line - word)) : 0;
		if (err)
			return err;
	}
	if (words == 1)
		fault_warning(r->faults, r->path, r->line,
			"an address without a name: write the name behind it, or remove the line");
	return 0;
}

int hosts_file_parse(const char *path, const char *bytes, size_t size, struct fault_list *faults,
	struct hosts *into)
{
	struct hosts_reader r = {.path = path, .faults = faults, .into = into};
	int err = 0;
	for (const char *at = bytes, *end = bytes + size; at < end && !err;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			stop = end;
		r.line++;
		err = take_line(&r, at, (size_t)(stop - at));
		at = stop + (stop < end);
	}
	if (!err && r.has_junk && !r.has_lines) {
		fault_error(faults, path, 0,
			"no line begins with an address, so this is no file of hosts");
		return RW_EINVAL;
	}
	return err;
}

int hosts_file_read(const char *path, struct fault_list *faults, struct hosts *into)
{
	char *bytes;
	size_t size;
	int err = fault_read_file(path, LIMIT_NAMES_BYTES, faults, &bytes, &size);
	if (err)
		return err;
	err = hosts_file_parse(path, bytes, size, faults, into);
	free(bytes);
	return err;
}
