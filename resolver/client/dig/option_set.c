/* SPDX-License-Identifier: MIT */
/* The setters of `+` options that take a value or change more than one thing. */
#include "resolver/client/dig/option_set.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/edns.h"
#include "resolver/wire/name.h"
#include "resolver/wire/text.h"

int option_number(const char *text, uint32_t min, uint32_t max, uint32_t *ret_value)
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

static int parse_hex(const char *text, uint8_t *out, size_t cap, uint32_t *ret_size)
{
	size_t length = strlen(text);
	if (length % 2 != 0 || length / 2 > cap)
		return RW_EINVAL;
	for (size_t i = 0; i < length; i += 2) {
		int high = text_hex_digit(text[i]), low = text_hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return RW_EINVAL;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	*ret_size = (uint32_t)(length / 2);
	return 0;
}

int option_all(struct query_options *o, bool on, const char *value)
{
	(void)value;
	o->question = o->answer = o->authority = o->additional = on;
	o->comments = o->stats = o->cmd = on; /* not rrcomments, which dig leaves as it was */
	return 0;
}

int option_dnssec(struct query_options *o, bool on, const char *value)
{
	(void)value;
	o->dnssec = on;
	o->edns = o->edns || on;
	return 0;
}

/* Bits that have a name are left to the option of that name. */
int option_ednsflags(struct query_options *o, bool on, const char *value)
{
	o->edns_flags = 0;
	if (!on || !value)
		return 0;
	int err = option_number(value, 0, 65535, &o->edns_flags);
	o->edns_flags &= ~(uint32_t)(EDNS_DO | EDNS_CO);
	o->edns = true;
	return err;
}

int option_edns(struct query_options *o, bool on, const char *value)
{
	o->edns = on;
	o->edns_version = 0;
	return value && on ? option_number(value, 0, 255, &o->edns_version) : 0;
}

int option_bufsize(struct query_options *o, bool on, const char *value)
{
	o->bufsize = LIMIT_EDNS_UDP;
	o->edns = true;
	return value && on ? option_number(value, 0, 65535, &o->bufsize) : 0;
}

int option_cookie(struct query_options *o, bool on, const char *value)
{
	o->cookie = on;
	o->cookie_size = 0;
	if (!on || !value)
		return 0;
	int err = parse_hex(value, o->cookie_bytes, COOKIE_BYTES, &o->cookie_size);
	return err || o->cookie_size < 8 ? RW_EINVAL : 0;
}

int option_subnet(struct query_options *o, bool on, const char *value)
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
	int err = option_number(text, 0, 65535, &number);
	if (!err)
		*ret_code = (uint16_t)number;
	return err;
}

int option_ednsopt(struct query_options *o, bool on, const char *value)
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

int option_opcode(struct query_options *o, bool on, const char *value)
{
	char name[TEXT_TYPE];
	o->opcode = 0;
	if (!on)
		return 0;
	for (uint8_t i = 0; value && i < 16; i++)
		if (strcasecmp(value, text_opcode(i, name)) == 0) {
			o->opcode = i;
			return 0;
		}
	return option_number(value, 0, 15, &o->opcode);
}

int option_ndots(struct query_options *o, bool on, const char *value)
{
	return on ? option_number(value, 0, NDOTS_MAX, &o->ndots) : RW_EINVAL;
}

int option_domain(struct query_options *o, bool on, const char *value)
{
	struct name name;
	o->domain = on ? value : NULL;
	o->search = on;
	return on && (!value || name_from_text(value, &name)) ? RW_EINVAL : 0;
}

int option_showsearch(struct query_options *o, bool on, const char *value)
{
	o->show_search = o->search = on;
	return value ? RW_EINVAL : 0;
}

int option_tcp(struct query_options *o, bool on, const char *value)
{
	o->tcp = on;
	o->tcp_given = true;
	return value ? RW_EINVAL : 0;
}

int option_pcap(struct query_options *o, bool on, const char *value)
{
	o->pcap = on ? value : NULL;
	return on && (!value || !*value) ? RW_EINVAL : 0;
}

int option_cache(struct query_options *o, bool on, const char *value)
{
	o->cache = on ? value : NULL;
	return on && (!value || !*value) ? RW_EINVAL : 0;
}

int option_watch(struct query_options *o, bool on, const char *value)
{
	o->watch = on;
	o->prop = o->prop || on;
	o->wanted = on ? value : NULL;
	return 0;
}

int option_retry(struct query_options *o, bool on, const char *value)
{
	uint32_t retries;
	if (!on || option_number(value, 0, TRIES_MAX - 1, &retries))
		return RW_EINVAL;
	o->tries = retries + 1;
	return 0;
}

int option_short(struct query_options *o, bool on, const char *value)
{
	o->short_form = on;
	if (on)
		return option_all(o, false, value), o->answer = true, 0;
	return option_all(o, true, value), o->rrcomments = false, 0;
}

int option_split(struct query_options *o, bool on, const char *value)
{
	if (!on) {
		o->split = 0;
		return 0;
	}
	if (option_number(value, 0, 65535, &o->split))
		return RW_EINVAL;
	o->split = (o->split + 3) / 4 * 4;
	return 0;
}
