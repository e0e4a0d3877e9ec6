/* SPDX-License-Identifier: MIT */
/* The driver of the client's walks, against a server on the loopback that is the root. */
#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "resolver/client/trace/walker.h"
#include "resolver/wire/rr.h"
#include "tests/unit/filekit.h"
#include "tests/unit/suite.h"

#define POLLS  64  /* at once */
#define ROUNDS 600 /* of them: far more than one arena holds */

static struct arena arena;
static struct args args;
static struct walker *walker;
static pid_t server;
static struct addr root;
static char hints[FILEKIT_PATH];

/* An A record with authority, whatever is asked; ends with the test. */
static void serve(int fd)
{
	static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7};
	uint8_t wire[4096];
	struct sockaddr_in from;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t got =
			recvfrom(fd, wire, sizeof(wire) / 2, 0, (struct sockaddr *)&from, &size);
		size_t at = HEADER_SIZE;
		if (got < HEADER_SIZE + 5)
			_exit(1);
		while (wire[at])
			at += 1 + (size_t)wire[at];
		memcpy(wire + at + 5, record, sizeof(record));
		wire[2] = 0x84;
		memcpy(wire + 4, "\0\1\0\1\0\0\0\0", 8);
		(void)sendto(fd, wire, at + 5 + sizeof(record), 0, (struct sockaddr *)&from, size);
	}
}

static void start_server(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	ck_assert_int_eq(addr_from_sockaddr((struct sockaddr *)&at, &root), 0);
	server = fork();
	if (server == 0)
		serve(fd);
	close(fd);
}

static void setup(void)
{
	char port[16], error[ARGS_ERROR];
	start_server();
	filekit_new(hints, ". 60 IN NS a.root.\na.root. 60 IN A 127.0.0.1\n");
	snprintf(port, sizeof(port), "+port=%u", root.port);
	const char *words[] = {"--hints", hints, port, "+time=2", "+noqmin", "-4", "www.test"};
	arena_init(&arena, 4u << 20);
	ck_assert_int_eq(args_parse(&arena, RW_COUNT(words), (char *const *)(uintptr_t)words, NULL,
				 &args, error),
		0);
	ck_assert_int_eq(walker_new(&args, &args.queries[0], &walker), 0);
}

static void teardown(void)
{
	walker_free(walker);
	arena_release(&arena);
	unlink(hints);
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
}

static struct question question_of(const char *text)
{
	struct name name;
	ck_assert_int_eq(name_from_text(text, &name), 0);
	return (struct question){name_dup(name.bytes, &arena), TYPE_A, CLASS_IN};
}

/* A view that holds the walk before everything, and looks at its watch meanwhile. */
struct holder {
	unsigned notes, held, walked;
	struct timespec pause;
};

static void on_note(void *ctx, const struct note *note)
{
	struct holder *h = ctx;
	(void)note;
	h->notes++;
}

static bool on_hold(void *ctx, const struct note *note, const struct addr *address)
{
	struct holder *h = ctx;
	ck_assert(note || address->family);
	h->held++;
	return true;
}

static void on_meanwhile(void *ctx)
{
	struct holder *h = ctx;
	struct question other = question_of("other.test");
	struct poll poll = {.server = root, .name = other.name, .type = TYPE_A};
	const struct machine_result *result = walker_walk(walker, &other, NULL);
	ck_assert(result && answer_rcode(&result->answer) == RCODE_NOERROR &&
		  result->answer.set_count == 1);
	walker_poll(walker, &poll, 1, 5000);
	ck_assert_ptr_nonnull(poll.msg);
	(void)nanosleep(&h->pause, NULL);
	h->walked++;
}

START_TEST(time_stands_still_for_a_walk_that_is_held)
{
	/* Each of the pauses takes a good part of the walk's 2 s, all together far more. */
	struct holder holder = {.pause = {0, 700000000}};
	struct walker_view view = {
		.note = on_note, .hold = on_hold, .meanwhile = on_meanwhile, .ctx = &holder};
	struct question question = question_of("www.test");
	const struct machine_result *result = walker_walk(walker, &question, &view);
	ck_assert_ptr_nonnull(result);
	ck_assert_int_eq(answer_rcode(&result->answer), RCODE_NOERROR);
	ck_assert_uint_eq(result->answer.set_count, 1);
	ck_assert_uint_eq(holder.held, holder.walked);
	ck_assert_uint_gt(holder.held, holder.notes); /* sends are held too */
	ck_assert_uint_ge(holder.held, 5);
}
END_TEST

START_TEST(a_watch_does_not_use_memory_up)
{
	struct poll polls[POLLS];
	struct question question = question_of("www.test");
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct arena *texts = walker_renew(walker);
		for (unsigned i = 0; i < POLLS; i++)
			polls[i] = (struct poll){
				.server = root, .name = question.name, .type = TYPE_A};
		walker_poll(walker, polls, POLLS, 10000);
		for (unsigned i = 0; i < POLLS; i++)
			ck_assert_msg(
				polls[i].msg, "round %u: %s", round, net_end_text(polls[i].end));
		ck_assert_ptr_nonnull(arena_alloc(texts, 64 << 10));
	}
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("client walker");
	TCase *tests = tcase_create("walker");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, time_stands_still_for_a_walk_that_is_held);
	tcase_add_test(tests, a_watch_does_not_use_memory_up);
	suite_add_tcase(suite, tests);
	return suite;
}
