/* SPDX-License-Identifier: MIT */
/* The screen of +prop: authorities, caches, a bound, a verdict; at most OUT_COLUMNS wide. */
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "resolver/client/check/prop.h"
#include "resolver/wire/text.h"

#define NAME_TEXT    (LIMIT_NAME_TEXT + 8)
#define SERVER_WIDTH 20
#define ANSWER_WIDTH 18

/* ---- text ---- */

static const char *clock_text(time_t at, char buf[32])
{
	struct tm tm;
	if (!gmtime_r(&at, &tm) || strftime(buf, 32, "%H:%M:%SZ", &tm) == 0)
		(void)snprintf(buf, 32, "?");
	return buf;
}

static void RW_PRINTF(2, 3) head(const struct prop *p, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fputs(out_on(p->out, OUT_HEAD), p->out->file);
	(void)vfprintf(p->out->file, format, list);
	fprintf(p->out->file, "%s\n", out_off(p->out));
	va_end(list);
}

/* At most `width` columns of a text that may be long. */
static void print_begin(const struct prop *p)
{
	char name[NAME_TEXT], zone[NAME_TEXT], type[TEXT_TYPE], when[40] = "?";
	time_t now = time(NULL);
	struct tm tm;
	const struct survey *s = &p->survey;
	if (gmtime_r(&now, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%SZ", &tm);
	head(p, "%s IN %s", out_name(s->question.name, true, 60, name, sizeof(name)),
		text_type(s->question.type, type));
	fprintf(p->out->file, "  zone %s    %s\n",
		s->zone ? out_name(s->zone, true, 40, zone, sizeof(zone)) : "not found", when);
}

/* ---- authorities ---- */

const char *prop_state(const struct prop *p, unsigned i)
{
	if (survey_is_out_of_reach(&p->survey, &p->survey.servers[i]))
		return "-";
	if (!poll_is_authoritative(&p->survey.servers[i].data))
		return p->survey.servers[i].data.msg ? "LAME" : "DOWN";
	return p->old[i] ? "OLD" : "NEW";
}

static void print_server(const struct prop *p, unsigned i)
{
	char name[NAME_TEXT], addr[ADDR_TEXT], ttl[OUT_TTL], answer[64], serial[16] = "-";
	const struct survey_server *server = &p->survey.servers[i];
	const char *state = prop_state(p, i);
	uint32_t number;
	if (poll_serial(&server->soa, &number))
		(void)snprintf(serial, sizeof(serial), "%u", number);
	fprintf(p->out->file, "  %-*s %-15s %10s  %-*s %5s  %s%s%s\n", SERVER_WIDTH - 2,
		out_name(server->name->name, false, SERVER_WIDTH - 2, name, sizeof(name)),
		addr_ip_text(&server->addr, addr), serial, ANSWER_WIDTH,
		out_cut(p->answers[i], ANSWER_WIDTH, answer, sizeof(answer)),
		p->ttls[i] ? out_ttl(p->ttls[i], ttl) : "-",
		out_on(p->out, *state == '-'               ? OUT_PLAIN
			       : strcmp(state, "NEW") != 0 ? OUT_BAD
							   : OUT_GOOD),
		state, out_off(p->out));
}

static unsigned count_names(const struct survey *s, bool at_parent, bool at_zone)
{
	unsigned count = 0;
	for (unsigned i = 0; i < s->name_count; i++)
		count += s->names[i].at_parent == at_parent && s->names[i].at_zone == at_zone;
	return count;
}

static const char *names_text(const struct survey *s)
{
	bool differ = count_names(s, true, false) || count_names(s, false, true);
	bool wrong = false;
	for (unsigned i = 0; i < s->name_count; i++)
		wrong = wrong || s->names[i].glue_wrong;
	if (s->shared)
		return "parent and zone on the same servers";
	if (!s->zone_ns)
		return "the zone does not say its NS list";
	if (differ)
		return "PARENT AND ZONE NAME DIFFERENT SERVERS";
	return wrong ? "parent NS list = zone NS list; GLUE IS WRONG"
		     : "parent NS list = zone NS list; glue matches";
}

static void print_strays(const struct prop *p)
{
	char name[NAME_TEXT];
	const struct survey *s = &p->survey;
	for (unsigned i = 0; i < s->name_count && s->zone_ns && !s->shared; i++) {
		const struct survey_name *n = &s->names[i];
		if (n->at_parent == n->at_zone)
			continue;
		fprintf(p->out->file, "  %s: named by %s only\n",
			out_name(n->name, true, 50, name, sizeof(name)),
			n->at_parent ? "the parent" : "the zone");
	}
}

static void print_authorities(const struct prop *p)
{
	char name[NAME_TEXT];
	const struct survey *s = &p->survey;
	head(p, "AUTHORITATIVE  (%s)", names_text(s));
	for (unsigned i = 0; i < s->server_count; i++)
		print_server(p, i);
	for (unsigned i = 0; i < s->name_count; i++)
		if (!s->names[i].resolved && !s->names[i].has_glue)
			fprintf(p->out->file, "  %s  has no address that could be found\n",
				out_name(s->names[i].name, true, 40, name, sizeof(name)));
	print_strays(p);
	if (s->out_of_time)
		fprintf(p->out->file, "  looking up servers took too long: not all are here\n");
}

/* ---- caches ---- */

static void print_resolver(const struct prop *p, const struct prop_resolver *r)
{
	static const char *const states[] = {[CACHE_NEW] = "new",
		[CACHE_OLD] = "OLD",
		[CACHE_MIXED] = "MIXED",
		[CACHE_EMPTY] = "not cached",
		[CACHE_FAILED] = "FAILED"};
	const char *state = p->newest < 0 && r->state < CACHE_EMPTY ? "held" : states[r->state];
	char left[2 * OUT_TTL + 1] = "-", of[OUT_TTL] = "-", ago[OUT_TTL] = "-", ttl[OUT_TTL],
				answer[64], text[64];
	bool held = r->state < CACHE_EMPTY;
	if (held && r->left_min != r->left_max)
		(void)snprintf(left, sizeof(left), "%s-%s", out_ttl(r->left_min, ttl),
			out_ttl(r->left_max, of));
	else if (held)
		(void)out_ttl(r->left_max, left);
	(void)snprintf(of, sizeof(of), "-");
	if (held && r->full) {
		(void)out_ttl(r->full, of);
		/* An estimate, and only while the TTL was the same when it was cached. */
		if (r->full >= r->left_max)
			(void)out_ttl(r->full - r->left_max, ago);
	}
	fprintf(p->out->file, "  %-*s RD=%d  %-*s %9s %6s %8s  %s%s%s\n", 15,
		out_cut(r->text, 15, text, sizeof(text)), r->asked_rd, ANSWER_WIDTH,
		out_cut(r->answer, ANSWER_WIDTH, answer, sizeof(answer)), left, of, ago,
		out_on(p->out, r->state == CACHE_NEW ? OUT_GOOD : OUT_PLAIN), state,
		out_off(p->out));
	if (r->asked_rd)
		fputs("     does not answer RD=0, so looking may itself have filled that cache\n",
			p->out->file);
}

static void print_resolvers(const struct prop *p)
{
	if (p->resolver_count == 0)
		return;
	head(p, "%-23s  %-18s %9s %6s %8s  %s", "RESOLVERS", "answer", "left", "of", "ago(est.)",
		"state");
	for (unsigned i = 0; i < p->resolver_count; i++)
		print_resolver(p, &p->resolvers[i]);
}

static void print_cached_negatives(const struct prop *p)
{
	char left[OUT_TTL], ttl[OUT_TTL], minimum[OUT_TTL];
	bool first = true;
	for (unsigned i = 0; i < p->resolver_count; i++) {
		const struct prop_resolver *r = &p->resolvers[i];
		if (!r->negative || r->state >= CACHE_EMPTY)
			continue;
		if (first)
			head(p, "NEGATIVE  a cached \"no\" must run out before the name appears");
		first = false;
		fprintf(p->out->file, "  %s  %s  %s left; cached with serial %u\n", r->text,
			r->answer, out_ttl(r->left_max, left), r->serial);
	}
	if (!first && p->newest_soa)
		fprintf(p->out->file,
			"     at the zone now: %s = min(SOA ttl %s, SOA minimum %s)\n",
			out_ttl(rrset_soa_negative_ttl(p->newest_soa), left),
			out_ttl(p->newest_soa->ttl, ttl),
			out_ttl(poll_soa_field(p->newest_soa, 4), minimum));
}

/* ---- the bound ---- */

static unsigned count_failed(const struct prop *p)
{
	unsigned count = 0;
	for (unsigned i = 0; i < p->resolver_count; i++)
		count += p->resolvers[i].state == CACHE_FAILED;
	return count;
}

static uint32_t longest_old(const struct prop *p)
{
	uint32_t left = 0;
	for (unsigned i = 0; i < p->resolver_count; i++)
		if (p->resolvers[i].state == CACHE_OLD || p->resolvers[i].state == CACHE_MIXED)
			left = RW_MAX(left, p->resolvers[i].left_max);
	return left;
}

static void print_caches_end(const struct prop *p)
{
	char when[32], left[OUT_TTL];
	uint32_t old = longest_old(p);
	if (p->old_resolvers)
		fprintf(p->out->file, "  caches seen here     by %s (%s)%s\n",
			clock_text(time(NULL) + old, when), out_ttl(old, left),
			p->old_servers ? ", if they refetch from a NEW server" : "");
	else if (p->resolver_count > count_failed(p))
		fputs("  caches seen here     none holds anything older\n", p->out->file);
}

static void print_parent(const struct prop *p)
{
	char ttl[OUT_TTL], ds[OUT_TTL], parent[NAME_TEXT];
	const struct survey *s = &p->survey;
	if (!s->cut || s->shared || !s->parent)
		return;
	const struct rrset *set =
		s->ds.msg ? msg_find(s->ds.msg, SECTION_ANSWER, s->zone, TYPE_DS) : NULL;
	const struct rrset *soa = s->ds.msg ? poll_soa(&s->ds) : NULL;
	fprintf(p->out->file, "  changes of NS        follow the parent %s: NS %s",
		out_name(s->parent, true, 18, parent, sizeof(parent)), out_ttl(s->cut->ttl, ttl));
	if (set)
		fprintf(p->out->file, ", DS %s", out_ttl(set->ttl, ds));
	else if (soa)
		fprintf(p->out->file, "; no DS (%s)", out_ttl(rrset_soa_negative_ttl(soa), ds));
	fputc('\n', p->out->file);
}

/* The sum is written out, so that it can be checked by eye. */
static void print_bound(const struct prop *p)
{
	char bound[OUT_TTL], refresh[OUT_TTL], ttl[OUT_TTL], retry[OUT_TTL];
	(void)out_ttl(p->ttl, ttl);
	if (!p->old_servers) {
		fprintf(p->out->file,
			"  worst case bound     %s = the TTL, counted from the change\n", ttl);
		return;
	}
	fprintf(p->out->file,
		"  but %u server%s OLD%*s a cache that asks one keeps it a fresh %s\n",
		p->old_servers, p->old_servers == 1 ? " is" : "s are", p->old_servers == 1 ? 1 : 0,
		"", ttl);
	if (!p->oldest_soa)
		return;
	uint32_t again = poll_soa_field(p->oldest_soa, 1);
	(void)out_ttl(again, refresh);
	fprintf(p->out->file,
		"  they catch up        NOTIFY: seconds; without it SOA refresh %s\n"
		"  worst case bound     %s = refresh %s + ttl %s  (a failed refresh adds %s)\n",
		refresh, out_ttl(again + p->ttl, bound), refresh, ttl,
		out_ttl(poll_soa_field(p->oldest_soa, 2), retry));
}

static void print_when(const struct prop *p)
{
	head(p, "WHEN DOES EVERYONE SEE serial %u", p->newest_serial);
	print_caches_end(p);
	print_bound(p);
	print_parent(p);
	fputs("  not counted          serve-stale, TTL floors, caches of systems and browsers\n",
		p->out->file);
}

/* ---- the verdict ---- */

/* What was seen of caches where none is old: nothing is claimed of those that said nothing. */
static const char *none_older(const struct prop *p, char *buf, size_t cap)
{
	unsigned failed = count_failed(p);
	if (failed == 0)
		return p->resolver_count ? ", and no resolver holds anything older" : "";
	(void)snprintf(buf, cap, "%s; %u of %u resolvers gave no answer",
		failed < p->resolver_count ? ", and no resolver that answers holds anything older"
					   : "",
		failed, p->resolver_count);
	return buf;
}

static void print_verdict(const struct prop *p)
{
	char name[NAME_TEXT], addr[ADDR_TEXT];
	const struct survey *s = &p->survey;
	int code = prop_code(p);
	char caches[48] = "", older[112];
	if (p->resolver_count)
		(void)snprintf(caches, sizeof(caches), ", %u of %u resolvers", p->old_resolvers,
			p->resolver_count);
	if (p->newest < 0) {
		out_field(p->out, "verdict", OUT_BAD,
			"no server of the zone gives an authoritative answer; +trace shows why"
			"    exit %d",
			code);
		return;
	}
	unsigned worst = 0;
	while (worst < s->server_count && !p->old[worst])
		worst++;
	if (worst < s->server_count)
		out_field(p->out, "verdict", OUT_BAD,
			"OLD on %u of %u servers%s; repair %s %s first    exit %d", p->old_servers,
			p->speaking, caches,
			out_name(s->servers[worst].name->name, false, 30, name, sizeof(name)),
			addr_ip_text(&s->servers[worst].addr, addr), code);
	else if (p->old_resolvers)
		out_field(p->out, "verdict", OUT_BAD,
			"all %u servers agree; OLD in %u of %u resolvers, which only time repairs"
			"    exit %d",
			p->speaking, p->old_resolvers, p->resolver_count, code);
	else
		out_field(p->out, "verdict", OUT_GOOD,
			"the same on every server that answers (%u)%s    exit %d", p->speaking,
			none_older(p, older, sizeof(older)), code);
}

void prop_print(const struct prop *p)
{
	print_begin(p);
	print_authorities(p);
	print_resolvers(p);
	print_cached_negatives(p);
	if (p->newest >= 0)
		print_when(p);
	print_verdict(p);
}
