/* SPDX-License-Identifier: MIT */
/* Gathers what the rules look at, runs them, and prints findings, the worst first. */
#include "resolver/client/check/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "resolver/client/exit_code.h"
#include "resolver/client/json.h"

#define FINDING_TEXT 1024
#define NAME_TEXT    (LIMIT_NAME_TEXT + 8)

static const char *const severities[] = {"ERROR", "WARNING", "NOTE"};

void check_report(struct check *c, enum severity severity, int code, const char *advice,
	const char *format, ...)
{
	char text[FINDING_TEXT];
	va_list list;
	if (c->count == CHECK_FINDINGS) {
		c->left_out++;
		return;
	}
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	const char *kept = arena_printf(c->arena, "%s", text);
	c->findings[c->count++] = (struct finding){.severity = severity,
		.code = code,
		.rule = c->rule,
		.text = kept ? kept : "?",
		.advice = advice};
}

#define CHECK_POLLS 5

static void poll_servers(struct check *c)
{
	struct survey *s = &c->survey;
	struct poll *polls = calloc(SURVEY_SERVERS * CHECK_POLLS, sizeof(*polls));
	unsigned count = 0;
	if (!polls)
		return;
	for (unsigned i = 0; i < s->server_count; i++) {
		struct poll base = {
			.server = s->servers[i].addr, .name = s->zone, .type = TYPE_SOA};
		struct poll tcp = base, plain = base, recursion = base, keys = base, alias = base;
		tcp.tcp = true;
		plain.no_edns = true;
		recursion.recurse = true;
		recursion.name = name_root;
		recursion.type = TYPE_NS;
		keys.type = TYPE_DNSKEY;
		keys.dnssec = true;
		alias.type = TYPE_CNAME;
		alias.dnssec = true; /* its "no" brings the SOA with its signature */
		polls[count++] = tcp;
		polls[count++] = plain;
		polls[count++] = recursion;
		polls[count++] = keys;
		polls[count++] = alias;
	}
	walker_poll(c->walker, polls, count, SURVEY_POLL_MS);
	for (unsigned i = 0; i < s->server_count; i++) {
		const struct poll *at = &polls[(size_t)i * CHECK_POLLS];
		c->polls[i] = (struct check_polls){at[0], at[1], at[2], at[3], at[4]};
	}
	free(polls);
}

static const struct finding *worst(const struct check *c)
{
	const struct finding *found = NULL;
	for (unsigned i = 0; i < c->count; i++)
		if (!found || c->findings[i].severity < found->severity)
			found = &c->findings[i];
	return found;
}

/* Only errors are told by the exit code. */
static int exit_code(const struct check *c)
{
	const struct finding *first = worst(c);
	return first && first->severity == SEVERITY_ERROR ? first->code : EXIT_REPLY;
}

/* Wrapped, the text behind the word of severity. */
static void print_finding(const struct check *c, const struct finding *finding)
{
	char indented[FINDING_TEXT + 16];
	static const enum out_colour colours[] = {OUT_BAD, OUT_HEAD, OUT_NOTE};
	out_field(c->out, severities[finding->severity], colours[finding->severity], "%s",
		finding->text);
	(void)snprintf(indented, sizeof(indented), "fix: %s", finding->advice);
	out_field(c->out, "", OUT_PLAIN, "%s", indented);
}

static unsigned count_severity(const struct check *c, enum severity severity)
{
	unsigned count = 0;
	for (unsigned i = 0; i < c->count; i++)
		count += c->findings[i].severity == severity;
	return count;
}

static void print(const struct check *c)
{
	char zone[NAME_TEXT];
	const struct survey *s = &c->survey;
	fprintf(c->out->file, "%s%s%s  server names %u, addresses %u\n", out_on(c->out, OUT_HEAD),
		s->zone ? out_name(s->zone, true, 48, zone, sizeof(zone)) : "zone not found",
		out_off(c->out), s->name_count, s->server_count);
	for (enum severity severity = SEVERITY_ERROR; severity <= SEVERITY_NOTE; severity++)
		for (unsigned i = 0; i < c->count; i++)
			if (c->findings[i].severity == severity)
				print_finding(c, &c->findings[i]);
	if (c->left_out)
		out_field(c->out, "", OUT_PLAIN, "... and %u more", c->left_out);
	if (c->is_signed)
		out_field(c->out, "dnssec", OUT_HEAD,
			"UNCHECKED  key tags and dates were looked at, signatures were not checked "
			"(no validator yet)");
	out_field(c->out, "verdict", OUT_HEAD, "errors %u, warnings %u, notes %u    exit %d",
		count_severity(c, SEVERITY_ERROR), count_severity(c, SEVERITY_WARNING),
		count_severity(c, SEVERITY_NOTE), exit_code(c));
}

static void print_findings_json(const struct check *c)
{
	json_t *findings = json_array();
	for (unsigned i = 0; i < c->count; i++)
		(void)json_array_append_new(findings,
			json_pack("{s:s, s:s, s:s, s:s}", "severity",
				severities[c->findings[i].severity], "rule", c->findings[i].rule,
				"text", c->findings[i].text, "fix", c->findings[i].advice));
	json_t *object = json_pack("{s:s, s:o, s:i, s:I, s:i}", "schema", JSON_CHECK, "findings",
		findings, "servers", (int)c->survey.server_count, "at", (json_int_t)c->now_s,
		"exit", exit_code(c));
	if (c->is_signed)
		(void)json_object_set_new(object, "sec", json_string("unchecked"));
	if (c->survey.zone)
		(void)json_object_set_new(object, "zone", json_name(c->survey.zone));
	json_line(c->out, object);
}

static void examine(struct check *c)
{
	unsigned count;
	const struct check_rule *rules = check_rules(&count);
	survey_zone(c->walker, &c->survey.question, &c->survey);
	poll_servers(c);
	for (unsigned i = 0; i < count; i++) {
		c->rule = rules[i].name;
		rules[i].run(c);
	}
}

int check_run(const struct args *args, const struct query *query, const struct out *out)
{
	struct check *c = calloc(1, sizeof(*c));
	if (!c)
		return EXIT_INTERNAL;
	c->out = out;
	c->now_s = (int64_t)time(NULL);
	int code = walker_new(args, query, &c->walker);
	if (!code) {
		c->arena = walker_arena(c->walker);
		walker_live(c->walker, out);
		c->survey.question = (struct question){query->name.bytes, TYPE_SOA, query->class};
		examine(c);
		if (query->options.json)
			print_findings_json(c);
		else
			print(c);
		code = exit_code(c);
		walker_free(c->walker);
	}
	free(c);
	return code;
}
