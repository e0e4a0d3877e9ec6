/* SPDX-License-Identifier: MIT */
/* How the chain of an answer grows, ends, and is cut and copied. */
#include "resolver/wire/answer.h"

#include <string.h>

#include "resolver/wire/edns.h"

const struct provenance provenance_local = {.rank = RANK_ANSWER_AA};

void answer_begin(struct answer *answer, const struct question *question)
{
	memset(answer, 0, offsetof(struct answer, sets));
	answer->type = question->type;
	answer->class = question->class;
	answer->name = question->name;
	answer->ede = EDE_NONE;
}

uint16_t answer_rcode(const struct answer *answer)
{
	switch (answer->outcome) {
	case ANSWER_POSITIVE:
	case ANSWER_NODATA:
		return RCODE_NOERROR;
	case ANSWER_NXDOMAIN:
		return RCODE_NXDOMAIN;
	case ANSWER_TOO_LONG:
		return RCODE_YXDOMAIN;
	case ANSWER_DECLINED:
		return answer->declined;
	case ANSWER_MISS:
	case ANSWER_FAILURE:
	case ANSWER_LOOP:
		break;
	}
	return RCODE_SERVFAIL;
}

bool answer_type_follows(uint16_t type)
{
	return type != TYPE_CNAME && type != TYPE_ANY && type != TYPE_NSEC && type != TYPE_RRSIG &&
	       type != TYPE_DS;
}

/* ---- growing ---- */

bool answer_add(struct answer *answer, const struct rrset *set, const struct provenance *from)
{
	if (answer->set_count == ANSWER_SETS)
		return false;
	answer->sets[answer->set_count] = set;
	answer->from[answer->set_count++] = *from;
	return true;
}

void answer_end(struct answer *answer, const struct rrset *set, const struct provenance *from)
{
	(void)rw_check(answer_add(answer, set, from));
	answer->outcome = ANSWER_POSITIVE;
}

static void end_in_loop(struct answer *answer, const char *text)
{
	answer->outcome = ANSWER_LOOP;
	answer->ede = EDE_OTHER;
	answer->ede_text = text;
}

static bool has_been_at(const struct answer *answer, const uint8_t *name)
{
	for (unsigned i = 0; i < answer->set_count; i++)
		if (answer->sets[i]->type == TYPE_CNAME && name_equal(answer->sets[i]->owner, name))
			return true;
	return false;
}

void answer_follow(struct answer *answer, const struct rrset *cname, const struct provenance *from)
{
	const uint8_t *target = rrset_target(cname, 0);
	(void)rw_check(answer_add(answer, cname, from));
	if (!target || has_been_at(answer, target)) {
		end_in_loop(answer, "the chain of aliases turns in a circle");
	} else if (answer->aliases == LIMIT_ALIASES) {
		end_in_loop(answer, "the chain of aliases is too long");
	} else {
		answer->aliases++;
		answer->name = target;
	}
}

int answer_synthesise(const struct rrset *dname, const uint8_t *name, struct arena *arena,
	const struct rrset **ret_cname)
{
	struct name target;
	const uint8_t *to = rrset_target(dname, 0);
	if (!to || dname->type != TYPE_DNAME || !name_is_below(name, dname->owner))
		return RW_EINVAL;
	int err = name_replace_suffix(name, dname->owner, to, &target);
	if (err)
		return err;
	const struct rrset *cname = rrset_single(arena, name, TYPE_CNAME, dname->ttl, target.bytes,
		(uint16_t)name_size(target.bytes));
	if (!cname)
		return RW_ENOMEM;
	*ret_cname = cname;
	return 0;
}

int answer_redirect(struct answer *answer, const struct rrset *dname, const struct provenance *from,
	struct arena *arena)
{
	const struct rrset *cname;
	struct provenance made = *from;
	int err = answer_synthesise(dname, answer->name, arena, &cname);
	if (err == RW_ENOMEM)
		return err;
	(void)rw_check(answer_add(answer, dname, from));
	made.synthesised = true;
	if (err)
		answer->outcome = ANSWER_TOO_LONG;
	else if (answer->type == TYPE_CNAME || answer->type == TYPE_ANY)
		answer_end(answer, cname, &made);
	else
		answer_follow(answer, cname, &made);
	return 0;
}

/* ---- ending ---- */

void answer_deny(struct answer *answer, enum answer_outcome outcome, const struct rrset *soa,
	const struct provenance *from)
{
	answer->outcome = outcome;
	answer->denied = answer->name;
	answer->soa = soa;
	answer->soa_from = *from;
}

void answer_fail(struct answer *answer, int ede, const char *text)
{
	answer->outcome = ANSWER_FAILURE;
	answer->soa = NULL;
	answer->ede = ede;
	answer->ede_text = text;
}

void answer_decline(struct answer *answer, uint16_t rcode, int ede)
{
	static const struct question nothing = {.name = name_root};
	answer_begin(answer, &nothing);
	answer->outcome = ANSWER_DECLINED;
	answer->declined = rcode;
	answer->ede = ede;
}

/* ---- cutting and copying ---- */

void answer_cut(struct answer *answer, unsigned count, const uint8_t *name)
{
	if (count > 0 && answer->sets[count - 1]->type == TYPE_DNAME)
		count--;
	answer->outcome = ANSWER_MISS;
	answer->soa = NULL;
	answer->set_count = count;
	answer->name = name;
	answer->aliases = 0;
	for (unsigned i = 0; i < count; i++) {
		if (answer->sets[i]->type != TYPE_CNAME)
			continue;
		answer->name = rrset_target(answer->sets[i], 0);
		answer->aliases++;
	}
}

void answer_assign(struct answer *to, const struct answer *from)
{
	memcpy(to, from, offsetof(struct answer, sets));
	memcpy(to->sets, from->sets, from->set_count * sizeof(to->sets[0]));
	memcpy(to->from, from->from, from->set_count * sizeof(to->from[0]));
}

static int dup_text(const char **text, struct arena *arena)
{
	if (*text)
		*text = arena_dup(arena, *text, strlen(*text) + 1);
	return *text ? 0 : RW_ENOMEM;
}

static int dup_name(const uint8_t **name, struct arena *arena)
{
	*name = name_dup(*name, arena);
	return *name ? 0 : RW_ENOMEM;
}

/* With its proofs, which rrset_dup leaves out. */
static int dup_set(const struct rrset **set, struct arena *arena)
{
	const struct rrset *from = *set;
	struct rrset *copy = rrset_dup(from, arena);
	struct rrset *proofs = arena_alloc(arena, from->proof_count * sizeof(*proofs));
	if (!copy || !proofs)
		return RW_ENOMEM;
	for (unsigned i = 0; i < from->proof_count; i++) {
		const struct rrset *proof = rrset_dup(&from->proofs[i], arena);
		if (!proof)
			return RW_ENOMEM;
		proofs[i] = *proof;
	}
	copy->proofs = proofs;
	copy->proof_count = from->proof_count;
	*set = copy;
	return 0;
}

int answer_dup(const struct answer *from, struct arena *arena, struct answer *to)
{
	answer_assign(to, from);
	int err = dup_name(&to->name, arena);
	if (!err && to->denied)
		err = dup_name(&to->denied, arena);
	if (!err && to->soa)
		err = dup_set(&to->soa, arena);
	if (!err && to->ede_text)
		err = dup_text(&to->ede_text, arena);
	if (!err && to->security_reason)
		err = dup_text(&to->security_reason, arena);
	for (unsigned i = 0; i < to->set_count && !err; i++)
		err = dup_set(&to->sets[i], arena);
	return err;
}
