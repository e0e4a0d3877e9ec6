/* SPDX-License-Identifier: MIT */
/* A client's stream: two-byte lengths and messages in, the same out, in any order. */
#include "resolver/service/tcp_client.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "resolver/base/limits.h"
#include "resolver/wire/rr.h"

#define IN_FIRST  2048        /* bytes of the input buffer until a longer query comes */
#define OUT_PAUSE (64 * 1024) /* bytes unwritten that stop the reading */
#define OUT_MOST                                                                                   \
	(256 * 1024)           /* bytes unwritten, to which no answer that was waited for is added \
				*/
#define OUT_KEPT   (16 * 1024) /* bytes of a buffer that is kept for the next answers */
#define TURN_BYTES 8192        /* bytes answered in one turn of the loop; then others come first */

struct tcp_waiting {
	struct waiter waiter;
	struct tcp_client *client;
	struct tcp_waiting *next, *prev;
	struct client_query query;
};

struct tcp_output {
	uint8_t *bytes;
	size_t size, room;
};

struct tcp_client {
	uv_tcp_t stream;
	uv_write_t write;
	struct worker *worker;
	struct tcp_client *next, *prev;
	struct addr peer;
	struct deadline deadline; /* idle, or the answer that is being written */
	struct deadline turn;     /* runs: it has had its turn of the loop */
	size_t turn_bytes;        /* written in this turn */
	struct tcp_waiting *waiting;
	uint32_t waiting_count;
	bool closing, writing, paused, eof, taking;
	uint8_t *in;
	size_t in_have, in_room;
	struct tcp_output out;    /* gathers */
	struct tcp_output flying; /* is being written by libuv */
};

static void pump(struct tcp_client *client);

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
	return client->waiting_count == 0 && !client->writing && client->out.size == 0 &&
	       !client->turn.place;
}

/* ---- end ---- */

static void closed(uv_handle_t *handle)
{
	struct tcp_client *client = handle->data;
	free(client->in);
	free(client->out.bytes);
	free(client->flying.bytes);
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
	if (client->closing)
		return;
	client->closing = true;
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
	if (!reset || uv_tcp_close_reset(&client->stream, closed) != 0)
		uv_close((uv_handle_t *)&client->stream, closed);
}

void tcp_client_close(struct tcp_client *client)
{
	end(client, false);
}

/*
 * Answers that lie unread in the kernel would stay there for minutes after an orderly end, and the
 * end itself would wait behind them.
 */
static void deadline_passed(struct deadline *deadline)
{
	struct tcp_client *client = rw_container_of(deadline, struct tcp_client, deadline);
	uv_os_fd_t fd;
	int unread = 0;
	if (uv_fileno((uv_handle_t *)&client->stream, &fd) == 0)
		(void)ioctl(fd, SIOCOUTQ, &unread);
	end(client, unread > 0);
}

static void start_deadline(struct tcp_client *client, uint64_t wait_ms)
{
	struct worker *worker = client->worker;
	if (deadline_start(worker->timers, &client->deadline, env_mono_ms(worker->env) + wait_ms))
		tcp_client_close(client);
}

/* ---- writing ---- */

static int append(struct tcp_output *out, const uint8_t *wire, size_t size)
{
	size_t need = out->size + 2 + size;
	if (need > out->room) {
		size_t room = RW_MAX(need, RW_MIN(out->room * 2, (size_t)OUT_MOST));
		uint8_t *bytes = realloc(out->bytes, room);
		if (!bytes)
			return RW_ENOMEM;
		out->bytes = bytes;
		out->room = room;
	}
	rr_put16(out->bytes + out->size, (uint16_t)size);
	memcpy(out->bytes + out->size + 2, wire, size);
	out->size = need;
	return 0;
}

static void clear(struct tcp_output *out)
{
	out->size = 0;
	if (out->room <= OUT_KEPT)
		return;
	free(out->bytes);
	*out = (struct tcp_output){0};
}

static size_t unwritten(const struct tcp_client *client)
{
	return client->out.size + (client->writing ? client->flying.size : 0);
}

/* What comes after the answers: the next question, or the end. */
static void settle(struct tcp_client *client)
{
	if (client->closing || !tcp_client_is_idle(client))
		return;
	if (client->eof || client->worker->stopping)
		tcp_client_close(client);
	else
		start_deadline(client, LIMIT_TCP_IDLE_MS);
}

static void flush(struct tcp_client *client);

static void written(uv_write_t *write, int status)
{
	struct tcp_client *client = write->data;
	client->writing = false;
	if (client->closing)
		return;
	if (status < 0) {
		tcp_client_close(client);
		return;
	}
	deadline_stop(client->worker->timers, &client->deadline);
	clear(&client->flying);
	flush(client);
	if (!client->closing && client->paused)
		pump(client);
	settle(client);
}

/* Writes what fits at once; the rest goes through libuv under a deadline. */
static void flush(struct tcp_client *client)
{
	if (client->writing || client->out.size == 0 || client->closing)
		return;
	uv_buf_t buf = uv_buf_init((char *)client->out.bytes, (unsigned)client->out.size);
	int done = uv_try_write((uv_stream_t *)&client->stream, &buf, 1);
	if (done < 0 && done != UV_EAGAIN) {
		tcp_client_close(client);
		return;
	}
	size_t sent = done > 0 ? (size_t)done : 0;
	if (sent == client->out.size) {
		clear(&client->out);
		return;
	}
	struct tcp_output spare = client->flying;
	client->flying = client->out;
	client->out = spare;
	buf = uv_buf_init(
		(char *)client->flying.bytes + sent, (unsigned)(client->flying.size - sent));
	client->write.data = client;
	if (uv_write(&client->write, (uv_stream_t *)&client->stream, &buf, 1, written) != 0) {
		tcp_client_close(client);
		return;
	}
	client->writing = true;
	start_deadline(client, LIMIT_TCP_WRITE_MS);
}

static void add_answer(struct tcp_client *client, const uint8_t *wire, size_t size)
{
	struct worker *worker = client->worker;
	if (append(&client->out, wire, size)) {
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

/* ---- questions ---- */

static void ask(struct tcp_client *client, struct client_query *query);

/* False: the engine is asked once more. */
static bool send_answer(
	struct tcp_client *client, struct client_query *query, const struct walk_result *result)
{
	struct worker *worker = client->worker;
	uint64_t now_ms = env_mono_ms(worker->env);
	size_t size = 0;
	switch (query_answer(&worker->responder, query, result, now_ms, worker->out,
		sizeof(worker->out), &size)) {
	case QUERY_DROP:
		worker->responder.stats.dropped++;
		return true;
	case QUERY_ASK:
		return false;
	case QUERY_ANSWERED:
		break;
	}
	/* All that a client may ask at once together would be too much for who does not read. */
	if (unwritten(client) + size > OUT_MOST)
		(void)query_answer(&worker->responder, query, NULL, now_ms, worker->out,
			sizeof(worker->out), &size);
	add_answer(client, worker->out, size);
	return true;
}

static void resolved(struct waiter *waiter, const struct walk_result *result)
{
	struct tcp_waiting *waiting = rw_container_of(waiter, struct tcp_waiting, waiter);
	struct tcp_client *client = waiting->client;
	if (!send_answer(client, &waiting->query, result))
		ask(client, &waiting->query);
	if (client->closing)
		return; /* which has dropped all that waited */
	drop_waiting(waiting);
	flush(client);
	if (!client->closing && client->paused)
		pump(client);
	settle(client);
}

static void ask(struct tcp_client *client, struct client_query *query)
{
	struct worker *worker = client->worker;
	struct tcp_waiting *waiting = worker->stopping ? NULL : calloc(1, sizeof(*waiting));
	if (waiting) {
		waiting->client = client;
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
	(void)send_answer(client, query, NULL);
}

static void take_message(struct tcp_client *client, const uint8_t *wire, size_t size)
{
	struct worker *worker = client->worker;
	struct query_origin origin = {.client = client->peer, .tcp = true};
	struct client_query query;
	size_t answer_size = 0;
	if (!client->writing)
		deadline_stop(worker->timers, &client->deadline);
	switch (query_take(&worker->responder, wire, size, &origin, env_mono_ms(worker->env),
		&query, worker->out, sizeof(worker->out), &answer_size)) {
	case QUERY_DROP:
		tcp_client_close(client); /* no client of ours sends that, or a rule wants it */
		break;
	case QUERY_ANSWERED:
		add_answer(client, worker->out, answer_size);
		break;
	case QUERY_ASK:
		ask(client, &query);
		break;
	}
}

static bool is_full(const struct tcp_client *client)
{
	return client->waiting_count >= LIMIT_TCP_IN_FLIGHT || client->turn.place ||
	       unwritten(client) > OUT_PAUSE;
}

/* ---- reading ---- */

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct tcp_client *client = handle->data;
	(void)suggested;
	*buf = uv_buf_init((char *)client->in + client->in_have,
		(unsigned)(client->in_room - client->in_have));
}

static void received(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct tcp_client *client = stream->data;
	(void)buf;
	if (size < 0) {
		/* A client that has sent all its questions may half-close and wait. */
		client->eof = true;
		(void)uv_read_stop(stream);
		if (size != UV_EOF || tcp_client_is_idle(client))
			tcp_client_close(client);
		return;
	}
	client->in_have += (size_t)size;
	pump(client);
}

/* Room for the whole message whose length is known. Returns false without memory. */
static bool grow_input(struct tcp_client *client, size_t need)
{
	if (need <= client->in_room)
		return true;
	uint8_t *in = realloc(client->in, need);
	if (!in)
		return false;
	client->in = in;
	client->in_room = need;
	return true;
}

/* Takes every whole message there is; returns the bytes used up. */
static size_t take_messages(struct tcp_client *client)
{
	size_t at = 0;
	while (!client->closing && client->in_have - at >= 2 && !is_full(client)) {
		size_t size = rr_get16(client->in + at);
		if (client->in_have - at < 2 + size)
			break;
		take_message(client, client->in + at + 2, size);
		at += 2 + size;
	}
	return at;
}

static void read_on(struct tcp_client *client)
{
	bool pause = is_full(client);
	if (pause == client->paused || client->eof)
		return;
	client->paused = pause;
	if (pause)
		(void)uv_read_stop((uv_stream_t *)&client->stream);
	else if (uv_read_start((uv_stream_t *)&client->stream, give_buffer, received) != 0)
		tcp_client_close(client);
}

/* Answers what can be answered now, all of it with one write. */
static void pump(struct tcp_client *client)
{
	if (client->taking)
		return;
	client->taking = true;
	size_t used = take_messages(client);
	client->taking = false;
	if (client->closing)
		return;
	client->in_have -= used;
	memmove(client->in, client->in + used, client->in_have);
	if (client->in_have >= 2 && !grow_input(client, 2 + (size_t)rr_get16(client->in))) {
		tcp_client_close(client);
		return;
	}
	flush(client);
	if (client->closing)
		return;
	read_on(client);
	if (used > 0)
		settle(client);
}

int tcp_client_new(struct worker *worker, int fd, const struct addr *peer)
{
	struct tcp_client *client = calloc(1, sizeof(*client));
	uint8_t *in = malloc(IN_FIRST);
	if (!client || !in || uv_tcp_init(&worker->loop, &client->stream) != 0) {
		free(client);
		free(in);
		(void)close(fd);
		return RW_ENOMEM;
	}
	client->worker = worker;
	client->peer = *peer;
	client->in = in;
	client->in_room = IN_FIRST;
	client->stream.data = client;
	client->deadline.passed = deadline_passed;
	client->turn.passed = turn_passed;
	client->next = worker->clients;
	if (client->next)
		client->next->prev = client;
	worker->clients = client;
	worker->client_count++;
	if (uv_tcp_open(&client->stream, fd) != 0) {
		(void)close(fd);
		tcp_client_close(client);
		return RW_ESYSTEM;
	}
	start_deadline(client, LIMIT_TCP_IDLE_MS);
	if (!client->closing &&
		uv_read_start((uv_stream_t *)&client->stream, give_buffer, received) != 0)
		tcp_client_close(client);
	return 0;
}
