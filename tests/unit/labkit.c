/* SPDX-License-Identifier: MIT */
/* Small worlds, and what their servers say as text. */
#include "tests/unit/labkit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "resolver/lab/answer.h"
#include "resolver/wire/build.h"
#include "resolver/wire/text.h"

static char text[65536];
static size_t used;

static void put(const char *format, ...) RW_PRINTF(1, 2);

static void put(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int size = vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	rw_require(size >= 0 && used + (size_t)size < sizeof(text));
	used += (size_t)size;
}

int labkit_begin(struct labkit *kit, const char *scenario)
{
	memset(kit, 0, sizeof(*kit));
	arena_init(&kit->arena, 4 * LAB_ANSWER_ARENA);
	int err = scenario ? scenario_parse("test.yaml", scenario, strlen(scenario), &kit->faults,
				     &kit->scenario)
			   : scenario_read(NULL, &kit->faults, &kit->scenario);
	return err ? err : world_new(kit->scenario, LABKIT_NOW, &kit->faults, &kit->world);
}

void labkit_end(struct labkit *kit)
{
	world_free(kit->world);
	scenario_free(kit->scenario);
	arena_release(&kit->arena);
}

const char *labkit_fault(const struct labkit *kit)
{
	used = 0;
	put("%s", "");
	if (kit->faults.count)
		put("%u: %s", kit->faults.items[0].line, kit->faults.items[0].message);
	return text;
}

static size_t make_query(const char *question, bool dnssec_ok, uint8_t *out, size_t cap)
{
	char word[LIMIT_NAME_TEXT];
	struct builder builder;
	struct name name;
	const struct build_opt opt = {.udp_size = 1232, .dnssec_ok = dnssec_ok, .ede = EDE_NONE};
	const char *blank = strchr(question, ' ');
	struct question asked = {.name = name.bytes, .class = CLASS_IN};
	(void)snprintf(word, sizeof(word), "%.*s", (int)(blank - question), question);
	rw_require(name_from_text(word, &name) == 0);
	rw_require(text_to_type(blank + 1, &asked.type) == 0);
	build_begin(&builder, out, cap, build_opt_size(&opt), 4711, 0);
	rw_require(build_question(&builder, &asked) == 0);
	rw_require(build_edns(&builder, &opt) == 0);
	return build_finish(&builder);
}

static void put_section(struct labkit *kit, const struct msg *msg, enum msg_section section)
{
	static const char *const words[] = {"an", "ns", "ar"};
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	for (unsigned i = 0; i < msg->set_count[section]; i++) {
		const struct rrset *set = &msg->sets[section][i];
		put("%s%s%s%s", i ? ", " : "; ", i ? "" : words[section], i ? "" : " ",
			name_text(set->owner, name));
		put(" %s", text_type(set->type, type));
		if (set->sig_count)
			put("+%u", set->sig_count);
		for (unsigned j = 0; j < set->count; j++)
			put(" %.60s", text_rdata(&kit->arena, set->type, &set->records[j]));
	}
}

const char *labkit_ask(
	struct labkit *kit, const char *server, const char *question, bool dnssec_ok, bool tcp)
{
	static uint8_t query[512], reply[LIMIT_MESSAGE_BYTES];
	char rcode[TEXT_TYPE];
	size_t size = make_query(question, dnssec_ok, query, sizeof(query)), reply_size;
	const struct msg *msg;
	struct lab_server *asked = world_server(kit->world, server);
	rw_require(asked);
	used = 0;
	arena_clear(&kit->arena);
	if (lab_answer(asked, query, size, tcp, &kit->arena, reply, &reply_size))
		return "nothing";
	rw_require(msg_parse(&kit->arena, reply, reply_size, &msg) == 0);
	rw_require(msg->id == 4711 && msg->flags & FLAG_QR);
	put("%s%s%s", text_rcode(msg->rcode, rcode), msg->flags & FLAG_AA ? " aa" : "",
		msg->flags & FLAG_TC ? " tc" : "");
	for (int section = 0; section < SECTION_COUNT; section++)
		put_section(kit, msg, (enum msg_section)section);
	return text;
}
