/* SPDX-License-Identifier: MIT */
/* The netlink socket and its messages. */
#include "resolver/service/uplink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"

#define GROUPS                                                                                     \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR |               \
		RTMGRP_IPV6_ROUTE)
#define READ_BYTES 8192
#define READ_BURST 32 /* datagrams read before others get their turn */

struct uplink {
	uv_poll_t poll;
	struct timers *timers;
	const struct env *env;
	uplink_cb changed;
	void *owner;
	int fd;
	struct deadline rest; /* runs: the owner was told not long ago */
	bool again;           /* and there is more to tell */
	struct uplink_links links;
};

/* ---- messages ---- */

static bool link_came_up(struct uplink_links *links, const struct ifinfomsg *info)
{
	unsigned number = (unsigned)info->ifi_index % (64 * RW_COUNT(links->running));
	uint64_t bit = UINT64_C(1) << (number % 64), *word = &links->running[number / 64];
	bool was = (*word & bit) != 0;
	bool is = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING);
	*word = is ? *word | bit : *word & ~bit;
	return is && !was;
}

static bool is_news(
	struct uplink_links *links, const struct nlmsghdr *header, const uint8_t *body, size_t size)
{
	struct ifinfomsg link;
	struct rtmsg route;
	switch (header->nlmsg_type) {
	case RTM_NEWADDR:
		return true;
	case RTM_NEWROUTE:
		if (size < sizeof(route))
			return false;
		memcpy(&route, body, sizeof(route));
		return route.rtm_dst_len == 0;
	case RTM_NEWLINK:
		if (size < sizeof(link))
			return false;
		memcpy(&link, body, sizeof(link));
		return link_came_up(links, &link);
	default:
		return false;
	}
}

bool uplink_read(struct uplink_links *links, const uint8_t *bytes, size_t size)
{
	bool news = false;
	struct nlmsghdr header;
	while (size >= sizeof(header)) {
		memcpy(&header, bytes, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size)
			break;
		news |= is_news(
			links, &header, bytes + sizeof(header), header.nlmsg_len - sizeof(header));
		size_t step = NLMSG_ALIGN(header.nlmsg_len);
		if (step >= size)
			break;
		bytes += step;
		size -= step;
	}
	return news;
}

/* ---- telling ---- */

static void tell(struct uplink *uplink)
{
	if (uplink->rest.place) {
		uplink->again = true;
		return;
	}
	uint64_t until_ms = env_mono_ms(uplink->env) + LIMIT_UPLINK_MS;
	/* Without memory for the timer there is no rest. */
	int err = deadline_start(uplink->timers, &uplink->rest, until_ms);
	(void)err;
	uplink->again = false;
	uplink->changed(uplink->owner);
}

static void rested(struct deadline *deadline)
{
	struct uplink *uplink = rw_container_of(deadline, struct uplink, rest);
	if (uplink->again)
		tell(uplink);
}

/* Reads one datagram. Returns whether there may be more. */
static bool read_one(struct uplink *uplink, bool *news)
{
	uint8_t bytes[READ_BYTES];
	struct sockaddr_nl from = {0};
	socklen_t from_size = sizeof(from);
	ssize_t size =
		recvfrom(uplink->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &from_size);
	if (size < 0) {
		/* Messages were lost: one of them may have been what we wait for. */
		if (errno == ENOBUFS) {
			memset(&uplink->links, 0, sizeof(uplink->links));
			*news = true;
		}
		return errno == EINTR || errno == ENOBUFS;
	}
	if (from.nl_pid == 0) /* the kernel */
		*news |= uplink_read(&uplink->links, bytes, (size_t)size);
	return true;
}

static void on_event(uv_poll_t *handle, int status, int events)
{
	bool news = false;
	(void)events;
	/* That messages were lost is an error of the socket, upon which libuv stops to look at it.
	 */
	if (status < 0)
		rw_require(uv_poll_start(handle, UV_READABLE, on_event) == 0);
	for (unsigned i = 0; i < READ_BURST && read_one(handle->data, &news); i++)
		;
	if (news)
		tell(handle->data);
}

/* ---- beginning and end ---- */

static int open_socket(void)
{
	struct sockaddr_nl sa = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

int uplink_new(uv_loop_t *loop, struct timers *timers, const struct env *env, uplink_cb changed,
	void *owner, struct uplink **ret_uplink)
{
	struct uplink *uplink = calloc(1, sizeof(*uplink));
	if (!uplink)
		return RW_ENOMEM;
	uplink->fd = open_socket();
	if (uplink->fd < 0 || uv_poll_init(loop, &uplink->poll, uplink->fd) != 0) {
		int saved = errno;
		if (uplink->fd >= 0)
			(void)close(uplink->fd);
		free(uplink);
		errno = saved;
		return RW_ESYSTEM;
	}
	uplink->timers = timers;
	uplink->env = env;
	uplink->changed = changed;
	uplink->owner = owner;
	uplink->rest.passed = rested;
	uplink->poll.data = uplink;
	rw_require(uv_poll_start(&uplink->poll, UV_READABLE, on_event) == 0);
	*ret_uplink = uplink;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	struct uplink *uplink = handle->data;
	(void)close(uplink->fd);
	free(uplink);
}

void uplink_close(struct uplink *uplink)
{
	if (!uplink)
		return;
	deadline_stop(uplink->timers, &uplink->rest);
	uv_close((uv_handle_t *)&uplink->poll, closed);
}
