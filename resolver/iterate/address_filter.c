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
	V4(3, 224),        /* multicast, reserved, broadcast */
	V6(96, 0),         /* unspecified, loopback, IPv4-compatible */
	V6(96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), /* mapped IPv4 */
	V6(7, 0xfc),                                      /* unique local */
	V6(10, 0xfe, 0x80),                               /* link-local */
	V6(8, 0xff),                                      /* multicast */
};

bool address_is_forbidden(const struct outgoing_settings *outgoing, const struct addr *addr)
{
	bool found = false;
	for (size_t i = 0; i < RW_COUNT(forbidden) && !found; i++)
		found = prefix_contains(&forbidden[i], addr);
	for (size_t i = 0; i < outgoing->allow_private.count && found; i++)
		found = !prefix_contains(&outgoing->allow_private.items[i], addr);
	return found;
}
