/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the configuration share among themselves: the source with its report, the tree
 * that stands between YAML and the table, the table of options, and the typing of one value.
 */
#ifndef RW_CONFIG_INNER_H
#define RW_CONFIG_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/yaml.h"
#include "resolver/config/config.h"

/* The bytes being read and where errors in them go. */
struct config_source {
	const char *bytes;
	size_t size;
	struct config_report *report;
};

void config_report_start(struct config_report *report, const char *name);

/* Adds an error; line and column from 1, line 0 for the file as a whole. */
void config_error(const struct config_source *source, unsigned line, unsigned column,
	const char *format, ...) RW_PRINTF(4, 5);

/* Brings the errors into the order of the file. */
void config_report_sort(struct config_report *report);

enum config_type {
	TYPE_BOOLEAN,
	TYPE_WORKERS,      /* uint32_t, or the word "cores" */
	TYPE_COUNT16,      /* uint16_t */
	TYPE_SIZE,         /* uint64_t bytes */
	TYPE_SECONDS,      /* uint32_t */
	TYPE_MILLISECONDS, /* uint32_t */
	TYPE_CHOICE,       /* an enum */
	TYPE_FILE,         /* char *, allocated */
	TYPE_NAME,         /* uint8_t *, allocated */
	TYPE_SERVER,       /* struct addr with a port */
	TYPE_ADDRESS,      /* struct addr without a port */
	TYPE_PREFIX,       /* struct prefix */
	TYPE_DNS64,        /* struct prefix of a length that RFC 6052 knows */
	TYPE_ROUTE,        /* struct route_settings; its keys have paths of their own */
	TYPE_WITHHOLD,     /* struct withhold_settings; the same */
	TYPE_RECORDS,      /* uint16_t, a record type */
	TYPE_PATH,         /* char *, allocated; what is wrong with the file is said later */
	TYPE_ZONE,         /* struct zone_settings; the same as TYPE_ROUTE */
	TYPE_LEASES,       /* struct lease_settings; the same */
	TYPE_VIEW,         /* struct view_settings; the same */
	TYPE_HOST,         /* struct host_settings; a map with the names as its keys */
	TYPE_BLOCK_REPLY,  /* struct block_reply: a word or an address */
	TYPE_RPZ,          /* struct rpz_settings; its keys have paths of their own */
};

struct config_choice {
	const char *word;
	unsigned value;
};

/*
 * One key. In `path` a dot leads into a section and [] into the members of a list; `offset` counts
 * from the settings, or from the member behind []. A `fallback` is written as in the file; in
 * parentheses it is a description of what the absent key means.
 */
struct config_option {
	const char *path;
	enum config_type type;
	bool list;
	size_t offset;
	size_t given; /* offset of a bool that says whether the key was there; 0: none */
	uint64_t min, max;
	const struct config_choice *choices; /* up to a NULL word */
	const char *fallback;
	const char *refused, *refusal; /* a value that makes sense but not yet, and the reason */
	const char *meaning;
};

#define CONFIG_PATH     64 /* bytes of a path */
#define CONFIG_REQUIRED "(required)"

extern const struct config_option config_table[];
extern const size_t config_table_size;
#define CONFIG_TABLE_MAX 96

/* NULL when there is none. */
const struct config_option *config_option_find(const char *path);

/* Whether keys lie below "path.". */
bool config_is_section(const char *path);

/* " (did you mean ...?)" for the unknown `key` below `prefix`, or "". Returns `buf`. */
const char *config_suggest(const char *prefix, const char *key, char buf[CONFIG_MESSAGE]);

/* One value on its way from text to type. */
struct config_value {
	const struct config_option *option;
	const char *text;
	const char *folder;       /* of the configuration file; NULL: the working one */
	char why[CONFIG_MESSAGE]; /* set on failure */
};

/* Types the text into `ret_slot`, which has the size config_type_size() says. */
int config_value_parse(struct config_value *value, void *ret_slot) RW_MUSTCHECK;
size_t config_type_size(enum config_type type);

/* "a size from 1MiB to 1TiB", "a list of prefixes". Returns `buf`. */
const char *config_type_text(const struct config_option *option, char buf[CONFIG_MESSAGE]);

/* Gives the slots of absent keys below `prefix` their fallback. `at[i]` is set for those there. */
int config_fallbacks(const char *prefix, void *base,
	const struct yaml_node *const at[CONFIG_TABLE_MAX]) RW_MUSTCHECK;

/*
 * Fills settings that hold the plain defaults. `root` may be NULL. What the user did wrong goes to
 * the report only; RW_ENOMEM. On every way out the settings own what they point to.
 */
int config_apply(const struct config_source *source, const char *folder,
	const struct yaml_node *root, struct settings *settings) RW_MUSTCHECK;

/* The shape every list of the settings has. */
struct config_list {
	void *items;
	size_t count;
};

#endif
