/* SPDX-License-Identifier: MIT */
/* Polls after a walk, and the lines they make. */
#include "resolver/client/trace_levels.h"

#include <string.h>

#include "resolver/client/survey.h"
#include "resolver/client/trace_print.h"
#include "resolver/wire/text.h"

#define NAME_TEXT    (LIMIT_NAME_TEXT + 8)
#define LEVEL_POLLS  (2 * SURVEY_SERVERS)
#define POLL_MS      2000
#define ANSWER_WIDTH 26

void trace_levels_note(struct trace_levels *levels, const struct note *note)
{
	if (note->walk != 0 || note->kind != NOTE_CUT || levels->count == LEVELS_MAX)
		return;
	/* A restart at a cut that was seen: its servers have another question now. */
	levels->items[levels->count++] = (struct trace_level){note->delegation, note->question};
}

/* One server of a level. */
struct asked {
	const struct nameserver *ns;
	struct poll *data, *soa;
	const char *says;
	uint32_t serial;
	bool has_serial;
};

/* NS set of a referral, or the answer: what the servers of one level must agree on. */
static const char *says_of(
	struct arena *arena, const struct question *question, const struct poll *poll)
{
	const struct msg *msg = poll->msg;
	for (unsigned i = 0; msg && msg->set_count[SECTION_ANSWER] == 0 &&
			     msg->rcode == RCODE_NOERROR && i < msg->set_count[SECTION_AUTHORITY];
		i++) {
		const struct rrset *set = &msg->sets[SECTION_AUTHORITY][i];
		struct question ns = {set->owner, TYPE_NS, CLASS_IN};
		struct msg copy = {.sets[SECTION_ANSWER] = msg->sets[SECTION_AUTHORITY],
			.set_count[SECTION_ANSWER] = msg->set_count[SECTION_AUTHORITY]};
		struct poll as_answer = {.msg = &copy};
		if (set->type == TYPE_NS)
			return arena_printf(
				arena, "NS %s", survey_answer(arena, &ns, &as_answer, NULL));
	}
	return survey_answer(arena, question, poll, NULL);
}

static unsigned collect(const struct trace_level *level, struct poll *polls, struct asked *asked)
{
	unsigned count = 0;
	for (unsigned i = 0; i < level->cut->ns_count; i++) {
		const struct nameserver *ns = &level->cut->ns[i];
		for (unsigned a = 0; a < ns->address_count && count < SURVEY_SERVERS;
			a++, count++) {
			struct poll poll = {.server = ns->addresses[a],
				.name = level->question.name,
				.type = level->question.type};
			polls[2 * count] = poll;
			poll.name = level->cut->zone;
			poll.type = TYPE_SOA;
			polls[2 * count + 1] = poll;
			asked[count] = (struct asked){
				.ns = ns, .data = &polls[2 * count], .soa = &polls[2 * count + 1]};
		}
	}
	return count;
}

static void read_replies(
	struct arena *arena, const struct question *question, struct asked *asked, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct rrset *soa =
			survey_is_authoritative(asked[i].soa) ? survey_soa(asked[i].soa) : NULL;
		const char *says = says_of(arena, question, asked[i].data);
		asked[i].says = says ? says : "?";
		asked[i].has_serial = soa != NULL;
		asked[i].serial = soa ? survey_soa_field(soa, 0) : 0;
	}
}

static bool differs(const struct asked *a, const struct asked *b)
{
	return strcmp(a->says, b->says) != 0 ||
	       (a->has_serial && b->has_serial && a->serial != b->serial);
}

static void print_asked(const struct out *out, const struct asked *asked, bool differs_here)
{
	char name[NAME_TEXT], addr[ADDR_TEXT], serial[16] = "", says[64];
	if (asked->has_serial)
		(void)snprintf(serial, sizeof(serial), "%u", asked->serial);
	size_t length = strlen(asked->says);
	(void)snprintf(says, sizeof(says), "%.*s%s",
		length > ANSWER_WIDTH ? ANSWER_WIDTH - 3 : ANSWER_WIDTH, asked->says,
		length > ANSWER_WIDTH ? "..." : "");
	fprintf(out->file, "    %-20s %-15s %10s  %-*s%s%s%s\n",
		asked->ns->name ? out_name(asked->ns->name, false, 20, name, sizeof(name)) : "-",
		addr_ip_text(&asked->data->server, addr), serial, differs_here ? ANSWER_WIDTH : 0,
		says, out_on(out, OUT_BAD), differs_here ? "!" : "", out_off(out));
}

/* The serials of a level that differ, in one sentence. */
static void print_warning(const struct out *out, const struct trace_level *level,
	const struct asked *asked, unsigned count)
{
	char zone[NAME_TEXT], name[NAME_TEXT], text[1024] = "";
	struct trace_printer line = {.out = out};
	size_t used = 0;
	bool serials = false;
	for (unsigned i = 0; i < count; i++) {
		if (!asked[i].has_serial || !asked[i].ns->name || used + 300 > sizeof(text))
			continue;
		serials = serials || asked[i].serial != asked[0].serial;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s serial %u",
			used ? ", " : "",
			out_name(asked[i].ns->name, false, 30, name, sizeof(name)),
			asked[i].serial);
	}
	(void)out_name(level->cut->zone, true, 40, zone, sizeof(zone));
	if (serials)
		trace_print_field(&line, "warn", OUT_BAD, "%s: %s", zone, text);
	else
		trace_print_field(
			&line, "warn", OUT_BAD, "%s: its servers give different answers", zone);
}

static bool ask_level(const struct trace_level *level, struct walker *walker, const struct out *out)
{
	struct poll polls[LEVEL_POLLS];
	struct asked asked[SURVEY_SERVERS];
	char zone[NAME_TEXT];
	bool disagree = false;
	unsigned count = collect(level, polls, asked);
	if (count == 0)
		return false;
	net_poll(walker_net(walker), walker_arena(walker), polls, 2 * count, POLL_MS);
	read_replies(walker_arena(walker), &level->question, asked, count);
	for (unsigned i = 1; i < count; i++)
		disagree = disagree || differs(&asked[i], &asked[0]);
	fprintf(out->file, "  %s  %u address%s: %s%s%s\n",
		out_name(level->cut->zone, true, 40, zone, sizeof(zone)), count,
		count == 1 ? "" : "es", disagree ? out_on(out, OUT_BAD) : "",
		disagree ? "THEY DISAGREE" : "all say the same", disagree ? out_off(out) : "");
	for (unsigned i = 0; i < count; i++)
		print_asked(out, &asked[i], disagree && differs(&asked[i], &asked[0]));
	if (disagree)
		print_warning(out, level, asked, count);
	return disagree;
}

bool trace_levels_all_servers(
	const struct trace_levels *levels, struct walker *walker, const struct out *out)
{
	bool disagree = false;
	fprintf(out->file, "%severy server of each level%s  (those with an address in the tree)\n",
		out_on(out, OUT_HEAD), out_off(out));
	for (unsigned i = 0; i < levels->count; i++)
		disagree = ask_level(&levels->items[i], walker, out) || disagree;
	return disagree;
}

static void print_held(struct walker *walker, const struct out *out, const struct poll *poll)
{
	char name[NAME_TEXT], type[TEXT_TYPE], left[OUT_TTL];
	struct trace_printer line = {.out = out};
	struct question question = {poll->name, poll->type, CLASS_IN};
	uint32_t ttl;
	const char *says = survey_answer(walker_arena(walker), &question, poll, &ttl);
	(void)out_name(poll->name, true, 30, name, sizeof(name));
	(void)text_type(poll->type, type);
	bool failed = !poll->msg ||
		      (poll->msg->rcode != RCODE_NOERROR && poll->msg->rcode != RCODE_NXDOMAIN);
	if (failed)
		trace_print_field(&line, "", OUT_PLAIN, "%s %s: it says %s", name, type, says);
	else if (strcmp(says, "no answer") == 0)
		trace_print_field(&line, "", OUT_PLAIN, "%s %s: not held", name, type);
	else
		trace_print_field(&line, "", OUT_PLAIN, "%s %s: %s left, %s", name, type,
			out_ttl(ttl, left), says);
}

void trace_levels_cache(const struct trace_levels *levels, struct walker *walker,
	const struct out *out, const struct addr *resolver, const char *name)
{
	struct poll polls[LEVELS_MAX + 1];
	struct trace_printer line = {.out = out};
	unsigned count = 0;
	if (levels->count == 0)
		return;
	for (unsigned i = 0; i < levels->count; i++)
		polls[count++] = (struct poll){
			.server = *resolver, .name = levels->items[i].cut->zone, .type = TYPE_NS};
	const struct question *first = &levels->items[0].question;
	polls[count++] =
		(struct poll){.server = *resolver, .name = first->name, .type = first->type};
	net_poll(walker_net(walker), walker_arena(walker), polls, count, POLL_MS);
	trace_print_field(&line, "cache", OUT_HEAD, "what %s holds (RD=0)", name);
	for (unsigned i = 0; i < count; i++)
		print_held(walker, out, &polls[i]);
}
