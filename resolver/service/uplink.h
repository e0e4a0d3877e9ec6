/* SPDX-License-Identifier: MIT */
/*
 * The uplink: hears from the kernel (netlink, see rtnetlink(7)) that a link, an address or a
 * default route has come up. Servers that were given up while the network was away are worth asking
 * again then, at once and not when their penalty ends.
 */
#ifndef RW_SERVICE_UPLINK_H
#define RW_SERVICE_UPLINK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "resolver/net/timers.h"

struct uplink;

/* Called from the loop, at most once in LIMIT_UPLINK_MS. */
typedef void (*uplink_cb)(void *owner);

/* RW_ESYSTEM: the kernel gives us no such socket, errno says why; RW_ENOMEM. */
int uplink_new(uv_loop_t *loop, struct timers *timers, const struct env *env, uplink_cb changed,
	void *owner, struct uplink **ret_uplink) RW_MUSTCHECK;

/* Memory goes with the handle. NULL does nothing. */
void uplink_close(struct uplink *uplink);

/* Which links run, by number; more links share a bit, which at worst hides one of them. */
struct uplink_links {
	uint64_t running[16];
};

/*
 * Whether the kernel's messages say that something has come up. Also for messages that are cut
 * short. What is a link's first message counts as its coming up when it runs.
 */
bool uplink_read(struct uplink_links *links, const uint8_t *bytes, size_t size);

#endif
