/* SPDX-License-Identifier: MIT */
/* Reads root hints: NS records of the root, then the addresses of the servers they name. */
#include "zones/cuts/hints.h"

#include <string.h>
#include <sys/stat.h>

#include "resolver/wire/text.h"

static const char builtin[] =
#include "zones/cuts/root_hints.inc"
	;

struct hints_reader {
	struct delegation *hints;
	uint16_t port;
	bool addresses; /* the second time over: now all servers are known */
};

static int add_server(struct delegation *hints, const uint8_t *name)
{
	if (!name || name_is_root(name))
		return RW_EMALFORMED;
	if (hints->ns_count == LIMIT_NS_KEPT)
		return 0;
	struct nameserver *ns = &hints->ns[hints->ns_count++];
	ns->name = name;
	ns->kind = GLUE_IN_DOMAIN;
	return 0;
}

/* Addresses of names that are no root servers are left aside, as in hints of other makers. */
static int add_record(void *ctx, const struct rrset *record)
{
	struct hints_reader *reader = ctx;
	struct delegation *hints = reader->hints;
	if (record->type == TYPE_NS && !reader->addresses)
		return name_is_root(record->owner) ? add_server(hints, rrset_target(record, 0))
						   : RW_EMALFORMED;
	if (!reader->addresses || (record->type != TYPE_A && record->type != TYPE_AAAA))
		return 0;
	struct addr addr =
		addr_from_bytes(record->records[0].bytes, record->records[0].size, reader->port);
	for (unsigned i = 0; i < hints->ns_count; i++)
		if (name_equal(hints->ns[i].name, record->owner))
			delegation_add_address(&hints->ns[i], &addr, ADDRESS_HINTS);
	return 0;
}

/* A file that cannot be looked at is told by the reading of it. */
static bool is_too_large(const char *path)
{
	struct stat about;
	return path && stat(path, &about) == 0 && about.st_size > LIMIT_HINTS_BYTES;
}

/* Reads it twice: addresses may stand before the names they belong to. */
static int read_hints(
	struct arena *arena, const char *path, struct hints_reader *reader, int *ret_line)
{
	int err = 0;
	for (int pass = 0; !err && pass < 2; pass++) {
		reader->addresses = pass == 1;
		err = path ? text_read_file(arena, path, name_root, add_record, reader, ret_line)
			   : text_read(arena, builtin, strlen(builtin), name_root, add_record,
				     reader, ret_line);
	}
	return err;
}

static bool has_address(const struct delegation *hints)
{
	for (unsigned i = 0; i < hints->ns_count; i++)
		if (hints->ns[i].address_count > 0)
			return true;
	return false;
}

int hints_load(struct arena *arena, const char *path, uint16_t port,
	const struct delegation **ret_hints, int *ret_line)
{
	int line = 0;
	struct delegation *hints = arena_alloc(arena, sizeof(*hints));
	if (!hints)
		return RW_ENOMEM;
	hints->zone = name_root;
	hints->source = DELEGATION_HINTS;
	hints->expires_ms = UINT64_MAX;
	struct hints_reader reader = {.hints = hints, .port = port};
	int err = is_too_large(path) ? RW_ELIMIT : read_hints(arena, path, &reader, &line);
	if (!err && !has_address(hints)) {
		line = 0;
		err = RW_EMALFORMED;
	}
	if (err && ret_line)
		*ret_line = line;
	if (!err)
		*ret_hints = hints;
	return err;
}
