/* SPDX-License-Identifier: MIT */
/* The guard in front of every message: one pass that counts its own work. */
#include "resolver/wire/precheck.h"

#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/wire/rr.h"
#include "resolver/wire/rrset.h"

/* The message and how far the pass has come. */
struct scan {
	const uint8_t *wire;
	size_t size, at;
	unsigned work; /* labels and pointers touched */
	struct precheck info;
};

/* A record's fixed fields; `rdata` to `end` are offsets. */
struct scanned_record {
	size_t owner, rdata, end;
	uint16_t type;
};

/*
 * Checks the name at `*at`, whose bytes in place must end at or before `end`, and moves `*at`
 * behind it. A pointer lands before every byte read so far, and never in the header: a name must
 * not change with the id.
 */
static int scan_name(struct scan *s, size_t *at, size_t end, unsigned hops_allowed)
{
	size_t offset = *at, next = 0, limit = *at, used = 0;
	unsigned hops = 0;
	for (;;) {
		if (++s->work > LIMIT_MESSAGE_WORK)
			return RW_ELIMIT;
		if (offset >= end)
			return RW_EMALFORMED;
		uint8_t length = s->wire[offset];
		if (length >= 0xc0) {
			if (offset + 1 >= end)
				return RW_EMALFORMED;
			size_t target = rr_get16(s->wire + offset) & 0x3fff;
			if (target >= limit || target < HEADER_SIZE || ++hops > hops_allowed)
				return RW_EMALFORMED;
			if (next == 0)
				next = offset + 2;
			offset = limit = target;
			continue;
		}
		used += (size_t)length + 1;
		if (length > LIMIT_LABEL_BYTES || used > LIMIT_NAME_BYTES || length >= end - offset)
			return RW_EMALFORMED;
		offset += (size_t)length + 1;
		if (length == 0)
			break;
	}
	*at = next ? next : offset;
	return 0;
}

/* Bytes that must follow the names of a type's rdata, and whether more may. */
static size_t rdata_tail(uint16_t type, bool *ret_open)
{
	*ret_open = type == TYPE_RRSIG || type == TYPE_SIG || type == TYPE_NXT || type == TYPE_NSEC;
	switch (type) {
	case TYPE_SOA:
		return 20;
	case TYPE_RRSIG:
	case TYPE_SIG:
		return 1;
	default:
		return 0;
	}
}

static int scan_rdata(struct scan *s, const struct scanned_record *record, unsigned hops)
{
	size_t size = record->end - record->rdata;
	if (record->type == TYPE_A)
		return size == 4 ? 0 : RW_EMALFORMED;
	if (record->type == TYPE_AAAA)
		return size == 16 ? 0 : RW_EMALFORMED;
	uint16_t first;
	unsigned names = rr_rdata_names(record->type, &first);
	if (record->type == TYPE_NSEC) {
		/* Kept as it stands (RFC 3597 section 4), so a pointer would lose its message. */
		names = 1;
		hops = 0;
	}
	if (names == 0)
		return 0;
	if (size < first)
		return RW_EMALFORMED;
	size_t at = record->rdata + first;
	while (names-- > 0) {
		int err = scan_name(s, &at, record->end, hops);
		if (err)
			return err;
	}
	bool open;
	size_t tail = rdata_tail(record->type, &open), left = record->end - at;
	return left == tail || (open && left > tail) ? 0 : RW_EMALFORMED;
}

/* SIG(0), RFC 2931: a SIG record that covers no type. */
static bool is_signature(const struct scan *s, const struct scanned_record *record)
{
	return record->type == TYPE_TSIG ||
	       (record->type == TYPE_SIG && rr_get16(s->wire + record->rdata) == 0);
}

/* OPT, TSIG and SIG(0): alone of their kind, in the additional section, the signature last. */
static int scan_pseudo(
	struct scan *s, const struct scanned_record *record, unsigned section, bool last)
{
	if (record->type == TYPE_OPT) {
		if (section != 3 || s->info.opt || s->wire[record->owner] != 0)
			return RW_EMALFORMED;
		s->info.opt = (uint16_t)record->owner;
	} else if (is_signature(s, record)) {
		if (section != 3 || !last)
			return RW_EMALFORMED;
		s->info.signature = (uint16_t)record->owner;
	}
	return 0;
}

static int scan_record(struct scan *s, unsigned section, bool last)
{
	struct scanned_record record = {.owner = s->at};
	int err = scan_name(s, &s->at, s->size, LIMIT_POINTER_HOPS);
	if (err)
		return err;
	if (s->size - s->at < 10)
		return RW_EMALFORMED;
	record.type = rr_get16(s->wire + s->at);
	size_t length = rr_get16(s->wire + s->at + 8);
	record.rdata = s->at + 10;
	if (length > s->size - record.rdata)
		return RW_EMALFORMED;
	record.end = s->at = record.rdata + length;
	err = scan_rdata(s, &record, LIMIT_POINTER_HOPS);
	return err ? err : scan_pseudo(s, &record, section, last);
}

static int scan_questions(struct scan *s)
{
	for (unsigned i = 0; i < s->info.counts[0]; i++) {
		int err = scan_name(s, &s->at, s->size, LIMIT_POINTER_HOPS);
		if (err)
			return err;
		if (s->size - s->at < 4)
			return RW_EMALFORMED;
		if (i == 0) {
			s->info.qtype = rr_get16(s->wire + s->at);
			s->info.qclass = rr_get16(s->wire + s->at + 2);
		}
		s->at += 4;
	}
	s->info.question_end = (uint16_t)s->at;
	return 0;
}

int precheck_header(const uint8_t *wire, size_t size, struct precheck *ret_info)
{
	if (size < HEADER_SIZE)
		return RW_EMALFORMED;
	struct precheck info = {
		.id = rr_get16(wire),
		.flags = rr_get16(wire + 2),
	};
	for (unsigned i = 0; i < 4; i++)
		info.counts[i] = rr_get16(wire + 4 + 2 * i);
	*ret_info = info;
	return 0;
}

int precheck(const uint8_t *wire, size_t size, struct precheck *ret_info)
{
	struct scan s = {.wire = wire, .size = size, .at = HEADER_SIZE};
	if (size > LIMIT_MESSAGE_BYTES)
		return RW_ELIMIT;
	int err = precheck_header(wire, size, &s.info);
	if (!err)
		err = scan_questions(&s);
	for (unsigned section = 1; !err && section < 4; section++) {
		unsigned count = s.info.counts[section];
		for (unsigned i = 0; !err && i < count; i++)
			err = scan_record(&s, section, i + 1 == count);
	}
	if (!err && s.at != size)
		err = RW_EMALFORMED;
	if (err)
		return err;
	*ret_info = s.info;
	return 0;
}

int precheck_rdata(uint16_t type, const uint8_t *rdata, size_t size)
{
	struct scan s = {.wire = rdata, .size = size};
	struct scanned_record record = {.end = size, .type = type};
	return size > UINT16_MAX ? RW_ELIMIT : scan_rdata(&s, &record, 0);
}
