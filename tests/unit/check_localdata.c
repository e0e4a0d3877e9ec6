/* SPDX-License-Identifier: MIT */
/*
 * What is ours: look-ups in it, whole answers in and out of it, and walks of clients who do not
 * have the same idea of a name, over one cache.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/iterate/stale.h"
#include "resolver/wire/edns.h"
#include "tests/unit/fakenet.h"
#include "zones/localdata/hosts_file.h"
#include "zones/localdata/localdata.h"
#include "zones/authority/zone_file.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test., the public one */
#define PRIV "10.0.0.53" /* what our zone corp.test. delegates sub.corp.test. to */

static struct fakenet net;
static struct arena arena;
static struct localdata *localdata;
static struct name_list no_names;

static const uint8_t *wire(const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return name_dup(name.bytes, &arena);
}

static struct localdata *new_localdata(void)
{
	struct localdata *made;
	ck_assert_int_eq(localdata_new(&made), 0);
	return made;
}

static void add_hosts(struct localdata *to, const char *text, enum localdata_tier tier)
{
	struct hosts *hosts;
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	ck_assert_int_eq(hosts_file_parse("hosts", text, strlen(text), NULL, hosts), 0);
	ck_assert_int_eq(hosts_finish(hosts), 0);
	ck_assert_int_eq(localdata_add_hosts(to, hosts, tier), 0);
	hosts_unref(hosts);
}

static struct localdata_zone *new_zone(const char *apex, const char *text)
{
	const struct cache_params params = {.max_ttl_s = 86400, .max_negative_ttl_s = 3600};
	struct zone *zone = NULL;
	struct localdata_zone *made;
	if (text)
		ck_assert_int_eq(
			zone_file_parse("zone", text, strlen(text), wire(apex), NULL, &zone), 0);
	ck_assert_int_eq(localdata_zone_new(wire(apex), zone, NULL, &net.env, &params, &made), 0);
	return made;
}

static void add_zone(struct localdata *to, const char *apex, const char *text)
{
	struct localdata_zone *zone = new_zone(apex, text);
	ck_assert_int_eq(localdata_add_zone(to, zone), 0);
	table_unref(&zone->table);
}

#define HEAD "$TTL 300\n@ SOA ns hostmaster 1 2 3 4 60\n NS ns\nns A 10.0.0.1\n"

static const char corp[] = HEAD "www A 10.0.0.80\n"
				"here CNAME www\n"
				"out CNAME pub.test.\n"
				"far CNAME www.sub\n"
				"host CNAME nas.test.\n"
				"x.ent TXT a\n"
				"*.wild A 10.0.0.90\n"
				"loop CNAME loop2\nloop2 CNAME loop\n"
				"sub NS ns.sub\nns.sub A " PRIV "\n";

static const struct fake_row rows[] = {
	{ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A " ROOT},
	{ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST},
	{TEST, "pub.test", TYPE_A, "aa|an pub.test. 300 A 198.51.100.1"},
	{TEST, "toours.test", TYPE_A, "aa|an toours.test. 300 CNAME www.corp.test."},
	{TEST, "tosub.test", TYPE_A, "aa|an tosub.test. 300 CNAME www.sub.corp.test."},
	{TEST, "totwin.test", TYPE_A, "aa|an totwin.test. 300 CNAME nas.test."},
	{TEST, "tobroken.test", TYPE_A, "aa|an tobroken.test. 300 CNAME bad.sub.corp.test."},
	{TEST, "nas.test", TYPE_A, "aa|an nas.test. 300 A 198.51.100.66"},
	{TEST, "nas.test", TYPE_AAAA, "aa|an nas.test. 300 AAAA 2001:db8::66"},
	{TEST, "www.sub.corp.test", TYPE_A, "aa|an www.sub.corp.test. 300 A 198.51.100.77"},
	{TEST, "bad.sub.corp.test", TYPE_A, "aa|an bad.sub.corp.test. 300 A 198.51.100.78"},
	{TEST, "www.corp.test", TYPE_A, "aa|an www.corp.test. 300 A 198.51.100.79"},
	{TEST, "gone.corp.test", TYPE_A, "aa|an gone.corp.test. 300 A 198.51.100.80"},
	{TEST, "*.cust.test", 0, "ns cust.test. 300 NS nas.test."},
	{"198.51.100.66", "www.cust.test", TYPE_A, "aa|an www.cust.test. 300 A 198.51.100.90"},
	{TEST, "six.sub.corp.test", TYPE_A, "aa|an six.sub.corp.test. 300 A 198.51.100.91"},
	{TEST, "*.test", 0, "aa|nxdomain|ns test. 600 SOA ns.test. admin.test. 1 2 3 4 60"},
	{PRIV, "www.sub.corp.test", TYPE_A, "aa|an www.sub.corp.test. 300 A 10.0.0.77"},
	{PRIV, "back.sub.corp.test", TYPE_A, "aa|an back.sub.corp.test. 300 CNAME pub.test."},
	{PRIV, "bad.sub.corp.test", 0, "servfail"},
	{PRIV, "six.sub.corp.test", TYPE_AAAA,
		"aa|ns sub.corp.test. 600 SOA ns.sub.corp.test. a.test. 1 2 3 4 60"},
	{PRIV, "six.sub.corp.test", TYPE_A, "servfail"},
	{PRIV, "*.sub.corp.test", 0,
		"aa|nxdomain|ns sub.corp.test. 600 SOA ns.sub.corp.test. a.test. 1 2 3 4 60"},
};

static void setup(void)
{
	arena_init(&arena, 1 << 22);
	fakenet_init(&net, rows, RW_COUNT(rows));
	localdata = new_localdata();
	add_zone(localdata, "corp.test.", corp);
	add_hosts(localdata, "10.0.0.20 nas.test\n", LOCALDATA_FILES);
	net.context.localdata = localdata;
}

static void teardown(void)
{
	fakenet_release(&net);
	localdata_unref(localdata);
	arena_release(&arena);
}

/* Link after link, as far as the chain is ours. */
static int look(const char *name, uint16_t type, struct answer *answer)
{
	const struct question question = {wire(name), type, CLASS_IN};
	int err = 0;
	answer_begin(answer, &question);
	while (!err && answer->outcome == ANSWER_MISS)
		err = localdata_lookup(localdata, net.now_ms, &arena, answer);
	return answer->set_count > 0 ? 0 : err;
}

/* "RCODE SETS NEXT", and a + where there is a SOA. */
static const char *found(const char *name, uint16_t type)
{
	struct answer ours;
	char next[LIMIT_NAME_TEXT];
	if (look(name, type, &ours))
		return "-";
	bool leads_on = ours.outcome == ANSWER_MISS;
	return arena_printf(&arena, "%u %u %s%s", leads_on ? RCODE_NOERROR : answer_rcode(&ours),
		ours.set_count, leads_on ? name_text(ours.name, next) : "", ours.soa ? "+" : "");
}

/* The walk's answer: the address at its end, or the rcode's number. */
static const char *walk_as(struct localdata *who, const char *name, uint16_t type)
{
	net.context.localdata = who;
	const struct machine_result *result = fake_ask(&net, name, type);
	if (answer_rcode(&result->answer) != RCODE_NOERROR || result->answer.set_count == 0)
		return arena_printf(&arena, "%u", answer_rcode(&result->answer));
	return arena_printf(&arena, "%s", fake_answer(&net, result));
}

static struct answer whole(struct localdata *who, const char *name, uint16_t type)
{
	const struct question question = {wire(name), type, CLASS_IN};
	const struct localdata_query query = {.localdata = who,
		.settings = &net.settings,
		.cache = net.context.cache,
		.now_ms = net.now_ms,
		.arena = &arena};
	struct answer answer;
	answer_begin(&answer, &question);
	ck_assert_int_eq(localdata_answer(&query, &answer), 0);
	return answer;
}

START_TEST(zones_answer)
{
	ck_assert_str_eq(found("www.corp.test", TYPE_A), "0 1 ");
	ck_assert_str_eq(found("www.corp.test", TYPE_AAAA), "0 0 +");
	ck_assert_str_eq(found("here.corp.test", TYPE_A), "0 2 ");
	ck_assert_str_eq(found("here.corp.test", TYPE_CNAME), "0 1 ");
	ck_assert_str_eq(found("here.corp.test", TYPE_AAAA), "0 1 +");
	ck_assert_str_eq(found("out.corp.test", TYPE_A), "0 1 pub.test.");
	ck_assert_str_eq(found("host.corp.test", TYPE_A), "0 2 ");
	ck_assert_str_eq(found("far.corp.test", TYPE_A), "0 1 www.sub.corp.test.");
	ck_assert_str_eq(found("ent.corp.test", TYPE_A), "0 0 +");
	ck_assert_str_eq(found("a.b.wild.corp.test", TYPE_A), "0 1 ");
	ck_assert_str_eq(found("no.corp.test", TYPE_A), "3 0 +");
	ck_assert_str_eq(found("loop.corp.test", TYPE_A), "2 2 ");
	ck_assert_str_eq(found("www.sub.corp.test", TYPE_A), "-");
	ck_assert_str_eq(found("sub.corp.test", TYPE_DS), "0 0 +");
	ck_assert_str_eq(found("corp.test", TYPE_DS), "-");
	ck_assert_str_eq(found("test", TYPE_A), "-");
	ck_assert_str_eq(found("nas.test", TYPE_A), "0 1 ");
	ck_assert_str_eq(found("nas.test", TYPE_AAAA), "0 0 ");
}
END_TEST

START_TEST(addresses_of_zones_lead_back)
{
	ck_assert_str_eq(found("80.0.0.10.in-addr.arpa", TYPE_PTR), "0 1 ");
	/* Neither glue nor a wildcard does. */
	ck_assert_str_eq(found("53.0.0.10.in-addr.arpa", TYPE_PTR), "-");
	ck_assert_str_eq(found("90.0.0.10.in-addr.arpa", TYPE_PTR), "-");
	ck_assert(localdata_name_exists(localdata, wire("0.10.in-addr.arpa"), net.now_ms));
	/* A zone of ours for them has the last word. */
	add_zone(localdata, "10.in-addr.arpa.", HEAD "80.0.0 PTR other.test.\n");
	ck_assert_str_eq(found("1.0.0.10.in-addr.arpa", TYPE_PTR), "3 0 +");
	struct answer ours;
	ck_assert_int_eq(look("80.0.0.10.in-addr.arpa", TYPE_PTR, &ours), 0);
	ck_assert(name_equal(ours.sets[0]->records[0].bytes, wire("other.test.")));
}
END_TEST

START_TEST(tiers)
{
	struct answer ours;
	add_hosts(localdata, "10.1.1.1 nas.test\n", LOCALDATA_LEASES);
	add_hosts(localdata, "fd00::1 nas.test\n", LOCALDATA_FILES);
	ck_assert_int_eq(look("nas.test", TYPE_A, &ours), 0);
	ck_assert_uint_eq(ours.sets[0]->records[0].bytes[3], 20);
	ck_assert_str_eq(found("nas.test", TYPE_AAAA), "0 1 "); /* of the same tier */
	ck_assert_uint_eq(ours.sets[0]->ttl, LIMIT_NAMES_TTL);
	add_hosts(localdata, "10.1.1.1 nas.test\n", LOCALDATA_CONFIGURED);
	ck_assert_int_eq(look("nas.test", TYPE_A, &ours), 0);
	ck_assert_uint_eq(ours.sets[0]->records[0].bytes[3], 1);
	ck_assert_str_eq(found("nas.test", TYPE_AAAA), "0 0 ");
	/* A zone says so of the name above a host. */
	add_hosts(localdata, "10.1.1.2 a.deep.corp.test\n", LOCALDATA_FILES);
	ck_assert_int_eq(whole(localdata, "deep.corp.test", TYPE_A).outcome, ANSWER_NODATA);
	ck_assert_int_eq(whole(localdata, "dee.corp.test", TYPE_A).outcome, ANSWER_NXDOMAIN);
}
END_TEST

START_TEST(clashes_of_leases)
{
	struct fault_list faults = {0};
	add_hosts(localdata, "10.1.1.1 tv.test\n10.1.1.2 nas.test\n", LOCALDATA_LEASES);
	localdata_tell_clashes(localdata, &faults);
	ck_assert_uint_eq(faults.count, 1);
	/* The same address, as a server that reserves it gives it, is none. */
	add_hosts(localdata, "10.0.0.20 nas.test\n", LOCALDATA_LEASES);
	memset(&faults, 0, sizeof(faults));
	localdata_tell_clashes(localdata, &faults);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert(faults.items[0].warning);
	ck_assert_uint_eq(faults.items[0].line, 2);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "nas.test. has its addresses"));
}
END_TEST

/* A client of the DHCP server may call itself anything, but what a zone has stays the zone's. */
START_TEST(zones_come_before_what_clients_call_themselves)
{
	struct answer ours;
	struct fault_list faults = {0};
	add_hosts(localdata,
		"10.6.6.1 www.corp.test\n10.6.6.2 sub.corp.test\n10.6.6.3 corp.test\n"
		"10.6.6.4 free.corp.test\n10.6.6.5 x.wild.corp.test\n10.6.6.6 ent.corp.test\n"
		"10.0.0.1 ns.corp.test\n",
		LOCALDATA_LEASES);
	ck_assert_int_eq(look("www.corp.test", TYPE_A, &ours), 0);
	ck_assert_uint_eq(ours.sets[0]->records[0].bytes[3], 80);
	ck_assert_str_eq(found("www.corp.test", TYPE_AAAA), "0 0 +");
	ck_assert_str_eq(found("sub.corp.test", TYPE_A), "-");
	ck_assert_str_eq(found("corp.test", TYPE_A), "0 0 +");
	ck_assert_str_eq(walk_as(localdata, "here.corp.test", TYPE_A), "10.0.0.80");
	/* Below a wildcard, and where nothing but a deeper name is, there is room. */
	ck_assert_str_eq(walk_as(localdata, "free.corp.test", TYPE_A), "10.6.6.4");
	ck_assert_str_eq(walk_as(localdata, "x.wild.corp.test", TYPE_A), "10.6.6.5");
	ck_assert_str_eq(walk_as(localdata, "ent.corp.test", TYPE_A), "10.6.6.6");
	localdata_tell_clashes(localdata, &faults);
	ck_assert_uint_eq(faults.count, 3);
	ck_assert_ptr_nonnull(strstr(faults.items[0].message, "has records in a zone"));
}
END_TEST

START_TEST(a_large_zone_leads_back)
{
	size_t room = 4 << 20, used;
	char *text = malloc(room);
	ck_assert_ptr_nonnull(text);
	used = (size_t)snprintf(text, room, "%s", HEAD);
	for (unsigned i = 0; i < 100000; i++)
		used += (size_t)snprintf(text + used, room - used, "h%u A 10.%u.%u.%u\n", i,
			1 + (i >> 16), i >> 8 & 255, i & 255);
	add_zone(localdata, "large.test.", text);
	free(text);
	ck_assert_str_eq(found("h99999.large.test", TYPE_A), "0 1 ");
	ck_assert_str_eq(found("159.134.2.10.in-addr.arpa", TYPE_PTR), "0 1 ");
}
END_TEST

START_TEST(a_deeper_zone_has_its_names)
{
	add_zone(localdata, "ent.corp.test.", HEAD "x A 10.7.7.7\n");
	ck_assert_str_eq(found("x.ent.corp.test", TYPE_A), "0 1 ");
	ck_assert_str_eq(found("x.ent.corp.test", TYPE_TXT), "0 0 +");
	/* Its apex's DS stands in the zone above. */
	ck_assert_str_eq(found("ent.corp.test", TYPE_DS), "0 0 +");
}
END_TEST

static bool exists(const char *name)
{
	return localdata_name_exists(localdata, wire(name), net.now_ms);
}

START_TEST(what_exists_here_is_known)
{
	ck_assert(exists("nas.test."));
	ck_assert(exists("test."));
	ck_assert(!exists("as.test."));
	ck_assert(exists("corp.test."));
	ck_assert(exists("www.corp.test."));
	ck_assert(exists("ent.corp.test."));
	ck_assert(exists("made.wild.corp.test."));
	ck_assert(!exists("none.corp.test."));
	ck_assert(!exists("www.sub.corp.test.")); /* its servers know */
	/* The wildcard of a zone makes nothing in another one of ours below it. */
	add_zone(localdata, "inner.wild.corp.test.", HEAD "www A 10.0.0.81\n");
	ck_assert(exists("www.inner.wild.corp.test."));
	ck_assert(!exists("none.inner.wild.corp.test."));
}
END_TEST

/* Of the type HTTPS, which nothing here has. */
static int rcode_to_client(const char *name)
{
	struct answer answer;
	answer_assign(&answer, &fake_ask(&net, name, TYPE_HTTPS)->answer);
	localdata_amend(localdata, net.now_ms, &answer);
	return answer_rcode(&answer);
}

/* Although its public twin is denied. */
START_TEST(a_name_that_exists_here_is_never_denied)
{
	static const char *const names[] = {
		"nas.test", "www.corp.test", "ent.corp.test", "made.wild.corp.test"};
	uint8_t *items[] = {(uint8_t *)wire("test")};
	const struct name_list list = {items, 1};
	localdata_set_transparent(localdata, &list);
	for (unsigned i = 0; i < RW_COUNT(names); i++)
		ck_assert_int_eq(rcode_to_client(names[i]), RCODE_NOERROR);
	ck_assert_int_eq(rcode_to_client("none.corp.test"), RCODE_NXDOMAIN);
	localdata_set_transparent(localdata, &no_names);
}
END_TEST

START_TEST(transparent_names_let_the_public_through)
{
	uint8_t *items[] = {(uint8_t *)wire("corp.test"), (uint8_t *)wire("nas.test")};
	const struct name_list names = {items, 2};
	localdata_set_transparent(localdata, &names);
	ck_assert_str_eq(found("www.corp.test", TYPE_A), "0 1 ");
	ck_assert_str_eq(found("www.corp.test", TYPE_AAAA), "-");
	ck_assert_str_eq(found("no.corp.test", TYPE_A), "-");
	ck_assert_str_eq(walk_as(localdata, "gone.corp.test", TYPE_A), "198.51.100.80");
	ck_assert_str_eq(walk_as(localdata, "nas.test", TYPE_A), "10.0.0.20");
	ck_assert_str_eq(walk_as(localdata, "nas.test", TYPE_AAAA), "2001:db8::66");
	localdata_set_transparent(localdata, &no_names);
	ck_assert_str_eq(walk_as(localdata, "gone.corp.test", TYPE_A), "3");
	ck_assert_str_eq(walk_as(localdata, "nas.test", TYPE_AAAA), "0");
}
END_TEST

START_TEST(a_zone_without_its_file_leaks_nothing)
{
	add_zone(localdata, "lost.test.", NULL);
	ck_assert_str_eq(found("www.lost.test", TYPE_A), "2 0 ");
	ck_assert_str_eq(walk_as(localdata, "www.lost.test", TYPE_A), "2");
	ck_assert_uint_eq(net.sends, 0);
	struct answer answer = whole(localdata, "www.lost.test", TYPE_A);
	ck_assert_int_eq(answer.outcome, ANSWER_FAILURE);
	ck_assert_int_eq(answer.ede, EDE_NOT_READY);
}
END_TEST

START_TEST(aliases_lead_out_and_in)
{
	ck_assert_str_eq(walk_as(localdata, "out.corp.test", TYPE_A), "198.51.100.1");
	struct answer answer = whole(localdata, "out.corp.test", TYPE_A);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	ck_assert_uint_eq(answer.set_count, 2);
	ck_assert(answer.begins_local && answer.local && !answer.ends_local);
	ck_assert_str_eq(walk_as(localdata, "toours.test", TYPE_A), "10.0.0.80");
	answer = whole(localdata, "toours.test", TYPE_A);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	ck_assert(!answer.begins_local && answer.local && answer.ends_local);
	ck_assert_str_eq(walk_as(localdata, "host.corp.test", TYPE_A), "10.0.0.20");
	ck_assert_uint_eq(net.sends, 0);
	ck_assert_str_eq(walk_as(localdata, "loop.corp.test", TYPE_A), "2");
	/* Nothing of it went into everybody's cache. */
	ck_assert_str_eq(walk_as(NULL, "toours.test", TYPE_A), "198.51.100.79");
	ck_assert_str_eq(walk_as(NULL, "loop.corp.test", TYPE_A), "3");
	/* And what everybody's cache says of our names is not for us. */
	ck_assert_str_eq(walk_as(localdata, "toours.test", TYPE_A), "10.0.0.80");
}
END_TEST

START_TEST(long_chains_end)
{
	struct localdata *chain = new_localdata();
	char text[2048];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", HEAD);
	/* Each link leads from one zone of ours into the other and back. */
	for (unsigned i = 0; i <= 2 * LIMIT_ALIASES; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"a%u CNAME a%u.%s.test.\n", i, i + 1, i % 2 ? "one" : "two");
	add_zone(chain, "one.test.", text);
	add_zone(chain, "two.test.", text);
	ck_assert_int_eq(whole(chain, "a0.one.test", TYPE_A).outcome, ANSWER_LOOP);
	ck_assert_str_eq(walk_as(chain, "a0.one.test", TYPE_A), "2");
	char last[32];
	(void)snprintf(last, sizeof(last), "a%u.one.test", LIMIT_ALIASES + 2);
	ck_assert_int_ne(whole(chain, last, TYPE_A).outcome, ANSWER_LOOP);
	localdata_unref(chain);
}
END_TEST

START_TEST(what_is_delegated_is_asked_of_its_servers)
{
	ck_assert_str_eq(walk_as(localdata, "www.sub.corp.test", TYPE_A), "10.0.0.77");
	ck_assert_uint_eq(net.sends, 1);
	ck_assert(fake_was_asked(&net, PRIV " www.sub.corp.test. A"));
	ck_assert_str_eq(walk_as(localdata, "far.corp.test", TYPE_A), "10.0.0.77");
	ck_assert_uint_eq(net.sends, 0);
	ck_assert_str_eq(walk_as(localdata, "no.sub.corp.test", TYPE_A), "3");
	ck_assert_str_eq(walk_as(localdata, "back.sub.corp.test", TYPE_A), "198.51.100.1");
	struct answer answer = whole(localdata, "back.sub.corp.test", TYPE_A);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	ck_assert_uint_eq(answer.set_count, 2);
	/* As everybody's cache has it, and not a second time. */
	ck_assert_str_eq(walk_as(NULL, "pub.test", TYPE_A), "198.51.100.1");
	ck_assert_uint_eq(net.sends, 0);
}
END_TEST

/* Through the same door, with the alias of ours that leads there, and once for all who ask. */
START_TEST(expired_data_is_found_in_one_place)
{
	const struct question question = {wire("out.corp.test"), TYPE_A, CLASS_IN};
	const struct localdata_query query = {.localdata = localdata,
		.settings = &net.settings,
		.cache = net.context.cache,
		.now_ms = net.now_ms + 400000,
		.arena = &arena};
	struct answer answer;
	net.settings.cache.stale_ttl_s = 7;
	ck_assert_int_eq(stale_answer(&query, &question, &answer), RW_ENOTFOUND);
	ck_assert_str_eq(walk_as(localdata, "out.corp.test", TYPE_A), "198.51.100.1");
	ck_assert_int_eq(stale_answer(&query, &question, &answer), 0);
	ck_assert_int_eq(answer.outcome, ANSWER_POSITIVE);
	ck_assert(answer.stale && answer.begins_local && !answer.ends_local);
	ck_assert_int_eq(answer.ede, EDE_STALE_ANSWER);
	ck_assert_uint_eq(answer.set_count, 2);
	ck_assert_uint_eq(answer.sets[0]->ttl, 300);
	ck_assert_uint_eq(answer.sets[1]->ttl, 7);
	net.settings.cache.serve_stale = false;
	ck_assert_int_eq(stale_answer(&query, &question, &answer), RW_ENOTFOUND);
}
END_TEST

/* A view with the zone, another one with it, and one without, in every order over one cache. */
START_TEST(views_do_not_leak)
{
	struct localdata *twin = new_localdata(), *who[] = {localdata, twin, NULL};
	static const char *const names[] = {"www.sub.corp.test", "tosub.test", "www.corp.test",
		"toours.test", "totwin.test", "nas.test"};
	static const char *const answers[3][6] = {
		{"10.0.0.77", "10.0.0.77", "10.0.0.80", "10.0.0.80", "10.0.0.20", "10.0.0.20"},
		{"3", "3", "10.0.0.99", "10.0.0.99", "198.51.100.66", "198.51.100.66"},
		{"198.51.100.77", "198.51.100.77", "198.51.100.79", "198.51.100.79",
			"198.51.100.66", "198.51.100.66"}};
	static const unsigned orders[6][3] = {
		{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	add_zone(twin, "corp.test.", HEAD "www A 10.0.0.99\n");
	for (unsigned o = 0; o < 6; o++) {
		cache_flush(net.context.cache);
		for (unsigned round = 0; round < 2; round++)
			for (unsigned n = 0; n < 6; n++)
				for (unsigned i = 0; i < 3; i++)
					ck_assert_str_eq(
						walk_as(who[orders[o][i]], names[n], TYPE_A),
						answers[orders[o][i]][n]);
	}
	localdata_unref(twin);
}
END_TEST

START_TEST(failures_do_not_leak)
{
	ck_assert_str_eq(walk_as(localdata, "tobroken.test", TYPE_A), "2");
	ck_assert_str_eq(walk_as(localdata, "bad.sub.corp.test", TYPE_A), "2");
	ck_assert_str_eq(walk_as(NULL, "tobroken.test", TYPE_A), "198.51.100.78");
	ck_assert_str_eq(walk_as(NULL, "bad.sub.corp.test", TYPE_A), "198.51.100.78");
	/* Still known where it happened. */
	ck_assert_str_eq(walk_as(localdata, "bad.sub.corp.test", TYPE_A), "2");
	ck_assert_uint_eq(net.sends, 0);
}
END_TEST

/* What is learnt of a public zone is everybody's: it comes from its public servers. */
START_TEST(servers_of_the_public_are_public)
{
	ck_assert_str_eq(walk_as(localdata, "www.cust.test", TYPE_A), "198.51.100.90");
	ck_assert(fake_was_asked(&net, TEST " nas.test. A"));
	ck_assert_str_eq(walk_as(NULL, "www.cust.test", TYPE_A), "198.51.100.90");
	ck_assert_str_eq(walk_as(localdata, "nas.test", TYPE_A), "10.0.0.20");
	/* A cut of ours leads where we say. */
	struct localdata *near = new_localdata();
	add_zone(near, "corp.test.", HEAD "sub NS ns.near.test.\n");
	add_hosts(near, PRIV " ns.near.test\n", LOCALDATA_FILES);
	ck_assert_str_eq(walk_as(near, "www.sub.corp.test", TYPE_A), "10.0.0.77");
	localdata_unref(near);
}
END_TEST

/* The denial of AAAA comes from a cache of ours, and then the question for A fails. */
START_TEST(failures_for_dns64_do_not_leak)
{
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &net.settings.names.dns64.prefix), 0);
	ck_assert_str_eq(walk_as(localdata, "six.sub.corp.test", TYPE_AAAA), "0");
	net.now_ms += 20000;
	ck_assert_str_eq(walk_as(localdata, "six.sub.corp.test", TYPE_AAAA), "0");
	ck_assert(!fake_was_asked(&net, PRIV " six.sub.corp.test. AAAA"));
	ck_assert(fake_was_asked(&net, PRIV " six.sub.corp.test. A"));
	ck_assert_str_eq(walk_as(NULL, "six.sub.corp.test", TYPE_A), "198.51.100.91");
}
END_TEST

/* A cache of a zone is small, and what it has no room for is asked again: reaches
 * LIMIT_LOCALDATA_CACHE_BYTES. */
START_TEST(a_cut_of_ours_without_addresses_fails_alone)
{
	struct localdata *lame = new_localdata();
	add_zone(lame, "corp.test.", HEAD "sub NS ns.nowhere.test.\n");
	ck_assert_str_eq(walk_as(lame, "www.sub.corp.test", TYPE_A), "2");
	ck_assert_str_eq(walk_as(NULL, "www.sub.corp.test", TYPE_A), "198.51.100.77");
	struct localdata_zone *zone = new_zone("corp.test.", corp);
	struct cache_stats stats;
	cache_stats(zone->cache, &stats);
	ck_assert_uint_eq(stats.budget, LIMIT_LOCALDATA_CACHE_BYTES);
	table_unref(&zone->table);
	localdata_unref(lame);
}
END_TEST

START_TEST(a_route_that_leads_deeper_wins)
{
	struct addr to = addr_from_bytes((const uint8_t[]){192, 0, 2, 2}, 4, 53);
	struct route_settings route = {
		.zone = (uint8_t *)wire("www.sub.corp.test"), .to = {&to, 1}};
	net.settings.stub = (struct route_list){&route, 1};
	ck_assert_str_eq(walk_as(localdata, "www.sub.corp.test", TYPE_A), "198.51.100.77");
	route.zone = (uint8_t *)wire("corp.test");
	ck_assert_str_eq(walk_as(localdata, "x.sub.corp.test", TYPE_A), "3");
	ck_assert(fake_was_asked(&net, PRIV " x.sub.corp.test. A"));
	net.settings.stub = (struct route_list){0};
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("localdata");
	TCase *tests = tcase_create("localdata");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, zones_answer);
	tcase_add_test(tests, addresses_of_zones_lead_back);
	tcase_add_test(tests, tiers);
	tcase_add_test(tests, clashes_of_leases);
	tcase_add_test(tests, zones_come_before_what_clients_call_themselves);
	tcase_add_test(tests, a_large_zone_leads_back);
	tcase_add_test(tests, a_deeper_zone_has_its_names);
	tcase_add_test(tests, what_exists_here_is_known);
	tcase_add_test(tests, a_name_that_exists_here_is_never_denied);
	tcase_add_test(tests, transparent_names_let_the_public_through);
	tcase_add_test(tests, a_zone_without_its_file_leaks_nothing);
	tcase_add_test(tests, aliases_lead_out_and_in);
	tcase_add_test(tests, long_chains_end);
	tcase_add_test(tests, what_is_delegated_is_asked_of_its_servers);
	tcase_add_test(tests, expired_data_is_found_in_one_place);
	tcase_add_test(tests, views_do_not_leak);
	tcase_add_test(tests, failures_do_not_leak);
	tcase_add_test(tests, servers_of_the_public_are_public);
	tcase_add_test(tests, failures_for_dns64_do_not_leak);
	tcase_add_test(tests, a_cut_of_ours_without_addresses_fails_alone);
	tcase_add_test(tests, a_route_that_leads_deeper_wins);
	suite_add_tcase(suite, tests);
	return suite;
}
