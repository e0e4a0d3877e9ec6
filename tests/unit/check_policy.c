/* SPDX-License-Identifier: MIT */
/* What policy makes of questions and answers on the way of a query, and which tables it uses. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/service/query.h"
#include "resolver/wire/build.h"
#include "zones/policy_set.h"

#define NOW  1000000
#define ROOM (1 << 20)
#define HEAD "$TTL 30\n@ SOA ns.invalid. host.invalid. 7 3600 600 86400 20\n"

static struct snapshot snapshot;
static struct prefix everybody;
static struct fault_list faults;
static struct cache *cache;
static struct responder responder;
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
	memset(&snapshot, 0, sizeof(snapshot));
	settings_default(&snapshot.settings);
	ck_assert_int_eq(prefix_parse("127.0.0.0/8", &everybody), 0);
	snapshot.settings.access = (struct prefix_list){&everybody, 1};
	ck_assert_int_eq(cache_new(&params, env_real(), &cache), 0);
	responder_init(&responder, &snapshot, cache, NULL);
	arena_init(&arena, ROOM);
	origin = (struct query_origin){.tcp = false};
	ck_assert_int_eq(addr_parse("127.0.0.1@40000", 0, &origin.client), 0);
}

static void teardown(void)
{
	snapshot_release_views(&snapshot);
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
	const struct snapshot_from from = {.env = env_real(), .faults = &faults};
	memset(&faults, 0, sizeof(faults));
	if (list) {
		write_file(list_path, "", list);
		snapshot.settings.block.lists = (struct text_list){lists, 1};
	}
	if (zone) {
		write_file(zone_path, HEAD, zone);
		snapshot.settings.rpz = (struct rpz_list){zones, 1};
	}
	ck_assert_int_eq(snapshot_build_views(&snapshot, &from), 0);
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
	const struct provenance from = {.rank = RANK_ANSWER_AA, .original_ttl = set->ttl};
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
	return query_take(&responder, wire, build_finish(&b), &origin, NOW, &taken, out,
		sizeof(out), &out_size);
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
	ck_assert_uint_eq(responder.stats.blocked, 3);
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

START_TEST(no_answer_at_all)
{
	rules(NULL, "drop.example CNAME rpz-drop.\n32.9.113.0.203.rpz-ip CNAME rpz-drop.\n");
	struct walk_result result = {
		.answer = {a_set("new.example.", 9)}, .answer_count = 1, .ede = EDE_NONE};
	store(a_set("old.example.", 9));
	ck_assert_int_eq(ask("drop.example.", TYPE_A, FLAG_RD), QUERY_DROP);
	ck_assert_int_eq(ask("old.example.", TYPE_A, FLAG_RD), QUERY_DROP);
	ck_assert_int_eq(ask("new.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	ck_assert_int_eq(
		query_answer(&responder, &taken, &result, NOW, out, sizeof(out), &out_size),
		QUERY_DROP);
}
END_TEST

static enum query_verdict found(const struct walk_result *result)
{
	out_size = 0;
	return query_answer(&responder, &taken, result, NOW, out, sizeof(out), &out_size);
}

START_TEST(a_rule_leads_on_to_what_must_be_asked)
{
	rules(NULL, "to.example CNAME wall.garden.\n32.9.113.0.203.rpz-ip CNAME wall.garden.\n");
	struct walk_result wall = {
		.answer = {a_set("wall.garden.", 9)}, .answer_count = 1, .ede = EDE_NONE};
	struct walk_result first = {
		.answer = {a_set("www.example.", 9)}, .answer_count = 1, .ede = EDE_NONE};
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
	store(first.answer[0]);
	ck_assert_int_eq(ask("www.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	ck_assert(taken.redirected);
	ck_assert_int_eq(ask("new.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	ck_assert(!taken.redirected);
	first.answer[0] = a_set("new.example.", 9);
	store(first.answer[0]);
	ck_assert_int_eq(found(&first), QUERY_ASK);
	ck_assert(taken.redirected);
	ck_assert_int_eq(found(&wall), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->set_count[SECTION_ANSWER], 2);
	/* no room in the engine */
	ck_assert_int_eq(found(NULL), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_SERVFAIL);
	/* a target that cannot be resolved */
	const struct walk_result failed = {
		.rcode = RCODE_SERVFAIL, .ede = EDE_NO_REACHABLE_AUTHORITY, .ede_text = "dead"};
	ck_assert_int_eq(found(&failed), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_SERVFAIL);
	assert_ede(EDE_NO_REACHABLE_AUTHORITY, "dead");
}
END_TEST

START_TEST(rules_that_change_in_between)
{
	rules(NULL, "to.example CNAME wall.garden.\n");
	const struct walk_result wall = {
		.answer = {a_set("wall.garden.", 9)}, .answer_count = 1, .ede = EDE_NONE};
	ck_assert_int_eq(ask("to.example.", TYPE_A, FLAG_RD), QUERY_ASK);
	snapshot_release_views(&snapshot);
	rules(NULL, "to.example CNAME elsewhere.garden.\n");
	ck_assert_int_eq(found(&wall), QUERY_ANSWERED);
	ck_assert_uint_eq(answered()->rcode, RCODE_SERVFAIL);
}
END_TEST

START_TEST(an_alias_to_a_listed_name)
{
	rules("tracker.example\n", NULL);
	const struct walk_result result = {
		.answer = {alias("www.shop.", "tracker.example."), a_set("tracker.example.", 1)},
		.answer_count = 2,
		.ede = EDE_NONE};
	store(result.answer[0]);
	store(result.answer[1]);
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

/* ---- tables ---- */

static struct policy_set build(const struct table_list *old, struct table_list *ret_tables)
{
	const struct policy_source source = {.block = &snapshot.settings.block,
		.rpz = &snapshot.settings.rpz,
		.env = env_real(),
		.old = old,
		.tables = ret_tables,
		.faults = &faults};
	struct policy_set set;
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(policy_set_build(&source, &set), 0);
	return set;
}

static bool is_outdated(const struct table_list *tables)
{
	return policy_set_is_outdated(&snapshot.settings.block, &snapshot.settings.rpz, tables);
}

START_TEST(tables_are_shared_until_their_files_change)
{
	struct table_list first = {0}, second = {0}, third = {0}, fourth = {0};
	struct block_match match;
	struct rpz_match rule;
	rules("one.example\n", "one.rpz CNAME .\n");
	snapshot_release_views(&snapshot);
	struct policy_set a = build(NULL, &first), twin = build(NULL, &first);
	ck_assert_ptr_eq(a.block, twin.block); /* two views of one snapshot */
	ck_assert_uint_eq(first.count, 2);
	ck_assert(!is_outdated(&first));
	struct policy_set b = build(&first, &second);
	ck_assert_ptr_eq(a.block, b.block);
	ck_assert_ptr_eq(a.zones[0], b.zones[0]);
	/* one file changes */
	write_file(list_path, "", "two.example\nmore.example\n");
	ck_assert(is_outdated(&second));
	struct policy_set c = build(&second, &third);
	ck_assert_ptr_ne(a.block, c.block);
	ck_assert_ptr_eq(a.zones[0], c.zones[0]);
	ck_assert(block_lookup(c.block, name("two.example."), &match));
	ck_assert(!block_lookup(c.block, name("one.example."), &match));
	table_list_release(&first);
	table_list_release(&second);
	/* both go away: what there was stays in use, and is not tried again and again */
	ck_assert_int_eq(unlink(list_path) | unlink(zone_path), 0);
	ck_assert(is_outdated(&third));
	struct policy_set d = build(&third, &fourth);
	ck_assert_uint_eq(faults.errors, 2);
	table_list_release(&third);
	ck_assert(!is_outdated(&fourth));
	ck_assert(block_lookup(d.block, name("two.example."), &match));
	ck_assert(rpz_match_name(d.zones[0], RPZ_QNAME, name("one.rpz."), &rule));
	table_list_release(&fourth);
	struct policy_set *sets[] = {&a, &twin, &b, &c, &d};
	for (unsigned i = 0; i < RW_COUNT(sets); i++)
		policy_set_release(sets[i]);
}
END_TEST

START_TEST(files_that_are_not_there_yet)
{
	struct table_list tables = {0}, later = {0};
	struct block_match match;
	rules(NULL, NULL);
	snapshot.settings.block.lists = (struct text_list){lists, 1};
	snapshot.settings.rpz = (struct rpz_list){zones, 1};
	struct policy_set set = build(NULL, &tables);
	ck_assert_uint_eq(faults.errors, 2);
	ck_assert(!block_lookup(set.block, name("one.example."), &match));
	ck_assert_uint_eq(rpz_rules(set.zones[0]), 0);
	ck_assert(!is_outdated(&tables));
	write_file(list_path, "", "one.example\n");
	ck_assert(is_outdated(&tables));
	struct policy_set next = build(&tables, &later);
	ck_assert(block_lookup(next.block, name("one.example."), &match));
	table_list_release(&tables);
	table_list_release(&later);
	policy_set_release(&set);
	policy_set_release(&next);
}
END_TEST

int main(void)
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
	tcase_add_test(tests, tables_are_shared_until_their_files_change);
	tcase_add_test(tests, files_that_are_not_there_yet);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
