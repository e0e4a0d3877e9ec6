/* SPDX-License-Identifier: MIT */
/*
 * Finding the entry that answers, and making its reply. What the text has no entry for is answered
 * out of its own glue when a name server's address is asked, else SERVFAIL; an address that the
 * text gives to nobody is silent.
 */
#include "tests/scenario/server.h"

#include <string.h>

#include "resolver/wire/build.h"

#define REPLY_BYTES 65535

bool server_matches(const struct rpl_entry *entry, const struct server_query *query)
{
	const struct msg *msg = query->msg;
	const struct question *own = &entry->question, *asked = &msg->question;
	uint32_t match = entry->match;
	bool own_question = entry->has_question && msg->has_question;
	if ((match & MATCH_OPCODE) && entry->opcode != msg->opcode)
		return false;
	if ((match & (MATCH_QTYPE | MATCH_QNAME | MATCH_QUESTION | MATCH_SUBDOMAIN)) &&
		!own_question)
		return false;
	if ((match & (MATCH_QTYPE | MATCH_QUESTION)) && own->type != asked->type)
		return false;
	if ((match & (MATCH_QNAME | MATCH_QUESTION)) && !name_equal(own->name, asked->name))
		return false;
	if ((match & MATCH_SUBDOMAIN) && !name_is_at_or_below(asked->name, own->name))
		return false;
	if ((match & MATCH_TCP) && query->transport != TRANSPORT_TCP)
		return false;
	if ((match & MATCH_UDP) && query->transport != TRANSPORT_UDP)
		return false;
	if ((match & MATCH_DO) && !msg->edns.dnssec_ok)
		return false;
	if ((match & MATCH_EDNS) && !msg->edns.present)
		return false;
	return !(match & MATCH_NOEDNS) || !msg->edns.present;
}

static bool range_has(const struct range *range, const struct addr *server)
{
	for (unsigned i = 0; i < range->address_count; i++)
		if (addr_ip_equal(&range->addresses[i], server))
			return true;
	return range->address_count == 0;
}

static struct rpl_entry *find_in_ranges(
	struct rpl *rpl, uint32_t number, const struct server_query *query)
{
	for (struct range *range = rpl->ranges; range; range = range->next) {
		if (number < range->from || number > range->to || !range_has(range, query->server))
			continue;
		for (struct rpl_entry *entry = range->entries; entry; entry = entry->next)
			if (server_matches(entry, query))
				return entry;
	}
	return NULL;
}

/* A REPLY step between this step and the next question or check. */
static struct rpl_entry *find_one_shot(const struct step *step, const struct server_query *query)
{
	for (struct step *at = step->next; at; at = at->next) {
		if (at->kind == STEP_QUERY || at->kind == STEP_CHECK_ANSWER)
			return NULL;
		if (at->kind == STEP_REPLY && !at->used && server_matches(at->entry, query)) {
			at->used = true;
			return at->entry;
		}
	}
	return NULL;
}

static bool has_one_shots(const struct rpl *rpl)
{
	for (const struct step *step = rpl->steps; step; step = step->next)
		if (step->kind == STEP_REPLY)
			return true;
	return false;
}

/* Whether the text gives the address to a server, now or at another step. */
static bool is_known(const struct rpl *rpl, const struct addr *server)
{
	for (const struct range *range = rpl->ranges; range; range = range->next)
		if (range_has(range, server))
			return true;
	return has_one_shots(rpl);
}

static bool names_server(const struct rpl_record *list, const uint8_t *name)
{
	for (; list; list = list->next)
		if (list->set->type == TYPE_NS && name_equal(rrset_target(list->set, 0), name))
			return true;
	return false;
}

typedef void visit_entry(const struct rpl_entry *entry, void *ctx);

static void each_entry(const struct rpl *rpl, visit_entry *visit, void *ctx)
{
	for (const struct range *range = rpl->ranges; range; range = range->next)
		for (const struct rpl_entry *entry = range->entries; entry; entry = entry->next)
			visit(entry, ctx);
	for (const struct step *step = rpl->steps; step; step = step->next)
		if (step->kind == STEP_REPLY)
			visit(step->entry, ctx);
}

struct glue_search {
	const struct question *asked;
	struct arena *arena;
	bool is_server; /* some NS record names it */
	struct rpl_record *found;
};

static bool already_found(const struct glue_search *search, const struct rrset *set)
{
	for (const struct rpl_record *at = search->found; at; at = at->next)
		if (rrset_same_data(at->set, set))
			return true;
	return false;
}

static void look_for_glue(const struct rpl_entry *entry, void *ctx)
{
	struct glue_search *search = ctx;
	if (names_server(entry->sections[SECTION_ANSWER], search->asked->name) ||
		names_server(entry->sections[SECTION_AUTHORITY], search->asked->name))
		search->is_server = true;
	const struct rpl_record *at = entry->sections[SECTION_ADDITIONAL];
	for (; at; at = at->next) {
		if (at->set->type != search->asked->type ||
			!name_equal(at->set->owner, search->asked->name) ||
			already_found(search, at->set))
			continue;
		struct rpl_record *record = arena_alloc(search->arena, sizeof(*record));
		rw_require(record);
		*record = (struct rpl_record){.set = at->set, .next = search->found};
		search->found = record;
	}
}

/* The address of a name server out of the text's own glue; false when it is none. */
static bool answer_from_glue(const struct rpl *rpl, const struct server_query *query,
	struct arena *arena, struct rpl_entry *ret_entry)
{
	const struct question *asked = &query->msg->question;
	if (!query->msg->has_question || (asked->type != TYPE_A && asked->type != TYPE_AAAA))
		return false;
	struct glue_search search = {.asked = asked, .arena = arena};
	each_entry(rpl, look_for_glue, &search);
	if (!search.is_server || !search.found)
		return false;
	*ret_entry = (struct rpl_entry){.flags = FLAG_QR | FLAG_AA, .copy_query = true};
	ret_entry->sections[SECTION_ANSWER] = search.found;
	return true;
}

/* A text named so means what it says about AA. */
static bool means_its_flags(const struct rpl *rpl)
{
	const char *name = strrchr(rpl->path, '/');
	name = name ? name + 1 : rpl->path;
	return strstr(name, "lame") || strstr(name, "noaa");
}

static bool is_plainly_authoritative(const struct rpl_entry *entry)
{
	if (entry->rcode == RCODE_NXDOMAIN)
		return true;
	if (entry->rcode != RCODE_NOERROR && entry->rcode != RCODE_YXDOMAIN)
		return false;
	const struct rpl_record *at = entry->sections[SECTION_AUTHORITY];
	for (; at; at = at->next)
		if (at->set->type == TYPE_SOA)
			return true;
	return entry->sections[SECTION_ANSWER] != NULL;
}

static uint16_t reply_flags(const struct rpl *rpl, const struct rpl_entry *entry)
{
	uint16_t flags = entry->flags;
	if (is_plainly_authoritative(entry) && !means_its_flags(rpl))
		flags |= FLAG_AA;
	return (uint16_t)(flags | entry->opcode << 11 | (entry->rcode & 15));
}

/*
 * A question that is ours but for the case of its letters goes back as we sent it: no text means to
 * test that. Another question is part of the script.
 */
static void add_question(
	struct builder *b, const struct rpl_entry *entry, const struct question *asked)
{
	bool ours = entry->copy_query ||
		    (entry->has_question && question_equal(&entry->question, asked));
	const struct question *question = ours ? asked : &entry->question;
	struct question lower = *asked;
	struct name name;
	if (entry->lower_query) {
		name_lower(asked->name, name.bytes);
		lower.name = name.bytes;
		question = &lower;
	}
	if (ours || entry->has_question)
		rw_require(build_question(b, question) == 0);
}

static void build_reply(const struct rpl *rpl, const struct rpl_entry *entry,
	const struct server_query *query, struct arena *arena, struct server_reply *ret_reply)
{
	const struct build_opt opt = {.udp_size = 4096,
		.rcode = entry->rcode,
		.dnssec_ok = query->msg->edns.dnssec_ok,
		.ede = EDE_NONE};
	bool edns = query->msg->edns.present && entry->rcode != RCODE_FORMERR &&
		    entry->rcode != RCODE_NOTIMP;
	uint8_t *out = arena_alloc(arena, REPLY_BYTES);
	rw_require(out);
	struct builder b;
	build_begin(&b, out, REPLY_BYTES, edns ? build_opt_size(&opt) : 0, query->msg->id,
		reply_flags(rpl, entry));
	add_question(&b, entry, &query->msg->question);
	for (int section = 0; section < SECTION_COUNT; section++)
		for (const struct rpl_record *at = entry->sections[section]; at; at = at->next)
			rw_require(build_rrset(&b, (enum msg_section)section, at->set, at->set->ttl,
					   0, false) == 0);
	if (edns)
		rw_require(build_edns(&b, &opt) == 0);
	ret_reply->wire = out;
	ret_reply->size = build_finish(&b);
}

static void raw_reply(const struct rpl_entry *entry, const struct server_query *query,
	struct arena *arena, struct server_reply *ret_reply)
{
	uint8_t *out = arena_dup(arena, entry->raw, entry->raw_size);
	rw_require(out);
	if (entry->raw_size >= 2)
		memcpy(out, query->wire, 2);
	ret_reply->wire = out;
	ret_reply->size = entry->raw_size;
}

enum served server_serve(struct rpl *rpl, const struct step *step, const struct server_query *query,
	struct arena *arena, struct server_reply *ret_reply)
{
	struct rpl_entry own = {.flags = FLAG_QR, .rcode = RCODE_SERVFAIL, .copy_query = true};
	struct rpl_entry *entry = find_in_ranges(rpl, step->number, query);
	if (!entry)
		entry = find_one_shot(step, query);
	if (entry) {
		entry->used = true;
		ret_reply->by = arena_printf(arena, "entry of line %u", entry->line);
	} else {
		if (!is_known(rpl, query->server))
			return SERVED_SILENCE;
		bool glue = answer_from_glue(rpl, query, arena, &own);
		ret_reply->by = glue ? "the text's glue" : "no entry";
		entry = &own;
	}
	if (entry->do_not_answer)
		return SERVED_SILENCE;
	if (entry->raw)
		raw_reply(entry, query, arena, ret_reply);
	else
		build_reply(rpl, entry, query, arena, ret_reply);
	return SERVED_REPLY;
}
