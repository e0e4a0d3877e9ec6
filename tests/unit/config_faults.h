/* SPDX-License-Identifier: MIT */
/* Configuration files with one fault each, and what check_config.c expects to be said of it. */
#ifndef RW_UNIT_CONFIG_FAULTS_H
#define RW_UNIT_CONFIG_FAULTS_H

/* One error each: where, and how the message starts. */
static const struct {
	const char *text;
	unsigned line, column;
	const char *message;
} faults[] = {
	{"workers: 0\n", 1, 10, "\"0\" is out of range: it must be from 1 to 64"},
	/* reaches LIMIT_WORKERS */
	{"workers: 65\n", 1, 10, "\"65\" is out of range"},
	{"workers: 99999999999999999999\n", 1, 10, "\"99999999999999999999\" is not a whole"},
	{"workers: -1\n", 1, 10, "\"-1\" is not a whole number"},
	{"workers: 0x2\n", 1, 10, "\"0x2\" is not a whole number"},
	{"workers:\n", 1, 1,
		"\"workers\" takes a number from 1 to 64, or cores, not nothing: give"},
	{"workers: [1]\n", 1, 10, "\"workers\" takes a number from 1 to 64, or cores, not a list"},
	{"workers: {a: 1}\n", 1, 10, "\"workers\" takes a number from 1 to 64, or cores, not a se"},
	{"wrokers: 2\n", 1, 1, "unknown key \"wrokers\" (did you mean \"workers\"?)"},
	{"zzzzzzzzzzz: 2\n", 1, 1, "unknown key \"zzzzzzzzzzz\""},
	{"\n\nprefetch: true\n", 3, 1, "unknown key \"prefetch\": it belongs inside \"cache:\""},
	{"cache.size: 1MiB\n", 1, 1,
		"unknown key \"cache.size\": write \"size:\" inside \"cache:\""},
	{"forward[].zone: a\n", 1, 1, "unknown key \"forward[].zone\""},
	{"cache: {workers: 2}\n", 1, 9, "unknown key \"workers\": it belongs to the top level"},
	{"workers: 2\nworkers: 2\n", 2, 1,
		"duplicate key \"workers\": it stands on line 1 already, remove one"},
	{"cache: {size: 1MiB}\nlog: {level: info}\ncache: {max-ttl: 1d}\n", 3, 1,
		"duplicate key \"cache\": it stands on line 1"},
	{"minimal-responses: no\n", 1, 20, "\"no\" is neither true nor false"},
	{"minimal-responses: True\n", 1, 20, "\"True\" is neither true nor false"},
	{"cache:\n  size: 64MB\n", 2, 9, "\"64MB\" is not a size: write a whole number with B,"},
	{"cache:\n  size: 1.10\n", 2, 9, "\"1.10\" is not a size"},
	{"cache:\n  size: 1023KiB\n", 2, 9, "\"1023KiB\" is out of range: it must be from 1MiB"},
	{"cache:\n  size: 99999999999999999TiB\n", 2, 9, "\"99999999999999999TiB\" is out of r"},
	{"cache:\n  max-ttl: 12:30\n", 2, 12, "\"12:30\" is not a duration: write a whole"},
	{"cache:\n  max-ttl: 1500ms\n", 2, 12, "\"1500ms\" is not a number of whole seconds"},
	{"cache:\n  max-ttl: 8d\n", 2, 12, "\"8d\" is out of range: it must be from 1s to 7d"},
	{"cache: {max-ttl: 1m, min-ttl: 2m}\n", 1, 31, "cache.min-ttl is longer than cache.max"},
	{"cache: on\n", 1, 8, "\"cache\" is a section, not a single value: write its keys below"},
	{"outgoing: {timeout: 7}\n", 1, 21, "\"7\" is not a duration"},
	{"outgoing: {timeout: 400ms}\n", 1, 21, "\"400ms\" is out of range: it must be from 500ms"},
	{"outgoing: {port: 0}\n", 1, 18, "\"0\" is out of range: it must be from 1 to 65535"},
	{"outgoing: {ipv4: false, ipv6: false}\n", 1, 31, "outgoing.ipv4 and outgoing.ipv6 are"},
	{"outgoing: {addresses: [\"127.0.0.1@5\"]}\n", 1, 24, "\"127.0.0.1@5\" has a port, but"},
	{"qname-minimisation: on\n", 1, 21, "\"on\" is unknown here: write relaxed, strict or off"},
	{"listen: []\n", 1, 9, "\"listen\" needs at least one entry"},
	{"listen: 127.0.0.1@53\n", 1, 9,
		"\"listen\" takes a list of addresses with ports, not a "
		"single value: put it in brackets"},
	{"listen: [\"127.0.0.1:53\"]\n", 1, 10, "\"127.0.0.1:53\" is not an address with a port"},
	{"listen: [::1@53, ::1@53]\n", 1, 18, "\"::1@53\" is in this list already"},
	{"listen:\n- ::1@53\n- {a: b}\n", 3, 3, "\"listen\" takes an address, not a section"},
	{"access: [\"10.0.0.1/8\"]\n", 1, 10, "\"10.0.0.1/8\" has bits set behind the length"},
	{"access: ['10.0.0.0/33']\n", 1, 10, "\"10.0.0.0/33\" is not a network"},
	{"access: [10.0.0.0/8, *.ads.example]\n", 1, 22,
		"\"*.ads.example\" without quotes is an alias, and aliases are not supported: "
		"quote "
		"names that start with *"},
	{"workers: &a 2\n", 1, 10, "anchors are not supported"},
	{"workers: !!int 2\n", 1, 10, "tags are not supported"},
	{"<<: 2\n", 1, 1, "merge keys are not supported"},
	{"workers: 2\n---\nworkers: 3\n", 2, 1, "a second document starts here"},
	{"%YAML 1.2\n---\nworkers: 2\n", 1, 1, "directives are not supported"},
	{"cache:\n\tsize: 1MiB\n", 2, 1, "a tab: YAML does not indent with tabs, use spaces"},
	{"log: {level: \xff}\n", 1, 14, "not UTF-8: save the file in UTF-8"},
	{"# \xc0\xaf\n", 1, 3, "not UTF-8"},
	{"# \xed\xa0\x80\n", 1, 3, "not UTF-8"},
	{"# \xc3\xa4\x1b[1m\n", 1, 4, "a control character: remove it"},
	{"\xef\xbb\xbfworkers: 2\n", 1, 1, "a byte order mark"},
	{"workers: 2\rworkers: 3\n", 1, 11, "a carriage return without a newline"},
	{"log: {level: \"in\\0fo\"}\n", 1, 14, "escapes are not supported: use single quotes"},
	{"root-hints: 'it''s'\n", 1, 13, "doubled quotes are not supported: use double"},
	{"log:\n  level: |\n    info\n", 3, 1, "text over several lines is not supported"},
	{"log: {level: @info}\n", 1, 14, "YAML syntax: plain scalar cannot start with '@': quote"},
	{"workers: 2\n listen: [::1@53]\n", 1, 10,
		"YAML syntax: invalid multiline plain key: the next"},
	{"forward:\n- zone: .\n  to: @\n", 3, 7, "YAML syntax: plain scalar cannot start with"},
	{"workers: 2\n\"a", 2, 2, "YAML syntax: "},
	{"? [a]\n: b\n", 1, 3, "a key must be a single word"},
	{": 2\n", 1, 1, "a key is missing before the colon"},
	{"workers\n", 1, 1, "the file holds a single value, but it must hold keys"},
	{"- workers: 2\n", 1, 1, "the file holds a list, but it must hold keys"},
	/* reaches LIMIT_CONFIG_DEPTH */
	{"stub: [[[[[[[[]]]]]]]]\n", 1, 11, "nested too deep"},
	{"dnssec: {validate: true}\n", 1, 20, "\"true\" is refused: this version cannot validate"},
	{"dnssec: {trust-anchors: [no/such.key]}\n", 1, 26,
		"\"no/such.key\" cannot be read: No such file or directory (looked for in the "
		"folder"},
	{"root-hints: /\n", 1, 13, "\"/\" cannot be read: not a regular file"},
	{"root-hints: \"\"\n", 1, 13, "\"\" is not a file name"},
	{"forward:\n- zone: .\n", 2, 3, "this entry needs the key \"to\""},
	{"forward: [{zone: a..b, to: [::1@53]}]\n", 1, 18, "\"a..b\" is not a domain name"},
	{"forward: [{zone: ., to: [x]}]\n", 1, 26, "\"x\" is not an address with a port"},
	{"stub: [{zone: a, to: [::1@53], first: true}]\n", 1, 32, "unknown key \"first\""},
	{"stub: [{zone: a, to: [::1@53]}, {zone: A., to: [::1@53]}]\n", 1, 33,
		"an earlier entry of forward or stub is for the same zone"},
};

#endif
