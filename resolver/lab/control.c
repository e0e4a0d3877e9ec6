/* SPDX-License-Identifier: MIT */
/* The control socket: libuv on the lab's side. */
#include "resolver/lab/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "resolver/base/list.h"

#define WORDS      (LIMIT_RRSET_RECORDS + 3) /* of one command: one record more than may be */
#define BACKLOG    8
#define COMMAND_MS 10000 /* that a command may take to come in whole */

struct control {
	uv_pipe_t pipe;
	struct world *world;
	const struct env *env;
	void (*stop)(void *ctx);
	void *ctx;
	struct list clients;
	size_t handles;
	bool closing;
};

/* A connection, which brings one command. */
struct control_client {
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t request;
	struct control *control;
	struct list_link link;
	char *answer;
	unsigned handles;
	bool closing;
	size_t filled;
	char in[LIMIT_LAB_COMMAND];
};

static void handle_closed(struct control *control)
{
	if (--control->handles == 0 && control->closing)
		free(control);
}

static void client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;
	struct control *control = client->control;
	if (--client->handles == 0) {
		free(client->answer);
		free(client);
	}
	handle_closed(control);
}

static void close_client(struct control_client *client)
{
	if (client->closing)
		return;
	client->closing = true;
	list_remove(&client->link);
	uv_close((uv_handle_t *)&client->pipe, client_closed);
	uv_close((uv_handle_t *)&client->timer, client_closed);
}

static void on_answered(uv_write_t *request, int status)
{
	(void)status;
	close_client(rw_container_of(request, struct control_client, request));
}

/* The words of a whole command, which is cut into them. */
static size_t split_command(struct control_client *client, const char *words[WORDS])
{
	size_t count = 0;
	char *at = client->in;
	for (char *end; count < WORDS && (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		words[count++] = at;
	}
	return count;
}

static void answer(struct control_client *client)
{
	struct control *control = client->control;
	const char *words[WORDS];
	size_t count = split_command(client, words), size = 0;
	FILE *out = open_memstream(&client->answer, &size);
	if (!out) {
		close_client(client);
		return;
	}
	bool stops = control_run(control->world, control->env, words, count, out);
	uv_buf_t buf;
	if (fclose(out) == 0 && client->answer) {
		buf = uv_buf_init(client->answer, (unsigned)size);
		if (uv_write(&client->request, (uv_stream_t *)&client->pipe, &buf, 1, on_answered))
			close_client(client);
	} else {
		close_client(client);
	}
	if (stops)
		control->stop(control->ctx);
}

static void give_command_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct control_client *client = handle->data;
	(void)suggested;
	*buf = uv_buf_init(
		client->in + client->filled, (unsigned)(sizeof(client->in) - client->filled));
}

static void on_command_bytes(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct control_client *client = stream->data;
	(void)buf;
	if (size < 0 || client->filled + (size_t)size >= sizeof(client->in)) {
		close_client(client);
		return;
	}
	client->filled += (size_t)size;
	if (!memchr(client->in, '\0', client->filled))
		return;
	(void)uv_read_stop(stream);
	answer(client);
}

static void on_timer(uv_timer_t *timer)
{
	close_client(timer->data);
}

static void on_client(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	struct control_client *client = status == 0 ? calloc(1, sizeof(*client)) : NULL;
	if (!client)
		return;
	client->control = control;
	client->pipe.data = client->timer.data = client;
	rw_require(uv_pipe_init(listener->loop, &client->pipe, 0) == 0);
	rw_require(uv_timer_init(listener->loop, &client->timer) == 0);
	client->handles = 2;
	control->handles += 2;
	list_prepend(&control->clients, &client->link);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) ||
		uv_read_start((uv_stream_t *)&client->pipe, give_command_room, on_command_bytes) ||
		uv_timer_start(&client->timer, on_timer, COMMAND_MS, 0))
		close_client(client);
}

static void control_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

int control_open(uv_loop_t *loop, const char *path, struct world *world, const struct env *env,
	void (*stop)(void *ctx), void *ctx, struct control **ret_control)
{
	struct control *control = calloc(1, sizeof(*control));
	if (!control)
		return RW_ENOMEM;
	*control = (struct control){
		.world = world, .env = env, .stop = stop, .ctx = ctx, .handles = 1};
	rw_require(uv_pipe_init(loop, &control->pipe, 0) == 0);
	control->pipe.data = control;
	mode_t before = umask(0177); /* nobody else may send commands, wherever the folder is */
	int err = uv_pipe_bind(&control->pipe, path);
	(void)umask(before);
	if (err == 0)
		err = uv_listen((uv_stream_t *)&control->pipe, BACKLOG, on_client);
	if (err) {
		control_close(control);
		errno = -err;
		return RW_ESYSTEM;
	}
	*ret_control = control;
	return 0;
}

/* A client whose answer is under way is let finish: the timer bounds it. */
void control_close(struct control *control)
{
	if (!control)
		return;
	control->closing = true;
	list_each(struct control_client, client, &control->clients, link)
		if (!client->answer)
			close_client(client);
	uv_close((uv_handle_t *)&control->pipe, control_closed);
}
