/* SPDX-License-Identifier: MIT */
/*
 * +nssearch: the SOA record that each server of a name's zone has, in dig's lines. Unlike dig's it
 * finds the servers by walking from the root, and servers that give none are told, as comments.
 */
#ifndef RW_CLIENT_CHECK_NSSEARCH_H
#define RW_CLIENT_CHECK_NSSEARCH_H

#include "resolver/client/dig/args.h"
#include "resolver/client/out.h"

#define JSON_NSSEARCH "rootwalk.nssearch/1"

/* Returns an exit code: dig's, so that of servers that differ nothing is to be seen in it. */
int nssearch_run(const struct args *args, const struct query *query, const struct out *out);

#endif
