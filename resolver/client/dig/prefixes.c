/* SPDX-License-Identifier: MIT */
/* Looks for the two well-known IPv4 addresses inside of AAAA records. */
#include "resolver/client/dig/prefixes.h"

#include <string.h>

#include "resolver/client/json.h"
#include "resolver/wire/records.h"

#define PREFIX_ARENA (1u << 20) /* bytes; names of the largest message fit */

/* RFC 6052 section 2.2: the address goes on behind the prefix, around byte 8, which is zero. */
static bool holds_at(const uint8_t ip[16], unsigned bytes, const uint8_t ipv4[4])
{
	unsigned at = bytes;
	for (unsigned i = 0; i < 4; i++, at++) {
		if (at == 8)
			at++;
		if (ip[at] != ipv4[i])
			return false;
	}
	return bytes == 12 || ip[8] == 0;
}

static bool find_prefix(const uint8_t ip[16], struct prefix *ret_prefix)
{
	static const uint8_t known[][4] = {{192, 0, 0, 170}, {192, 0, 0, 171}};
	static const uint8_t lengths[] = {12, 8, 7, 6, 5, 4}; /* bytes */
	for (size_t i = 0; i < RW_COUNT(lengths); i++)
		for (size_t k = 0; k < RW_COUNT(known); k++)
			if (holds_at(ip, lengths[i], known[k])) {
				*ret_prefix = (struct prefix){
					.base.family = ADDR_V6, .bits = (uint8_t)(8 * lengths[i])};
				memcpy(ret_prefix->base.ip, ip, lengths[i]);
				return true;
			}
	return false;
}

static bool is_known(const struct prefix *list, unsigned count, const struct prefix *prefix)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].bits == prefix->bits && addr_ip_equal(&list[i].base, &prefix->base))
			return true;
	return false;
}

unsigned prefixes_find(const struct raw_message *reply, struct prefix ret_prefixes[PREFIXES_MAX])
{
	struct records records;
	struct record record;
	struct prefix prefix;
	struct arena arena;
	unsigned count = 0;
	if (records_begin(reply->wire, reply->size, &records))
		return 0;
	arena_init(&arena, PREFIX_ARENA);
	while (count < PREFIXES_MAX && records_next(&records, &arena, &record) == 0)
		if (record.section == SECTION_ANSWER && record.type == TYPE_AAAA &&
			record.rdata.size == 16 && find_prefix(record.rdata.bytes, &prefix) &&
			!is_known(ret_prefixes, count, &prefix))
			ret_prefixes[count++] = prefix;
	arena_release(&arena);
	return count;
}

void print_prefixes(
	const struct out *out, const struct query_options *options, const struct raw_message *reply)
{
	char addr[ADDR_TEXT], text[ADDR_TEXT + 8];
	struct prefix prefixes[PREFIXES_MAX];
	unsigned count = prefixes_find(reply, prefixes);
	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(text, sizeof(text), "%s/%u", addr_ip_text(&prefixes[i].base, addr),
			prefixes[i].bits);
		if (options->json)
			json_line(out,
				json_pack("{s:s, s:s}", "schema", JSON_PREFIX, "prefix", text));
		else
			fprintf(out->file, "%s\n", text);
	}
}
