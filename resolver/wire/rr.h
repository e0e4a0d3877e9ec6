/* SPDX-License-Identifier: MIT */
/*
 * Numbers of the protocol that the program itself speaks of: types, classes, opcodes, rcodes,
 * header flags (IANA "Domain Name System (DNS) Parameters"). All other types pass through as
 * opaque data (RFC 3597).
 */
#ifndef RW_WIRE_RR_H
#define RW_WIRE_RR_H

#include <stdbool.h>
#include <stdint.h>

enum rr_type {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_MD = 3,
	TYPE_MF = 4,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_MB = 7,
	TYPE_MG = 8,
	TYPE_MR = 9,
	TYPE_NULL = 10,
	TYPE_PTR = 12,
	TYPE_HINFO = 13,
	TYPE_MINFO = 14,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_RP = 17,
	TYPE_AFSDB = 18,
	TYPE_SIG = 24,
	TYPE_KEY = 25,
	TYPE_PX = 26,
	TYPE_AAAA = 28,
	TYPE_NXT = 30,
	TYPE_SRV = 33,
	TYPE_NAPTR = 35,
	TYPE_KX = 36,
	TYPE_DNAME = 39,
	TYPE_OPT = 41,
	TYPE_DS = 43,
	TYPE_RRSIG = 46,
	TYPE_NSEC = 47,
	TYPE_DNSKEY = 48,
	TYPE_NSEC3 = 50,
	TYPE_NSEC3PARAM = 51,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
	TYPE_TKEY = 249,
	TYPE_TSIG = 250,
	TYPE_IXFR = 251,
	TYPE_AXFR = 252,
	TYPE_MAILB = 253,
	TYPE_MAILA = 254,
	TYPE_ANY = 255,
	TYPE_CAA = 257,
};

enum rr_class {
	CLASS_IN = 1,
	CLASS_CH = 3,
	CLASS_NONE = 254,
	CLASS_ANY = 255,
};

enum opcode {
	OPCODE_QUERY = 0,
	OPCODE_STATUS = 2,
	OPCODE_NOTIFY = 4,
	OPCODE_UPDATE = 5,
};

enum rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6,
	RCODE_NOTAUTH = 9,
	RCODE_BADVERS = 16,
	RCODE_BADCOOKIE = 23,
};

/* Bits of the header's second 16-bit word (RFC 1035 section 4.1.1, RFC 4035 section 3). */
enum header_flag {
	FLAG_QR = 0x8000,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_RA = 0x0080,
	FLAG_AD = 0x0020,
	FLAG_CD = 0x0010,
};

#define HEADER_SIZE 12 /* bytes */

/* Types that are questions or transaction data, never stored records (RFC 6895 section 3.1). */
static inline bool rr_type_is_meta(uint16_t type)
{
	return type == TYPE_OPT || (type >= 128 && type <= 255);
}

static inline uint16_t rr_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t rr_get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void rr_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void rr_put32(uint8_t *at, uint32_t value)
{
	rr_put16(at, (uint16_t)(value >> 16));
	rr_put16(at + 2, (uint16_t)value);
}

#endif
