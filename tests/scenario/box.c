/* SPDX-License-Identifier: MIT */
/* The world outside: the client, and the world's beginning, clock and end. */
#include "tests/scenario/box.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BOX_ARENA    (256u << 20)
#define ANSWER_MS    6000 /* the client's patience; the daemon has 5000 for an answer */
#define RAW_MS       20   /* the same after raw bytes: there are thousands, and many are dropped */
#define QUIET_MS     40   /* without a question to servers, the daemon has done all it will do */
#define SETTLE_MS    1000 /* and that long it is waited for */
#define CLIENT_BYTES (2 + LIMIT_MESSAGE_BYTES)

const struct world_kind world_kind = {.program = "blackbox", .text_seconds = 150, .at_once = 2};

uint64_t box_now_ms(void)
{
	struct timespec now;
	rw_require(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- beginning and end ---- */

static struct box *make_box(struct play_world *world, const struct setup *setup)
{
	struct box *box = arena_alloc(&world->arena, sizeof(*box));
	const char *parent = getenv("TMPDIR");
	rw_require(box);
	box->world = world;
	box->offset_s = setup->wall_s - (int64_t)time(NULL);
	for (size_t i = 0; i < BOX_CONNECTIONS; i++)
		box->connections[i].fd = -1;
	snprintf(box->folder, sizeof(box->folder), "%.80s/rw-box.XXXXXX", parent ? parent : "/tmp");
	rw_require(mkdtemp(box->folder));
	return box;
}

const char *world_init(
	struct play_world *world, struct rpl *rpl, const struct setup *setup, bool verbose)
{
	*world = (struct play_world){.rpl = rpl, .verbose = verbose};
	arena_init(&world->arena, BOX_ARENA);
	world->answer = arena_alloc(&world->arena, CLIENT_BYTES);
	rw_require(world->answer);
	world->now_ms = box_now_ms();
	world->box = make_box(world, setup);
	const char *fault = box_enter();
	if (fault)
		return fault;
	box_open_servers(world->box, rpl, setup);
	if (!box_write_config(world->box, setup, verbose))
		return strerror(errno);
	return box_start(world->box);
}

const char *world_end(struct play_world *world)
{
	return box_stop(world->box);
}

static void remove_folder(const struct box *box)
{
	static const char *const names[] = {
		"rootwalk.yaml", "root.hints", "clock", "clock.new", "log"};
	char path[BOX_FOLDER + 32];
	for (size_t i = 0; i < RW_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", box->folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(box->folder);
}

void world_release(struct play_world *world)
{
	(void)box_stop(world->box);
	if (world->verbose)
		box_show_log(world->box, "      ");
	if (!getenv("BOX_KEEP"))
		remove_folder(world->box);
	box_close_servers(world->box);
	arena_release(&world->arena);
}

void world_pass(struct play_world *world, uint32_t seconds)
{
	world->box->passed_ms += (uint64_t)seconds * 1000;
	box_set_clock(world->box);
}

void world_tell(const struct play_world *world, const char *format, ...)
{
	if (!world->verbose)
		return;
	uint64_t ms = box_now_ms() - world->now_ms + (world->box ? world->box->passed_ms : 0);
	printf("    %4u.%03u ", (unsigned)(ms / 1000), (unsigned)(ms % 1000));
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* ---- the client ---- */

static int open_client(int type)
{
	struct addr addr;
	struct sockaddr_storage sa;
	rw_require(addr_parse(BOX_DAEMON, BOX_PORT, &addr) == 0);
	unsigned size = addr_to_sockaddr(&addr, &sa);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	/* The daemon listens on the same machine, so connecting does not wait. */
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&sa, size) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Receives until a whole message is there. Returns its size behind the length, or 0. */
static size_t receive(struct play_world *world, int fd, bool tcp, unsigned patience_ms)
{
	size_t got = 0;
	uint64_t until_ms = box_now_ms() + patience_ms;
	uint8_t *in = world->answer;
	for (;;) {
		uint64_t now_ms = box_now_ms();
		if (now_ms >= until_ms ||
			!box_serve(world->box, fd, POLLIN, (unsigned)(until_ms - now_ms)))
			return 0;
		ssize_t size = recv(fd, in + got, CLIENT_BYTES - got, MSG_DONTWAIT);
		if (size <= 0)
			return 0;
		got += (size_t)size;
		if (!tcp)
			return got;
		if (got >= 2 && got >= 2 + ((size_t)in[0] << 8 | in[1]))
			return got - 2;
	}
}

/* Returns false when there is no answer. */
static bool ask_over(
	struct play_world *world, const struct rpl_entry *query, bool tcp, struct view *view)
{
	static uint16_t id = 1; /* so that a late answer is not taken for this one's */
	size_t size;
	const uint8_t *wire = view_query(query, ++id, &world->arena, &size);
	int fd = open_client(tcp ? SOCK_STREAM : SOCK_DGRAM);
	if (fd < 0) {
		world_tell(world, "the daemon cannot be asked: %s", strerror(errno));
		return false;
	}
	uint8_t length[2] = {(uint8_t)(size >> 8), (uint8_t)size};
	struct iovec parts[] = {{length, 2}, {(void *)(uintptr_t)wire, size}};
	struct msghdr message = {.msg_iov = tcp ? parts : parts + 1, .msg_iovlen = tcp ? 2 : 1};
	size_t got = 0;
	if (sendmsg(fd, &message, MSG_NOSIGNAL) > 0)
		got = receive(world, fd, tcp, query->raw ? RAW_MS : ANSWER_MS);
	close(fd);
	world_tell(world, got > 0 ? "the client is answered" : "the client is not answered");
	return got > 0 && view_read(world->answer + (tcp ? 2 : 0), got, &world->arena, view);
}

/* What the daemon still asks after its answer belongs to this step. */
static void settle(struct box *box)
{
	uint64_t until_ms = box_now_ms() + SETTLE_MS, now_ms;
	box->heard_ms = RW_MAX(box->heard_ms, box_now_ms());
	while ((now_ms = box_now_ms()) < until_ms && now_ms < box->heard_ms + QUIET_MS)
		(void)box_serve(box, -1, 0, (unsigned)(box->heard_ms + QUIET_MS - now_ms));
}

void world_ask(struct play_world *world, const struct rpl_entry *query, struct view *ret_view)
{
	bool tcp_only = query->match & MATCH_TCP;
	world->sends = 0;
	world->last_sent = NULL;
	*ret_view = (struct view){.silent = true, .ede = EDE_NONE};
	if (ask_over(world, query, tcp_only, ret_view) && (ret_view->flags & FLAG_TC) && !tcp_only)
		(void)ask_over(world, query, true, ret_view);
	if (!query->raw || world->sends > 0)
		settle(world->box);
}
