/* SPDX-License-Identifier: MIT */
/* The control socket: libuv on the lab's side. */
#include "resolver/lab/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "resolver/base/list.h"

#define WORDS    (LIMIT_RRSET_RECORDS + 3) /* of one order: one record more than may be */
#define BACKLOG  8
#define ORDER_MS 10000 /* that an order may take to come in whole */

struct control {
	uv_pipe_t pipe;
	struct world *world;
	const struct env *env;
	void (*stop)(void *ctx);
	void *ctx;
	struct list orders;
	size_t handles;
	bool closing;
};

/* One connection with one order on it. */
struct order {
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

static void order_closed(uv_handle_t *handle)
{
	struct order *order = handle->data;
	struct control *control = order->control;
	if (--order->handles == 0) {
		free(order->answer);
		free(order);
	}
	handle_closed(control);
}

static void close_order(struct order *order)
{
	if (order->closing)
		return;
	order->closing = true;
	list_remove(&order->link);
	uv_close((uv_handle_t *)&order->pipe, order_closed);
	uv_close((uv_handle_t *)&order->timer, order_closed);
}

static void on_written(uv_write_t *request, int status)
{
	(void)status;
	close_order(rw_container_of(request, struct order, request));
}

/* The words of a whole order, which is cut into them. */
static size_t take_words(struct order *order, const char *words[WORDS])
{
	size_t count = 0;
	char *at = order->in;
	for (char *end; count < WORDS && (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		words[count++] = at;
	}
	return count;
}

static void answer(struct order *order)
{
	struct control *control = order->control;
	const char *words[WORDS];
	size_t count = take_words(order, words), size = 0;
	FILE *out = open_memstream(&order->answer, &size);
	if (!out) {
		close_order(order);
		return;
	}
	bool stops = control_obey(control->world, control->env, words, count, out);
	uv_buf_t buf;
	if (fclose(out) == 0 && order->answer) {
		buf = uv_buf_init(order->answer, (unsigned)size);
		if (uv_write(&order->request, (uv_stream_t *)&order->pipe, &buf, 1, on_written))
			close_order(order);
	} else {
		close_order(order);
	}
	if (stops)
		control->stop(control->ctx);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct order *order = handle->data;
	(void)suggested;
	*buf = uv_buf_init(
		order->in + order->filled, (unsigned)(sizeof(order->in) - order->filled));
}

static void on_bytes(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct order *order = stream->data;
	(void)buf;
	if (size < 0 || order->filled + (size_t)size >= sizeof(order->in)) {
		close_order(order);
		return;
	}
	order->filled += (size_t)size;
	if (!memchr(order->in, '\0', order->filled))
		return;
	(void)uv_read_stop(stream);
	answer(order);
}

static void on_timer(uv_timer_t *timer)
{
	close_order(timer->data);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	struct order *order = status == 0 ? calloc(1, sizeof(*order)) : NULL;
	if (!order)
		return;
	order->control = control;
	order->pipe.data = order->timer.data = order;
	rw_require(uv_pipe_init(listener->loop, &order->pipe, 0) == 0);
	rw_require(uv_timer_init(listener->loop, &order->timer) == 0);
	order->handles = 2;
	control->handles += 2;
	list_prepend(&control->orders, &order->link);
	if (uv_accept(listener, (uv_stream_t *)&order->pipe) ||
		uv_read_start((uv_stream_t *)&order->pipe, give_room, on_bytes) ||
		uv_timer_start(&order->timer, on_timer, ORDER_MS, 0))
		close_order(order);
}

static void listener_closed(uv_handle_t *handle)
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
	mode_t before = umask(0177); /* nobody else may give orders, wherever the folder is */
	int err = uv_pipe_bind(&control->pipe, path);
	(void)umask(before);
	if (err == 0)
		err = uv_listen((uv_stream_t *)&control->pipe, BACKLOG, on_connection);
	if (err) {
		control_close(control);
		errno = -err;
		return RW_ESYSTEM;
	}
	*ret_control = control;
	return 0;
}

/* An order whose answer is under way is let finish: the timer bounds it. */
void control_close(struct control *control)
{
	if (!control)
		return;
	control->closing = true;
	list_each(struct order, order, &control->orders, link)
		if (!order->answer)
			close_order(order);
	uv_close((uv_handle_t *)&control->pipe, listener_closed);
}
