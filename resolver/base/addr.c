/* SPDX-License-Identifier: MIT */
/* Addresses: parsing, printing, comparing, and the way from and to the system's types. */
#include "resolver/base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct addr addr_from_bytes(const uint8_t *ip, size_t size, uint16_t port)
{
	struct addr addr = {.family = size == 16 ? ADDR_V6 : ADDR_V4, .port = port};
	memcpy(addr.ip, ip, size == 16 ? 16 : 4);
	return addr;
}

bool addr_ip_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, addr_ip_size(a)) == 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->port == b->port && addr_ip_equal(a, b);
}

static int parse_number(const char *text, unsigned long max, unsigned long *ret_value)
{
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 5)
		return RW_EMALFORMED;
	char *end;
	unsigned long value = strtoul(text, &end, 10);
	if (*end != '\0' || value > max)
		return RW_EMALFORMED;
	*ret_value = value;
	return 0;
}

static int parse_ip(const char *text, struct addr *ret_addr)
{
	struct addr addr = {0};
	if (inet_pton(AF_INET, text, addr.ip) == 1)
		addr.family = ADDR_V4;
	else if (inet_pton(AF_INET6, text, addr.ip) == 1)
		addr.family = ADDR_V6;
	else
		return RW_EMALFORMED;
	*ret_addr = addr;
	return 0;
}

int addr_parse(const char *text, uint16_t port, struct addr *ret_addr)
{
	char ip[ADDR_TEXT];
	const char *at = strchr(text, '@');
	size_t length = at ? (size_t)(at - text) : strlen(text);
	if (length >= sizeof(ip))
		return RW_EMALFORMED;
	memcpy(ip, text, length);
	ip[length] = '\0';
	unsigned long number = port;
	if (at && (parse_number(at + 1, 65535, &number) || number == 0))
		return RW_EMALFORMED;
	struct addr addr;
	if (parse_ip(ip, &addr))
		return RW_EMALFORMED;
	addr.port = (uint16_t)number;
	*ret_addr = addr;
	return 0;
}

const char *addr_ip_text(const struct addr *addr, char buf[ADDR_TEXT])
{
	if (addr->family == ADDR_NONE)
		(void)snprintf(buf, ADDR_TEXT, "none");
	else if (!inet_ntop(addr->family == ADDR_V6 ? AF_INET6 : AF_INET, addr->ip, buf, ADDR_TEXT))
		(void)snprintf(buf, ADDR_TEXT, "?");
	return buf;
}

const char *addr_text(const struct addr *addr, char buf[ADDR_TEXT])
{
	(void)addr_ip_text(addr, buf);
	if (addr->port) {
		size_t length = strlen(buf);
		(void)snprintf(buf + length, ADDR_TEXT - length, "@%u", addr->port);
	}
	return buf;
}

/* Whether the first `bits` bits of both agree. */
static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	if (memcmp(a, b, bits / 8) != 0)
		return false;
	if (bits % 8 == 0)
		return true;
	uint8_t mask = (uint8_t)(0xff << (8 - bits % 8));
	return ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

static bool host_bits_clear(const struct prefix *prefix)
{
	struct addr masked = prefix->base;
	unsigned all = (unsigned)addr_ip_size(&masked) * 8;
	for (unsigned bit = prefix->bits; bit < all; bit++)
		if (masked.ip[bit / 8] & (0x80 >> (bit % 8)))
			return false;
	return true;
}

int prefix_parse(const char *text, struct prefix *ret_prefix)
{
	char ip[ADDR_TEXT];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	if (length >= sizeof(ip))
		return RW_EMALFORMED;
	memcpy(ip, text, length);
	ip[length] = '\0';
	struct prefix prefix;
	if (parse_ip(ip, &prefix.base))
		return RW_EMALFORMED;
	unsigned long bits = addr_ip_size(&prefix.base) * 8;
	if (slash && parse_number(slash + 1, bits, &bits))
		return RW_EMALFORMED;
	prefix.bits = (uint8_t)bits;
	if (!host_bits_clear(&prefix))
		return RW_EINVAL;
	*ret_prefix = prefix;
	return 0;
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
	return prefix->base.family == addr->family &&
	       bits_equal(prefix->base.ip, addr->ip, prefix->bits);
}

int addr_from_sockaddr(const struct sockaddr *sa, struct addr *ret_addr)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
		*ret_addr = addr_from_bytes((const uint8_t *)&in->sin_addr, 4, ntohs(in->sin_port));
		return 0;
	}
	if (sa->sa_family != AF_INET6)
		return RW_EINVAL;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const uint8_t *ip = in6->sin6_addr.s6_addr;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		*ret_addr = addr_from_bytes(ip + 12, 4, ntohs(in6->sin6_port));
		return 0;
	}
	*ret_addr = addr_from_bytes(ip, 16, ntohs(in6->sin6_port));
	ret_addr->scope = in6->sin6_scope_id;
	return 0;
}

unsigned addr_to_sockaddr(const struct addr *addr, struct sockaddr_storage *ret_sa)
{
	memset(ret_sa, 0, sizeof(*ret_sa));
	if (addr->family == ADDR_V6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ret_sa;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(addr->port);
		in6->sin6_scope_id = addr->scope;
		memcpy(&in6->sin6_addr, addr->ip, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)ret_sa;
	in->sin_family = AF_INET;
	in->sin_port = htons(addr->port);
	memcpy(&in->sin_addr, addr->ip, 4);
	return sizeof(*in);
}
