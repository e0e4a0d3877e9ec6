/* SPDX-License-Identifier: MIT */
/* One reader for each kind of part: numbers, names, strings, times, bitmaps. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "resolver/base/addr.h"
#include "resolver/client/out.h"
#include "resolver/client/wire/dissect.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/msg.h"
#include "resolver/wire/text.h"

#define LIST_TEXT 3072 /* bytes of a list of words */

/* ---- names ---- */

static const uint8_t *here(const struct dissection *d)
{
	return d->wire + d->at;
}

/* What a name says as a whole; false: it is broken or goes on behind its field. */
static bool whole_name(const struct dissection *d, size_t at, char text[LIMIT_NAME_TEXT])
{
	struct name name;
	size_t next;
	(void)snprintf(text, LIMIT_NAME_TEXT, "(broken)");
	if (name_read(d->wire, d->size, at, &name, &next))
		return false;
	(void)name_text(name.bytes, text);
	return next <= d->end;
}

static void read_pointer(struct dissection *d, const char *label, const char *whole, bool alone)
{
	char text[LIMIT_NAME_TEXT];
	struct name name;
	size_t target = rr_get16(here(d)) & 0x3fffu;
	d->summary.pointers++;
	if (!name_read(d->wire, d->size, d->at, &name, NULL)) {
		size_t size = name_size(name.bytes);
		d->summary.saved += size > 2 ? size - 2 : 0;
	}
	bool sound = whole_name(d, d->at, text);
	dissect_put(d, 2, label, "pointer %04zx = %s", target, text);
	if (!sound)
		d->summary.broken = true;
	else if (!alone)
		dissect_put(d, 0, "", "= %s", whole);
}

/* One label, together with the root's where that follows. True: the name goes on. */
static bool read_label(struct dissection *d, const char *label, const char *whole)
{
	char text[4 * 63 + 8];
	size_t length = *here(d);
	if (!dissect_need(d, 1 + length, label))
		return false;
	bool last = d->at + 1 + length < d->end && here(d)[1 + length] == 0;
	(void)out_escape(here(d) + 1, length, text, sizeof(text));
	if (last)
		dissect_put(d, length + 2, label, "[%zu]%s [0]  = %s", length, text, whole);
	else
		dissect_put(d, length + 1, label, "[%zu]%s", length, text);
	return !last;
}

void dissect_name(struct dissection *d, const char *label)
{
	char whole[LIMIT_NAME_TEXT];
	bool first = true;
	(void)whole_name(d, d->at, whole);
	while (dissect_need(d, 1, label)) {
		uint8_t length = *here(d);
		if (length >= 0xc0) {
			if (dissect_need(d, 2, label))
				read_pointer(d, label, whole, first);
			return;
		}
		if (length > 63) {
			d->summary.broken = true;
			dissect_put(d, 1, label, "a label type that does not exist");
			return;
		}
		if (length == 0) {
			dissect_put(d, 1, label, "[0]  = .");
			return;
		}
		if (!read_label(d, label, whole))
			return;
		label = "";
		first = false;
	}
}

/* ---- numbers ---- */

void dissect_u8(struct dissection *d, const char *label)
{
	if (dissect_need(d, 1, label))
		dissect_put(d, 1, label, "%u", *here(d));
}

void dissect_u16(struct dissection *d, const char *label)
{
	if (dissect_need(d, 2, label))
		dissect_put(d, 2, label, "%u", rr_get16(here(d)));
}

void dissect_u32(struct dissection *d, const char *label)
{
	if (dissect_need(d, 4, label))
		dissect_put(d, 4, label, "%u", rr_get32(here(d)));
}

void dissect_tenths(struct dissection *d, const char *label)
{
	if (dissect_need(d, 2, label))
		dissect_put(d, 2, label, "%.1f s", rr_get16(here(d)) / 10.0);
}

void dissect_ttl(struct dissection *d, const char *label)
{
	char text[OUT_TTL];
	if (!dissect_need(d, 4, label))
		return;
	uint32_t ttl = rr_get32(here(d));
	dissect_put(d, 4, label, "%u = %s", ttl, out_ttl(ttl, text));
}

void dissect_time(struct dissection *d, const char *label)
{
	char text[32] = "?";
	struct tm tm;
	if (!dissect_need(d, 4, label))
		return;
	time_t at = (time_t)rr_get32(here(d));
	if (gmtime_r(&at, &tm))
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%SZ", &tm);
	dissect_put(d, 4, label, "%s", text);
}

void dissect_type(struct dissection *d, const char *label)
{
	char type[TEXT_TYPE];
	if (dissect_need(d, 2, label))
		dissect_put(d, 2, label, "%s", text_type(rr_get16(here(d)), type));
}

struct dissect_word {
	unsigned number;
	const char *name;
};

static void put_word(
	struct dissection *d, const char *label, const struct dissect_word *words, size_t count)
{
	if (!dissect_need(d, 1, label))
		return;
	unsigned number = *here(d);
	const char *name = "unknown";
	for (size_t i = 0; i < count; i++)
		if (words[i].number == number)
			name = words[i].name;
	dissect_put(d, 1, label, "%u %s", number, name);
}

void dissect_algorithm(struct dissection *d, const char *label)
{
	static const struct dissect_word words[] = {{1, "RSAMD5"}, {3, "DSA"}, {5, "RSASHA1"},
		{7, "NSEC3RSASHA1"}, {8, "RSASHA256"}, {10, "RSASHA512"}, {13, "ECDSAP256SHA256"},
		{14, "ECDSAP384SHA384"}, {15, "ED25519"}, {16, "ED448"}, {0, "DELETE"}};
	put_word(d, label, words, RW_COUNT(words));
}

void dissect_digest(struct dissection *d, const char *label)
{
	static const struct dissect_word words[] = {
		{1, "SHA-1"}, {2, "SHA-256"}, {3, "GOST"}, {4, "SHA-384"}, {0, "none"}};
	put_word(d, label, words, RW_COUNT(words));
}

void dissect_key_flags(struct dissection *d, const char *label)
{
	if (!dissect_need(d, 2, label))
		return;
	unsigned flags = rr_get16(here(d));
	dissect_put(d, 2, label, "%u%s%s%s", flags, flags & 0x100 ? " zone-key" : "",
		flags & 1 ? " SEP (KSK)" : "", flags & 0x80 ? " REVOKED" : "");
}

void dissect_error(struct dissection *d, const char *label)
{
	if (!dissect_need(d, 2, label))
		return;
	unsigned code = rr_get16(here(d));
	dissect_put(d, 2, label, "%u %s", code, ede_text((int)code));
}

/* ---- addresses ---- */

static void read_addresses(struct dissection *d, const char *label, size_t size)
{
	char text[ADDR_TEXT];
	do {
		if (!dissect_need(d, size, label))
			return;
		struct addr addr = addr_from_bytes(here(d), size, 0);
		dissect_put(d, size, label, "%s", addr_ip_text(&addr, text));
	} while (d->at < d->end);
}

void dissect_ipv4(struct dissection *d, const char *label)
{
	read_addresses(d, label, 4);
}

void dissect_ipv6(struct dissection *d, const char *label)
{
	read_addresses(d, label, 16);
}

void dissect_prefix(struct dissection *d, const char *label)
{
	char text[ADDR_TEXT];
	struct addr addr = {.family = ADDR_V4};
	if (!dissect_need(d, 4, label))
		return;
	unsigned family = rr_get16(here(d));
	dissect_put(d, 2, "family", "%u%s", family,
		family == 1   ? " IPv4"
		: family == 2 ? " IPv6"
			      : "");
	dissect_u8(d, "source bits");
	dissect_u8(d, "scope bits");
	size_t size = d->end - d->at;
	if (family == 2)
		addr.family = ADDR_V6;
	if (size == 0 || family < 1 || family > 2 || size > addr_ip_size(&addr))
		return;
	memcpy(addr.ip, here(d), size);
	dissect_put(d, size, label, "%s", addr_ip_text(&addr, text));
}

/* ---- strings and bytes ---- */

void dissect_string(struct dissection *d, const char *label)
{
	char text[4 * 255 + 8];
	if (!dissect_need(d, 1, label))
		return;
	size_t length = *here(d);
	if (dissect_need(d, 1 + length, label))
		dissect_put(d, 1 + length, label, "[%zu]%s", length,
			out_escape(here(d) + 1, length, text, sizeof(text)));
}

void dissect_strings(struct dissection *d, const char *label)
{
	for (; d->at < d->end; label = "")
		dissect_string(d, label);
}

void dissect_text(struct dissection *d, const char *label)
{
	char text[LIST_TEXT];
	dissect_put(d, d->end - d->at, label, "\"%s\"",
		out_escape(here(d), d->end - d->at, text, sizeof(text)));
}

void dissect_bytes(struct dissection *d, const char *label)
{
	size_t size = d->end - d->at;
	dissect_put(d, size, label, "%zu byte%s", size, size == 1 ? "" : "s");
}

void dissect_client_cookie(struct dissection *d, const char *label)
{
	if (dissect_need(d, 8, label))
		dissect_put(d, 8, label, "8 bytes");
}

/* ---- DNSSEC ---- */

void dissect_salt(struct dissection *d, const char *label)
{
	if (!dissect_need(d, 1, label))
		return;
	size_t length = *here(d);
	if (dissect_need(d, 1 + length, label))
		dissect_put(d, 1 + length, label, "[%zu]%s", length, length ? "" : " none");
}

/* Base32 with the extended hex alphabet, RFC 4648 section 7. */
void dissect_hash(struct dissection *d, const char *label)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	char text[8 * 255 / 5 + 8];
	size_t used = 0;
	if (!dissect_need(d, 1, label))
		return;
	size_t length = *here(d);
	if (!dissect_need(d, 1 + length, label))
		return;
	for (size_t bit = 0; bit < 8 * length; bit += 5) {
		const uint8_t *at = here(d) + 1 + bit / 8;
		unsigned pair = (unsigned)at[0] << 8 | (bit / 8 + 1 < length ? at[1] : 0);
		text[used++] = digits[pair >> (11 - bit % 8) & 31];
	}
	text[used] = '\0';
	dissect_put(d, 1 + length, label, "[%zu]%s", length, text);
}

static void append_word(char *list, const char *word)
{
	size_t used = strlen(list);
	(void)snprintf(list + used, LIST_TEXT - used, "%s%s", used ? " " : "", word);
}

/* RFC 4034 section 4.1.2: windows of up to 256 types. */
void dissect_bitmap(struct dissection *d, const char *label)
{
	char list[LIST_TEXT], type[TEXT_TYPE];
	for (; d->at < d->end; label = "") {
		if (!dissect_need(d, 2, label))
			return;
		unsigned window = here(d)[0], length = here(d)[1];
		if (!dissect_need(d, 2 + length, label))
			return;
		list[0] = '\0';
		for (unsigned bit = 0; bit < 8 * length && bit < 256; bit++)
			if (here(d)[2 + bit / 8] & (0x80 >> bit % 8))
				append_word(list, text_type((uint16_t)(window << 8 | bit), type));
		dissect_put(d, 2 + length, label, "window %u: %s", window, list);
	}
}

/* ---- service bindings (RFC 9460) ---- */

void dissect_params(struct dissection *d, const char *label)
{
	for (; d->at < d->end && !d->summary.broken; label = "")
		dissect_item(d, label, dissect_param_layout);
}

void dissect_keys(struct dissection *d, const char *label)
{
	for (; d->at < d->end; label = "") {
		if (!dissect_need(d, 2, label))
			return;
		uint16_t key = rr_get16(here(d));
		const struct dissect_layout *layout = dissect_param_layout(key);
		dissect_put(d, 2, label, "%u %s", key, layout ? layout->name : "(unknown)");
	}
}
