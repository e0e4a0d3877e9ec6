/* SPDX-License-Identifier: MIT */
/*
 * Answers of unsigned zones, from RFC 4592 (wildcards), RFC 6672 (DNAME), RFC 1034 section 4.3.2
 * (delegations, aliases) and RFC 2308 (denials).
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/zonekit.h"

static struct zone *zone;

/* Rows of question and reply. */
static void compare(const char *const rows[][2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = zonekit_ask(zone, rows[i][0]);
		ck_assert_msg(strcmp(got, rows[i][1]) == 0, "%s\n  is:     %s\n  should: %s",
			rows[i][0], got, rows[i][1]);
	}
	zone_free(zone);
}

/* RFC 4592 section 2.2.1, the example and what it says of it; 3.3.2 and 4.2 too. */
START_TEST(wildcards)
{
	static const char text[] = "$TTL 3600\n"
				   "@ SOA ns.example.com. host.example. 1 2 3 4 300\n"
				   "@ NS ns.example.com.\n"
				   "@ NS ns.example.net.\n"
				   "*.example. TXT \"this is a wildcard\"\n"
				   "*.example. MX 10 host1.example.\n"
				   "sub.*.example. TXT \"this is not a wildcard\"\n"
				   "host1.example. A 192.0.2.1\n"
				   "_ssh._tcp.host1.example. SRV 0 0 22 host1.example.\n"
				   "_ssh._tcp.host2.example. SRV 0 0 22 host1.example.\n"
				   "subdel.example. NS ns.example.com.\n"
				   "subdel.example. NS ns.example.net.\n"
				   "*.alias CNAME host1\n"
				   "*.cut NS ns.example.com.\n"
				   "*.self CNAME *.self\n"
				   "x.*.ent A 192.0.2.7\n";
	static const char *const rows[][2] = {
		/* Synthesised. */
		{"host3.example. MX", "ANSWER | an: host3.example. MX 10 host1.example. | glue: "
				      "host1.example. A 192.0.2.1"},
		{"host3.example. A", "NODATA | soa: 300"},
		{"foo.bar.example. TXT",
			"ANSWER | an: foo.bar.example. TXT \"this is a wildcard\""},
		/* Not synthesised. */
		{"host1.example. MX", "NODATA | soa: 300"},
		{"sub.*.example. MX", "NODATA | soa: 300"},
		{"_telnet._tcp.host1.example. SRV", "NXDOMAIN | soa: 300"},
		{"host.subdel.example. A", "REFERRAL | ns: subdel.example. NS ns.example.com., "
					   "ns.example.net."},
		{"ghost.*.example. MX", "NXDOMAIN | soa: 300"},
		/* The wildcard as a name; empty non-terminals. */
		{"*.example. TXT", "ANSWER | an: *.example. TXT \"this is a wildcard\""},
		{"_tcp.host1.example. A", "NODATA | soa: 300"},
		{"host2.example. TXT", "NODATA | soa: 300"},
		/* Aliases of wildcards; one that leads to itself. */
		{"a.b.alias.example. A", "ANSWER | an: a.b.alias.example. CNAME host1.example.; "
					 "host1.example. A 192.0.2.1"},
		{"a.alias.example. CNAME", "ANSWER | an: a.alias.example. CNAME host1.example."},
		{"a.self.example. A", "LOOP | an: a.self.example. CNAME *.self.example.; "
				      "*.self.example. CNAME *.self.example."},
		/* A wildcard is never a zone cut for what it makes (section 4.2). */
		{"a.cut.example. NS", "ANSWER | an: a.cut.example. NS ns.example.com."},
		{"a.cut.example. A", "NODATA | soa: 300"},
		{"a.*.cut.example. A", "REFERRAL | ns: *.cut.example. NS ns.example.com."},
		/* The source of synthesis is an empty non-terminal. */
		{"a.ent.example. A", "NODATA | soa: 300"},
		{"ent.example. A", "NODATA | soa: 300"},
	};
	zone = zonekit_zone("example.", text);
	compare(rows, RW_COUNT(rows));
}
END_TEST

/* RFC 6672 sections 2.2, 2.4, 3.2 and 5.1. */
START_TEST(dnames)
{
	static const char text[] =
		"$TTL 60\n"
		"@ SOA ns host 1 2 3 4 5\n"
		"@ NS ns.example.net.\n"
		"frobozz DNAME frobozz-division.acme.example.net.\n"
		"frobozz A 192.0.2.1\n"
		"old DNAME new\n"
		"www.new A 192.0.2.2\n"
		"*.wild.new TXT made\n"
		"circle DNAME a.circle\n"
		"two DNAME three\n"
		"three DNAME old\n"
		"long DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
		"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc."
		"ddddddddddddddddddddddddddddddddddddddddddddddddddd.example.\n";
	static const char *const rows[][2] = {
		{"www.frobozz.example. A",
			"ALIAS | an: frobozz.example. DNAME frobozz-division.acme.example.net.; "
			"www.frobozz.example. CNAME www.frobozz-division.acme.example.net. | "
			"next: www.frobozz-division.acme.example.net."},
		{"frobozz.example. A", "ANSWER | an: frobozz.example. A 192.0.2.1"},
		{"frobozz.example. TXT", "NODATA | soa: 5"},
		{"frobozz.example. DNAME",
			"ANSWER | an: frobozz.example. DNAME frobozz-division.acme.example.net."},
		{"www.old.example. A", "ANSWER | an: old.example. DNAME new.example.; "
				       "www.old.example. CNAME www.new.example.; "
				       "www.new.example. A 192.0.2.2"},
		{"a.wild.old.example. TXT", "ANSWER | an: old.example. DNAME new.example.; "
					    "a.wild.old.example. CNAME a.wild.new.example.; "
					    "a.wild.new.example. TXT \"made\""},
		{"none.old.example. A", "NXDOMAIN | an: old.example. DNAME new.example.; "
					"none.old.example. CNAME none.new.example. | soa: 5"},
		{"www.old.example. CNAME", "ANSWER | an: old.example. DNAME new.example.; "
					   "www.old.example. CNAME www.new.example."},
		{"www.two.example. A", "ANSWER | an: two.example. DNAME three.example.; "
				       "www.two.example. CNAME www.three.example.; "
				       "three.example. DNAME old.example.; "
				       "www.three.example. CNAME www.old.example.; "
				       "old.example. DNAME new.example.; "
				       "www.old.example. CNAME www.new.example.; "
				       "www.new.example. A 192.0.2.2"},
	};
	zone = zonekit_zone("example.", text);
	const char *got = zonekit_ask(zone, "twelve-bytes.or-more.long.example. A");
	ck_assert_int_eq(strncmp(got, "TOO_LONG | an: long.example. DNAME", 34), 0);
	/* Names that grow: as many aliases as LIMIT_ALIASES, or the end of what a name holds. */
	got = zonekit_ask(zone, "x.circle.example. A");
	ck_assert_int_eq(strncmp(got, "LOOP", 4), 0);
	compare(rows, RW_COUNT(rows));
}
END_TEST

START_TEST(delegations)
{
	static const char text[] =
		"$TTL 60\n"
		"@ SOA ns host 1 2 3 4 300\n"
		"@ NS ns\n"
		"ns A 192.0.2.1\n"
		"child NS ns.child\n"
		"child NS ns.sister\n"
		"child NS ns\n"
		"child NS ns.example.net.\n"
		"child TXT hidden\n"
		"ns.child A 192.0.2.2\n"
		"ns.child AAAA 2001:db8::2\n"
		"deep.child NS ns.example.net.\n"
		"sister NS ns.sister\n"
		"ns.sister A 192.0.2.3\n"
		"signed NS ns.example.net.\n"
		"signed DS 1 8 2 "
		"0000000000000000000000000000000000000000000000000000000000000000\n"
		"mx MX 1 ns.child\n"
		"mx MX 2 ns\n"
		"down CNAME www.child\n"
		"away CNAME www.example.net.\n";
	static const char refer[] = "REFERRAL | ns: child.example. NS ns.child.example., "
				    "ns.sister.example., ns.example., ns.example.net. | glue: "
				    "ns.child.example. A 192.0.2.2; "
				    "ns.child.example. AAAA 2001:db8::2; "
				    "ns.sister.example. A 192.0.2.3; ns.example. A 192.0.2.1";
	static const char *const rows[][2] = {
		{"www.child.example. A", refer},
		{"child.example. A", refer},
		{"child.example. NS", refer},
		{"child.example. ANY", refer},
		/* Glue is no answer, and the highest cut rules. */
		{"ns.child.example. A", refer},
		{"a.deep.child.example. DS", refer},
		{"child.example. TXT", refer},
		{"child.example. DS", "NODATA | soa: 60"},
		{"signed.example. DS",
			"ANSWER | an: signed.example. DS 1 8 2 "
			"0000000000000000000000000000000000000000000000000000000000000000"},
		{"a.signed.example. A", "REFERRAL | ns: signed.example. NS ns.example.net."},
		{"sister.example. A", "REFERRAL | ns: sister.example. NS ns.sister.example. | "
				      "glue: ns.sister.example. A 192.0.2.3"},
		{"down.example. A", "ALIAS | an: down.example. CNAME www.child.example. | next: "
				    "www.child.example. | ns: child.example. NS "
				    "ns.child.example., ns.sister.example., ns.example., "
				    "ns.example.net. | glue: ns.child.example. A 192.0.2.2; "
				    "ns.child.example. AAAA 2001:db8::2; "
				    "ns.sister.example. A 192.0.2.3; ns.example. A 192.0.2.1"},
		{"away.example. A", "ALIAS | an: away.example. CNAME www.example.net. | next: "
				    "www.example.net."},
		{"away.example. CNAME", "ANSWER | an: away.example. CNAME www.example.net."},
		{"away.example. ANY", "ANSWER | an: away.example. CNAME www.example.net."},
		{"example. DS", "NODATA | soa: 60"},
		{"example. NS",
			"ANSWER | an: example. NS ns.example. | glue: ns.example. A 192.0.2.1"},
		/* Glue is sent with its delegation only. */
		{"mx.example. MX", "ANSWER | an: mx.example. MX 1 ns.child.example., 2 ns.example. "
				   "| glue: ns.example. A 192.0.2.1"},
		{"none.example. A", "NXDOMAIN | soa: 60"},
		{"NS.EXAMPLE. A", "ANSWER | an: ns.example. A 192.0.2.1"},
	};
	zone = zonekit_zone("example.", text);
	compare(rows, RW_COUNT(rows));
}
END_TEST

/* A chain of CNAME records, `links` long, a0 to its end with an address. */
static const char *ask_chain(unsigned links)
{
	char text[2048] = "@ 60 SOA ns host 1 2 3 4 5\n@ NS ns\n";
	for (unsigned i = 0; i < links; i++)
		(void)snprintf(text + strlen(text), 64, "a%u CNAME a%u\n", i, i + 1);
	(void)snprintf(text + strlen(text), 64, "a%u A 192.0.2.1\n", links);
	zone = zonekit_zone("example.", text);
	const char *got = zonekit_ask(zone, "a0.example. A");
	zone_free(zone);
	return got;
}

START_TEST(aliases_are_followed_as_far_as_the_limit)
{
	ck_assert_ptr_nonnull(strstr(ask_chain(LIMIT_ALIASES), "192.0.2.1"));
	ck_assert_int_eq(strncmp(ask_chain(LIMIT_ALIASES), "ANSWER", 6), 0);
	ck_assert_int_eq(strncmp(ask_chain(LIMIT_ALIASES + 1), "LOOP", 4), 0);
}
END_TEST

/* A record of any bytes into the zone; the fault. */
static enum zone_fault add(const char *owner, uint16_t type, const void *rdata, uint16_t size)
{
	struct name name;
	struct rdata record = {.bytes = rdata, .size = size};
	ck_assert_int_eq(name_from_text(owner, &name), 0);
	struct rrset set = {.owner = name.bytes, .type = type, .class = CLASS_IN, .ttl = 60};
	enum zone_fault fault = ZONE_OK;
	set.count = 1;
	set.records = &record;
	int err = zone_add(zone, &set, &fault);
	ck_assert_int_eq(err, fault ? RW_EINVAL : 0);
	return fault;
}

START_TEST(sets_and_hashes_have_bounds)
{
	static const uint8_t apex[] = "\7example";
	uint8_t bytes[32] = {0, 1};
	ck_assert_int_eq(zone_new(apex, 1 << 20, &zone), 0);
	for (uint8_t i = 0; i < LIMIT_RRSET_RECORDS; i++)
		ck_assert_int_eq(add("a.example.", TYPE_A, (uint8_t[]){192, 0, 2, i}, 4), ZONE_OK);
	ck_assert_int_eq(add("a.example.", TYPE_A, (uint8_t[]){1, 1, 1, 1}, 4), ZONE_TOO_LARGE);
	ck_assert_int_eq(add("a.example.", TYPE_A, (uint8_t[]){192, 0, 2, 7}, 4), ZONE_OK);
	for (uint8_t i = 0; i <= LIMIT_RRSET_SIGS; i++) {
		bytes[20] = i;
		ck_assert_int_eq(add("a.example.", TYPE_RRSIG, bytes, sizeof(bytes)),
			i < LIMIT_RRSET_SIGS ? ZONE_OK : ZONE_TOO_LARGE);
	}
	uint8_t param[] = {1, 0, 0, LIMIT_NSEC3_ITERATIONS, 0};
	ck_assert_int_eq(add("example.", TYPE_NSEC3PARAM, param, sizeof(param)), ZONE_OK);
	param[3]++;
	ck_assert_int_eq(add("example.", TYPE_NSEC3PARAM, param, sizeof(param)), ZONE_ITERATIONS);
	zone_free(zone);
}
END_TEST

/* Adds large records until there is no more memory; how many went in. */
static size_t fill(size_t cap)
{
	static const uint8_t apex[] = "\7example";
	static uint8_t big[65535];
	struct name name;
	struct rdata record = {.bytes = big, .size = sizeof(big)};
	struct rrset set = {.owner = name.bytes, .type = 65280, .class = CLASS_IN, .count = 1};
	enum zone_fault fault = ZONE_OK;
	int err = 0;
	set.records = &record;
	ck_assert_int_eq(zone_new(apex, cap, &zone), 0);
	for (unsigned i = 0; !err; i++) {
		char text[64];
		(void)snprintf(text, sizeof(text), "n%u.example.", i);
		ck_assert_int_eq(name_from_text(text, &name), 0);
		err = zone_add(zone, &set, &fault);
	}
	ck_assert_int_eq(err, RW_ENOMEM);
	ck_assert_int_eq(zone_finish(zone, &fault), RW_ENOMEM);
	size_t records = zone_records(zone);
	zone_free(zone);
	return records;
}

START_TEST(memory_is_capped)
{
	ck_assert_uint_lt(fill(1 << 20), 16);
	/* With what a file may take: as many as fit, give or take half of it. */
	size_t records = fill(LIMIT_ZONE_MEMORY);
	ck_assert_uint_gt(records, LIMIT_ZONE_MEMORY / 65536 / 2);
	ck_assert_uint_lt(records, LIMIT_ZONE_MEMORY / 65536);
	ck_assert_int_eq(zone_new(name_root, 16, &zone), RW_ENOMEM);
	zone_free(NULL);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("zone");
	TCase *tests = tcase_create("all");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, wildcards);
	tcase_add_test(tests, dnames);
	tcase_add_test(tests, delegations);
	tcase_add_test(tests, aliases_are_followed_as_far_as_the_limit);
	tcase_add_test(tests, sets_and_hashes_have_bounds);
	tcase_add_test(tests, memory_is_capped);
	suite_add_tcase(suite, tests);
	return suite;
}
