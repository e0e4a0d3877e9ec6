/* SPDX-License-Identifier: MIT */
/* One TCP connection of a client: reading queries, writing answers, and its deadlines. */
#ifndef RW_SERVICE_TCP_CLIENT_H
#define RW_SERVICE_TCP_CLIENT_H

#include "resolver/service/worker.h"

/* Takes the descriptor over, on failure too. RW_ENOMEM, RW_ESYSTEM. */
int tcp_client_new(struct worker *worker, int fd, const struct addr *peer) RW_MUSTCHECK;

/* Forgets what it waits for and closes; closing twice does nothing. */
void tcp_client_close(struct tcp_client *client);

/* Nothing is in work and nothing unwritten. */
bool tcp_client_is_idle(const struct tcp_client *client);
const struct addr *tcp_client_peer(const struct tcp_client *client);
struct tcp_client *tcp_client_next(const struct tcp_client *client);

#endif
