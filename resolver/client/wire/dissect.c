/* SPDX-License-Identifier: MIT */
/* The frame of a message: header, questions, records; the parts within are read by tables. */
#include "resolver/client/wire/dissect.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "resolver/client/out.h"
#include "resolver/wire/msg.h"
#include "resolver/wire/text.h"

#define FIELD_TEXT 4096 /* bytes of one field's text; longer ones are cut */
#define LABEL_TEXT 24

void dissect_put(struct dissection *d, size_t size, const char *label, const char *format, ...)
{
	char text[FIELD_TEXT];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	size = RW_MIN(size, d->end - d->at);
	struct dissect_field field = {.offset = d->at, .size = size, .label = label, .text = text};
	d->emit(d->ctx, &field);
	d->at += size;
}

bool dissect_need(struct dissection *d, size_t size, const char *label)
{
	size_t left = d->end - d->at;
	if (left >= size)
		return true;
	d->summary.broken = true;
	dissect_put(d, left, label, "cut short: %zu bytes wanted, %zu there", size, left);
	return false;
}

void dissect_parts(struct dissection *d, const struct dissect_layout *layout)
{
	for (unsigned i = 0; layout && i < DISSECT_PARTS && layout->parts[i].read; i++) {
		/* A part that may be absent at the end is one that reads up to the end. */
		if (d->at == d->end && i > 0)
			return;
		layout->parts[i].read(d, layout->parts[i].label);
	}
	if (d->at < d->end)
		dissect_put(d, d->end - d->at, layout ? "left over" : "data", "%zu bytes",
			d->end - d->at);
}

/* The value that follows, in bounds of its own; false: it is longer than what is left. */
static bool read_value(
	struct dissection *d, size_t size, const struct dissect_layout *layout, const char *label)
{
	size_t outer = d->end;
	if (!dissect_need(d, size, label))
		return false;
	d->end = d->at + size;
	if (size > 0)
		dissect_parts(d, layout);
	d->end = outer;
	return true;
}

void dissect_item(struct dissection *d, const char *label,
	const struct dissect_layout *(*find)(uint16_t number))
{
	if (!dissect_need(d, 4, label))
		return;
	unsigned number = rr_get16(d->wire + d->at), size = rr_get16(d->wire + d->at + 2);
	const struct dissect_layout *layout = find((uint16_t)number);
	dissect_put(d, 4, label, "%u %s, %u byte%s", number, layout ? layout->name : "(unknown)",
		size, size == 1 ? "" : "s");
	(void)read_value(d, size, layout, "value");
}

static void read_flags(struct dissection *d)
{
	char bits[20] = "", opcode[TEXT_TYPE], rcode[TEXT_TYPE];
	unsigned flags = rr_get16(d->wire + d->at), used = 0;
	for (int bit = 15; bit >= 0; bit--) {
		bits[used++] = flags >> bit & 1 ? '1' : '0';
		if (bit % 4 == 0 && bit > 0)
			bits[used++] = ' ';
	}
	dissect_put(d, 2, "flags", "%s", bits);
	dissect_put(d, 0, "", "qr=%u opcode=%u %s", flags >> 15, flags >> 11 & 15,
		text_opcode(flags >> 11 & 15, opcode));
	dissect_put(d, 0, "", "aa=%u tc=%u rd=%u ra=%u z=%u ad=%u cd=%u", flags >> 10 & 1,
		flags >> 9 & 1, flags >> 8 & 1, flags >> 7 & 1, flags >> 6 & 1, flags >> 5 & 1,
		flags >> 4 & 1);
	dissect_put(d, 0, "", "rcode=%u %s", flags & 15, text_rcode(flags & 15, rcode));
}

static bool show_header(struct dissection *d, unsigned counts[4])
{
	if (!dissect_need(d, HEADER_SIZE, "header"))
		return false;
	dissect_put(d, 2, "id", "%u", rr_get16(d->wire));
	read_flags(d);
	for (unsigned i = 0; i < 4; i++)
		counts[i] = rr_get16(d->wire + 4 + 2 * (size_t)i);
	dissect_put(d, 8, "counts", "qd=%u an=%u ns=%u ar=%u", counts[0], counts[1], counts[2],
		counts[3]);
	return true;
}

static bool read_type_class(struct dissection *d)
{
	char type[TEXT_TYPE], class[TEXT_TYPE];
	if (!dissect_need(d, 4, "type class"))
		return false;
	dissect_put(d, 4, "type class", "%s %s", text_type(rr_get16(d->wire + d->at), type),
		text_class(rr_get16(d->wire + d->at + 2), class));
	return true;
}

/* RFC 6891 section 6.1.3: the fields of an OPT record mean other things. */
static void read_opt(struct dissection *d)
{
	const uint8_t *at = d->wire + d->at;
	unsigned flags = rr_get16(at + 6);
	dissect_put(d, 2, "type", "OPT (EDNS)");
	dissect_put(d, 2, "udp size", "%u", rr_get16(at + 2));
	dissect_put(d, 1, "rcode high", "%u", at[4]);
	dissect_put(d, 1, "version", "%u", at[5]);
	dissect_put(d, 2, "flags", "do=%u%s", flags >> 15, flags & 0x7fff ? ", others set" : "");
}

static void show_options(struct dissection *d, size_t size)
{
	size_t outer = d->end;
	if (!dissect_need(d, size, "options"))
		return;
	d->end = d->at + size;
	while (d->at < d->end && !d->summary.broken)
		dissect_item(d, "option", dissect_option_layout);
	if (d->at < d->end)
		dissect_put(d, d->end - d->at, "not read", "%zu bytes", d->end - d->at);
	d->end = outer;
}

static void show_record(struct dissection *d, const char *label)
{
	dissect_name(d, label);
	if (d->summary.broken || !dissect_need(d, 10, "record"))
		return;
	uint16_t type = rr_get16(d->wire + d->at);
	if (type == TYPE_OPT) {
		read_opt(d);
	} else {
		(void)read_type_class(d);
		dissect_ttl(d, "ttl");
	}
	unsigned size = rr_get16(d->wire + d->at);
	dissect_put(d, 2, "rdlength", "%u", size);
	if (type == TYPE_OPT)
		show_options(d, size);
	else
		(void)read_value(d, size, dissect_rdata_layout(type), "rdata");
}

static void show_sections(struct dissection *d, const unsigned counts[4])
{
	static const char *const names[] = {"question", "answer", "authority", "additional"};
	char label[LABEL_TEXT];
	for (unsigned section = 0; section < 4; section++)
		for (unsigned i = 0; i < counts[section] && !d->summary.broken; i++) {
			(void)snprintf(label, sizeof(label), "%s %u", names[section], i + 1);
			if (section > 0)
				show_record(d, label);
			else if (dissect_name(d, names[0]), !d->summary.broken)
				(void)read_type_class(d);
		}
}

void dissect(const uint8_t *wire, size_t size, dissect_emit emit, void *ctx,
	struct dissect_summary *ret_summary)
{
	struct dissection d = {.wire = wire, .size = size, .end = size, .emit = emit, .ctx = ctx};
	unsigned counts[4];
	if (show_header(&d, counts))
		show_sections(&d, counts);
	d.summary.left_over = size - d.at;
	if (d.at < size)
		dissect_put(&d, size - d.at, d.summary.broken ? "not read" : "left over",
			"%zu bytes %s", size - d.at,
			d.summary.broken ? "behind the fault" : "behind the last record");
	*ret_summary = d.summary;
}
