/* SPDX-License-Identifier: MIT */
/*
 * What a reply is. First what can be told from the header, then the alias chain of the answer
 * section as far as the asked zone may speak, then, where there is no answer, the authority
 * section: SOA, referral, or a server that is lame.
 */
#include "resolver/iterate/walk_state.h"

/* The set of that type at that name in the answer section, if it may be believed. */
static const struct rrset *answer_set(
	const struct msg *msg, const uint8_t *zone, const uint8_t *name, uint16_t type)
{
	const struct rrset *set = msg_find(msg, SECTION_ANSWER, name, type);
	return set && scrub_believes(set, zone) ? set : NULL;
}

static const struct rrset *dname_above(
	const struct msg *msg, const uint8_t *zone, const uint8_t *name)
{
	for (unsigned i = 0; i < msg->set_count[SECTION_ANSWER]; i++) {
		const struct rrset *set = &msg->sets[SECTION_ANSWER][i];
		if (set->type == TYPE_DNAME && scrub_believes(set, zone) &&
			name_is_below(name, set->owner))
			return set;
	}
	return NULL;
}

/*
 * The NSEC and NSEC3 sets of the authority section: they deny what is not there, or show that a
 * wildcard was expanded rightly. For clients that validate; found once for all sets of a reply.
 */
static unsigned read_proofs(
	const struct walk *walk, const struct msg *msg, const struct rrset **ret_proofs)
{
	struct rrset *proofs = NULL;
	unsigned count = 0;
	for (unsigned i = 0; i < msg->set_count[SECTION_AUTHORITY]; i++) {
		const struct rrset *set = &msg->sets[SECTION_AUTHORITY][i];
		if ((set->type != TYPE_NSEC && set->type != TYPE_NSEC3) || set->sig_count == 0 ||
			!scrub_believes(set, walk->cut->zone) || count == LIMIT_PROOF_SETS)
			continue;
		if (!proofs)
			proofs = arena_alloc(walk->arena, LIMIT_PROOF_SETS * sizeof(*proofs));
		if (!proofs)
			return 0;
		proofs[count++] = *set;
	}
	*ret_proofs = proofs;
	return count;
}

const struct rrset *reading_one_alias(const struct walk *walk, const struct rrset *set)
{
	if (!set || (set->type != TYPE_CNAME && set->type != TYPE_DNAME) || set->count < 2)
		return set;
	struct rrset *first = arena_dup(walk->arena, set, sizeof(*set));
	if (first)
		first->count = 1;
	return first ? first : set;
}

/*
 * Whether it takes a proof that nothing else was there: a denial, or a set made of a wildcard. And
 * beside an alias stand the proofs of what its target has not, which end a chain without answer.
 */
static bool needs_proofs(const struct rrset *set)
{
	return set->type == TYPE_SOA || set->type == TYPE_CNAME || set->type == TYPE_DNAME ||
	       rrset_is_expanded(set);
}

/* The set as it is believed, with the proofs that came beside it and are of use. */
static const struct rrset *with_proofs(
	const struct walk *walk, const struct msg *msg, const struct rrset *set)
{
	const struct rrset *proofs;
	set = reading_one_alias(walk, set);
	bool wanted = set && set->sig_count > 0 && needs_proofs(set);
	unsigned count = wanted ? read_proofs(walk, msg, &proofs) : 0;
	struct rrset *proven = count > 0 ? arena_dup(walk->arena, set, sizeof(*set)) : NULL;
	if (!proven)
		return set;
	proven->proofs = proofs;
	proven->proof_count = (uint16_t)count;
	return proven;
}

static struct provenance origin_of(const struct walk *walk, const struct rrset *set)
{
	return walk_provenance(walk, SECTION_ANSWER, walk_answer_rank(walk), set->ttl);
}

/* More sets than there is room for are left out. */
static void believe(const struct walk *walk, const struct msg *msg, struct reading *reading,
	const struct rrset *set)
{
	const struct provenance from = origin_of(walk, set);
	(void)answer_add(&reading->answer, with_proofs(walk, msg, set), &from);
}

/* Everything at the name, for questions of type ANY. */
static bool read_any(const struct walk *walk, const struct msg *msg, const uint8_t *name,
	struct reading *reading)
{
	const uint8_t *zone = walk->cut->zone;
	unsigned before = reading->answer.set_count;
	for (unsigned i = 0; i < msg->set_count[SECTION_ANSWER]; i++) {
		const struct rrset *set = &msg->sets[SECTION_ANSWER][i];
		if (scrub_believes(set, zone) && name_equal(set->owner, name))
			believe(walk, msg, reading, set);
	}
	return reading->answer.set_count > before;
}

enum link {
	LINK_ANSWER,
	LINK_ALIAS,
	LINK_END,
	LINK_TOO_LONG
};

/*
 * A name with an alias has nothing else (RFC 1034 section 3.6.2). Of a server that says both, what
 * it says first is taken.
 */
static const struct rrset *unless_alias_first(
	const struct msg *msg, const uint8_t *zone, const struct rrset *set)
{
	const struct rrset *alias = set ? answer_set(msg, zone, set->owner, TYPE_CNAME) : NULL;
	/* Sets stand in the order of their first records. */
	return alias && alias < set ? NULL : set;
}

/* The DNAME and the alias that it implies. */
static enum link read_redirection(const struct walk *walk, const struct msg *msg,
	const struct rrset *dname, struct answer *answer)
{
	const struct provenance from = origin_of(walk, dname);
	dname = with_proofs(walk, msg, dname);
	if (answer_redirect(answer, dname, &from, walk->arena) ||
		answer->outcome == ANSWER_TOO_LONG)
		return LINK_TOO_LONG;
	return answer->outcome == ANSWER_POSITIVE ? LINK_ANSWER : LINK_ALIAS;
}

static enum link read_alias(const struct walk *walk, const struct msg *msg,
	const struct rrset *cname, struct answer *answer)
{
	const struct provenance from = origin_of(walk, cname);
	answer_follow(answer, with_proofs(walk, msg, cname), &from);
	return LINK_ALIAS;
}

/* One step along the chain. */
static enum link read_link(const struct walk *walk, const struct msg *msg, struct reading *reading)
{
	const uint8_t *zone = walk->cut->zone, *name = reading->answer.name;
	uint16_t type = walk->ask.question.type;
	const struct rrset *set = unless_alias_first(msg, zone, answer_set(msg, zone, name, type));
	const struct rrset *dname = dname_above(msg, zone, name);
	if (type == TYPE_ANY && read_any(walk, msg, name, reading))
		return LINK_ANSWER;
	/* A CNAME that was made of a DNAME comes with it, also where it is what was asked for. */
	if (type != TYPE_ANY && set && !(dname && type == TYPE_CNAME)) {
		believe(walk, msg, reading, set);
		return LINK_ANSWER;
	}
	if (dname)
		return read_redirection(walk, msg, dname, &reading->answer);
	set = answer_set(msg, zone, name, TYPE_CNAME);
	return set ? read_alias(walk, msg, set, &reading->answer) : LINK_END;
}

/*
 * The asked set, or the first link of an alias chain. What stands behind that link is not believed,
 * even inside the zone: the target is asked for by itself, so that one forged reply cannot carry
 * freight for other names. REPLY_NODATA: there is neither.
 */
static enum reply_kind read_answer(
	const struct walk *walk, const struct msg *msg, struct reading *reading)
{
	/* The reply's own copy: ours has random letters. */
	reading->answer.name = msg->question.name;
	switch (read_link(walk, msg, reading)) {
	case LINK_ANSWER:
		return REPLY_ANSWER;
	case LINK_TOO_LONG:
		return REPLY_YXDOMAIN;
	case LINK_ALIAS:
		return REPLY_ALIAS;
	case LINK_END:
		break;
	}
	return REPLY_NODATA;
}

/* The SOA that makes a reply negative for `name`: of the asked zone or of one below it. */
static const struct rrset *read_soa(
	const struct walk *walk, const struct msg *msg, const uint8_t *name)
{
	for (unsigned i = 0; i < msg->set_count[SECTION_AUTHORITY]; i++) {
		const struct rrset *set = &msg->sets[SECTION_AUTHORITY][i];
		if (set->type == TYPE_SOA && scrub_believes(set, walk->cut->zone) &&
			name_is_at_or_below(name, set->owner))
			return with_proofs(walk, msg, set);
	}
	return NULL;
}

/* Where no SOA came with a denial, an empty set in its place holds the proofs that did. */
static const struct rrset *read_bare_denial(const struct walk *walk, const struct msg *msg)
{
	const struct rrset *proofs;
	unsigned count = read_proofs(walk, msg, &proofs);
	struct rrset *bare = count > 0 ? arena_alloc(walk->arena, sizeof(*bare)) : NULL;
	if (!bare)
		return NULL;
	bare->owner = walk->cut->zone;
	bare->type = TYPE_SOA;
	bare->class = CLASS_IN;
	bare->proofs = proofs;
	bare->proof_count = (uint16_t)count;
	return bare;
}

/* The NS set of the authority section that encloses `name`, wherever it stands in the tree. */
static const struct rrset *read_ns(const struct msg *msg, const uint8_t *name)
{
	for (unsigned i = 0; i < msg->set_count[SECTION_AUTHORITY]; i++) {
		const struct rrset *set = &msg->sets[SECTION_AUTHORITY][i];
		if (set->type == TYPE_NS && set->class == CLASS_IN &&
			name_is_at_or_below(name, set->owner))
			return set;
	}
	return NULL;
}

/* Whether NSEC or NSEC3 records of the zone say that something is not there. */
static bool has_denial(const struct walk *walk, const struct msg *msg)
{
	for (unsigned i = 0; i < msg->set_count[SECTION_AUTHORITY]; i++) {
		const struct rrset *set = &msg->sets[SECTION_AUTHORITY][i];
		if ((set->type == TYPE_NSEC || set->type == TYPE_NSEC3) &&
			scrub_believes(set, walk->cut->zone))
			return true;
	}
	return false;
}

static enum reply_kind read_empty(const struct walk *walk, const struct msg *msg)
{
	/* RFC 2308 section 2.2, type 3; or a server that fails: others must say the same. */
	if (walk->aside.is_taken || ((msg->flags & FLAG_AA) && ask_is_minimised(walk)))
		return REPLY_NODATA;
	return REPLY_EMPTY;
}

/* NOERROR without an answer and without an SOA. */
static enum reply_kind read_delegation(
	const struct walk *walk, const struct msg *msg, struct reading *reading)
{
	bool aa = (msg->flags & FLAG_AA) != 0;
	const struct rrset *ns = read_ns(msg, walk->ask.question.name);
	if (ns && name_is_below(ns->owner, walk->cut->zone)) {
		/* DS lives at the parent: a referral to the child itself means there is none. */
		if (walk->ask.question.type == TYPE_DS &&
			name_equal(ns->owner, walk->ask.question.name))
			return REPLY_NODATA;
		if (delegation_names_nobody(ns))
			return REPLY_NOBODY;
		reading->ns = ns;
		reading->ds = msg_find(msg, SECTION_AUTHORITY, ns->owner, TYPE_DS);
		return REPLY_REFERRAL;
	}
	reading->empty =
		msg->set_count[SECTION_ANSWER] == 0 && msg->set_count[SECTION_AUTHORITY] == 0;
	if (reading->empty)
		return read_empty(walk, msg);
	/* A referral upwards denies nothing, AA or not (RFC 2308 section 2.2). */
	if (ns && name_is_below(walk->cut->zone, ns->owner))
		return REPLY_LAME;
	return aa || has_denial(walk, msg) ? REPLY_NODATA : REPLY_LAME;
}

/* NODATA without an SOA, of who is to do all the asking: it may not leave that to us. */
static enum reply_kind read_forwarder(const struct walk *walk, const struct msg *msg)
{
	bool refers = read_ns(msg, walk->ask.question.name) && !has_denial(walk, msg);
	return refers ? REPLY_LAME : REPLY_NODATA;
}

/* A reply of a server that is not the zone's, but a resolver that answers for others. */
static bool is_recursive(const struct walk *walk, const struct msg *msg)
{
	return walk->cut->source != DELEGATION_FORWARD && !walk->aside.is_taken &&
	       !(msg->flags & FLAG_AA) && (msg->flags & FLAG_RA);
}

/*
 * DS lives at the parent (RFC 4035 section 3.1.4.1). A server of both zones may answer for the
 * child, whose SOA then stands at the name itself.
 */
static bool is_childs_word_on_ds(const struct walk *walk, const struct reading *reading)
{
	return walk->ask.question.type == TYPE_DS && reading->answer.soa &&
	       name_equal(reading->answer.soa->owner, walk->ask.question.name);
}

/* Records of another class answer nothing, and their server is not one to believe a denial of. */
static bool is_of_other_class(const struct msg *msg)
{
	for (unsigned i = 0; i < msg->set_count[SECTION_ANSWER]; i++)
		if (msg->sets[SECTION_ANSWER][i].class != CLASS_IN)
			return true;
	return false;
}

static enum reply_kind read_content(
	const struct walk *walk, const struct msg *msg, struct reading *reading)
{
	enum reply_kind kind = read_answer(walk, msg, reading);
	if (kind == REPLY_NODATA && is_of_other_class(msg))
		return REPLY_MISMATCH;
	if (kind == REPLY_NODATA)
		reading->answer.soa = read_soa(walk, msg, walk->ask.question.name);
	if (kind == REPLY_NODATA && msg->rcode == RCODE_NOERROR && !reading->answer.soa)
		kind = walk->cut->source == DELEGATION_FORWARD
			       ? read_forwarder(walk, msg)
			       : read_delegation(walk, msg, reading);
	/* The root exists: NXDOMAIN for it would deny every name. */
	if (kind == REPLY_NODATA && msg->rcode == RCODE_NXDOMAIN)
		kind = name_is_root(walk->ask.question.name) ? REPLY_BAD_RCODE : REPLY_NXDOMAIN;
	if (kind != REPLY_REFERRAL && is_recursive(walk, msg))
		kind = REPLY_LAME;
	if (kind == REPLY_NODATA && is_childs_word_on_ds(walk, reading))
		kind = REPLY_CHILD_DS;
	if ((kind == REPLY_NODATA || kind == REPLY_NXDOMAIN) && !reading->answer.soa)
		reading->answer.soa = read_bare_denial(walk, msg);
	return kind;
}

static enum reply_kind read_rcode(
	const struct walk *walk, const struct msg *msg, struct reading *reading)
{
	switch (msg->rcode) {
	case RCODE_NOERROR:
	case RCODE_NXDOMAIN:
		return read_content(walk, msg, reading);
	case RCODE_YXDOMAIN:
		return read_answer(walk, msg, reading) == REPLY_YXDOMAIN ? REPLY_YXDOMAIN
									 : REPLY_BAD_RCODE;
	case RCODE_REFUSED:
	case RCODE_NOTAUTH:
		return REPLY_REFUSED;
	case RCODE_SERVFAIL:
		return REPLY_SERVFAIL;
	case RCODE_FORMERR:
	case RCODE_NOTIMP:
	case RCODE_BADVERS:
		return walk->exchange.sent_edns ? REPLY_NO_EDNS : REPLY_BAD_RCODE;
	case RCODE_BADCOOKIE:
		return walk->exchange.transport == TRANSPORT_UDP ? REPLY_BADCOOKIE
								 : REPLY_BAD_RCODE;
	default:
		return REPLY_BAD_RCODE;
	}
}

/* More than was asked for over UDP is no honest server's; over TCP it will show what it has. */
static bool is_oversized(const struct walk *walk, const struct msg *msg)
{
	return walk->exchange.transport == TRANSPORT_UDP &&
	       msg->size > walk->context->settings->outgoing.edns_buffer_size;
}

void reading_begin(const struct walk *walk, enum reply_kind kind, struct reading *ret_reading)
{
	ret_reading->kind = kind;
	ret_reading->empty = false;
	ret_reading->ns = ret_reading->ds = NULL;
	answer_begin(&ret_reading->answer, &walk->ask.question);
}

void reading_of_reply(const struct walk *walk, const struct msg *msg, struct reading *ret_reading)
{
	bool asks_again = msg && ((msg->rcode != RCODE_NOERROR && msg->rcode != RCODE_NXDOMAIN) ||
					 (msg->flags & FLAG_TC));
	bool may_lack_question = msg && !msg->has_question && asks_again;
	reading_begin(walk, REPLY_MALFORMED, ret_reading);
	if (!msg)
		return;
	if (!(msg->flags & FLAG_QR) || msg->opcode != OPCODE_QUERY ||
		(!may_lack_question && !(msg->has_question && question_equal(&msg->question,
								      &walk->ask.question))))
		ret_reading->kind = REPLY_MISMATCH;
	else if ((msg->flags & FLAG_TC) || is_oversized(walk, msg))
		ret_reading->kind = REPLY_TRUNCATED;
	else
		ret_reading->kind = read_rcode(walk, msg, ret_reading);
}
