/* SPDX-License-Identifier: MIT */
/* The steps of a text, and its verdict. */
#include "tests/scenario/play.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "resolver/wire/text.h"
#include "tests/scenario/index.h"
#include "tests/scenario/compare.h"
#include "tests/scenario/world.h"

struct play {
	struct play_world world;
	struct view view; /* the answer to the client's last question */
	char *why;
	bool verbose;
	bool no_ad; /* nobody validates, so AD is expected nowhere */
};

static bool fault(struct play *play, const char *format, ...) RW_PRINTF(2, 3);

/* Returns false. */
static bool fault(struct play *play, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(play->why, PLAY_WHY, format, args);
	va_end(args);
	return false;
}

static void show_records(struct play *play, const struct rpl_record *list, const char *section)
{
	for (; list; list = list->next)
		printf("        %-10s %s\n", section,
			compare_record_text(list->set, &play->world.arena));
}

static void show(struct play *play, const char *title, uint16_t rcode, uint16_t flags,
	struct rpl_record *const *sections)
{
	char word[TEXT_TYPE], text[COMPARE_FLAGS_TEXT];
	printf("      %s: %s, flags %s\n", title, text_rcode(rcode, word),
		compare_flags_text(flags, text));
	show_records(play, sections[SECTION_ANSWER], "answer");
	show_records(play, sections[SECTION_AUTHORITY], "authority");
}

static bool check_answer(struct play *play, const struct step *step)
{
	struct rpl_entry *expected = step->entry;
	if (play->no_ad)
		expected->flags &= (uint16_t)~FLAG_AD;
	const char *what = compare_answer(expected, &play->view, &play->world.arena);
	if (!what)
		return true;
	if (play->verbose) {
		show(play, "expected", expected->rcode, expected->flags, expected->sections);
		if (!play->view.silent)
			show(play, "got", play->view.rcode, play->view.flags, play->view.sections);
		if (play->view.ede != EDE_NONE)
			printf("      extended error %d: %s\n", play->view.ede,
				play->view.ede_text ? play->view.ede_text : "");
	}
	return fault(play, "step %u: %s", step->number, what);
}

static bool check_out_query(struct play *play, const struct step *step)
{
	for (const struct sent *at = play->world.last_sent; at; at = at->next)
		if (server_matches(step->entry, at->query))
			return true;
	return fault(play, "step %u: no such question was sent", step->number);
}

static void ask(struct play *play, const struct step *step)
{
	char name[LIMIT_NAME_TEXT] = "(no question)", type[TEXT_TYPE] = "";
	if (step->entry->has_question) {
		name_text(step->entry->question.name, name);
		text_type(step->entry->question.type, type);
	}
	world_tell(&play->world, "step %u: the client asks %s %s", step->number, name, type);
	world_ask(&play->world, step->entry, &play->view);
}

static bool play_step(struct play *play, const struct step *step)
{
	struct play_world *world = &play->world;
	world->step = step;
	switch (step->kind) {
	case STEP_QUERY:
		ask(play, step);
		return true;
	case STEP_CHECK_ANSWER:
		return check_answer(play, step);
	case STEP_TIME_PASSES:
		world_pass(world, step->argument);
		return true;
	case STEP_CHECK_OUT_QUERY:
		return check_out_query(play, step);
	case STEP_SENDS_AT_MOST:
		if (world->sends <= step->argument)
			return true;
		return fault(play, "step %u: %u questions to servers, at most %u were to be",
			step->number, world->sends, step->argument);
	case STEP_REPLY: /* taken by the question before it */
	case STEP_NOTHING:
		break;
	}
	return true;
}

static bool mandatory_used(struct play *play, const struct rpl *rpl)
{
	for (const struct range *range = rpl->ranges; range; range = range->next)
		for (const struct rpl_entry *entry = range->entries; entry; entry = entry->next)
			if (entry->mandatory && !entry->used)
				return fault(play, "the entry of line %u was never asked for",
					entry->line);
	return true;
}

static bool play_steps(struct rpl *rpl, const struct setup *setup,
	const struct play_options *options, char why[PLAY_WHY])
{
	struct play play = {.why = why, .verbose = options->verbose};
	play.no_ad = options->no_validate;
	play.view.silent = true;
	const char *fault_text = world_init(&play.world, rpl, setup, options->verbose);
	bool good = !fault_text || fault(&play, "%s", fault_text);
	for (const struct step *step = rpl->steps; step && good; step = step->next)
		good = play_step(&play, step);
	good = good && mandatory_used(&play, rpl);
	if (good && (fault_text = world_end(&play.world)))
		good = fault(&play, "%s", fault_text);
	world_release(&play.world);
	return good;
}

static enum verdict decide(struct rpl *rpl, struct setup *setup, const struct play_options *options,
	const struct index_row *row, char why[PLAY_WHY])
{
	bool validator = row->found ? row->needs_validator : setup->needs_validator;
	const char *cannot = rpl->fault                           ? rpl->fault
			     : setup->unsupported                 ? setup->unsupported
			     : validator && !options->no_validate ? "needs the validator"
								  : NULL;
	if (cannot) {
		snprintf(why, PLAY_WHY, "%s", cannot);
		return VERDICT_UNSUPPORTED;
	}
	return play_steps(rpl, setup, options, why) ? VERDICT_PASS : VERDICT_FAIL;
}

/* A text of ours may say that it must not pass. */
static enum verdict expect(const struct setup *setup, enum verdict verdict, char why[PLAY_WHY])
{
	if (!setup->expect_fail && !setup->expect_unsupported)
		return verdict;
	enum verdict wanted = setup->expect_fail ? VERDICT_FAIL : VERDICT_UNSUPPORTED;
	if (verdict == wanted) {
		why[0] = '\0';
		return VERDICT_PASS;
	}
	if (verdict == VERDICT_PASS)
		snprintf(why, PLAY_WHY, "passes, though the text is wrong on purpose");
	return VERDICT_FAIL;
}

static enum verdict play_once(const char *path, const struct play_options *options,
	enum play_mode mode, const struct index_row *row, char why[PLAY_WHY])
{
	struct rpl rpl;
	struct setup setup;
	rpl_read(path, &rpl);
	setup_make(&rpl, &setup);
	if (mode != PLAY_HEAD)
		setup.settings.minimisation = mode == PLAY_ON ? MINIMISE_RELAXED : MINIMISE_OFF;
	if (options->verbose)
		printf("  %s, minimisation %s\n", rpl.title ? rpl.title : path,
			setup.settings.minimisation == MINIMISE_OFF ? "off" : "on");
	enum verdict verdict = expect(&setup, decide(&rpl, &setup, options, row, why), why);
	setup_release(&setup);
	rpl_release(&rpl);
	return verdict;
}

static void name_mode(char why[PLAY_WHY], const char *mode)
{
	char text[PLAY_WHY];
	snprintf(text, sizeof(text), "%s", why);
	snprintf(why, PLAY_WHY, "%.900s (minimisation %s)", text, mode);
}

enum verdict play_text(const char *path, const struct play_options *options, char ret_why[PLAY_WHY])
{
	struct index_row row;
	index_find(path, &row);
	ret_why[0] = '\0';
	if (options->mode == PLAY_HEAD || (options->mode == PLAY_LISTED && !row.found))
		return play_once(path, options, PLAY_HEAD, &row, ret_why);
	bool on = options->mode == PLAY_LISTED ? row.on : options->mode == PLAY_ON;
	bool off = options->mode == PLAY_LISTED ? row.off : options->mode == PLAY_OFF;
	enum verdict verdict = VERDICT_PASS;
	if (on && (verdict = play_once(path, options, PLAY_ON, &row, ret_why)) == VERDICT_FAIL)
		name_mode(ret_why, "on");
	if (verdict == VERDICT_PASS && off &&
		(verdict = play_once(path, options, PLAY_OFF, &row, ret_why)) == VERDICT_FAIL)
		name_mode(ret_why, "off");
	return verdict;
}
