/* SPDX-License-Identifier: MIT */
/* Terminal detection and the small words of text all outputs share. */
#include "resolver/client/out.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool env_set(const char *name)
{
	const char *value = getenv(name);
	return value && value[0] != '\0';
}

struct out out_terminal(FILE *file)
{
	struct out out = {.file = file};
	const char *term = getenv("TERM"), *force = getenv("CLICOLOR_FORCE");
	bool tty = isatty(fileno(file)) == 1;
	bool dumb = !term || strcmp(term, "dumb") == 0;
	bool forced = env_set("CLICOLOR_FORCE") && strcmp(force, "0") != 0;
	out.colour = (forced || (tty && !dumb)) && !env_set("NO_COLOR");
	out.live = tty && !dumb;
	out.utf8 = tty && !dumb && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return out;
}

const char *out_on(const struct out *out, enum out_colour colour)
{
	static const char *const codes[] = {
		[OUT_PLAIN] = "",
		[OUT_GOOD] = "\033[32m",
		[OUT_BAD] = "\033[31m",
		[OUT_NOTE] = "\033[2m",
		[OUT_HEAD] = "\033[1m",
	};
	return out->colour ? codes[colour] : "";
}

const char *out_off(const struct out *out)
{
	return out->colour ? "\033[0m" : "";
}

const char *out_escape(const void *bytes, size_t size, char *buf, size_t cap)
{
	static const char dots[] = "...";
	const uint8_t *in = bytes;
	size_t used = 0;
	for (size_t i = 0; i < size; i++) {
		bool plain = in[i] >= 0x20 && in[i] < 0x7f && in[i] != '\\';
		size_t need = plain ? 1 : 4;
		/* Room for the dots is reserved until the last byte is written. */
		if (used + need + (i + 1 < size ? sizeof(dots) : 1) > cap) {
			memcpy(buf + used, dots, RW_MIN(sizeof(dots), cap - used));
			buf[cap - 1] = '\0';
			return buf;
		}
		if (plain)
			buf[used] = (char)in[i];
		else
			(void)snprintf(buf + used, cap - used, "\\%03u", in[i]);
		used += need;
	}
	buf[used] = '\0';
	return buf;
}

const char *out_name(const uint8_t *name, bool final_dot, unsigned width, char *buf, size_t cap)
{
	char text[LIMIT_NAME_TEXT];
	uint8_t lower[LIMIT_NAME_BYTES];
	(void)name_lower(name, lower);
	size_t length = strlen(name_text(lower, text));
	if (!final_dot && length > 1)
		text[--length] = '\0';
	if (length <= width)
		(void)snprintf(buf, cap, "%s", text);
	else
		/* The end of a name tells more than its start. */
		(void)snprintf(buf, cap, "%.*s...%s", (int)(width / 4), text,
			text + length - (width - width / 4 - 3));
	return buf;
}

const char *out_ttl(uint32_t ttl, char buf[OUT_TTL])
{
	static const struct {
		uint32_t seconds;
		char letter;
	} units[] = {{604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < RW_COUNT(units); i++) {
		uint32_t count = ttl / units[i].seconds;
		ttl %= units[i].seconds;
		if (count == 0 && !(used == 0 && units[i].letter == 's'))
			continue;
		int wrote = snprintf(buf + used, OUT_TTL - used, "%u%c", count, units[i].letter);
		used += (size_t)wrote;
	}
	return buf;
}

const char *out_duration(uint64_t us, char buf[OUT_TTL])
{
	if (us < 1000)
		(void)snprintf(buf, OUT_TTL, "%.2fms", (double)us / 1e3);
	else if (us < 10000)
		(void)snprintf(buf, OUT_TTL, "%.1fms", (double)us / 1e3);
	else if (us < 1000000)
		(void)snprintf(buf, OUT_TTL, "%.0fms", (double)us / 1e3);
	else
		(void)snprintf(buf, OUT_TTL, "%.1fs", (double)us / 1e6);
	return buf;
}
