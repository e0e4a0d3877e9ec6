/* SPDX-License-Identifier: MIT */
/* The table of `+` options and how a name is found in it; option_set.c takes their values. */
#include "resolver/client/dig/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "resolver/client/dig/nearest.h"
#include "resolver/client/dig/option_set.h"
#include "resolver/client/out.h"

enum option_kind {
	KIND_BOOL,    /* +x, +nox: a bool */
	KIND_INVERSE, /* +x clears the bool */
	KIND_NUMBER,  /* +x=N: a uint32_t within min..max */
	KIND_CALL,    /* +x[=value], +nox: a setter */
	KIND_NOTHING, /* accepted, changes nothing here */
	KIND_WITHOUT, /* +nox is what we do anyway; why +x is not there stands in `why` */
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;
	uint32_t min, max;
	option_setter *set;
	const char *why;
};

#define BOOL(text, field)                                                                          \
	{                                                                                          \
		text, KIND_BOOL, offsetof(struct query_options, field), 0, 0, NULL, NULL           \
	}
#define INVERSE(text, field)                                                                       \
	{                                                                                          \
		text, KIND_INVERSE, offsetof(struct query_options, field), 0, 0, NULL, NULL        \
	}
#define NUMBER(text, field, a, b)                                                                  \
	{                                                                                          \
		text, KIND_NUMBER, offsetof(struct query_options, field), a, b, NULL, NULL         \
	}
#define CALL(text, setter)                                                                         \
	{                                                                                          \
		text, KIND_CALL, 0, 0, 0, setter, NULL                                             \
	}
#define NOTHING(text)                                                                              \
	{                                                                                          \
		text, KIND_NOTHING, 0, 0, 0, NULL, NULL                                            \
	}
#define WITHOUT(text, why)                                                                         \
	{                                                                                          \
		text, KIND_WITHOUT, 0, 0, 0, NULL, why                                             \
	}

#define NO_TLS   "TLS is not built yet"
#define NO_HTTPS "HTTPS is not built yet"
#define NO_CHASE "dig has dropped it; +check looks at keys and dates"

static const struct option table[] = {
	BOOL("aaflag", aa),
	BOOL("aaonly", aa),
	BOOL("ad", ad),
	BOOL("adflag", ad),
	BOOL("additional", additional),
	CALL("all", option_all),
	BOOL("allns", all_servers),
	BOOL("answer", answer),
	BOOL("authority", authority),
	BOOL("badcookie", retry_badcookie),
	NOTHING("besteffort"),
	CALL("bufsize", option_bufsize),
	CALL("cache", option_cache),
	BOOL("cd", cd),
	BOOL("cdflag", cd),
	BOOL("check", check),
	BOOL("cl", class),
	BOOL("class", class),
	BOOL("cmd", cmd),
	BOOL("co", compact),
	BOOL("coflag", compact),
	BOOL("comments", comments),
	CALL("cookie", option_cookie),
	BOOL("crypto", crypto),
	BOOL("defname", search),
	BOOL("dns64prefix", dns64_prefix),
	CALL("dnssec", option_dnssec),
	CALL("do", option_dnssec),
	CALL("domain", option_domain),
	NOTHING("dscp"),
	CALL("edns", option_edns),
	CALL("ednsflags", option_ednsflags),
	BOOL("ednsnegotiation", edns_negotiation),
	CALL("ednsopt", option_ednsopt),
	BOOL("expandaaaa", expand_aaaa),
	BOOL("expire", expire),
	BOOL("fail", stop_at_servfail),
	NOTHING("fuzztime"),
	BOOL("header-only", header_only),
	WITHOUT("http-plain", NO_HTTPS),
	WITHOUT("http-plain-get", NO_HTTPS),
	WITHOUT("http-plain-post", NO_HTTPS),
	WITHOUT("https", NO_HTTPS),
	WITHOUT("https-get", NO_HTTPS),
	WITHOUT("https-post", NO_HTTPS),
	BOOL("identify", identify),
	BOOL("idnin", idn_in),
	BOOL("idnout", idn_out),
	BOOL("ignore", ignore_tc),
	BOOL("json", json),
	BOOL("keepalive", keepalive),
	NOTHING("keepopen"),
	NOTHING("mapped"),
	BOOL("multiline", multiline),
	CALL("ndots", option_ndots),
	BOOL("nsid", nsid),
	BOOL("nssearch", ns_search),
	NOTHING("onesoa"),
	CALL("opcode", option_opcode),
	NUMBER("padding", padding, 0, PADDING_MAX),
	NUMBER("port", trace_port, 1, 65535),
	CALL("pcap", option_pcap),
	BOOL("prop", prop),
	BOOL("qmin", minimise),
	WITHOUT("qid", "the id is always a random one"),
	BOOL("qr", query),
	BOOL("question", question),
	BOOL("raflag", ra),
	BOOL("rdflag", recurse),
	BOOL("recurse", recurse),
	CALL("retry", option_retry),
	BOOL("rrcomments", rrcomments),
	BOOL("search", search),
	CALL("short", option_short),
	BOOL("showbadcookie", show_badcookie),
	CALL("showsearch", option_showsearch),
	WITHOUT("sigchase", NO_CHASE),
	CALL("split", option_split),
	BOOL("stats", stats),
	CALL("subnet", option_subnet),
	BOOL("tcflag", tc),
	CALL("tcp", option_tcp),
	NUMBER("time", timeout_s, 0, TIMEOUT_MAX_S),
	NUMBER("timeout", timeout_s, 0, TIMEOUT_MAX_S),
	WITHOUT("tls", NO_TLS),
	WITHOUT("tls-ca", NO_TLS),
	WITHOUT("tls-certfile", NO_TLS),
	WITHOUT("tls-hostname", NO_TLS),
	WITHOUT("tls-keyfile", NO_TLS),
	WITHOUT("topdown", NO_CHASE),
	BOOL("trace", trace),
	NUMBER("tries", tries, 0, TRIES_MAX),
	WITHOUT("trusted-key", NO_CHASE),
	BOOL("ttl", ttl),
	BOOL("ttlid", ttl),
	BOOL("ttlunits", ttl_units),
	BOOL("unknownformat", unknown_format),
	CALL("vc", option_tcp),
	CALL("watch", option_watch),
	BOOL("wire", wire),
	WITHOUT("yaml", "+json prints the same for programs"),
	BOOL("zflag", z),
	BOOL("zoneversion", zone_version),
};

const char *options_name(unsigned index)
{
	return index < RW_COUNT(table) ? table[index].name : NULL;
}

void options_print(FILE *file)
{
	for (size_t i = 0; i < RW_COUNT(table); i++)
		if (table[i].kind != KIND_WITHOUT && table[i].kind != KIND_NOTHING)
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
		.retry_badcookie = true,
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
		.ndots = NDOTS_SYSTEM,
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
static const struct option *find_option(const char *name, size_t length, bool *ret_two)
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
		return on ? option_number(
				    value, option->min, option->max, (uint32_t *)(void *)field)
			  : RW_EINVAL;
	case KIND_CALL:
		return option->set(options, on, value);
	case KIND_NOTHING:
		return 0;
	case KIND_WITHOUT:
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
	const struct option *option = length ? find_option(name, length, &two) : NULL;
	if (!option && !two && length > 2 && strncasecmp(name, "no", 2) == 0) {
		on = false;
		name += 2;
		length -= 2;
		option = find_option(name, length, &two);
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
		(void)snprintf(error, OPTIONS_ERROR, "option +%s: %s", shown, option->why);
	else
		(void)snprintf(error, OPTIONS_ERROR, "option +%s: %s", shown,
			equals ? "its value makes no sense" : "needs a value, or takes none");
	return err;
}
