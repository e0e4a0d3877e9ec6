/* SPDX-License-Identifier: MIT */
/* Reading a master file into a zone, going on behind each fault. */
#include "zones/authority/zone_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"
#include "zones/include.h"
#include "zones/authority/zone_inner.h"

#define RECORD_ARENA (1 << 20) /* bytes; one record and what its reading takes */
#define SHOWN_BYTES  64        /* bytes of a word of the file that a fault shows */

struct zone_reader {
	const char *path;        /* of the file itself */
	struct include *include; /* NULL: it is read from memory, and draws nothing in */
	struct fault_list *faults;
	struct zone *zone;
	struct arena arena; /* of one record */
	bool is_wrong;
	bool lost_soa, lost_ns; /* a line that could not be read may have been one */
};

/* The file of the line at hand. */
static const char *path_of(const struct zone_reader *reader)
{
	return reader->include ? include_path(reader->include) : reader->path;
}

/* The word in printable ASCII, cut where it is long. Returns `buf`. */
static const char *shown(const char *word, char buf[4 * SHOWN_BYTES + 4])
{
	char *out = buf;
	unsigned i = 0;
	for (; i < SHOWN_BYTES && word[i]; i++) {
		unsigned char byte = (unsigned char)word[i];
		if (byte >= 0x20 && byte < 0x7f)
			*out++ = (char)byte;
		else
			out += snprintf(out, 5, "\\%03u", byte);
	}
	(void)snprintf(out, 4, "%s", word[i] ? "..." : "");
	return buf;
}

/* What the data of the common types looks like, as the remedy; NULL for others. */
static const char *form_of(uint16_t type)
{
	switch (type) {
	case TYPE_A:
		return "an IPv4 address as 192.0.2.1";
	case TYPE_AAAA:
		return "an IPv6 address as 2001:db8::1";
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_PTR:
	case TYPE_DNAME:
		return "one domain name";
	case TYPE_SOA:
		return "SERVER MAIL SERIAL REFRESH RETRY EXPIRE MINIMUM";
	case TYPE_MX:
		return "PREFERENCE HOST";
	case TYPE_SRV:
		return "PRIORITY WEIGHT PORT HOST";
	case TYPE_TXT:
		return "strings of at most 255 bytes, those with blanks in quotes";
	case TYPE_CAA:
		return "FLAGS TAG VALUE";
	default:
		return NULL;
	}
}

static int take_fault(void *ctx, const struct text_fault *fault)
{
	struct zone_reader *reader = ctx;
	char buf[4 * SHOWN_BYTES + 4], type[TEXT_TYPE], remedy[128] = "";
	unsigned line = (unsigned)fault->line;
	const char *form = form_of(fault->type);
	reader->is_wrong = true;
	reader->lost_soa |= fault->type == 0 || fault->type == TYPE_SOA;
	reader->lost_ns |= fault->type == 0 || fault->type == TYPE_NS;
	if (form)
		(void)snprintf(remedy, sizeof(remedy), "; %s takes %s",
			text_type(fault->type, type), form);
	if (fault->word)
		fault_error(reader->faults, path_of(reader), line, "\"%s\" %s%s",
			shown(fault->word, buf), fault->why, remedy);
	else
		fault_error(reader->faults, path_of(reader), line, "%s%s", fault->why, remedy);
	return 0;
}

static int take_record(void *ctx, int line, const struct rrset *record)
{
	struct zone_reader *reader = ctx;
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	enum zone_fault fault;
	int err = zone_add(reader->zone, record, &fault);
	if (err == RW_EINVAL) {
		reader->is_wrong = true;
		fault_error(reader->faults, path_of(reader), (unsigned)line, "%s %s: %s",
			shown(name_text(record->owner, name), (char[4 * SHOWN_BYTES + 4]){0}),
			text_type(record->type, type), zone_fault_text(fault));
		err = 0;
	}
	arena_clear(&reader->arena);
	return err;
}

static int take_include(void *ctx, int line, const char *file, const char **ret_bytes,
	size_t *ret_size, const char **ret_why)
{
	const struct zone_reader *reader = ctx;
	(void)line;
	return include_open(reader->include, file, ret_bytes, ret_size, ret_why);
}

static void take_included(void *ctx)
{
	const struct zone_reader *reader = ctx;
	include_close(reader->include);
}

/* What only the whole can show. */
static int finish(struct zone_reader *reader)
{
	const struct zone_node *top = reader->zone->top;
	enum zone_fault fault;
	bool no_soa = !zone_node_set(top, TYPE_SOA), no_ns = !zone_node_set(top, TYPE_NS);
	if (no_soa && !reader->lost_soa)
		fault_error(reader->faults, reader->path, 0, "%s", zone_fault_text(ZONE_NO_SOA));
	if (no_ns && !reader->lost_ns)
		fault_error(reader->faults, reader->path, 0, "%s", zone_fault_text(ZONE_NO_NS));
	if (reader->is_wrong || no_soa || no_ns)
		return RW_EINVAL;
	return zone_finish(reader->zone, &fault);
}

static int parse(struct zone_reader *reader, const char *bytes, size_t size, const uint8_t *apex,
	struct zone **ret_zone)
{
	int err = zone_new(apex, LIMIT_ZONE_MEMORY, &reader->zone);
	if (err)
		return err;
	arena_init(&reader->arena, RECORD_ARENA);
	const struct text_reader lines = {.add = take_record,
		.fault = take_fault,
		.include = reader->include ? take_include : NULL,
		.included = take_included,
		.ctx = reader};
	err = text_read_lines(&reader->arena, bytes, size, apex, &lines);
	if (!err)
		err = finish(reader);
	if (err == RW_ENOMEM && reader->zone->is_full) {
		fault_error(reader->faults, reader->path, 0,
			"takes more than %d bytes of memory, which is the limit",
			LIMIT_ZONE_MEMORY);
		err = RW_EINVAL;
	}
	arena_release(&reader->arena);
	if (err)
		zone_free(reader->zone);
	else
		*ret_zone = reader->zone;
	return err;
}

int zone_file_parse(const char *path, const char *bytes, size_t size, const uint8_t *apex,
	struct fault_list *faults, struct zone **ret_zone)
{
	struct zone_reader reader = {.path = path, .faults = faults};
	if (size <= LIMIT_ZONE_BYTES)
		return parse(&reader, bytes, size, apex, ret_zone);
	fault_error(
		faults, path, 0, "is larger than %d bytes, which is the limit", LIMIT_ZONE_BYTES);
	return RW_EINVAL;
}

int zone_file_read(const char *path, const uint8_t *apex, struct table_included *included,
	struct fault_list *faults, struct zone **ret_zone)
{
	struct include include;
	struct zone_reader reader = {.path = path, .include = &include, .faults = faults};
	const char *bytes;
	size_t size;
	int err = include_begin(&include, path, LIMIT_ZONE_BYTES, included, faults, &bytes, &size);
	if (!err)
		err = parse(&reader, bytes, size, apex, ret_zone);
	include_end(&include);
	return err;
}
