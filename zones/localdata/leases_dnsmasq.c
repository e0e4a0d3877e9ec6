/* SPDX-License-Identifier: MIT */
/*
 * dnsmasq's lease file. A line of DHCPv4 has the end of the lease (0: never), the MAC address, the
 * IP address, the name (*: none) and the client identifier (*: none). Behind a line "duid ..." the
 * lines of DHCPv6 follow, where the IAID (with a T before that of a temporary address) stands in
 * place of the MAC address and the client's DUID in place of its identifier.
 */
#include "zones/localdata/leases.h"

#include <string.h>

#define FIELDS 5

struct dnsmasq_field {
	const char *text;
	size_t size;
};

static unsigned split(const char *line, size_t length, struct dnsmasq_field fields[FIELDS])
{
	unsigned count = 0;
	const char *end = line + length;
	while (count < FIELDS) {
		while (line < end && *line == ' ')
			line++;
		if (line == end)
			break;
		const char *stop = memchr(line, ' ', (size_t)(end - line));
		if (!stop)
			stop = end;
		fields[count++] = (struct dnsmasq_field){line, (size_t)(stop - line)};
		line = stop;
	}
	return count;
}

static bool is_nothing(const struct dnsmasq_field *field)
{
	return field->size == 1 && field->text[0] == '*';
}

static bool read_lease(struct lease_reading *reading, const struct dnsmasq_field fields[FIELDS],
	unsigned count, struct lease *lease)
{
	if (count < 4 || !lease_number(fields[0].text, fields[0].size, &lease->until_s) ||
		!lease_addr(fields[2].text, fields[2].size, ADDR_NONE, &lease->addr))
		return false;
	if (lease->until_s == 0)
		lease->until_s = LEASE_FOREVER;
	const struct dnsmasq_field *client = &fields[count > 4 && !is_nothing(&fields[4]) ? 4 : 1];
	lease->client = lease_client(client->text, client->size);
	if (!is_nothing(&fields[3]))
		lease_name(reading, lease->line, fields[3].text, fields[3].size, lease->host);
	return true;
}

int leases_read_dnsmasq(struct lease_reading *reading, const char *bytes, size_t size)
{
	const char *at = bytes, *line;
	size_t length;
	unsigned number = 0;
	int err = 0;
	while (!err && lease_line(&at, bytes + size, &line, &length, &number)) {
		struct dnsmasq_field fields[FIELDS];
		struct lease lease = {.line = number};
		unsigned count = split(line, length, fields);
		bool is_duid =
			count > 0 && fields[0].size == 4 && memcmp(fields[0].text, "duid", 4) == 0;
		if (count == 0 || is_duid)
			continue;
		reading->seen++;
		if (read_lease(reading, fields, count, &lease))
			err = lease_put(reading, &lease);
		else
			fault_warning(reading->faults, reading->path, number,
				"no lease of dnsmasq: it is left out; a line has the end, the MAC "
				"address, the address, the name and the client");
	}
	return err;
}
