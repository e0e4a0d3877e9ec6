/* SPDX-License-Identifier: MIT */
/* Replies of an authoritative server (RFC 1034 section 4.3.2), and their faults. */
#include "resolver/lab/answer.h"

#include <string.h>

#include "resolver/wire/build.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

/* One reply in the making. */
struct lab_reply {
	struct lab_server *server;
	const struct msg *query;
	struct arena *arena;
	struct builder builder;
	struct edns_option nsid;
	uint16_t rcode;
	bool tcp, failed; /* failed: something that must be there did not fit */
};

static bool wants(const struct lab_reply *reply, enum switch_id id)
{
	return reply->server->switches.on[id];
}

/* ---- adding sets ---- */

static void add(struct lab_reply *reply, enum msg_section section, const struct rrset *set)
{
	if (set && build_rrset(&reply->builder, section, set, set->ttl, 0,
			   reply->query->edns.dnssec_ok))
		reply->failed = true;
}

/* `wrong`: an A or AAAA set of an answer with the one address of the switch in it. */
static const struct rrset *falsify(const struct lab_reply *reply, const struct rrset *set)
{
	const char *value = reply->server->switches.value[SWITCH_WRONG];
	struct addr addr;
	bool is_v4 = set->type == TYPE_A, is_v6 = set->type == TYPE_AAAA;
	if (!wants(reply, SWITCH_WRONG) || !(is_v4 || is_v6) || addr_parse(value, 0, &addr) ||
		addr.family != (is_v4 ? ADDR_V4 : ADDR_V6))
		return set;
	const struct rrset *false_set = rrset_single(reply->arena, set->owner, set->type, set->ttl,
		addr.ip, (uint16_t)addr_ip_size(&addr));
	return false_set ? false_set : set;
}

/* `spoof`: the record of the switch where nobody asked for it. */
static void add_spoof(struct lab_reply *reply, enum msg_section section)
{
	struct rrset *set;
	if (wants(reply, SWITCH_SPOOF) &&
		text_to_rrset(reply->arena, reply->server->switches.value[SWITCH_SPOOF], NULL, NULL,
			3600, &set) == 0)
		add(reply, section, set);
}

/* ---- what the zone says ---- */

/* Aliases that lead elsewhere, or in a circle, are left to the resolver. */
static uint16_t rcode_of(const struct answer *said)
{
	bool leads_on = said->outcome == ANSWER_MISS || said->outcome == ANSWER_LOOP;
	return leads_on ? RCODE_NOERROR : answer_rcode(said);
}

/*
 * Glue that the referral is of no use without must fit, or the reply is truncated (RFC 9471); other
 * addresses may be left out.
 */
static void add_glue(struct lab_reply *reply, const struct zone_beside *beside)
{
	bool failed = reply->failed;
	for (unsigned i = 0; i < beside->glue_count; i++) {
		const struct rrset *glue = beside->glue[i];
		bool is_needed = beside->ns && name_is_at_or_below(glue->owner, beside->ns->owner);
		add(reply, SECTION_ADDITIONAL, glue);
		failed |= is_needed && reply->failed;
		reply->failed = failed;
	}
}

static void add_authority(
	struct lab_reply *reply, const struct answer *said, const struct zone_beside *beside)
{
	bool dnssec = reply->query->edns.dnssec_ok;
	add(reply, SECTION_AUTHORITY, said->soa);
	add(reply, SECTION_AUTHORITY, beside->ns);
	add(reply, SECTION_AUTHORITY, dnssec ? beside->ds : NULL);
	for (unsigned i = 0; dnssec && i < beside->proof_count; i++)
		add(reply, SECTION_AUTHORITY, beside->proofs[i]);
}

static void add_said(
	struct lab_reply *reply, const struct answer *said, const struct zone_beside *beside)
{
	bool refers = beside->ns && said->set_count == 0;
	if (!refers)
		build_set_flags(&reply->builder, FLAG_AA, 0);
	reply->rcode = rcode_of(said);
	for (unsigned i = 0; i < said->set_count; i++)
		add(reply, SECTION_ANSWER, falsify(reply, said->sets[i]));
	add_authority(reply, said, beside);
	add_spoof(reply, SECTION_AUTHORITY);
	add_glue(reply, beside);
	add_spoof(reply, SECTION_ADDITIONAL);
}

/* `lame`: the root and no authority, as servers say that know nothing of a zone. */
static void add_lame(struct lab_reply *reply)
{
	static const uint8_t target[] = "\1a\14root-servers\3lab";
	const struct rrset *ns =
		rrset_single(reply->arena, name_root, TYPE_NS, 518400, target, sizeof(target));
	add(reply, SECTION_AUTHORITY, ns);
}

static void answer_question(struct lab_reply *reply)
{
	const struct question *question = &reply->query->question;
	const struct zone *zone = world_zone_for(reply->server, question);
	struct answer said;
	struct zone_beside beside;
	if (wants(reply, SWITCH_SERVFAIL)) {
		reply->rcode = RCODE_SERVFAIL;
	} else if (wants(reply, SWITCH_REFUSED)) {
		reply->rcode = RCODE_REFUSED;
	} else if (wants(reply, SWITCH_LAME)) {
		add_lame(reply);
	} else if (!zone || question->class != CLASS_IN || question->type == TYPE_AXFR ||
		   question->type == TYPE_IXFR) {
		reply->rcode = RCODE_REFUSED;
	} else if (zone_lookup(zone, question, reply->arena, &said, &beside)) {
		reply->rcode = RCODE_SERVFAIL;
	} else {
		add_said(reply, &said, &beside);
	}
}

/* ---- the message ---- */

static struct build_opt opt_of(const struct lab_reply *reply)
{
	return (struct build_opt){.udp_size = LIMIT_EDNS_UDP,
		.rcode = reply->rcode,
		.dnssec_ok = reply->query->edns.dnssec_ok,
		.ede = EDE_NONE,
		.options = &reply->nsid,
		.option_count = reply->nsid.bytes != NULL};
}

static size_t room_of(const struct lab_reply *reply)
{
	const struct edns *edns = &reply->query->edns;
	if (reply->tcp)
		return LIMIT_MESSAGE_BYTES;
	return edns->present ? RW_MIN((size_t)RW_MAX(edns->udp_size, 512), (size_t)LIMIT_EDNS_UDP)
			     : 512;
}

/* A query with NSID is told which server this is (RFC 5001). */
static void take_nsid(struct lab_reply *reply)
{
	const char *name = reply->server->plan->name;
	if (edns_find(&reply->query->edns, OPTION_NSID))
		reply->nsid = (struct edns_option){.code = OPTION_NSID,
			.size = (uint16_t)strlen(name),
			.bytes = (const uint8_t *)name};
}

static void begin(struct lab_reply *reply, uint8_t *out)
{
	const struct build_opt opt = opt_of(reply);
	uint16_t flags = (uint16_t)(FLAG_QR | (reply->query->flags & (0x7800 | FLAG_RD)));
	size_t reserve = reply->query->edns.present ? build_opt_size(&opt) : 0;
	build_begin(&reply->builder, out, room_of(reply), reserve, reply->query->id, flags);
	reply->failed = false;
	if (reply->query->has_question && build_question(&reply->builder, &reply->query->question))
		reply->failed = true;
}

/* A reply that nothing is put into but the question and TC. */
static void cut_short(struct lab_reply *reply, uint8_t *out)
{
	uint16_t aa = (uint16_t)(rr_get16(out + 2) & FLAG_AA);
	begin(reply, out);
	build_set_flags(&reply->builder, FLAG_TC | aa, 0);
}

static size_t finish(struct lab_reply *reply)
{
	const struct build_opt opt = opt_of(reply);
	build_set_rcode(&reply->builder, reply->rcode);
	if (reply->query->edns.present && build_edns(&reply->builder, &opt))
		reply->failed = true;
	return build_finish(&reply->builder);
}

/* What cannot be read beyond its header gets that header back. */
static int answer_broken(const struct precheck *info, uint8_t *out, size_t *ret_size)
{
	struct builder builder;
	build_begin(&builder, out, 512, 0, info->id,
		(uint16_t)(FLAG_QR | (info->flags & (0x7800 | FLAG_RD))));
	build_set_rcode(&builder, RCODE_FORMERR);
	*ret_size = build_finish(&builder);
	return 0;
}

int lab_answer(struct lab_server *server, const uint8_t *query, size_t size, bool tcp,
	struct arena *arena, uint8_t *out, size_t *ret_size)
{
	struct precheck info;
	struct lab_reply reply = {.server = server, .arena = arena, .tcp = tcp};
	if (precheck_header(query, size, &info) || info.flags & FLAG_QR)
		return RW_ENOTFOUND;
	if (msg_parse(arena, query, size, &reply.query))
		return answer_broken(&info, out, ret_size);
	take_nsid(&reply);
	begin(&reply, out);
	if (reply.query->opcode != OPCODE_QUERY)
		reply.rcode = RCODE_NOTIMP;
	else if (!reply.query->has_question)
		reply.rcode = RCODE_FORMERR;
	else if (reply.query->edns.present && reply.query->edns.version > 0)
		reply.rcode = RCODE_BADVERS;
	else
		answer_question(&reply);
	if (reply.failed || (wants(&reply, SWITCH_TRUNCATING) && !tcp))
		cut_short(&reply, out);
	*ret_size = finish(&reply);
	return 0;
}
