/* SPDX-License-Identifier: MIT */
/*
 * The head's keys, each with a small function. The start is that of the README of the shared texts:
 * 4096 bytes of EDNS, everybody may ask, no built-in zones, any address may be a server, 5 s.
 */
#include "tests/scenario/setup_localdata.h"
#include "tests/scenario/setup_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define START_WALL_S 1767225600 /* 2026-01-01, where a text names no time */

struct maker {
	struct rpl *rpl;
	struct setup *setup;
	const struct rpl_key *key;
};

typedef void key_function(struct maker *m, const char *value);

static void unsupported(struct maker *m, const char *why)
{
	if (m->setup->unsupported)
		return;
	m->setup->unsupported = arena_printf(&m->rpl->arena, "line %u: %s: %s (%s)", m->key->line,
		m->key->name, m->key->value, why);
	if (!m->setup->unsupported)
		m->setup->unsupported = "out of memory";
}

static bool truth(struct maker *m, const char *value)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};
	for (size_t i = 0; i < RW_COUNT(yes); i++) {
		if (strcasecmp(value, yes[i]) == 0)
			return true;
		if (strcasecmp(value, no[i]) == 0)
			return false;
	}
	unsupported(m, "neither yes nor no");
	return false;
}

static uint32_t number(struct maker *m, const char *value)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	if (end == value || *end || errno || n > UINT32_MAX) {
		unsupported(m, "not a number");
		return 0;
	}
	return (uint32_t)n;
}

static void ignore(struct maker *m, const char *value)
{
	(void)m;
	(void)value;
}

/* ---- servers ---- */

static void add_hint(struct maker *m, const char *value)
{
	static const uint8_t server_name[] = "\1k\14root-servers\3net";
	struct delegation *hints = &m->setup->hints;
	struct addr addr;
	if (addr_parse(value, SETUP_PORT, &addr)) {
		unsupported(m, "not an address");
		return;
	}
	hints->ns_count = 1;
	hints->ns[0].name = server_name;
	hints->ns[0].kind = GLUE_IN_DOMAIN;
	delegation_add_address(&hints->ns[0], &addr, ADDRESS_HINTS);
}

static struct route_settings *find_route(struct route_list *list, const uint8_t *zone)
{
	for (size_t i = 0; i < list->count; i++)
		if (name_equal(list->items[i].zone, zone))
			return &list->items[i];
	struct route_settings *items = realloc(list->items, (list->count + 1) * sizeof(*items));
	rw_require(items);
	list->items = items;
	struct route_settings *route = &items[list->count++];
	*route = (struct route_settings){.zone = malloc(name_size(zone))};
	rw_require(route->zone);
	memcpy(route->zone, zone, name_size(zone));
	return route;
}

static void add_route(
	struct maker *m, struct route_list *list, const char *zone, const char *address)
{
	struct name name;
	struct addr addr;
	if (name_from_text(zone, &name) || addr_parse(address, SETUP_PORT, &addr)) {
		unsupported(m, "not zone=address");
		return;
	}
	struct addr_list *to = &find_route(list, name.bytes)->to;
	struct addr *items = realloc(to->items, (to->count + 1) * sizeof(*items));
	rw_require(items);
	to->items = items;
	to->items[to->count++] = addr;
}

/* "zone=address" into the list. */
static void add_pair(struct maker *m, struct route_list *list, const char *value)
{
	char zone[LIMIT_NAME_TEXT];
	const char *equals = strchr(value, '=');
	if (!equals || (size_t)(equals - value) >= sizeof(zone)) {
		unsupported(m, "not zone=address");
		return;
	}
	memcpy(zone, value, (size_t)(equals - value));
	zone[equals - value] = '\0';
	add_route(m, list, zone, equals + 1);
}

static void set_forward_all(struct maker *m, const char *value)
{
	add_route(m, &m->setup->settings.forward, ".", value);
}

static void set_forward(struct maker *m, const char *value)
{
	add_pair(m, &m->setup->settings.forward, value);
}

static void set_stub(struct maker *m, const char *value)
{
	add_pair(m, &m->setup->settings.stub, value);
}

/* ---- switches ---- */

static void set_ip4(struct maker *m, const char *value)
{
	m->setup->settings.outgoing.ipv4 = truth(m, value);
}

static void set_ip6(struct maker *m, const char *value)
{
	m->setup->settings.outgoing.ipv6 = truth(m, value);
}

static void set_loopback(struct maker *m, const char *value)
{
	m->setup->loopback_servers = !truth(m, value);
}

static void set_minimisation(struct maker *m, const char *value)
{
	struct settings *settings = &m->setup->settings;
	if (strcasecmp(value, "strict") == 0)
		settings->minimisation = MINIMISE_STRICT;
	else
		settings->minimisation = truth(m, value) ? MINIMISE_RELAXED : MINIMISE_OFF;
}

static void set_minimal(struct maker *m, const char *value)
{
	m->setup->settings.minimal_responses = truth(m, value);
}

static void set_special_use(struct maker *m, const char *value)
{
	m->setup->settings.special_use = truth(m, value);
}

static void set_prefetch(struct maker *m, const char *value)
{
	m->setup->settings.cache.prefetch = truth(m, value);
}

static void set_stale(struct maker *m, const char *value)
{
	m->setup->settings.cache.serve_stale = truth(m, value);
}

static void set_stale_age(struct maker *m, const char *value)
{
	m->setup->settings.cache.stale_max_age_s = number(m, value);
}

static void set_stale_ttl(struct maker *m, const char *value)
{
	m->setup->settings.cache.stale_ttl_s = number(m, value);
}

static void set_stale_timeout(struct maker *m, const char *value)
{
	m->setup->settings.cache.stale_client_timeout_ms = number(m, value);
}

static void set_min_ttl(struct maker *m, const char *value)
{
	m->setup->settings.cache.min_ttl_s = number(m, value);
}

static void set_max_ttl(struct maker *m, const char *value)
{
	m->setup->settings.cache.max_ttl_s = number(m, value);
}

static void set_max_negative_ttl(struct maker *m, const char *value)
{
	m->setup->settings.cache.max_negative_ttl_s = number(m, value);
}

static void set_min_negative_ttl(struct maker *m, const char *value)
{
	m->setup->settings.cache.min_negative_ttl_s = number(m, value);
}

static void add_private_address(struct maker *m, const char *value)
{
	struct prefix_list *list = &m->setup->settings.private_addresses;
	struct prefix prefix;
	if (prefix_parse(value, &prefix)) {
		unsupported(m, "no prefix");
		return;
	}
	list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
	rw_require(list->items != NULL);
	list->items[list->count++] = prefix;
}

static void add_private_domain(struct maker *m, const char *value)
{
	struct name_list *list = &m->setup->settings.private_domains;
	struct name name;
	char text[LIMIT_NAME_TEXT];
	size_t length = strlen(value);
	bool quoted = length > 2 && value[0] == '"' && value[length - 1] == '"';
	(void)snprintf(
		text, sizeof(text), "%.*s", (int)(quoted ? length - 2 : length), value + quoted);
	if (name_from_text(text, &name)) {
		unsupported(m, "no name");
		return;
	}
	list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
	uint8_t *copy = malloc(name_size(name.bytes));
	rw_require(list->items != NULL && copy != NULL);
	memcpy(copy, name.bytes, name_size(name.bytes));
	list->items[list->count++] = copy;
}

static struct host_settings *find_host(struct host_list *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (name_equal(list->items[i].name, name))
			return &list->items[i];
	list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
	uint8_t *copy = malloc(name_size(name));
	rw_require(list->items != NULL && copy != NULL);
	memcpy(copy, name, name_size(name));
	list->items[list->count] = (struct host_settings){.name = copy};
	return &list->items[list->count++];
}

/* "NAME [TTL] [IN] A|AAAA ADDRESS": an entry of `hosts`, whose TTL is fixed. */
static void add_local_data(struct maker *m, const char *value)
{
	char text[1024], *rest = NULL, *word[6];
	size_t count = 0;
	struct name name;
	struct addr addr;
	(void)snprintf(text, sizeof(text), "%s", value);
	for (char *at = strtok_r(text, " \t", &rest); at && count < RW_COUNT(word);
		at = strtok_r(NULL, " \t", &rest))
		word[count++] = at;
	bool address = count >= 3 && !rest[0] && strchr(word[count - 1], '@') == NULL &&
		       addr_parse(word[count - 1], 0, &addr) == 0 &&
		       strcasecmp(word[count - 2], addr.family == ADDR_V6 ? "AAAA" : "A") == 0;
	if (!address || name_from_text(word[0], &name)) {
		unsupported(m, "hosts have addresses only");
		return;
	}
	struct addr_list *to = &find_host(&m->setup->settings.names.hosts, name.bytes)->addresses;
	to->items = realloc(to->items, (to->count + 1) * sizeof(*to->items));
	rw_require(to->items != NULL);
	to->items[to->count++] = addr;
}

static void add_withhold(struct maker *m, const uint8_t *zone, uint16_t type)
{
	struct withhold_list *list = &m->setup->settings.withhold;
	list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
	uint8_t *copy = malloc(name_size(zone));
	uint16_t *types = malloc(sizeof(*types));
	rw_require(list->items != NULL && copy != NULL && types != NULL);
	memcpy(copy, zone, name_size(zone));
	types[0] = type;
	list->items[list->count++] = (struct withhold_settings){copy, {types, 1}};
}

/*
 * "ZONE TYPE". Names of `hosts` lie in transparent zones and come before what is withheld; no zone
 * is built in. Static, deny, refuse, redirect, inform zones and the like are not to be had.
 */
static void set_local_zone(struct maker *m, const char *value)
{
	static const struct {
		const char *word;
		uint16_t withheld;
	} kinds[] = {{"nodefault", 0}, {"transparent", 0}, {"block_a", TYPE_A},
		{"block_aaaa", TYPE_AAAA}, {"block_a_wdata", TYPE_A},
		{"block_aaaa_wdata", TYPE_AAAA}};
	char text[LIMIT_NAME_TEXT];
	struct name name;
	const char *kind = strrchr(value, ' ');
	(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(value, " \t"), value);
	for (size_t i = 0; kind && i < RW_COUNT(kinds); i++) {
		if (strcmp(kind + 1, kinds[i].word) != 0)
			continue;
		if (name_from_text(text, &name))
			unsupported(m, "no name");
		else if (kinds[i].withheld)
			add_withhold(m, name.bytes, kinds[i].withheld);
		return;
	}
	unsupported(m, "no local zones of this type in the settings");
}

/* As the configuration does by itself. */
static void exclude_mapped(struct prefix_list *exclude)
{
	exclude->items = calloc(1, sizeof(*exclude->items));
	rw_require(exclude->items && prefix_parse("::ffff:0:0/96", exclude->items) == 0);
	exclude->count = 1;
}

/* A prefix without a length is one of 96 bits. */
static void set_dns64(struct maker *m, const char *value)
{
	char text[ADDR_TEXT];
	(void)snprintf(text, sizeof(text), "%s%s", value, strchr(value, '/') ? "" : "/96");
	if (prefix_parse(text, &m->setup->settings.names.dns64.prefix))
		unsupported(m, "no prefix");
	exclude_mapped(&m->setup->settings.names.dns64.exclude);
}

static void tell(struct maker *m, const char *fault)
{
	if (fault)
		unsupported(m, fault);
}

static void add_block_line(struct maker *m, const char *value)
{
	tell(m, setup_block_line(m->setup, value));
}

static void add_block_allow(struct maker *m, const char *value)
{
	tell(m, setup_block_allow(m->setup, value));
}

static void set_block_answer(struct maker *m, const char *value)
{
	tell(m, setup_block_answer(m->setup, value));
}

static void add_rpz(struct maker *m, const char *value)
{
	tell(m, setup_rpz(m->setup, value));
}

/* We never follow referral paths again; a text that switches it off asks for what we do. */
static void only_no(struct maker *m, const char *value)
{
	if (truth(m, value))
		unsupported(m, "the settings have no such key");
}

static void set_anchor(struct maker *m, const char *value)
{
	(void)value;
	m->setup->needs_validator = true;
}

/* ---- time ---- */

static void set_date(struct maker *m, const char *value)
{
	struct tm tm = {0};
	char *end = strptime(value, "%Y%m%d%H%M%S", &tm);
	if (end && *end == '\0' && strlen(value) == 14)
		m->setup->wall_s = timegm(&tm);
	else
		m->setup->wall_s = number(m, value);
}

static void set_timestamp(struct maker *m, const char *value)
{
	m->setup->wall_s = number(m, value);
}

static void set_expect(struct maker *m, const char *value)
{
	m->setup->expect_fail = strcmp(value, "fail") == 0;
	m->setup->expect_unsupported = strcmp(value, "unsupported") == 0;
	if (!m->setup->expect_fail && !m->setup->expect_unsupported)
		unsupported(m, "neither fail nor unsupported");
}

/* ---- tables ---- */

struct key_word {
	const char *name;
	key_function *apply;
};

static const struct key_word feature_words[] = {
	{"minimal_responses", set_minimal}, {"serve_expired", set_stale},
	{"serve_expired_ttl", set_stale_age}, {"serve_expired_reply_ttl", set_stale_ttl},
	{"serve_expired_client_timeout", set_stale_timeout}, {"min_ttl", set_min_ttl},
	{"max_ttl", set_max_ttl}, {"max_neg_ttl", set_max_negative_ttl},
	{"min_neg_ttl", set_min_negative_ttl}, {"prefetch", set_prefetch}, {"stub", set_stub},
	{"forward", set_forward}, {"special_use", set_special_use}, {"local_zone", set_local_zone},
	{"local_data", add_local_data}, {"dns64_prefix", set_dns64},
	{"private_address", add_private_address}, {"private_domain", add_private_domain},
	{"block_line", add_block_line}, {"block_allow", add_block_allow},
	{"block_answer", set_block_answer}, {"rpz", add_rpz}, {"harden_referral_path", only_no},
	{"aggressive_nsec", ignore},       /* the validator's */
	{"harden_algo_downgrade", ignore}, /* the validator's */
};

static void set_feature(struct maker *m, const char *value);

static const struct key_word head_words[] = {
	{"stub-addr", add_hint},
	{"stub-name", ignore}, /* the root server's name is free */
	{"forward-addr", set_forward_all},
	{"trust-anchor", set_anchor},
	{"domain-insecure", ignore}, /* the validator's */
	{"val-override-date", set_date},
	{"val-override-timestamp", set_timestamp},
	{"query-minimization", set_minimisation},
	{"do-ip4", set_ip4},
	{"do-ip6", set_ip6},
	{"harden-glue",
		ignore}, /* glue out of bailiwick is the last resort of its own delegation */
	{"do-not-query-localhost", set_loopback},
	{"features", set_feature},
	{"feature-list", set_feature},
	{"expect", set_expect},
};

static bool apply(struct maker *m, const struct key_word *words, size_t count, const char *name,
	const char *v)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0) {
			words[i].apply(m, v);
			return true;
		}
	return false;
}

/* "name=value", white space around the '=' allowed, quotes in the value of no meaning. */
static void set_feature(struct maker *m, const char *feature)
{
	char text[1024], name[64];
	size_t length = strcspn(feature, "= \t");
	const char *equals = strchr(feature, '=');
	if (!equals || length >= sizeof(name) || strlen(equals) >= sizeof(text)) {
		unsupported(m, "not name=value");
		return;
	}
	memcpy(name, feature, length);
	name[length] = '\0';
	const char *from = equals + 1 + strspn(equals + 1, " \t");
	char *to = text;
	for (; *from; from++)
		if (*from != '"')
			*to++ = *from;
	*to = '\0';
	const char *why = NULL;
	bool known = setup_localdata(m->setup, name, text, &why) ||
		     apply(m, feature_words, RW_COUNT(feature_words), name, text);
	if (!known || why)
		unsupported(m, why ? why : "unknown feature");
}

static void fill_prefixes(struct prefix_list *list, const char *const *texts, size_t count)
{
	list->items = calloc(count, sizeof(*list->items));
	rw_require(list->items);
	for (; list->count < count; list->count++)
		rw_require(prefix_parse(texts[list->count], &list->items[list->count]) == 0);
}

/* Everybody may ask. Every address may be a server, but for loopback ones unless the text allows
 * them too. */
static void allow_servers(struct setup *setup)
{
	static const char *const but_loopback[] = {"0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/4",
		"112.0.0.0/5", "120.0.0.0/6", "124.0.0.0/7", "126.0.0.0/8", "128.0.0.0/1",
		"8000::/1", "4000::/2", "2000::/3", "1000::/4"};
	static const char *const any[] = {"0.0.0.0/0", "::/0"};
	const char *const *texts = setup->loopback_servers ? any : but_loopback;
	size_t count = setup->loopback_servers ? RW_COUNT(any) : RW_COUNT(but_loopback);
	fill_prefixes(&setup->settings.outgoing.allow_private, texts, count);
	fill_prefixes(&setup->settings.access, any, RW_COUNT(any));
}

static void start(struct setup *setup)
{
	struct settings *settings = &setup->settings;
	settings_default(settings);
	settings->special_use = false;
	settings->max_udp_size = 4096;
	settings->outgoing.edns_buffer_size = 4096;
	settings->outgoing.timeout_ms = 5000;
	settings->cache.serve_stale = false;
	settings->cache.prefetch = false;
	settings->cache.size_bytes = 16u << 20;
}

void setup_make(struct rpl *rpl, struct setup *ret_setup)
{
	*ret_setup = (struct setup){
		.wall_s = START_WALL_S,
		.hints = {.zone = name_root,
			.source = DELEGATION_HINTS,
			.ttl = 3600000,
			.expires_ms = UINT64_MAX},
	};
	start(ret_setup);
	struct maker m = {.rpl = rpl, .setup = ret_setup};
	for (m.key = rpl->keys; m.key; m.key = m.key->next)
		if (!apply(&m, head_words, RW_COUNT(head_words), m.key->name, m.key->value))
			unsupported(&m, "unknown key");
	allow_servers(ret_setup);
}

void setup_release(struct setup *setup)
{
	setup_localdata_release(setup);
	setup_policy_release(setup);
	settings_release(&setup->settings);
}
