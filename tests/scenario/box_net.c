/* SPDX-License-Identifier: MIT */
/* The network namespace of a text, and addresses on its loopback device (rtnetlink(7)). */
#include "tests/scenario/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK_INDEX 1 /* of every new namespace's first device */

struct address_message {
	struct nlmsghdr header;
	struct ifaddrmsg addr;
	uint8_t attributes[2 * RTA_SPACE(16)];
};

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

/* User 0 of the new namespace is the user outside. */
static bool map_ids(uid_t uid, gid_t gid)
{
	char users[32], groups[32];
	snprintf(users, sizeof(users), "0 %u 1", (unsigned)uid);
	snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)gid);
	return write_text("/proc/self/uid_map", users) &&
	       write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/gid_map", groups);
}

static bool raise_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool good = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	close(fd);
	return good;
}

const char *box_enter(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
		if (!map_ids(uid, gid))
			return "the new user namespace takes no user";
	} else if (unshare(CLONE_NEWNET) != 0) {
		return "this system lets nobody make a network namespace (unshare -Urn)";
	}
	return raise_loopback() ? NULL : "the loopback device does not come up";
}

static void add_attribute(struct address_message *message, uint16_t type, const struct addr *addr)
{
	size_t size = addr_ip_size(addr), at = NLMSG_ALIGN(message->header.nlmsg_len);
	struct rtattr attribute = {.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(size)};
	memcpy((uint8_t *)message + at, &attribute, sizeof(attribute));
	memcpy((uint8_t *)message + at + RTA_LENGTH(0), addr->ip, size);
	message->header.nlmsg_len = (uint32_t)(at + RTA_SPACE(size));
}

/* Sends the message and reads the system's verdict: 0 or an errno. */
static int tell_system(const struct address_message *message)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[256];
	} reply;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return errno;
	int err = 0;
	if (send(fd, message, message->header.nlmsg_len, 0) < 0 ||
		recv(fd, &reply, sizeof(reply), 0) < (ssize_t)NLMSG_LENGTH(sizeof(reply.error)))
		err = errno ? errno : EIO;
	else if (reply.header.nlmsg_type == NLMSG_ERROR)
		err = -reply.error.error;
	close(fd);
	return err;
}

const char *box_add_address(const struct addr *addr)
{
	struct address_message message = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
			.nlmsg_type = RTM_NEWADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
		.addr = {.ifa_family = addr->family == ADDR_V6 ? AF_INET6 : AF_INET,
			.ifa_prefixlen = addr->family == ADDR_V6 ? 128 : 32,
			.ifa_flags = IFA_F_NODAD,
			.ifa_index = LOOPBACK_INDEX},
	};
	add_attribute(&message, IFA_LOCAL, addr);
	add_attribute(&message, IFA_ADDRESS, addr);
	int err = tell_system(&message);
	return err == 0 || err == EEXIST ? NULL : strerror(err);
}
