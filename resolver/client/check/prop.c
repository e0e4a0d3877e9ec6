/* SPDX-License-Identifier: MIT */
/* Gathers: the zone's servers through a survey, the resolvers' caches by polls without recursion.
 */
#include "resolver/client/check/prop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "resolver/client/dig/servers.h"
#include "resolver/client/exit_code.h"
#include "resolver/client/json.h"

/* ---- authorities ---- */

static void rate_servers(struct prop *p)
{
	const struct survey *s = &p->survey;
	p->newest = -1;
	p->speaking = p->ttl = p->old_servers = 0;
	p->newest_soa = p->oldest_soa = NULL; /* +watch: their memory is gone */
	for (unsigned i = 0; i < s->server_count; i++) {
		uint32_t serial;
		p->answers[i] =
			poll_answer(p->arena, &s->question, &s->servers[i].data, &p->ttls[i]);
		if (!poll_is_authoritative(&s->servers[i].data))
			continue;
		p->speaking++;
		p->ttl = RW_MAX(p->ttl, p->ttls[i]);
		if (!poll_serial(&s->servers[i].soa, &serial))
			serial = 0;
		if (p->newest < 0 || poll_serial_newer(serial, p->newest_serial)) {
			p->newest = (int)i;
			p->newest_serial = serial;
		}
	}
}

/* Data tell, and serials: equal answers may hide that other names differ. */
static void compare_servers(struct prop *p)
{
	const struct survey *s = &p->survey;
	uint32_t oldest = p->newest_serial;
	for (unsigned i = 0; i < s->server_count; i++) {
		uint32_t serial = p->newest_serial;
		p->old[i] = false;
		if (!poll_is_authoritative(&s->servers[i].data))
			continue;
		const struct rrset *soa = poll_soa(&s->servers[i].soa);
		(void)poll_serial(&s->servers[i].soa, &serial);
		p->old[i] = serial != p->newest_serial ||
			    strcmp(p->answers[i], p->answers[p->newest]) != 0;
		p->old_servers += p->old[i];
		if ((int)i == p->newest)
			p->newest_soa = soa;
		if (p->old[i] && soa && !poll_serial_newer(serial, oldest)) {
			oldest = serial;
			p->oldest_soa = soa;
		}
	}
}

/* ---- caches ---- */

static void find_resolvers(struct prop *p)
{
	struct servers found;
	char shown[64];
	for (unsigned i = 0; i < p->query->server_count; i++) {
		struct prop_resolver *r = &p->resolvers[p->resolver_count++];
		struct query one = *p->query;
		one.server = p->query->servers[i];
		r->text = arena_printf(p->arena, "%s",
			out_escape(one.server, strlen(one.server), shown, sizeof(shown)));
		if (!servers_find(p->args, &one, &found))
			r->addr = found.items[0];
	}
}

/* One look: nothing in the cache, or what it holds and for how long. */
static void take_look(struct prop *p, struct prop_resolver *r, const struct poll *poll)
{
	uint32_t left;
	const struct msg *msg = poll->msg;
	const char *answer = poll_answer(p->arena, &p->survey.question, poll, &left);
	bool failed = !msg || (msg->rcode != RCODE_NOERROR && msg->rcode != RCODE_NXDOMAIN);
	bool held = !failed && strcmp(answer, "no answer") != 0;
	if (!held) {
		if (r->state != CACHE_FAILED)
			return;
		r->state = failed ? CACHE_FAILED : CACHE_EMPTY;
		r->answer = failed ? answer : "-";
		return;
	}
	const struct rrset *soa = poll_soa(poll);
	r->negative = msg->set_count[SECTION_ANSWER] == 0;
	if (r->negative && soa)
		r->serial = poll_soa_field(soa, 0);
	bool first = r->state == CACHE_FAILED || r->state == CACHE_EMPTY;
	bool same = p->newest >= 0 && strcmp(answer, p->answers[p->newest]) == 0;
	enum cache_state state = same ? CACHE_NEW : CACHE_OLD;
	r->left_min = first ? left : RW_MIN(r->left_min, left);
	r->left_max = first ? left : RW_MAX(r->left_max, left);
	r->state = first || r->state == state ? state : CACHE_MIXED;
	if (first || state == CACHE_OLD)
		r->answer = answer;
}

static bool refuses(const struct poll *poll)
{
	return poll->msg &&
	       (poll->msg->rcode == RCODE_REFUSED || poll->msg->rcode == RCODE_SERVFAIL);
}

/* RD=0 leaves the cache as it is; only a resolver that refuses that is asked with RD=1. */
static void ask_resolvers(struct prop *p)
{
	struct poll polls[PROP_RESOLVERS * PROP_ROUNDS];
	for (int pass = 0; pass < 2; pass++) {
		unsigned owner[PROP_RESOLVERS * PROP_ROUNDS], count = 0;
		for (unsigned i = 0; i < p->resolver_count; i++) {
			struct prop_resolver *r = &p->resolvers[i];
			if (!r->addr.family || r->asked_rd != (pass == 1))
				continue;
			for (unsigned n = 0; n < PROP_ROUNDS; n++, count++) {
				owner[count] = i;
				polls[count] = (struct poll){.server = r->addr,
					.name = p->survey.question.name,
					.type = p->survey.question.type,
					.recurse = pass == 1};
			}
		}
		walker_poll(p->walker, polls, count, PROP_RESOLVE_MS);
		for (unsigned i = 0; i < count; i++) {
			struct prop_resolver *r = &p->resolvers[owner[i]];
			if (pass == 0 && refuses(&polls[i]))
				r->asked_rd = true;
			else
				take_look(p, r, &polls[i]);
		}
	}
}

static void read_resolvers(struct prop *p)
{
	p->old_resolvers = 0;
	for (unsigned i = 0; i < p->resolver_count; i++) {
		struct prop_resolver *r = &p->resolvers[i];
		r->state = CACHE_FAILED;
		r->answer = r->addr.family ? "no reply" : "no such host";
		r->left_min = r->left_max = 0;
		r->full = p->ttl;
		r->asked_rd = false;
	}
	ask_resolvers(p);
	for (unsigned i = 0; i < p->resolver_count; i++)
		p->old_resolvers +=
			p->resolvers[i].state == CACHE_OLD || p->resolvers[i].state == CACHE_MIXED;
}

/* ---- the whole ---- */

int prop_code(const struct prop *p)
{
	if (p->newest < 0)
		return p->survey.end.exit_code == EXIT_REPLY ? EXIT_DELEGATION
							     : p->survey.end.exit_code;
	if (p->old_servers || p->old_resolvers)
		return EXIT_DISAGREE;
	return p->survey.servers[p->newest].data.msg->set_count[SECTION_ANSWER] ? EXIT_REPLY
										: EXIT_NEGATIVE;
}

static void observe(struct prop *p, bool first)
{
	if (first)
		survey_zone(p->walker, &p->survey.question, &p->survey);
	else
		survey_again(p->walker, &p->survey); /* what it knows from the first time stays */
	rate_servers(p);
	if (p->newest >= 0)
		compare_servers(p);
	read_resolvers(p);
}

/* +watch=VALUE waits for a value, plain +watch until all agree. */
static bool is_reached(const struct prop *p)
{
	if (!p->wanted)
		return p->newest >= 0 && !p->old_servers && !p->old_resolvers;
	for (unsigned i = 0; i < p->survey.server_count; i++)
		if (poll_is_authoritative(&p->survey.servers[i].data) &&
			strcmp(p->answers[i], p->wanted) != 0)
			return false;
	for (unsigned i = 0; i < p->resolver_count; i++)
		if (p->resolvers[i].state != CACHE_EMPTY &&
			strcmp(p->resolvers[i].answer, p->wanted) != 0)
			return false;
	return p->newest >= 0;
}

static void show(const struct prop *p, bool again)
{
	if (p->query->options.json) {
		prop_json(p);
	} else {
		if (again)
			fputs(p->out->live ? "\033[H\033[J" : "\n", p->out->file);
		prop_print(p);
	}
	(void)fflush(p->out->file);
}

static int watch_servers(struct prop *p)
{
	const struct timespec pause = {PROP_WATCH_MS / 1000, 0};
	for (unsigned i = 0; i < PROP_WATCHES && !ferror(p->out->file); i++) {
		if (is_reached(p))
			return EXIT_REPLY;
		(void)nanosleep(&pause, NULL);
		p->arena = walker_renew(p->walker);
		observe(p, false);
		show(p, true);
	}
	return prop_code(p);
}

int prop_run(const struct args *args, const struct query *query, const struct out *out)
{
	struct prop *p = calloc(1, sizeof(*p));
	if (!p)
		return EXIT_INTERNAL;
	p->args = args;
	p->query = query;
	p->out = out;
	p->wanted = query->options.wanted;
	int code = walker_new(args, query, &p->walker);
	if (!code) {
		p->arena = walker_arena(p->walker);
		walker_live(p->walker, out);
		p->survey.question =
			(struct question){query->name.bytes, query->type, query->class};
		find_resolvers(p);
		observe(p, true);
		show(p, false);
		code = query->options.watch ? watch_servers(p) : prop_code(p);
		walker_free(p->walker);
	}
	free(p);
	return code;
}
