/* SPDX-License-Identifier: MIT */
/* dig's layout of a message; the OPT pseudosection is print_edns.c's. */
#include "resolver/client/dig/print.h"

#include <string.h>
#include <time.h>

#include "resolver/client/dig/print_edns.h"
#include "resolver/client/dig/record_text.h"
#include "resolver/wire/text.h"

#define HEADER_Z    0x0040 /* the last bit of the header without a meaning */
#define OPT_FLAGS   7      /* offset in an OPT record owned by the root, RFC 6891 section 6.1.3 */
#define PRINT_ARENA (8u << 20) /* bytes; the text of the largest message fits */

struct printer {
	const struct out *out;
	const struct query *query;
	const struct query_options *options;
	const struct raw_message *reply;
	bool sent;
	struct arena arena;
	struct records records;
	struct edns edns;
};

void print_greeting(const struct out *out, const struct args *args, const struct servers *servers,
	const struct query_options *options)
{
	fprintf(out->file, "%s; <<>> rootwalk %s <<>> %s\n", args->continued ? "" : "\n",
		RW_VERSION, args->line);
	if (args->continued)
		return;
	if (servers->given)
		fprintf(out->file, "; (%u server%s found)\n", servers->count,
			servers->count == 1 ? "" : "s");
	fprintf(out->file, ";; global options:%s +cmd\n", options->short_form ? " +short" : "");
}

static void print_flags(FILE *file, uint16_t flags)
{
	static const struct {
		uint16_t flag;
		const char *name;
	} names[] = {{FLAG_QR, "qr"}, {FLAG_AA, "aa"}, {FLAG_TC, "tc"}, {FLAG_RD, "rd"},
		{FLAG_RA, "ra"}, {FLAG_AD, "ad"}, {FLAG_CD, "cd"}};
	fputs(";; flags:", file);
	for (size_t i = 0; i < RW_COUNT(names); i++)
		if (flags & names[i].flag)
			fprintf(file, " %s", names[i].name);
	if (flags & HEADER_Z)
		fputs("; MBZ: 0x4", file);
}

static void print_header(const struct printer *p)
{
	FILE *file = p->out->file;
	const struct precheck *info = &p->records.info;
	char opcode[TEXT_TYPE], rcode[TEXT_TYPE];
	uint16_t code = info->flags & 0xf;
	if (p->edns.present)
		code = (uint16_t)(code | p->edns.extended_rcode << 4);
	fprintf(file, ";; %s\n", p->sent ? "Sending:" : "Got answer:");
	fprintf(file, ";; ->>HEADER<<- opcode: %s, status: %s, id: %u\n",
		text_opcode((uint8_t)(info->flags >> 11 & 0xf), opcode), text_rcode(code, rcode),
		info->id);
	print_flags(file, info->flags);
	fprintf(file, "; QUERY: %u, ANSWER: %u, AUTHORITY: %u, ADDITIONAL: %u\n", info->counts[0],
		info->counts[1], info->counts[2], info->counts[3]);
	if (!p->sent && (info->flags & (FLAG_RD | FLAG_RA)) == FLAG_RD)
		fputs(";; WARNING: recursion requested but not available\n", file);
	if (!p->sent && p->options->edns && !p->edns.present &&
		(code == RCODE_FORMERR || code == RCODE_NOTIMP))
		fprintf(file,
			"\n;; WARNING: EDNS query returned status %s - retry with '%s+noedns'\n",
			text_rcode(code, rcode), p->options->dnssec ? "+nodnssec " : "");
	fputc('\n', file);
}

static void print_question(struct printer *p)
{
	struct question question;
	FILE *file = p->out->file;
	/* dig shows the heading of a question it did not send, too. */
	if (p->sent && p->options->header_only && p->options->question && p->options->comments)
		fputs(";; QUESTION SECTION:\n\n", file);
	if (!p->options->question || records_question(&p->records, &p->arena, &question))
		return;
	if (p->options->comments)
		fputs(";; QUESTION SECTION:\n", file);
	record_print_question(file, p->options, &p->arena, &question);
	if (p->options->comments)
		fputc('\n', file);
}

static bool section_shown(const struct query_options *options, unsigned section)
{
	return section == SECTION_ANSWER      ? options->answer
	       : section == SECTION_AUTHORITY ? options->authority
					      : options->additional;
}

/* One record under the heading of its section; `shown` is the section whose heading stands last. */
static void print_record(struct printer *p, const struct record *record, unsigned *shown)
{
	static const char *const headings[] = {"ANSWER", "AUTHORITY", "ADDITIONAL"};
	FILE *file = p->out->file;
	if (record->type == TYPE_OPT || !section_shown(p->options, record->section))
		return;
	if (p->options->comments && *shown != record->section) {
		if (*shown < SECTION_COUNT)
			fputc('\n', file);
		fprintf(file, ";; %s SECTION:\n", headings[record->section]);
	}
	*shown = record->section;
	record_print(file, p->options, &p->arena, record);
}

static void print_sections(struct printer *p)
{
	struct record record;
	unsigned shown = SECTION_COUNT;
	while (records_next(&p->records, &p->arena, &record) == 0)
		print_record(p, &record, &shown);
	if (p->options->comments && shown < SECTION_COUNT)
		fputc('\n', p->out->file);
}

static void print_stats(const struct printer *p)
{
	FILE *file = p->out->file;
	const struct raw_message *reply = p->reply;
	char addr[ADDR_TEXT], when[64];
	struct tm local;
	time_t now = time(NULL);
	if (p->sent) {
		fprintf(file, ";; QUERY SIZE: %zu\n\n", reply->size);
		return;
	}
	fprintf(file, ";; Query time: %u %csec\n", out_ticks(reply->rtt_us, p->options->usec),
		p->options->usec ? 'u' : 'm');
	fprintf(file, ";; SERVER: %s#%u(%s) (%s)\n", addr_ip_text(&reply->server, addr),
		reply->server.port, reply->server_name, reply->tcp ? "TCP" : "UDP");
	if (localtime_r(&now, &local) &&
		strftime(when, sizeof(when), "%a %b %d %H:%M:%S %Z %Y", &local))
		fprintf(file, ";; WHEN: %s\n", when);
	fprintf(file, ";; MSG SIZE  rcvd: %zu\n\n", reply->size);
}

static void print_short(struct printer *p)
{
	struct record record;
	char addr[ADDR_TEXT];
	while (records_next(&p->records, &p->arena, &record) == 0) {
		if (record.section != SECTION_ANSWER)
			break;
		const char *text = record_rdata(p->options, &p->arena, record.type, &record.rdata);
		fputs(text ? text : "; (out of memory)", p->out->file);
		if (p->options->identify)
			fprintf(p->out->file, " from server %s in %u %cs.",
				addr_ip_text(&p->reply->server, addr),
				out_ticks(p->reply->rtt_us, p->options->usec),
				p->options->usec ? 'u' : 'm');
		fputc('\n', p->out->file);
	}
}

static void print_full(struct printer *p)
{
	if (p->options->comments) {
		print_header(p);
		if (p->edns.present)
			print_edns(p->out->file, &p->edns,
				rr_get16(p->reply->wire + p->records.info.opt + OPT_FLAGS),
				p->options, p->sent);
	}
	print_question(p);
	print_sections(p);
	if (p->options->stats)
		print_stats(p);
}

void print_message(const struct out *out, const struct query *query,
	const struct raw_message *reply, bool sent)
{
	struct printer p = {.out = out,
		.query = query,
		.options = &query->options,
		.reply = reply,
		.sent = sent};
	int err = records_begin(reply->wire, reply->size, &p.records);
	if (!err && p.records.info.opt)
		err = edns_read(reply->wire, reply->size, p.records.info.opt, &p.edns);
	if (err) {
		fprintf(out->file, ";; Got bad packet: %s, %zu bytes\n", rw_strerror(err),
			reply->size);
		return;
	}
	arena_init(&p.arena, PRINT_ARENA);
	if (p.options->short_form && !sent)
		print_short(&p);
	else
		print_full(&p);
	arena_release(&p.arena);
}
