/* SPDX-License-Identifier: MIT */
/* Answers as the client sees them, composed of record sets. */
#include "tests/scenario/view.h"

static void add_record(const struct view_asker *asker, struct record ***tail,
        const struct rrset *set, uint16_t type, uint32_t ttl, const struct rdata *data)
{
	struct record *record = arena_alloc(asker->arena, sizeof(*record));
	rw_require(record);
	record->set = rrset_single(asker->arena, set->owner, type, ttl, data->bytes, data->size);
	rw_require(record->set);
	record->set->class = set->class;
	**tail = record;
	*tail = &record->next;
}

static void add_set(
        const struct view_asker *asker, struct record ***tail, const struct rrset *set, bool stale)
{
	uint32_t ttl = stale ? asker->settings->cache.stale_ttl_s : set->ttl;
	for (unsigned i = 0; i < set->count; i++)
		add_record(asker, tail, set, set->type, ttl, &set->records[i]);
	if (!asker->query->dnssec_ok)
		return;
	for (unsigned i = 0; i < set->sig_count; i++)
		add_record(asker, tail, set, TYPE_RRSIG, ttl, &set->sigs[i]);
}

static void begin(const struct view_asker *asker, uint16_t rcode, struct view *ret_view)
{
	const struct entry *query = asker->query;
	*ret_view = (struct view){
	        .opcode = query->opcode,
	        .flags = FLAG_QR | FLAG_RA | (query->flags & (FLAG_RD | FLAG_CD)),
	        .rcode = rcode,
	        .has_question = query->has_question,
	        .question = query->question,
	        .ede = EDE_NONE,
	};
}

static void fill(const struct view_asker *asker, const struct rrset *const *sets, unsigned count,
        const struct rrset *soa, bool stale, struct view *view)
{
	struct record **answer = &view->sections[SECTION_ANSWER];
	struct record **authority = &view->sections[SECTION_AUTHORITY];
	for (unsigned i = 0; i < count; i++)
		add_set(asker, &answer, sets[i], stale && sets[i]->ttl == 0);
	if (soa)
		add_set(asker, &authority, soa, stale && soa->ttl == 0);
}

static uint16_t rcode_of(enum answer_outcome outcome)
{
	switch (outcome) {
	case ANSWER_MISS:
	case ANSWER_FAILURE:
	case ANSWER_LOOP:
		return RCODE_SERVFAIL;
	case ANSWER_NXDOMAIN:
		return RCODE_NXDOMAIN;
	case ANSWER_TOO_LONG:
		return RCODE_YXDOMAIN;
	case ANSWER_POSITIVE:
	case ANSWER_NODATA:
		break;
	}
	return RCODE_NOERROR;
}

void view_from_cache(
        const struct view_asker *asker, const struct cache_answer *answer, struct view *ret_view)
{
	uint16_t rcode = rcode_of(answer->outcome);
	begin(asker, rcode, ret_view);
	if (rcode != RCODE_SERVFAIL)
		fill(asker, answer->sets, answer->set_count, answer->soa, answer->stale, ret_view);
	ret_view->ede = answer->stale ? EDE_STALE_ANSWER : answer->ede;
	ret_view->ede_text = answer->ede_text;
}

void view_from_walk(
        const struct view_asker *asker, const struct walk_result *result, struct view *ret_view)
{
	begin(asker, result->rcode, ret_view);
	if (result->authoritative)
		ret_view->flags |= FLAG_AA;
	if (result->rcode != RCODE_SERVFAIL)
		fill(asker, result->answer, result->answer_count, result->soa, result->stale,
		        ret_view);
	ret_view->ede = result->ede;
	ret_view->ede_text = result->ede_text;
}
