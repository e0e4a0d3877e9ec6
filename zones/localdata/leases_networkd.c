/* SPDX-License-Identifier: MIT */
/*
 * What systemd-networkd (256 and later) keeps of its DHCP server in
 * /var/lib/systemd/network/dhcp-server-lease/INTERFACE: a JSON object whose array "Leases" has an
 * object to each lease, with "Address" (four numbers), "Hostname" where the client gave one,
 * "ClientId" (numbers) and "ExpirationRealtimeUSec" (all ones: never). The file is replaced as a
 * whole, so that one that cannot be read is no file of this kind.
 */
#include "zones/localdata/leases.h"

#include <jansson.h>
#include <string.h>

#define CLIENT_BYTES 256

/* The bytes of an array of numbers; 0: it is none, or has other numbers. */
static size_t read_bytes(const json_t *array, uint8_t *out, size_t room)
{
	size_t count = json_array_size(array);
	if (count > room)
		return 0;
	for (size_t i = 0; i < count; i++) {
		double number = json_number_value(json_array_get(array, i));
		if (!json_is_number(json_array_get(array, i)) || number < 0 || number > 255)
			return 0;
		out[i] = (uint8_t)number;
	}
	return count;
}

static bool read_lease(struct lease_reading *reading, const json_t *object, struct lease *lease)
{
	uint8_t address[4], client[CLIENT_BYTES];
	const json_t *host = json_object_get(object, "Hostname");
	const json_t *end = json_object_get(object, "ExpirationRealtimeUSec");
	if (read_bytes(json_object_get(object, "Address"), address, 4) != 4 || !json_is_number(end))
		return false;
	lease->addr = addr_from_bytes(address, 4, 0);
	double seconds = json_number_value(end) / 1e6;
	/* Microseconds that do not fit 63 bits are "never". */
	lease->until_s = seconds < 0 || seconds > 9e12 ? LEASE_FOREVER : (int64_t)seconds;
	size_t size = read_bytes(json_object_get(object, "ClientId"), client, sizeof(client));
	lease->client = lease_client(client, size);
	if (json_is_string(host))
		lease_name(
			reading, 0, json_string_value(host), json_string_length(host), lease->host);
	return true;
}

static int take_leases(struct lease_reading *reading, const json_t *leases)
{
	int err = 0;
	for (size_t i = 0; i < json_array_size(leases) && !err; i++) {
		struct lease lease = {0};
		reading->seen++;
		if (read_lease(reading, json_array_get(leases, i), &lease))
			err = lease_put(reading, &lease);
		else
			fault_warning(reading->faults, reading->path, 0,
				"entry %zu of \"Leases\" is no lease of systemd-networkd: it is "
				"left "
				"out",
				i + 1);
	}
	return err;
}

int leases_read_networkd(struct lease_reading *reading, const char *bytes, size_t size)
{
	json_error_t error;
	/* "Never" is a number that no signed integer holds. */
	json_t *root = json_loadb(bytes, size, JSON_DECODE_INT_AS_REAL, &error);
	const json_t *leases = json_object_get(root, "Leases");
	int err = RW_EINVAL;
	if (!root)
		fault_error(reading->faults, reading->path,
			error.line > 0 ? (unsigned)error.line : 0,
			"this is no JSON: is `format` the one of this file?");
	else if (!json_is_object(root) || (leases && !json_is_array(leases)))
		fault_error(reading->faults, reading->path, 0,
			"no object with an array \"Leases\": is `format` the one of this file?");
	else
		err = take_leases(reading, leases);
	json_decref(root);
	return err;
}
