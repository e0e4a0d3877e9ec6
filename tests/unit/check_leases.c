/* SPDX-License-Identifier: MIT */
/* Files of hosts and of leases: what comes of good, bad, half-written and hostile ones. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "zones/localdata/hosts_file.h"
#include "zones/localdata/leases.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

#define WALL 1800000000 /* s */
#define MONO 5000000    /* ms */

static struct arena arena;
static struct hosts *hosts;
static struct fault_list faults;

static void setup(void)
{
	arena_init(&arena, 1 << 20);
	memset(&faults, 0, sizeof(faults));
}

static void teardown(void)
{
	hosts_unref(hosts);
	hosts = NULL;
	arena_release(&arena);
}

static const uint8_t *wire(const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return name_dup(name.bytes, &arena);
}

static int parse_bytes(enum lease_format format, const char *text, size_t size)
{
	const struct lease_clock clock = {WALL, MONO};
	hosts_unref(hosts);
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	int err = leases_parse(format, "leases", text, size, wire("lan."), &clock, &faults, hosts);
	ck_assert_int_eq(hosts_finish(hosts), 0);
	return err;
}

static int parse(enum lease_format format, const char *text)
{
	return parse_bytes(format, text, strlen(text));
}

static void parse_hosts(const char *text)
{
	hosts_unref(hosts);
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	ck_assert_int_eq(hosts_file_parse("hosts", text, strlen(text), &faults, hosts), 0);
	ck_assert_int_eq(hosts_finish(hosts), 0);
}

/* The set's first record as text, "" where the name is there without it, "-" where it is not. */
static const char *at(const char *name, uint16_t type, uint64_t now_ms)
{
	static char text[ADDR_TEXT + LIMIT_NAME_TEXT];
	const struct question question = {wire(name), type, CLASS_IN};
	const struct rrset *set = NULL;
	if (hosts_lookup(hosts, &question, now_ms, &arena, &set))
		return "-";
	if (!set)
		return "";
	if (type == TYPE_PTR)
		return name_text(set->records[0].bytes, text);
	struct addr addr = addr_from_bytes(set->records[0].bytes, set->records[0].size, 0);
	return addr_ip_text(&addr, text);
}

static const char *of(const char *name, uint16_t type)
{
	return at(name, type, MONO);
}

/* Whether a fault of that line says so. */
static bool told(unsigned line, const char *words)
{
	for (size_t i = 0; i < RW_MIN(faults.count, (size_t)LIMIT_FILE_FAULTS); i++)
		if (faults.items[i].line == line && strstr(faults.items[i].message, words))
			return true;
	return false;
}

START_TEST(what_is_no_file_of_hosts_is_refused_whole)
{
	static const char junk[] = "garbage\nmore of it\n", mixed[] = "garbage\n192.0.2.1 nas\n";
	static const char nothing[] = "# only a comment\n\n";
	hosts_unref(hosts);
	memset(&faults, 0, sizeof(faults));
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	ck_assert_int_eq(hosts_file_parse("hosts", junk, strlen(junk), &faults, hosts), RW_EINVAL);
	ck_assert_uint_eq(faults.errors, 1);
	ck_assert_int_eq(hosts_file_parse("hosts", mixed, strlen(mixed), &faults, hosts), 0);
	ck_assert_int_eq(hosts_file_parse("hosts", nothing, strlen(nothing), &faults, hosts), 0);
	ck_assert_uint_eq(faults.errors, 1);
}
END_TEST

START_TEST(hosts_are_read)
{
	parse_hosts("# comment\n\n192.168.1.2 nas.lan nas\t alias.lan # more\r\n"
		    "fd00::2\tnas.lan\n192.168.1.2 other.lan\n 10.0.0.1 under_score.lan");
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_str_eq(of("nas.lan.", TYPE_A), "192.168.1.2");
	ck_assert_str_eq(of("NAS.", TYPE_A), "192.168.1.2");
	ck_assert_str_eq(of("nas.", TYPE_AAAA), "");
	ck_assert_str_eq(of("alias.lan.", TYPE_A), "192.168.1.2");
	ck_assert_str_eq(of("nas.lan.", TYPE_AAAA), "fd00::2");
	ck_assert_str_eq(of("under_score.lan.", TYPE_A), "10.0.0.1");
	ck_assert_str_eq(of("2.1.168.192.in-addr.arpa.", TYPE_PTR), "nas.lan.");
}
END_TEST

START_TEST(bad_lines_of_hosts_are_told_and_the_rest_is_used)
{
	parse_hosts("nas.lan 192.168.1.2\n192.168.1.300 a.lan\n192.168.1.3\n10.0.0.1@53 b.lan\n"
		    "fe80::1%eth0 c.lan\n10.0.0.2 b\xc3\xbc.lan d..lan e.lan\n"
		    "127.0.1.1 f.lan g.lan\n10.0.0.9 z.lan\n");
	ck_assert_uint_eq(faults.errors, 0);
	ck_assert_uint_eq(faults.count, 8);
	ck_assert(told(1, "\"nas.lan\" is no address"));
	ck_assert(told(2, "192.168.1.300"));
	ck_assert(told(3, "without a name"));
	ck_assert(told(4, "is no address"));
	ck_assert(told(5, "an interface"));
	ck_assert(told(6, "\"b??.lan\" is no name"));
	ck_assert(told(6, "\"d..lan\""));
	ck_assert(told(7, "loopback"));
	ck_assert_str_eq(of("e.lan.", TYPE_A), "10.0.0.2");
	ck_assert_str_eq(of("f.lan.", TYPE_A), "127.0.1.1");
	ck_assert_str_eq(of("z.lan.", TYPE_A), "10.0.0.9");
}
END_TEST

START_TEST(the_machine_itself_is_no_host)
{
	parse_hosts("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
		    "0.0.0.0 ads.test\nff02::1 ip6-allnodes\n");
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_str_eq(of("localhost.", TYPE_A), "-");
	ck_assert_str_eq(of("1.0.0.127.in-addr.arpa.", TYPE_PTR), "-");
	ck_assert_str_eq(of("ads.test.", TYPE_A), "0.0.0.0");
	ck_assert_str_eq(of("0.0.0.0.in-addr.arpa.", TYPE_PTR), "-");
	ck_assert_str_eq(of("ip6-allnodes.", TYPE_AAAA), "ff02::1");
}
END_TEST

START_TEST(dnsmasq)
{
	ck_assert_int_eq(
		parse(LEASES_DNSMASQ,
			"1800000100 aa:bb:cc:00:00:01 192.168.1.50 phone 01:aa:bb:cc:00:00:01\n"
			"0 aa:bb:cc:00:00:02 192.168.1.51 Server *\n"
			"1799999999 aa:bb:cc:00:00:03 192.168.1.52 old *\n"
			"1800000100 aa:bb:cc:00:00:04 192.168.1.53 * *\n"
			"no lease at all\n"
			"duid 00:01:00:01:2c\n"
			"1800000200 12345 fd00::50 phone 00:01:00:01:99\n"
			"1800000200 T12346 fd00::51 tmp 00:01:00:01:98\n"
			"1800000100 aa:bb:cc:00:00:05 192.168.1.54 half"),
		0);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert(told(5, "no lease of dnsmasq"));
	ck_assert_str_eq(of("phone.lan.", TYPE_A), "192.168.1.50");
	ck_assert_str_eq(of("phone.lan.", TYPE_AAAA), "fd00::50");
	ck_assert_str_eq(of("server.lan.", TYPE_A), "192.168.1.51");
	ck_assert_str_eq(of("tmp.lan.", TYPE_AAAA), "fd00::51");
	ck_assert_str_eq(of("old.lan.", TYPE_A), "-");
	ck_assert_str_eq(of("half.lan.", TYPE_A), "-");
	ck_assert_str_eq(of("50.1.168.192.in-addr.arpa.", TYPE_PTR), "phone.lan.");
	/* They end whether or not the file changes. */
	ck_assert_str_eq(at("phone.lan.", TYPE_A, MONO + 99999), "192.168.1.50");
	ck_assert_str_eq(at("phone.lan.", TYPE_A, MONO + 100000), "");
	ck_assert_str_eq(at("phone.lan.", TYPE_AAAA, MONO + 200000), "-");
	ck_assert_str_eq(at("server.lan.", TYPE_A, UINT64_MAX - 1), "192.168.1.51");
}
END_TEST

START_TEST(names_are_made_fit)
{
	static const struct {
		const char *given, *name;
	} cases[] = {
		{"Johns-iPhone", "johns-iphone"},
		{"John's\xc2\xa0iPhone", "johns-iphone"},
		{"galaxy.example.com", "galaxy"},
		{"--x__y--", "x-y"},
		{"\xff\xfe", ""},
		{"WPAD", ""},
		{"isatap.lan", ""},
		{"localhost", ""},
		{"0123456789012345678901234567890123456789012345678901234567890123456789",
			"012345678901234567890123456789012345678901234567890123456789012"},
	};
	struct lease_reading reading = {.path = "leases", .faults = &faults};
	for (size_t i = 0; i < RW_COUNT(cases); i++) {
		char host[LEASE_HOST];
		lease_name(&reading, 1, cases[i].given, strlen(cases[i].given), host);
		ck_assert_str_eq(host, cases[i].name);
	}
	ck_assert_uint_eq(faults.count, 3);
	ck_assert(told(1, "wpad"));
}
END_TEST

START_TEST(clashes_are_told)
{
	ck_assert_int_eq(parse(LEASES_DNSMASQ, "1800000100 aa:00:00:00:00:01 10.0.0.1 tv *\n"
					       "1800000900 aa:00:00:00:00:02 10.0.0.2 tv *\n"
					       "1800000800 aa:00:00:00:00:02 10.0.0.3 tv *\n"),
		0);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert(told(1, "\"tv\": 10.0.0.2 has the name, 10.0.0.1 has none"));
	ck_assert_str_eq(of("tv.lan.", TYPE_A), "10.0.0.2");
	ck_assert_str_eq(of("1.0.0.10.in-addr.arpa.", TYPE_PTR), "-");
	ck_assert_str_eq(of("3.0.0.10.in-addr.arpa.", TYPE_PTR), "tv.lan.");
}
END_TEST

#define KEA4                                                                                       \
	"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"     \
	"state,user_context,pool_id\n"
#define KEA6                                                                                       \
	"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,"   \
	"fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n"

START_TEST(kea)
{
	ck_assert_int_eq(
		parse(LEASES_KEA, KEA4
			"10.0.0.1,aa:01,01:aa:01,3600,1800000100,1,0,0,a.example.org.,0,,0\n"
			"10.0.0.2,aa:02,,3600,1800000100,1,0,0,b,0,,0\n"
			"10.0.0.2,aa:02,,3600,1800000300,1,0,0,b2,0,,0\n"
			"10.0.0.3,aa:03,,3600,1800000100,1,0,0,c,0,,0\n"
			"10.0.0.3,aa:03,,0,1800000100,1,0,0,c,0,,0\n"
			"10.0.0.4,aa:04,,3600,1800000100,1,0,0,declined,1,,0\n"
			"10.0.0.5,aa:05,,4294967295,1,1,0,0,forever,0,,0\n"
			"10.0.0.6,aa:06,,3600,1800000100,1,0,0,comma&#x2cname,0,{ \"a\": 1 },0\n"
			"10.0.0.x,aa,,3600,1800000100,1,0,0,bad,0,,0\n"
			"10.0.0.7\n"
			"10.0.0.8,aa:08,,3600,1800000100,1,0,0,half,0"),
		0);
	ck_assert_uint_eq(faults.count, 2);
	ck_assert(told(10, "no lease of Kea"));
	ck_assert(told(11, "no lease of Kea"));
	ck_assert_str_eq(of("a.lan.", TYPE_A), "10.0.0.1");
	ck_assert_str_eq(of("b.lan.", TYPE_A), "-");
	ck_assert_str_eq(at("b2.lan.", TYPE_A, MONO + 200000), "10.0.0.2");
	ck_assert_str_eq(of("c.lan.", TYPE_A), "-");
	ck_assert_str_eq(of("declined.lan.", TYPE_A), "-");
	ck_assert_str_eq(of("forever.lan.", TYPE_A), "10.0.0.5");
	ck_assert_str_eq(of("comma.lan.", TYPE_A), "10.0.0.6");
	ck_assert_str_eq(of("half.lan.", TYPE_A), "-");
	ck_assert_int_eq(
		parse(LEASES_KEA,
			KEA6 "fd00::1,00:01,3600,1800000100,1,1800,0,7,128,0,0,six,,0,,,,0\n"
			     "fd00:1::,00:01,3600,1800000100,1,1800,2,7,56,0,0,prefix,,0,,,,0\n"),
		0);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_str_eq(of("six.lan.", TYPE_AAAA), "fd00::1");
	ck_assert_str_eq(of("prefix.lan.", TYPE_AAAA), "-");
	/* Just begun: not even the first line. */
	ck_assert_int_eq(parse(LEASES_KEA, "address,hwaddr,cli"), 0);
	ck_assert_int_eq(parse(LEASES_KEA, "a,b,c\n"), RW_EINVAL);
	ck_assert(told(1, "names its columns"));
}
END_TEST

START_TEST(kea_cleans_up)
{
	char folder[] = "/tmp/rootwalk-kea-XXXXXX", path[2][64];
	const struct lease_clock clock = {WALL, MONO};
	static const char *const lines[] = {KEA4 "10.0.0.1,aa:01,,3600,1800000100,1,0,0,now,0,,0\n",
		KEA4 "10.0.0.1,aa:01,,3600,1800000100,1,0,0,before,0,,0\n"
		     "10.0.0.2,aa:02,,3600,1800000100,1,0,0,moved,0,,0\n"};
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (unsigned i = 0; i < 2; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/l%s", folder, i ? ".2" : "");
		filekit_write(path[i], lines[i]);
	}
	const char *const files[TABLE_FILES] = {path[0], "/nonexistent", path[1], NULL};
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	ck_assert_int_eq(leases_read(LEASES_KEA, files, wire("lan."), &clock, &faults, hosts), 0);
	ck_assert_int_eq(hosts_finish(hosts), 0);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_str_eq(of("now.lan.", TYPE_A), "10.0.0.1");
	ck_assert_str_eq(of("before.lan.", TYPE_A), "-");
	ck_assert_str_eq(of("moved.lan.", TYPE_A), "10.0.0.2");
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(unlink(path[i]), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(isc)
{
	ck_assert_int_eq(
		parse(LEASES_ISC, "# The format of this file is documented in dhcpd.leases(5)\n"
				  "authoring-byte-order little-endian;\n"
				  "server-duid \"\\000\\001{;\";\n"
				  "lease 10.0.0.1 {\n  starts 4 2027/01/15 08:00:00;\n"
				  "  ends 5 2027/01/15 08:01:40;\n  binding state active;\n"
				  "  next binding state free;\n  rewind binding state free;\n"
				  "  hardware ethernet aa:bb:cc:00:00:01;\n  uid \"\\001\\\"}\";\n"
				  "  client-hostname \"One\";\n"
				  "  on expiry { if 1 = 1 { set x = \"}\"; } }\n}\n"
				  "lease 10.0.0.2 { ends never; binding state active;"
				  " client-hostname \"two\"; }\n"
				  "lease 10.0.0.3 { ends epoch 1800000050; # comment }\n"
				  " binding state active; client-hostname \"three\"; }\n"
				  "lease 10.0.0.2 { ends never; binding state free; "
				  "client-hostname \"two\"; }\n"
				  "lease 10.0.0.4 { ends soon; client-hostname \"four\"; }\n"
				  "lease 2001:db8::1 { ends never; client-hostname \"six\"; }\n"
				  "ia-na \"x\" { cltt 1 2027/01/01 00:00:00; iaaddr fd00::1 { ends "
				  "never; } }\n"
				  "lease 10.0.0.5 { ends never; client-hostname \"half\";"),
		0);
	ck_assert_uint_eq(faults.count, 2);
	ck_assert(told(19, "no lease of dhcpd"));
	ck_assert(told(20, "no lease of dhcpd"));
	ck_assert_str_eq(of("one.lan.", TYPE_A), "10.0.0.1");
	ck_assert_str_eq(at("one.lan.", TYPE_A, MONO + 100000), "-");
	ck_assert_str_eq(of("two.lan.", TYPE_A), "-");
	ck_assert_str_eq(at("three.lan.", TYPE_A, MONO + 49999), "10.0.0.3");
	ck_assert_str_eq(at("three.lan.", TYPE_A, MONO + 50000), "-");
	ck_assert_str_eq(of("half.lan.", TYPE_A), "-");
	ck_assert_int_eq(parse(LEASES_ISC, "option domain-name \"x\";\n"), RW_EINVAL);
	ck_assert(told(0, "nothing in it is a lease"));
}
END_TEST

START_TEST(networkd)
{
	ck_assert_int_eq(
		parse(LEASES_NETWORKD,
			"{\"BootID\":\"d7f5\",\"Address\":[10,0,0,254],\"PrefixLength\":24,"
			"\"Leases\":["
			"{\"ClientId\":[1,2,3],\"Address\":[10,0,0,1],\"Hostname\":\"one\","
			"\"ExpirationUSec\":72338380895,\"ExpirationRealtimeUSec\":"
			"1800000100500000},"
			"{\"ClientId\":[1,2,4],\"Address\":[10,0,0,2],\"Hostname\":\"ever\","
			"\"ExpirationRealtimeUSec\":18446744073709551615},"
			"{\"Address\":[10,0,0,3],\"ExpirationRealtimeUSec\":1800000100000000},"
			"{\"Address\":[10,0,0],\"ExpirationRealtimeUSec\":1800000100000000},"
			"{\"Address\":[10,0,0,999],\"ExpirationRealtimeUSec\":1},7]}"),
		0);
	ck_assert_uint_eq(faults.count, 3);
	ck_assert(told(0, "entry 4"));
	ck_assert_str_eq(of("one.lan.", TYPE_A), "10.0.0.1");
	ck_assert_str_eq(at("one.lan.", TYPE_A, MONO + 100000), "-");
	ck_assert_str_eq(at("ever.lan.", TYPE_A, UINT64_MAX - 1), "10.0.0.2");
	ck_assert_int_eq(parse(LEASES_NETWORKD, "{\"Leases\":[{\"Addr"), RW_EINVAL);
	ck_assert(told(1, "no JSON"));
	ck_assert_int_eq(parse(LEASES_NETWORKD, "[]"), RW_EINVAL);
	ck_assert_int_eq(parse(LEASES_NETWORKD, "{\"Leases\":{}}"), RW_EINVAL);
	ck_assert_int_eq(parse(LEASES_NETWORKD, "{\"BootID\":\"d7f5\"}"), 0);
	ck_assert_int_eq(parse(LEASES_NETWORKD, ""), RW_EINVAL);
}
END_TEST

START_TEST(a_file_of_another_format_is_refused)
{
	ck_assert_int_eq(parse(LEASES_DNSMASQ, KEA4), RW_EINVAL);
	ck_assert_int_eq(parse(LEASES_KEA, "lease 10.0.0.1 {\n}\n"), RW_EINVAL);
	ck_assert_int_eq(parse(LEASES_ISC, ""), 0);
	ck_assert_int_eq(parse(LEASES_DNSMASQ, ""), 0);
}
END_TEST

/* Each beginning of a file, and each byte of it gone wrong: nothing but an end is asked for. */
START_TEST(hostile_files_end)
{
	static const char *const texts[] = {"1800000100 aa:bb 10.0.0.1 phone *\n",
		KEA4 "10.0.0.1,aa:01,01,3600,1800000100,1,0,0,a,0,,0\n",
		"lease 10.0.0.1 { ends 5 2027/01/15 08:01:40; uid \"\\001\"; }\n",
		"{\"Leases\":[{\"Address\":[10,0,0,1],\"ExpirationRealtimeUSec\":1e300}]}"};
	char bytes[512];
	for (unsigned f = 0; f < RW_COUNT(texts); f++) {
		size_t size = strlen(texts[f]);
		for (size_t i = 0; i < size; i++) {
			(void)parse_bytes((enum lease_format)f, texts[f], i);
			for (unsigned c = 0; c < 256; c += 15) {
				memcpy(bytes, texts[f], size);
				bytes[i] = (char)c;
				(void)parse_bytes((enum lease_format)f, bytes, size);
			}
		}
	}
	ck_assert_int_eq(parse(LEASES_DNSMASQ, "999999999999999999 aa 10.0.0.1 far *\n"), 0);
	ck_assert_str_eq(at("far.lan.", TYPE_A, UINT64_MAX - 1), "10.0.0.1");
}
END_TEST

START_TEST(leases_have_a_bound)
{
	size_t room = (LIMIT_LEASES + 10) * 48, used = 0;
	char *text = malloc(room);
	ck_assert_ptr_nonnull(text);
	for (unsigned i = 0; i < LIMIT_LEASES + 2; i++)
		used += (size_t)snprintf(text + used, room - used, "0 %x 10.%u.%u.%u h%u *\n", i,
			i >> 16, i >> 8 & 0xff, i & 0xff, i);
	ck_assert_int_eq(parse_bytes(LEASES_DNSMASQ, text, used), 0);
	free(text);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert(told(LIMIT_LEASES + 1, "more than 65536 leases"));
	ck_assert_str_eq(of("h65535.lan.", TYPE_A), "10.0.255.255");
	ck_assert_str_eq(of("h65536.lan.", TYPE_A), "-");
}
END_TEST

START_TEST(files_have_a_size)
{
	char path[] = "/tmp/rootwalk-names-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)LIMIT_NAMES_BYTES + 1), 0);
	(void)close(fd);
	ck_assert_int_eq(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts), 0);
	ck_assert_int_eq(hosts_file_read(path, &faults, hosts), RW_EINVAL);
	ck_assert(told(0, "larger than"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(hosts_file_read(path, &faults, hosts), RW_EINVAL);
	ck_assert(told(0, "cannot be read"));
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("leases");
	TCase *tests = tcase_create("leases");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, what_is_no_file_of_hosts_is_refused_whole);
	tcase_add_test(tests, hosts_are_read);
	tcase_add_test(tests, bad_lines_of_hosts_are_told_and_the_rest_is_used);
	tcase_add_test(tests, the_machine_itself_is_no_host);
	tcase_add_test(tests, dnsmasq);
	tcase_add_test(tests, names_are_made_fit);
	tcase_add_test(tests, clashes_are_told);
	tcase_add_test(tests, kea);
	tcase_add_test(tests, kea_cleans_up);
	tcase_add_test(tests, isc);
	tcase_add_test(tests, networkd);
	tcase_add_test(tests, a_file_of_another_format_is_refused);
	tcase_add_test(tests, hostile_files_end);
	tcase_add_test(tests, leases_have_a_bound);
	tcase_add_test(tests, files_have_a_size);
	suite_add_tcase(suite, tests);
	return suite;
}
