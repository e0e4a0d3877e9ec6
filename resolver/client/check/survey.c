/* SPDX-License-Identifier: MIT */
/* First a walk to the zone, then walks for addresses of its servers, then polls of them all. */
#include "resolver/client/check/survey.h"

#include <string.h>

struct finder {
	struct walker *walker;
	struct survey *survey;
	uint64_t until_ms;
	const struct note *referral; /* the newest; its cut comes next */
	bool found;
};

/* ---- the zone ---- */

static void take_delegation(struct finder *f, const struct note *note)
{
	struct survey *s = f->survey;
	if (!note->delegation)
		return;
	if (f->referral && note->delegation->source == DELEGATION_REFERRAL) {
		s->cut = note->delegation;
		s->parent = f->referral->zone;
		s->parent_server = f->referral->server;
	} else if (!s->cut) {
		s->cut = note->delegation; /* the root, which has no parent */
	}
}

/* The reply that ends the search for the zone: the first one that is no referral. */
static void take_end(struct finder *f, const struct note *note)
{
	if (note->kind != NOTE_REPLY || note->reply >= REPLY_REFUSED || history_is_shortened(note))
		return;
	if (note->reply != REPLY_ANSWER && note->reply != REPLY_ALIAS &&
		note->reply != REPLY_NODATA && note->reply != REPLY_NXDOMAIN)
		return;
	f->survey->zone = note->soa ? note->soa->owner : note->zone;
	if (note->reply == REPLY_ANSWER && note->set_count && note->sets[0]->type == TYPE_SOA)
		f->survey->zone = note->sets[0]->owner;
	f->found = true;
}

static void on_survey_note(void *ctx, const struct note *note)
{
	struct finder *f = ctx;
	history_note(&f->survey->history, note);
	if (note->walk != 0 || f->found)
		return;
	if (note->kind == NOTE_REPLY && note->reply == REPLY_REFERRAL)
		f->referral = note;
	else if (note->kind == NOTE_CUT)
		take_delegation(f, note);
	else
		take_end(f, note);
}

static void walk_to_zone(struct finder *f)
{
	struct survey *s = f->survey;
	struct walker_view view = {.note = on_survey_note, .ctx = f};
	struct question soa = {s->question.name, TYPE_SOA, CLASS_IN};
	const struct machine_result *result = walker_walk(f->walker, &soa, &view);
	diagnose(&s->history, result, &s->end);
	s->shared = s->zone && s->cut && !name_equal(s->cut->zone, s->zone);
}

/* ---- its servers ---- */

static struct survey_name *add_server_name(struct survey *s, const uint8_t *name)
{
	for (unsigned i = 0; i < s->name_count; i++)
		if (name_equal(s->names[i].name, name))
			return &s->names[i];
	if (s->name_count == SURVEY_NAMES)
		return NULL;
	s->names[s->name_count].name = name;
	return &s->names[s->name_count++];
}

static struct survey_server *find_server(
	struct survey *s, const struct survey_name *name, const struct addr *addr)
{
	for (unsigned i = 0; i < s->server_count; i++)
		if (s->servers[i].name == name && addr_equal(&s->servers[i].addr, addr))
			return &s->servers[i];
	return NULL;
}

static void add_server_address(
	struct finder *f, const struct survey_name *name, const struct addr *addr, bool glue)
{
	const struct outgoing_settings *outgoing = &walker_net(f->walker)->outgoing;
	struct survey *s = f->survey;
	struct survey_server *known = find_server(s, name, addr);
	if (addr->family == ADDR_V6 ? !outgoing->ipv6 : !outgoing->ipv4)
		s->left_out++;
	else if (known)
		known->glue_only = known->glue_only && glue;
	else if (s->server_count < SURVEY_SERVERS)
		s->servers[s->server_count++] =
			(struct survey_server){.name = name, .addr = *addr, .glue_only = glue};
}

static void take_parent(struct finder *f)
{
	struct survey *s = f->survey;
	for (unsigned i = 0; s->cut && i < s->cut->ns_count; i++) {
		const struct nameserver *ns = &s->cut->ns[i];
		struct survey_name *name = ns->name ? add_server_name(s, ns->name) : NULL;
		if (!name)
			continue;
		name->at_parent = true;
		for (unsigned a = 0; a < ns->address_count; a++) {
			name->has_glue = true;
			add_server_address(f, name, &ns->addresses[a], true);
		}
	}
}

static void look_up_addresses(struct finder *f, struct survey_name *name, uint16_t type)
{
	const struct query_options *o = walker_options(f->walker);
	struct question question = {name->name, type, CLASS_IN};
	if (env_mono_ms(env_real()) > f->until_ms) {
		f->survey->out_of_time = true;
		return;
	}
	const struct machine_result *result = walker_walk(f->walker, &question, NULL);
	for (unsigned i = 0; result && i < result->answer.set_count; i++) {
		const struct rrset *set = result->answer.sets[i];
		name->is_alias = name->is_alias || set->type == TYPE_CNAME;
		for (unsigned r = 0; set->type == type && r < set->count; r++) {
			struct addr addr = addr_from_bytes(set->records[r].bytes,
				set->records[r].size, (uint16_t)o->trace_port);
			name->resolved = true;
			add_server_address(f, name, &addr, false);
		}
	}
}

static void look_up_names(struct finder *f)
{
	const struct outgoing_settings *outgoing = &walker_net(f->walker)->outgoing;
	struct survey *s = f->survey;
	for (unsigned i = 0; i < s->name_count; i++) {
		if (s->names[i].resolved)
			continue;
		if (outgoing->ipv4)
			look_up_addresses(f, &s->names[i], TYPE_A);
		if (outgoing->ipv6)
			look_up_addresses(f, &s->names[i], TYPE_AAAA);
	}
	for (unsigned i = 0; i < s->server_count; i++)
		if (s->servers[i].glue_only && s->servers[i].name->resolved)
			s->names[s->servers[i].name - s->names].glue_wrong = true;
}

/* ---- polls ---- */

enum part {
	PART_SOA,
	PART_NS,
	PART_DATA,
	PART_COUNT
};

static struct poll *part_of(struct survey_server *server, enum part part)
{
	return part == PART_SOA ? &server->soa : part == PART_NS ? &server->ns : &server->data;
}

/* All servers from `first` on, the parts side by side. */
static void poll_from(struct walker *walker, struct survey *s, unsigned first)
{
	struct poll polls[SURVEY_SERVERS * PART_COUNT];
	const uint16_t types[PART_COUNT] = {TYPE_SOA, TYPE_NS, s->question.type};
	unsigned count = 0;
	for (unsigned i = first; i < s->server_count; i++)
		for (enum part part = 0; part < PART_COUNT; part++)
			polls[count++] = (struct poll){.server = s->servers[i].addr,
				.name = part == PART_DATA ? s->question.name : s->zone,
				.type = types[part]};
	walker_poll(walker, polls, count, SURVEY_POLL_MS);
	count = 0;
	for (unsigned i = first; i < s->server_count; i++)
		for (enum part part = 0; part < PART_COUNT; part++)
			*part_of(&s->servers[i], part) = polls[count++];
}

/* What the zone says of its servers, by the first that knows. */
static void take_zone_ns(struct survey *s)
{
	for (unsigned i = 0; i < s->server_count && !s->zone_ns; i++)
		if (poll_is_authoritative(&s->servers[i].ns))
			s->zone_ns =
				msg_find(s->servers[i].ns.msg, SECTION_ANSWER, s->zone, TYPE_NS);
	for (unsigned i = 0; s->zone_ns && i < s->zone_ns->count; i++) {
		const uint8_t *target = rrset_target(s->zone_ns, i);
		struct survey_name *name = target ? add_server_name(s, target) : NULL;
		if (name)
			name->at_zone = true;
	}
}

static void ask_parent(struct walker *walker, struct survey *s)
{
	if (!s->parent_server.family || s->shared)
		return;
	s->ds = (struct poll){.server = s->parent_server, .name = s->zone, .type = TYPE_DS};
	walker_poll(walker, &s->ds, 1, SURVEY_POLL_MS);
}

void survey_zone(struct walker *walker, const struct question *question, struct survey *s)
{
	struct finder f = {
		.walker = walker, .survey = s, .until_ms = env_mono_ms(env_real()) + SURVEY_MS};
	struct question own = *question; /* it may be the survey's own */
	memset(s, 0, sizeof(*s));
	s->question = own;
	walk_to_zone(&f);
	if (!s->zone) {
		/* No server of the last cut answers: they are looked at all the same. */
		if (!s->cut)
			return;
		s->zone = s->cut->zone;
	}
	take_parent(&f);
	look_up_names(&f);
	poll_from(walker, s, 0);
	unsigned asked = s->server_count;
	take_zone_ns(s);
	look_up_names(&f);
	poll_from(walker, s, asked);
	ask_parent(walker, s);
}

void survey_again(struct walker *walker, struct survey *s)
{
	poll_from(walker, s, 0);
}

bool survey_is_out_of_reach(const struct survey *survey, const struct survey_server *server)
{
	/* The parent was asked that way, so the way is there. */
	if (survey->parent_server.family == server->addr.family)
		return false;
	for (unsigned i = 0; i < survey->server_count; i++) {
		const struct survey_server *other = &survey->servers[i];
		if (other->addr.family == server->addr.family &&
			(other->soa.msg || (other->soa.end != EXCHANGE_UNREACHABLE &&
						   other->soa.end != EXCHANGE_RESOURCE)))
			return false;
	}
	return true;
}
