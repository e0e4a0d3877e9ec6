/* SPDX-License-Identifier: MIT */
/* The table of `+` options, how a name is found in it, and the setters of those with values. */
#include "resolver/client/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/client/nearest.h"
#include "resolver/client/out.h"
#include "resolver/wire/edns.h"

enum option_kind {
	KIND_BOOL,    /* +x, +nox: a bool */
	KIND_INVERSE, /* +x clears the bool */
	KIND_NUMBER,  /* +x=N: a uint32_t within min..max */
	KIND_CALL,    /* +x[=value], +nox: a setter */
	KIND_NOTHING, /* accepted, changes nothing here */
	KIND_LATER,   /* +nox is what we do anyway; +x is not there yet */
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;
	uint32_t min, max;
	int (*set)(struct query_options *options, bool on, const char *value);
};

static int parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *ret_value)
{
	char *end;
	if (!text || text[0] < '0' || text[0] > '9' || strlen(text) > 10)
		return RW_EINVAL;
	unsigned long long value = strtoull(text, &end, 0);
	if (*end != '\0' || value < min || value > max)
		return RW_EINVAL;
	*ret_value = (uint32_t)value;
	return 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static int parse_hex(const char *text, uint8_t *out, size_t cap, uint32_t *ret_size)
{
	size_t length = strlen(text);
	if (length % 2 != 0 || length / 2 > cap)
		return RW_EINVAL;
	for (size_t i = 0; i < length; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return RW_EINVAL;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	*ret_size = (uint32_t)(length / 2);
	return 0;
}

static int set_all(struct query_options *o, bool on, const char *value)
{
	(void)value;
	o->question = o->answer = o->authority = o->additional = on;
	o->comments = o->stats = o->cmd = o->rrcomments = on;
	return 0;
}

static int set_dnssec(struct query_options *o, bool on, const char *value)
{
	(void)value;
	o->dnssec = on;
	o->edns = o->edns || on;
	return 0;
}

static int set_edns(struct query_options *o, bool on, const char *value)
{
	o->edns = on;
	o->edns_version = 0;
	return value && on ? parse_number(value, 0, 255, &o->edns_version) : 0;
}

static int set_bufsize(struct query_options *o, bool on, const char *value)
{
	o->bufsize = LIMIT_EDNS_UDP;
	o->edns = true;
	return value && on ? parse_number(value, 0, 65535, &o->bufsize) : 0;
}

static int set_cookie(struct query_options *o, bool on, const char *value)
{
	o->cookie = on;
	o->cookie_size = 0;
	if (!on || !value)
		return 0;
	int err = parse_hex(value, o->cookie_bytes, COOKIE_BYTES, &o->cookie_size);
	return err || o->cookie_size < 8 ? RW_EINVAL : 0;
}

static int set_subnet(struct query_options *o, bool on, const char *value)
{
	o->subnet = on;
	if (!on)
		return 0;
	memset(&o->subnet_prefix, 0, sizeof(o->subnet_prefix));
	if (!value)
		return RW_EINVAL;
	return strcmp(value, "0") == 0 ? 0 : prefix_parse(value, &o->subnet_prefix);
}

static int option_code(const char *text, uint16_t *ret_code)
{
	static const struct {
		const char *name;
		uint16_t code;
	} names[] = {{"nsid", OPTION_NSID}, {"ecs", OPTION_SUBNET}, {"expire", OPTION_EXPIRE},
		{"cookie", OPTION_COOKIE}, {"keepalive", OPTION_KEEPALIVE},
		{"padding", OPTION_PADDING}, {"ede", OPTION_EDE},
		{"zoneversion", OPTION_ZONEVERSION}};
	for (size_t i = 0; i < RW_COUNT(names); i++)
		if (strcasecmp(text, names[i].name) == 0) {
			*ret_code = names[i].code;
			return 0;
		}
	uint32_t number;
	int err = parse_number(text, 0, 65535, &number);
	if (!err)
		*ret_code = (uint16_t)number;
	return err;
}

static int set_ednsopt(struct query_options *o, bool on, const char *value)
{
	char code[32];
	if (!on) {
		o->ednsopt_count = 0;
		return 0;
	}
	if (!value || o->ednsopt_count == OPTION_MAX)
		return RW_EINVAL;
	const char *colon = strchr(value, ':');
	size_t length = colon ? (size_t)(colon - value) : strlen(value);
	if (length >= sizeof(code))
		return RW_EINVAL;
	memcpy(code, value, length);
	code[length] = '\0';
	struct option_bytes *option = &o->ednsopt[o->ednsopt_count];
	uint32_t size = 0;
	if (option_code(code, &option->code) ||
		(colon && parse_hex(colon + 1, option->bytes, OPTION_BYTES, &size)))
		return RW_EINVAL;
	option->size = (uint16_t)size;
	o->ednsopt_count++;
	return 0;
}

static int set_tcp(struct query_options *o, bool on, const char *value)
{
	o->tcp = on;
	o->tcp_given = true;
	return value ? RW_EINVAL : 0;
}

static int set_pcap(struct query_options *o, bool on, const char *value)
{
	o->pcap = on ? value : NULL;
	return on && (!value || !*value) ? RW_EINVAL : 0;
}

static int set_cache(struct query_options *o, bool on, const char *value)
{
	o->cache = on ? value : NULL;
	return on && (!value || !*value) ? RW_EINVAL : 0;
}

static int set_watch(struct query_options *o, bool on, const char *value)
{
	o->watch = on;
	o->prop = o->prop || on;
	o->wanted = on ? value : NULL;
	return 0;
}

static int set_retry(struct query_options *o, bool on, const char *value)
{
	uint32_t retries;
	if (!on || parse_number(value, 0, TRIES_MAX - 1, &retries))
		return RW_EINVAL;
	o->tries = retries + 1;
	return 0;
}

static int set_short(struct query_options *o, bool on, const char *value)
{
	o->short_form = on;
	if (on)
		return set_all(o, false, value), o->answer = true, 0;
	return set_all(o, true, value), o->rrcomments = false, 0;
}

static int set_split(struct query_options *o, bool on, const char *value)
{
	if (!on) {
		o->split = 0;
		return 0;
	}
	if (parse_number(value, 0, 65535, &o->split))
		return RW_EINVAL;
	o->split = (o->split + 3) / 4 * 4;
	return 0;
}

#define BOOL(text, field)                                                                          \
	{                                                                                          \
		text, KIND_BOOL, offsetof(struct query_options, field), 0, 0, NULL                 \
	}
#define INVERSE(text, field)                                                                       \
	{                                                                                          \
		text, KIND_INVERSE, offsetof(struct query_options, field), 0, 0, NULL              \
	}
#define NUMBER(text, field, a, b)                                                                  \
	{                                                                                          \
		text, KIND_NUMBER, offsetof(struct query_options, field), a, b, NULL               \
	}
#define CALL(text, setter)                                                                         \
	{                                                                                          \
		text, KIND_CALL, 0, 0, 0, setter                                                   \
	}
#define NOTHING(text)                                                                              \
	{                                                                                          \
		text, KIND_NOTHING, 0, 0, 0, NULL                                                  \
	}
#define LATER(text)                                                                                \
	{                                                                                          \
		text, KIND_LATER, 0, 0, 0, NULL                                                    \
	}

static const struct option table[] = {
	BOOL("aaflag", aa),
	BOOL("aaonly", aa),
	BOOL("ad", ad),
	BOOL("adflag", ad),
	BOOL("additional", additional),
	CALL("all", set_all),
	BOOL("allns", all_servers),
	BOOL("answer", answer),
	BOOL("authority", authority),
	NOTHING("badcookie"),
	NOTHING("besteffort"),
	CALL("bufsize", set_bufsize),
	CALL("cache", set_cache),
	BOOL("cd", cd),
	BOOL("cdflag", cd),
	BOOL("check", check),
	BOOL("cl", class),
	BOOL("class", class),
	BOOL("cmd", cmd),
	BOOL("comments", comments),
	CALL("cookie", set_cookie),
	BOOL("crypto", crypto),
	LATER("defname"),
	LATER("dns64prefix"),
	CALL("dnssec", set_dnssec),
	CALL("do", set_dnssec),
	CALL("edns", set_edns),
	BOOL("ednsnegotiation", edns_negotiation),
	CALL("ednsopt", set_ednsopt),
	BOOL("expire", expire),
	BOOL("fail", stop_at_servfail),
	LATER("header-only"),
	LATER("https"),
	LATER("identity"),
	BOOL("identify", identify),
	BOOL("idnin", idn_in),
	LATER("idnout"),
	BOOL("ignore", ignore_tc),
	BOOL("json", json),
	BOOL("keepalive", keepalive),
	NOTHING("keepopen"),
	NOTHING("mapped"),
	BOOL("multiline", multiline),
	NOTHING("ndots"),
	BOOL("nsid", nsid),
	LATER("nssearch"),
	NOTHING("onesoa"),
	NUMBER("opcode", opcode, 0, 15),
	NUMBER("padding", padding, 0, PADDING_MAX),
	NUMBER("port", trace_port, 1, 65535),
	CALL("pcap", set_pcap),
	BOOL("prop", prop),
	BOOL("qmin", minimise),
	BOOL("qr", query),
	BOOL("question", question),
	BOOL("rdflag", recurse),
	BOOL("recurse", recurse),
	CALL("retry", set_retry),
	BOOL("rrcomments", rrcomments),
	LATER("search"),
	CALL("short", set_short),
	LATER("showsearch"),
	LATER("sigchase"),
	CALL("split", set_split),
	BOOL("stats", stats),
	CALL("subnet", set_subnet),
	CALL("tcp", set_tcp),
	NUMBER("time", timeout_s, 0, TIMEOUT_MAX_S),
	NUMBER("timeout", timeout_s, 0, TIMEOUT_MAX_S),
	LATER("tls"),
	BOOL("trace", trace),
	NUMBER("tries", tries, 0, TRIES_MAX),
	BOOL("ttl", ttl),
	BOOL("ttlid", ttl),
	BOOL("ttlunits", ttl_units),
	BOOL("unknownformat", unknown_format),
	CALL("vc", set_tcp),
	CALL("watch", set_watch),
	BOOL("wire", wire),
	LATER("yaml"),
	LATER("zflag"),
	BOOL("zoneversion", zone_version),
};

const char *options_name(unsigned index)
{
	return index < RW_COUNT(table) ? table[index].name : NULL;
}

void options_print(FILE *file)
{
	for (size_t i = 0; i < RW_COUNT(table); i++)
		if (table[i].kind != KIND_LATER && table[i].kind != KIND_NOTHING)
			fprintf(file, "%s\n", table[i].name);
}

void options_default(struct query_options *ret_options)
{
	*ret_options = (struct query_options){
		.recurse = true,
		.ad = true,
		.edns = true,
		.bufsize = LIMIT_EDNS_UDP,
		.stop_at_servfail = true,
		.edns_negotiation = true,
		.tries = 3,
		.cmd = true,
		.comments = true,
		.question = true,
		.answer = true,
		.authority = true,
		.additional = true,
		.stats = true,
		.crypto = true,
		.ttl = true,
		.class = true,
		.split = 56,
		.minimise = true,
		.idn_in = true,
		.trace_port = 53,
	};
}

/* Whether both do the same, so that an abbreviation of both names is no ambiguity. */
static bool same_effect(const struct option *a, const struct option *b)
{
	return a->kind == b->kind && a->offset == b->offset && a->set == b->set &&
	       (a->kind == KIND_BOOL || a->kind == KIND_NUMBER || a->kind == KIND_CALL);
}

/* The option of that name or abbreviation; NULL when there is none, or several (`ret_two`). */
static const struct option *find(const char *name, size_t length, bool *ret_two)
{
	const struct option *found = NULL;
	*ret_two = false;
	for (size_t i = 0; i < RW_COUNT(table); i++) {
		if (strncasecmp(table[i].name, name, length) != 0)
			continue;
		if (table[i].name[length] == '\0')
			return *ret_two = false, &table[i];
		if (found && !same_effect(found, &table[i]))
			*ret_two = true;
		found = &table[i];
	}
	return *ret_two ? NULL : found;
}

static int unknown(const char *text, const char *name, size_t length, bool two, char *error)
{
	char shown[64], plain[64];
	const char *nearest = NULL;
	(void)out_escape(text, strlen(text), shown, sizeof(shown));
	(void)snprintf(plain, sizeof(plain), "%.*s", (int)RW_MIN(length, 60), name);
	if (!two)
		nearest = nearest_word(plain, options_name);
	if (two)
		(void)snprintf(error, OPTIONS_ERROR, "option +%s is ambiguous", shown);
	else if (nearest)
		(void)snprintf(error, OPTIONS_ERROR, "unknown option +%s; did you mean +%s%s?",
			shown, name == text ? "" : "no", nearest);
	else
		(void)snprintf(error, OPTIONS_ERROR,
			"unknown option +%s; rootwalk(1) lists them all", shown);
	return RW_EINVAL;
}

static int apply(
	struct query_options *options, const struct option *option, bool on, const char *value)
{
	char *field = (char *)options + option->offset;
	switch (option->kind) {
	case KIND_BOOL:
	case KIND_INVERSE:
		*(bool *)field = option->kind == KIND_BOOL ? on : !on;
		return value ? RW_EINVAL : 0;
	case KIND_NUMBER:
		return on ? parse_number(value, option->min, option->max, (uint32_t *)(void *)field)
			  : RW_EINVAL;
	case KIND_CALL:
		return option->set(options, on, value);
	case KIND_NOTHING:
		return 0;
	case KIND_LATER:
		return on ? RW_EBUSY : 0;
	}
	return RW_EINVAL;
}

int options_set(struct query_options *options, const char *text, char error[OPTIONS_ERROR])
{
	char shown[96];
	const char *name = text, *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : strlen(text);
	bool two = false, on = true;
	const struct option *option = length ? find(name, length, &two) : NULL;
	if (!option && !two && length > 2 && strncasecmp(name, "no", 2) == 0) {
		on = false;
		name += 2;
		length -= 2;
		option = find(name, length, &two);
	}
	if (!option)
		return unknown(text, name, length, two, error);
	struct query_options changed = *options;
	int err = apply(&changed, option, on, equals ? equals + 1 : NULL);
	if (!err) {
		*options = changed;
		return 0;
	}
	(void)out_escape(text, strlen(text), shown, sizeof(shown));
	if (err == RW_EBUSY)
		(void)snprintf(error, OPTIONS_ERROR, "option +%s is not built yet", shown);
	else
		(void)snprintf(error, OPTIONS_ERROR, "option +%s: %s", shown,
			equals ? "its value makes no sense" : "needs a value, or takes none");
	return err;
}
