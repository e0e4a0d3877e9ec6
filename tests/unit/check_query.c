/* SPDX-License-Identifier: MIT */
/* The way of a query up to its answer, with a real cache and no sockets. */
#include <check.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/service/query.h"
#include "resolver/wire/build.h"
#include "tests/unit/answerkit.h"
#include "tests/unit/suite.h"

#define NOW 1000000

static struct views views;
static struct prefix loopback;
static struct cache *cache;
static struct responder responder;
static struct counters counters;
static struct arena arena;
static uint8_t query_wire[2048];
static size_t query_size;
static uint8_t out[LIMIT_MESSAGE_BYTES];
static size_t out_size;
static struct client_query taken;
static struct query_origin origin;

static void begin(void)
{
	memset(&views, 0, sizeof(views));
	settings_default(&views.settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", &loopback), 0);
	views.settings.access = (struct prefix_list){&loopback, 1};
	struct cache_params params = {.size_bytes = LIMIT_CACHE_MIN_BYTES,
		.max_ttl_s = 86400,
		.max_negative_ttl_s = 3600,
		.stale_max_age_s = 86400};
	ck_assert_int_eq(cache_new(&params, env_real(), &cache), 0);
	responder_init(&responder, &views, cache, NULL, &counters);
	arena_init(&arena, 1 << 20);
	origin = (struct query_origin){.tcp = false};
	ck_assert_int_eq(addr_parse("127.0.0.1@40000", 0, &origin.client), 0);
}

static void localdata_hosts(const struct host_list *list)
{
	views.settings.names.hosts = *list;
	ck_assert_int_eq(views_build(&views, NULL), 0);
}

static void finish(void)
{
	views_release(&views);
	responder_release(&responder);
	cache_free(cache);
	arena_release(&arena);
}

static const uint8_t *name(const char *text)
{
	struct name parsed;
	ck_assert_int_eq(name_from_text(text, &parsed), 0);
	return name_dup(parsed.bytes, &arena);
}

static struct rrset *a_set(const char *owner, unsigned count, uint32_t ttl)
{
	struct rrset *set = arena_alloc(&arena, sizeof(*set));
	*set = (struct rrset){.owner = name(owner),
		.type = TYPE_A,
		.class = CLASS_IN,
		.ttl = ttl,
		.count = (uint16_t)count,
		.records = arena_alloc(&arena, count * sizeof(struct rdata))};
	for (unsigned i = 0; i < count; i++) {
		uint8_t ip[4] = {192, 0, (uint8_t)(i >> 8), (uint8_t)i};
		set->records[i] = (struct rdata){arena_dup(&arena, ip, 4), 4};
	}
	return set;
}

static void store(const struct rrset *set, uint64_t now_ms)
{
	struct provenance from = {
		.rank = RANK_ANSWER_AA, .original_ttl = set->ttl, .when_ms = now_ms};
	ck_assert_int_eq(cache_store_rrset(cache, set, &from, now_ms), 0);
}

/* A query with EDNS of that size; 0: without. */
static void ask_for(const char *text, uint16_t type, uint16_t class, uint16_t flags, uint16_t edns)
{
	struct builder b;
	struct question question = {.name = name(text), .type = type, .class = class};
	struct build_opt opt = {.udp_size = edns, .ede = EDE_NONE};
	build_begin(
		&b, query_wire, sizeof(query_wire), edns ? build_opt_size(&opt) : 0, 0xabcd, flags);
	ck_assert_int_eq(build_question(&b, &question), 0);
	if (edns)
		ck_assert_int_eq(build_edns(&b, &opt), 0);
	query_size = build_finish(&b);
}

static enum query_verdict take(uint64_t now_ms)
{
	out_size = 0;
	struct query_output output = {out, origin.tcp ? sizeof(out) : REPLY_UDP_BYTES, 0};
	origin.now_ms = now_ms;
	enum query_verdict verdict =
		query_take(&responder, query_wire, query_size, &origin, &taken, &output);
	out_size = output.size;
	return verdict;
}

static size_t write_answer(
	struct client_query *query, const struct machine_result *result, size_t cap)
{
	struct query_output output = {out, cap, 0};
	(void)query_answer(&responder, query, result, NOW, &output);
	return output.size;
}

static const struct msg *answered(void)
{
	const struct msg *msg;
	ck_assert_int_eq(msg_parse(&arena, out, out_size, &msg), 0);
	ck_assert_uint_eq(msg->id, 0xabcd);
	ck_assert(msg->flags & FLAG_QR);
	return msg;
}

static const struct msg *answer_to(const char *text, uint16_t type, uint16_t flags, uint16_t edns)
{
	ask_for(text, type, CLASS_IN, flags, edns);
	ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
	return answered();
}

static void must_ask(const char *text, uint16_t type, uint16_t edns)
{
	ask_for(text, type, CLASS_IN, FLAG_RD, edns);
	ck_assert_int_eq(take(NOW), QUERY_ASK);
}

static int ede_of(const struct msg *msg)
{
	const uint8_t *text;
	size_t size;
	return edns_ede(&msg->edns, &text, &size);
}

START_TEST(what_is_no_query_gets_no_answer)
{
	begin();
	ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD, 1232);
	for (size_t size = 0; size < HEADER_SIZE; size++) {
		query_size = size;
		ck_assert_int_eq(take(NOW), QUERY_DROP);
	}
	ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD | FLAG_QR, 1232);
	ck_assert_int_eq(take(NOW), QUERY_DROP);
	ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD, 1232);
	origin.client.port = 0;
	ck_assert_int_eq(take(NOW), QUERY_DROP);
	finish();
}
END_TEST

START_TEST(malformed_queries_get_formerr)
{
	begin();
	ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD, 1232);
	size_t whole = query_size;
	for (size_t size = HEADER_SIZE; size < whole; size++) {
		query_size = size;
		ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
		ck_assert_uint_eq(out_size, HEADER_SIZE);
		ck_assert_uint_eq(out[3] & 0xf, RCODE_FORMERR);
	}
	static const uint8_t counts[] = {4, 5, 6, 7, 8, 9, 10, 11};
	for (size_t i = 0; i < RW_COUNT(counts); i++) {
		ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD, 1232);
		query_wire[counts[i]] ^= 2;
		ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
		ck_assert_uint_eq(out[3] & 0xf, RCODE_FORMERR);
	}
	finish();
}
END_TEST

START_TEST(rules_of_header_and_question)
{
	static const struct {
		uint16_t type, class, flags, rcode;
	} cases[] = {
		{TYPE_A, CLASS_CH, FLAG_RD, RCODE_REFUSED},
		{TYPE_TXT, CLASS_CH, FLAG_RD, RCODE_REFUSED},
		{TYPE_A, CLASS_ANY, FLAG_RD, RCODE_REFUSED},
		{TYPE_AXFR, CLASS_IN, FLAG_RD, RCODE_REFUSED},
		{TYPE_IXFR, CLASS_IN, FLAG_RD, RCODE_REFUSED},
		{TYPE_OPT, CLASS_IN, FLAG_RD, RCODE_FORMERR},
		{TYPE_TSIG, CLASS_IN, FLAG_RD, RCODE_FORMERR},
		{TYPE_TKEY, CLASS_IN, FLAG_RD, RCODE_FORMERR},
		{128, CLASS_IN, FLAG_RD, RCODE_FORMERR},
		{0, CLASS_IN, FLAG_RD, RCODE_FORMERR},
		{TYPE_MAILB, CLASS_IN, FLAG_RD, RCODE_NOTIMP},
		{TYPE_A, CLASS_IN, OPCODE_NOTIFY << 11, RCODE_NOTIMP},
		{TYPE_A, CLASS_IN, OPCODE_UPDATE << 11, RCODE_NOTIMP},
	};
	begin();
	for (size_t i = 0; i < RW_COUNT(cases); i++) {
		ask_for("www.example.", cases[i].type, cases[i].class, cases[i].flags, 0);
		ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
		const struct msg *msg = answered();
		ck_assert_uint_eq(msg->rcode, cases[i].rcode);
		ck_assert(msg->has_question);
		ck_assert(!msg->edns.present);
	}
	finish();
}
END_TEST

START_TEST(higher_edns_versions_get_badvers)
{
	begin();
	ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD, 1232);
	query_wire[query_size - 5] = 1; /* the version, before flags and rdlength */
	ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
	const struct msg *msg = answered();
	ck_assert_uint_eq(msg->rcode, RCODE_BADVERS);
	ck_assert_uint_eq(msg->edns.version, 0);
	finish();
}
END_TEST

START_TEST(strangers_are_refused_and_told_why)
{
	begin();
	store(a_set("www.example.", 1, 300), NOW);
	ck_assert_int_eq(addr_parse("192.0.2.1@40000", 0, &origin.client), 0);
	const struct msg *msg = answer_to("www.example.", TYPE_A, FLAG_RD, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_REFUSED);
	ck_assert_int_eq(ede_of(msg), EDE_PROHIBITED);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	finish();
}
END_TEST

START_TEST(hits_repeat_the_question_as_it_came)
{
	begin();
	store(a_set("www.example.", 2, 300), NOW - 100000);
	const struct msg *msg = answer_to("wWw.eXaMple.", TYPE_A, FLAG_RD | FLAG_CD, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_NOERROR);
	ck_assert_uint_eq(msg->flags & (FLAG_AA | FLAG_TC | FLAG_RD | FLAG_RA | FLAG_AD | FLAG_CD),
		FLAG_RD | FLAG_RA | FLAG_CD);
	ck_assert_mem_eq(msg->question.name, name("wWw.eXaMple."), 13);
	const struct rrset *set = msg_find(msg, SECTION_ANSWER, name("www.example."), TYPE_A);
	ck_assert_ptr_nonnull(set);
	ck_assert_uint_eq(set->count, 2);
	ck_assert_uint_eq(set->ttl, 200);
	ck_assert(msg->edns.present);
	ck_assert_uint_eq(msg->edns.udp_size, 1232);
	ck_assert_int_eq(ede_of(msg), EDE_NONE);
	finish();
}
END_TEST

START_TEST(addresses_take_turns)
{
	begin();
	store(a_set("www.example.", 4, 300), NOW);
	unsigned seen = 0;
	for (unsigned i = 0; i < 4; i++) {
		const struct msg *msg = answer_to("www.example.", TYPE_A, FLAG_RD, 0);
		seen |= 1u << msg->sets[SECTION_ANSWER][0].records[0].bytes[3];
	}
	ck_assert_uint_eq(seen, 0xf);
	finish();
}
END_TEST

START_TEST(size_follows_client_settings_and_transport)
{
	begin();
	store(a_set("www.example.", 90, 300), NOW); /* 90 * 16 + 29 = 1469 bytes */
	const struct msg *msg = answer_to("www.example.", TYPE_A, FLAG_RD, 0);
	ck_assert(msg->flags & FLAG_TC);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	ck_assert_uint_le(out_size, 512);
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 4096);
	ck_assert(msg->flags & FLAG_TC); /* settings say 1232 */
	views.settings.max_udp_size = 4096;
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 4096);
	ck_assert(!(msg->flags & FLAG_TC));
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].count, 90);
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 1400);
	ck_assert(msg->flags & FLAG_TC);
	origin.tcp = true;
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 0);
	ck_assert(!(msg->flags & FLAG_TC));
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].count, 90);
	finish();
}
END_TEST

START_TEST(answers_larger_than_the_path_are_cut)
{
	begin();
	store(a_set("www.example.", 30, 300), NOW);
	for (uint16_t edns = 0; edns <= 1232; edns += 1232) {
		const struct msg *msg = answer_to("www.example.", TYPE_A, FLAG_RD, edns);
		out_size = reply_truncate(out, out_size);
		ck_assert_uint_eq(out_size, HEADER_SIZE + 17u + (edns ? 11 : 0));
		msg = answered();
		ck_assert_uint_eq(msg->flags & (FLAG_TC | FLAG_RD), FLAG_TC | FLAG_RD);
		ck_assert_mem_eq(msg->question.name, name("www.example."), 13);
		ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
		ck_assert_int_eq(msg->edns.present, edns > 0);
		ck_assert_uint_eq(reply_truncate(out, out_size), out_size);
	}
	finish();
}
END_TEST

START_TEST(queries_signed_with_a_key_get_notauth)
{
	/* key. TSIG a., time 1, fudge 300, a MAC of 4 bytes, original id abcd */
	static const uint8_t tsig[] = {3, 'k', 'e', 'y', 0, 0, TYPE_TSIG, 0, 255, 0, 0, 0, 0, 0, 23,
		1, 'a', 0, 0, 0, 0, 0, 0, 1, 1, 44, 0, 4, 9, 9, 9, 9, 0xab, 0xcd, 0, 0, 0, 0};
	static const uint8_t badkey[] = {3, 'k', 'e', 'y', 0, 0, TYPE_TSIG, 0, 255, 0, 0, 0, 0, 0,
		19, 1, 'a', 0, 0, 0, 0, 0, 0, 1, 1, 44, 0, 0, 0xab, 0xcd, 0, 17, 0, 0};
	begin();
	store(a_set("www.example.", 1, 300), NOW);
	ask_for("www.example.", TYPE_A, CLASS_IN, FLAG_RD, 1232);
	memcpy(query_wire + query_size, tsig, sizeof(tsig));
	query_size += sizeof(tsig);
	query_wire[11]++;
	ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
	const struct msg *msg = answered();
	ck_assert_uint_eq(msg->rcode, RCODE_NOTAUTH);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	ck_assert(msg->edns.present);
	ck_assert_mem_eq(out + out_size - sizeof(badkey), badkey, sizeof(badkey));
	/* Without a whole record it is a FORMERR (section 5.2). */
	query_wire[query_size - 11] = 5; /* the MAC's length */
	ck_assert_int_eq(take(NOW), QUERY_ANSWERED);
	ck_assert_uint_eq(out[3] & 0xf, RCODE_FORMERR);
	finish();
}
END_TEST

START_TEST(misses_are_asked_and_keep_what_the_answer_needs)
{
	begin();
	must_ask("WWW.example.", TYPE_A, 1400);
	struct client_query copy;
	client_query_copy(&copy, &taken);
	memset(&taken, 0xee, sizeof(taken));
	struct machine_result result = kit_positive(a_set("www.example.", 1, 60));
	out_size = write_answer(&copy, &result, REPLY_UDP_BYTES);
	const struct msg *msg = answered();
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
	ck_assert_mem_eq(msg->question.name, name("WWW.example."), 13);
	out_size = write_answer(&copy, NULL, REPLY_UDP_BYTES);
	msg = answered();
	ck_assert_uint_eq(msg->rcode, RCODE_SERVFAIL);
	ck_assert_int_eq(ede_of(msg), EDE_OTHER);
	finish();
}
END_TEST

START_TEST(remembered_failures_are_told_and_give_way_to_stale_data)
{
	begin();
	ck_assert_int_eq(cache_store_failure(cache, name("www.example."), TYPE_A,
				 EDE_NO_REACHABLE_AUTHORITY, "nobody", NOW),
		0);
	const struct msg *msg = answer_to("www.example.", TYPE_A, FLAG_RD, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_SERVFAIL);
	ck_assert_int_eq(ede_of(msg), EDE_NO_REACHABLE_AUTHORITY);
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 0);
	ck_assert(!msg->edns.present);

	store(a_set("old.example.", 1, 10), NOW - 60000);
	ck_assert_int_eq(cache_store_failure(cache, name("old.example."), TYPE_A,
				 EDE_NO_REACHABLE_AUTHORITY, "nobody", NOW),
		0);
	msg = answer_to("old.example.", TYPE_A, FLAG_RD, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_NOERROR);
	ck_assert_int_eq(ede_of(msg), EDE_STALE_ANSWER);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].ttl, LIMIT_STALE_TTL);
	finish();
}
END_TEST

START_TEST(without_recursion_only_the_cache_speaks)
{
	begin();
	struct delegation hints = {.zone = name_root, .ns_count = 1};
	hints.ns[0].name = name("a.root-servers.net.");
	views.hints = &hints;
	store(a_set("www.example.", 1, 300), NOW);
	ck_assert_uint_eq(answer_to("www.example.", TYPE_A, 0, 0)->set_count[SECTION_ANSWER], 1);
	const struct msg *msg = answer_to("other.example.", TYPE_A, 0, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_REFUSED);
	ck_assert_int_eq(ede_of(msg), EDE_NOT_AUTHORITATIVE);
	msg = answer_to(".", TYPE_NS, 0, 0);
	ck_assert_uint_eq(msg->rcode, RCODE_NOERROR);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
	views.settings.allow_snoop_given = true;
	msg = answer_to("www.example.", TYPE_A, 0, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_REFUSED);
	ck_assert_int_eq(ede_of(msg), EDE_PROHIBITED);
	finish();
}
END_TEST

START_TEST(local_names_are_answered_here_unless_switched_off)
{
	begin();
	const struct msg *msg = answer_to("localhost.", TYPE_A, FLAG_RD, 0);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
	ck_assert(msg->flags & FLAG_AA);
	msg = answer_to("a.b.onion.", TYPE_A, FLAG_RD, 0);
	ck_assert_uint_eq(msg->rcode, RCODE_NXDOMAIN);
	ck_assert_uint_eq(msg->set_count[SECTION_AUTHORITY], 1);
	views.settings.special_use = false;
	must_ask("a.b.onion.", TYPE_A, 0);
	finish();
}
END_TEST

START_TEST(signatures_go_to_those_who_ask_for_them)
{
	begin();
	static const uint8_t sig[20] = {0, TYPE_A, 13, 2};
	struct rdata record = {sig, sizeof(sig)};
	struct rrset *set = a_set("www.example.", 1, 300);
	set->sigs = &record;
	set->sig_count = 1;
	struct machine_result result = kit_positive(set);
	must_ask("www.example.", TYPE_A, 1232);
	size_t without = write_answer(&taken, &result, REPLY_UDP_BYTES);
	ck_assert(!(out[without - 4] & 0x80));
	taken.dnssec_ok = true;
	size_t with = write_answer(&taken, &result, REPLY_UDP_BYTES);
	ck_assert_uint_eq(with, without + 12 + sizeof(sig));
	ck_assert(out[with - 4] & 0x80);
	finish();
}
END_TEST

START_TEST(any_over_udp_is_one_set)
{
	begin();
	struct machine_result result = kit_positive(a_set("www.example.", 1, 60));
	ck_assert(answer_add(&result.answer, a_set("www.example.", 2, 60), &provenance_local));
	must_ask("www.example.", TYPE_ANY, 0);
	size_t one = write_answer(&taken, &result, REPLY_UDP_BYTES);
	taken.tcp = true;
	size_t all = write_answer(&taken, &result, sizeof(out));
	ck_assert_uint_eq(all, one + 32);
	finish();
}
END_TEST

/* RFC 8914 section 3: before data is left out, the extended error is. */
START_TEST(no_answer_is_truncated_for_an_extended_error)
{
	begin();
	struct machine_result result = kit_positive(a_set("www.example.", 28, 60));
	result.answer.ede = EDE_STALE_ANSWER;
	result.answer.ede_text = "the servers do not answer; expired data";
	must_ask("www.example.", TYPE_A, 512);
	out_size = write_answer(&taken, &result, REPLY_UDP_BYTES);
	ck_assert_uint_le(out_size, 512);
	const struct msg *msg = answered();
	ck_assert(!(msg->flags & FLAG_TC));
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].count, 28);
	ck_assert_int_eq(ede_of(msg), EDE_NONE);
	result.answer.sets[0] = a_set("www.example.", 60, 60);
	out_size = write_answer(&taken, &result, REPLY_UDP_BYTES);
	ck_assert((answered()->flags & FLAG_TC) && answered()->edns.present);
	finish();
}
END_TEST

START_TEST(hosts_come_before_what_is_withheld)
{
	begin();
	struct addr addr;
	uint16_t withheld[] = {TYPE_A};
	ck_assert_int_eq(addr_parse("192.168.1.10", 0, &addr), 0);
	struct host_settings host = {(uint8_t *)name("nas.example."), {&addr, 1}};
	struct withhold_settings item = {(uint8_t *)name("example."), {withheld, 1}};
	localdata_hosts(&(const struct host_list){&host, 1});
	views.settings.withhold = (struct withhold_list){&item, 1};
	const struct msg *msg = answer_to("NAS.example.", TYPE_A, FLAG_RD, 1232);
	ck_assert(msg->flags & FLAG_AA);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
	ck_assert_int_eq(ede_of(msg), EDE_NONE);
	msg = answer_to("nas.example.", TYPE_AAAA, FLAG_RD, 1232);
	ck_assert(msg->flags & FLAG_AA);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 1232);
	ck_assert(msg->flags & FLAG_AA);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	ck_assert_int_eq(ede_of(msg), EDE_FILTERED);
	must_ask("www.example.", TYPE_AAAA, 1232);
	must_ask("www.test2.", TYPE_A, 1232);
	finish();
}
END_TEST

/* Also where the prefix is private, so that its names are served locally but for that. */
START_TEST(names_behind_a_nat64_are_aliases)
{
	static const char below[] = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.";
	char text[128];
	begin();
	ck_assert_int_eq(prefix_parse("fd00::/96", &views.settings.names.dns64.prefix), 0);
	(void)snprintf(text, sizeof(text), "8.0.8.0.8.0.8.0.%s", below);
	must_ask(text, TYPE_PTR, 1232);
	const uint8_t *target = name("host.example.");
	store(rrset_single(&arena, name("8.8.8.8.in-addr.arpa."), TYPE_PTR, 300, target,
		      (uint16_t)name_size(target)),
		NOW);
	const struct msg *msg = answer_to(text, TYPE_PTR, FLAG_RD, 1232);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 2);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][0].type, TYPE_CNAME);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][1].type, TYPE_PTR);
	/* What is asked beside them is not there. */
	ck_assert_uint_eq(answer_to(text, TYPE_TXT, FLAG_RD, 1232)->rcode, RCODE_NXDOMAIN);
	/* Nobody is asked for the name of an address that is served locally. */
	(void)snprintf(text, sizeof(text), "1.0.0.0.0.0.a.0.%s", below);
	msg = answer_to(text, TYPE_PTR, FLAG_RD, 1232);
	ck_assert_uint_eq(msg->rcode, RCODE_NXDOMAIN);
	ck_assert(msg->set_count[SECTION_ANSWER] == 1 && !(msg->flags & FLAG_AA));
	finish();
}
END_TEST

/* As after a reload that brings the name: the cache still has what the world said of it. */
START_TEST(an_alias_does_not_show_the_public_twin)
{
	begin();
	struct addr addr;
	const uint8_t *target = name("nas.example.");
	ck_assert_int_eq(addr_parse("192.168.1.10", 0, &addr), 0);
	struct host_settings host = {(uint8_t *)target, {&addr, 1}};
	const struct host_list hosts = {&host, 1};
	store(rrset_single(&arena, name("www.example."), TYPE_CNAME, 300, target,
		      (uint16_t)name_size(target)),
		NOW);
	store(a_set("nas.example.", 2, 300), NOW);
	const struct msg *msg = answer_to("www.example.", TYPE_A, FLAG_RD, 0);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 2);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][1].count, 2);
	localdata_hosts(&hosts);
	msg = answer_to("www.example.", TYPE_A, FLAG_RD, 0);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 2);
	ck_assert_uint_eq(msg->sets[SECTION_ANSWER][1].count, 1);
	ck_assert_mem_eq(msg->sets[SECTION_ANSWER][1].records[0].bytes, addr.ip, 4);
	/* To ANY the alias itself is the answer (RFC 1034 section 3.6.2). */
	origin.tcp = true;
	msg = answer_to("www.example.", TYPE_ANY, FLAG_RD, 0);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
	finish();
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("query");
	TCase *tcase = tcase_create("query");
	tcase_add_test(tcase, what_is_no_query_gets_no_answer);
	tcase_add_test(tcase, malformed_queries_get_formerr);
	tcase_add_test(tcase, rules_of_header_and_question);
	tcase_add_test(tcase, higher_edns_versions_get_badvers);
	tcase_add_test(tcase, strangers_are_refused_and_told_why);
	tcase_add_test(tcase, hits_repeat_the_question_as_it_came);
	tcase_add_test(tcase, addresses_take_turns);
	tcase_add_test(tcase, size_follows_client_settings_and_transport);
	tcase_add_test(tcase, answers_larger_than_the_path_are_cut);
	tcase_add_test(tcase, queries_signed_with_a_key_get_notauth);
	tcase_add_test(tcase, misses_are_asked_and_keep_what_the_answer_needs);
	tcase_add_test(tcase, remembered_failures_are_told_and_give_way_to_stale_data);
	tcase_add_test(tcase, without_recursion_only_the_cache_speaks);
	tcase_add_test(tcase, local_names_are_answered_here_unless_switched_off);
	tcase_add_test(tcase, signatures_go_to_those_who_ask_for_them);
	tcase_add_test(tcase, any_over_udp_is_one_set);
	tcase_add_test(tcase, no_answer_is_truncated_for_an_extended_error);
	tcase_add_test(tcase, hosts_come_before_what_is_withheld);
	tcase_add_test(tcase, names_behind_a_nat64_are_aliases);
	tcase_add_test(tcase, an_alias_does_not_show_the_public_twin);
	suite_add_tcase(suite, tcase);
	return suite;
}
