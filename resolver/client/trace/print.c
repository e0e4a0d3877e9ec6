/* SPDX-License-Identifier: MIT */
/* One function per kind of note; what a hop taught is said in the details under it. */
#include "resolver/client/trace/print.h"

#include <string.h>

#include "resolver/wire/text.h"

#define NAME_TEXT       (LIMIT_NAME_TEXT + 8)
#define RIGHT_AT        48 /* column of transport, time, size and kind */
#define ZONE_WIDTH      30
#define SERVER_WIDTH    36
#define TARGET_WIDTH    60
#define LOOKUP_WIDTH    30 /* of what a lookup found */
#define GLUE_WIDTH      62 /* columns of glue on one line */
#define GLUE_NAME_WIDTH 26
#define GLUE_SHOWN      8  /* addresses of one referral that are shown */
#define RECORDS_SHOWN   12 /* records of one answer that are shown */

/* ---- the line of a hop ---- */

static const char *alias_word(const struct note *note)
{
	return note->set_count > 0 && note->sets[0]->type == TYPE_DNAME ? "DNAME" : "CNAME";
}

static const char *kind_word(const struct note *note)
{
	if (note->reply == REPLY_ALIAS)
		return alias_word(note);
	if (note->reply == REPLY_ANSWER && note->set_count > 1)
		return "CNAME+ANSWER";
	return note_reply_text(note->reply);
}

static enum out_colour kind_colour(const struct note *note)
{
	enum blame blame;
	if (history_failure_text(note, &blame))
		return OUT_BAD;
	return note->reply == REPLY_ANSWER ? OUT_GOOD : OUT_PLAIN;
}

/* "udp 0.4ms  259B  REFERRAL" or "udp 400ms  timed out". */
static void print_right(const struct out *out, const struct note *note)
{
	char rtt[OUT_TTL];
	const char *on = out_on(out, kind_colour(note)), *off = out_off(out);
	fprintf(out->file, "%s %6s ", note_transport_text(note->transport),
		out_duration(note->rtt_us, rtt));
	if (note->kind == NOTE_REPLY)
		fprintf(out->file, "%5uB  %s%s%s%s\n", note->size, on, kind_word(note),
			note->aa ? " aa" : "", off);
	else
		fprintf(out->file, " %s%s%s\n", on, note_noreply_text(note->noreply), off);
}

/* "3 good.test. ns1.good.test 127.10.2.1" up to the right half; wraps when it is too long. */
static void print_left(const struct trace_printer *p, const struct note *note, const char *label)
{
	char zone[NAME_TEXT], server[NAME_TEXT] = "", addr[ADDR_TEXT], line[3 * NAME_TEXT];
	FILE *file = p->out->file;
	(void)out_name(note->zone, true, ZONE_WIDTH, zone, sizeof(zone));
	if (note->server_name)
		(void)out_name(note->server_name, false, SERVER_WIDTH, server, sizeof(server));
	(void)addr_ip_text(&note->server, addr);
	int used = snprintf(line, sizeof(line), "%s%-*s %-11s %s%s", note->walk ? "  " : "",
		note->walk ? 2 : 1, label, zone, server, note->server_name ? " " : "");
	if (used + (int)strlen(addr) < RIGHT_AT)
		fprintf(file, "%s%-*s", line, RIGHT_AT - used, addr);
	else
		fprintf(file, "%s\n    %-*s ", line, RIGHT_AT - 5, addr);
}

/* ---- what a hop taught ---- */

static void glue_source(
	const struct trace_printer *p, const struct note *note, char *buf, size_t cap)
{
	const char *label = history_cut_label(p->history, note->zone);
	char lookup[HISTORY_LABEL];
	switch ((enum address_source)note->address_source) {
	case ADDRESS_HINTS:
		(void)snprintf(buf, cap, "hints file");
		return;
	case ADDRESS_GLUE:
		if (label)
			(void)snprintf(buf, cap, "glue of hop %s", label);
		else
			(void)snprintf(buf, cap, "glue");
		return;
	case ADDRESS_LOOKUP:
		for (unsigned i = p->history->walk_count; i > 0 && note->server_name; i--) {
			const struct history_walk *walk = &p->history->walks[i - 1];
			if (!walk->letter || !name_equal(walk->question.name, note->server_name))
				continue;
			(void)snprintf(buf, cap, "own lookup %s", history_walk_label(walk, lookup));
			return;
		}
		(void)snprintf(buf, cap, "own lookup");
		return;
	case ADDRESS_CONFIG:
		break;
	}
	(void)snprintf(buf, cap, "configuration");
}

static void print_source(const struct trace_printer *p, const struct note *note, bool last)
{
	char source[64];
	glue_source(p, note, source, sizeof(source));
	trace_print_detail(p, last, "server address: %s", source);
}

static void print_ede(const struct trace_printer *p, const struct note *note, bool last)
{
	char text[4 * LIMIT_EDE_TEXT + 8];
	const uint8_t *bytes = NULL;
	size_t size = 0;
	if (note->msg)
		(void)edns_ede(&note->msg->edns, &bytes, &size);
	trace_print_detail(p, last, "EDE %d (%s)%s%s", note->ede, ede_text(note->ede),
		size ? ": " : "", out_escape(bytes, size, text, sizeof(text)));
}

static void print_records(const struct trace_printer *p, const struct rrset *set, bool last)
{
	char owner[NAME_TEXT], type[TEXT_TYPE], ttl[OUT_TTL];
	unsigned shown = RW_MIN(set->count, (uint16_t)RECORDS_SHOWN);
	(void)out_name(set->owner, true, TARGET_WIDTH, owner, sizeof(owner));
	(void)out_ttl(set->ttl, ttl);
	(void)text_type(set->type, type);
	for (unsigned i = 0; i < shown; i++) {
		const char *text = trace_rdata(p->arena, set, i);
		trace_print_detail(p, last && i + 1 == set->count, "%s %s %s %s", owner, ttl, type,
			text ? text : "?");
	}
	if (shown < set->count)
		trace_print_detail(p, last, "... and %u more", set->count - shown);
}

static void print_alias(
	const struct trace_printer *p, const struct note *note, const struct rrset *set, bool last)
{
	char owner[NAME_TEXT], target[NAME_TEXT], ttl[OUT_TTL];
	const uint8_t *to = rrset_target(set, 0);
	if (!to)
		return;
	bool outside = !name_is_at_or_below(to, note->zone);
	trace_print_detail(p, last, "%s %s %s %s%s",
		out_name(set->owner, true, TARGET_WIDTH, owner, sizeof(owner)),
		out_ttl(set->ttl, ttl), set->type == TYPE_DNAME ? "all below ->" : "->",
		out_name(to, true, TARGET_WIDTH, target, sizeof(target)),
		outside ? "  (target outside this zone)" : "");
}

static void print_sets(const struct trace_printer *p, const struct note *note)
{
	for (unsigned i = 0; i < note->set_count; i++) {
		const struct rrset *set = note->sets[i];
		bool last = i + 1 == note->set_count;
		if (set->type != note->question.type &&
			(set->type == TYPE_CNAME || set->type == TYPE_DNAME))
			print_alias(p, note, set, last);
		else
			print_records(p, set, last);
	}
}

static void print_negative(const struct trace_printer *p, const struct note *note)
{
	char name[NAME_TEXT], type[TEXT_TYPE], least[OUT_TTL];
	const struct rrset *soa = note->soa;
	(void)out_name(note->asked.name, true, TARGET_WIDTH, name, sizeof(name));
	if (note->reply == REPLY_NXDOMAIN)
		trace_print_detail(p, !soa, "%s does not exist, with no type at all", name);
	else
		trace_print_detail(p, !soa, "%s exists, but has no %s record", name,
			text_type(note->asked.type, type));
	if (!soa || soa->count == 0 || soa->records[0].size < 20)
		return;
	const uint8_t *numbers = soa->records[0].bytes + soa->records[0].size - 20;
	(void)out_ttl(rrset_soa_negative_ttl(soa), least);
	trace_print_detail(p, true, "SOA %s serial %u; a cache may keep this \"no\" %s",
		out_name(soa->owner, true, ZONE_WIDTH, name, sizeof(name)), rr_get32(numbers),
		least);
}

/* A shortened name was asked, as any resolver does that keeps names private: RFC 9156. */
static void print_shortened(const struct trace_printer *p, const struct note *note)
{
	char name[NAME_TEXT], type[TEXT_TYPE];
	trace_print_detail(p, true, "asked only for %s %s (privacy, RFC 9156): no cut there",
		out_name(note->asked.name, true, ZONE_WIDTH, name, sizeof(name)),
		text_type(note->asked.type, type));
}

static void print_taught(const struct trace_printer *p, const struct note *note)
{
	if (note->reply == REPLY_REFERRAL)
		return; /* the cut's note comes next */
	if (note->ede != EDE_NONE)
		print_ede(p, note, false);
	if (note->reply == REPLY_TRUNCATED || note->reply == REPLY_NO_EDNS) {
		trace_print_detail(p, true, "asked again %s",
			note->reply == REPLY_TRUNCATED ? "over TCP" : "without EDNS");
		return;
	}
	if (note->reply >= REPLY_BADCOOKIE || note->reply == REPLY_YXDOMAIN) {
		print_source(p, note, true);
		return;
	}
	print_source(p, note, false);
	if (history_is_shortened(note))
		print_shortened(p, note);
	else if (note->reply == REPLY_NODATA || note->reply == REPLY_NXDOMAIN)
		print_negative(p, note);
	else
		print_sets(p, note);
}

/* ---- cuts ---- */

static bool glue_matches(const struct addr *glue, const struct addr *server)
{
	return server && addr_equal(glue, server);
}

/* Glue being laid out in lines of whole entries. */
struct glue_text {
	const struct trace_printer *printer;
	char text[OUT_COLUMNS];
	unsigned shown, left_out, without, lines;
	const uint8_t *bare; /* a server without glue */
};

static void flush_glue(struct glue_text *g, bool last)
{
	if (g->text[0])
		trace_print_detail(g->printer, last, "%-13s %s", g->lines++ ? "" : "glue", g->text);
	g->text[0] = '\0';
}

static void add_glue_text(
	struct glue_text *g, const uint8_t *name, const struct addr *addr, bool used)
{
	char server[NAME_TEXT], ip[ADDR_TEXT], entry[OUT_COLUMNS];
	if (g->shown == GLUE_SHOWN) {
		g->left_out++;
		return;
	}
	g->shown++;
	int size = snprintf(entry, sizeof(entry), "%s %s%s",
		out_name(name, false, GLUE_NAME_WIDTH, server, sizeof(server)),
		addr_ip_text(addr, ip), used ? " [used]" : "");
	size_t held = strlen(g->text);
	if (held > 0 && held + 3 + (size_t)size > GLUE_WIDTH) {
		flush_glue(g, false);
		held = 0;
	}
	(void)snprintf(g->text + held, sizeof(g->text) - held, "%s%s", held ? "   " : "", entry);
}

/* The one that is used comes first; then the others in their order. */
static void collect_glue(
	struct glue_text *g, const struct delegation *cut, const struct addr *server)
{
	for (int pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < cut->ns_count; i++) {
			const struct nameserver *ns = &cut->ns[i];
			for (unsigned a = 0; a < ns->address_count && ns->name; a++)
				if (glue_matches(&ns->addresses[a], server) == (pass == 0))
					add_glue_text(g, ns->name, &ns->addresses[a], pass == 0);
			if (pass == 0 && ns->address_count == 0 && ns->name) {
				g->without++;
				g->bare = ns->name;
			}
		}
}

static void print_cut(struct trace_printer *p, const struct addr *server)
{
	const struct delegation *cut = p->pending;
	char zone[NAME_TEXT], ttl[OUT_TTL], source[64], bare[NAME_TEXT];
	struct glue_text g = {.printer = p};
	if (!cut)
		return;
	p->pending = NULL;
	glue_source(p, p->hop, source, sizeof(source));
	trace_print_detail(p, false, "cut           %-12s NS %u (%s)    server address: %s",
		out_name(cut->zone, true, ZONE_WIDTH, zone, sizeof(zone)), cut->ns_count,
		out_ttl(cut->ttl, ttl), source);
	if (p->hop->ede != EDE_NONE)
		print_ede(p, p->hop, false);
	collect_glue(&g, cut, server);
	flush_glue(&g, g.without == 0 && g.left_out == 0);
	if (g.left_out)
		trace_print_detail(p, g.without == 0, "              and %u more", g.left_out);
	if (g.without)
		trace_print_detail(p, true, "no glue       %u of %u servers, e.g. %s", g.without,
			cut->ns_count, out_name(g.bare, true, SERVER_WIDTH, bare, sizeof(bare)));
}

static void print_restart(struct trace_printer *p, const struct delegation *cut)
{
	char target[NAME_TEXT], zone[NAME_TEXT];
	if (!p->restart)
		return;
	(void)out_name(p->restart, true, 36, target, sizeof(target));
	p->restart = NULL;
	if (!cut) {
		fprintf(p->out->file, "--- restart: %s ---\n", target);
		return;
	}
	const char *label = history_cut_label(p->history, cut->zone);
	fprintf(p->out->file, "--- restart: %s, deepest known cut is %s%s%s%s ---\n", target,
		out_name(cut->zone, true, 12, zone, sizeof(zone)), label ? " (hop " : "",
		label ? label : "", label ? ")" : "");
}

/* ---- notes ---- */

/*
 * A lookup is announced when it first asks somebody. One that ends before, because what it looks
 * for was learnt already, takes one line in all.
 */
static void announce(const struct trace_printer *p, const struct note *note)
{
	char label[HISTORY_LABEL], name[NAME_TEXT], type[TEXT_TYPE];
	struct history_walk *walk = history_walk(p->history, note->walk);
	if (note->walk == 0 || !walk || walk->announced)
		return;
	walk->announced = true;
	(void)history_walk_label(walk, label);
	if (name_is_root(walk->question.name))
		fprintf(p->out->file,
			"  %-2s priming: the root's own NS set, from a hinted server\n", label);
	else
		fprintf(p->out->file, "  %-2s lookup: %s %s, a server's address\n", label,
			out_name(walk->question.name, true, 44, name, sizeof(name)),
			text_type(walk->question.type, type));
}

static void print_hop(struct trace_printer *p, const struct note *note)
{
	announce(p, note);
	print_left(p, note, p->history->last);
	print_right(p->out, note);
	if (note->walk != 0)
		return;
	if (note->kind == NOTE_REPLY)
		print_taught(p, note);
	else
		print_source(p, note, true);
	p->hop = note->kind == NOTE_REPLY && note->reply == REPLY_REFERRAL ? note : NULL;
}

static void print_skip(const struct trace_printer *p, const struct note *note)
{
	char label[HISTORY_LABEL] = "";
	announce(p, note);
	for (unsigned i = 0; i < p->history->walk_count; i++)
		if (p->history->walks[i].number == note->walk)
			(void)history_hop_label(&p->history->walks[i], label);
	print_left(p, note, label);
	fprintf(p->out->file, "%snot asked: %s%s\n", out_on(p->out, OUT_BAD),
		note_skip_text(note->skip), out_off(p->out));
}

/* "127.10.4.1", "NODATA", "SERVFAIL". */
static const char *lookup_found(
	const struct trace_printer *p, const struct history_walk *walk, char buf[TEXT_TYPE])
{
	if (walk->rcode != RCODE_NOERROR)
		return text_rcode(walk->rcode, buf);
	if (!walk->answer || walk->answer->type != walk->question.type)
		return "NODATA";
	const char *text = trace_rdata(p->arena, walk->answer, 0);
	return text ? text : "?";
}

static void print_lookup_end(const struct trace_printer *p, const struct note *note)
{
	char label[HISTORY_LABEL], rcode[TEXT_TYPE], name[NAME_TEXT], type[TEXT_TYPE];
	struct history_walk *walk = history_walk(p->history, note->walk);
	if (note->walk == 0 || !walk || name_is_root(walk->question.name))
		return;
	fprintf(p->out->file, "  %-2s = %s %s: %.*s%s\n", history_walk_label(walk, label),
		out_name(walk->question.name, true, 30, name, sizeof(name)),
		text_type(walk->question.type, type), LOOKUP_WIDTH, lookup_found(p, walk, rcode),
		walk->announced ? "" : ", as learnt before");
}

static void print_cached(const struct trace_printer *p, const struct note *note)
{
	char name[NAME_TEXT], type[TEXT_TYPE], server[ADDR_TEXT] = "";
	const char *what = note->set_count ? "an answer" : "that there is none";
	if (note->walk != 0)
		return;
	if (note->set_count && note->from && note->from[0].server.family)
		(void)addr_ip_text(&note->from[0].server, server);
	fprintf(p->out->file, "  = %s %s: %s learnt before%s%s\n",
		out_name(note->question.name, true, 24, name, sizeof(name)),
		text_type(note->question.type, type), what, server[0] ? ", from " : "", server);
}

static void print_local(const struct trace_printer *p, const struct note *note)
{
	char zone[NAME_TEXT];
	fprintf(p->out->file, "  = %s is a special-use zone: answered here, never asked for\n",
		note->zone ? out_name(note->zone, true, ZONE_WIDTH, zone, sizeof(zone)) : "it");
}

static void on_cut(struct trace_printer *p, const struct note *note)
{
	if (note->walk != 0)
		return;
	if (p->hop) {
		p->pending = note->delegation;
		return;
	}
	print_restart(p, note->delegation);
}

void trace_print_note(struct trace_printer *p, const struct note *note)
{
	print_cut(p, NULL);
	/* A restart waits for its cut; anything else of the main line comes too late for it. */
	if (note->kind != NOTE_CUT && note->walk == 0)
		print_restart(p, NULL);
	switch (note->kind) {
	case NOTE_BEGIN:
		break;
	case NOTE_CACHED:
		print_cached(p, note);
		break;
	case NOTE_LOCAL:
		print_local(p, note);
		break;
	case NOTE_CUT:
		on_cut(p, note);
		break;
	case NOTE_REPLY:
	case NOTE_NOREPLY:
		print_hop(p, note);
		break;
	case NOTE_RESTART:
		if (note->walk == 0) {
			p->hop = NULL;
			p->restart = note->target;
		}
		break;
	case NOTE_SKIP:
		print_skip(p, note);
		break;
	case NOTE_END:
		print_lookup_end(p, note);
		break;
	}
}

void trace_print_send(struct trace_printer *p, const struct addr *server)
{
	print_cut(p, server);
	(void)fflush(p->out->file);
}

void trace_print_begin(struct trace_printer *p, const struct question *question)
{
	char name[NAME_TEXT], type[TEXT_TYPE], class[TEXT_TYPE], text[2 * NAME_TEXT];
	(void)snprintf(text, sizeof(text), "%s %s %s",
		out_name(question->name, true, OUT_COLUMNS - 16, name, sizeof(name)),
		text_class(question->class, class), text_type(question->type, type));
	size_t rest = strlen("   walked from ; your resolver was not asked") + strlen(p->origin);
	bool fits = strlen(text) + rest <= OUT_COLUMNS, fits_alone = rest - 1 <= OUT_COLUMNS;
	fprintf(p->out->file, "%s%s%s%swalked from %s;%syour resolver was not asked\n",
		out_on(p->out, OUT_HEAD), text, out_off(p->out), fits ? "   " : "\n  ", p->origin,
		fits_alone ? " " : "\n  ");
	if (p->cache)
		out_field(p->out, "cache", OUT_HEAD,
			"beside each hop what %s still holds of it (RD=0)", p->cache);
}
