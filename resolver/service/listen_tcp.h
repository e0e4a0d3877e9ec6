/* SPDX-License-Identifier: MIT */
/*
 * Queries over TCP (RFC 7766): pipelined, answered in the order answers become known, at most
 * LIMIT_TCP_IN_FLIGHT in work per connection, which is not read from meanwhile. A connection ends
 * when no whole question came for LIMIT_TCP_IDLE_MS or when an answer stays unread for
 * LIMIT_TCP_WRITE_MS. When there are too many, in all or from one address, an idle one makes room.
 */
#ifndef RW_SERVICE_LISTEN_TCP_H
#define RW_SERVICE_LISTEN_TCP_H

#include "resolver/service/worker.h"

/* Takes the socket over. RW_ENOMEM, RW_ESYSTEM. */
int tcp_listener_new(struct worker *worker, int fd, const struct addr *address) RW_MUSTCHECK;
void tcp_close_listeners(struct worker *worker);
void tcp_close_other_listeners(struct worker *worker, const struct addr_list *keep);

void tcp_close_idle_clients(struct worker *worker);

/* Closes every connection, idle or not. */
void tcp_close_clients(struct worker *worker);

#endif
