/* SPDX-License-Identifier: MIT */
/* The last lines of a trace: the answer and its life, the cost, what failed and what it means. */
#include <string.h>

#include "resolver/client/exit_code.h"
#include "resolver/client/trace/print.h"
#include "resolver/wire/text.h"

#define NAME_TEXT    (LIMIT_NAME_TEXT + 8)
#define NAME_WIDTH   50
#define ZONE_WIDTH   30
#define ANSWER_SHOWN 24
#define GUILTY_SHOWN 13 /* as many as a delegation has servers kept */

/* Without an SOA its place may be taken by an empty set, for the proofs. */
static bool has_soa(const struct machine_result *result)
{
	return result->answer.soa && result->answer.soa->count > 0;
}

/* "(least of 5m, 45s)", or "" where there is only one. */
static const char *ttl_sum(const struct machine_result *result, char *buf, size_t cap)
{
	char ttl[OUT_TTL];
	size_t used = 0;
	unsigned parts = result->answer.set_count + has_soa(result);
	buf[0] = '\0';
	if (parts < 2)
		return buf;
	for (unsigned i = 0; i < result->answer.set_count && used + 2 * OUT_TTL < cap; i++)
		used += (size_t)snprintf(buf + used, cap - used, "%s%s", i ? ", " : " (least of ",
			out_ttl(result->answer.sets[i]->ttl, ttl));
	if (has_soa(result))
		used += (size_t)snprintf(buf + used, cap - used, ", %s of the SOA",
			out_ttl(rrset_soa_negative_ttl(result->answer.soa), ttl));
	(void)snprintf(buf + used, cap - used, ")");
	return buf;
}

static void print_answer(const struct trace_printer *p, const struct machine_result *result,
	const struct diagnosis *end)
{
	char ttl[OUT_TTL], sum[512];
	const struct rrset *set = result->answer.sets[result->answer.set_count - 1];
	unsigned shown = RW_MIN(set->count, (uint16_t)ANSWER_SHOWN);
	const char *first = set->count ? trace_rdata(p->arena, set, 0) : NULL;
	(void)out_ttl(end->ttl, ttl);
	out_field(p->out, "answer", OUT_GOOD, "%s%sa cache may keep it %s%s", first ? first : "?",
		"    ", ttl, ttl_sum(result, sum, sizeof(sum)));
	for (unsigned i = 1; i < shown; i++) {
		const char *text = trace_rdata(p->arena, set, i);
		out_field(p->out, "", OUT_PLAIN, "%s", text ? text : "?");
	}
	if (shown < set->count)
		out_field(p->out, "", OUT_PLAIN, "... and %u more", set->count - shown);
}

static void print_negative_end(const struct trace_printer *p, const struct machine_result *result,
	const struct diagnosis *end)
{
	char name[NAME_TEXT], type[TEXT_TYPE], ttl[OUT_TTL], sum[512];
	const struct question *asked = &p->history->walks[0].question;
	(void)out_name(asked->name, true, NAME_WIDTH, name, sizeof(name));
	if (end->verdict == VERDICT_NXDOMAIN)
		out_field(p->out, "answer", OUT_HEAD,
			"NXDOMAIN: %s does not exist, with no type at all", name);
	else
		out_field(p->out, "answer", OUT_HEAD, "NODATA: %s exists, but has no %s record",
			name, text_type(asked->type, type));
	if (has_soa(result))
		out_field(p->out, "", OUT_PLAIN, "a cache may keep this \"no\" %s%s",
			out_ttl(end->ttl, ttl), ttl_sum(result, sum, sizeof(sum)));
	else
		out_field(p->out, "", OUT_PLAIN, "without an SOA no cache may keep this");
}

/* The servers that failed at the cut, one line each. */
static void print_guilty(const struct trace_printer *p, uint32_t walk, const struct delegation *cut)
{
	char server[NAME_TEXT], addr[ADDR_TEXT];
	const struct history *history = p->history;
	unsigned shown = 0, left_out = 0;
	for (unsigned i = 0; i < history->failure_count; i++) {
		const struct history_failure *f = &history->failures[i];
		if (f->walk != walk || !name_equal(f->zone, cut->zone))
			continue;
		if (shown++ >= GUILTY_SHOWN) {
			left_out++;
			continue;
		}
		(void)out_name(f->server_name ? f->server_name : name_root, false, 30, server,
			sizeof(server));
		(void)addr_ip_text(&f->server, addr);
		if (f->times > 1)
			out_field(p->out, "", OUT_PLAIN, "%s %s  %s (%u times)", server, addr,
				f->text, f->times);
		else
			out_field(p->out, "", OUT_PLAIN, "%s %s  %s", server, addr, f->text);
	}
	if (left_out)
		out_field(p->out, "", OUT_PLAIN, "... and %u more", left_out);
}

static bool has_failed_address(const struct history *history, const struct nameserver *ns)
{
	for (unsigned i = 0; i < history->failure_count; i++)
		if (history->failures[i].server_name &&
			name_equal(history->failures[i].server_name, ns->name))
			return true;
	return false;
}

/* Servers whose names led to no address. */
static void print_unresolved(const struct trace_printer *p, const struct diagnosis *end)
{
	char server[NAME_TEXT];
	for (unsigned i = 0; end->unresolved && end->cut && i < end->cut->ns_count; i++) {
		const struct nameserver *ns = &end->cut->ns[i];
		if (ns->name && ns->address_count == 0 && !has_failed_address(p->history, ns))
			out_field(p->out, "", OUT_PLAIN, "%s has no address that could be found",
				out_name(ns->name, true, NAME_WIDTH - 10, server, sizeof(server)));
	}
}

/* Why the name of a server led nowhere. */
static void print_cause(const struct trace_printer *p, const struct diagnosis *end)
{
	const struct history_walk *cause = end->cause;
	char label[HISTORY_LABEL], rcode[TEXT_TYPE], name[NAME_TEXT];
	if (!cause)
		return;
	if (end->circle && end->cut) {
		char back[NAME_TEXT], zone[NAME_TEXT];
		out_field(p->out, "", OUT_PLAIN,
			"a circle: finding %s needs %s, which lies in %s itself",
			out_name(cause->question.name, true, 40, name, sizeof(name)),
			out_name(end->circle->question.name, true, 40, back, sizeof(back)),
			out_name(end->cut->zone, true, ZONE_WIDTH, zone, sizeof(zone)));
		return;
	}
	out_field(p->out, "", OUT_PLAIN, "because lookup %s (%s) ended with %s%s%s",
		history_walk_label(cause, label),
		out_name(cause->question.name, true, 40, name, sizeof(name)),
		text_rcode(cause->rcode, rcode), cause->end_text ? ": " : "",
		cause->end_text ? cause->end_text : "");
}

/* The parent zone, whose operator must repair the delegation. */
static const char *parent_text(const struct delegation *cut, char *buf, size_t cap)
{
	unsigned labels = cut->from.cut_labels;
	return out_name(name_suffix(cut->zone, labels), true, 24, buf, cap);
}

static void print_fail(const struct trace_printer *p, const struct machine_result *result,
	const struct diagnosis *end)
{
	char zone[NAME_TEXT] = "?", parent[NAME_TEXT] = "?";
	const char *why = result && result->answer.ede_text ? result->answer.ede_text
							    : "the walk was given up";
	unsigned count = end->cut ? end->cut->ns_count : 0;
	const char *s = count == 1 ? "" : "s";
	if (end->cut) {
		(void)out_name(end->cut->zone, true, ZONE_WIDTH, zone, sizeof(zone));
		(void)parent_text(end->cut, parent, sizeof(parent));
	}
	switch (end->verdict) {
	case VERDICT_LAME:
		out_field(p->out, "fail", OUT_BAD, "LAME: %s delegates %s to %u server%s, %s",
			parent, zone, count, s,
			count == 1 ? "which does not serve it" : "none of which serves it");
		break;
	case VERDICT_BROKEN:
		out_field(p->out, "fail", OUT_BAD, "BROKEN: %s delegates %s to %u server%s, %s",
			parent, zone, count, s,
			count == 1 ? "which cannot be used" : "none of which can be used");
		break;
	case VERDICT_ERROR:
		out_field(p->out, "fail", OUT_BAD, "SERVERS FAIL: no server of %s gives an answer",
			zone);
		break;
	case VERDICT_SILENCE:
		out_field(p->out, "fail", OUT_BAD,
			"NO REPLY: no server answered at all, not even one of the root");
		break;
	default:
		out_field(p->out, "fail", OUT_BAD, "GIVEN UP: %s", why);
	}
	if (end->cut && end->verdict != VERDICT_GIVEN_UP)
		print_guilty(p, end->verdict == VERDICT_SILENCE ? 1 : 0, end->cut);
	if (end->verdict == VERDICT_BROKEN || end->verdict == VERDICT_LAME) {
		print_unresolved(p, end);
		print_cause(p, end);
	}
}

static void print_means(const struct trace_printer *p, const struct machine_result *result,
	const struct diagnosis *end)
{
	static const char *const advice[] = {
		[VERDICT_LAME] = "Fix the zone on its servers, or its NS records at the parent.",
		[VERDICT_BROKEN] = "Bring the servers up, or fix NS and glue at the parent.",
		[VERDICT_ERROR] = "The zone's operator must look at these servers.",
		[VERDICT_GIVEN_UP] = "The zone's operator must look at this chain.",
	};
	char code[48] = "";
	if (end->verdict == VERDICT_SILENCE) {
		out_field(p->out, "means", OUT_HEAD,
			"this host does not reach the DNS; nothing is said about the name.");
		return;
	}
	if (result && result->answer.ede > 0)
		(void)snprintf(code, sizeof(code), " (EDE %d)", result->answer.ede);
	out_field(p->out, "means", OUT_HEAD, "any resolver returns SERVFAIL%s. %s", code,
		advice[end->verdict]);
}

static void print_cost(const struct trace_printer *p)
{
	const struct history *history = p->history;
	char wire[OUT_TTL], slowest[OUT_TTL];
	unsigned own = history->own_queries, lookups = history->lookup_queries;
	if (own + lookups == 0)
		return;
	out_field(p->out, "cost", OUT_HEAD,
		"%u hop%s + %u for priming and lookups = %u quer%s, %s on the wire, "
		"slowest hop %s (%s)",
		own, own == 1 ? "" : "s", lookups, own + lookups, own + lookups == 1 ? "y" : "ies",
		out_duration(history->wire_us, wire), history->slowest,
		out_duration(history->slowest_us, slowest));
	if (p->beyond)
		out_field(p->out, "", OUT_PLAIN,
			"and beyond the walk %u quer%s for +allns and +cache", p->beyond,
			p->beyond == 1 ? "y" : "ies");
}

/* The serials of one zone, in one sentence. */
static void print_serials(const struct trace_printer *p, const uint8_t *zone)
{
	char name[NAME_TEXT], addr[ADDR_TEXT], text[2048] = "";
	const struct history *history = p->history;
	size_t used = 0;
	for (unsigned i = 0; i < history->serial_count && used + 128 < sizeof(text); i++) {
		const struct history_serial *seen = &history->serials[i];
		if (!name_equal(seen->zone, zone))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s serial %u",
			used ? ", " : "",
			seen->server_name && !name_is_root(seen->server_name)
				? out_name(seen->server_name, false, 30, name, sizeof(name))
				: addr_ip_text(&seen->server, addr),
			seen->serial);
	}
	out_field(p->out, "warn", OUT_BAD, "%s: %s  -> rootwalk +prop",
		out_name(zone, true, 40, name, sizeof(name)), text);
}

static void print_warnings(const struct trace_printer *p)
{
	const struct history *history = p->history;
	for (unsigned i = 0; i < history->serial_count; i++) {
		const uint8_t *zone = history->serials[i].zone;
		bool first = true;
		for (unsigned before = 0; before < i; before++)
			first = first && !name_equal(history->serials[before].zone, zone);
		if (first && history_serials_differ(history, zone))
			print_serials(p, zone);
	}
	if (p->stopped)
		out_field(p->out, "warn", OUT_BAD,
			"+allns and +cache took too long: they do not stand beside every hop");
	if (p->warning)
		out_field(p->out, "warn", OUT_BAD, "%s", p->warning);
}

static const char *exit_words(const struct diagnosis *end)
{
	switch (end->exit_code) {
	case EXIT_REPLY:
		return "an answer";
	case EXIT_NEGATIVE:
		return "no such name, or no such data";
	case EXIT_REFUSAL:
		return "the servers fail";
	case EXIT_DISAGREE:
		return "an answer, but servers disagree";
	case EXIT_DELEGATION:
		return "broken or lame delegation";
	default:
		return "no reply";
	}
}

void trace_print_end(
	struct trace_printer *p, const struct machine_result *result, const struct diagnosis *end)
{
	trace_print_send(p, NULL);
	if (end->verdict == VERDICT_ANSWER)
		print_answer(p, result, end);
	else if (end->verdict <= VERDICT_NXDOMAIN)
		print_negative_end(p, result, end);
	if (end->verdict <= VERDICT_NXDOMAIN)
		out_field(p->out, "dnssec", OUT_HEAD,
			"UNCHECKED  signatures were not checked (no validator yet)");
	print_cost(p);
	print_warnings(p);
	if (end->verdict > VERDICT_NXDOMAIN) {
		print_fail(p, result, end);
		print_means(p, result, end);
	}
	out_field(p->out, "exit", OUT_HEAD, "%d  (%s)", end->exit_code, exit_words(end));
}
