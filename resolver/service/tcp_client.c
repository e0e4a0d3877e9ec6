/* SPDX-License-Identifier: MIT */
/*
 * What is done with a client's connection: how many of its questions are in work at once, when it
 * is read from, how long it may be idle or leave answers unread. Bytes and messages are the matter
 * of its stream.
 */
#include "resolver/service/tcp_client.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "resolver/base/limits.h"
#include "resolver/net/carrier.h"
#include "resolver/net/socket.h"
#include "resolver/stream/framing.h"

#define OUT_FULL   (256 * 1024) /* bytes unwritten, to which no long answer is added */
#define TURN_BYTES 8192         /* bytes answered in one turn of the loop; then others come first */
#define READ_BURST 4            /* reads of one connection before others get their turn */

/* Above OUT_FULL there is room for the short answers that come instead of long ones. */
static const struct framing_limits stream_limits = {
	.in_first = 2048,
	.in_most = LIMIT_MESSAGE_BYTES,
	.out_pause = 64 * 1024,
	.out_most = OUT_FULL + 64 * 1024,
	.write_ms = LIMIT_TCP_WRITE_MS,
};

struct tcp_waiting {
	struct waiter waiter;
	struct tcp_client *client;
	struct tcp_waiting *next, *prev;
	uint32_t channel; /* of its question in the stream */
	struct client_query query;
};

struct tcp_client {
	struct carrier carrier;
	struct worker *worker;
	struct tcp_client *next, *prev;
	struct addr peer;
	struct deadline deadline; /* the earlier of idle_ms and the stream's */
	uint64_t idle_ms;         /* monotonic, when it has been idle for too long; STREAM_NEVER */
	struct deadline turn;     /* runs: it has had its turn of the loop */
	size_t turn_bytes;        /* answered in this turn */
	struct tcp_waiting *waiting;
	uint32_t waiting_count;
	bool taking; /* its messages are being taken one after the other */
};

static void pump(struct tcp_client *client);

static bool is_closed(const struct tcp_client *client)
{
	return client->carrier.fd < 0;
}

const struct addr *tcp_client_peer(const struct tcp_client *client)
{
	return &client->peer;
}

struct tcp_client *tcp_client_next(const struct tcp_client *client)
{
	return client->next;
}

bool tcp_client_is_idle(const struct tcp_client *client)
{
	return client->waiting_count == 0 && !client->turn.place &&
	       stream_status(client->carrier.stream).queued == 0;
}

/* ---- end ---- */

static void client_gone(struct ready_io *io)
{
	struct tcp_client *client = rw_container_of(io, struct tcp_client, carrier.io);
	stream_free(client->carrier.stream);
	free(client);
}

static void drop_waiting(struct tcp_waiting *waiting)
{
	struct tcp_client *client = waiting->client;
	if (waiting->prev)
		waiting->prev->next = waiting->next;
	else
		client->waiting = waiting->next;
	if (waiting->next)
		waiting->next->prev = waiting->prev;
	client->waiting_count--;
	free(waiting);
	worker_waiting_done(client->worker);
}

/* Closes; `reset`: what the client has not fetched is thrown away, and the client is told so. */
static void end(struct tcp_client *client, bool reset)
{
	struct worker *worker = client->worker;
	if (is_closed(client))
		return;
	carrier_close(&client->carrier, reset);
	while (client->waiting) {
		engine_forget(worker->engine, &client->waiting->waiter);
		drop_waiting(client->waiting);
	}
	deadline_stop(worker->timers, &client->deadline);
	deadline_stop(worker->timers, &client->turn);
	if (client->prev)
		client->prev->next = client->next;
	else
		worker->clients = client->next;
	if (client->next)
		client->next->prev = client->prev;
	worker->client_count--;
}

void tcp_client_close(struct tcp_client *client)
{
	end(client, false);
}

/* ---- time ---- */

/*
 * Answers that lie unread in the kernel would stay there for minutes after an orderly end, and the
 * end itself would wait behind them.
 */
static void deadline_passed(struct deadline *deadline)
{
	struct tcp_client *client = rw_container_of(deadline, struct tcp_client, deadline);
	end(client, socket_has_unsent(client->carrier.fd));
}

static void set_deadline(struct tcp_client *client)
{
	struct timers *timers = client->worker->timers;
	uint64_t stream_ms = stream_status(client->carrier.stream).deadline_ms;
	uint64_t at_ms = RW_MIN(client->idle_ms, stream_ms);
	if (at_ms == STREAM_NEVER)
		deadline_stop(timers, &client->deadline);
	else if ((!client->deadline.place || client->deadline.at_ms != at_ms) &&
		 deadline_start(timers, &client->deadline, at_ms))
		tcp_client_close(client);
}

/* What comes after the answers: the next question, or the end. */
static void settle(struct tcp_client *client)
{
	struct worker *worker = client->worker;
	if (is_closed(client) || !tcp_client_is_idle(client))
		return;
	if (stream_status(client->carrier.stream).ended || worker->stopping) {
		tcp_client_close(client);
		return;
	}
	client->idle_ms = env_mono_ms(worker->env) + LIMIT_TCP_IDLE_MS;
	set_deadline(client);
}

static bool is_full(const struct tcp_client *client)
{
	return client->waiting_count >= LIMIT_TCP_IN_FLIGHT || client->turn.place;
}

/* ---- questions ---- */

static void add_answer(
	struct tcp_client *client, uint32_t channel, const uint8_t *wire, size_t size)
{
	struct worker *worker = client->worker;
	struct stream_message answer = {.bytes = wire, .size = size, .channel = channel};
	if (stream_send(client->carrier.stream, &answer)) {
		tcp_client_close(client);
		return;
	}
	client->turn_bytes += size;
	if (client->turn_bytes >= TURN_BYTES && !client->turn.place &&
		deadline_start(worker->timers, &client->turn, env_mono_ms(worker->env) + 1))
		client->turn_bytes = 0;
}

/* The others have had theirs. */
static void turn_passed(struct deadline *deadline)
{
	struct tcp_client *client = rw_container_of(deadline, struct tcp_client, turn);
	client->turn_bytes = 0;
	pump(client);
	settle(client);
}

static void ask(struct tcp_client *client, struct client_query *query, uint32_t channel);

/* False: the engine is asked once more. */
static bool send_answer(struct tcp_client *client, struct client_query *query, uint32_t channel,
	const struct machine_result *result)
{
	struct worker *worker = client->worker;
	uint64_t now_ms = env_mono_ms(worker->env);
	struct query_output out = {worker->out, sizeof(worker->out), 0};
	switch (query_answer(&worker->responder, query, result, now_ms, &out)) {
	case QUERY_DROP:
		return true;
	case QUERY_ASK:
		return false;
	case QUERY_ANSWERED:
		break;
	}
	/* All that a client may ask at once together would be too much for who does not read. */
	if (stream_status(client->carrier.stream).queued + out.size > OUT_FULL)
		(void)query_answer(&worker->responder, query, NULL, now_ms, &out);
	add_answer(client, channel, out.bytes, out.size);
	return true;
}

static void resolved(struct waiter *waiter, const struct machine_result *result)
{
	struct tcp_waiting *waiting = rw_container_of(waiter, struct tcp_waiting, waiter);
	struct tcp_client *client = waiting->client;
	if (!send_answer(client, &waiting->query, waiting->channel, result))
		ask(client, &waiting->query, waiting->channel);
	if (is_closed(client))
		return; /* which has dropped all that waited */
	drop_waiting(waiting);
	pump(client);
	settle(client);
}

static void ask(struct tcp_client *client, struct client_query *query, uint32_t channel)
{
	struct worker *worker = client->worker;
	struct tcp_waiting *waiting = worker->stopping ? NULL : calloc(1, sizeof(*waiting));
	if (waiting) {
		waiting->client = client;
		waiting->channel = channel;
		waiting->waiter = (struct waiter){
			.done = resolved, .client = &waiting->query.client, .patient = true};
		client_query_copy(&waiting->query, query);
		waiting->next = client->waiting;
		if (waiting->next)
			waiting->next->prev = waiting;
		client->waiting = waiting;
		client->waiting_count++;
		worker->waiting++;
		const struct question asked = query_asked(&waiting->query);
		if (engine_ask(worker->engine, &asked, query_finding(&worker->responder),
			    &waiting->waiter) == 0)
			return;
		drop_waiting(waiting);
	}
	(void)send_answer(client, query, channel, NULL);
}

static void take_message(struct tcp_client *client, const struct stream_message *message)
{
	struct worker *worker = client->worker;
	const struct query_origin origin = {
		.client = client->peer, .tcp = true, .now_ms = env_mono_ms(worker->env)};
	struct query_output out = {worker->out, sizeof(worker->out), 0};
	struct client_query query;
	client->idle_ms = STREAM_NEVER;
	switch (query_take(
		&worker->responder, message->bytes, message->size, &origin, &query, &out)) {
	case QUERY_DROP:
		tcp_client_close(client); /* no client of ours sends that, or a rule wants it */
		break;
	case QUERY_ANSWERED:
		add_answer(client, message->channel, out.bytes, out.size);
		worker_refresh(worker);
		break;
	case QUERY_ASK:
		ask(client, &query, message->channel);
		break;
	}
}

/* ---- reading ---- */

static bool may_take(const struct tcp_client *client)
{
	return !is_closed(client) && !is_full(client) &&
	       stream_status(client->carrier.stream).queued <= stream_limits.out_pause;
}

/* Takes the whole messages that may be taken now. Returns whether there was one. */
static bool take_messages(struct tcp_client *client)
{
	struct stream_message message;
	bool took = false;
	while (may_take(client) && stream_next(client->carrier.stream, &message) == 0) {
		take_message(client, &message);
		took = true;
	}
	return took;
}

static void write_answers(struct tcp_client *client)
{
	if (!is_closed(client) && carrier_write(&client->carrier, env_mono_ms(client->worker->env)))
		tcp_client_close(client);
}

static void wait_on(struct tcp_client *client)
{
	if (is_closed(client))
		return;
	if (carrier_wait(&client->carrier, !is_full(client)))
		tcp_client_close(client);
	else
		set_deadline(client);
}

/* Answers what can be answered now, with one write for all that has come together. */
static void pump(struct tcp_client *client)
{
	bool took = false;
	if (client->taking || is_closed(client))
		return;
	client->taking = true;
	write_answers(client);
	while (take_messages(client)) {
		took = true;
		write_answers(client);
	}
	client->taking = false;
	wait_on(client);
	if (took)
		settle(client);
}

/* Returns whether there may be more to read. */
static bool read_some(struct tcp_client *client)
{
	bool more;
	if (is_closed(client) || is_full(client))
		return false;
	if (carrier_read(&client->carrier, &more)) {
		tcp_client_close(client);
		return false;
	}
	pump(client);
	/* A client that has sent all its questions may half-close and wait. */
	if (stream_status(client->carrier.stream).ended && tcp_client_is_idle(client))
		tcp_client_close(client);
	return more;
}

static void client_ready(struct ready_io *io, uint32_t events)
{
	struct tcp_client *client = rw_container_of(io, struct tcp_client, carrier.io);
	bool more = events & EPOLLIN;
	if (events & (EPOLLERR | EPOLLHUP)) {
		tcp_client_close(client);
		return;
	}
	if (events & EPOLLOUT) {
		pump(client);
		settle(client);
	}
	for (unsigned burst = 0; more && burst < READ_BURST; burst++)
		more = read_some(client);
}

/* ---- beginning ---- */

static void link_first(struct tcp_client *client)
{
	struct worker *worker = client->worker;
	client->next = worker->clients;
	if (client->next)
		client->next->prev = client;
	worker->clients = client;
	worker->client_count++;
}

int tcp_client_new(struct worker *worker, int fd, const struct addr *peer)
{
	struct tcp_client *client = calloc(1, sizeof(*client));
	struct stream *stream = NULL;
	int err = client ? framing_new(&stream_limits, &stream) : RW_ENOMEM;
	if (!err) {
		client->carrier.io = (struct ready_io){.ready = client_ready, .gone = client_gone};
		err = carrier_open(&client->carrier, worker->readiness, fd, stream, EPOLLIN);
	}
	if (err) {
		stream_free(stream);
		free(client);
		socket_close(fd, false);
		return err;
	}
	client->worker = worker;
	client->peer = *peer;
	client->deadline.passed = deadline_passed;
	client->turn.passed = turn_passed;
	link_first(client);
	settle(client);
	return 0;
}
