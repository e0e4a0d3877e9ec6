/* SPDX-License-Identifier: MIT */
/* A level's servers and the resolver's cache: as details of the tree, as events, as bare data. */
#include <string.h>

#include "resolver/client/trace/json.h"
#include "resolver/client/trace/levels.h"
#include "resolver/wire/text.h"

#define NAME_TEXT    (LIMIT_NAME_TEXT + 8)
#define SERVER_WIDTH 18
#define ANSWER_WIDTH 25
#define WORD_WIDTH   13 /* as of the other details: "glue", "cut" */

/* ---- the tree ---- */

/* Where servers disagree what they say is shown to its end, on lines of its own where it is long.
 */
static void print_asked(
	struct trace_printer *printer, const struct level_asked *asked, bool differ, bool last)
{
	char name[NAME_TEXT], addr[ADDR_TEXT] = "-", serial[16] = "", says[64];
	const struct out *out = printer->out;
	bool marked = asked->differs, whole = differ && strlen(asked->says) > ANSWER_WIDTH;
	if (asked->addr.family)
		(void)addr_ip_text(&asked->addr, addr);
	if (asked->has_serial)
		(void)snprintf(serial, sizeof(serial), "%u", asked->serial);
	(void)out_cut(whole ? "" : asked->says, asked->addr.family ? ANSWER_WIDTH : 40, says,
		sizeof(says));
	(void)out_name(asked->name, false, SERVER_WIDTH, name, sizeof(name));
	if (!asked->addr.family) {
		trace_print_detail(printer, last, "  %-*s %s", SERVER_WIDTH, name, asked->says);
		return;
	}
	if (differ)
		trace_print_detail(printer, last && !whole, "  %-*s %-15s %10s  %-*s %s%s%s",
			SERVER_WIDTH, name, addr, serial, ANSWER_WIDTH, says,
			marked ? out_on(out, OUT_BAD) : "", marked ? "!" : "",
			marked ? out_off(out) : "");
	else
		trace_print_detail(printer, last, "  %-*s %-15s %10s  %s", SERVER_WIDTH, name, addr,
			serial, says);
	if (whole)
		trace_print_detail(printer, last, "    %s", asked->says);
}

/* "all say the same", "THEY DISAGREE", "1 silent, the others say the same". */
static const char *agreement(const struct trace_level *level, char *buf, size_t cap)
{
	unsigned silent = 0;
	for (unsigned i = 0; i < level->asked_count; i++)
		silent += level->asked[i].silent || !level->asked[i].addr.family;
	const char *say = level->differ                  ? "THEY DISAGREE"
			  : silent == level->asked_count ? "none answers"
			  : silent                       ? "the others say the same"
							 : "all say the same";
	if (silent && silent < level->asked_count)
		(void)snprintf(buf, cap, "%u silent, %s", silent, say);
	else
		(void)snprintf(buf, cap, "%s", say);
	return buf;
}

static void print_servers(
	const struct trace_level *level, struct trace_printer *printer, bool closing)
{
	char zone[NAME_TEXT], say[64];
	const struct out *out = printer->out;
	unsigned count = level->asked_count;
	trace_print_detail(printer, false, "%-*s %s: %u address%s, %s%s%s", WORD_WIDTH,
		"all servers", out_name(level->zone, true, 22, zone, sizeof(zone)), count,
		count == 1 ? "" : "es", level->differ ? out_on(out, OUT_BAD) : "",
		agreement(level, say, sizeof(say)), level->differ ? out_off(out) : "");
	for (unsigned i = 0; i < count; i++)
		print_asked(printer, &level->asked[i], level->differ, closing && i + 1 == count);
}

/* "4m12s left of 5m, the same", "not held", "no word: timed out". */
static void print_held(struct trace_printer *printer, const struct level_held *held, bool last)
{
	char name[NAME_TEXT], type[TEXT_TYPE], left[OUT_TTL], of[OUT_TTL], what[NAME_TEXT + 32];
	(void)snprintf(what, sizeof(what), "%-*s %s %s", WORD_WIDTH, "cache",
		out_name(held->question.name, true, 30, name, sizeof(name)),
		text_type(held->question.type, type));
	(void)out_ttl(held->left, left);
	if (held->failed)
		trace_print_detail(printer, last, "%s  no word: %s%s", what, held->says,
			strcmp(held->says, "REFUSED") ? "" : " (not held, or no RD=0)");
	else if (!held->held)
		trace_print_detail(printer, last, "%s  not held", what);
	else if (!held->taught)
		trace_print_detail(printer, last, "%s  %s left: %s", what, left, held->says);
	else if (held->differs)
		trace_print_detail(printer, last, "%s  %s left of %s, DIFFERS: %s", what, left,
			out_ttl(held->of, of), held->says);
	else
		trace_print_detail(printer, last, "%s  %s left of %s, the same", what, left,
			out_ttl(held->of, of));
}

void trace_levels_print(const struct trace_levels *levels, struct trace_printer *printer)
{
	const struct trace_level *level = &levels->level;
	printer->more = false;
	if (levels->all_servers)
		print_servers(level, printer, level->held_count == 0);
	for (unsigned i = 0; i < level->held_count; i++)
		print_held(printer, &level->held[i], i + 1 == level->held_count);
	(void)fflush(printer->out->file);
}

/* ---- events ---- */

static json_t *event(const struct trace_level *level, const char *name)
{
	json_t *object = json_object();
	json_set(object, "schema", json_string(JSON_TRACE));
	json_set(object, "event", json_string(name));
	json_set(object, "n", json_string(level->label));
	json_set(object, "zone", json_name(level->zone));
	return object;
}

static json_t *asked_object(const struct level_asked *asked)
{
	char addr[ADDR_TEXT];
	json_t *object = json_object();
	json_set(object, "name", json_name(asked->name));
	if (asked->addr.family) {
		json_set(object, "addr", json_string(addr_ip_text(&asked->addr, addr)));
		json_set(object, "port", json_integer(asked->addr.port));
	}
	if (asked->has_serial)
		json_set(object, "serial", json_integer(asked->serial));
	json_set(object, "answer", json_string(asked->says));
	json_set(object, "differs", json_boolean(asked->differs));
	json_set(object, "silent", json_boolean(asked->silent));
	return object;
}

static json_t *held_object(const struct level_held *held)
{
	json_t *object = json_question(&held->question);
	json_set(object, "state",
		json_string(held->failed ? "failed"
			    : held->held ? "held"
					 : "not-held"));
	if (held->held)
		json_set(object, "ttl_left", json_integer(held->left));
	if (held->taught)
		json_set(object, "ttl", json_integer(held->of));
	json_set(object, "answer", json_string(held->says));
	json_set(object, "differs", json_boolean(held->differs));
	return object;
}

void trace_levels_json(const struct trace_levels *levels, const struct out *out)
{
	char addr[ADDR_TEXT];
	const struct trace_level *level = &levels->level;
	if (levels->all_servers) {
		json_t *object = event(level, "servers"), *servers = json_array();
		for (unsigned i = 0; i < level->asked_count; i++)
			(void)json_array_append_new(servers, asked_object(&level->asked[i]));
		json_set(object, "question", json_question(&level->question));
		json_set(object, "agree", json_boolean(!level->differ));
		json_set(object, "servers", servers);
		json_line(out, object);
	}
	if (levels->resolver) {
		json_t *object = event(level, "cache"), *array = json_array();
		for (unsigned i = 0; i < level->held_count; i++)
			(void)json_array_append_new(array, held_object(&level->held[i]));
		json_set(object, "resolver",
			json_string(addr_ip_text(&levels->resolver->items[0], addr)));
		json_set(object, "held", array);
		json_line(out, object);
	}
	(void)fflush(out->file);
}

/* ---- bare data ---- */

void trace_levels_short(const struct trace_levels *levels, const struct out *out)
{
	char addr[ADDR_TEXT], left[OUT_TTL];
	const struct trace_level *level = &levels->level;
	for (unsigned i = 0; i < level->asked_count; i++) {
		const struct level_asked *asked = &level->asked[i];
		if (!asked->addr.family)
			continue;
		fprintf(out->file, "%s from server %s", asked->says,
			addr_ip_text(&asked->addr, addr));
		if (asked->has_serial)
			fprintf(out->file, " serial %u", asked->serial);
		fputc('\n', out->file);
	}
	for (unsigned i = 0; i < level->held_count; i++) {
		const struct level_held *held = &level->held[i];
		(void)addr_ip_text(&levels->resolver->items[0], addr);
		if (!name_equal(held->question.name, level->question.name) ||
			held->question.type != level->question.type)
			continue;
		if (held->held)
			fprintf(out->file, "%s from cache %s, %s left\n", held->says, addr,
				out_ttl(held->left, left));
		else
			fprintf(out->file, "%s from cache %s\n",
				held->failed ? held->says : "not held", addr);
	}
}
