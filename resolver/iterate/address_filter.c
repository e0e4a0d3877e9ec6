/* SPDX-License-Identifier: MIT */
/* The table of refused ranges, and the exceptions the configuration makes. */
#include "resolver/iterate/address_filter.h"

#define V4(bits_, ...)                                                                             \
	{                                                                                          \
		.base = {.family = ADDR_V4, .ip = {__VA_ARGS__}}, .bits = (bits_)                  \
	}
#define V6(bits_, ...)                                                                             \
	{                                                                                          \
		.base = {.family = ADDR_V6, .ip = {__VA_ARGS__}}, .bits = (bits_)                  \
	}

static const struct prefix forbidden[] = {
	V4(8, 0),          /* this network */
	V4(8, 10),         /* private */
	V4(10, 100, 64),   /* shared, RFC 6598 */
	V4(8, 127),        /* loopback */
	V4(16, 169, 254),  /* link-local */
	V4(12, 172, 16),   /* private */
	V4(24, 192, 0, 0), /* protocol assignments */
	V4(16, 192, 168),  /* private */
	V4(15, 198, 18),   /* benchmarks, RFC 2544 */
	V4(3, 224),        /* multicast, reserved, broadcast */
	V6(96, 0),         /* unspecified, loopback, IPv4-compatible */
	V6(96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), /* mapped IPv4 */
	V6(7, 0xfc),                                      /* unique local */
	V6(9, 0xfe, 0x80),                                /* link-local, site-local */
	V6(96, 0, 0x64, 0xff, 0x9b),                      /* NAT64, RFC 6052 */
	V6(48, 0, 0x64, 0xff, 0x9b, 0, 1),                /* the same inside a network, RFC 8215 */
	V6(64, 1),                                        /* discard only, RFC 6666 */
	V6(8, 0xff),                                      /* multicast */
};

static bool is_listed(const struct addr *addr)
{
	for (size_t i = 0; i < RW_COUNT(forbidden); i++)
		if (prefix_contains(&forbidden[i], addr))
			return true;
	return false;
}

/* 6to4 leads to the IPv4 address inside (RFC 3056 section 2). */
static bool leads_to_listed(const struct addr *addr)
{
	static const struct prefix sixtofour = V6(16, 0x20, 0x02);
	if (!prefix_contains(&sixtofour, addr))
		return false;
	struct addr inside = addr_from_bytes(addr->ip + 2, 4, addr->port);
	return is_listed(&inside);
}

bool address_is_global(const struct addr *addr)
{
	return !is_listed(addr) && !leads_to_listed(addr);
}

bool address_is_forbidden(const struct outgoing_settings *outgoing, const struct addr *addr)
{
	bool found = !address_is_global(addr);
	for (size_t i = 0; i < outgoing->allow_private.count && found; i++)
		found = !prefix_contains(&outgoing->allow_private.items[i], addr);
	return found;
}
