/* SPDX-License-Identifier: MIT */
/* What policy makes of questions and answers on the way of a query, and which tables it uses. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/config/config.h"
#include "resolver/service/query.h"
#include "resolver/wire/build.h"
#include "tests/unit/answerkit.h"
#include "zones/lists/policy_set.h"
#include "tests/unit/suite.h"

#define NOW  1000000
#define ROOM (1 << 20)
#define HEAD "$TTL 30\n@ SOA ns.invalid. host.invalid. 7 3600 600 86400 20\n"

static struct views views;
static struct prefix everybody;
static struct fault_list faults;
static struct cache *cache;
static struct responder responder;
static struct counters counters;
static struct arena arena;
static struct client_query taken;
static struct query_origin origin;
static char folder[] = "/tmp/check_policy.XXXXXX", list_path[64], zone_path[64];
static char *lists[] = {list_path};
static uint8_t zone_name[] = "\3rpz\4test";
static struct rpz_settings zones[] = {{zone_name, zone_path}};
static uint8_t out[LIMIT_MESSAGE_BYTES];
static size_t out_size;

static void write_file(const char *path, const char *head, const char *text)
{
	FILE *file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fprintf(file, "%s%s", head, text), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	const struct cache_params params = {
		.size_bytes = LIMIT_CACHE_MIN_BYTES, .max_ttl_s = 86400, .max_negative_ttl_s = 60};
	(void)snprintf(folder, sizeof(folder), "/tmp/check_policy.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(list_path, sizeof(list_path), "%s/list", folder);
	(void)snprintf(zone_path, sizeof(zone_path), "%s/zone", folder);
	memset(&views, 0, sizeof(views));
	settings_default(&views.settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", &everybody), 0);
	views.settings.access = (struct prefix_list){&everybody, 1};
	ck_assert_int_eq(cache_new(&params, env_real(), &cache), 0);
	responder_init(&responder, &views, cache, NULL, &counters);
	arena_init(&arena, ROOM);
	origin = (struct query_origin){.tcp = false};
	ck_assert_int_eq(addr_parse("127.0.0.1@40000", 0, &origin.client), 0);
}

static void teardown(void)
{
	views_release(&views);
	responder_release(&responder);
	cache_free(cache);
	arena_release(&arena);
	(void)unlink(list_path);
	(void)unlink(zone_path);
	(void)rmdir(folder);
}

/* The rules in force; NULL: none of the kind. */
static void rules(const char *list, const char *zone)
{
	const struct views_from from = {.env = env_real(), .faults = &faults};
	memset(&faults, 0, sizeof(faults));
	if (list) {
		write_file(list_path, "", list);
		views.settings.block.lists = (struct text_list){lists, 1};
	}
	if (zone) {
		write_file(zone_path, HEAD, zone);
		views.settings.rpz = (struct rpz_list){zones, 1};
	}
	ck_assert_int_eq(views_build(&views, &from), 0);
	ck_assert_msg(faults.count == 0, "%s", faults.items[0].message);
}

static const uint8_t *name(const char *text)
{
	struct name parsed;
	ck_assert_int_eq(name_from_text(text, &parsed), 0);
	return name_dup(parsed.bytes, &arena);
}

static struct rrset *set_of(const char *owner, uint16_t type, const void *bytes, size_t size)
{
	return rrset_single(&arena, name(owner), type, 300, bytes, (uint16_t)size);
}

static struct rrset *a_set(const char *owner, uint8_t last)
{
	const uint8_t ip[4] = {203, 0, 113, last};
	return set_of(owner, TYPE_A, ip, 4);
}

static struct rrset *alias(const char *owner, const char *target)
{
	const uint8_t *to = name(target);
	return set_of(owner, TYPE_CNAME, to, name_size(to));
}

static void store(const struct rrset *set)
{
	const struct provenance from = {
		.rank = RANK_ANSWER_AA, .original_ttl = set->ttl, .when_ms = NOW};
	ck_assert_int_eq(cache_store_rrset(cache, set, &from, NOW), 0);
}

static enum query_verdict ask(const char *text, uint16_t type, uint16_t flags)
{
	uint8_t wire[512];
	struct builder b;
	const struct question question = {name(text), type, CLASS_IN};
	const struct build_opt opt = {.udp_size = 1232, .ede = EDE_NONE};
	build_begin(&b, wire, sizeof(wire), build_opt_size(&opt), 0xabcd, flags);
	ck_assert_int_eq(build_question(&b, &question), 0);
	ck_assert_int_eq(build_edns(&b, &opt), 0);
	out_size = 0;
	struct query_output output = {out, sizeof(out), 0};
	origin.now_ms = NOW;
	enum query_verdict verdict =
		query_take(&responder, wire, build_finish(&b), &origin, &taken, &output);
	out_size = output.size;
	return verdict;
}

static const struct msg *answered(void)
{
	const struct msg *msg;
	ck_assert_int_eq(msg_parse(&arena, out, out_size, &msg), 0);
	return msg;
}

static void assert_ede(int code, const char *wanted)
{
	const struct msg *msg = answered();
	const uint8_t *text = NULL;
	size_t size = 0;
	ck_assert_int_eq(edns_ede(&msg->edns, &text, &size), code);
	ck_assert_uint_eq(size, strlen(wanted));
	ck_assert_mem_eq(text, wanted, size);
}

START_TEST(the_client_is_told_which_line_it_was)
{
	rules("# lists\nads.example\n", "*.bad.example CNAME .\nodd.example TXT \"x\"\n");
	ck_assert_int_eq(ask("ads.example.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	assert_ede(EDE_BLOCKED, "list:2");
	ck_assert_int_eq(ask("x.bad.example.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	assert_ede(EDE_FILTERED, "rpz.test. zone:3");
	ck_assert_int_eq(ask("odd.example.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	assert_ede(EDE_FILTERED, "rpz.test. zone:4");
	ck_assert_uint_eq(counters_get(&counters, COUNT_BLOCKED), 3);
	/* without recursion, too */
	ck_assert_int_eq(ask("ads.example.", TYPE_A, 0), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
}
END_TEST

START_TEST(a_client_sent_to_tcp)
{
	rules(NULL, "tcp.example CNAME rpz-tcp-only.\n");
	store(a_set("tcp.example.", 1));
	ck_assert_int_eq(ask("tcp.example.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	const struct msg *msg = answered();
	ck_assert(msg->flags & FLAG_TC);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	origin.tcp = true;
	ck_assert_int_eq(ask("tcp.example.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	msg = answered();
	ck_assert(!(msg->flags & FLAG_TC));
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 1);
}
END_TEST

static enum query_verdict found(const struct machine_result *result)
{
	out_size = 0;
	struct query_output output = {out, sizeof(out), 0};
	enum query_verdict verdict = query_answer(&responder, &taken, result, NOW, &output);
	out_size = output.size;
	return verdict;
}

START_TEST(no_answer_at_all)
{
	rules(NULL, "drop.example CNAME rpz-drop.\n32.9.113.0.203.rpz-ip CNAME rpz-drop.\n");
	struct machine_result result = kit_positive(a_set("new.example.", 9));
	store(a_set("old.example.", 9));
	ck_assert_int_eq(ask("drop.example.", TYPE_A, FLAG_RD), QUERY_DROP);
	ck_assert_int_eq(ask("old.example.", TYPE_A, FLAG_RD), QUERY_DROP);
	ck_assert_int_eq(ask("new.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	ck_assert_int_eq(found(&result), QUERY_DROP);
	ck_assert_uint_eq(counters_get(&counters, COUNT_DROPPED), 3);
}
END_TEST

START_TEST(a_rule_leads_on_to_what_must_be_asked)
{
	rules(NULL, "to.example CNAME wall.garden.\n32.9.113.0.203.rpz-ip CNAME wall.garden.\n");
	struct machine_result wall = kit_positive(a_set("wall.garden.", 9));
	struct machine_result first = kit_positive(a_set("www.example.", 9));
	/* of a question */
	ck_assert_int_eq(ask("to.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	struct client_query copy;
	client_query_copy(&copy, &taken);
	memset(&taken, 0xee, sizeof(taken));
	client_query_copy(&taken, &copy);
	const struct question asked = query_asked(&taken);
	ck_assert(name_equal(asked.name, name("wall.garden.")));
	ck_assert_uint_eq(asked.type, TYPE_A);
	/* the address of the target is under a rule, too, which is not asked again */
	ck_assert_int_eq(found(&wall), QUERY_ANSWERED);
	const struct msg *msg = answered();
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 2);
	ck_assert(name_equal(msg->question.name, name("to.example.")));
	/* of an answer: the engine is asked once more */
	store(first.answer.sets[0]);
	ck_assert_int_eq(ask("www.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	ck_assert(taken.redirected);
	ck_assert_int_eq(ask("new.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	ck_assert(!taken.redirected);
	first.answer.sets[0] = a_set("new.example.", 9);
	store(first.answer.sets[0]);
	ck_assert_int_eq(found(&first), QUERY_ASK);
	ck_assert(taken.redirected);
	ck_assert_int_eq(found(&wall), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->set_count[SECTION_ANSWER], 2);
	/* no room in the engine */
	ck_assert_int_eq(found(NULL), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_SERVFAIL);
	/* a target that cannot be resolved */
	const struct machine_result failed = {.answer = {.outcome = ANSWER_FAILURE,
						      .ede = EDE_NO_REACHABLE_AUTHORITY,
						      .ede_text = "dead"}};
	ck_assert_int_eq(found(&failed), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_SERVFAIL);
	assert_ede(EDE_NO_REACHABLE_AUTHORITY, "dead");
}
END_TEST

START_TEST(rules_that_change_in_between)
{
	rules(NULL, "to.example CNAME wall.garden.\n");
	const struct machine_result wall = kit_positive(a_set("wall.garden.", 9));
	ck_assert_int_eq(ask("to.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	views_release(&views);
	rules(NULL, "to.example CNAME elsewhere.garden.\n");
	ck_assert_int_eq(found(&wall), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_SERVFAIL);
}
END_TEST

START_TEST(an_alias_to_a_listed_name)
{
	rules("tracker.example\n", NULL);
	struct machine_result result = kit_positive(alias("www.shop.", "tracker.example."));
	ck_assert(answer_add(&result.answer, a_set("tracker.example.", 1), &provenance_local));
	store(result.answer.sets[0]);
	store(result.answer.sets[1]);
	ck_assert_int_eq(ask("www.shop.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	const struct msg *msg = answered();
	ck_assert_uint_eq(msg->rcode, RCODE_NXDOMAIN);
	ck_assert_uint_eq(msg->set_count[SECTION_ANSWER], 0);
	assert_ede(EDE_BLOCKED, "list:1");
	/* who asks for the alias itself gets it */
	ck_assert_int_eq(ask("www.shop.", TYPE_CNAME, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NOERROR);
	ck_assert_int_eq(ask("new.shop.", TYPE_A, FLAG_RD), QUERY_ASK);
	taken.question.name = name("www.shop.");
	ck_assert_int_eq(found(&result), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
}
END_TEST

START_TEST(addresses_of_a_nat64_are_those_behind_it)
{
	const uint8_t ip[16] = {0, 0x64, 0xff, 0x9b, [12] = 203, 0, 113, 9};
	const struct rrset *six = set_of("www.example.", TYPE_AAAA, ip, sizeof(ip));
	rules(NULL, "24.0.113.0.203.rpz-ip CNAME .\n");
	store(six);
	ck_assert_int_eq(ask("www.example.", TYPE_AAAA, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NOERROR);
	ck_assert_int_eq(prefix_parse("64:ff9b::/96", &views.settings.names.dns64.prefix), 0);
	ck_assert_int_eq(ask("www.example.", TYPE_AAAA, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	assert_ede(EDE_FILTERED, "rpz.test. zone:3");
}
END_TEST

/* The question's own type is withheld before; an alias leads there, and ANY asks for all. */
START_TEST(what_is_withheld_is_so_behind_an_alias)
{
	const uint8_t ip[16] = {0x20, 1, 0x0d, 0xb8};
	uint16_t types[] = {TYPE_AAAA};
	struct withhold_settings item = {(uint8_t *)(uintptr_t)name("home.test."), {types, 1}};
	store(alias("www.shop.", "nas.home.test."));
	store(set_of("nas.home.test.", TYPE_AAAA, ip, sizeof(ip)));
	rules(NULL, NULL);
	views.settings.special_use = false;
	ck_assert_int_eq(ask("www.shop.", TYPE_AAAA, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->set_count[SECTION_ANSWER], 2);
	views.settings.withhold = (struct withhold_list){&item, 1};
	ck_assert_int_eq(ask("www.shop.", TYPE_AAAA, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->set_count[SECTION_ANSWER], 1);
	assert_ede(EDE_FILTERED, "the configuration's key withhold leaves this type out here");
	ck_assert_int_eq(ask("nas.home.test.", TYPE_ANY, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->set_count[SECTION_ANSWER], 0);
	views.settings.withhold = (struct withhold_list){0};
	views.settings.special_use = true;
}
END_TEST

/* RFC 8020: else who has learnt that there is nothing would not ask for what is ours below. */
START_TEST(above_a_name_of_ours_there_is_something)
{
	struct addr addr;
	struct host_settings host = {(uint8_t *)(uintptr_t)name("nas.home."), {&addr, 1}};
	struct machine_result denied = {.answer = {.outcome = ANSWER_NXDOMAIN, .ede = EDE_NONE}};
	ck_assert_int_eq(addr_parse("192.168.1.10", 0, &addr), 0);
	views.settings.names.hosts = (struct host_list){&host, 1};
	rules(NULL, NULL);
	ck_assert_int_eq(ask("home.", TYPE_A, FLAG_RD), QUERY_ASK);
	denied.answer.name = name("home.");
	ck_assert_int_eq(found(&denied), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NOERROR);
	ck_assert_int_eq(ask("house.", TYPE_A, FLAG_RD), QUERY_ASK);
	denied.answer.name = name("house.");
	ck_assert_int_eq(found(&denied), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	views.settings.names.hosts = (struct host_list){0};
}
END_TEST

/* Rules for answers of the outside do not put off a later zone's for a name of ours. */
START_TEST(a_name_of_ours_waits_for_no_answer)
{
	struct addr addr;
	struct host_settings host = {(uint8_t *)(uintptr_t)name("nas.home."), {&addr, 1}};
	struct rpz_settings two[] = {{zone_name, zone_path}, {zone_name, list_path}};
	ck_assert_int_eq(addr_parse("192.168.1.10", 0, &addr), 0);
	views.settings.names.hosts = (struct host_list){&host, 1};
	write_file(zone_path, HEAD, "24.0.113.0.203.rpz-ip CNAME .\n");
	write_file(list_path, HEAD, "nas.home CNAME .\n");
	views.settings.rpz = (struct rpz_list){two, 2};
	rules(NULL, NULL);
	ck_assert_int_eq(ask("nas.home.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	assert_ede(EDE_FILTERED, "rpz.test. list:3");
	views.settings.names.hosts = (struct host_list){0};
	views.settings.rpz = (struct rpz_list){0};
}
END_TEST

/* The rule applies to queries for the name itself, and to aliases from other zones. */
START_TEST(aliases_inside_a_zone_of_ours_are_under_no_rule)
{
	struct zone_settings zone = {(uint8_t *)(uintptr_t)name("home."), list_path};
	write_file(list_path, HEAD,
		"@ NS ns.invalid.\nwww A 192.0.2.1\nhere CNAME www\nthere CNAME www.example.\n");
	views.settings.names.zones = (struct zone_settings_list){&zone, 1};
	rules(NULL, "www.home CNAME .\nwww.example CNAME .\n");
	store(alias("in.example.", "www.home."));
	store(a_set("www.example.", 1));
	ck_assert_int_eq(ask("here.home.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NOERROR);
	ck_assert(answered()->flags & FLAG_AA);
	ck_assert_uint_eq(answered()->set_count[SECTION_ANSWER], 2);
	ck_assert_int_eq(ask("www.home.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	ck_assert_int_eq(ask("there.home.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	ck_assert_int_eq(ask("in.example.", TYPE_A, FLAG_RD), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_NXDOMAIN);
	views.settings.names.zones = (struct zone_settings_list){0};
}
END_TEST

/* ---- tables ---- */

/* The views that follow `old` (or NULL) under the same settings. */
static void follow(struct views *old, struct views *ret_next)
{
	const struct views_from from = {.env = env_real(), .old = old, .faults = &faults};
	memset(&faults, 0, sizeof(faults));
	memset(ret_next, 0, sizeof(*ret_next));
	ret_next->settings = views.settings;
	ck_assert_int_eq(views_build(ret_next, &from), 0);
}

static const struct policy_set *set_in(const struct views *of)
{
	return &views_find(of, &origin.client)->policy;
}

static bool is_listed(const struct views *of, const char *text)
{
	struct block_match match;
	return block_lookup(set_in(of)->block, name(text), &match);
}

START_TEST(tables_are_shared_until_their_files_change)
{
	struct views first, second, third, fourth;
	struct rpz_match rule;
	rules("one.example\n", "one.rpz CNAME .\n");
	follow(NULL, &first);
	ck_assert_uint_eq(first.tables.count, 2);
	ck_assert(!views_are_outdated(&first, env_real()));
	follow(&first, &second);
	ck_assert_ptr_eq(set_in(&first)->block, set_in(&second)->block);
	ck_assert_ptr_eq(set_in(&first)->zones[0], set_in(&second)->zones[0]);
	/* one file changes */
	write_file(list_path, "", "two.example\nmore.example\n");
	ck_assert(views_are_outdated(&second, env_real()));
	follow(&second, &third);
	ck_assert_ptr_ne(set_in(&first)->block, set_in(&third)->block);
	ck_assert_ptr_eq(set_in(&first)->zones[0], set_in(&third)->zones[0]);
	ck_assert(is_listed(&third, "two.example."));
	ck_assert(!is_listed(&third, "one.example."));
	ck_assert(is_listed(&second, "one.example."));
	views_release(&first);
	views_release(&second);
	/* both go away: what there was stays in use, and is not tried again and again */
	ck_assert_int_eq(unlink(list_path) | unlink(zone_path), 0);
	ck_assert(views_are_outdated(&third, env_real()));
	follow(&third, &fourth);
	ck_assert_uint_eq(faults.errors, 2);
	views_release(&third);
	ck_assert(!views_are_outdated(&fourth, env_real()));
	ck_assert(is_listed(&fourth, "two.example."));
	ck_assert(rpz_match_name(set_in(&fourth)->zones[0], RPZ_QNAME, name("one.rpz."), &rule));
	views_release(&fourth);
}
END_TEST

START_TEST(files_that_are_not_there_yet)
{
	struct views before, after;
	views.settings.block.lists = (struct text_list){lists, 1};
	views.settings.rpz = (struct rpz_list){zones, 1};
	follow(NULL, &before);
	ck_assert_uint_eq(faults.errors, 2);
	ck_assert(!is_listed(&before, "one.example."));
	ck_assert_uint_eq(rpz_rules(set_in(&before)->zones[0]), 0);
	ck_assert(!views_are_outdated(&before, env_real()));
	write_file(list_path, "", "one.example\n");
	ck_assert(views_are_outdated(&before, env_real()));
	follow(&before, &after);
	ck_assert(is_listed(&after, "one.example."));
	views_release(&before);
	views_release(&after);
}
END_TEST

START_TEST(views_have_rules_of_their_own)
{
	struct prefix here, there;
	struct addr other;
	struct view_settings two[2] = {{.clients = {&here, 1}}, {.clients = {&there, 1}}};
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", &here), 0);
	ck_assert_int_eq(prefix_parse("10.0.0.0/8", &there), 0);
	ck_assert_int_eq(addr_parse("10.1.2.3@1", 0, &other), 0);
	rules("one.example\n", "one.rpz CNAME .\n");
	views_release(&views);
	two[0].block_given = true; /* `block: {lists: []}` */
	views.settings.views = (struct view_list){two, 2};
	rules(NULL, NULL);
	ck_assert(!is_listed(&views, "one.example."));
	ck_assert_uint_eq(set_in(&views)->zone_count, 1);
	/* what a view leaves out is as outside, and the same tables */
	const struct client_view *as_outside = views_find(&views, &other);
	ck_assert_ptr_nonnull(as_outside->policy.block);
	ck_assert_ptr_eq(as_outside->policy.zones[0], set_in(&views)->zones[0]);
	ck_assert_uint_eq(views.tables.count, 2);
	views.settings.views = (struct view_list){NULL, 0};
}
END_TEST

START_TEST(block_and_rpz_are_read)
{
	struct settings s;
	static struct config_report report;
	static const char text[] =
		"block: {lists: [ads.txt, /x/y], allow: [Good.example], answer: zero}\n"
		"rpz: [{name: rpz.test, file: z}]\n"
		"views:\n"
		"  - clients: [10.0.0.0/8]\n    block: {lists: []}\n"
		"  - clients: [0.0.0.0/0]\n    block: {answer: \"::1\"}\n    rpz: []\n"
		"  - clients: [::/0]\n";
	int err = config_load_bytes("rootwalk.yaml", text, strlen(text), &s, &report);
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(s.block.lists.count, 2);
	ck_assert_str_eq(s.block.lists.items[1], "/x/y");
	ck_assert_uint_eq(s.block.allow.count, 1);
	ck_assert_int_eq(s.block.answer.kind, BLOCK_ZERO);
	ck_assert_uint_eq(s.block.max_bytes, LIMIT_BLOCK_BYTES);
	ck_assert_uint_eq(s.rpz.count, 1);
	ck_assert_uint_eq(s.rpz.items[0].name[0], 3);
	const struct view_settings *given = s.views.items;
	ck_assert(given[0].block_given && given[0].block.lists.count == 0 && !given[0].rpz_given);
	ck_assert(given[1].block_given && given[1].rpz_given && given[1].rpz.count == 0);
	ck_assert_int_eq(given[1].block.answer.kind, BLOCK_ADDRESS);
	ck_assert_int_eq(given[1].block.answer.address.family, ADDR_V6);
	ck_assert(!given[2].block_given && !given[2].rpz_given);
	settings_release(&s);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("policy");
	TCase *tests = tcase_create("policy");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, the_client_is_told_which_line_it_was);
	tcase_add_test(tests, a_client_sent_to_tcp);
	tcase_add_test(tests, no_answer_at_all);
	tcase_add_test(tests, a_rule_leads_on_to_what_must_be_asked);
	tcase_add_test(tests, rules_that_change_in_between);
	tcase_add_test(tests, an_alias_to_a_listed_name);
	tcase_add_test(tests, addresses_of_a_nat64_are_those_behind_it);
	tcase_add_test(tests, what_is_withheld_is_so_behind_an_alias);
	tcase_add_test(tests, above_a_name_of_ours_there_is_something);
	tcase_add_test(tests, a_name_of_ours_waits_for_no_answer);
	tcase_add_test(tests, aliases_inside_a_zone_of_ours_are_under_no_rule);
	tcase_add_test(tests, tables_are_shared_until_their_files_change);
	tcase_add_test(tests, files_that_are_not_there_yet);
	tcase_add_test(tests, views_have_rules_of_their_own);
	tcase_add_test(tests, block_and_rpz_are_read);
	suite_add_tcase(suite, tests);
	return suite;
}
