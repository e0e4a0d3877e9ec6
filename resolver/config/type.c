/* SPDX-License-Identifier: MIT */
/*
 * The types of configuration values: one parser for each, from text to the slot in the settings,
 * and the words that describe them in messages and in the manual page. YAML's own idea of types
 * plays no part: `no` is no boolean here, and 12:30 no number.
 */
#include "resolver/config/inner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/wire/name.h"
#include "resolver/wire/text.h"

struct unit {
	const char *word;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{"B", 1},
	{"KiB", UINT64_C(1) << 10},
	{"MiB", UINT64_C(1) << 20},
	{"GiB", UINT64_C(1) << 30},
	{"TiB", UINT64_C(1) << 40},
	{NULL, 0},
};

/* In milliseconds. */
static const struct unit time_units[] = {
	{"ms", 1},
	{"s", 1000},
	{"m", 60000},
	{"h", 3600000},
	{"d", 86400000},
	{NULL, 0},
};

static int fail(struct config_value *value, const char *format, ...) RW_PRINTF(2, 3);

/* Says why; the offending text goes in front. */
static int fail(struct config_value *value, const char *format, ...)
{
	char shown[YAML_SHOWN];
	int used =
		snprintf(value->why, sizeof(value->why), "\"%s\" ", yaml_shown(value->text, shown));
	va_list args;
	va_start(args, format);
	(void)vsnprintf(value->why + used, sizeof(value->why) - (size_t)used, format, args);
	va_end(args);
	return RW_EINVAL;
}

/* Decimal digits, at most 18, up to `*ret_end`. */
static int parse_digits(const char *text, uint64_t *ret_number, const char **ret_end)
{
	uint64_t number = 0;
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 18)
		return RW_EMALFORMED;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	*ret_number = number;
	*ret_end = text + digits;
	return 0;
}

/* The largest unit that says the amount without a fraction. */
static void amount_text(uint64_t amount, const struct unit *units, char *buf, size_t size)
{
	const struct unit *best = units;
	for (const struct unit *unit = units; unit->word; unit++)
		if (amount && amount % unit->factor == 0)
			best = unit;
	(void)snprintf(buf, size, "%" PRIu64 "%s", amount / best->factor, best->word);
}

static void limit_text(const struct config_option *option, uint64_t limit, char *buf, size_t size)
{
	switch (option->type) {
	case TYPE_SIZE:
		amount_text(limit, size_units, buf, size);
		break;
	case TYPE_SECONDS:
		amount_text(
			limit ? limit * 1000 : 0, limit ? time_units : time_units + 1, buf, size);
		break;
	case TYPE_MILLISECONDS:
		amount_text(limit, time_units, buf, size);
		break;
	default:
		(void)snprintf(buf, size, "%" PRIu64, limit);
	}
}

static void range_text(const struct config_option *option, char *buf, size_t size)
{
	char low[32], high[32];
	limit_text(option, option->min, low, sizeof(low));
	limit_text(option, option->max, high, sizeof(high));
	(void)snprintf(buf, size, "from %s to %s", low, high);
}

static int check_range(struct config_value *value, uint64_t number)
{
	char range[80];
	if (number >= value->option->min && number <= value->option->max)
		return 0;
	range_text(value->option, range, sizeof(range));
	return fail(value, "is out of range: it must be %s", range);
}

static int parse_boolean(struct config_value *value, void *ret_slot)
{
	bool is_true = strcmp(value->text, "true") == 0;
	if (!is_true && strcmp(value->text, "false") != 0)
		return fail(value, "is neither true nor false: write one of the two");
	*(bool *)ret_slot = is_true;
	return 0;
}

static int parse_count(struct config_value *value, uint64_t *ret_number)
{
	const char *end;
	if (parse_digits(value->text, ret_number, &end) || *end)
		return fail(value, "is not a whole number: write decimal digits");
	return check_range(value, *ret_number);
}

static int parse_count16(struct config_value *value, void *ret_slot)
{
	uint64_t number;
	int err = parse_count(value, &number);
	if (err == 0)
		*(uint16_t *)ret_slot = (uint16_t)number;
	return err;
}

static int parse_workers(struct config_value *value, void *ret_slot)
{
	uint64_t number;
	if (strcmp(value->text, "cores") == 0) {
		long cores = sysconf(_SC_NPROCESSORS_ONLN);
		number = (uint64_t)RW_MAX(1, RW_MIN(cores, (long)value->option->max));
	} else {
		int err = parse_count(value, &number);
		if (err)
			return err;
	}
	*(uint32_t *)ret_slot = (uint32_t)number;
	return 0;
}

/* A whole number and one of the units; the product may not overflow. */
static int parse_amount(struct config_value *value, const struct unit *units, uint64_t *ret_amount)
{
	uint64_t number;
	const char *end;
	if (parse_digits(value->text, &number, &end))
		return RW_EMALFORMED;
	for (const struct unit *unit = units; unit->word; unit++) {
		if (strcmp(end, unit->word) != 0)
			continue;
		*ret_amount =
			number > UINT64_MAX / unit->factor ? UINT64_MAX : number * unit->factor;
		return 0;
	}
	return RW_EMALFORMED;
}

static int parse_size(struct config_value *value, void *ret_slot)
{
	uint64_t bytes;
	if (parse_amount(value, size_units, &bytes))
		return fail(value,
			"is not a size: write a whole number with B, KiB, MiB, GiB or TiB, "
			"such as 64MiB");
	if (check_range(value, bytes))
		return RW_EINVAL;
	*(uint64_t *)ret_slot = bytes;
	return 0;
}

static int parse_time(struct config_value *value, uint64_t *ret_ms)
{
	if (parse_amount(value, time_units, ret_ms))
		return fail(value, "is not a duration: write a whole number with ms, s, m, h or d, "
				   "such as 7s");
	return 0;
}

static int parse_seconds(struct config_value *value, void *ret_slot)
{
	uint64_t ms;
	if (parse_time(value, &ms))
		return RW_EINVAL;
	if (ms % 1000 && ms != UINT64_MAX)
		return fail(value, "is not a number of whole seconds: write it with s, m, h or d");
	if (check_range(value, ms / 1000))
		return RW_EINVAL;
	*(uint32_t *)ret_slot = (uint32_t)(ms / 1000);
	return 0;
}

static int parse_milliseconds(struct config_value *value, void *ret_slot)
{
	uint64_t ms;
	if (parse_time(value, &ms) || check_range(value, ms))
		return RW_EINVAL;
	*(uint32_t *)ret_slot = (uint32_t)ms;
	return 0;
}

static void choices_text(const struct config_choice *choices, char *buf, size_t size)
{
	size_t used = 0;
	for (const struct config_choice *choice = choices; choice->word && used < size; choice++) {
		const char *between = choice == choices ? "" : choice[1].word ? ", " : " or ";
		used += (size_t)snprintf(buf + used, size - used, "%s%s", between, choice->word);
	}
}

static int parse_choice(struct config_value *value, void *ret_slot)
{
	const struct config_choice *choice = value->option->choices;
	for (; choice->word; choice++) {
		if (strcmp(value->text, choice->word) == 0) {
			memcpy(ret_slot, &choice->value, sizeof(choice->value));
			return 0;
		}
	}
	char words[80];
	choices_text(value->option->choices, words, sizeof(words));
	return fail(value, "is unknown here: write %s", words);
}

static const char *file_fault(const char *path)
{
	struct stat status;
	if (stat(path, &status) || (S_ISREG(status.st_mode) && access(path, R_OK)))
		return strerror(errno);
	return S_ISREG(status.st_mode) ? NULL : "not a regular file";
}

/* The file's name, completed by the folder of the configuration file. */
static int complete_path(struct config_value *value, char ret_path[CONFIG_FILE])
{
	bool relative = value->folder && value->text[0] != '/';
	int length = snprintf(ret_path, CONFIG_FILE, "%s%s%s", relative ? value->folder : "",
		relative ? "/" : "", value->text);
	if (value->text[0] == '\0')
		return fail(value, "is not a file name: write one, or leave the key away");
	if (length < 0 || (size_t)length >= CONFIG_FILE)
		return fail(value, "is too long for a file name");
	return 0;
}

static int parse_path(struct config_value *value, void *ret_slot)
{
	char path[CONFIG_FILE];
	int err = complete_path(value, path);
	if (err)
		return err;
	char *copy = strdup(path);
	if (!copy)
		return RW_ENOMEM;
	*(char **)ret_slot = copy;
	return 0;
}

static int parse_file(struct config_value *value, void *ret_slot)
{
	char path[CONFIG_FILE];
	int err = complete_path(value, path);
	if (err)
		return err;
	const char *fault = file_fault(path);
	if (fault && value->folder && value->text[0] != '/')
		return fail(
			value, "cannot be read: %s (looked for in the folder of this file)", fault);
	if (fault)
		return fail(value, "cannot be read: %s", fault);
	return parse_path(value, ret_slot);
}

static int parse_block_reply(struct config_value *value, void *ret_slot)
{
	static const char *const words[] = {
		[BLOCK_NXDOMAIN] = "nxdomain", [BLOCK_NODATA] = "nodata", [BLOCK_ZERO] = "zero"};
	struct block_reply reply = {.kind = BLOCK_ADDRESS};
	for (size_t i = 0; i < RW_COUNT(words); i++)
		if (strcmp(value->text, words[i]) == 0)
			reply.kind = (enum block_answer)i;
	if (reply.kind == BLOCK_ADDRESS &&
		(strchr(value->text, '@') || addr_parse(value->text, 0, &reply.address)))
		return fail(value, "is unknown here: write nxdomain, nodata, zero or an address");
	memcpy(ret_slot, &reply, sizeof(reply));
	return 0;
}

static int parse_name(struct config_value *value, void *ret_slot)
{
	struct name name;
	if (value->text[0] == '\0' || name_from_text(value->text, &name))
		return fail(value, "is not a domain name: write it as example.com");
	size_t size = name_size(name.bytes);
	uint8_t *copy = malloc(size);
	if (!copy)
		return RW_ENOMEM;
	memcpy(copy, name.bytes, size);
	*(uint8_t **)ret_slot = copy;
	return 0;
}

static int parse_server(struct config_value *value, void *ret_slot)
{
	if (addr_parse(value->text, 53, ret_slot) == 0)
		return 0;
	return fail(value, "is not an address with a port: write it as 192.0.2.1@53 or "
			   "2001:db8::1@53");
}

static int parse_address(struct config_value *value, void *ret_slot)
{
	if (strchr(value->text, '@'))
		return fail(value, "has a port, but only an address is wanted here");
	if (addr_parse(value->text, 0, ret_slot) == 0)
		return 0;
	return fail(value, "is not an IPv4 or IPv6 address: write it as 192.0.2.1 or 2001:db8::1");
}

static int parse_prefix(struct config_value *value, void *ret_slot)
{
	int err = prefix_parse(value->text, ret_slot);
	if (err == RW_EINVAL)
		return fail(value,
			"has bits set behind the length of the prefix: make them zero, or "
			"lengthen the prefix");
	if (err)
		return fail(value, "is not a network: write it as 192.0.2.0/24 or 2001:db8::/32");
	return 0;
}

/* RFC 6052 section 2.2. */
static int parse_dns64(struct config_value *value, void *ret_slot)
{
	static const uint8_t lengths[] = {32, 40, 48, 56, 64, 96};
	struct prefix prefix;
	int err = parse_prefix(value, &prefix);
	if (err)
		return err;
	if (prefix.base.family == ADDR_V6)
		for (size_t i = 0; i < sizeof(lengths); i++)
			if (prefix.bits == lengths[i]) {
				memcpy(ret_slot, &prefix, sizeof(prefix));
				return 0;
			}
	return fail(value, "is not a prefix for DNS64: write an IPv6 one of length 32, 40, 48, 56, "
			   "64 or 96, as 64:ff9b::/96");
}

static int parse_records(struct config_value *value, void *ret_slot)
{
	uint16_t type;
	if (text_to_type(value->text, &type) || type == 0 || rr_type_is_meta(type))
		return fail(value, "is not a type of records: write it as AAAA or TYPE65");
	memcpy(ret_slot, &type, sizeof(type));
	return 0;
}

struct type {
	size_t size;
	int (*parse)(struct config_value *value, void *ret_slot);
	const char *one, *many;
};

static const struct type types[] = {
	[TYPE_BOOLEAN] = {sizeof(bool), parse_boolean, "true or false", NULL},
	[TYPE_WORKERS] = {sizeof(uint32_t), parse_workers, "a number", NULL},
	[TYPE_COUNT16] = {sizeof(uint16_t), parse_count16, "a number", NULL},
	[TYPE_SIZE] = {sizeof(uint64_t), parse_size, "a size", NULL},
	[TYPE_SECONDS] = {sizeof(uint32_t), parse_seconds, "a duration", NULL},
	[TYPE_MILLISECONDS] = {sizeof(uint32_t), parse_milliseconds, "a duration", NULL},
	[TYPE_CHOICE] = {sizeof(unsigned), parse_choice, "a word", NULL},
	[TYPE_FILE] = {sizeof(char *), parse_file, "a file name", "file names"},
	[TYPE_PATH] = {sizeof(char *), parse_path, "a file name", "file names"},
	[TYPE_ZONE] = {sizeof(struct zone_settings), NULL, "an entry", "entries"},
	[TYPE_LEASES] = {sizeof(struct lease_settings), NULL, "an entry", "entries"},
	[TYPE_VIEW] = {sizeof(struct view_settings), NULL, "an entry", "entries"},
	[TYPE_NAME] = {sizeof(uint8_t *), parse_name, "a domain name", "domain names"},
	[TYPE_SERVER] = {sizeof(struct addr), parse_server, "an address", "addresses with ports"},
	[TYPE_ADDRESS] = {sizeof(struct addr), parse_address, "an address", "addresses"},
	[TYPE_PREFIX] = {sizeof(struct prefix), parse_prefix, "a network", "networks"},
	[TYPE_DNS64] = {sizeof(struct prefix), parse_dns64, "an IPv6 network", NULL},
	[TYPE_ROUTE] = {sizeof(struct route_settings), NULL, "an entry", "entries"},
	[TYPE_WITHHOLD] = {sizeof(struct withhold_settings), NULL, "an entry", "entries"},
	[TYPE_BLOCK_REPLY] = {sizeof(struct block_reply), parse_block_reply,
		"nxdomain, nodata, zero or an address", NULL},
	[TYPE_RPZ] = {sizeof(struct rpz_settings), NULL, "an entry", "entries"},
	[TYPE_RECORDS] = {sizeof(uint16_t), parse_records, "a record type", "record types"},
	[TYPE_HOST] = {sizeof(struct host_settings), NULL,
		"a section of names with lists of addresses", NULL},
};
_Static_assert(sizeof(enum minimisation) == sizeof(unsigned), "choices are stored as unsigned");
_Static_assert(sizeof(enum lease_format) == sizeof(unsigned), "choices are stored as unsigned");
_Static_assert(sizeof(enum log_level) == sizeof(unsigned), "choices are stored as unsigned");

size_t config_type_size(enum config_type type)
{
	return types[type].size;
}

int config_value_parse(struct config_value *value, void *ret_slot)
{
	const struct config_option *option = value->option;
	value->why[0] = '\0';
	rw_require(types[option->type].parse);
	if (option->refused && strcmp(option->refused, value->text) == 0)
		return fail(value, "is refused: %s", option->refusal);
	return types[option->type].parse(value, ret_slot);
}

const char *config_type_text(const struct config_option *option, char buf[CONFIG_MESSAGE])
{
	const struct type *type = &types[option->type];
	char more[80];
	if (option->list)
		(void)snprintf(buf, CONFIG_MESSAGE, "a list of %s", type->many);
	else if (option->choices) {
		choices_text(option->choices, more, sizeof(more));
		(void)snprintf(buf, CONFIG_MESSAGE, "%s", more);
	} else if (option->max) {
		range_text(option, more, sizeof(more));
		(void)snprintf(buf, CONFIG_MESSAGE, "%s %s%s", type->one, more,
			option->type == TYPE_WORKERS ? ", or cores" : "");
	} else {
		(void)snprintf(buf, CONFIG_MESSAGE, "%s", type->one);
	}
	return buf;
}
