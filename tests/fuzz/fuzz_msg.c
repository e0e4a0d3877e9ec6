/* SPDX-License-Identifier: MIT */
/*
 * The parsed view over any bytes. Every record it yields is printed; then the view is written out
 * by the builder, which must give a message that passes the guard and parses to the same sets.
 */
#include <string.h>

#include "resolver/wire/build.h"
#include "resolver/wire/msg.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES (8 << 20)

static void print_set(struct arena *arena, const struct rrset *set)
{
	rw_require(set->count > 0 && set->count <= LIMIT_RRSET_RECORDS);
	rw_require(set->sig_count <= LIMIT_RRSET_SIGS && set->ttl <= INT32_MAX);
	for (unsigned i = 0; i < set->count; i++) {
		const struct rdata *record = &set->records[i];
		rw_require(precheck_rdata(set->type, record->bytes, record->size) == 0);
		const char *text = text_rdata(arena, set->type, record);
		for (; text && *text; text++)
			rw_require(*text >= 0x20 && *text < 0x7f);
	}
	for (unsigned i = 0; i < set->sig_count; i++)
		(void)text_rdata(arena, TYPE_RRSIG, &set->sigs[i]);
}

static size_t rebuild(const struct msg *msg, uint8_t *out, size_t cap)
{
	struct builder b;
	struct build_opt opt = {
	        .udp_size = msg->edns.udp_size,
	        .rcode = msg->rcode,
	        .dnssec_ok = msg->edns.dnssec_ok,
	        .ede = EDE_NONE,
	        .options = msg->edns.options,
	        .option_count = msg->edns.option_count,
	};
	build_begin(
	        &b, out, cap, msg->edns.present ? build_opt_size(&opt) : 0, msg->id, msg->flags);
	if (msg->has_question && build_question(&b, &msg->question))
		return 0;
	for (int section = 0; section < SECTION_COUNT; section++)
		for (unsigned i = 0; i < msg->set_count[section]; i++) {
			const struct rrset *set = &msg->sets[section][i];
			if (build_rrset(&b, (enum msg_section)section, set, set->ttl, 0, true))
				return 0;
		}
	if (msg->edns.present)
		rw_require(build_edns(&b, &opt) == 0);
	return build_finish(&b);
}

static void compare(const struct msg *a, const struct msg *b)
{
	rw_require(a->flags == b->flags && a->rcode == b->rcode);
	rw_require(a->has_question == b->has_question);
	rw_require(!a->has_question || question_equal(&a->question, &b->question));
	rw_require(a->edns.present == b->edns.present);
	rw_require(a->edns.option_count == b->edns.option_count);
	for (int section = 0; section < SECTION_COUNT; section++) {
		rw_require(a->set_count[section] == b->set_count[section]);
		for (unsigned i = 0; i < a->set_count[section]; i++) {
			const struct rrset *one = &a->sets[section][i], *two = &b->sets[section][i];
			rw_require(one->ttl == two->ttl && one->sig_count == two->sig_count);
			rw_require(one->count == two->count && one->type == two->type);
			rw_require(name_equal(one->owner, two->owner));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[LIMIT_MESSAGE_BYTES];
	struct arena arena;
	const struct msg *msg, *again;
	arena_init(&arena, ARENA_BYTES);
	if (msg_parse(&arena, data, size, &msg) == 0) {
		for (int section = 0; section < SECTION_COUNT; section++)
			for (unsigned i = 0; i < msg->set_count[section]; i++)
				print_set(&arena, &msg->sets[section][i]);
		size_t built = rebuild(msg, out, sizeof(out));
		int err = built ? msg_parse(&arena, out, built, &again) : RW_ENOSPACE;
		rw_require(err != RW_EMALFORMED);
		if (err == 0)
			compare(msg, again);
	}
	arena_release(&arena);
	return 0;
}
