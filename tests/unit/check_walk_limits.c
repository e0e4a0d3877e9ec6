/* SPDX-License-Identifier: MIT */
/*
 * Every bound of a walk, each reached by a world that is made to break it: servers without end,
 * referrals without end, look-ups inside look-ups. What a world would cost without the bound is
 * always more than what is checked.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/fakenet.h"
#include "tests/unit/suite.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */
#define EX   "192.0.2.3" /* example.test. */
#define EX2  "192.0.2.4" /* example.test., too */

#define PRIMING                                                                                    \
	{                                                                                          \
		ROOT, ".", TYPE_NS, "aa|an . 518400 NS a.root.|ar a.root. 518400 A 192.0.2.1"      \
	}
#define TO_TEST                                                                                    \
	{                                                                                          \
		ROOT, "*.test", 0, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A 192.0.2.2"    \
	}
#define TO_EXAMPLE                                                                                 \
	{                                                                                          \
		TEST, "*.example.test", 0,                                                         \
			"ns example.test. 3600 NS ns1.example.test.|ar ns1.example.test. 3600 A "  \
			"192.0.2.3"                                                                \
	}
#define SOA "ns example.test. 600 SOA ns1.example.test. admin.example.test. 1 2 3 4 60"

static const struct fake_row upper[] = {PRIMING, TO_TEST};
static const struct fake_row down_to_example[] = {PRIMING, TO_TEST, TO_EXAMPLE,
	{ROOT, "test", TYPE_A, "ns test. 172800 NS ns.test.|ar ns.test. 172800 A " TEST},
	{TEST, "example.test", TYPE_A,
		"ns example.test. 3600 NS ns1.example.test.|ar ns1.example.test. 3600 A " EX}};

static struct fakenet net;

/* What is counted while a world is asked. */
static struct {
	unsigned walks, open, most_open, deepest, numbers;
	uint32_t timeouts[LIMIT_SENDS_PER_REQUEST];
	enum transport transports[LIMIT_SENDS_PER_REQUEST];
	unsigned timeout_count;
} seen;

static void watch(struct fakenet *at, const struct machine_action *action)
{
	(void)at;
	if (action->type == ACTION_SEND) {
		ck_assert_uint_lt(seen.timeout_count, LIMIT_SENDS_PER_REQUEST);
		seen.transports[seen.timeout_count] = action->transport;
		seen.timeouts[seen.timeout_count++] = action->timeout_ms;
	}
	if (action->type != ACTION_NOTE || action->note->depth == 0)
		return;
	seen.deepest = RW_MAX(seen.deepest, action->note->depth);
	/* Those that the client's own walk waits for, and all. */
	bool direct = action->note->depth == 1;
	if (action->note->kind == NOTE_BEGIN) {
		seen.walks++;
		seen.open += direct;
	} else if (action->note->kind == NOTE_END) {
		seen.open -= direct;
	}
	seen.most_open = RW_MAX(seen.most_open, seen.open);
}

static void start(const struct fake_row *rows, size_t count,
	const char *(*script)(struct fakenet *net, const char *server,
		const struct question *question, const struct machine_action *send))
{
	memset(&seen, 0, sizeof(seen));
	fakenet_init(&net, rows, count);
	net.script = script;
	net.watch = watch;
}

static size_t say(struct fakenet *at, size_t used, const char *format, ...) RW_PRINTF(3, 4);

static size_t say(struct fakenet *at, size_t used, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int added = vsnprintf(at->said + used, sizeof(at->said) - used, format, args);
	va_end(args);
	ck_assert_int_gt(added, 0);
	ck_assert_uint_lt(used + (size_t)added, sizeof(at->said));
	return used + (size_t)added;
}

/* Packets whose line of the log begins with those words. */
static unsigned count_sent(const char *words)
{
	unsigned count = 0;
	for (const char *line = net.log; *line; line = strchr(line, '\n') + 1)
		count += strncmp(line, words, strlen(words)) == 0;
	return count;
}

static const char *label_text(const struct question *question, char text[LIMIT_NAME_TEXT])
{
	struct name lower;
	(void)name_lower(question->name, lower.bytes);
	return name_text(lower.bytes, text);
}

/* ---- delegations ---- */

/* Twenty servers with an address each; all of them fail. */
static const char *many_servers(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)question, (void)send;
	if (strncmp(server, "203.0.113.", 10) == 0)
		return "servfail";
	if (strcmp(server, TEST) != 0)
		return NULL;
	size_t used = 0;
	for (int i = 1; i <= 20; i++)
		used = say(at, used, "ns example.test. 60 NS n%d.example.test.|", i);
	for (int i = 1; i <= 20; i++)
		used = say(at, used, "ar n%d.example.test. 60 A 203.0.113.%d|", i, i);
	return at->said;
}

START_TEST(of_many_servers_some_are_kept)
{
	start(upper, RW_COUNT(upper), many_servers);
	net.settings.outgoing.cookies = false; /* or one of them is asked again without */
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(count_sent("203.0.113."), LIMIT_NS_KEPT);
	fakenet_release(&net);
}
END_TEST

/* One server with ten addresses: as glue, or to be looked up. */
static const char *many_addresses(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	char text[LIMIT_NAME_TEXT];
	bool glueless = strstr(label_text(question, text), "glueless") != NULL;
	(void)send;
	if (strncmp(server, "203.0.113.", 10) == 0)
		return "servfail";
	if (strcmp(server, TEST) != 0)
		return NULL;
	size_t used;
	if (strncmp(text, "ns.other.", 9) == 0)
		used = say(at, 0, "aa|");
	else if (glueless)
		return "ns glueless.test. 60 NS ns.other.test.";
	else
		used = say(at, 0, "ns example.test. 60 NS ns.other.test.|");
	for (int i = 1; i <= 10; i++)
		used = say(at, used, "%s ns.other.test. 60 A 203.0.113.%d|",
			used == 3        ? "an"
			: text[0] == 'n' ? "an"
					 : "ar",
			i);
	return at->said;
}

START_TEST(of_many_addresses_some_are_kept)
{
	start(upper, RW_COUNT(upper), many_addresses);
	net.settings.outgoing.cookies = false;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(count_sent("203.0.113."), LIMIT_ADDRESSES_PER_NS);
	net.now_ms += 100000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.glueless.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert(fake_was_asked(&net, TEST " ns.other.test. A"));
	ck_assert_uint_eq(count_sent("203.0.113."), LIMIT_ADDRESSES_PER_NS);
	fakenet_release(&net);
}
END_TEST

/* Thirteen servers without addresses, none of which exists. */
static const char *no_addresses(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	char text[LIMIT_NAME_TEXT];
	(void)send;
	if (strcmp(server, TEST) != 0)
		return NULL;
	if (strstr(label_text(question, text), "example.test") == NULL)
		return "aa|nxdomain|ns test. 60 SOA ns.test. admin.test. 1 2 3 4 60";
	size_t used = 0;
	for (int i = 1; i <= 13; i++)
		used = say(at, used, "ns example.test. 60 NS n.zone%d.test.|", i);
	return at->said;
}

START_TEST(look_ups_of_servers_are_few)
{
	start(upper, RW_COUNT(upper), no_addresses);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(seen.most_open, LIMIT_NS_LOOKUPS_AT_ONCE);
	/* Those that were begun at once may all fail. */
	ck_assert_uint_ge(count_sent(TEST " n.zone"), LIMIT_NS_LOOKUPS_FAILED);
	ck_assert_uint_lt(
		count_sent(TEST " n.zone"), LIMIT_NS_LOOKUPS_FAILED + LIMIT_NS_LOOKUPS_AT_ONCE);
	fakenet_release(&net);
}
END_TEST

/* ---- the walk ---- */

/* Thirteen servers with four addresses each; all of them fail. */
static const char *fifty_addresses(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)question, (void)send;
	if (strncmp(server, "203.0.113.", 10) == 0)
		return "servfail";
	if (strcmp(server, TEST) != 0)
		return NULL;
	size_t used = 0;
	for (int i = 1; i <= 13; i++)
		used = say(at, used, "ns example.test. 60 NS n%d.example.test.|", i);
	for (int i = 0; i < 52; i++)
		used = say(at, used, "ar n%d.example.test. 60 A 203.0.113.%d|", i / 4 + 1, i + 1);
	return at->said;
}

START_TEST(one_question_costs_so_many_packets)
{
	start(upper, RW_COUNT(upper), fifty_addresses);
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(count_sent(ROOT " . NS"), 1); /* a walk of its own */
	ck_assert_uint_eq(net.sends, 1 + LIMIT_SENDS_PER_WALK);
	fakenet_release(&net);
}
END_TEST

/* Each name server is in a zone of its own, whose servers are again elsewhere: `width` of them. */
static int width;

static const char *elsewhere(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	char text[LIMIT_NAME_TEXT];
	(void)send;
	if (strcmp(server, TEST) != 0)
		return NULL;
	(void)label_text(question, text);
	char *dot = strrchr(text, '.');
	*dot = '\0';
	const char *zone = text;
	while (strchr(strchr(zone, '.') + 1, '.'))
		zone = strchr(zone, '.') + 1;
	size_t used = 0;
	for (int i = 0; i < width; i++)
		used = say(at, used, "ns %s. 60 NS n.z%u.test.|", zone, seen.numbers++);
	return at->said;
}

START_TEST(look_ups_inside_look_ups_end)
{
	start(upper, RW_COUNT(upper), elsewhere);
	width = 1;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(seen.deepest, LIMIT_DEPTH);
	ck_assert_uint_lt(seen.walks, LIMIT_SUBWALKS);
	fakenet_release(&net);
}
END_TEST

START_TEST(a_request_has_so_many_look_ups)
{
	start(upper, RW_COUNT(upper), elsewhere);
	width = 3;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(seen.walks, LIMIT_SUBWALKS);
	ck_assert_uint_lt(net.sends, LIMIT_SENDS_PER_REQUEST);
	fakenet_release(&net);
}
END_TEST

/* The same, and every zone has servers of its own that are of no use. */
static const char *elsewhere_in_vain(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	if (strncmp(server, "203.0.113.", 10) == 0)
		return "servfail";
	const char *said = elsewhere(at, server, question, send);
	if (!said)
		return NULL;
	size_t used = strlen(at->said);
	for (const char *ns = at->said; (ns = strstr(ns, " NS ")) && ns < at->said + 2000;
		ns += 4) {
		char name[80];
		(void)sscanf(ns + 4, "%79[^|]", name);
		for (int i = 0; i < 4; i++)
			used = say(at, used, "ar %s 60 A 203.0.113.%u|", name,
				seen.numbers++ % 250 + 1);
		ck_assert_uint_lt(used, sizeof(at->said) - 1000);
	}
	return said;
}

START_TEST(a_request_costs_so_many_packets)
{
	start(upper, RW_COUNT(upper), elsewhere_in_vain);
	width = 2;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(net.sends, LIMIT_SENDS_PER_REQUEST);
	fakenet_release(&net);
}
END_TEST

START_TEST(one_that_nobody_waits_for_costs_fewer)
{
	start(upper, RW_COUNT(upper), elsewhere_in_vain);
	width = 2;
	net.refreshes = true;
	(void)fake_ask(&net, "www.example.test", TYPE_A);
	ck_assert_uint_eq(net.sends, LIMIT_SENDS_PER_REFRESH);
	fakenet_release(&net);
}
END_TEST

/* Every server refers to one more label of the name. */
static const char *one_label_down(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	char text[LIMIT_NAME_TEXT];
	static unsigned labels;
	(void)send;
	if (question->type == TYPE_NS)
		return NULL;
	labels = strcmp(server, ROOT) == 0 ? 1 : labels + 1;
	const uint8_t *zone = name_suffix(question->name, labels);
	(void)name_text(zone, text);
	(void)say(at, 0, "ns %s 60 NS n.%s|ar n.%s 60 A 203.0.113.%u", text, text, text, labels);
	return at->said;
}

START_TEST(referrals_come_to_an_end)
{
	char name[2 * 60 + 1] = "";
	for (int i = 0; i < 60; i++)
		strcat(name, "a.");
	start(upper, 1, one_label_down);
	const struct machine_result *result = fake_ask(&net, name, TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_ptr_nonnull(strstr(result->answer.ede_text, "referrals"));
	/* The one too many is asked for, and not followed. */
	ck_assert_uint_eq(net.sends, 1 + LIMIT_REFERRALS + 1);
	fakenet_release(&net);
}
END_TEST

/* Too much for UDP, and nobody at home over TCP. */
static const char *truncated(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)at, (void)question;
	if (strcmp(server, EX) != 0)
		return NULL;
	return send->transport == TRANSPORT_TCP ? "silent" : "tc";
}

START_TEST(tcp_is_tried_so_often)
{
	start(down_to_example, RW_COUNT(down_to_example), truncated);
	net.settings.outgoing.timeout_ms = 60000;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(net.tcp_sends, LIMIT_TCP_TRIES);
	fakenet_release(&net);
}
END_TEST

/* ---- minimisation ---- */

static const char *empty_inside(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)at, (void)send;
	if (strcmp(server, EX) != 0)
		return NULL;
	return name_labels(question->name) < 32 ? "aa|" SOA : "aa|nxdomain|" SOA;
}

START_TEST(shortened_names_are_asked_so_often)
{
	char name[100] = "";
	for (int i = 0; i < 30; i++)
		strcat(name, "a.");
	strcat(name, "example.test");
	start(down_to_example, RW_COUNT(down_to_example), empty_inside);
	net.settings.minimisation = MINIMISE_RELAXED;
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, name, TYPE_A)->answer), RCODE_NXDOMAIN);
	/* Priming; the last step is the whole name. */
	ck_assert_uint_eq(net.sends, 1 + LIMIT_MINIMISE_STEPS);
	ck_assert(fake_was_asked(&net, ROOT " test. A"));
	ck_assert(fake_was_asked(&net, TEST " example.test. A"));
	ck_assert(fake_was_asked(&net, EX " a.example.test. A"));
	ck_assert(fake_was_asked(&net, EX " a.a.example.test. A"));
	ck_assert_uint_eq(LIMIT_MINIMISE_ONE, 4);
	ck_assert(!fake_was_asked(&net, EX " a.a.a.example.test. A"));
	fakenet_release(&net);
}
END_TEST

/* Two servers that stay silent to every name that is not the whole one. */
static const char *whole_names_only(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	(void)at, (void)send;
	if (strcmp(server, TEST) == 0)
		return "ns example.test. 60 NS n1.example.test.|ns example.test. 60 NS "
		       "n2.example.test.|ar n1.example.test. 60 A " EX
		       "|ar n2.example.test. 60 A " EX2;
	if (strcmp(server, EX) != 0 && strcmp(server, EX2) != 0)
		return NULL;
	return name_labels(question->name) < 5 ? "silent"
					       : "aa|an a.b.c.example.test. 60 A 198.51.100.1";
}

START_TEST(silence_to_shortened_names_ends_them)
{
	start(upper, RW_COUNT(upper), whole_names_only);
	net.settings.minimisation = MINIMISE_RELAXED;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "a.b.c.example.test", TYPE_A)->answer), RCODE_NOERROR);
	ck_assert_uint_eq(count_sent(EX " c.") + count_sent(EX2 " c."), LIMIT_MINIMISE_TIMEOUTS);
	fakenet_release(&net);
}
END_TEST

/* ---- time and memory ---- */

static const char *mute(struct fakenet *at, const char *server, const struct question *question,
	const struct machine_action *send)
{
	const char *said = fifty_addresses(at, server, question, send);
	return said && strcmp(said, "servfail") == 0 ? "silent" : said;
}

START_TEST(a_request_takes_so_long)
{
	start(upper, RW_COUNT(upper), mute);
	uint64_t before_ms = net.now_ms;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_eq(net.now_ms - before_ms, LIMIT_REQUEST_MS);
	fakenet_release(&net);
}
END_TEST

/* Referrals with much beside them that nobody needs. */
static const char *fat_referrals(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	if (!one_label_down(at, server, question, send))
		return NULL;
	size_t used = strlen(at->said);
	for (unsigned i = 0; i < 200; i++)
		used = say(at, used, "|ar t%u.example. 60 TXT \"%200u\"", i, i);
	return at->said;
}

START_TEST(a_request_takes_so_much_memory)
{
	char name[2 * 60 + 1] = "";
	for (int i = 0; i < 60; i++)
		strcat(name, "a.");
	start(upper, 1, fat_referrals);
	const struct machine_result *result = fake_ask(&net, name, TYPE_A);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
	ck_assert_uint_le(request_arena(net.request)->total, LIMIT_REQUEST_ARENA);
	ck_assert_uint_gt(request_arena(net.request)->total, LIMIT_REQUEST_ARENA / 2);
	/* Fewer than the bounds of packets allow. */
	ck_assert_uint_lt(net.sends, LIMIT_REFERRALS);
	fakenet_release(&net);
}
END_TEST

/* Memory may run out at any place, also where nothing else is left to be done. */
START_TEST(a_request_without_memory_ends)
{
	for (width = 4; width <= 13; width++) {
		start(upper, RW_COUNT(upper), elsewhere);
		const struct machine_result *result = fake_ask(&net, "www.example.test", TYPE_A);
		ck_assert_ptr_nonnull(result);
		ck_assert_int_eq(answer_rcode(&result->answer), RCODE_SERVFAIL);
		fakenet_release(&net);
	}
}
END_TEST

/* No world is known that needs so many events; so all but two are taken away. */
static void take_events(struct fakenet *at)
{
	struct budget *budget = (struct budget *)(uintptr_t)request_budget(at->request);
	ck_assert_uint_eq(budget->events, LIMIT_REQUEST_EVENTS);
	budget->events = 2;
}

START_TEST(a_request_has_so_many_events)
{
	start(upper, RW_COUNT(upper), elsewhere);
	width = 13;
	net.prepare = take_events;
	ck_assert_int_eq(
		answer_rcode(&fake_ask(&net, "www.example.test", TYPE_A)->answer), RCODE_SERVFAIL);
	ck_assert_uint_lt(seen.walks, 4);
	fakenet_release(&net);
}
END_TEST

/* Both servers of the zone have too much to say for UDP, and are mute over TCP. */
static const char *mute_over_tcp(struct fakenet *at, const char *server,
	const struct question *question, const struct machine_action *send)
{
	const char *said = whole_names_only(at, server, question, send);
	if (!said || said[0] == 'n')
		return said;
	return send->transport == TRANSPORT_TCP ? "silent" : "tc";
}

START_TEST(tries_have_their_time)
{
	uint32_t tcp[4] = {0};
	unsigned count = 0;
	start(upper, RW_COUNT(upper), mute_over_tcp);
	net.settings.outgoing.timeout_ms = 60000;
	ck_assert_int_eq(answer_rcode(&fake_ask(&net, "a.b.c.example.test", TYPE_A)->answer),
		RCODE_SERVFAIL);
	for (unsigned i = 0; i < seen.timeout_count; i++) {
		if (seen.transports[i] == TRANSPORT_UDP)
			ck_assert_uint_le(seen.timeouts[i], LIMIT_TRY_FIRST_MS);
		else if (count < 4)
			tcp[count++] = seen.timeouts[i];
	}
	ck_assert_uint_eq(count, 2 * LIMIT_TCP_TRIES);
	ck_assert_uint_eq(tcp[0], LIMIT_TCP_TRY_MS);
	ck_assert_uint_eq(tcp[1], LIMIT_TCP_TRY_MS);
	/* Nobody else is left. */
	ck_assert_uint_eq(tcp[3], LIMIT_TRY_LAST_MS);
	fakenet_release(&net);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("walk limits");
	TCase *tests = tcase_create("walk limits");
	tcase_add_test(tests, of_many_servers_some_are_kept);
	tcase_add_test(tests, of_many_addresses_some_are_kept);
	tcase_add_test(tests, look_ups_of_servers_are_few);
	tcase_add_test(tests, one_question_costs_so_many_packets);
	tcase_add_test(tests, look_ups_inside_look_ups_end);
	tcase_add_test(tests, a_request_has_so_many_look_ups);
	tcase_add_test(tests, a_request_costs_so_many_packets);
	tcase_add_test(tests, one_that_nobody_waits_for_costs_fewer);
	tcase_add_test(tests, referrals_come_to_an_end);
	tcase_add_test(tests, tcp_is_tried_so_often);
	tcase_add_test(tests, shortened_names_are_asked_so_often);
	tcase_add_test(tests, silence_to_shortened_names_ends_them);
	tcase_add_test(tests, a_request_takes_so_long);
	tcase_add_test(tests, a_request_takes_so_much_memory);
	tcase_add_test(tests, a_request_without_memory_ends);
	tcase_add_test(tests, a_request_has_so_many_events);
	tcase_add_test(tests, tries_have_their_time);
	suite_add_tcase(suite, tests);
	return suite;
}
