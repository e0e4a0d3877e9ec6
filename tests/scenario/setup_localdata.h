/* SPDX-License-Identifier: MIT */
/*
 * The head's features for what is ours: zones, files of hosts and of leases, names that are
 * transparent, views. Their lines are written to files of the text's own, which both worlds read.
 *
 *   view=PREFIX          what follows is of a view of these clients
 *   localdata_zone=NAME        a zone; `localdata` lines that follow are its master file's, behind
 * $TTL 300 own=LINE hosts_line=LINE      of one file of hosts lease_line=FORMAT DOMAIN LINE    of
 * one file of leases for each format transparent=NAME
 */
#ifndef RW_TEST_SETUP_OWN_H
#define RW_TEST_SETUP_OWN_H

#include "tests/scenario/setup.h"

/* Whether it is one of these features. `ret_why` gets what is wrong with it, or NULL. */
bool setup_localdata(
	struct setup *setup, const char *name, const char *value, const char **ret_why);

/* Removes the files. */
void setup_localdata_release(struct setup *setup);

#endif
