/* SPDX-License-Identifier: MIT */
/*
 * Setters of single `+` options. Each gets `on` (false: +nox) and the text behind the `=`, NULL
 * without one. RW_EINVAL: the value makes no sense, or is missing; the options are then undefined,
 * so a setter works on a copy.
 */
#ifndef RW_CLIENT_DIG_OPTION_SET_H
#define RW_CLIENT_DIG_OPTION_SET_H

#include "resolver/base/rw.h"
#include "resolver/client/dig/options.h"

#define EDNS_DO 0x8000u /* DNSSEC answers wanted, RFC 3225 */
#define EDNS_CO 0x4000u /* compact denial is understood, RFC 9824 */

typedef int option_setter(struct query_options *options, bool on, const char *value);

option_setter option_all;
option_setter option_bufsize;
option_setter option_cache;
option_setter option_cookie;
option_setter option_dnssec;
option_setter option_domain;
option_setter option_edns;
option_setter option_ednsflags;
option_setter option_ednsopt;
option_setter option_ndots;
option_setter option_opcode;
option_setter option_pcap;
option_setter option_retry;
option_setter option_short;
option_setter option_showsearch;
option_setter option_split;
option_setter option_subnet;
option_setter option_tcp;
option_setter option_watch;

/* A number within bounds, decimal, 0x hex or 0 octal. */
int option_number(const char *text, uint32_t min, uint32_t max, uint32_t *ret_value) RW_MUSTCHECK;

#endif
