/* SPDX-License-Identifier: MIT */
/* Lines of master files that are no records: $ORIGIN, $TTL, $INCLUDE and, elsewhere, $GENERATE. */
#include <string.h>
#include <strings.h>

#include "resolver/wire/master_inner.h"

/* The one word behind a directive, or NULL with the fault told. */
static char *only_word(char **line, const char *what, struct master *m)
{
	char *value = master_word(line);
	if (value && !master_word(line))
		return value;
	(void)master_blame(m, what, "takes exactly one value");
	return NULL;
}

static int take_origin(char *line, const char *what, struct master *m)
{
	const char *value = only_word(&line, what, m);
	if (!value)
		return RW_EMALFORMED;
	if (master_name(value, m->origin.bytes, &m->origin) != 0)
		return master_blame(m, value, "is no domain name");
	return 0;
}

static int take_ttl(char *line, const char *what, struct master *m)
{
	const char *value = only_word(&line, what, m);
	if (!value)
		return RW_EMALFORMED;
	if (master_ttl(value, &m->ttl) != 0)
		return master_blame(m, value, "is no TTL; write seconds, or units as in `1h30m`");
	m->has_ttl = true;
	return 0;
}

/* The name of a file, in quotes where there are blanks in it; NULL: none. */
static char *file_word(char **line)
{
	*line += strspn(*line, " \t");
	if (**line != '"')
		return master_word(line);
	char *name = *line + 1, *end = strchr(name, '"');
	if (!end)
		return NULL;
	*end = '\0';
	*line = end + 1;
	return name;
}

/*
 * Reads the file as if its lines stood here, but that it may have an origin of its own; behind it
 * origin and owner are what they were, as in named.
 */
static int read_included(
	struct master *m, const struct name *origin, const char *bytes, size_t size)
{
	const struct name old_origin = m->origin, old_owner = m->owner;
	const bool had_owner = m->has_owner, lost_owner = m->lost_owner;
	m->origin = *origin;
	m->depth++;
	int stop = master_read(m, bytes, size);
	m->depth--;
	m->origin = old_origin;
	m->owner = old_owner;
	m->has_owner = had_owner;
	m->lost_owner = lost_owner;
	return stop;
}

static int take_include(char *line, const char *what, struct master *m)
{
	const struct text_reader *reader = m->reader;
	struct name origin = m->origin;
	const char *file = file_word(&line), *domain = master_word(&line), *bytes, *why;
	size_t size;
	if (!reader->include) {
		(void)master_blame(m, what,
			"is not supported here; put the records themselves into this file");
		return RW_EINVAL;
	}
	if (!file || !*file || master_word(&line))
		return master_blame(m, what, "takes the name of a file, and an origin if need be");
	if (domain && master_name(domain, m->origin.bytes, &origin) != 0)
		return master_blame(m, domain, "is no domain name");
	if (m->depth == LIMIT_INCLUDE_DEPTH)
		return master_blame(m, file, "is included by too many files, one in another");
	int err = reader->include(reader->ctx, m->fault.line, file, &bytes, &size, &why);
	if (err == RW_EINVAL)
		return master_blame(m, file, why);
	if (err)
		return err;
	m->stop = read_included(m, &origin, bytes, size);
	reader->included(reader->ctx);
	return 0;
}

int master_directive(char *line, struct master *m)
{
	char *what = master_word(&line);
	if (strcasecmp(what, "$ORIGIN") == 0)
		return take_origin(line, what, m);
	if (strcasecmp(what, "$TTL") == 0)
		return take_ttl(line, what, m);
	if (strcasecmp(what, "$INCLUDE") == 0)
		return take_include(line, what, m);
	if (strcasecmp(what, "$GENERATE") == 0)
		return master_generate(line, m);
	return master_blame(
		m, what, "is no directive; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE");
}
