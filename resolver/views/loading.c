/* SPDX-License-Identifier: MIT */
/* Reading a configuration with all that it names. */
#include "resolver/views/loading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/log.h"
#include "resolver/base/siphash.h"
#include "resolver/config/config.h"

/* The settings of the file or the defaults; errors are printed. */
static int read_settings(const char *path, struct settings *ret_settings)
{
	if (!path)
		return config_default(ret_settings);
	struct config_report *report = calloc(1, sizeof(*report));
	if (!report)
		return RW_ENOMEM;
	int err = config_load(path, ret_settings, report);
	if (err)
		config_report_print(report, stderr);
	free(report);
	return err;
}

static void say_hints_fault(const char *file, int line)
{
	const char *name = file ? file : "compiled-in root hints";
	if (line > 0)
		log_error(LOG_CONFIG,
			"%s:%d: this line is no record of root hints: correct it, or fetch the "
			"file "
			"again (scripts/hints-update)",
			name, line);
	else if (errno)
		log_error(LOG_CONFIG, "cannot read root hints %s: %s: correct `root-hints:`", name,
			strerror(errno));
	else
		log_error(LOG_CONFIG,
			"%s: no root server with an address in it: fetch the file again "
			"(scripts/hints-update)",
			name);
}

/* Nothing is gained by who makes two messages look alike. */
static bool was_told(struct loading_told *told, const struct fault *fault)
{
	static const struct siphash_key key = {{0x746f6c6400000001, 0x746f6c6400000002}};
	char text[FAULT_FILE + FAULT_MESSAGE];
	int length = snprintf(text, sizeof(text), "%s:%s", fault->file, fault->message);
	uint64_t hash = siphash(&key, text, RW_MIN((size_t)length, sizeof(text) - 1));
	for (size_t i = 0; i < RW_MIN(told->count, (size_t)LIMIT_TOLD); i++)
		if (told->hashes[i] == hash)
			return true;
	told->hashes[told->count++ % LIMIT_TOLD] = hash;
	return false;
}

/* "FILE:LINE: message", or "FILE: message". */
static const char *fault_text(
	const struct fault *fault, const char *grade, char text[FAULT_FILE + FAULT_MESSAGE + 32])
{
	char line[16] = "";
	if (fault->line > 0)
		(void)snprintf(line, sizeof(line), ":%u", fault->line);
	(void)snprintf(text, FAULT_FILE + FAULT_MESSAGE + 32, "%s%s: %s%s", fault->file, line,
		grade, fault->message);
	return text;
}

static void log_faults(const struct fault_list *list, struct loading_told *told)
{
	char text[FAULT_FILE + FAULT_MESSAGE + 32];
	size_t kept = RW_MIN(list->count, (size_t)LIMIT_FILE_FAULTS);
	for (size_t i = 0; i < kept; i++) {
		const struct fault *fault = &list->items[i];
		if (fault->warning && was_told(told, fault))
			continue;
		log_write(fault->warning ? LOG_WARNING : LOG_ERROR, LOG_CONFIG, "%s",
			fault_text(fault, "", text));
	}
	if (list->count > kept)
		log_warning(LOG_CONFIG, "and %zu more faults in files", list->count - kept);
	if (list->errors > 0)
		log_error(LOG_CONFIG,
			"a file of names could not be used: what was read of it before "
			"stays in force");
}

/* Everything that can be wrong with a configuration is said here, but for `faults`. */
static int make_views(const char *path, const struct views *old, struct fault_list *faults,
	struct views **ret_views)
{
	struct settings settings;
	const struct views_from from = {.env = env_real(), .old = old, .faults = faults};
	int err = read_settings(path, &settings), line = 0;
	if (err)
		return err;
	log_set_level(settings.log_level);
	char *hints = settings.root_hints ? strdup(settings.root_hints) : NULL;
	errno = 0;
	err = views_new(&settings, &from, ret_views, &line);
	if (err == RW_ENOMEM)
		log_error(LOG_RESOURCE, "out of memory");
	else if (err)
		say_hints_fault(hints, line);
	free(hints);
	return err;
}

int loading_read(const char *path, const struct views *old, struct loading_told *told,
	struct views **ret_views)
{
	struct fault_list *faults = calloc(1, sizeof(*faults));
	if (!faults)
		return RW_ENOMEM;
	int err = make_views(path, old, faults, ret_views);
	told->count = 0; /* who reads it all again wants to hear of it all */
	log_faults(faults, told);
	free(faults);
	return err;
}

int loading_refresh(const struct views *old, struct loading_told *told, struct views **ret_views)
{
	if (!views_are_outdated(old, env_real()))
		return RW_ENOTFOUND;
	struct fault_list *faults = calloc(1, sizeof(*faults));
	const struct views_from from = {.env = env_real(), .old = old, .faults = faults};
	if (!faults)
		return RW_ENOMEM;
	int err = views_refresh(&from, ret_views);
	log_faults(faults, told);
	free(faults);
	return err;
}

/* Prints the faults; true: no errors. */
static bool print_faults(const struct fault_list *list, FILE *out)
{
	char text[FAULT_FILE + FAULT_MESSAGE + 32];
	size_t kept = RW_MIN(list->count, (size_t)LIMIT_FILE_FAULTS);
	for (size_t i = 0; i < kept; i++)
		fprintf(out, "%s\n",
			fault_text(
				&list->items[i], list->items[i].warning ? "warning: " : "", text));
	if (list->count > kept)
		fprintf(out, "and %zu more faults in files\n", list->count - kept);
	return list->errors == 0;
}

bool loading_check(const char *path, FILE *out)
{
	struct views *views;
	if (config_check(path, out) > 0)
		return false;
	/* The file is right in itself; what it names must be too. */
	struct fault_list *faults = calloc(1, sizeof(*faults));
	bool good = faults && make_views(path, NULL, faults, &views) == 0;
	if (good) {
		views_tell_shadows(views, faults);
		good = print_faults(faults, out);
		views_unref(views);
	}
	free(faults);
	return good;
}
