/* SPDX-License-Identifier: MIT */
/* Draws over one line with carriage returns, on a timer of the loop that waits. */
#include "resolver/client/trace/spinner.h"

#include <stdarg.h>
#include <string.h>

#define WIPE "\r\033[K"
#define DRAW_COLUMNS                                                                               \
	(OUT_COLUMNS - 1) /* a full line would wrap, and a wrapped one is not wiped                \
			   */

static void draw(uv_timer_t *timer)
{
	static const char *const plain[] = {"|", "/", "-", "\\"};
	static const char *const round[] = {"⠋", "⠙", "⠸", "⠴", "⠦", "⠇"};
	struct spinner *s = timer->data;
	const char *picture =
		s->out->utf8 ? round[s->turn % RW_COUNT(round)] : plain[s->turn % RW_COUNT(plain)];
	double waited = (double)(uv_now(timer->loop) - s->since_ms) / 1e3;
	s->turn++;
	s->shown = true;
	fprintf(s->out->file, WIPE "%s%s %.*s  %.1fs%s", out_on(s->out, OUT_NOTE), picture,
		DRAW_COLUMNS - 12, s->text, waited, out_off(s->out));
	(void)fflush(s->out->file);
}

void spinner_open(struct spinner *s, uv_loop_t *loop, const struct out *out)
{
	memset(s, 0, sizeof(*s));
	if (!out || !out->live || uv_timer_init(loop, &s->timer))
		return;
	s->out = out;
	s->timer.data = s;
}

void spinner_close(struct spinner *s)
{
	if (!s->out)
		return;
	spinner_wipe(s);
	uv_close((uv_handle_t *)&s->timer, NULL);
	s->out = NULL;
}

void spinner_wait(struct spinner *s, uint64_t since_ms, const char *format, ...)
{
	va_list list;
	if (!s->out)
		return;
	spinner_wipe(s);
	va_start(list, format);
	(void)vsnprintf(s->text, sizeof(s->text), format, list);
	va_end(list);
	uint64_t waited = uv_now(s->timer.loop) - since_ms;
	s->since_ms = since_ms;
	s->waiting = true;
	(void)uv_timer_start(&s->timer, draw,
		waited < SPINNER_AFTER_MS ? SPINNER_AFTER_MS - waited : 0, SPINNER_TURN_MS);
}

void spinner_wipe(struct spinner *s)
{
	if (!s->out)
		return;
	uv_timer_stop(&s->timer);
	s->waiting = false;
	if (s->shown) {
		fputs(WIPE, s->out->file);
		(void)fflush(s->out->file);
	}
	s->shown = false;
}
