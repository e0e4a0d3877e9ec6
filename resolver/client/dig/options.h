/* SPDX-License-Identifier: MIT */
/*
 * The `+` options of one query, with dig's names, defaults and negations. One table says them all;
 * rootwalk(1) describes them. Options are cumulative: those before the first name hold for every
 * query of the command line, later ones for the query they follow.
 */
#ifndef RW_CLIENT_DIG_OPTIONS_H
#define RW_CLIENT_DIG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "resolver/base/addr.h"

#define OPTION_MAX    8    /* +ednsopt options of one query */
#define OPTION_BYTES  256  /* bytes of one +ednsopt value */
#define COOKIE_BYTES  40   /* RFC 7873: client cookie 8, server cookie 8 to 32 */
#define OPTIONS_ERROR 256  /* bytes of an error message */
#define PADDING_MAX   512  /* bytes, as dig's */
#define TRIES_MAX     20   /* packets to one server */
#define TIMEOUT_MAX_S 3600 /* s */
#define NDOTS_MAX     127  /* a name has no more labels */
#define NDOTS_SYSTEM  128

struct option_bytes {
	uint16_t code, size;
	uint8_t bytes[OPTION_BYTES];
};

struct query_options {
	/* The question as sent. */
	bool recurse, aa, ad, cd, ra, tc, z, dnssec, edns, nsid, cookie, expire, keepalive;
	bool zone_version, compact, header_only;
	uint32_t edns_version, edns_flags, bufsize, padding, opcode;
	uint8_t cookie_bytes[COOKIE_BYTES];
	uint32_t cookie_size; /* 0: a random client cookie */
	bool subnet;
	struct prefix subnet_prefix; /* family ADDR_NONE: +subnet=0 */
	struct option_bytes ednsopt[OPTION_MAX];
	uint32_t ednsopt_count;

	/* How it is sent. */
	bool tcp, tcp_given, ignore_tc, stop_at_servfail, edns_negotiation, retry_badcookie;
	bool search, show_search, dns64_prefix;
	const char *domain; /* +domain: searched instead of the system's list; the caller's */
	uint32_t ndots;     /* NDOTS_SYSTEM: as the system says */
	uint32_t timeout_s; /* 0: dig's default, 5 over UDP and 10 over TCP */
	uint32_t tries;     /* packets to one server, the first included */

	/* What is shown. */
	bool short_form, identify, json, multiline, crypto, rrcomments;
	bool cmd, comments, question, answer, authority, additional, stats, query;
	bool ttl, ttl_units, class, unknown_format, wire, show_badcookie, expand_aaaa, idn_out;
	bool usec;        /* -u: times in microseconds */
	const char *pcap; /* +pcap: a file's name, the caller's; NULL without */
	uint32_t split;   /* characters of a chunk of base64 or hex; 0: no chunks */

	/* The walk. */
	bool idn_in; /* names that are not ASCII become A-labels, RFC 5891 */
	bool trace, minimise, prop, watch, all_servers, check, ns_search;
	const char *cache;   /* +cache=@RESOLVER, the caller's; NULL without */
	const char *wanted;  /* +watch=VALUE, the caller's; NULL without */
	uint32_t trace_port; /* where authoritative servers listen */
};

void options_default(struct query_options *ret_options);

/*
 * One option without its `+`, e.g. "nocookie" or "bufsize=512"; unambiguous abbreviations are fine.
 * On failure `error` has a sentence without final newline, printable ASCII only.
 */
int options_set(
	struct query_options *options, const char *text, char error[OPTIONS_ERROR]) RW_MUSTCHECK;

/* Names of those that do something, one a line: what shells complete from. */
void options_print(FILE *file);

/* The name of option number `index` of the table, NULL behind the last: for the man page's test. */
const char *options_name(unsigned index);

#endif
