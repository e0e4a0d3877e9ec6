/* SPDX-License-Identifier: MIT */
/* Messages put together byte by byte, right or wrong, for the tests of the wire codec. */
#ifndef RW_TESTS_BYTES_H
#define RW_TESTS_BYTES_H

#include <string.h>

#include "resolver/wire/name.h"
#include "resolver/wire/rr.h"

struct bytes {
	uint8_t at[70000];
	size_t size;
};

static inline void put(struct bytes *m, const void *data, size_t size)
{
	rw_require(m->size + size <= sizeof(m->at));
	memcpy(m->at + m->size, data, size);
	m->size += size;
}

static inline void put8(struct bytes *m, unsigned value)
{
	put(m, &(uint8_t){(uint8_t)value}, 1);
}

static inline void put16(struct bytes *m, unsigned value)
{
	put8(m, value >> 8);
	put8(m, value & 0xff);
}

static inline void put_pointer(struct bytes *m, size_t target)
{
	put16(m, 0xc000u | (unsigned)target);
}

static inline void put_name(struct bytes *m, const char *text)
{
	struct name name;
	rw_require(name_from_text(text, &name) == 0);
	put(m, name.bytes, name_size(name.bytes));
}

static inline void put_header(struct bytes *m, unsigned qd, unsigned an, unsigned ns, unsigned ar)
{
	m->size = 0;
	put16(m, 0x1234);
	put16(m, FLAG_QR);
	put16(m, qd);
	put16(m, an);
	put16(m, ns);
	put16(m, ar);
}

/* A header and the question www.example.com A, whose name stands at offset 12. */
static inline void put_start(struct bytes *m, unsigned an, unsigned ns, unsigned ar)
{
	put_header(m, 1, an, ns, ar);
	put_name(m, "www.example.com.");
	put16(m, TYPE_A);
	put16(m, CLASS_IN);
}

/* Type to RDLENGTH; the owner stands before. */
static inline void put_fixed(struct bytes *m, unsigned type, unsigned ttl, unsigned length)
{
	put16(m, type);
	put16(m, CLASS_IN);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put16(m, length);
}

/* A record owned by the question's name. */
static inline void put_record(
        struct bytes *m, unsigned type, unsigned ttl, const void *rdata, size_t size)
{
	put_pointer(m, HEADER_SIZE);
	put_fixed(m, type, ttl, (unsigned)size);
	put(m, rdata, size);
}

static inline void put_opt(struct bytes *m, const void *options, size_t size)
{
	put8(m, 0);
	put_fixed(m, TYPE_OPT, 0x8000, (unsigned)size);
	put(m, options, size);
}

#endif
