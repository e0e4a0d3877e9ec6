/* SPDX-License-Identifier: MIT */
/* What servers of the lab say: answers, each switch, changes while it runs, signed zones. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/lab/answer.h"
#include "tests/unit/labkit.h"
#include "tests/unit/suite.h"

static struct labkit kit;
static char message[WORLD_MESSAGE];

static void begin(void)
{
	ck_assert_int_eq(labkit_begin(&kit, NULL), 0);
}

static void end(void)
{
	labkit_end(&kit);
}

static void says(const char *server, const char *question, const char *wanted)
{
	const char *said = labkit_ask(&kit, server, question, false, false);
	ck_assert_msg(strncmp(said, wanted, strlen(wanted)) == 0, "%s, asked for %s, says \"%s\"",
		server, question, said);
}

static void throw_switch(const char *server, const char *text)
{
	ck_assert_int_eq(world_set(world_server(kit.world, server), text, LABKIT_NOW, message), 0);
}

static void take_back(const char *server, const char *text)
{
	ck_assert_int_eq(world_clear(world_server(kit.world, server), text, message), 0);
}

/* ---- answers ---- */

static const struct {
	const char *server, *question, *reply;
} answers[] = {
	{"a.root-servers.lab", ". NS",
		"NOERROR aa; an . NS a.root-servers.lab. b.root-servers.lab.; ar "
		"a.root-servers.lab. "
		"A 127.10.0.1, b.root-servers.lab. A 127.10.0.2"},
	{"a.root-servers.lab", "www.good.test A",
		"NOERROR; ns test. NS ns1.nic.test. ns2.nic.test.; ar ns1.nic.test. A 127.10.1.1"},
	{"a.root-servers.lab", "nothing A", "NXDOMAIN aa; ns . SOA"},
	{"ns1.nic.test", "www.shop.example A", "REFUSED"},
	{"ns1.nic.test", "www.broken.test A", "NOERROR; ns broken.test. NS"},
	{"ns1.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.10"},
	{"ns1.good.test", "here.good.test A",
		"NOERROR aa; an here.good.test. CNAME www.good.test., www.good.test. A 192.0.2.10"},
	{"ns1.good.test", "alias.good.test A",
		"NOERROR aa; an alias.good.test. CNAME www.other.test."},
	{"ns1.good.test", "v4only.good.test AAAA", "NOERROR aa; ns good.test. SOA"},
	{"ns1.good.test", "nope.good.test A", "NXDOMAIN aa; ns good.test. SOA"},
	{"ns1.good.test", "a.b.ent.test A", "NOERROR aa; ns ent.test. SOA"},
	{"ns1.good.test", "any.wild.test A", "NOERROR aa; an any.wild.test. A 192.0.2.40"},
	{"ns1.good.test", "www.lame.test A", "REFUSED"},
	{"ns1.good.test", "good.test AXFR", "REFUSED"},
	{"ns1.good.test", "text.big.test TXT", "NOERROR aa tc"},
	{"ns1.provider.lab", "www.old.moved.example A",
		"NOERROR aa; an old.moved.example. DNAME good.test., www.old.moved.example. CNAME "
		"www.good.test."},
	{"ns1.drift.test", "www.drift.test A", "NOERROR aa; an www.drift.test. A 192.0.2.91"},
	{"ns2.drift.test", "www.drift.test A", "NOERROR aa; an www.drift.test. A 192.0.2.92"},
	{"ns.other.test", "one.loop.test A", "NOERROR aa; an one.loop.test. CNAME two.loop.test."},
	/* A server with parent and child asks the parent's side for DS: root-servers.lab is no
	 * signed zone, so lab. says that there is none. */
	{"ns1.nic.lab", "root-servers.lab DS", "NOERROR aa; ns lab. SOA"},
};

START_TEST(an_authoritative_server_answers)
{
	says(answers[_i].server, answers[_i].question, answers[_i].reply);
}
END_TEST

START_TEST(over_tcp_the_large_answer_is_whole)
{
	const char *said = labkit_ask(&kit, "ns1.good.test", "text.big.test TXT", false, true);
	ck_assert_msg(strncmp(said, "NOERROR aa; an text.big.test. TXT", 33) == 0, "%.80s", said);
}
END_TEST

START_TEST(junk_and_replies)
{
	uint8_t out[LIMIT_MESSAGE_BYTES], junk[40] = {0x12, 0x34, 0x01, 0x00, 0, 1};
	struct lab_server *server = world_server(kit.world, "ns1.good.test");
	size_t size;
	memset(junk + 12, 0xc0, 28);
	ck_assert_int_eq(lab_answer(server, junk, 11, false, &kit.arena, out, &size), RW_ENOTFOUND);
	ck_assert_int_eq(lab_answer(server, junk, 40, false, &kit.arena, out, &size), 0);
	ck_assert_uint_eq(size, 12);
	ck_assert_uint_eq(out[3] & 15, RCODE_FORMERR);
	junk[2] |= 0x80;
	ck_assert_int_eq(lab_answer(server, junk, 40, false, &kit.arena, out, &size), RW_ENOTFOUND);
	memset(junk, 0, sizeof(junk));
	ck_assert_int_eq(lab_answer(server, junk, 12, false, &kit.arena, out, &size), 0);
	ck_assert_uint_eq(out[3] & 15, RCODE_FORMERR);
	junk[2] = OPCODE_UPDATE << 3;
	ck_assert_int_eq(lab_answer(server, junk, 12, false, &kit.arena, out, &size), 0);
	ck_assert_uint_eq(out[3] & 15, RCODE_NOTIMP);
}
END_TEST

/* ---- switches ---- */

static const struct {
	const char *text, *reply; /* to www.good.test A */
} switches[] = {
	{"refused", "REFUSED"},
	{"servfail", "SERVFAIL"},
	{"lame", "NOERROR; ns . NS a.root-servers.lab."},
	{"truncating", "NOERROR aa tc"},
	{"wrong", "NOERROR aa; an www.good.test. A 203.0.113.66"},
	{"wrong=192.0.2.99", "NOERROR aa; an www.good.test. A 192.0.2.99"},
	{"wrong=2001:db8::99", "NOERROR aa; an www.good.test. A 192.0.2.10"},
	{"spoof", "NOERROR aa; an www.good.test. A 192.0.2.10; ns www.other.test. A 203.0.113.66; "
		  "ar www.other.test. A 203.0.113.66"},
	{"spoof=evil.test. 60 A 192.0.2.7",
		"NOERROR aa; an www.good.test. A 192.0.2.10; ns evil.test. A 192.0.2.7"},
	{"stale", "NOERROR aa; an www.good.test. A 192.0.2.10"},
};

START_TEST(a_switch_changes_the_reply_until_it_is_taken_back)
{
	throw_switch("ns1.good.test", switches[_i].text);
	says("ns1.good.test", "www.good.test A", switches[_i].reply);
	says("ns2.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.10");
	char shown[512];
	switches_text(&world_server(kit.world, "ns1.good.test")->switches, shown, sizeof(shown));
	ck_assert_ptr_eq(strstr(shown, switches[_i].text), shown);
	take_back("ns1.good.test", switches[_i].text);
	says("ns1.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.10");
}
END_TEST

START_TEST(over_tcp_nothing_truncates)
{
	throw_switch("ns1.good.test", "truncating");
	ck_assert_str_eq(labkit_ask(&kit, "ns1.good.test", "www.good.test A", false, true),
		"NOERROR aa; an www.good.test. A 192.0.2.10");
}
END_TEST

START_TEST(several_switches_and_their_text)
{
	char shown[512];
	struct lab_server *server = world_server(kit.world, "127.10.2.1");
	throw_switch("127.10.2.1", "slow=2s");
	throw_switch("127.10.2.1", "lossy");
	switches_text(&server->switches, shown, sizeof(shown));
	ck_assert_str_eq(shown, "slow=2s lossy=50%");
	ck_assert_uint_eq(server->switches.number[SWITCH_SLOW], 2000);
	ck_assert_int_eq(world_clear(server, NULL, message), 0);
	switches_text(&server->switches, shown, sizeof(shown));
	ck_assert_str_eq(shown, "");
}
END_TEST

/* reaches LIMIT_LAB_SLOW_MS */
static const char *const bad_switches[] = {"slow=61s", "slow=60001ms", "slow=", "slow=fast",
	"slow=0ms", "slow=9999999ms", "lossy=0", "lossy=101%", "lossy=1.5%", "silent=1", "wrong=x",
	"wrong=1.2.3.4@5", "spoof=nothing", "", "=", "sl"};

START_TEST(a_switch_that_makes_no_sense_is_refused)
{
	struct lab_server *server = world_server(kit.world, "ns1.good.test");
	ck_assert_int_eq(world_set(server, bad_switches[_i], LABKIT_NOW, message), RW_EINVAL);
	ck_assert_uint_gt(strlen(message), 10);
	throw_switch("ns1.good.test", "slow=60s");
}
END_TEST

/* ---- changes ---- */

static int change(const char *zone, const char *record)
{
	return world_change(kit.world, zone, &record, 1, LABKIT_NOW, message);
}

START_TEST(a_change_reaches_every_server)
{
	ck_assert_int_eq(change("good.test", "www 60 A 192.0.2.11"), 0);
	ck_assert_str_eq(
		message, "good.test serial 2026112203: ns1.good.test new ns2.good.test new");
	says("ns1.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.11");
	says("ns2.good.test", "good.test SOA",
		"NOERROR aa; an good.test. SOA ns1.good.test. hostmaster.good.test. 2026112203");
	says("ns1.good.test", "www.good.test AAAA",
		"NOERROR aa; an www.good.test. AAAA 2001:db8::10");
}
END_TEST

START_TEST(a_new_name_and_away_with_it)
{
	says("ns1.good.test", "fresh.good.test A", "NXDOMAIN");
	ck_assert_int_eq(change("good.test", "fresh A 192.0.2.12"), 0);
	says("ns1.good.test", "fresh.good.test A", "NOERROR aa; an fresh.good.test. A 192.0.2.12");
	ck_assert_int_eq(world_remove(kit.world, "good.test", "fresh A", LABKIT_NOW, message), 0);
	says("ns1.good.test", "fresh.good.test A", "NXDOMAIN");
	ck_assert_int_eq(
		world_remove(kit.world, "good.test", "fresh A", LABKIT_NOW, message), RW_EINVAL);
	ck_assert_int_eq(world_remove(kit.world, "good.test", "@ \t MX", LABKIT_NOW, message), 0);
	ck_assert_int_eq(
		world_remove(kit.world, "good.test", "@ SOA", LABKIT_NOW, message), RW_EINVAL);
}
END_TEST

START_TEST(several_records_are_one_set)
{
	const char *records[] = {"www 60 A 192.0.2.11", "www 30 A 192.0.2.12"};
	ck_assert_int_eq(world_change(kit.world, "good.test.", records, 2, LABKIT_NOW, message), 0);
	says("ns1.good.test", "www.good.test A",
		"NOERROR aa; an www.good.test. A 192.0.2.11 192.0.2.12");
	records[1] = "mail A 192.0.2.1";
	ck_assert_int_eq(
		world_change(kit.world, "good.test", records, 2, LABKIT_NOW, message), RW_EINVAL);
}
END_TEST

static const struct {
	const char *zone, *record;
} bad_changes[] = {
	{"no.test", "www A 192.0.2.1"},
	{"good.test", "www A"},
	{"good.test", ""},
	{"good.test", "www.other.test. A 192.0.2.1"},
	{"good.test", "www CNAME mail"},
	{"good.test", "@ SOA a b 1 2 3 4 5"},
	{"good.test", "www CH A 192.0.2.1"},
	{"good.test", "www NSEC a A"},
};

START_TEST(a_change_that_makes_no_zone_leaves_the_old_one)
{
	ck_assert_int_eq(change(bad_changes[_i].zone, bad_changes[_i].record), RW_EINVAL);
	ck_assert_uint_gt(strlen(message), 10);
	says("ns1.good.test", "good.test SOA",
		"NOERROR aa; an good.test. SOA ns1.good.test. hostmaster.good.test. 2026112202");
}
END_TEST

START_TEST(who_is_not_notified_keeps_the_old_version_until_told)
{
	throw_switch("ns2.good.test", "notify-less");
	ck_assert_int_eq(change("good.test", "www A 192.0.2.11"), 0);
	ck_assert_str_eq(
		message, "good.test serial 2026112203: ns1.good.test new ns2.good.test OLD");
	says("ns1.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.11");
	says("ns2.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.10");
	world_sync(world_server(kit.world, "ns2.good.test"));
	says("ns2.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.11");
}
END_TEST

START_TEST(a_stale_server_is_one_serial_behind)
{
	static const char old[] =
		"NOERROR aa; an good.test. SOA ns1.good.test. hostmaster.good.test. 2026112201";
	throw_switch("ns2.good.test", "stale");
	throw_switch("ns2.good.test", "stale"); /* twice is not two behind */
	says("ns2.good.test", "good.test SOA", old);
	ck_assert_int_eq(change("good.test", "www A 192.0.2.11"), 0);
	world_sync(world_server(kit.world, "ns2.good.test"));
	says("ns2.good.test", "good.test SOA", old);
	take_back("ns2.good.test", "stale");
	says("ns2.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A 192.0.2.11");
}
END_TEST

/* ---- signed zones ---- */

static const struct {
	const char *server, *question, *reply;
} signed_answers[] = {
	{"ns1.good.test", "www.good.test A", "NOERROR aa; an www.good.test. A+1 192.0.2.10"},
	{"ns1.good.test", "good.test DNSKEY", "NOERROR aa; an good.test. DNSKEY+1 257 3 13"},
	{"ns1.nic.test", "good.test DS", "NOERROR aa; an good.test. DS+1 45571 13 2"},
	{"ns1.nic.test", "www.good.test A", "NOERROR; ns good.test. NS"},
	{"ns1.nic.test", "other.test DS", "NOERROR aa; ns test. SOA+1"},
	{"ns1.good.test", "www.bogus.test A", "NOERROR aa; an www.bogus.test. A+1 192.0.2.189"},
};

START_TEST(signed_zones_come_with_signatures)
{
	const char *said = labkit_ask(
		&kit, signed_answers[_i].server, signed_answers[_i].question, true, false);
	ck_assert_msg(
		strncmp(said, signed_answers[_i].reply, strlen(signed_answers[_i].reply)) == 0,
		"%s", said);
}
END_TEST

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

START_TEST(denials_and_referrals_carry_proofs)
{
	const char *said = labkit_ask(&kit, "ns1.good.test", "nope.good.test A", true, false);
	ck_assert_msg(has(said, " NSEC+1 "), "%s", said);
	said = labkit_ask(&kit, "ns1.good.test", "any.wild.test A", true, false);
	ck_assert_msg(has(said, " NSEC3+1 "), "%s", said);
	said = labkit_ask(&kit, "ns1.nic.test", "www.other.test A", true, false);
	ck_assert_msg(has(said, " NSEC3+1 "), "%s", said);
	said = labkit_ask(&kit, "ns1.nic.test", "www.good.test A", true, false);
	ck_assert_msg(has(said, "good.test. DS+1 45571 "), "%s", said);
	said = labkit_ask(&kit, "ns1.good.test", "nope.good.test A", false, false);
	ck_assert_msg(!has(said, "NSEC"), "%s", said);
}
END_TEST

START_TEST(a_wrong_ds_is_of_another_key)
{
	char ds[512], key_tag[8];
	(void)snprintf(ds, sizeof(ds), "%s",
		labkit_ask(&kit, "ns1.nic.test", "badds.test DS", true, false));
	const char *at = strstr(ds, "DS+1 ");
	ck_assert_ptr_nonnull(at);
	(void)snprintf(key_tag, sizeof(key_tag), "%.5s", at + 5);
	struct rrset *right;
	struct name apex;
	ck_assert_int_eq(name_from_text("badds.test", &apex), 0);
	ck_assert_int_eq(sign_ds(apex.bytes, false, 60, &kit.arena, &right), 0);
	ck_assert_uint_ne(rr_get16(right->records[0].bytes), strtoul(key_tag, NULL, 10));
}
END_TEST

START_TEST(a_change_of_a_signed_zone_is_signed)
{
	ck_assert_int_eq(change("good.test", "fresh A 192.0.2.12"), 0);
	const char *said = labkit_ask(&kit, "ns1.good.test", "fresh.good.test A", true, false);
	ck_assert_msg(has(said, "fresh.good.test. A+1 192.0.2.12"), "%s", said);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("lab_answer");
	TCase *tcase = tcase_create("lab_answer");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, an_authoritative_server_answers, 0, (int)RW_COUNT(answers));
	tcase_add_test(tcase, over_tcp_the_large_answer_is_whole);
	tcase_add_test(tcase, junk_and_replies);
	tcase_add_loop_test(tcase, a_switch_changes_the_reply_until_it_is_taken_back, 0,
		(int)RW_COUNT(switches));
	tcase_add_test(tcase, over_tcp_nothing_truncates);
	tcase_add_test(tcase, several_switches_and_their_text);
	tcase_add_loop_test(
		tcase, a_switch_that_makes_no_sense_is_refused, 0, (int)RW_COUNT(bad_switches));
	tcase_add_test(tcase, a_change_reaches_every_server);
	tcase_add_test(tcase, a_new_name_and_away_with_it);
	tcase_add_test(tcase, several_records_are_one_set);
	tcase_add_loop_test(tcase, a_change_that_makes_no_zone_leaves_the_old_one, 0,
		(int)RW_COUNT(bad_changes));
	tcase_add_test(tcase, who_is_not_notified_keeps_the_old_version_until_told);
	tcase_add_test(tcase, a_stale_server_is_one_serial_behind);
	tcase_add_loop_test(
		tcase, signed_zones_come_with_signatures, 0, (int)RW_COUNT(signed_answers));
	tcase_add_test(tcase, denials_and_referrals_carry_proofs);
	tcase_add_test(tcase, a_wrong_ds_is_of_another_key);
	tcase_add_test(tcase, a_change_of_a_signed_zone_is_signed);
	suite_add_tcase(suite, tcase);
	return suite;
}
