/* SPDX-License-Identifier: MIT */
/* The client's command line: dig's guessing, options, negations, abbreviations, errors. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/client/dig/args.h"
#include "resolver/client/dig/rc.h"
#include "resolver/client/dig/servers.h"
#include "resolver/wire/edns.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

#define WORDS 16

static struct arena arena;
static struct args args;
static char error[ARGS_ERROR];

/* Parses a command line given as one string; blanks part the words. */
static int parse(const char *line, const struct args *base)
{
	static char copy[1024];
	char *words[WORDS];
	int count = 0;
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w && count < WORDS; w = strtok(NULL, " "))
		words[count++] = w;
	error[0] = '\0';
	return args_parse(&arena, count, words, base, &args, error);
}

static void setup(void)
{
	arena_init(&arena, 16u << 20);
}

static void teardown(void)
{
	arena_release(&arena);
}

static void assert_query(unsigned index, const char *name, uint16_t type, uint16_t class)
{
	char text[LIMIT_NAME_TEXT];
	ck_assert_uint_lt(index, args.count);
	ck_assert_str_eq(name_text(args.queries[index].name.bytes, text), name);
	ck_assert_uint_eq(args.queries[index].type, type);
	ck_assert_uint_eq(args.queries[index].class, class);
}

START_TEST(names_types_and_classes_come_in_any_order)
{
	static const char *const lines[] = {"example.com mx ch @192.0.2.1",
		"example.com @192.0.2.1 CH MX", "example.com -t mx -c ch @192.0.2.1",
		"@192.0.2.1 mx ch -q example.com", "ch mx @192.0.2.1 example.com",
		"-tmx -cch @192.0.2.1 example.com."};
	for (size_t i = 0; i < RW_COUNT(lines); i++) {
		ck_assert_int_eq(parse(lines[i], NULL), 0);
		ck_assert_uint_eq(args.count, 1);
		assert_query(0, "example.com.", TYPE_MX, CLASS_CH);
		ck_assert_str_eq(args.queries[0].server, "192.0.2.1");
	}
}
END_TEST

START_TEST(the_first_of_several_servers_is_asked)
{
	struct args base;
	ck_assert_int_eq(parse("@192.0.2.1 @192.0.2.2 a.test", NULL), 0);
	ck_assert_uint_eq(args.queries[0].server_count, 2);
	ck_assert_str_eq(args.queries[0].server, "192.0.2.1");
	ck_assert_str_eq(args.queries[0].servers[1], "192.0.2.2");
	base = args;
	base.defaults = args.queries[0];
	ck_assert_int_eq(parse("@192.0.2.3 b.test", &base), 0);
	ck_assert_str_eq(args.queries[0].server, "192.0.2.3");
	ck_assert_uint_eq(args.queries[0].server_count, 1);
}
END_TEST

START_TEST(nothing_means_the_roots_servers)
{
	ck_assert_int_eq(parse("", NULL), 0);
	ck_assert_uint_eq(args.count, 1);
	assert_query(0, ".", TYPE_NS, CLASS_IN);
	ck_assert_int_eq(parse("soa", NULL), 0);
	assert_query(0, ".", TYPE_SOA, CLASS_IN);
}
END_TEST

START_TEST(several_queries_share_what_stands_before_them)
{
	ck_assert_int_eq(
		parse("@192.0.2.1 +tcp a.test mx b.test +notcp c.test -x 192.0.2.7", NULL), 0);
	ck_assert_uint_eq(args.count, 4);
	assert_query(0, "a.test.", TYPE_MX, CLASS_IN);
	assert_query(1, "b.test.", TYPE_A, CLASS_IN);
	assert_query(3, "7.2.0.192.in-addr.arpa.", TYPE_PTR, CLASS_IN);
	ck_assert(args.queries[0].options.tcp);
	ck_assert(!args.queries[1].options.tcp);
	ck_assert(args.queries[2].options.tcp);
	ck_assert_str_eq(args.queries[3].server, "192.0.2.1");
}
END_TEST

START_TEST(reverse_names_are_built_for_both_families)
{
	struct name name;
	char text[LIMIT_NAME_TEXT];
	ck_assert_int_eq(args_reverse("2001:db8::1", &name), 0);
	ck_assert_str_eq(name_text(name.bytes, text),
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.");
	ck_assert_int_eq(args_reverse("192.0.2", &name), 0);
	ck_assert_str_eq(name_text(name.bytes, text), "2.0.192.in-addr.arpa.");
	ck_assert_int_eq(args_reverse("10", &name), 0);
	ck_assert_str_eq(name_text(name.bytes, text), "10.in-addr.arpa.");
	const char *const none[] = {
		"", ".", "1.", "1..2", "256", "1.2.3.", "1.2.3.4.5", "1.2.x", "0001", "1.2.3.400"};
	for (size_t i = 0; i < RW_COUNT(none); i++)
		ck_assert_msg(args_reverse(none[i], &name) < 0, "%s", none[i]);
	ck_assert_int_lt(args_reverse("1.2.3.4@53", &name), 0);
}
END_TEST

START_TEST(defaults_are_digs)
{
	ck_assert_int_eq(parse("a.test", NULL), 0);
	const struct query_options *o = &args.queries[0].options;
	ck_assert(o->recurse && o->ad && o->edns && o->stop_at_servfail);
	ck_assert(!o->cd && !o->aa && !o->dnssec && !o->tcp && !o->cookie && !o->trace);
	ck_assert_uint_eq(o->bufsize, 1232);
	ck_assert_uint_eq(o->tries, 3);
	ck_assert_uint_eq(args.queries[0].port, 53);
	ck_assert(o->cmd && o->comments && o->question && o->answer && o->stats && !o->query);
}
END_TEST

START_TEST(options_negate_and_abbreviate)
{
	ck_assert_int_eq(
		parse("+norec +cd +noad +do +bufs=512 +tri=1 +nocl +nottl a.test", NULL), 0);
	const struct query_options *o = &args.queries[0].options;
	ck_assert(!o->recurse && o->cd && !o->ad && o->dnssec && !o->class && !o->ttl);
	ck_assert_uint_eq(o->bufsize, 512);
	ck_assert_uint_eq(o->tries, 1);
	ck_assert_int_eq(parse("+noall +answer +retry=4 +vc a.test", NULL), 0);
	o = &args.queries[0].options;
	ck_assert(o->answer && !o->authority && !o->comments && !o->stats && o->tcp);
	ck_assert_uint_eq(o->tries, 5);
	ck_assert_int_eq(parse("+short +noshort a.test", NULL), 0);
	ck_assert(args.queries[0].options.comments && !args.queries[0].options.short_form);
}
END_TEST

START_TEST(options_with_values_are_read)
{
	ck_assert_int_eq(parse("+cookie=0102030405060708 +subnet=192.0.2.0/24 +ednsopt=nsid "
			       "+ednsopt=65001:c0ffee +padding=128 +edns=1 +port=5300 a.test",
				 NULL),
		0);
	const struct query_options *o = &args.queries[0].options;
	ck_assert_uint_eq(o->cookie_size, 8);
	ck_assert_uint_eq(o->cookie_bytes[7], 8);
	ck_assert_uint_eq(o->subnet_prefix.bits, 24);
	ck_assert_uint_eq(o->ednsopt_count, 2);
	ck_assert_uint_eq(o->ednsopt[0].code, OPTION_NSID);
	ck_assert_uint_eq(o->ednsopt[1].size, 3);
	ck_assert_uint_eq(o->ednsopt[1].bytes[0], 0xc0);
	ck_assert_uint_eq(o->edns_version, 1);
	ck_assert_uint_eq(o->trace_port, 5300);
}
END_TEST

START_TEST(mistakes_are_named_with_the_nearest_word)
{
	static const struct {
		const char *line, *part;
	} wrong[] = {{"+trcae a.test", "+trace"}, {"+norecuse a.test", "+norecurse"},
		{"+xyzzyx", "unknown option"}, {"+t a.test", "ambiguous"},
		{"+bufsize=70000 a.test", "+bufsize=70000"}, {"+tries=x a.test", "value"},
		{"+https a.test", "not built yet"}, {"--hint file", "--hints"}, {"-z a.test", "-z"},
		{"-p 0 a.test", "port"}, {"-p", "needs a value"}, {"-x nonsense", "IP address"},
		{"-t nosuchtype a.test", "record type"}, {"a..test", "not a domain name"},
		{"-4 -6 a.test", "only one"}, {"@ a.test", "server"}, {"a.test axfr", "transfer"},
		{"+qid=7 a.test", "always a random one"}, {"+yaml a.test", "+json"},
		{"+tls-ca=/x a.test", "TLS is not built"}, {"+ndots=200 a.test", "value"},
		{"+domain a.test", "value"}, {"+domain=a..b a.test", "value"},
		{"+opcode=nonsense a.test", "value"}, {"+ednsflags=65536 a.test", "value"},
		{"-k /etc/key a.test", "TSIG is not built"}, {"+cookie=01 a.test", "value"},
		{"-b 127.0.0.1#99 a.test", "source port"}};
	for (size_t i = 0; i < RW_COUNT(wrong); i++) {
		ck_assert_msg(parse(wrong[i].line, NULL) < 0, "accepted: %s", wrong[i].line);
		ck_assert_msg(strstr(error, wrong[i].part), "%s: %s", wrong[i].line, error);
	}
	/* A secret is not repeated. */
	ck_assert_int_lt(parse("-y hmac-sha256:key:c2VjcmV0 a.test", NULL), 0);
	ck_assert_ptr_null(strstr(error, "c2VjcmV0"));
	ck_assert_int_eq(parse("+noqid +noyaml +notls +nosigchase -m a.test", NULL), 0);
}
END_TEST

START_TEST(errors_hold_printable_characters_only)
{
	char *words[] = {(char *)"+\033[31mred\n"};
	ck_assert_int_lt(args_parse(&arena, 1, words, NULL, &args, error), 0);
	for (const char *at = error; *at; at++)
		ck_assert(*at >= 0x20 && *at < 0x7f);
	ck_assert_ptr_nonnull(strstr(error, "\\027"));
}
END_TEST

START_TEST(a_batch_line_starts_from_the_command_line)
{
	ck_assert_int_eq(parse("-f names +tcp @192.0.2.1", NULL), 0);
	ck_assert_str_eq(args.batch, "names");
	ck_assert_uint_eq(args.count, 0);
	struct args base = args;
	ck_assert_int_eq(parse("a.test mx", &base), 0);
	assert_query(0, "a.test.", TYPE_MX, CLASS_IN);
	ck_assert(args.queries[0].options.tcp);
	ck_assert_int_lt(parse("-f other", &base), 0);
}
END_TEST

START_TEST(too_many_queries_are_refused)
{
	static char *words[ARGS_QUERIES + 1];
	for (int i = 0; i <= ARGS_QUERIES; i++)
		words[i] = (char *)"a.test";
	ck_assert_int_eq(args_parse(&arena, ARGS_QUERIES, words, NULL, &args, error), 0);
	ck_assert_uint_eq(args.count, ARGS_QUERIES);
	ck_assert_int_lt(args_parse(&arena, ARGS_QUERIES + 1, words, NULL, &args, error), 0);
}
END_TEST

START_TEST(resolv_conf_gives_its_first_usable_server)
{
	char path[FILEKIT_PATH], text[ADDR_TEXT];
	struct addr addr;
	filekit_new(path, "# nameserver 192.0.2.9\nsearch test\nnameserver nonsense\n"
			  "nameserver\t2001:db8::53\nnameserver 192.0.2.53\n");
	ck_assert_int_eq(servers_from_resolv_conf(path, 53, true, true, &addr), 0);
	ck_assert_str_eq(addr_text(&addr, text), "2001:db8::53@53");
	ck_assert_int_eq(servers_from_resolv_conf(path, 53, true, false, &addr), 0);
	ck_assert_str_eq(addr_text(&addr, text), "192.0.2.53@53");
	remove(path);
	ck_assert_int_lt(servers_from_resolv_conf(path, 53, true, true, &addr), 0);
}
END_TEST

START_TEST(names_in_utf8_become_a_labels)
{
	ck_assert_int_eq(parse("b\303\274cher.test", NULL), 0);
	assert_query(0, "xn--bcher-kva.test.", TYPE_A, CLASS_IN);
	ck_assert_int_eq(parse("+noidnin b\303\274.test", NULL), 0);
	assert_query(0, "b\\195\\188.test.", TYPE_A, CLASS_IN);
	ck_assert_int_eq(parse("\342\270\256.test", NULL), RW_EMALFORMED);
	ck_assert_int_eq(parse("\377.test", NULL), RW_EMALFORMED);
}
END_TEST

START_TEST(an_rc_file_gives_defaults)
{
	char path[FILEKIT_PATH];
	static const char *const bad[] = {"a.test\n", "-f x\n", "+nonsense\n", "--help\n"};
	struct args rc;
	filekit_new(path, "-6 +tries=7 # mx\n\n+tcp @192.0.2.7");
	ck_assert_int_eq(rc_read_file(&arena, path, &rc, error), 0);
	ck_assert_int_eq(parse("a.test", &rc), 0);
	assert_query(0, "a.test.", TYPE_A, CLASS_IN);
	ck_assert_uint_eq(args.queries[0].options.tries, 7);
	ck_assert(args.queries[0].options.tcp && !args.ipv4);
	ck_assert_str_eq(args.queries[0].server, "192.0.2.7");
	ck_assert_int_eq(parse("-f file", &rc), 0);
	for (size_t i = 0; i < RW_COUNT(bad); i++) {
		filekit_write(path, bad[i]);
		ck_assert_int_eq(rc_read_file(&arena, path, &rc, error), RW_EINVAL);
	}
	unlink(path);
	ck_assert_int_eq(rc_read_file(&arena, path, &rc, error), RW_ENOTFOUND);
}
END_TEST

START_TEST(the_manual_names_every_option)
{
	static char page[1 << 16];
	char word[64];
	FILE *file = fopen("docs/man/rootwalk.1", "r");
	ck_assert_msg(file, "run from the root of the source tree");
	size_t size = fread(page, 1, sizeof(page) - 1, file);
	fclose(file);
	page[size] = '\0';
	for (unsigned i = 0; options_name(i); i++) {
		snprintf(word, sizeof(word), "+%s", options_name(i));
		ck_assert_msg(strstr(page, word), "%s is missing", word);
	}
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client args");
	TCase *tests = tcase_create("args");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, names_types_and_classes_come_in_any_order);
	tcase_add_test(tests, the_first_of_several_servers_is_asked);
	tcase_add_test(tests, nothing_means_the_roots_servers);
	tcase_add_test(tests, several_queries_share_what_stands_before_them);
	tcase_add_test(tests, reverse_names_are_built_for_both_families);
	tcase_add_test(tests, defaults_are_digs);
	tcase_add_test(tests, options_negate_and_abbreviate);
	tcase_add_test(tests, options_with_values_are_read);
	tcase_add_test(tests, mistakes_are_named_with_the_nearest_word);
	tcase_add_test(tests, errors_hold_printable_characters_only);
	tcase_add_test(tests, a_batch_line_starts_from_the_command_line);
	tcase_add_test(tests, names_in_utf8_become_a_labels);
	tcase_add_test(tests, an_rc_file_gives_defaults);
	tcase_add_test(tests, too_many_queries_are_refused);
	tcase_add_test(tests, resolv_conf_gives_its_first_usable_server);
	tcase_add_test(tests, the_manual_names_every_option);
	suite_add_tcase(suite, tests);
	return suite;
}
