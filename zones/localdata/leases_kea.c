/* SPDX-License-Identifier: MIT */
/*
 * Kea's memfile: CSV whose first line names the columns, which tells DHCPv4 from DHCPv6 and one
 * version from the next. The file is a log: the last line of an address counts. Kea writes a comma
 * inside a value as &#x2c.
 */
#include "zones/localdata/leases.h"

#include <string.h>

#define COLUMNS 32

enum column {
	COLUMN_ADDRESS,
	COLUMN_CLIENT, /* client_id of DHCPv4, duid of DHCPv6 */
	COLUMN_HWADDR,
	COLUMN_LIFETIME,
	COLUMN_EXPIRE,
	COLUMN_HOSTNAME,
	COLUMN_STATE,
	COLUMN_LEASE_TYPE, /* DHCPv6 */
	COLUMN_KINDS,
};

/* State 0 is a lease in use, 4 one that a client has registered (RFC 9686). */
#define STATE_DEFAULT    0
#define STATE_REGISTERED 4
#define TYPE_PREFIX_V6   2 /* lease_type of a delegated prefix */
#define LIFETIME_FOREVER 0xffffffff

struct kea_field {
	const char *text;
	size_t size;
};

struct row {
	struct kea_field fields[COLUMNS];
	unsigned count;
};

static void split(const char *line, size_t length, struct row *row)
{
	const char *end = line + length;
	for (row->count = 0; row->count < COLUMNS;) {
		const char *stop = memchr(line, ',', (size_t)(end - line));
		if (!stop)
			stop = end;
		row->fields[row->count++] = (struct kea_field){line, (size_t)(stop - line)};
		if (stop == end)
			return;
		line = stop + 1;
	}
}

static bool is_word(const struct kea_field *field, const char *word)
{
	return field->size == strlen(word) && memcmp(field->text, word, field->size) == 0;
}

/* Where each column stands; -1: nowhere. False: this is no first line of Kea's. */
static bool read_columns(const struct row *row, int at[COLUMN_KINDS])
{
	static const struct {
		const char *word;
		enum column column;
	} words[] = {
		{"address", COLUMN_ADDRESS},
		{"client_id", COLUMN_CLIENT},
		{"duid", COLUMN_CLIENT},
		{"hwaddr", COLUMN_HWADDR},
		{"valid_lifetime", COLUMN_LIFETIME},
		{"expire", COLUMN_EXPIRE},
		{"hostname", COLUMN_HOSTNAME},
		{"state", COLUMN_STATE},
		{"lease_type", COLUMN_LEASE_TYPE},
	};
	for (unsigned i = 0; i < COLUMN_KINDS; i++)
		at[i] = -1;
	for (unsigned i = 0; i < row->count; i++)
		for (unsigned w = 0; w < RW_COUNT(words); w++)
			if (is_word(&row->fields[i], words[w].word))
				at[words[w].column] = (int)i;
	return at[COLUMN_ADDRESS] == 0 && at[COLUMN_EXPIRE] > 0 && at[COLUMN_HOSTNAME] > 0;
}

static const struct kea_field *field_of(
	const struct row *row, const int at[COLUMN_KINDS], enum column column)
{
	static const struct kea_field none = {"", 0};
	return at[column] >= 0 && (unsigned)at[column] < row->count ? &row->fields[at[column]]
								    : &none;
}

/* The number in a column that may be missing. */
static bool read_number(const struct row *row, const int at[COLUMN_KINDS], enum column column,
	int64_t fallback, int64_t *ret_number)
{
	const struct kea_field *field = field_of(row, at, column);
	*ret_number = fallback;
	return field->size == 0 || lease_number(field->text, field->size, ret_number);
}

static void read_host(
	struct lease_reading *reading, const struct kea_field *field, struct lease *lease)
{
	/* A comma is as good as the dot at the end of the label: neither goes into it. */
	const char *comma = memchr(field->text, '&', field->size);
	size_t size = comma ? (size_t)(comma - field->text) : field->size;
	lease_name(reading, lease->line, field->text, size, lease->host);
}

/* False: no lease of Kea. A lease that has ended takes the place of the one before it, too. */
static bool read_lease(struct lease_reading *reading, const struct row *row,
	const int at[COLUMN_KINDS], struct lease *lease)
{
	int64_t lifetime, state, type;
	const struct kea_field *address = field_of(row, at, COLUMN_ADDRESS);
	const struct kea_field *client = field_of(row, at, COLUMN_CLIENT);
	if (!lease_addr(address->text, address->size, ADDR_NONE, &lease->addr) ||
		field_of(row, at, COLUMN_EXPIRE)->size == 0 ||
		!read_number(row, at, COLUMN_EXPIRE, 0, &lease->until_s) ||
		!read_number(row, at, COLUMN_LIFETIME, 1, &lifetime) ||
		!read_number(row, at, COLUMN_STATE, STATE_DEFAULT, &state) ||
		!read_number(row, at, COLUMN_LEASE_TYPE, 0, &type))
		return false;
	if (lifetime == LIFETIME_FOREVER)
		lease->until_s = LEASE_FOREVER;
	if (client->size == 0)
		client = field_of(row, at, COLUMN_HWADDR);
	lease->client = lease_client(client->text, client->size);
	bool in_use = lifetime > 0 && (state == STATE_DEFAULT || state == STATE_REGISTERED);
	if (in_use && type != TYPE_PREFIX_V6)
		read_host(reading, field_of(row, at, COLUMN_HOSTNAME), lease);
	return true;
}

int leases_read_kea(struct lease_reading *reading, const char *bytes, size_t size)
{
	const char *at = bytes, *line;
	size_t length;
	unsigned number = 0;
	int columns[COLUMN_KINDS], err = 0;
	struct row row;
	if (!lease_line(&at, bytes + size, &line, &length, &number))
		return 0; /* not even the first line is there yet */
	split(line, length, &row);
	if (!read_columns(&row, columns)) {
		fault_error(reading->faults, reading->path, 1,
			"this is not how Kea names its columns (address, ..., expire, ..., "
			"hostname): is `format` the one of this file?");
		return RW_EINVAL;
	}
	while (!err && lease_line(&at, bytes + size, &line, &length, &number)) {
		struct lease lease = {.line = number};
		if (length == 0)
			continue;
		split(line, length, &row);
		reading->seen++;
		if (read_lease(reading, &row, columns, &lease))
			err = lease_put(reading, &lease);
		else
			fault_warning(reading->faults, reading->path, number,
				"no lease of Kea: it is left out; the first line says what columns "
				"it should have");
	}
	return err;
}
