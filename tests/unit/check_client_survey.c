/* SPDX-License-Identifier: MIT */
/* What replies of a zone's servers say, and the rules of +check that no sound name server breaks.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/client/check/check.h"
#include "resolver/client/exit_code.h"
#include "resolver/wire/text.h"
#include "tests/unit/suite.h"

#define NOW 1800000000 /* s; 2027-01-15 */

static struct arena arena;
static struct check *c;
static struct name zone, server_name;

/* A reply with that flags word whose answer is these records, one a line. */
static struct poll reply(uint16_t flags, const char *lines)
{
	uint8_t wire[4096] = {0}, *at = wire + HEADER_SIZE;
	char copy[2048];
	struct poll poll = {.end = EXCHANGE_REPLY};
	struct rrset *set;
	rr_put16(wire + 2, flags);
	snprintf(copy, sizeof(copy), "%s", lines);
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_int_eq(text_to_rrset(&arena, line, NULL, NULL, 60, &set), 0);
		size_t size = name_size(set->owner);
		const struct rdata *rdata = set->count ? &set->records[0] : &set->sigs[0];
		memcpy(at, set->owner, size);
		at += size;
		rr_put16(at, set->type);
		rr_put16(at + 2, CLASS_IN);
		rr_put32(at + 4, set->ttl);
		rr_put16(at + 8, rdata->size);
		memcpy(at + 10, rdata->bytes, rdata->size);
		at += 10 + rdata->size;
		wire[7]++;
	}
	size_t size = (size_t)(at - wire);
	ck_assert_int_eq(msg_parse(&arena, arena_dup(&arena, wire, size), size, &poll.msg), 0);
	return poll;
}

#define AUTHORITY (FLAG_QR | FLAG_AA)

/* A zone with nothing to say against it. */
static void setup(void)
{
	arena_init(&arena, 8u << 20);
	c = calloc(1, sizeof(*c));
	ck_assert_ptr_nonnull(c);
	c->arena = &arena;
	c->now_s = NOW;
	ck_assert_int_eq(name_from_text("a.test", &zone), 0);
	ck_assert_int_eq(name_from_text("ns.b.test", &server_name), 0);
	struct survey *s = &c->survey;
	s->zone = zone.bytes;
	s->name_count = 1;
	s->names[0] = (struct survey_name){
		.name = server_name.bytes, .at_parent = true, .at_zone = true, .resolved = true};
	s->server_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		s->servers[i].name = &s->names[0];
		ck_assert_int_eq(
			addr_parse(i ? "192.0.2.2" : "192.0.2.1", 53, &s->servers[i].addr), 0);
		s->servers[i].soa =
			reply(AUTHORITY, "a.test. 300 IN SOA m. h. 7 3600 600 1209600 300");
		struct edns edns = {.present = true};
		struct msg *msg = arena_dup(&arena, s->servers[i].soa.msg, sizeof(*msg));
		msg->edns = edns;
		s->servers[i].soa.msg = msg;
		c->polls[i].tcp = c->polls[i].plain = s->servers[i].soa;
		c->polls[i].keys =
			reply(AUTHORITY, "a.test. 300 IN DNSKEY 257 3 13 "
					 "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+"
					 "KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==");
		c->polls[i].recursion = reply(FLAG_QR | 5, "");
		c->polls[i].apex_alias = reply(AUTHORITY, "");
	}
	s->ds = reply(AUTHORITY,
		"a.test. 300 IN DS 2371 13 2 "
		"C988EC423E3880EB8DD8A46FE06CA230EE23F35B578D64E78B29C3E1C83D245A");
}

static void teardown(void)
{
	free(c);
	arena_release(&arena);
}

static void run_rules(void)
{
	unsigned count;
	const struct check_rule *rules = check_rules(&count);
	c->count = 0;
	for (unsigned i = 0; i < count; i++) {
		c->rule = rules[i].name;
		rules[i].run(c);
	}
}

/* Exactly one finding, by that rule and with that text in it. */
static void assert_one(const char *rule, enum severity severity, const char *text)
{
	run_rules();
	for (unsigned i = 1; i < c->count; i++)
		ck_abort_msg("also: %s: %s", c->findings[i].rule, c->findings[i].text);
	ck_assert_uint_eq(c->count, 1);
	ck_assert_str_eq(c->findings[0].rule, rule);
	ck_assert_int_eq(c->findings[0].severity, severity);
	ck_assert_msg(strstr(c->findings[0].text, text), "%s", c->findings[0].text);
}

START_TEST(a_sound_zone_has_no_findings)
{
	run_rules();
	for (unsigned i = 0; i < c->count; i++)
		ck_abort_msg("%s: %s", c->findings[i].rule, c->findings[i].text);
}
END_TEST

START_TEST(faults_of_servers_are_found)
{
	c->polls[1].tcp = (struct poll){.end = EXCHANGE_TIMEOUT};
	assert_one(
		"tcp", SEVERITY_ERROR, "ns.b.test 192.0.2.2 does not answer over TCP: timed out");
	c->polls[1].tcp = c->polls[0].tcp;
	c->polls[0].recursion = reply(FLAG_QR | FLAG_RA, ". 300 IN NS a.root-servers.net.");
	assert_one("recursion", SEVERITY_WARNING, "ns.b.test 192.0.2.1 resolves for anybody");
	c->polls[0].recursion = c->polls[1].recursion;
	((struct msg *)c->survey.servers[0].soa.msg)->edns.present = false;
	assert_one("edns", SEVERITY_WARNING, "192.0.2.1 does not speak EDNS");
	c->survey.servers[0].soa = reply(AUTHORITY | 1, "");
	run_rules();
	ck_assert_str_eq(c->findings[0].rule, "edns");
	ck_assert_ptr_nonnull(strstr(c->findings[0].text, "answers only without EDNS"));
	for (unsigned i = 0; i < c->count; i++) /* and it is not called lame for that */
		ck_assert_str_ne(c->findings[i].rule, "serve");
	c->polls[0].plain = c->survey.servers[0].soa;
	run_rules();
	ck_assert_str_eq(c->findings[0].rule, "serve");
}
END_TEST

START_TEST(a_host_without_ipv6_blames_nobody)
{
	struct survey_server *server = &c->survey.servers[1];
	ck_assert_int_eq(addr_parse("192.0.2.9", 53, &c->survey.parent_server), 0);
	ck_assert_int_eq(addr_parse("2001:db8::1", 53, &server->addr), 0);
	server->soa = (struct poll){.end = EXCHANGE_UNREACHABLE};
	c->polls[1] = (struct check_polls){0};
	assert_one("reach", SEVERITY_NOTE, "1 address could not be asked from here");
	server->soa.end = EXCHANGE_TIMEOUT;
	run_rules();
	ck_assert_str_eq(c->findings[0].rule, "serve");
	/* By IPv4 the parent was reached: there it is the server that cannot be. */
	ck_assert_int_eq(addr_parse("192.0.2.2", 53, &server->addr), 0);
	server->soa.end = EXCHANGE_UNREACHABLE;
	run_rules();
	ck_assert_str_eq(c->findings[0].rule, "serve");
	ck_assert_int_eq(c->findings[0].severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(faults_of_names_are_found)
{
	c->survey.names[0].is_alias = true;
	assert_one("server-alias", SEVERITY_WARNING, "ns.b.test. is an alias");
	c->survey.names[0].is_alias = false;
	c->survey.zone_ns = &(struct rrset){.ttl = 3600};
	c->survey.names[0].at_parent = false;
	assert_one("names", SEVERITY_WARNING, "NS records of the zone only");
	c->survey.names[0].at_parent = true;
	c->survey.servers[1].glue_only = true;
	assert_one("glue", SEVERITY_ERROR, "glue ns.b.test 192.0.2.2 is not among the addresses");
	c->survey.servers[1].glue_only = false;
	ck_assert_int_eq(name_from_text("ns.a.test", &server_name), 0);
	assert_one("glue", SEVERITY_ERROR, "ns.a.test. lies in the zone itself");
}
END_TEST

START_TEST(faults_of_contents_are_found)
{
	c->polls[1].apex_alias = reply(AUTHORITY, "a.test. 300 IN CNAME b.test.");
	assert_one("apex-alias", SEVERITY_ERROR, "CNAME at the zone's apex");
	c->polls[1].apex_alias = c->polls[0].apex_alias;
	const struct msg *sound = c->survey.servers[0].soa.msg;
	static const struct {
		const char *soa, *text;
	} soas[] = {{"7 600 600 1209600 300", "retry 10m is not shorter"},
		{"7 3600 600 3000 300", "expire 50m is shorter than refresh and retry"},
		{"7 3600 600 86400 300", "SOA expire 1d"},
		{"7 3600 600 1209600 172800", "SOA minimum 2d"}};
	for (size_t i = 0; i < RW_COUNT(soas); i++) {
		struct msg *msg = arena_dup(&arena, sound, sizeof(*msg));
		const char *line = arena_printf(&arena, "a.test. 300 IN SOA m. h. %s", soas[i].soa);
		*msg = *reply(AUTHORITY, line).msg;
		msg->edns.present = true;
		c->survey.servers[0].soa.msg = msg;
		run_rules();
		ck_assert_str_eq(c->findings[0].rule, "soa");
		ck_assert_ptr_nonnull(strstr(c->findings[0].text, soas[i].text));
	}
}
END_TEST

START_TEST(faults_of_signing_are_found)
{
	struct poll keys = c->polls[0].keys, ds = c->survey.ds;
	c->survey.ds = reply(AUTHORITY,
		"a.test. 300 IN DS 7 13 2 "
		"C988EC423E3880EB8DD8A46FE06CA230EE23F35B578D64E78B29C3E1C83D245A");
	assert_one("ds", SEVERITY_ERROR,
		"no DS at the parent matches a key of the zone (first key tag 7)");
	ck_assert_int_eq(c->findings[0].code, EXIT_BOGUS);
	c->survey.ds = reply(AUTHORITY, "");
	assert_one("ds", SEVERITY_WARNING, "the zone is signed, and the parent has no DS");
	c->polls[0].keys = c->polls[1].keys = reply(AUTHORITY, "");
	assert_one("ds", SEVERITY_NOTE, "not signed");
	c->survey.ds = ds;
	assert_one("ds", SEVERITY_ERROR, "the parent has a DS, and the zone has no DNSKEY");
	static const struct {
		const char *until;
		enum severity severity;
		const char *text;
	} dates[] = {{"20270114080000", SEVERITY_ERROR, "expired 1d"},
		{"20270118080000", SEVERITY_WARNING, "expires in 3d"}};
	for (size_t i = 0; i < RW_COUNT(dates); i++) {
		struct msg *msg = arena_dup(&arena, keys.msg, sizeof(*msg));
		struct rrset *set = arena_dup(
				     &arena, &keys.msg->sets[SECTION_ANSWER][0], sizeof(*set)),
			     *sig;
		const char *line = arena_printf(&arena,
			"a.test. 300 IN RRSIG DNSKEY 13 2 300 %s 20260101000000 2371 a.test. AAAA",
			dates[i].until);
		ck_assert_int_eq(text_to_rrset(&arena, line, NULL, NULL, 0, &sig), 0);
		set->sigs = sig->count ? sig->records : sig->sigs;
		set->sig_count = 1;
		msg->sets[SECTION_ANSWER] = set;
		c->polls[0].keys.msg = msg;
		assert_one("expiry", dates[i].severity, dates[i].text);
	}
}
END_TEST

START_TEST(an_old_signature_of_the_soa_is_found)
{
	struct poll no = reply(AUTHORITY, "a.test. 300 IN SOA m. h. 7 3600 600 1209600 300");
	struct msg *msg = arena_dup(&arena, no.msg, sizeof(*msg));
	struct rrset *sig;
	ck_assert_int_eq(text_to_rrset(&arena,
				 "a.test. 300 IN RRSIG SOA 13 2 300 20270114080000 20260101000000 "
				 "2371 a.test. AAAA",
				 NULL, NULL, 0, &sig),
		0);
	msg->sets[SECTION_AUTHORITY] = msg->sets[SECTION_ANSWER];
	msg->set_count[SECTION_AUTHORITY] = 1;
	msg->set_count[SECTION_ANSWER] = 0;
	msg->sets[SECTION_AUTHORITY]->sigs = sig->count ? sig->records : sig->sigs;
	msg->sets[SECTION_AUTHORITY]->sig_count = 1;
	c->polls[1].apex_alias.msg = msg;
	assert_one("expiry", SEVERITY_ERROR, "a signature of its SOA expired 1d");
	ck_assert_int_eq(c->findings[0].code, EXIT_BOGUS);
}
END_TEST

START_TEST(answers_compare_as_sets)
{
	struct question question = {zone.bytes, TYPE_A, CLASS_IN};
	uint32_t ttl;
	struct poll one = reply(AUTHORITY, "a.test. 60 IN A 192.0.2.2\na.test. 60 IN A 192.0.2.1");
	ck_assert_str_eq(poll_answer(&arena, &question, &one, &ttl), "192.0.2.1, 192.0.2.2");
	ck_assert_uint_eq(ttl, 60);
	one = reply(AUTHORITY, "a.test. 60 IN CNAME B.test.\nb.test. 9 IN A 192.0.2.1");
	ck_assert_str_eq(poll_answer(&arena, &question, &one, &ttl), "CNAME b.test.");
	one = reply(AUTHORITY | 3, "");
	ck_assert_str_eq(poll_answer(&arena, &question, &one, NULL), "NXDOMAIN");
	one = (struct poll){.end = EXCHANGE_TIMEOUT};
	ck_assert_str_eq(poll_answer(&arena, &question, &one, NULL), "timed out");
}
END_TEST

START_TEST(serials_compare_around_zero)
{
	ck_assert(poll_serial_newer(2, 1));
	ck_assert(!poll_serial_newer(1, 2));
	ck_assert(!poll_serial_newer(1, 1));
	ck_assert(poll_serial_newer(1, UINT32_MAX));
	ck_assert(!poll_serial_newer(UINT32_MAX, 1));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client survey");
	TCase *tests = tcase_create("core");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_sound_zone_has_no_findings);
	tcase_add_test(tests, faults_of_servers_are_found);
	tcase_add_test(tests, a_host_without_ipv6_blames_nobody);
	tcase_add_test(tests, faults_of_names_are_found);
	tcase_add_test(tests, faults_of_contents_are_found);
	tcase_add_test(tests, faults_of_signing_are_found);
	tcase_add_test(tests, an_old_signature_of_the_soa_is_found);
	tcase_add_test(tests, answers_compare_as_sets);
	tcase_add_test(tests, serials_compare_around_zero);
	suite_add_tcase(suite, tests);
	return suite;
}
