/* SPDX-License-Identifier: MIT */
/*
 * Signed zones: the example zones of RFC 4035 appendix A and RFC 5155 appendix A with the answers
 * of their appendices B. Signatures are short ones of no worth: a server does not look into them.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/zonekit.h"

/* Zone files, one record a line. */
/* clang-format off */
#define SIGNED(type, labels) \
	" RRSIG " type " 5 " labels " 3600 20040509183619 20040409183619 38519 example. AAAA\n"
#define HASHED(own, next, types) own " NSEC3 1 1 12 aabbccdd " next " " types "\n"

/* What both zones hold. */
#define COMMON \
	"$TTL 3600\n" \
	"@ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 3600\n" SIGNED("SOA", "1") \
	"@ NS ns1\n" \
	"@ NS ns2\n" SIGNED("NS", "1") \
	"@ MX 1 xx\n" SIGNED("MX", "1") \
	"@ DNSKEY 256 3 5 AQOy1bZVvpPqhg4j7EJoM9rI\n" \
	"a NS ns1.a\n" \
	"a NS ns2.a\n" \
	"a DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B\n" SIGNED("DS", "2") \
	"ns1.a A 192.0.2.5\n" \
	"ns2.a A 192.0.2.6\n" \
	"ai A 192.0.2.9\n" SIGNED("A", "2") \
	"ai HINFO \"KLH-10\" \"ITS\"\n" \
	"ns1 A 192.0.2.1\n" SIGNED("A", "2") \
	"ns2 A 192.0.2.2\n" \
	"*.w MX 1 ai\n" SIGNED("MX", "2") \
	"x.w MX 1 xx\n" SIGNED("MX", "3") \
	"x.y.w MX 1 xx\n" \
	"xx A 192.0.2.10\n" SIGNED("A", "2") \
	"xx AAAA 2001:db8::f00:baaa\n"

static const char nsec_zone[] = COMMON
	"b NS ns1.b\n"
	"b NS ns2.b\n"
	"ns1.b A 192.0.2.7\n"
	"ns2.b A 192.0.2.8\n"
	"@ NSEC a NS SOA MX RRSIG NSEC DNSKEY\n" SIGNED("NSEC", "1")
	"a NSEC ai NS DS RRSIG NSEC\n"
	"ai NSEC b A HINFO AAAA RRSIG NSEC\n"
	"b NSEC ns1 NS RRSIG NSEC\n"
	"ns1.b NSEC ns2.b A\n"
	"ns1 NSEC ns2 A RRSIG NSEC\n"
	"ns2 NSEC *.w A RRSIG NSEC\n"
	"*.w NSEC x.w MX RRSIG NSEC\n"
	"x.w NSEC x.y.w MX RRSIG NSEC\n"
	"x.y.w NSEC xx MX RRSIG NSEC\n"
	"xx NSEC example. A AAAA RRSIG NSEC\n";

static const char nsec3_zone[] = COMMON
	"c NS ns1.c\n"
	"c NS ns2.c\n"
	"ns1.c A 192.0.2.7\n"
	"ns2.c A 192.0.2.8\n"
	"2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127\n"
	"@ NSEC3PARAM 1 0 12 aabbccdd\n"
	HASHED("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "2t7b4g4vsa5smi47k61mv5bv1a22bojr",
		"MX DNSKEY NS SOA NSEC3PARAM RRSIG")
	SIGNED("NSEC3", "2")
	HASHED("2t7b4g4vsa5smi47k61mv5bv1a22bojr", "2vptu5timamqttgl4luu9kg21e0aor3s", "A RRSIG")
	SIGNED("NSEC3", "2")
	HASHED("2vptu5timamqttgl4luu9kg21e0aor3s", "35mthgpgcu1qg68fab165klnsnk3dpvl", "MX RRSIG")
	HASHED("35mthgpgcu1qg68fab165klnsnk3dpvl", "b4um86eghhds6nea196smvmlo4ors995", "NS DS RRSIG")
	HASHED("b4um86eghhds6nea196smvmlo4ors995", "gjeqe526plbf1g8mklp59enfd789njgi", "MX RRSIG")
	HASHED("gjeqe526plbf1g8mklp59enfd789njgi", "ji6neoaepv8b5o6k4ev33abha8ht9fgc", "A HINFO")
	HASHED("ji6neoaepv8b5o6k4ev33abha8ht9fgc", "k8udemvp1j2f7eg6jebps17vp3n8i58h", "")
	HASHED("k8udemvp1j2f7eg6jebps17vp3n8i58h", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi", "")
	HASHED("kohar7mbb8dc2ce8a9qvl8hon4k53uhi", "q04jkcevqvmu85r014c7dkba38o0ji5r", "A RRSIG")
	HASHED("q04jkcevqvmu85r014c7dkba38o0ji5r", "r53bq7cc2uvmubfu5ocmm6pers9tk9en", "A RRSIG")
	HASHED("r53bq7cc2uvmubfu5ocmm6pers9tk9en", "t644ebqk9bibcna874givr6joj62mlhv", "MX RRSIG")
	HASHED("t644ebqk9bibcna874givr6joj62mlhv", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "A AAAA")
	/* Another chain, as while the salt is changed: not the one in force. */
	"0q NSEC3 1 0 1 - 2vptu5timamqttgl4luu9kg21e0aor3s A\n";
/* clang-format on */

static void compare(const char *text, const char *const rows[][2], size_t count)
{
	struct zone *zone = zonekit_zone("example.", text);
	ck_assert(zone_is_signed(zone));
	for (size_t i = 0; i < count; i++) {
		const char *got = zonekit_ask(zone, rows[i][0]);
		ck_assert_msg(strcmp(got, rows[i][1]) == 0, "%s\n  is:     %s\n  should: %s",
			rows[i][0], got, rows[i][1]);
	}
	zone_free(zone);
}

#define REFER_A                                                                                    \
	"REFERRAL | ns: a.example. NS ns1.a.example., ns2.a.example. | ds: a.example. DS+ 57855 "  \
	"5 1 "                                                                                     \
	"b6dcd485719adca18e5f3d48a2331627fdd3636b | glue: ns1.a.example. A 192.0.2.5; "            \
	"ns2.a.example. A 192.0.2.6"

START_TEST(answers_of_rfc4035_appendix_b)
{
	static const char *const rows[][2] = {
		{"x.w.example. MX",
			"ANSWER | an: x.w.example. MX+ 1 xx.example. | glue: "
			"xx.example. A+ 192.0.2.10; xx.example. AAAA 2001:db8::f00:baaa"},
		{"ml.example. A", "NXDOMAIN | soa: 3600 | nsec: b.example.; example."},
		{"ns1.example. MX", "NODATA | soa: 3600 | nsec: ns1.example."},
		{"mc.a.example. MX", REFER_A},
		{"mc.b.example. A",
			"REFERRAL | ns: b.example. NS ns1.b.example., ns2.b.example. | glue: "
			"ns1.b.example. A 192.0.2.7; ns2.b.example. A 192.0.2.8 | nsec: "
			"b.example."},
		{"a.z.w.example. MX", "ANSWER | an: a.z.w.example. MX+ 1 ai.example. | glue: "
				      "ai.example. A+ 192.0.2.9 | nsec: x.y.w.example."},
		{"a.z.w.example. AAAA", "NODATA | soa: 3600 | nsec: x.y.w.example.; *.w.example."},
		{"example. DS", "NODATA | soa: 3600 | nsec: example."},
		/* An empty non-terminal; a name behind the last; DS of a child without one. */
		{"y.w.example. A", "NODATA | soa: 3600 | nsec: x.w.example."},
		{"zz.example. A", "NXDOMAIN | soa: 3600 | nsec: xx.example.; example."},
		{"b.example. DS", "NODATA | soa: 3600 | nsec: b.example."},
		/* What a child says of its names is none of this zone's proofs. */
		{"ba.example. A", "NXDOMAIN | soa: 3600 | nsec: b.example.; example."},
		/* Questions for what signing has added. */
		{"ns1.example. RRSIG", "ANSWER | an: ns1.example. RRSIG A 5 2 3600 20040509183619 "
				       "20040409183619 38519 example. AAAA"},
		{"ns2.example. RRSIG", "NODATA | soa: 3600 | nsec: ns2.example."},
		{"ns1.example. NSEC", "ANSWER | an: ns1.example. NSEC ns2.example. A RRSIG NSEC"},
		{"ns1.example. ANY", "ANSWER | an: ns1.example. A+ 192.0.2.1"},
	};
	compare(nsec_zone, rows, RW_COUNT(rows));
}
END_TEST

START_TEST(answers_of_rfc5155_appendix_b)
{
	static const char *const rows[][2] = {
		{"a.c.x.w.example. A",
			"NXDOMAIN | soa: 3600 | nsec: b4um86eghhds6nea196smvmlo4ors995.example.; "
			"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.; "
			"35mthgpgcu1qg68fab165klnsnk3dpvl.example."},
		{"ns1.example. MX",
			"NODATA | soa: 3600 | nsec: 2t7b4g4vsa5smi47k61mv5bv1a22bojr.example."},
		{"y.w.example. A",
			"NODATA | soa: 3600 | nsec: ji6neoaepv8b5o6k4ev33abha8ht9fgc.example."},
		{"mc.a.example. MX", REFER_A},
		{"mc.c.example. MX",
			"REFERRAL | ns: c.example. NS ns1.c.example., ns2.c.example. | glue: "
			"ns1.c.example. A 192.0.2.7; ns2.c.example. A 192.0.2.8 | nsec: "
			"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.; "
			"35mthgpgcu1qg68fab165klnsnk3dpvl.example."},
		{"a.z.w.example. MX",
			"ANSWER | an: a.z.w.example. MX+ 1 ai.example. | glue: ai.example. A+ "
			"192.0.2.9 | nsec: q04jkcevqvmu85r014c7dkba38o0ji5r.example."},
		{"a.z.w.example. AAAA",
			"NODATA | soa: 3600 | nsec: k8udemvp1j2f7eg6jebps17vp3n8i58h.example.; "
			"q04jkcevqvmu85r014c7dkba38o0ji5r.example.; "
			"r53bq7cc2uvmubfu5ocmm6pers9tk9en.example."},
		{"example. DS",
			"NODATA | soa: 3600 | nsec: 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example."},
		/* The DS of a child that opted out (section 7.2.4). */
		{"c.example. DS",
			"NODATA | soa: 3600 | nsec: 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.; "
			"35mthgpgcu1qg68fab165klnsnk3dpvl.example."},
		/* The name of an NSEC3 is none of the zone (7.2.8), unless it has other data. */
		{"r53bq7cc2uvmubfu5ocmm6pers9tk9en.example. NSEC3",
			"NXDOMAIN | soa: 3600 | nsec: 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.; "
			"b4um86eghhds6nea196smvmlo4ors995.example.; "
			"gjeqe526plbf1g8mklp59enfd789njgi.example."},
		{"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. A",
			"ANSWER | an: 2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. A 192.0.2.127"},
	};
	compare(nsec3_zone, rows, RW_COUNT(rows));
}
END_TEST

static int count_sets(void *ctx, const struct rrset *set)
{
	unsigned *count = ctx;
	*count += set->type == TYPE_NSEC3;
	return *count == 5 ? RW_EBUSY : 0;
}

START_TEST(walking_tells_hashes_too)
{
	struct zone *zone = zonekit_zone("example.", nsec3_zone);
	unsigned count = 0;
	ck_assert_int_eq(zone_walk(zone, count_sets, &count), RW_EBUSY);
	ck_assert_uint_eq(count, 5);
	count = 6;
	ck_assert_int_eq(zone_walk(zone, count_sets, &count), 0);
	ck_assert_uint_eq(count, 6 + 13);
	zone_free(zone);
}
END_TEST

/* A zone with only a part of what a chain needs. */
START_TEST(half_signed_zones_are_served)
{
	static const char head[] = "@ 60 SOA ns host 1 2 3 4 5\n@ NS ns\na A 192.0.2.1\n";
	static const char *const rows[][2] = {
		/* No signature at the SOA: unsigned, whatever else is there. */
		{"a NSEC b A\n", "NXDOMAIN | soa: 5"},
		/* Parameters, and no chain. */
		{"@ RRSIG SOA 5 1 60 20040509183619 20040409183619 1 example. AAAA\n"
		 "@ NSEC3PARAM 1 0 0 -\n",
			"NXDOMAIN | soa: 5"},
		/* A chain without the apex: no encloser can be proved. */
		{"@ RRSIG SOA 5 1 60 20040509183619 20040409183619 1 example. AAAA\n"
		 "@ NSEC3PARAM 1 0 0 -\n"
		 "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - "
		 "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A\n",
			"NXDOMAIN | soa: 5"},
		/* Signatures of nothing are no names. */
		{"b.c RRSIG A 5 1 60 20040509183619 20040409183619 1 example. AAAA\n",
			"NXDOMAIN | soa: 5"},
	};
	for (size_t i = 0; i < RW_COUNT(rows); i++) {
		char text[1024];
		(void)snprintf(text, sizeof(text), "%s%s", head, rows[i][0]);
		struct zone *zone = zonekit_zone("example.", text);
		ck_assert_str_eq(zonekit_ask(zone, "c.example. A"), rows[i][1]);
		zone_free(zone);
	}
}
END_TEST

/* Reads the zone that others read too; NULL when all was well. */
static void *read_zone(void *ctx)
{
	static const uint8_t denied[] = "\1a\1c\1x\1w\7example", made[] = "\1a\1z\1w\7example";
	const struct zone *zone = ctx;
	struct arena arena;
	arena_init(&arena, 1 << 16);
	bool good = true;
	for (unsigned i = 0; i < 500; i++) {
		struct question question = {
			.name = i % 2 ? denied : made, .type = TYPE_MX, .class = CLASS_IN};
		struct answer answer;
		struct zone_beside beside;
		arena_clear(&arena);
		good = good && zone_lookup(zone, &question, &arena, &answer, &beside) == 0 &&
		       answer.outcome == (i % 2 ? ANSWER_NXDOMAIN : ANSWER_POSITIVE) &&
		       beside.proof_count == (i % 2 ? 3 : 1);
	}
	arena_release(&arena);
	return good ? NULL : ctx;
}

START_TEST(threads_read_at_once)
{
	struct zone *zone = zonekit_zone("example.", nsec3_zone);
	pthread_t threads[4];
	for (size_t i = 0; i < RW_COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_zone, zone), 0);
	for (size_t i = 0; i < RW_COUNT(threads); i++) {
		void *bad = zone;
		ck_assert_int_eq(pthread_join(threads[i], &bad), 0);
		ck_assert_ptr_null(bad);
	}
	zone_free(zone);
}
END_TEST

START_TEST(a_full_arena_is_no_reply)
{
	static const uint8_t made[] = "\1a\1z\1w\7example";
	struct zone *zone = zonekit_zone("example.", nsec_zone);
	struct question question = {.name = made, .type = TYPE_MX, .class = CLASS_IN};
	struct answer answer;
	struct zone_beside beside;
	struct arena arena;
	arena_init(&arena, 0);
	ck_assert_int_eq(zone_lookup(zone, &question, &arena, &answer, &beside), RW_ENOMEM);
	question.name = name_root;
	ck_assert_int_eq(zone_lookup(zone, &question, &arena, &answer, &beside), RW_EINVAL);
	zone_free(zone);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("zone_signed");
	TCase *tests = tcase_create("all");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, answers_of_rfc4035_appendix_b);
	tcase_add_test(tests, answers_of_rfc5155_appendix_b);
	tcase_add_test(tests, walking_tells_hashes_too);
	tcase_add_test(tests, half_signed_zones_are_served);
	tcase_add_test(tests, threads_read_at_once);
	tcase_add_test(tests, a_full_arena_is_no_reply);
	suite_add_tcase(suite, tests);
	return suite;
}
