/* SPDX-License-Identifier: MIT */
/* The trace's tree and verdict, from notes made by hand. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/client/exit_code.h"
#include "resolver/client/trace/json.h"
#include "resolver/client/trace/levels.h"
#include "resolver/client/trace/print.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct history history;
static struct trace_printer printer;
static struct out out;
static char *text;
static size_t text_size;

static void setup(void)
{
	arena_init(&arena, 4u << 20);
	memset(&history, 0, sizeof(history));
	out = (struct out){.file = open_memstream(&text, &text_size)};
	printer = (struct trace_printer){
		.out = &out, .history = &history, .origin = "root hints", .arena = &arena};
}

static void teardown(void)
{
	fclose(out.file);
	free(text);
	arena_release(&arena);
}

static const uint8_t *name(const char *from)
{
	struct name made;
	ck_assert_int_eq(name_from_text(from, &made), 0);
	return name_dup(made.bytes, &arena);
}

static struct addr address(const char *from)
{
	struct addr addr;
	ck_assert_int_eq(addr_parse(from, 53, &addr), 0);
	return addr;
}

static const struct rrset *set_a(const char *owner, uint32_t ttl, const char *ip)
{
	struct addr addr = address(ip);
	return rrset_single(&arena, name(owner), TYPE_A, ttl, addr.ip, 4);
}

static const struct rrset *set_cname(const char *owner, uint32_t ttl, const char *target)
{
	const uint8_t *to = name(target);
	return rrset_single(&arena, name(owner), TYPE_CNAME, ttl, to, (uint16_t)name_size(to));
}

static const struct rrset *set_soa(const char *owner, uint32_t ttl, uint32_t minimum)
{
	uint8_t rdata[22] = {0};
	rr_put32(rdata + 2, 7);
	rr_put32(rdata + 18, minimum);
	return rrset_single(&arena, name(owner), TYPE_SOA, ttl, rdata, sizeof(rdata));
}

/* A delegation to one server, with glue unless `ip` is NULL. */
static struct delegation *cut(const char *zone, const char *server, const char *ip, unsigned parent)
{
	struct delegation *made = arena_alloc(&arena, sizeof(*made));
	made->zone = name(zone);
	made->source = DELEGATION_REFERRAL;
	made->ttl = 3600;
	made->ns_count = 1;
	made->ns[0].name = name(server);
	made->from.cut_labels = (uint8_t)parent;
	if (ip) {
		struct addr addr = address(ip);
		delegation_add_address(&made->ns[0], &addr, ADDRESS_GLUE);
	}
	return made;
}

static struct note *new_note(enum note_kind kind, uint32_t walk, const char *question)
{
	struct note *note = arena_alloc(&arena, sizeof(*note));
	*note = (struct note){.kind = kind,
		.walk = walk,
		.question = {name(question), TYPE_A, CLASS_IN},
		.ede = EDE_NONE,
		.end_ede = EDE_NONE};
	note->asked = note->question;
	return note;
}

static void take(struct note *note)
{
	history_note(&history, note);
	trace_print_note(&printer, note);
}

static struct note *hop(enum note_kind kind, const char *question, const char *zone,
	const char *server, const char *ip)
{
	struct note *note = new_note(kind, 0, question);
	note->zone = name(zone);
	note->server_name = name(server);
	note->server = address(ip);
	note->transport = TRANSPORT_UDP;
	note->rtt_us = 400;
	note->size = 120;
	note->address_source = ADDRESS_GLUE;
	return note;
}

static void refer(const char *question, const char *zone, const char *server, const char *ip,
	struct delegation *to)
{
	struct note *note = hop(NOTE_REPLY, question, zone, server, ip);
	note->reply = REPLY_REFERRAL;
	if (zone[1] == '\0')
		note->address_source = ADDRESS_HINTS;
	take(note);
	struct note *next = new_note(NOTE_CUT, 0, question);
	next->zone = to->zone;
	next->delegation = to;
	take(next);
	if (to->ns[0].address_count)
		trace_print_send(&printer, &to->ns[0].addresses[0]);
}

static void begin(const char *question)
{
	struct note *note = new_note(NOTE_BEGIN, 0, question);
	trace_print_begin(&printer, &note->question);
	take(note);
	refer(question, ".", "a.root.test.", "192.0.2.1",
		cut("test.", "ns.nic.test", "192.0.2.2", 0));
}

static const char *finish(const struct machine_result *result, int code)
{
	struct diagnosis end;
	diagnose(&history, result, &end);
	ck_assert_int_eq(end.exit_code, code);
	trace_print_end(&printer, result, &end);
	fflush(out.file);
	return text;
}

static void assert_terminal_safe(void)
{
	size_t column = 0;
	for (const char *at = text; *at; at++) {
		ck_assert_msg(*at == '\n' || (*at >= 0x20 && *at < 0x7f), "byte %d", *at);
		column = *at == '\n' ? 0 : column + 1;
		ck_assert_uint_le(column, OUT_COLUMNS);
	}
}

START_TEST(an_alias_into_another_zone_is_a_tree)
{
	const struct rrset *sets[] = {set_cname("alias.test", 300, "www.Other.example"),
		set_a("www.other.example", 45, "198.51.100.7")};
	begin("alias.test");
	struct note *note = hop(NOTE_REPLY, "alias.test", "test.", "ns.nic.test", "192.0.2.2");
	note->reply = REPLY_ALIAS;
	note->aa = true;
	note->sets = sets;
	note->set_count = 1;
	take(note);
	note = new_note(NOTE_RESTART, 0, "www.other.example");
	note->target = note->question.name;
	take(note);
	struct delegation *root = cut(".", "a.root.test.", "192.0.2.1", 0);
	root->source = DELEGATION_PRIMING;
	note = new_note(NOTE_CUT, 0, "www.other.example");
	note->delegation = root;
	take(note);
	note = hop(NOTE_REPLY, "www.other.example", ".", "a.root.test", "192.0.2.1");
	note->reply = REPLY_ANSWER;
	note->sets = sets + 1;
	note->set_count = 1;
	take(note);
	struct machine_result result = {.answer = {.outcome = ANSWER_POSITIVE,
						.sets = {sets[0], sets[1]},
						.set_count = 2,
						.ede = EDE_NONE}};
	ck_assert_str_eq(finish(&result, EXIT_REPLY),
		"alias.test. IN A   walked from root hints; your resolver was not asked\n"
		"1 .           a.root.test 192.0.2.1             udp 0.40ms   120B  REFERRAL\n"
		"  | cut           test.        NS 1 (1h)    server address: hints file\n"
		"  ` glue          ns.nic.test 192.0.2.2 [used]\n"
		"2 test.       ns.nic.test 192.0.2.2             udp 0.40ms   120B  CNAME aa\n"
		"  | server address: glue of hop 1\n"
		"  ` alias.test. 5m -> www.other.example.  (target outside this zone)\n"
		"--- restart: www.other.example., deepest known cut is . (hop 2) ---\n"
		"3 .           a.root.test 192.0.2.1             udp 0.40ms   120B  ANSWER\n"
		"  | server address: glue of hop 2\n"
		"  ` www.other.example. 45s A 198.51.100.7\n"
		"answer  198.51.100.7    a cache may keep it 45s (least of 5m, 45s)\n"
		"dnssec  UNCHECKED  signatures were not checked (no validator yet)\n"
		"cost    3 hops + 0 for priming and lookups = 3 queries, 1.2ms on the wire,\n"
		"        slowest hop 1 (0.40ms)\n"
		"exit    0  (an answer)\n");
	assert_terminal_safe();
}
END_TEST

static const char *negative(enum reply_kind kind, uint16_t rcode)
{
	begin("nope.test");
	struct note *note = hop(NOTE_REPLY, "nope.test", "test.", "ns.nic.test", "192.0.2.2");
	note->reply = kind;
	note->rcode = rcode;
	note->aa = true;
	note->soa = set_soa("test", 3600, 60);
	take(note);
	struct machine_result result = {
		.answer = {.outcome = rcode == RCODE_NXDOMAIN ? ANSWER_NXDOMAIN : ANSWER_NODATA,
			.soa = note->soa,
			.ede = EDE_NONE}};
	return finish(&result, EXIT_NEGATIVE);
}

START_TEST(nxdomain_is_not_nodata)
{
	const char *shown = negative(REPLY_NXDOMAIN, RCODE_NXDOMAIN);
	ck_assert_ptr_nonnull(strstr(shown, "NXDOMAIN: nope.test. does not exist"));
	ck_assert_ptr_nonnull(strstr(shown, "serial 7; a cache may keep this \"no\" 1m"));
	assert_terminal_safe();
}
END_TEST

START_TEST(nodata_is_not_nxdomain)
{
	const char *shown = negative(REPLY_NODATA, RCODE_NOERROR);
	ck_assert_ptr_nonnull(strstr(shown, "NODATA: nope.test. exists, but has no A record"));
	ck_assert_ptr_null(strstr(shown, "NXDOMAIN"));
}
END_TEST

/* The walk ends at lame.test., whose only server did `kind` as given. */
static const char *fail_at(struct note *note, const char *glue, int code)
{
	begin("www.lame.test");
	refer("www.lame.test", "test.", "ns.nic.test", "192.0.2.2",
		cut("lame.test", "ns.x.test", glue, 1));
	if (note)
		take(note);
	struct machine_result result = {.answer = {.outcome = ANSWER_FAILURE,
						.ede = EDE_NO_REACHABLE_AUTHORITY,
						.ede_text = "no usable server"}};
	return finish(&result, code);
}

START_TEST(lame_servers_are_named)
{
	struct note *note = hop(NOTE_REPLY, "www.lame.test", "lame.test", "ns.x.test", "192.0.2.3");
	note->reply = REPLY_REFUSED;
	const char *shown = fail_at(note, "192.0.2.3", EXIT_DELEGATION);
	ck_assert_ptr_nonnull(strstr(shown,
		"fail    LAME: test. delegates lame.test. to 1 server, which does not serve it\n"
		"        ns.x.test 192.0.2.3  REFUSED\n"
		"means   any resolver returns SERVFAIL (EDE 22)."));
	ck_assert_ptr_nonnull(strstr(shown, "\nexit    6  (broken or lame delegation)\n"));
	assert_terminal_safe();
}
END_TEST

START_TEST(silent_servers_are_a_broken_delegation)
{
	struct note *note =
		hop(NOTE_NOREPLY, "www.lame.test", "lame.test", "ns.x.test", "192.0.2.3");
	note->noreply = EXCHANGE_TIMEOUT;
	begin("www.lame.test");
	take(note);
	take(note);
	const char *shown = fail_at(note, "192.0.2.3", EXIT_DELEGATION);
	ck_assert_ptr_nonnull(strstr(shown, "BROKEN: test. delegates lame.test."));
	ck_assert_ptr_nonnull(strstr(shown, "ns.x.test 192.0.2.3  timed out (3 times)"));
}
END_TEST

START_TEST(servers_without_address_are_a_broken_delegation)
{
	const char *shown = fail_at(NULL, NULL, EXIT_DELEGATION);
	ck_assert_ptr_nonnull(strstr(shown, "  ` no glue       1 of 1 servers, e.g. ns.x.test."));
	ck_assert_ptr_nonnull(strstr(shown, "ns.x.test. has no address that could be found"));
}
END_TEST

START_TEST(failing_servers_are_told_apart_from_lame_ones)
{
	struct note *note = hop(NOTE_REPLY, "www.lame.test", "lame.test", "ns.x.test", "192.0.2.3");
	note->reply = REPLY_SERVFAIL;
	const char *shown = fail_at(note, "192.0.2.3", EXIT_REFUSAL);
	ck_assert_ptr_nonnull(strstr(shown, "SERVERS FAIL: no server of lame.test."));
}
END_TEST

START_TEST(no_reply_at_all_says_nothing_about_the_name)
{
	struct note *note = new_note(NOTE_BEGIN, 0, "www.test");
	take(note);
	note = hop(NOTE_NOREPLY, "www.test", ".", "a.root.test", "192.0.2.1");
	note->noreply = EXCHANGE_UNREACHABLE;
	take(note);
	struct machine_result result = {
		.answer = {.outcome = ANSWER_FAILURE, .ede = EDE_NETWORK_ERROR}};
	const char *shown = finish(&result, EXIT_NOREPLY);
	ck_assert_ptr_nonnull(strstr(shown, "NO REPLY"));
	ck_assert_ptr_nonnull(strstr(shown, "this host does not reach the DNS"));
}
END_TEST

START_TEST(long_and_hostile_names_stay_in_their_columns)
{
	char label[4 * 60 + 1], long_name[4 * sizeof(label)];
	for (size_t i = 0; i < 60; i++)
		memcpy(label + 4 * i, "\\027", 5);
	snprintf(long_name, sizeof(long_name), "%s.%s.%s.test", label, label, label);
	begin(long_name);
	refer(long_name, "test.", long_name, "2001:db8:1111:2222:3333:4444:5555:6666",
		cut(long_name, long_name, "2001:db8:1111:2222:3333:4444:5555:6667", 1));
	struct note *note = hop(NOTE_REPLY, long_name, long_name, long_name,
		"2001:db8:1111:2222:3333:4444:5555:6667");
	const struct rrset *sets[] = {
		set_cname(long_name, 1, long_name), set_a(long_name, 1, "1.2.3.4")};
	note->reply = REPLY_ANSWER;
	note->sets = sets;
	note->set_count = 2;
	take(note);
	struct machine_result result = {.answer = {.outcome = ANSWER_POSITIVE,
						.sets = {sets[0], sets[1]},
						.set_count = 2,
						.ede = EDE_NONE}};
	(void)finish(&result, EXIT_REPLY);
	assert_terminal_safe();
}
END_TEST

/* JSON whose text is printable ASCII. */
static void assert_json(const char *lines)
{
	for (const char *at = lines; *at; at++)
		ck_assert_msg(*at == '\n' || (*at >= 0x20 && *at < 0x7f), "byte %d", *at);
}

START_TEST(every_note_is_one_json_object)
{
	struct note *note = new_note(NOTE_BEGIN, 0, "www.test");
	struct delegation *root = cut("test.", "ns.nic.test", "192.0.2.2", 0);
	struct diagnosis end;
	unsigned lines = 0;
	history_note(&history, note);
	trace_json_note(&out, &history, &arena, note, (const uint8_t *)"\x1b\xff", 2);
	note = hop(NOTE_REPLY, "www.test", ".", "a.root.test", "192.0.2.1");
	note->reply = REPLY_REFERRAL;
	history_note(&history, note);
	trace_json_note(&out, &history, &arena, note, (const uint8_t *)"\x1b\xff", 2);
	note = new_note(NOTE_CUT, 0, "www.test");
	note->delegation = root;
	history_note(&history, note);
	trace_json_note(&out, &history, &arena, note, (const uint8_t *)"\x1b\xff", 2);
	diagnose(&history, NULL, &end);
	trace_json_end(&out, &history, &arena, NULL, &end);
	fflush(out.file);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
		json_t *object = json_loads(line, 0, NULL);
		ck_assert_ptr_nonnull(object);
		ck_assert_str_eq(json_string_value(json_object_get(object, "schema")), JSON_TRACE);
		if (lines == 1) {
			ck_assert_str_eq(
				json_string_value(json_object_get(object, "kind")), "referral");
			ck_assert_str_eq(
				json_string_value(json_object_get(object, "wire")), "1bff");
		}
		json_decref(object);
	}
	ck_assert_uint_eq(lines, 4);
}
END_TEST

/* A reply with authority whose SOA has this serial. */
static struct note *denial(const char *server, const char *ip, uint32_t serial)
{
	struct note *note = hop(NOTE_REPLY, "www.zone.test", "zone.test.", server, ip);
	struct msg *msg = arena_alloc(&arena, sizeof(*msg));
	struct rrset *sets = arena_alloc(&arena, sizeof(*sets));
	uint8_t rdata[22] = {0};
	rr_put32(rdata + 2, serial);
	*sets = *rrset_single(&arena, name("zone.test"), TYPE_SOA, 60, rdata, sizeof(rdata));
	*msg = (struct msg){.sets[SECTION_AUTHORITY] = sets, .set_count[SECTION_AUTHORITY] = 1};
	note->reply = REPLY_NODATA;
	note->aa = true;
	note->msg = msg;
	note->soa = sets;
	return note;
}

START_TEST(serials_that_differ_are_warned_of)
{
	struct machine_result result = {.answer = {.outcome = ANSWER_NODATA, .ede = EDE_NONE}};
	begin("www.zone.test");
	take(denial("ns1.zone.test", "192.0.2.3", 7));
	take(denial("ns1.zone.test", "192.0.2.3", 8)); /* the zone may change: one word each */
	ck_assert(!history_serials_differ(&history, name("zone.test")));
	take(denial("ns2.zone.test", "192.0.2.4", 6));
	struct note *lame = denial("ns3.zone.test", "192.0.2.5", 5);
	lame->aa = false;
	take(lame);
	ck_assert(history_serials_differ(&history, name("ZONE.test")));
	const char *shown = finish(&result, EXIT_NEGATIVE);
	ck_assert_ptr_nonnull(strstr(shown,
		"warn    zone.test.: ns1.zone.test serial 7, ns2.zone.test serial 6  -> rootwalk"));
	assert_terminal_safe();
}
END_TEST

START_TEST(an_soa_from_outside_the_zone_is_no_serial)
{
	begin("www.zone.test");
	take(denial("ns1.zone.test", "192.0.2.3", 7));
	struct note *other = denial("ns2.zone.test", "192.0.2.4", 6);
	other->zone = name("www.zone.test."); /* what is above the asked cut is not its to say */
	take(other);
	ck_assert(!history_serials_differ(&history, name("zone.test")));
	for (uint32_t i = 0; i < 2 * HISTORY_SERIALS; i++) {
		struct addr addr = address("192.0.2.9");
		addr.port = (uint16_t)(1 + i);
		history_serial(&history, name("zone.test"), NULL, &addr, 7);
	}
	ck_assert_uint_eq(history.serial_count, HISTORY_SERIALS);
}
END_TEST

/* A level with a server that says what breaks terminals, and a cache that holds the like. */
static void hostile_level(struct trace_levels *levels)
{
	static struct servers resolver = {.count = 1};
	struct trace_level *level = &levels->level;
	char long_name[64 * 4];
	for (size_t i = 0; i + 8 < sizeof(long_name); i += 4)
		memcpy(long_name + i, i % 120 == 116 ? "a.b." : "\\027", 5);
	resolver.items[0] = address("2001:db8:1111:2222:3333:4444:5555:6667");
	levels->all_servers = true;
	levels->resolver = &resolver;
	level->zone = name(long_name);
	level->question = (struct question){name(long_name), TYPE_TXT, CLASS_IN};
	memcpy(level->label, "3", 2);
	level->asked_count = 3;
	for (unsigned i = 0; i < 3; i++)
		level->asked[i] = (struct level_asked){.name = name(long_name),
			.addr = address("2001:db8:1111:2222:3333:4444:5555:6667"),
			.says = "\"\\027[2J\", \"and a text that is longer than any column of it\"",
			.serial = UINT32_MAX,
			.has_serial = true,
			.differs = i == 1};
	level->asked[2].addr.family = ADDR_NONE;
	level->asked[2].says = "has no address that could be found";
	level->differ = true;
	level->held_count = 2;
	level->held[0] = (struct level_held){.question = level->question,
		.taught = "x",
		.of = UINT32_MAX,
		.says = level->asked[0].says,
		.left = UINT32_MAX,
		.held = true,
		.differs = true};
	level->held[1] = (struct level_held){
		.question = {level->zone, TYPE_NS, CLASS_IN}, .says = "timed out", .failed = true};
}

START_TEST(slow_servers_are_not_asked_at_every_level)
{
	struct trace_levels levels = {.history = &history, .all_servers = true};
	char zone[32];
	for (unsigned i = 0; i < LEVELS_MAX + 2; i++) {
		snprintf(zone, sizeof(zone), "z%u.test", i);
		levels.due = false;
		struct note *note = denial("ns.test", "192.0.2.3", 7);
		note->zone = name(zone);
		trace_levels_note(&levels, note);
		ck_assert_int_eq(levels.due, i < LEVELS_MAX);
		trace_levels_note(&levels, note); /* the same again is no level more */
	}
	ck_assert_uint_eq(levels.seen_count, LEVELS_MAX);
	levels = (struct trace_levels){
		.history = &history, .all_servers = true, .spent_ms = LEVELS_MS - 1};
	trace_levels_note(&levels, denial("ns.test", "192.0.2.3", 7));
	ck_assert(levels.due && !levels.stopped);
	levels = (struct trace_levels){
		.history = &history, .all_servers = true, .spent_ms = LEVELS_MS};
	trace_levels_note(&levels, denial("ns.test", "192.0.2.3", 7));
	ck_assert(!levels.due && levels.stopped);
	struct machine_result result = {.answer = {.outcome = ANSWER_NODATA, .ede = EDE_NONE}};
	begin("www.zone.test");
	take(denial("ns.test", "192.0.2.3", 7));
	printer.stopped = true;
	ck_assert_ptr_nonnull(
		strstr(finish(&result, EXIT_NEGATIVE), "warn    +allns and +cache took"));
}
END_TEST

START_TEST(what_servers_say_stays_in_its_columns)
{
	struct trace_levels levels = {.history = &history};
	hostile_level(&levels);
	printer.more = true;
	trace_print_detail(&printer, true, "not the last one");
	trace_levels_print(&levels, &printer);
	trace_levels_short(&levels, &out);
	fflush(out.file);
	ck_assert_ptr_nonnull(strstr(text, "  | not the last one\n"));
	ck_assert_ptr_nonnull(strstr(text, "THEY DISAGREE"));
	ck_assert_ptr_nonnull(strstr(text, " has no address"));
	ck_assert_ptr_nonnull(strstr(text, "  |     \"\\027[2J")); /* and to its end: */
	ck_assert_ptr_nonnull(strstr(text, "any column of it\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "  ` cache "));
	ck_assert_ptr_nonnull(strstr(text, " from cache 2001:db8:"));
	*strstr(text, "\"\\027[2J\", \"and a text that is longer than any column of it\" from") =
		'\0';
	assert_terminal_safe();
}
END_TEST

START_TEST(colours_take_no_columns)
{
	out.colour = true;
	trace_print_detail(&printer, true, "%s%076d%s", out_on(&out, OUT_BAD), 1, out_off(&out));
	fflush(out.file);
	ck_assert_uint_eq(strlen(text) - strlen(strchr(text, '\n')), strlen(text) - 1);
}
END_TEST

START_TEST(levels_are_events_too)
{
	struct trace_levels levels = {.history = &history};
	const char *names[] = {"servers", "cache"};
	unsigned lines = 0;
	hostile_level(&levels);
	trace_levels_json(&levels, &out);
	fflush(out.file);
	assert_json(text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
		json_t *object = json_loads(line, 0, NULL);
		ck_assert_ptr_nonnull(object);
		ck_assert_str_eq(json_string_value(json_object_get(object, "event")), names[lines]);
		json_decref(object);
	}
	ck_assert_uint_eq(lines, 2);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client trace");
	TCase *tests = tcase_create("trace");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, an_alias_into_another_zone_is_a_tree);
	tcase_add_test(tests, nxdomain_is_not_nodata);
	tcase_add_test(tests, nodata_is_not_nxdomain);
	tcase_add_test(tests, lame_servers_are_named);
	tcase_add_test(tests, silent_servers_are_a_broken_delegation);
	tcase_add_test(tests, servers_without_address_are_a_broken_delegation);
	tcase_add_test(tests, failing_servers_are_told_apart_from_lame_ones);
	tcase_add_test(tests, no_reply_at_all_says_nothing_about_the_name);
	tcase_add_test(tests, long_and_hostile_names_stay_in_their_columns);
	tcase_add_test(tests, every_note_is_one_json_object);
	tcase_add_test(tests, serials_that_differ_are_warned_of);
	tcase_add_test(tests, an_soa_from_outside_the_zone_is_no_serial);
	tcase_add_test(tests, slow_servers_are_not_asked_at_every_level);
	tcase_add_test(tests, what_servers_say_stays_in_its_columns);
	tcase_add_test(tests, colours_take_no_columns);
	tcase_add_test(tests, levels_are_events_too);
	suite_add_tcase(suite, tests);
	return suite;
}
