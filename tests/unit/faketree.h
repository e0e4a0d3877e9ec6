/* SPDX-License-Identifier: MIT */
/* The upper part of the scripted internet that the walk's tests share: root, test., example.test.
 */
#ifndef TESTS_UNIT_FAKETREE_H
#define TESTS_UNIT_FAKETREE_H

#include "tests/unit/fakenet.h"

#define ROOT "192.0.2.1"
#define TEST "192.0.2.2" /* test. */
#define EX   "192.0.2.3" /* example.test. */
#define EX2  "192.0.2.4" /* example.test., too */
#define OTH  "192.0.2.5" /* other.test. */

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

/* Begins a test in an internet of these rows; `net` is the test file's own. */
#define START(rows) fakenet_init(&net, rows, RW_COUNT(rows))

#endif
