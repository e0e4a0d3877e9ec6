/* SPDX-License-Identifier: MIT */
/*
 * Queries over UDP: datagrams are taken and answered in batches, straight on the socket, because
 * libuv tells nobody which of our addresses was asked and queues without bound. An answer leaves
 * from the address that was asked. What the kernel does not take waits in the batch; when that is
 * full, answers are dropped.
 */
#ifndef RW_SERVICE_LISTEN_UDP_H
#define RW_SERVICE_LISTEN_UDP_H

#include "resolver/service/worker.h"

/* Takes the socket over. RW_ENOMEM, RW_ESYSTEM. */
int udp_listener_new(struct worker *worker, int fd, const struct addr *address) RW_MUSTCHECK;

/* Takes no more queries; those that wait are still answered, then the socket is closed. */
void udp_listener_close(struct udp_listener *listener);
void udp_close_all(struct worker *worker);

/* Closes listeners whose address is not in the list. */
void udp_close_others(struct worker *worker, const struct addr_list *keep);

/* Sends all answers that have gathered. */
void udp_flush_all(struct worker *worker);

/* Frees what is kept for queries to come; at the end of the worker. */
void udp_release(struct worker *worker);

#endif
