/* SPDX-License-Identifier: MIT */
/* Building of answers out of record sets. */
#include "resolver/service/reply.h"

#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/service/referral.h"
#include "resolver/wire/build.h"
#include "resolver/wire/precheck.h"

#define FLAGS_COPIED (0x7800 | FLAG_RD | FLAG_CD) /* opcode, RD, CD */
#define UDP_PLAIN    512                          /* bytes without EDNS, RFC 1035 section 4.2.1 */
#define OPT_BYTES    11                           /* of an OPT record without options */

void client_query_copy(struct client_query *to, const struct client_query *from)
{
	/* The name comes last, and most names are short. */
	memcpy(to, from, offsetof(struct client_query, name));
	if (from->has_question) {
		(void)name_copy(from->question.name, &to->name);
		to->question.name = to->name.bytes;
	}
	if (from->redirected)
		(void)name_copy(from->redirect.bytes, &to->redirect);
}

static uint16_t flags_of(const struct client_query *query, bool authoritative)
{
	uint16_t flags = FLAG_QR | FLAG_RA | (query->flags & FLAGS_COPIED);
	return authoritative ? flags | FLAG_AA : flags;
}

size_t reply_header(const struct client_query *query, uint16_t rcode, uint8_t *out)
{
	memset(out, 0, HEADER_SIZE);
	rr_put16(out, query->id);
	rr_put16(out + 2, flags_of(query, false) | (rcode & 0x000f));
	return HEADER_SIZE;
}

size_t reply_truncate(uint8_t *wire, size_t size)
{
	struct precheck info;
	if (!rw_check(precheck(wire, size, &info) == 0))
		return size;
	size_t end = info.question_end;
	memset(wire + 6, 0, HEADER_SIZE - 6);
	rr_put16(wire + 2, info.flags | FLAG_TC);
	if (info.opt != 0) {
		rr_put16(wire + 10, 1);
		memmove(wire + end, wire + info.opt, OPT_BYTES);
		end += OPT_BYTES;
		rr_put16(wire + end - 2, 0);
	}
	return end;
}

static size_t size_allowed(
	const struct client_query *query, const struct settings *settings, size_t cap)
{
	if (query->tcp)
		return RW_MIN(cap, (size_t)LIMIT_MESSAGE_BYTES);
	size_t allowed = UDP_PLAIN;
	if (query->edns && query->udp_size > UDP_PLAIN)
		allowed = RW_MIN(query->udp_size, settings->max_udp_size);
	return RW_MIN(RW_MAX(allowed, (size_t)UDP_PLAIN), cap);
}

static bool type_rotates(uint16_t type)
{
	return type == TYPE_A || type == TYPE_AAAA;
}

struct reply_writer {
	struct builder builder;
	const struct client_query *query;
	unsigned rotate;
};

static int write_set(struct reply_writer *w, enum msg_section section, const struct rrset *set)
{
	uint16_t asked = w->query->question.type;
	bool sigs = w->query->dnssec_ok || asked == TYPE_RRSIG || asked == TYPE_ANY;
	unsigned rotate = type_rotates(set->type) && set->count > 1 ? w->rotate % set->count : 0;
	return build_rrset(&w->builder, section, set, set->ttl, rotate, sigs);
}

static bool was_written(const struct rrset *const *sets, unsigned count, const struct rrset *set)
{
	for (unsigned i = 0; i < count; i++)
		if (sets[i]->type == set->type && name_equal(sets[i]->owner, set->owner))
			return true;
	return false;
}

/*
 * What proves the answer to those who validate: NSEC and NSEC3 sets, each once (RFC 4035 sections
 * 3.1.3 and 3.2.1).
 */
static int write_proofs(struct reply_writer *w, const struct answer *answer, unsigned set_count)
{
	const struct rrset *written[(ANSWER_SETS + 1) * LIMIT_PROOF_SETS];
	unsigned count = 0;
	int err = 0;
	for (unsigned i = 0; i <= set_count; i++) {
		const struct rrset *of = i < set_count ? answer->sets[i] : answer->soa;
		/* Where the chain ends in an answer, nothing is to be denied on the way. */
		if (of && !answer->soa && !rrset_is_expanded(of))
			continue;
		for (unsigned p = 0; of && p < of->proof_count && !err; p++) {
			if (was_written(written, count, &of->proofs[p]))
				continue;
			written[count++] = &of->proofs[p];
			err = write_set(w, SECTION_AUTHORITY, &of->proofs[p]);
		}
	}
	return err;
}

/* Nobody needs these: what does not fit is left out. */
static void write_referral(struct reply_writer *w, const struct referral *referral)
{
	if (write_set(w, SECTION_AUTHORITY, &referral->ns))
		return;
	for (unsigned i = 0; i < referral->glue_count; i++)
		if (write_set(w, SECTION_ADDITIONAL, &referral->glue[i]))
			return;
}

/* Sets until one does not fit; then the answer says so by TC, RFC 2181 section 9. */
static void write_sections(struct reply_writer *w, const struct reply *reply)
{
	const struct client_query *query = w->query;
	const struct answer *answer = reply->answer;
	unsigned count = answer->set_count;
	/* Over UDP one set is answer enough to ANY (RFC 8482 section 4.1). */
	if (query->question.type == TYPE_ANY && !query->tcp && count > 1)
		count = 1;
	int err = 0;
	for (unsigned i = 0; i < count && !err; i++)
		err = write_set(w, SECTION_ANSWER, answer->sets[i]);
	if (!err && answer->soa)
		err = write_set(w, SECTION_AUTHORITY, answer->soa);
	if (!err && query->dnssec_ok)
		err = write_proofs(w, answer, count);
	if (err || reply->truncated)
		build_set_flags(&w->builder, FLAG_TC, 0);
	else if (reply->referral)
		write_referral(w, reply->referral);
}

static size_t write_reply(const struct client_query *query, const struct reply *reply,
	const struct settings *settings, const struct build_opt *opt, unsigned rotate, uint8_t *out,
	size_t cap)
{
	struct reply_writer w = {
		.query = query,
		.rotate = rotate,
	};
	size_t reserve = query->edns ? build_opt_size(opt) : 0;
	build_begin(&w.builder, out, size_allowed(query, settings, cap), reserve, query->id,
		flags_of(query, reply->answer->begins_local));
	build_set_rcode(&w.builder, opt->rcode & 0x000f);
	if (query->has_question && build_question(&w.builder, &query->question))
		return reply_header(query, RCODE_SERVFAIL, out); /* cannot be: 512 bytes hold it */
	write_sections(&w, reply);
	if (query->edns && !rw_check(build_edns(&w.builder, opt) == 0))
		return reply_header(query, RCODE_SERVFAIL, out);
	return build_finish(&w.builder);
}

size_t reply_build(const struct client_query *query, const struct reply *reply,
	const struct settings *settings, unsigned rotate, uint8_t *out, size_t cap)
{
	struct build_opt opt = {
		.udp_size = settings->max_udp_size,
		.rcode = answer_rcode(reply->answer),
		.dnssec_ok = query->dnssec_ok,
		.ede = reply->answer->ede,
		.ede_text = reply->answer->ede_text,
	};
	size_t size = write_reply(query, reply, settings, &opt, rotate, out, cap);
	if (opt.ede == EDE_NONE || !query->edns || !(rr_get16(out + 2) & FLAG_TC))
		return size;
	/* Before data is left out, the extended error is (RFC 8914 section 3). */
	opt.ede = EDE_NONE;
	return write_reply(query, reply, settings, &opt, rotate, out, cap);
}
