/* SPDX-License-Identifier: MIT */
/*
 * How many questions of one client may wait, in all workers together: its questions come from many
 * ports, and so to all of them. Safe for several threads.
 *
 * One client is one IPv4 address or one /64 of IPv6, because a host may use all addresses of its
 * /64 (RFC 4291 section 2.5.1). All link-local addresses are in the same /64 and are told apart by
 * interface.
 */
#ifndef RW_ENGINE_CLIENT_QUOTA_H
#define RW_ENGINE_CLIENT_QUOTA_H

#include <stdbool.h>

#include "resolver/base/addr.h"
#include "resolver/base/env.h"
#include "resolver/base/rw.h"

struct client_quota;
struct client_share;

/* Whether both addresses count as one client. */
bool client_is_same(const struct addr *a, const struct addr *b);

int client_quota_new(const struct env *env, struct client_quota **ret_quota) RW_MUSTCHECK;

/* Frees the table, which must be empty. NULL does nothing. */
void client_quota_free(struct client_quota *quota);

/*
 * One more question of the client at that address waits; NULL: LIMIT_CLIENT_WAITING do already, or
 * there is no memory.
 */
struct client_share *client_quota_enter(struct client_quota *quota, const struct addr *address);

/* It waits no more. NULL does nothing. */
void client_quota_leave(struct client_quota *quota, struct client_share *share);

#endif
