/* SPDX-License-Identifier: MIT */
/* Offset, bytes, label and text in columns; one line for eight bytes. */
#include "resolver/client/wire/print.h"

#include <string.h>

#include "resolver/client/json.h"
#include "resolver/client/wire/dissect.h"

#define ROW_BYTES   8
#define LABEL_WIDTH 13
#define TEXT_AT     43
#define TEXT_WIDTH  (OUT_COLUMNS - TEXT_AT)

/* Blanks only in front of a text, so that no line ends in them. */
static void print_bytes(FILE *file, const uint8_t *bytes, size_t offset, size_t count, bool text)
{
	if (count > 0)
		fprintf(file, "%04zx", offset);
	else
		fputs("    ", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, " %02x", bytes[offset + i]);
	if (text)
		fprintf(file, "%*s", (int)(3 * (ROW_BYTES - count) + 2), "");
}

struct rows {
	const struct out *out;
	const uint8_t *wire;
};

static void print_field(void *ctx, const struct dissect_field *field)
{
	const struct rows *rows = ctx;
	FILE *file = rows->out->file;
	const char *text = field->text, *label = field->label;
	size_t done = 0;
	do {
		size_t count = RW_MIN(field->size - done, (size_t)ROW_BYTES);
		/* A label wider than its column takes from the text's. */
		size_t over = strlen(label) >= LABEL_WIDTH ? strlen(label) + 1 - LABEL_WIDTH : 0;
		const char *line = text;
		int part = out_wrap(&text, TEXT_WIDTH - over);
		print_bytes(file, rows->wire, field->offset + done, count, part || *label);
		if (part || *label)
			fprintf(file, "%s%-*s%s%.*s", out_on(rows->out, OUT_NOTE),
				(int)(LABEL_WIDTH + over), label, out_off(rows->out), part, line);
		fputc('\n', file);
		done += count;
		label = "";
	} while (done < field->size || *text);
}

static void add_field(void *ctx, const struct dissect_field *field)
{
	(void)json_array_append_new(
		ctx, json_pack("{s:I, s:I, s:s, s:s}", "offset", (json_int_t)field->offset, "size",
			     (json_int_t)field->size, "label", field->label, "text", field->text));
}

static void print_fields_json(
	const struct out *out, const struct raw_message *reply, const char *title)
{
	struct dissect_summary sum;
	char addr[ADDR_TEXT];
	json_t *fields = json_array();
	dissect(reply->wire, reply->size, add_field, fields, &sum);
	json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:b, s:I, s:o, s:o}", "schema", JSON_WIRE,
		"what", title, "proto", reply->tcp ? "tcp" : "udp", "left_over",
		(json_int_t)sum.left_over, "broken", sum.broken, "rtt_us",
		(json_int_t)reply->rtt_us, "fields", fields, "wire",
		json_hex(reply->wire, reply->size));
	if (object && reply->server.family)
		(void)json_object_set_new(
			object, "server", json_string(addr_text(&reply->server, addr)));
	json_line(out, object);
}

static void print_summary(const struct out *out, size_t size, const struct dissect_summary *sum)
{
	fprintf(out->file, "%04zx end\n%zu bytes; ", size, size);
	if (sum->pointers)
		fprintf(out->file, "%u pointer%s saved %zu; ", sum->pointers,
			sum->pointers == 1 ? "" : "s", sum->saved);
	if (sum->broken)
		fprintf(out->file, "%sBROKEN: it cannot be read to its end%s\n\n",
			out_on(out, OUT_BAD), out_off(out));
	else if (sum->left_over)
		fprintf(out->file, "%s%zu LEFT OVER%s\n\n", out_on(out, OUT_BAD), sum->left_over,
			out_off(out));
	else
		fputs("nothing left over\n\n", out->file);
}

void wire_print(
	const struct out *out, bool json, const struct raw_message *reply, const char *title)
{
	struct rows rows = {out, reply->wire};
	struct dissect_summary sum;
	char addr[ADDR_TEXT], rtt[OUT_TTL];
	if (json) {
		print_fields_json(out, reply, title);
		return;
	}
	fprintf(out->file, "%s%s, %zu bytes%s", out_on(out, OUT_HEAD), title, reply->size,
		out_off(out));
	if (reply->server.family)
		fprintf(out->file, ", %s %s", reply->tcp ? "tcp" : "udp",
			addr_text(&reply->server, addr));
	if (reply->rtt_us)
		fprintf(out->file, ", %s", out_duration(reply->rtt_us, rtt));
	fputc('\n', out->file);
	dissect(reply->wire, reply->size, print_field, &rows, &sum);
	print_summary(out, reply->size, &sum);
}
