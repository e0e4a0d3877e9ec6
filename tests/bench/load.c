/* SPDX-License-Identifier: MIT */
/*
 * A load generator that costs less than any resolver, so that the resolver is what is measured:
 * queries are made beforehand and go out in batches, a fixed number of them in flight.
 *
 *   load ADDRESS PORT FILE SECONDS IN-FLIGHT
 *
 * FILE has lines of name and type. SECONDS 0: each line once. Prints one line of figures:
 * sent, answered, with an error rcode, with NXDOMAIN, seconds.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/base/addr.h"
#include "resolver/base/env.h"
#include "resolver/base/limits.h"
#include "resolver/wire/build.h"
#include "resolver/wire/text.h"

#define SOCKETS     8 /* so that the resolver sees several clients */
#define BATCH       32
#define QUERY_BYTES 320
#define REPLY_BYTES 4096
#define PATIENCE_MS 2000 /* without any reply for so long, all that is in flight is lost */

struct load_query {
	uint16_t size;
	uint8_t wire[QUERY_BYTES];
};

struct load {
	struct load_query *queries;
	size_t count, next;
	bool once;
	uint64_t until_ms;
	int fds[SOCKETS];
	unsigned in_flight[SOCKETS], window; /* of one socket */
	uint16_t id;
	uint64_t sent, answered, failed, nxdomain;
};

static uint64_t now_ms(void)
{
	return env_mono_ms(env_real());
}

static void die(const char *what)
{
	(void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_query(const char *text, const char *type, struct load_query *ret_query)
{
	struct name name;
	struct question question = {.class = CLASS_IN};
	const struct build_opt opt = {.udp_size = 1232, .ede = EDE_NONE};
	struct builder b;
	if (name_from_text(text, &name) || text_to_type(type, &question.type)) {
		(void)fprintf(stderr, "load: \"%s %s\" is no question\n", text, type);
		exit(1);
	}
	question.name = name.bytes;
	build_begin(&b, ret_query->wire, QUERY_BYTES, build_opt_size(&opt), 0, FLAG_RD);
	if (build_question(&b, &question) || build_edns(&b, &opt))
		exit(1);
	ret_query->size = (uint16_t)build_finish(&b);
}

static void read_queries(struct load *load, const char *path)
{
	char line[LIMIT_NAME_TEXT + 32], name[LIMIT_NAME_TEXT + 32], type[32];
	size_t room = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%1030s %31s", name, type) != 2)
			continue;
		if (load->count == room) {
			room = room ? 2 * room : 1024;
			load->queries = realloc(load->queries, room * sizeof(*load->queries));
			if (!load->queries)
				die("memory");
		}
		make_query(name, type, &load->queries[load->count++]);
	}
	(void)fclose(file);
}

static void open_sockets(struct load *load, const char *address, const char *port)
{
	struct addr server;
	struct sockaddr_storage sa;
	const int bytes = 4 << 20;
	if (addr_parse(address, (uint16_t)atoi(port), &server)) {
		(void)fprintf(stderr, "load: \"%s\" is no address\n", address);
		exit(1);
	}
	unsigned size = addr_to_sockaddr(&server, &sa);
	for (unsigned i = 0; i < SOCKETS; i++) {
		load->fds[i] = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (load->fds[i] < 0 || connect(load->fds[i], (struct sockaddr *)&sa, size))
			die(address);
		(void)setsockopt(load->fds[i], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	}
}

static bool is_over(const struct load *load)
{
	return load->once ? load->next == load->count : now_ms() >= load->until_ms;
}

/* Fills the window of one socket. */
static void send_more(struct load *load, unsigned at)
{
	struct mmsghdr headers[BATCH] = {0};
	struct iovec bytes[BATCH];
	unsigned count = 0;
	while (count < BATCH && load->in_flight[at] + count < load->window) {
		if (load->next == load->count && load->once)
			break;
		struct load_query *query = &load->queries[load->next++ % load->count];
		rr_put16(query->wire, ++load->id);
		bytes[count] = (struct iovec){query->wire, query->size};
		headers[count].msg_hdr.msg_iov = &bytes[count];
		headers[count++].msg_hdr.msg_iovlen = 1;
	}
	int sent = count > 0 ? sendmmsg(load->fds[at], headers, count, 0) : 0;
	if (sent < 0)
		sent = 0;
	load->next -= count - (unsigned)sent;
	load->in_flight[at] += (unsigned)sent;
	load->sent += (unsigned)sent;
}

static unsigned receive(struct load *load, unsigned at)
{
	static uint8_t wire[BATCH][REPLY_BYTES];
	struct mmsghdr headers[BATCH] = {0};
	struct iovec bytes[BATCH];
	for (unsigned i = 0; i < BATCH; i++) {
		bytes[i] = (struct iovec){wire[i], REPLY_BYTES};
		headers[i].msg_hdr.msg_iov = &bytes[i];
		headers[i].msg_hdr.msg_iovlen = 1;
	}
	int count = recvmmsg(load->fds[at], headers, BATCH, 0, NULL);
	for (int i = 0; i < count; i++) {
		unsigned rcode = wire[i][3] & 0xf;
		load->nxdomain += rcode == RCODE_NXDOMAIN;
		load->failed += rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN;
	}
	if (count <= 0)
		return 0;
	load->answered += (unsigned)count;
	load->in_flight[at] -= RW_MIN(load->in_flight[at], (unsigned)count);
	return (unsigned)count;
}

static bool has_any_in_flight(const struct load *load)
{
	for (unsigned i = 0; i < SOCKETS; i++)
		if (load->in_flight[i] > 0)
			return true;
	return false;
}

static void run(struct load *load)
{
	struct pollfd polls[SOCKETS];
	for (unsigned i = 0; i < SOCKETS; i++)
		polls[i] = (struct pollfd){.fd = load->fds[i], .events = POLLIN};
	for (;;) {
		bool over = is_over(load);
		for (unsigned i = 0; i < SOCKETS && !over; i++)
			send_more(load, i);
		if (over && !has_any_in_flight(load))
			return;
		if (poll(polls, SOCKETS, PATIENCE_MS) <= 0) {
			memset(load->in_flight, 0, sizeof(load->in_flight));
			continue;
		}
		for (unsigned i = 0; i < SOCKETS; i++)
			if (polls[i].revents)
				(void)receive(load, i);
	}
}

int main(int argc, char **argv)
{
	struct load load = {0};
	if (argc != 6) {
		(void)fprintf(stderr, "load ADDRESS PORT FILE SECONDS IN-FLIGHT\n");
		return 2;
	}
	read_queries(&load, argv[3]);
	if (load.count == 0)
		die(argv[3]);
	open_sockets(&load, argv[1], argv[2]);
	unsigned long seconds = strtoul(argv[4], NULL, 10);
	load.once = seconds == 0;
	load.window = RW_MAX((unsigned)strtoul(argv[5], NULL, 10) / SOCKETS, 1u);
	uint64_t begin = now_ms();
	load.until_ms = begin + seconds * 1000;
	run(&load);
	printf("%llu %llu %llu %llu %.3f\n", (unsigned long long)load.sent,
		(unsigned long long)load.answered, (unsigned long long)load.failed,
		(unsigned long long)load.nxdomain, (double)(now_ms() - begin) / 1000);
	return 0;
}
