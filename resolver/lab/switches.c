/* SPDX-License-Identifier: MIT */
/* The table of switches, and reading them. */
#include "resolver/lab/switches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/addr.h"
#include "resolver/base/yaml.h"
#include "resolver/wire/text.h"

enum value_kind {
	NO_VALUE,
	MILLISECONDS,
	PERCENT,
	ADDRESS,
	RECORD,
};

static const struct {
	const char *word;
	enum value_kind kind;
	const char *fallback; /* the value of a switch that is given none */
	const char *form, *meaning;
} table[SWITCH_COUNT] = {
	[SWITCH_SILENT] = {"silent", NO_VALUE, NULL, "silent", "answers nothing"},
	[SWITCH_SLOW] = {"slow", MILLISECONDS, "800ms", "slow[=800ms]",
		"answers that much later; up to 60s"},
	[SWITCH_LOSSY] = {"lossy", PERCENT, "50%", "lossy[=50%]",
		"so many of a hundred questions over UDP get no answer"},
	[SWITCH_LAME] = {"lame", NO_VALUE, NULL, "lame",
		"knows no zone and points to the root, without authority"},
	[SWITCH_REFUSED] = {"refused", NO_VALUE, NULL, "refused", "says REFUSED to everything"},
	[SWITCH_SERVFAIL] = {"servfail", NO_VALUE, NULL, "servfail", "says SERVFAIL to everything"},
	[SWITCH_TRUNCATING] = {"truncating", NO_VALUE, NULL, "truncating",
		"answers over UDP are empty and say: ask again over TCP"},
	[SWITCH_STALE] = {"stale", NO_VALUE, NULL, "stale",
		"serves its zones with a serial one lower, and takes no changes"},
	[SWITCH_NOTIFY_LESS] = {"notify-less", NO_VALUE, NULL, "notify-less",
		"takes no changes until `sync` tells it to look"},
	[SWITCH_WRONG] = {"wrong", ADDRESS, "203.0.113.66", "wrong[=ADDRESS]",
		"answers with this address instead of the zone's"},
	[SWITCH_SPOOF] = {"spoof", RECORD, "www.other.test. 86400 A 203.0.113.66", "spoof[=RECORD]",
		"adds a record nobody asked for, to the authority and the additional section"},
	[SWITCH_WRONG_PORT] = {"wrong-port", NO_VALUE, NULL, "wrong-port",
		"answers over UDP come from another port"},
};

static int find_switch(const char *text, char ret_message[SWITCH_MESSAGE])
{
	size_t length = strcspn(text, "=");
	for (int i = 0; i < SWITCH_COUNT; i++)
		if (strlen(table[i].word) == length && memcmp(table[i].word, text, length) == 0)
			return i;
	char shown[YAML_SHOWN];
	int used = snprintf(ret_message, SWITCH_MESSAGE, "there is no switch \"%s\"; there are",
		yaml_shown(text, shown));
	for (int i = 0; i < SWITCH_COUNT && used < SWITCH_MESSAGE; i++)
		used += snprintf(ret_message + used, (size_t)(SWITCH_MESSAGE - used), "%s %s",
			i ? "," : "", table[i].word);
	return RW_EINVAL;
}

/* A whole number with one of the units behind it, at most `max`; 0 where it is none. */
static uint32_t read_amount(const char *text, const char *unit, uint32_t factor, uint32_t max)
{
	char *end;
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 6)
		return 0;
	unsigned long value = strtoul(text, &end, 10) * factor;
	return strcmp(end, unit) == 0 && value <= max ? (uint32_t)value : 0;
}

static uint32_t read_ms(const char *text)
{
	uint32_t ms = read_amount(text, "ms", 1, LIMIT_LAB_SLOW_MS);
	return ms ? ms : read_amount(text, "s", 1000, LIMIT_LAB_SLOW_MS);
}

static bool is_record(const char *text)
{
	struct arena arena;
	struct rrset *set;
	arena_init(&arena, LIMIT_MESSAGE_BYTES);
	int err = text_to_rrset(&arena, text, NULL, NULL, 3600, &set);
	arena_release(&arena);
	return err == 0;
}

/* Values are shown on terminals; a master file has \DDD for what is no letter there. */
static bool is_printable(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

/* Whether the value fits; `ret_number` for those that are numbers. */
static const char *value_fault(enum value_kind kind, const char *value, uint32_t *ret_number)
{
	struct addr addr;
	switch (kind) {
	case NO_VALUE:
		return "takes no value";
	case MILLISECONDS:
		*ret_number = read_ms(value);
		return *ret_number ? NULL : "takes a time from 1ms to 60s, as in slow=800ms";
	case PERCENT:
		*ret_number = read_amount(value, "%", 1, 100);
		if (!*ret_number)
			*ret_number = read_amount(value, "", 1, 100);
		return *ret_number ? NULL : "takes a share from 1% to 100%, as in lossy=50%";
	case ADDRESS:
		return addr_parse(value, 0, &addr) == 0 && addr.port == 0
			       ? NULL
			       : "takes an address, as in wrong=203.0.113.66";
	case RECORD:
		return is_record(value) ? NULL
					: "takes a record, as in 'spoof=www.other.test. 60 A "
					  "203.0.113.66'";
	}
	return NULL;
}

int switches_set(struct switches *switches, const char *text, char ret_message[SWITCH_MESSAGE])
{
	int id = find_switch(text, ret_message);
	if (id < 0)
		return id;
	const char *given = strchr(text, '='), *value = given ? given + 1 : table[id].fallback;
	uint32_t number = 0;
	const char *fault = value ? value_fault(table[id].kind, value, &number) : NULL;
	if (!fault && value && strlen(value) >= SWITCH_VALUE)
		fault = "takes a value of fewer than 128 characters";
	if (!fault && value && !is_printable(value))
		fault = "takes a value of printable ASCII; write other bytes as \\DDD";
	if (fault) {
		(void)snprintf(ret_message, SWITCH_MESSAGE, "%s %s", table[id].word, fault);
		return RW_EINVAL;
	}
	switches->on[id] = true;
	switches->number[id] = number;
	(void)snprintf(switches->value[id], SWITCH_VALUE, "%s", value ? value : "");
	return 0;
}

int switches_clear(struct switches *switches, const char *text, char ret_message[SWITCH_MESSAGE])
{
	int id = find_switch(text, ret_message);
	if (id < 0)
		return id;
	switches->on[id] = false;
	return 0;
}

void switches_text(const struct switches *switches, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (int i = 0; i < SWITCH_COUNT && used < size; i++) {
		if (!switches->on[i])
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s%s%s", used ? " " : "",
			table[i].word, switches->value[i][0] ? "=" : "", switches->value[i]);
	}
}

void switches_help(void (*line)(void *ctx, const char *word, const char *meaning), void *ctx)
{
	for (int i = 0; i < SWITCH_COUNT; i++)
		line(ctx, table[i].form, table[i].meaning);
}
