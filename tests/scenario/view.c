/* SPDX-License-Identifier: MIT */
/* Questions to bytes, and answers from bytes. */
#include "tests/scenario/view.h"

#include "resolver/wire/build.h"

#define QUERY_BYTES  600
#define HEADER_FLAGS (FLAG_QR | FLAG_AA | FLAG_TC | FLAG_RD | FLAG_RA | FLAG_AD | FLAG_CD)

const uint8_t *view_query(
	const struct rpl_entry *query, uint16_t id, struct arena *arena, size_t *ret_size)
{
	if (query->raw) {
		*ret_size = query->raw_size;
		return query->raw;
	}
	const struct build_opt opt = {
		.udp_size = VIEW_EDNS_SIZE, .dnssec_ok = query->dnssec_ok, .ede = EDE_NONE};
	uint8_t *out = arena_alloc(arena, QUERY_BYTES);
	rw_require(out);
	struct builder b;
	build_begin(&b, out, QUERY_BYTES, build_opt_size(&opt), id,
		(uint16_t)((query->flags & HEADER_FLAGS) | query->opcode << 11));
	if (query->has_question)
		rw_require(build_question(&b, &query->question) == 0);
	rw_require(build_edns(&b, &opt) == 0);
	*ret_size = build_finish(&b);
	return out;
}

static void add_record(struct arena *arena, struct rpl_record ***tail, const struct rrset *set,
	uint16_t type, const struct rdata *data)
{
	struct rpl_record *record = arena_alloc(arena, sizeof(*record));
	rw_require(record);
	record->set = rrset_single(arena, set->owner, type, set->ttl, data->bytes, data->size);
	rw_require(record->set);
	record->set->class = set->class;
	**tail = record;
	*tail = &record->next;
}

static struct rpl_record *flatten(const struct rrset *sets, unsigned count, struct arena *arena)
{
	struct rpl_record *list = NULL, **tail = &list;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned r = 0; r < sets[i].count; r++)
			add_record(arena, &tail, &sets[i], sets[i].type, &sets[i].records[r]);
		for (unsigned s = 0; s < sets[i].sig_count; s++)
			add_record(arena, &tail, &sets[i], TYPE_RRSIG, &sets[i].sigs[s]);
	}
	return list;
}

bool view_read(const uint8_t *wire, size_t size, struct arena *arena, struct view *ret_view)
{
	const struct msg *msg;
	const uint8_t *text = NULL;
	size_t length = 0;
	if (msg_parse(arena, wire, size, &msg) || msg->more)
		return false;
	*ret_view = (struct view){
		.opcode = msg->opcode,
		.flags = msg->flags & HEADER_FLAGS,
		.rcode = msg->rcode,
		.has_question = msg->has_question,
		.question = msg->question,
		.ede = edns_ede(&msg->edns, &text, &length),
	};
	if (text)
		ret_view->ede_text = arena_printf(arena, "%.*s", (int)length, (const char *)text);
	for (int i = 0; i < SECTION_COUNT; i++)
		ret_view->sections[i] = flatten(msg->sets[i], msg->set_count[i], arena);
	return true;
}
