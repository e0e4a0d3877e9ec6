/* SPDX-License-Identifier: MIT */
/*
 * Transport addresses and address prefixes as plain values, without the system's socket types, so
 * that every floor can hold, compare and print them.
 */
#ifndef RW_BASE_ADDR_H
#define RW_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/rw.h"

struct sockaddr;
struct sockaddr_storage;

#define ADDR_TEXT 64 /* bytes that hold any address as text, port and NUL included */

enum addr_family {
	ADDR_NONE = 0,
	ADDR_V4 = 4,
	ADDR_V6 = 6,
};

struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t ip[16]; /* network order; IPv4 uses the first four, the rest is zero */
	uint16_t port;  /* host order; 0 where a port has no meaning */
	uint32_t scope; /* interface of a link-local IPv6 address, else 0 */
};

struct prefix {
	struct addr base;
	uint8_t bits; /* 0..32 or 0..128 */
};

static inline size_t addr_ip_size(const struct addr *addr)
{
	return addr->family == ADDR_V6 ? 16 : 4;
}

/* From `size` raw bytes: 4 (an A record) or 16 (AAAA). */
struct addr addr_from_bytes(const uint8_t *ip, size_t size, uint16_t port);

bool addr_equal(const struct addr *a, const struct addr *b);    /* ip, scope and port */
bool addr_ip_equal(const struct addr *a, const struct addr *b); /* ip and scope */

/* "192.0.2.1", "2001:db8::1" or either with "@port"; `port` where none is given. */
int addr_parse(const char *text, uint16_t port, struct addr *ret_addr) RW_MUSTCHECK;

/* "192.0.2.1@53"; without "@port" where the port is 0. Returns `buf`. */
const char *addr_text(const struct addr *addr, char buf[ADDR_TEXT]);

/* The same without the port. */
const char *addr_ip_text(const struct addr *addr, char buf[ADDR_TEXT]);

/* "192.0.2.0/24" or a single address. Bits set behind the prefix length are an error. */
int prefix_parse(const char *text, struct prefix *ret_prefix) RW_MUSTCHECK;
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);

/* IPv4 addresses mapped into IPv6 come out as IPv4. Returns RW_EINVAL for other families. */
int addr_from_sockaddr(const struct sockaddr *sa, struct addr *ret_addr) RW_MUSTCHECK;

/* Fills `ret_sa`; returns the length the system wants to hear. */
unsigned addr_to_sockaddr(const struct addr *addr, struct sockaddr_storage *ret_sa);

#endif
