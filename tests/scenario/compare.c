/* SPDX-License-Identifier: MIT */
/*
 * What is got beside what is expected. The whole answer section counts; of the authority section
 * what carries meaning: SOA, DS, NSEC, NSEC3 and their signatures. NS sets there and the additional
 * section are free. TTLs count where the text asks for them.
 */
#include "tests/scenario/compare.h"

#include <stdio.h>
#include <string.h>

#include "resolver/wire/text.h"

const char *compare_flags_text(uint16_t flags, char buf[COMPARE_FLAGS_TEXT])
{
	static const struct {
		uint16_t flag;
		const char *text;
	} words[] = {{FLAG_QR, "QR "}, {FLAG_AA, "AA "}, {FLAG_TC, "TC "}, {FLAG_RD, "RD "},
		{FLAG_RA, "RA "}, {FLAG_AD, "AD "}, {FLAG_CD, "CD "}};
	buf[0] = '\0';
	for (size_t i = 0; i < RW_COUNT(words); i++)
		if (flags & words[i].flag)
			strcat(buf, words[i].text);
	if (buf[0])
		buf[strlen(buf) - 1] = '\0';
	return buf;
}

const char *compare_record_text(const struct rrset *set, struct arena *arena)
{
	char owner[LIMIT_NAME_TEXT], class[TEXT_TYPE], type[TEXT_TYPE];
	const char *data = set->count ? text_rdata(arena, set->type, &set->records[0]) : "";
	const char *text = arena_printf(arena, "%s %u %s %s %s", name_text(set->owner, owner),
		set->ttl, text_class(set->class, class), text_type(set->type, type),
		data ? data : "?");
	return text ? text : "?";
}

static bool names_equal(const struct rdata *a, const struct rdata *b, unsigned names, size_t at)
{
	for (; names > 0; names--) {
		if (at >= a->size || !name_equal(a->bytes + at, b->bytes + at))
			return false;
		at += name_size(a->bytes + at);
	}
	return at <= a->size && memcmp(a->bytes + at, b->bytes + at, a->size - at) == 0;
}

/* Names inside rdata are equal whatever the case of their letters. */
static bool rdata_equal(uint16_t type, const struct rdata *a, const struct rdata *b)
{
	if (a->size != b->size)
		return false;
	if (memcmp(a->bytes, b->bytes, a->size) == 0)
		return true;
	uint16_t first = 0;
	unsigned names = type == TYPE_RRSIG ? 1 : rr_rdata_names(type, &first);
	if (type == TYPE_RRSIG)
		first = 18;
	return names > 0 && first < a->size && memcmp(a->bytes, b->bytes, first) == 0 &&
	       names_equal(a, b, names, first);
}

static bool ttl_equal(uint32_t a, uint32_t b)
{
	return (a > b ? a - b : b - a) <= COMPARE_TTL_SLACK;
}

static bool record_equal(const struct rrset *a, const struct rrset *b, bool ttl)
{
	return a->type == b->type && a->class == b->class && a->count > 0 && b->count > 0 &&
	       (!ttl || ttl_equal(a->ttl, b->ttl)) && name_equal(a->owner, b->owner) &&
	       rdata_equal(a->type, &a->records[0], &b->records[0]);
}

static bool always(const struct rrset *set)
{
	(void)set;
	return true;
}

/* What carries meaning in an authority section. */
static bool meaningful(const struct rrset *set)
{
	uint16_t type = set->type;
	if (type == TYPE_RRSIG && set->count > 0 && set->records[0].size >= 2)
		type = rr_get16(set->records[0].bytes);
	return type == TYPE_SOA || type == TYPE_DS || type == TYPE_NSEC || type == TYPE_NSEC3;
}

static unsigned occurrences(const struct rpl_record *list, const struct rrset *set, bool ttl)
{
	unsigned count = 0;
	for (; list; list = list->next)
		count += record_equal(list->set, set, ttl);
	return count;
}

/* A record of `in` that is not in `other`, or NULL. */
static const struct rrset *missing(const struct rpl_record *in, const struct rpl_record *other,
	bool ttl, bool (*counts)(const struct rrset *set))
{
	for (const struct rpl_record *at = in; at; at = at->next)
		if (counts(at->set) && occurrences(other, at->set, ttl) == 0)
			return at->set;
	return NULL;
}

static const char *compare_section(const struct rpl_record *expected, const struct rpl_record *got,
	const char *name, bool ttl, bool (*counts)(const struct rrset *set), struct arena *arena)
{
	const struct rrset *set = missing(expected, got, ttl, counts);
	if (set)
		return arena_printf(arena, "%s lacks: %s", name, compare_record_text(set, arena));
	set = missing(got, expected, ttl, counts);
	if (set)
		return arena_printf(
			arena, "%s has besides: %s", name, compare_record_text(set, arena));
	for (const struct rpl_record *at = got; at; at = at->next)
		if (counts(at->set) && occurrences(got, at->set, false) > 1)
			return arena_printf(arena, "%s has twice: %s", name,
				compare_record_text(at->set, arena));
	return NULL;
}

static const char *compare_header(const struct rpl_entry *expected, uint32_t match,
	const struct view *got, struct arena *arena)
{
	char a[COMPARE_FLAGS_TEXT], b[COMPARE_FLAGS_TEXT];
	if ((match & MATCH_OPCODE) && expected->opcode != got->opcode)
		return arena_printf(arena, "opcode %u, not %u", got->opcode, expected->opcode);
	if ((match & MATCH_RCODE) && expected->rcode != got->rcode)
		return arena_printf(arena, "rcode %s, not %s", text_rcode(got->rcode, a),
			text_rcode(expected->rcode, b));
	if ((match & MATCH_FLAGS) && expected->flags != got->flags)
		return arena_printf(arena, "flags %s, not %s", compare_flags_text(got->flags, a),
			compare_flags_text(expected->flags, b));
	return NULL;
}

static const char *compare_question(const struct rpl_entry *expected, uint32_t match,
	const struct view *got, struct arena *arena)
{
	bool name = match & (MATCH_QUESTION | MATCH_QNAME);
	bool type = match & (MATCH_QUESTION | MATCH_QTYPE);
	const struct question *a = &expected->question, *b = &got->question;
	if ((name || type) && expected->has_question != got->has_question)
		return arena_printf(arena, "%s question", got->has_question ? "a" : "no");
	if (!expected->has_question)
		return NULL;
	char text[LIMIT_NAME_TEXT], number[TEXT_TYPE];
	if (name && !name_equal(a->name, b->name))
		return arena_printf(arena, "question is %s", name_text(b->name, text));
	if (type && (a->type != b->type || a->class != b->class))
		return arena_printf(arena, "question's type is %s", text_type(b->type, number));
	return NULL;
}

const char *compare_answer(
	const struct rpl_entry *expected, const struct view *got, struct arena *arena)
{
	uint32_t match = expected->match;
	if ((match & ~(uint32_t)MATCH_TTL) == 0)
		match |= MATCH_ALL;
	bool ttl = match & MATCH_TTL;
	if (expected->do_not_answer)
		return got->silent ? NULL : "an answer, but none is wanted";
	if (got->silent)
		return "no answer";
	const char *fault = compare_header(expected, match, got, arena);
	if (!fault)
		fault = compare_question(expected, match, got, arena);
	if (!fault && (match & MATCH_ANSWER))
		fault = compare_section(expected->sections[SECTION_ANSWER],
			got->sections[SECTION_ANSWER], "answer", ttl, always, arena);
	if (!fault && (match & MATCH_AUTHORITY))
		fault = compare_section(expected->sections[SECTION_AUTHORITY],
			got->sections[SECTION_AUTHORITY], "authority", ttl, meaningful, arena);
	return fault;
}
