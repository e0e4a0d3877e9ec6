/* SPDX-License-Identifier: MIT */
/* Zones out of texts, and what they say as text. */
#include "tests/unit/zonekit.h"

#include <stdio.h>
#include <string.h>

#include "resolver/wire/text.h"

#define TEXT_ROOM 16384

struct zone *zonekit_zone(const char *apex, const char *text)
{
	static struct fault_list faults;
	struct name name;
	struct zone *zone = NULL;
	rw_require(name_from_text(apex, &name) == 0);
	memset(&faults, 0, sizeof(faults));
	if (zone_file_parse("zone", text, strlen(text), name.bytes, &faults, &zone)) {
		for (size_t i = 0; i < RW_MIN(faults.count, (size_t)LIMIT_FILE_FAULTS); i++)
			printf("line %u: %s\n", faults.items[i].line, faults.items[i].message);
		rw_require(zone);
	}
	return zone;
}

struct text {
	char bytes[TEXT_ROOM];
	size_t used;
	struct arena arena;
};

static void put(struct text *text, const char *word)
{
	size_t size = strlen(word);
	rw_require(text->used + size < TEXT_ROOM);
	memcpy(text->bytes + text->used, word, size + 1);
	text->used += size;
}

static void put_sets(
	struct text *text, const char *label, const struct rrset *const *sets, unsigned count)
{
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	for (unsigned i = 0; i < count; i++) {
		put(text, i ? "; " : " | ");
		put(text, i ? "" : label);
		put(text, name_text(sets[i]->owner, name));
		put(text, " ");
		put(text, text_type(sets[i]->type, type));
		put(text, sets[i]->sig_count ? "+" : "");
		for (unsigned k = 0; k < sets[i]->count; k++) {
			put(text, k ? ", " : " ");
			put(text, text_rdata(&text->arena, sets[i]->type, &sets[i]->records[k]));
		}
	}
}

static const char *outcome_of(const struct answer *answer)
{
	static const char *const outcomes[] = {
		[ANSWER_POSITIVE] = "ANSWER",
		[ANSWER_NODATA] = "NODATA",
		[ANSWER_NXDOMAIN] = "NXDOMAIN",
		[ANSWER_LOOP] = "LOOP",
		[ANSWER_TOO_LONG] = "TOO_LONG",
	};
	if (answer->outcome == ANSWER_MISS)
		return answer->set_count == 0 ? "REFERRAL" : "ALIAS";
	return outcomes[answer->outcome];
}

static void put_reply(
	struct text *text, const struct answer *answer, const struct zone_beside *beside)
{
	char name[LIMIT_NAME_TEXT], ttl[32];
	put(text, outcome_of(answer));
	put_sets(text, "an: ", answer->sets, answer->set_count);
	if (answer->outcome == ANSWER_MISS && answer->set_count > 0) {
		put(text, " | next: ");
		put(text, name_text(answer->name, name));
	}
	if (answer->soa) {
		(void)snprintf(ttl, sizeof(ttl), " | soa: %u", answer->soa->ttl);
		put(text, ttl);
	}
	put_sets(text, "ns: ", &beside->ns, beside->ns != NULL);
	put_sets(text, "ds: ", &beside->ds, beside->ds != NULL);
	put_sets(text, "glue: ", beside->glue, beside->glue_count);
	for (unsigned i = 0; i < beside->proof_count; i++) {
		put(text, i ? "; " : " | nsec: ");
		put(text, name_text(beside->proofs[i]->owner, name));
	}
}

const char *zonekit_ask(const struct zone *zone, const char *question)
{
	static struct text text;
	char name_part[LIMIT_NAME_TEXT], type_part[TEXT_TYPE];
	struct name name;
	struct question asked = {.class = CLASS_IN};
	struct answer answer;
	struct zone_beside beside;
	rw_require(sscanf(question, "%1024s %15s", name_part, type_part) == 2);
	rw_require(name_from_text(name_part, &name) == 0);
	rw_require(text_to_type(type_part, &asked.type) == 0);
	asked.name = name.bytes;
	text.used = 0;
	arena_init(&text.arena, 1 << 20);
	int err = zone_lookup(zone, &asked, &text.arena, &answer, &beside);
	if (err)
		put(&text, rw_strerror(err));
	else
		put_reply(&text, &answer, &beside);
	arena_release(&text.arena);
	return text.bytes;
}
