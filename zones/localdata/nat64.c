/* SPDX-License-Identifier: MIT */
/* Addresses read from names of ip6.arpa, and the IPv4 address in them. */
#include "zones/localdata/nat64.h"

#include <stdio.h>

#include "resolver/base/limits.h"

#define NIBBLES 32
#define U_OCTET 8 /* holds nothing of the IPv4 address, RFC 6052 section 2.2 */

/* The value of a label of one hex digit, or -1. */
static int nibble(const uint8_t *label)
{
	if (label[0] != 1)
		return -1;
	if (label[1] >= '0' && label[1] <= '9')
		return label[1] - '0';
	int letter = label[1] | 0x20;
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool read_address(const uint8_t *name, struct addr *ret_addr)
{
	static const uint8_t arpa[] = "\3ip6\4arpa";
	struct addr addr = {.family = ADDR_V6};
	for (unsigned i = 0; i < NIBBLES; i++, name = name_parent(name)) {
		int value = nibble(name);
		if (value < 0)
			return false;
		addr.ip[15 - i / 2] |= (uint8_t)(value << 4 * (i % 2));
	}
	*ret_addr = addr;
	return name_equal(name, arpa);
}

bool nat64_inside(const struct prefix *prefix, const struct addr *addr, struct addr *ret_inside)
{
	uint8_t ip[4];
	if (prefix->base.family != ADDR_V6 || addr->family != ADDR_V6 ||
		!prefix_contains(prefix, addr))
		return false;
	size_t at = prefix->bits / 8;
	for (size_t i = 0; i < sizeof(ip); i++) {
		if (at == U_OCTET)
			at++;
		ip[i] = addr->ip[at++];
	}
	*ret_inside = addr_from_bytes(ip, sizeof(ip), 0);
	return true;
}

bool nat64_excludes(const struct dns64_settings *dns64, const struct rdata *aaaa)
{
	const struct addr addr = addr_from_bytes(aaaa->bytes, aaaa->size, 0);
	for (size_t i = 0; i < dns64->exclude.count; i++)
		if (prefix_contains(&dns64->exclude.items[i], &addr))
			return true;
	return false;
}

bool nat64_leaves_some(const struct dns64_settings *dns64, const struct rrset *aaaa)
{
	for (unsigned i = 0; i < aaaa->count; i++)
		if (!nat64_excludes(dns64, &aaaa->records[i]))
			return true;
	return false;
}

static bool read_question(
	const struct prefix *prefix, const struct question *question, struct addr *ret_inside)
{
	struct addr addr;
	return prefix->base.family == ADDR_V6 && question->type == TYPE_PTR &&
	       question->class == CLASS_IN && read_address(question->name, &addr) &&
	       nat64_inside(prefix, &addr, ret_inside);
}

bool nat64_has(const struct prefix *prefix, const struct question *question)
{
	struct addr inside;
	return read_question(prefix, question, &inside);
}

int nat64_alias(const struct prefix *prefix, const struct question *question, struct arena *arena,
	const struct rrset **ret_cname)
{
	char text[sizeof("255.255.255.255.in-addr.arpa.")];
	struct addr inside;
	struct name target;
	if (!read_question(prefix, question, &inside))
		return RW_ENOTFOUND;
	(void)snprintf(text, sizeof(text), "%u.%u.%u.%u.in-addr.arpa.", inside.ip[3], inside.ip[2],
		inside.ip[1], inside.ip[0]);
	rw_require(name_from_text(text, &target) == 0);
	const struct rrset *cname = rrset_single(arena, question->name, TYPE_CNAME, LIMIT_TTL_DNS64,
		target.bytes, (uint16_t)name_size(target.bytes));
	if (!cname)
		return RW_ENOMEM;
	*ret_cname = cname;
	return 0;
}
