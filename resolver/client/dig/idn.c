/* SPDX-License-Identifier: MIT */
/* Conversion through libidn2, label by label on the way out. */
#include "resolver/client/dig/idn.h"

#include <idn2.h>
#include <langinfo.h>
#include <string.h>
#include <strings.h>

#define LABEL_TEXT  64  /* bytes of an A-label with its end, RFC 1035 section 2.3.4 */
#define UNICODE_MAX 256 /* bytes of a U-label in UTF-8: 59 characters of four bytes fit */

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

int idn_name(const char *text, bool convert, struct name *ret_name)
{
	char *ascii = NULL;
	if (!convert || is_ascii(text))
		return name_from_text(text, ret_name);
	if (idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
		return RW_EMALFORMED;
	int err = name_from_text(ascii, ret_name);
	idn2_free(ascii);
	return err;
}

/* The U-label, when IDNA makes the same A-label of it again. */
static bool to_unicode(const char *label, size_t length, char out[UNICODE_MAX])
{
	char ascii[LABEL_TEXT], *unicode = NULL, *back = NULL;
	if (length < 5 || length >= sizeof(ascii) || strncasecmp(label, "xn--", 4) != 0)
		return false;
	memcpy(ascii, label, length);
	ascii[length] = '\0';
	bool good = idn2_to_unicode_8z8z(ascii, &unicode, IDN2_NONTRANSITIONAL) == IDN2_OK &&
		    strlen(unicode) < UNICODE_MAX && !is_ascii(unicode) &&
		    idn2_to_ascii_8z(unicode, &back, IDN2_NONTRANSITIONAL) == IDN2_OK &&
		    strcasecmp(back, ascii) == 0;
	if (good)
		strcpy(out, unicode);
	idn2_free(unicode);
	idn2_free(back);
	return good;
}

static bool in_label(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-';
}

const char *idn_text(struct arena *arena, const char *text)
{
	char unicode[UNICODE_MAX];
	size_t used = 0, length = strlen(text);
	if (!strcasestr(text, "xn--") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return text;
	/* A label of five letters can grow to UNICODE_MAX, no other growth is as large. */
	char *out = arena_alloc(arena, length / 5 * UNICODE_MAX + length + 1);
	for (const char *at = text; out && *at;) {
		size_t size = 0;
		while (in_label(at[size]))
			size++;
		bool begins = at == text || (at[-1] != '\\' && !in_label(at[-1]));
		if (size > 0 && begins && to_unicode(at, size, unicode)) {
			used += strlen(strcpy(out + used, unicode));
		} else {
			size += size == 0;
			memcpy(out + used, at, size);
			used += size;
		}
		at += size;
	}
	if (out)
		out[used] = '\0';
	return out ? out : text;
}
