/* SPDX-License-Identifier: MIT */
/* Folders under watch, and the two timers. */
#include "resolver/views/watch.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

struct folder {
	uv_fs_event_t event;
	struct watch *watch;
	char *path;
};

struct watch {
	uv_timer_t poll, soon;
	unsigned handles; /* not yet closed, the timers and folders; it is freed with the last */
	void (*maybe)(void *ctx);
	void *ctx;
	struct folder *folders[LIMIT_WATCH_FOLDERS];
	size_t folder_count;
};

static void watch_closed(struct watch *watch)
{
	if (--watch->handles == 0)
		free(watch);
}

static void folder_closed(uv_handle_t *handle)
{
	struct folder *folder = handle->data;
	struct watch *watch = folder->watch;
	free(folder->path);
	free(folder);
	watch_closed(watch);
}

static void timer_closed(uv_handle_t *handle)
{
	watch_closed(handle->data);
}

static void look(uv_timer_t *timer)
{
	const struct watch *watch = timer->data;
	watch->maybe(watch->ctx);
}

/* The first event of a row starts the timer, and the others do not put it off. */
static void changed(uv_fs_event_t *event, const char *name, int events, int status)
{
	const struct folder *folder = event->data;
	(void)name;
	(void)events;
	(void)status;
	if (!uv_is_active((uv_handle_t *)&folder->watch->soon))
		(void)uv_timer_start(&folder->watch->soon, look, LIMIT_WATCH_GATHER_MS, 0);
}

int watch_new(uv_loop_t *loop, void (*maybe)(void *ctx), void *ctx, struct watch **ret_watch)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return RW_ENOMEM;
	watch->maybe = maybe;
	watch->ctx = ctx;
	rw_require(uv_timer_init(loop, &watch->poll) == 0);
	rw_require(uv_timer_init(loop, &watch->soon) == 0);
	watch->poll.data = watch->soon.data = watch;
	watch->handles = 2;
	*ret_watch = watch;
	return 0;
}

static void add_folder(struct watch *watch, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *path = slash == file
			     ? strdup("/")
			     : strndup(slash ? file : ".", slash ? (size_t)(slash - file) : 1);
	bool known = !path || watch->folder_count == LIMIT_WATCH_FOLDERS;
	for (size_t i = 0; i < watch->folder_count && !known; i++)
		known = strcmp(watch->folders[i]->path, path) == 0;
	struct folder *folder = known ? NULL : calloc(1, sizeof(*folder));
	if (!folder) {
		free(path);
		return;
	}
	folder->watch = watch;
	folder->path = path;
	folder->event.data = folder;
	rw_require(uv_fs_event_init(watch->poll.loop, &folder->event) == 0);
	watch->handles++;
	watch->folders[watch->folder_count++] = folder;
	/* A folder that is not there, or may not be watched, is looked at by the clock. */
	(void)uv_fs_event_start(&folder->event, changed, path, 0);
}

static void drop_folders(struct watch *watch)
{
	while (watch->folder_count > 0)
		uv_close((uv_handle_t *)&watch->folders[--watch->folder_count]->event,
			folder_closed);
}

void watch_files(struct watch *watch, const struct views *views)
{
	drop_folders(watch);
	for (size_t i = 0; i < views->tables.count; i++) {
		const struct table *table = views->tables.items[i];
		for (size_t k = 0; k < table->file_count; k++)
			add_folder(watch, table->files[k]);
		for (size_t k = 0; k < table->included.count; k++)
			add_folder(watch, table->included.files[k]);
	}
	if (watch->folder_count > 0)
		(void)uv_timer_start(&watch->poll, look, LIMIT_WATCH_POLL_MS, LIMIT_WATCH_POLL_MS);
	else
		(void)uv_timer_stop(&watch->poll);
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	drop_folders(watch);
	uv_close((uv_handle_t *)&watch->poll, timer_closed);
	uv_close((uv_handle_t *)&watch->soon, timer_closed);
}
