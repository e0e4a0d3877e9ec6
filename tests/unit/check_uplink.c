/* SPDX-License-Identifier: MIT */
/* Messages of the kernel about links, addresses and routes; and a change in a namespace. */
#include <check.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/service/uplink.h"
#include "tests/unit/suite.h"

static struct uplink_links links;
static _Alignas(8) uint8_t bytes[512];
static size_t used;

static void begin(void)
{
	memset(&links, 0, sizeof(links));
	used = 0;
}

static void add(uint16_t type, const void *body, size_t size)
{
	struct nlmsghdr header = {
		.nlmsg_len = (uint32_t)(sizeof(header) + size), .nlmsg_type = type};
	ck_assert_uint_le(used + NLMSG_ALIGN(header.nlmsg_len), sizeof(bytes));
	memcpy(bytes + used, &header, sizeof(header));
	memcpy(bytes + used + sizeof(header), body, size);
	used += NLMSG_ALIGN(header.nlmsg_len);
}

static bool link_says(int number, unsigned flags)
{
	struct ifinfomsg info = {.ifi_index = number, .ifi_flags = flags};
	used = 0;
	add(RTM_NEWLINK, &info, sizeof(info));
	return uplink_read(&links, bytes, used);
}

START_TEST(a_link_is_news_when_it_comes_up)
{
	begin();
	ck_assert(!link_says(3, IFF_UP));
	ck_assert(link_says(3, IFF_UP | IFF_RUNNING));
	ck_assert(!link_says(3, IFF_UP | IFF_RUNNING | IFF_PROMISC));
	ck_assert(link_says(70, IFF_UP | IFF_RUNNING));
	ck_assert(!link_says(3, 0));
	ck_assert(link_says(3, IFF_UP | IFF_RUNNING));
}
END_TEST

START_TEST(only_default_routes_are_news)
{
	struct rtmsg route = {.rtm_family = AF_INET, .rtm_dst_len = 24};
	begin();
	add(RTM_NEWROUTE, &route, sizeof(route));
	ck_assert(!uplink_read(&links, bytes, used));
	route.rtm_dst_len = 0;
	add(RTM_DELROUTE, &route, sizeof(route));
	ck_assert(!uplink_read(&links, bytes, used));
	add(RTM_NEWROUTE, &route, sizeof(route));
	ck_assert(uplink_read(&links, bytes, used));
}
END_TEST

START_TEST(addresses_are_news_when_they_appear)
{
	struct ifaddrmsg address = {.ifa_family = AF_INET};
	begin();
	add(RTM_DELADDR, &address, sizeof(address));
	ck_assert(!uplink_read(&links, bytes, used));
	add(RTM_NEWADDR, &address, sizeof(address));
	ck_assert(uplink_read(&links, bytes, used));
}
END_TEST

START_TEST(cut_messages_are_harmless)
{
	struct ifinfomsg info = {.ifi_index = 1, .ifi_flags = IFF_UP | IFF_RUNNING};
	struct rtmsg route = {0};
	begin();
	add(RTM_NEWLINK, &info, sizeof(info));
	add(RTM_NEWROUTE, &route, sizeof(route));
	for (size_t size = 0; size < used; size++) {
		uint8_t *copy = malloc(size ? size : 1);
		memcpy(copy, bytes, size);
		memset(&links, 0, sizeof(links));
		bool whole_link = size >= NLMSG_ALIGN(sizeof(struct nlmsghdr) + sizeof(info));
		ck_assert_int_eq(uplink_read(&links, copy, size), whole_link);
		free(copy);
	}
	/* A length that leads nowhere. */
	memset(bytes, 0, sizeof(bytes));
	ck_assert(!uplink_read(&links, bytes, sizeof(bytes)));
	used = 0;
	add(RTM_NEWLINK, &info, 4);
	ck_assert(!uplink_read(&links, bytes, used));
}
END_TEST

static void count(void *owner)
{
	++*(unsigned *)owner;
}

static void set_loopback(bool up)
{
	struct ifreq request = {.ifr_flags = up ? IFF_UP : 0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	(void)close(fd);
}

static void turn_for(uv_loop_t *loop, unsigned ms)
{
	uint64_t until_ms = env_mono_ms(env_real()) + ms;
	while (env_mono_ms(env_real()) < until_ms) {
		(void)uv_run(loop, UV_RUN_NOWAIT);
		(void)usleep(1000);
	}
}

/* A network namespace of our own; where that is not allowed there is nothing to see. */
static bool own_network(void)
{
	bool own = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
	if (!own)
		fprintf(stderr, "skipped: this system lets nobody make a network namespace\n");
	return own;
}

START_TEST(changes_are_told_but_not_too_often)
{
	uv_loop_t loop;
	struct timers *timers;
	struct uplink *uplink;
	unsigned told = 0;
	if (!own_network())
		return;
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(timers_new(&loop, env_real(), &timers), 0);
	ck_assert_int_eq(uplink_new(&loop, timers, env_real(), count, &told, &uplink), 0);
	turn_for(&loop, 50);
	ck_assert_uint_eq(told, 0);
	set_loopback(true);
	turn_for(&loop, 50);
	ck_assert_uint_eq(told, 1);
	for (unsigned i = 0; i < 5; i++) {
		set_loopback(false);
		set_loopback(true);
	}
	turn_for(&loop, LIMIT_UPLINK_MS / 2);
	ck_assert_uint_eq(told, 1);
	turn_for(&loop, LIMIT_UPLINK_MS);
	ck_assert_uint_eq(told, 2);
	uplink_close(uplink);
	timers_close(timers);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

/* More changes than the kernel keeps for us, and then one more. */
START_TEST(lost_messages_are_not_the_end)
{
	uv_loop_t loop;
	struct timers *timers;
	struct uplink *uplink;
	unsigned told = 0;
	if (!own_network())
		return;
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	ck_assert_int_eq(timers_new(&loop, env_real(), &timers), 0);
	ck_assert_int_eq(uplink_new(&loop, timers, env_real(), count, &told, &uplink), 0);
	for (unsigned i = 0; i < 1000; i++)
		set_loopback(i % 2 == 0);
	turn_for(&loop, LIMIT_UPLINK_MS + 100);
	ck_assert_uint_ge(told, 1);
	unsigned before = told;
	set_loopback(true);
	turn_for(&loop, LIMIT_UPLINK_MS + 100);
	ck_assert_uint_gt(told, before);
	uplink_close(uplink);
	timers_close(timers);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("uplink");
	TCase *tcase = tcase_create("uplink");
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, a_link_is_news_when_it_comes_up);
	tcase_add_test(tcase, only_default_routes_are_news);
	tcase_add_test(tcase, addresses_are_news_when_they_appear);
	tcase_add_test(tcase, cut_messages_are_harmless);
	tcase_add_test(tcase, changes_are_told_but_not_too_often);
	tcase_add_test(tcase, lost_messages_are_not_the_end);
	suite_add_tcase(suite, tcase);
	return suite;
}
